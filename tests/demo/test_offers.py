"""Generated offers and RW needs add up to what was published."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kolaborasi.demo.offers import ORGANISATIONS, PERSONS, gifts, parts, rw_needs

WEIGHTS = st.lists(st.floats(0.001, 1000), min_size=1, max_size=40)


@given(WEIGHTS, st.integers(0, 100_000))
def test_parts_are_whole_at_least_one_and_add_up(weights: list[float], more: int) -> None:
    found = parts(len(weights) + more, np.array(weights))
    assert sum(found) == len(weights) + more
    assert min(found) >= 1


@given(WEIGHTS, st.integers(0, 100_000))
def test_parts_follow_their_weights(weights: list[float], more: int) -> None:
    found = parts(len(weights) + more, np.array(weights))
    ideal = 1 + np.array(weights) / sum(weights) * more
    assert np.abs(np.array(found) - ideal).max() <= 1


def test_parts_of_too_few_units_are_refused() -> None:
    with pytest.raises(ValueError, match="2 units do not make 3 parts"):
        parts(2, np.ones(3))


def test_gifts_add_up_to_the_published_totals_from_all_donors() -> None:
    found = gifts(9_365)
    sums = {
        item: sum(gift.quantity for gift in found if gift.item == item) for item in {g.item for g in found}
    }
    assert sums == {"sembako": 375_745, "makanan-siap-saji": 154_411, "paket-isoman": 9_365}
    assert {gift.donor for gift in found} == set(range(ORGANISATIONS + PERSONS))


def test_persons_give_less_than_organisations() -> None:
    found = [gift for gift in gifts(9_365) if gift.item == "sembako"]
    persons = [gift.quantity for gift in found if gift.donor >= ORGANISATIONS]
    organisations = [gift.quantity for gift in found if gift.donor < ORGANISATIONS]
    assert 0 < np.mean(persons) < np.mean(organisations) / 5


def test_same_seed_makes_the_same_gifts_and_another_seed_others() -> None:
    assert gifts(500, seed=1) == gifts(500, seed=1)
    assert gifts(500, seed=1) != gifts(500, seed=2)


def test_rw_ask_for_so_much_that_offers_cover_the_published_share() -> None:
    kelurahan = [(f"31.71.01.{1001 + number}", 5_000 + 37 * number) for number in range(260)]
    found = rw_needs(kelurahan, institution_meals=10_000)
    assert len(found) == len({need.kelurahan for need in found}) == 194
    assert sum(need.sembako for need in found) == round(375_745 * 194 / 131)
    assert sum(need.meals for need in found) == round(154_411 * 194 / 131) - 10_000
    assert sum(need.meals > 0 for need in found) == 64
    assert all(1 <= need.number <= 10 and need.households >= 20 for need in found)
