"""Reasons in words, in both languages."""

from __future__ import annotations

import pytest
from django.utils import translation

from kolaborasi.allocation import reasons
from kolaborasi.allocation.models import ProposalLine
from tests.factories import KelurahanFactory, NeedFactory, NeedLineFactory

pytestmark = pytest.mark.django_db
NEAREST = {"covered": 0.0, "least": True, "after": 0.6, "nearer": 0}


def line(**fields: object) -> ProposalLine:
    place = KelurahanFactory(name="Cikini")
    values = {"reason": "nearest", "distance_km": 3.21, "numbers": NEAREST, **fields}
    return ProposalLine(
        need_line=NeedLineFactory(need=NeedFactory(place=place)), quantity=1, minutes=1, **values
    )


def test_why_says_how_the_place_stands_why_this_offer_and_what_it_leads_to() -> None:
    assert reasons.why(line()) == (
        "Nothing is promised to Kelurahan Cikini yet; no place has less. "
        "This offer is the nearest with stock: 3.2 km away (estimated). With this line 60% of the need is promised."
    )


def test_why_in_indonesian() -> None:
    with translation.override("id"):
        assert reasons.why(line()) == (
            "Belum ada yang dijanjikan untuk Kelurahan Cikini; tidak ada tempat yang lebih sedikit. "
            "Tawaran ini yang terdekat dan masih ada persediaan: berjarak 3,2 km (perkiraan). "
            "Dengan baris ini 60% kebutuhan sudah dijanjikan."
        )


@pytest.mark.parametrize(
    ("numbers", "expected"),
    [
        (
            {"covered": 0.25, "least": True},
            "Kelurahan Cikini has 25% of its need promised, the least of all.",
        ),
        ({"covered": 0.25, "least": False}, "Kelurahan Cikini has 25% of its need promised."),
    ],
)
def test_why_of_a_place_that_has_something(numbers: dict[str, object], expected: str) -> None:
    assert reasons.why(line(numbers={**NEAREST, **numbers})).startswith(expected)


@pytest.mark.parametrize(
    ("reason", "nearer", "expected"),
    [
        (
            "nearer_exhausted",
            1,
            "The only nearer offer is given out in this plan; this one is 3.2 km away (estimated).",
        ),
        (
            "nearer_exhausted",
            4,
            "All 4 nearer offers are given out in this plan; this one is 3.2 km away (estimated).",
        ),
        (
            "nearer_kept",
            2,
            "A nearer offer keeps stock: the plan was good enough to stop. This one is 3.2 km away (est",
        ),
    ],
)
def test_why_not_a_nearer_offer(reason: str, nearer: int, expected: str) -> None:
    assert expected in reasons.why(line(reason=reason, numbers={**NEAREST, "nearer": nearer}))


def test_same_point_is_the_same_kelurahan_and_not_zero_kilometres() -> None:
    assert reasons.way(line(distance_km=0.0)) == "in the same kelurahan"


@pytest.mark.parametrize(
    ("code", "numbers", "expected"),
    [
        ("", {}, ""),
        ("partner-not-active", {}, "The giver takes nothing new at the moment: frozen, paused or gone."),
        ("not-enough-left", {"left": 3, "capacity": "aid.offer"}, "Only 3 of this offer are left; "),
        ("not-enough-left", {"left": 3, "capacity": "aid.needline"}, "Only 3 of this need are left; "),
        ("something-new", {}, "The system refused it: something-new."),
    ],
)
def test_refusal_in_words(code: str, numbers: dict[str, object], expected: str) -> None:
    assert reasons.refusal(line(refusal=code, refusal_numbers=numbers)).startswith(expected)


@pytest.mark.parametrize(
    ("certificate", "expected"),
    [
        ({"tiers_optimal": False}, "The plan is good, but the search was stopped"),
        (
            {"tiers_optimal": True, "eligible_pairs": 12345, "cost_gap": 0, "relative_gap": 0.0},
            "Proven over all 12,345 pairs of need and offer: no plan covers the least covered better, and none that"
            " covers them as well needs less travel time.",
        ),
        (
            {"tiers_optimal": True, "eligible_pairs": 10, "cost_gap": 1, "relative_gap": 0.00001},
            "Proven over all 10 pairs of need and offer: no plan covers the least covered better, and none that"
            " covers them as well saves more than 0.01% of the travel time.",
        ),
    ],
)
def test_proof_in_words(certificate: dict[str, object], expected: str) -> None:
    assert reasons.proof(certificate).startswith(expected)


def test_percent_never_rounds_to_all_or_nothing() -> None:
    assert [reasons.percent(share) for share in (0, 0.001, 0.5, 0.999, 1)] == [
        "0%",
        "1%",
        "50%",
        "99%",
        "100%",
    ]
