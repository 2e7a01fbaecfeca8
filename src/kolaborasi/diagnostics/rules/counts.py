"""What may be shown of counts of people, and the yardstick of testing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

SMALLEST_SHOWN = 5
"""Counts from 1 to 4 could point at somebody who is known to have been tested."""
WHO_TESTS_PER_1000_WEEK = 1.0
"""Persons tested per 1,000 inhabitants and week. Source: WHO, Public health criteria to adjust public health and
social measures in the context of COVID-19, 12 May 2020; the yardstick the city reported against in 2021."""

Key = TypeVar("Key")


def suppressed(cells: Mapping[Key, int], smallest: int = SMALLEST_SHOWN) -> dict[Key, int | None]:
    """Counts with the small ones hidden (None); zero is shown.

    When one cell alone were hidden, it could be worked out from the sum: the next smallest is hidden with it.
    """
    hidden = {key for key, count in cells.items() if 0 < count < smallest}
    shown = sorted((count for key, count in cells.items() if key not in hidden and count > 0))
    if len(hidden) == 1 and shown:
        hidden.add(next(key for key, count in cells.items() if key not in hidden and count == shown[0]))
    return {key: None if key in hidden else count for key, count in cells.items()}


def per_1000_week(persons: int, population: int, days: int = 7) -> float | None:
    """Persons tested per 1,000 inhabitants and week; None without a population."""
    return persons * 7 * 1000 / (days * population) if population > 0 and days > 0 else None


def share(part: int, whole: int) -> float | None:
    """Part of a whole, 0 to 1; None of nothing."""
    return part / whole if whole else None
