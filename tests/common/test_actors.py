"""Who acts, and how far a role reaches."""

from __future__ import annotations

import pytest

from kolaborasi.common.actors import Actor, Role


@pytest.mark.parametrize(
    ("area", "place", "covered"),
    [
        (None, None, True),
        (None, "31.71.01.1001", True),
        ("31.71", "31.71", True),
        ("31.71", "31.71.01.1001", True),
        ("31.71.01.1001", "31.71.01.1001/012", True),
        ("31.71", "31.72.01.1001", False),
        ("31.7", "31.71.01.1001", False),
        ("31.71.01.1001/01", "31.71.01.1001/012", False),
        ("31.71", None, False),
    ],
)
def test_role_reaches_its_area_and_all_below_it(area: str | None, place: str | None, covered: bool) -> None:
    assert Role("verifier", place_code=area).covers(place) is covered


def test_actor_is_named_without_personal_data() -> None:
    assert Actor.user(7).reference == "user:7"
    assert Actor.visitor().reference == "visitor:public"
    assert Actor.system("expiry").reference == "system:expiry"
    assert [actor.user_id for actor in (Actor.user(7), Actor.visitor(), Actor.system("x"))] == [7, None, None]


def test_actor_has_a_role_only_for_its_partner_and_area() -> None:
    actor = Actor.user(7, (Role("courier", partner_id=3, place_code="31.71"),))
    assert actor.has_role("courier")
    assert actor.has_role("courier", partner_id=3, place_code="31.71.01")
    assert not actor.has_role("courier", partner_id=4)
    assert not actor.has_role("courier", place_code="31.72")
    assert not actor.has_role("verifier")
