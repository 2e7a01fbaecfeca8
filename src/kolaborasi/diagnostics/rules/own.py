"""What people may ask for themselves."""

from __future__ import annotations

OWN_REASONS = ("suspect", "contact", "screening", "travel")
"""Reasons one may give oneself; a test before discharge is ordered by the hospital."""
MOST_WAITING = 5
"""Orders that may wait for a swab, or be made within a day, with one contact: a family shares a telephone."""


def own_priority(reason: str) -> str:
    """How soon a test that somebody asks for is needed: symptoms and contacts before screening and travel."""
    return "high" if reason in ("suspect", "contact") else "routine"
