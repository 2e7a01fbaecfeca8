"""Decisions on plain values."""

from __future__ import annotations

from datetime import date, timedelta

from kolaborasi.places.rules import kelurahan_of, shore_of

__all__ = ["BED_LIFE", "LIFE", "MOST_AT_ONCE", "deliver_date", "kelurahan_of", "shore_of"]

BED_LIFE = timedelta(hours=2)
"""How long a bed plan may be decided: beds change hands within hours."""

LIFE = timedelta(hours=24)
"""How long a proposal may be decided: after a day the world has moved too far."""

MOST_AT_ONCE = 1000
"""Lines one request decides: some ten seconds of work; the rest stays to be decided."""


def deliver_date(today: date, available_date: date) -> date:
    """The first day an approved line can be delivered: tomorrow, or when the offer is there."""
    return max(today + timedelta(days=1), available_date)
