"""Plans on live data."""

from __future__ import annotations

from datetime import timedelta

import pytest

from kolaborasi.allocation.draft import draft
from kolaborasi.allocation.errors import NothingToPlan
from kolaborasi.allocation.live import live_problem
from kolaborasi.optimisation import Fairness
from tests.factories import (
    TODAY,
    ItemFactory,
    KelurahanFactory,
    NeedFactory,
    NeedLineFactory,
    OfferFactory,
    PartnerFactory,
)

pytestmark = pytest.mark.django_db


def test_draft_gives_the_least_covered_first_counting_what_is_promised_already() -> None:
    half, bare = NeedLineFactory(reported=100, committed=50), NeedLineFactory(reported=100)
    OfferFactory(reported=60)
    made = draft(today=TODAY)
    given = {line.need_line_id: line.quantity for line in made.lines}
    # 50 bring the bare place level with the other; the ten left are one band, which goes to either.
    assert sum(given.values()) == 60
    assert given[bare.pk] >= 50
    assert given.get(half.pk, 0) <= 10
    assert made.certificate["tiers_optimal"]


def test_draft_never_plans_what_is_promised_a_second_time() -> None:
    line = NeedLineFactory(reported=100, committed=99)
    OfferFactory(reported=60)
    assert [(each.need_line_id, each.quantity) for each in draft(today=TODAY).lines] == [(line.pk, 1)]


def test_draft_chooses_the_nearer_of_two_offers_and_says_so() -> None:
    near, far = KelurahanFactory(latitude=-6.18), KelurahanFactory(latitude=-6.30)
    OfferFactory(place=far, reported=50)
    offer = OfferFactory(place=near, reported=50)
    line = NeedLineFactory(need=NeedFactory(place=near), reported=20)
    (only,) = draft(today=TODAY).lines
    assert (only.offer_id, only.need_line_id, only.quantity) == (offer.pk, line.pk, 20)
    assert (only.reason, only.distance_km, only.minutes) == ("nearest", 0.0, 0.0)
    assert only.numbers == {"covered": 0.0, "least": True, "after": 1.0, "nearer": 0}


def test_draft_distance_is_the_great_circle_times_the_detour() -> None:
    here, there = (
        KelurahanFactory(latitude=-6.0, longitude=106.8),
        KelurahanFactory(latitude=-6.1, longitude=106.8),
    )
    OfferFactory(place=here, reported=5)
    NeedLineFactory(need=NeedFactory(place=there), reported=5)
    (only,) = draft(today=TODAY).lines
    # A tenth of a degree of latitude: 6371.0088 km * pi / 1800 = 11.12 km, times 1.4 on the road.
    assert only.distance_km == pytest.approx(15.57, abs=0.01)
    assert only.minutes == pytest.approx(15.567 / 21 * 60, abs=0.2)


def test_draft_effect_before_after_and_first_come() -> None:
    for _ in range(2):
        NeedLineFactory(reported=50)
    OfferFactory(reported=50)
    made = draft(today=TODAY)
    assert (made.before["all"]["promised"], made.before["all"]["without_help"]) == (0, 2)
    assert made.after["items"]["sembako"]["promised"] == 50
    assert (made.after["all"]["least"], made.after["all"]["without_help"]) == (0.5, 0)
    assert (made.baseline["all"]["least"], made.baseline["all"]["without_help"]) == (0.0, 1)


def test_draft_leaves_out_what_cannot_be_promised() -> None:
    NeedLineFactory(reported=10)
    OfferFactory(reported=10, partner=PartnerFactory(state="frozen", reason="complaint"))
    OfferFactory(reported=10, until_date=TODAY, available_date=TODAY - timedelta(days=3))
    OfferFactory(reported=10, item=ItemFactory(code="meals"))
    with pytest.raises(NothingToPlan):
        draft(today=TODAY)


def test_same_data_and_seed_make_the_same_plan() -> None:
    for size in (7, 11, 13, 5):
        NeedLineFactory(reported=size)
        OfferFactory(reported=size - 2)
    assert draft(today=TODAY, seed=3) == draft(today=TODAY, seed=3)


def test_fingerprint_changes_when_a_need_does() -> None:
    line = NeedLineFactory(reported=10)
    OfferFactory(reported=10)
    before = live_problem(today=TODAY, fairness=Fairness()).fingerprint
    assert live_problem(today=TODAY, fairness=Fairness()).fingerprint == before
    type(line).objects.filter(pk=line.pk).update(committed=1)
    assert live_problem(today=TODAY, fairness=Fairness()).fingerprint != before
