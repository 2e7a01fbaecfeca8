"""Decisions on plain values."""

from __future__ import annotations

from datetime import date, timedelta

from kolaborasi.places.rules import kelurahan_of, shore_of

__all__ = ["BED_LIFE", "LIFE", "deliver_date", "kelurahan_of", "shore_of"]

BED_LIFE = timedelta(hours=2)
"""How long a bed plan may be decided: beds change hands within hours."""

LIFE = timedelta(hours=24)
"""How long a proposal may be decided: after a day the world has moved too far."""


def deliver_date(today: date, available_date: date) -> date:
    """The first day an approved line can be delivered: tomorrow, or when the offer is there."""
    return max(today + timedelta(days=1), available_date)
