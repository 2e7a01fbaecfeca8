"""Decisions on plain values."""

from __future__ import annotations

from datetime import date, timedelta

LIFE = timedelta(hours=24)
"""How long a proposal may be decided: after a day the world has moved too far."""

ISLANDS = "31.01."
"""Kemendagri code of Kepulauan Seribu: each of its kelurahan is an island that only boats reach."""

KELURAHAN_CODE_LENGTH = 13


def kelurahan_of(code: str) -> str:
    """Code of the kelurahan a place lies in, from the code of the kelurahan or of an RW below it."""
    return code[:KELURAHAN_CODE_LENGTH]


def shore_of(code: str) -> int:
    """Number of the island a place lies on, 0 for the mainland (see `optimisation.travel`)."""
    return int(kelurahan_of(code).replace(".", "")) if code.startswith(ISLANDS) else 0


def deliver_date(today: date, available_date: date) -> date:
    """The first day an approved line can be delivered: tomorrow, or when the offer is there."""
    return max(today + timedelta(days=1), available_date)
