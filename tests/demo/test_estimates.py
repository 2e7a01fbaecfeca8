"""The estimate of isolation packages, against sums made by hand."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction
from math import ceil

import pytest

from kolaborasi.demo import estimates
from kolaborasi.places import facts


def test_growth_is_the_ratio_of_sums_of_new_cases() -> None:
    daily = {date(2021, 6, 1) + timedelta(days=day): day for day in range(10)}
    assert estimates.growth(daily, date(2021, 6, 4), date(2021, 6, 9), days=3) == Fraction(
        7 + 6 + 8, 1 + 2 + 3
    )


def test_growth_with_a_missing_day_is_refused() -> None:
    with pytest.raises(KeyError):
        estimates.growth({date(2021, 6, 30): 5}, date(2021, 6, 30), date(2021, 7, 12))


def test_jakarta_grew_by_two_thirds_between_the_count_and_the_peak() -> None:
    assert estimates.jakarta_growth() == Fraction(148_651, 88_794)


def test_cases_per_household_follow_from_the_secondary_attack_rate() -> None:
    assert float(estimates.CASES_PER_HOUSEHOLD) == pytest.approx(1 + 0.297 * 3)


def test_every_kelurahan_is_estimated_from_its_own_count() -> None:
    found = {each.code: each for each in estimates.jakarta_estimates()}
    assert len(found) == 267
    assert sum(each.isolating for each in found.values()) == 43_925
    factor = Fraction(148_651, 88_794) / Fraction(1_891, 1_000)
    for each in found.values():
        assert each.need.packages == each.need.households == ceil(each.isolating * factor)
        assert each.need.people == 4 * each.need.households
    assert sum(each.need.packages for each in found.values()) == 39_019


def test_published_buckets_that_are_no_place_are_not_spread_over_places() -> None:
    outside = [c for c in facts.covid_counts() if c.series == estimates.ISOLATING and c.bucket]
    assert sum(count.value for count in outside) == 3_904
