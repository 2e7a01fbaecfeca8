"""Times of events: what can be true, how long a specimen keeps, when a result is late."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum

CLOCK_DIFFERENCE = timedelta(minutes=5)
"""How far a phone's or machine's clock may run ahead of ours."""


class TimeFault(StrEnum):
    """Why an event cannot have happened when it is said to have."""

    FUTURE = "future"
    BEFORE_THE_LAST = "before-the-last"
    TOO_OLD = "too-old"


def time_fault(
    at: datetime, *, now: datetime, not_before: datetime | None = None, oldest: timedelta | None = None
) -> TimeFault | None:
    """Why a time cannot be, or None.

    Args:
        at: when it is said to have happened.
        not_before: what surely happened earlier.
        oldest: how long ago it may lie.
    """
    if at > now + CLOCK_DIFFERENCE:
        return TimeFault.FUTURE
    if not_before is not None and at < not_before:
        return TimeFault.BEFORE_THE_LAST
    if oldest is not None and at < now - oldest:
        return TimeFault.TOO_OLD
    return None


STABILITY: Mapping[str, timedelta] = {
    "np-swab": timedelta(hours=72),
    "op-swab": timedelta(hours=72),
    "np-op-swab": timedelta(hours=72),
    "saliva": timedelta(hours=24),
    "sputum": timedelta(hours=48),
}
"""How long a specimen may wait at 2 to 8 degrees for its run.

Swabs in transport medium: CDC, Interim Guidelines for Collecting and Handling of Clinical Specimens for COVID-19
Testing (72 hours). Sputum and untreated saliva: assumptions on the safe side of it.
"""

LATE_AFTER: Mapping[str, timedelta] = {
    "urgent": timedelta(hours=12),
    "high": timedelta(hours=24),
    "routine": timedelta(hours=48),
}
"""After collection, by priority: the alarm for a result that is not there. The city's own targets, to be changed."""


def keeps_until(kind: str, collected_at: datetime) -> datetime:
    """Until when a specimen can still be tested."""
    return collected_at + STABILITY[kind]


def late_at(priority: str, collected_at: datetime) -> datetime:
    """From when a missing result is late."""
    return collected_at + LATE_AFTER[priority]
