"""How many isolation packages each kelurahan needs, from published counts. Every step is in docs/estimates.md."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from kolaborasi.aid.rules import PEOPLE_PER_HOUSEHOLD, IsolationEstimate, isolation_need
from kolaborasi.places import facts

COUNTED_DATE = facts.COVID_DATE
TARGET_DATE = date(2021, 7, 12)
"""The day the wave peaked (14,622 new cases) and the package programme began."""

DAYS = 14
ISOLATING = "covid.selfisolation"

SECONDARY_ATTACK_RATE = Fraction(297, 1000)
"""Share of household contacts a Delta case infects: Madewell et al. 2022, JAMA Netw Open 5(4):e229317."""

CASES_PER_HOUSEHOLD = 1 + SECONDARY_ATTACK_RATE * (PEOPLE_PER_HOUSEHOLD - 1)
"""ASSUMPTION: infected people who share one household at a time: the first one and those they infect."""


@dataclass(frozen=True)
class KelurahanEstimate:
    """The estimate of one kelurahan: people in self-isolation on the day of the count, need on the target day."""

    code: str
    isolating: int
    need: IsolationEstimate


def growth(daily: Mapping[date, int], counted: date, target: date, days: int = DAYS) -> Fraction:
    """New cases of the `days` up to the target day (included) for each one of the `days` up to the counted day.

    New cases and not "active" ones: recoveries were reported in heaps, so that "active" fell by a fifth within four
    days without any cause.

    Raises:
        KeyError: a day is missing.
    """
    return Fraction(new_cases(daily, target, days), new_cases(daily, counted, days))


def new_cases(daily: Mapping[date, int], last: date, days: int = DAYS) -> int:
    """New cases of the `days` up to a day, this day included."""
    return sum(daily[last - timedelta(days=back)] for back in range(days))


def jakarta_growth() -> Fraction:
    """Growth of the wave between the count and its peak."""
    return growth(facts.daily_new_cases(), COUNTED_DATE, TARGET_DATE)


def jakarta_estimates() -> list[KelurahanEstimate]:
    """The estimate of every kelurahan with somebody in self-isolation; the buckets that are no place are left out."""
    ratio = jakarta_growth()
    counts = [
        count for count in facts.covid_counts() if count.series == ISOLATING and count.code.count(".") == 3
    ]
    return [
        KelurahanEstimate(
            count.code,
            count.value,
            isolation_need(isolating=count.value, ratio=ratio, cases_per_household=CASES_PER_HOUSEHOLD),
        )
        for count in counts
        if count.value > 0
    ]
