"""Grants and tables: who passes, and that what is not listed or not given passes nobody."""

from __future__ import annotations

import pytest

from kolaborasi.common.actors import Actor, Role
from kolaborasi.common.errors import NotPermitted
from kolaborasi.common.permissions import ANYONE, SIGNED_IN, SYSTEM, PermissionTable, role

PLACE = "31.71.01.1001"
TABLE = PermissionTable(
    "room",
    {
        "open": (ANYONE,),
        "own": (SIGNED_IN,),
        "task": (SYSTEM,),
        "anywhere": (role("verifier"),),
        "there": (role("verifier", in_place=True),),
        "ours": (role("admin", of_partner=True),),
        "either": (role("admin", of_partner=True), role("verifier", in_place=True)),
        "nobody": (),
    },
)
VISITOR, TASK, PERSON = Actor.visitor(), Actor.system("x"), Actor.user(1)
CITY = Actor.user(2, (Role("verifier"),))
AREA = Actor.user(3, (Role("verifier", None, "31.71.01"),))
ADMIN = Actor.user(4, (Role("admin", 7),))


@pytest.mark.parametrize(
    ("verb", "allowed"),
    [
        ("open", {VISITOR, TASK, PERSON, CITY, AREA, ADMIN}),
        ("own", {PERSON, CITY, AREA, ADMIN}),
        ("task", {TASK}),
        ("anywhere", {CITY, AREA}),
        ("there", {CITY, AREA}),
        ("ours", {ADMIN}),
        ("either", {CITY, AREA, ADMIN}),
        ("nobody", set()),
    ],
)
def test_verb_is_allowed_to_exactly_these(verb: str, allowed: set[Actor]) -> None:
    everybody = {VISITOR, TASK, PERSON, CITY, AREA, ADMIN}
    assert {
        actor for actor in everybody if TABLE.allows(actor, verb, place_code=PLACE, partner_id=7)
    } == allowed


def test_area_role_does_not_reach_elsewhere_nor_where_no_place_is_given() -> None:
    assert not TABLE.allows(AREA, "there", place_code="31.71.02.1001")
    assert not TABLE.allows(AREA, "there", place_code="31.71.011")
    assert not TABLE.allows(AREA, "there")
    assert TABLE.allows(CITY, "there")


def test_partner_role_does_not_reach_another_partner_nor_none() -> None:
    assert not TABLE.allows(ADMIN, "ours", partner_id=8)
    assert not TABLE.allows(ADMIN, "ours")


def test_require_refuses_in_words() -> None:
    with pytest.raises(NotPermitted):
        TABLE.require(VISITOR, "own")
    TABLE.require(PERSON, "own")


def test_verb_that_is_not_listed_is_a_mistake() -> None:
    with pytest.raises(KeyError):
        TABLE.allows(CITY, "unheard-of")


def test_rows_say_who_may() -> None:
    assert dict(TABLE.rows())["either"] == "admin (of partner), verifier (in place)"
    assert TABLE.role_names() == {"verifier", "admin"}
