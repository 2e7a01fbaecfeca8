"""One household on two lists that are taken in, matched and handed out at the same moment."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, connection

from kolaborasi.aid import services, verification
from kolaborasi.aid.models import AidPeriod, Allotment, Entitlement, HandOutMode, Household, Roll
from kolaborasi.aid.services import government, rolls
from kolaborasi.commitments.queries import checks
from kolaborasi.common.lifecycle import WrongState
from tests.aid.government import SYSTEM, allotment, entitle, period, roll, row, standing
from tests.conftest import NOW
from tests.factories import TODAY, KelurahanFactory, staff
from tests.races.parallel import together

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("races")]
ONE = row(1)
MISTYPED = (ONE[0][:14] + ONE[0][15] + ONE[0][14], *ONE[1:])


def faults() -> list[str]:
    return [fault for check in (*checks(), *verification.checks()) for fault in check.faults]


def slowly(function: Callable[..., Any]) -> Callable[..., Any]:
    """What everybody writes first: look, think, then act."""

    def slow(*args: Any, **kwargs: Any) -> Any:
        found = function(*args, **kwargs)
        time.sleep(0.3)
        return found

    return slow


def two_lists(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    place = KelurahanFactory()
    roll(row(9), place=place)
    monkeypatch.setattr(rolls, "screen", slowly(rolls.screen))
    return together([lambda each=each: roll(each, place=place) for each in (ONE, MISTYPED)])


def test_one_household_on_two_lists_at_once_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    made = two_lists(monkeypatch)
    assert [type(each) for each in made] == [Roll, Roll]
    settled = Household.objects.filter(state="settled")
    assert settled.count() == 2
    assert {each.entries.get().household for each in made} == {settled.order_by("pk")[1]}
    assert faults() == []


def test_without_the_lock_two_lists_do_not_see_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rolls, "lock_registry", lambda: None)
    outcomes = two_lists(monkeypatch)
    # The constraint on the family card catches what the lock was to prevent: one list breaks instead of waiting.
    broken = [each for each in outcomes if not isinstance(each, Roll)]
    assert len(broken) == 1
    assert "aid_household_settled_once_per_card" in str(broken[0])


def without_the_constraint() -> None:
    with connection.cursor() as cursor:
        cursor.execute("DROP INDEX aid_entitlement_once_per_household_and_period")


def with_the_constraint() -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM aid_suspension")
        cursor.execute("DELETE FROM aid_entitlement")
        cursor.execute(
            "CREATE UNIQUE INDEX aid_entitlement_once_per_household_and_period ON aid_entitlement"
            " (household_id, period_id) WHERE state IN ('held', 'confirmed', 'fulfilled')"
        )


def late(*args: Any, **kwargs: Any) -> Any:
    """Everybody has looked who is served before anybody promises."""
    time.sleep(0.5)
    return kernel_hold_many(*args, **kwargs)


kernel_hold_many = government.commitments.hold_many


def two_bodies(monkeypatch: pytest.MonkeyPatch) -> tuple[list[Any], Allotment, Allotment]:
    july = period()
    one, other = allotment(july), allotment(july)
    rows = [row(number) for number in range(8)]
    lists = (roll(*rows), roll(*rows))
    monkeypatch.setattr(government.commitments, "hold_many", late)
    pairs = zip((one, other), lists, strict=True)
    return together([lambda of=of, each=each: entitle(of, each) for of, each in pairs]), one, other


def test_two_bodies_that_match_at_once_serve_each_household_once(monkeypatch: pytest.MonkeyPatch) -> None:
    done, one, other = two_bodies(monkeypatch)
    assert sorted(done) == [(0, 8, 0), (8, 0, 0)]
    assert standing(one) + standing(other) == 8
    assert faults() == []


class Unlocked:
    """The period, read without a lock."""

    def get(self, **_which: Any) -> None:
        return None


def unguarded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(AidPeriod.objects, "select_for_update", lambda **_how: Unlocked(), raising=False)


def test_without_the_lock_the_database_refuses_the_second_body(monkeypatch: pytest.MonkeyPatch) -> None:
    unguarded(monkeypatch)
    done, one, other = two_bodies(monkeypatch)
    assert sum(isinstance(each, IntegrityError) for each in done) == 1
    assert standing(one) + standing(other) == 8


def test_without_lock_and_constraint_every_household_is_served_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    unguarded(monkeypatch)
    without_the_constraint()
    try:
        _done, one, other = two_bodies(monkeypatch)
        assert (standing(one), standing(other)) == (8, 8)
        assert any("one family card has 2 promises" in fault for fault in faults())
    finally:
        with_the_constraint()


def test_two_officers_hand_out_to_one_household_once() -> None:
    place, of = KelurahanFactory(), allotment(period())
    entitle(of, roll(ONE, place=place))
    services.open_round(allotment=of, place=place, date=TODAY, mode=HandOutMode.DOOR, by=SYSTEM, now=NOW)
    mine = Entitlement.objects.get()
    officers = [staff("courier") for _officer in range(6)]
    outcomes = together(
        [lambda by=by: services.hand_out(entitlement=mine, code=mine.code, by=by, now=NOW) for by in officers]
    )
    assert sum(isinstance(each, Entitlement) for each in outcomes) == 1
    assert sum(isinstance(each, WrongState) for each in outcomes) == 5
    of.refresh_from_db()
    assert (of.committed, of.delivered) == (1, 1)
    assert faults() == []


def test_closing_a_round_and_handing_out_at_once_lose_nobody() -> None:
    place, of = KelurahanFactory(), allotment(period())
    entitle(of, roll(*(row(number) for number in range(6)), place=place))
    made = services.open_round(
        allotment=of, place=place, date=TODAY, mode=HandOutMode.DOOR, by=SYSTEM, now=NOW
    )
    by = staff("courier")
    calls: list[Callable[[], Any]] = [
        lambda each=each: services.hand_out(entitlement=each, code=each.code, by=by, now=NOW)  # type: ignore[misc]
        for each in Entitlement.objects.order_by("pk")
    ]
    calls.insert(3, lambda: services.close_round(round=made, by=SYSTEM, now=NOW))
    together(calls)
    got = Entitlement.objects.filter(state="fulfilled").count()
    waiting = Entitlement.objects.filter(state="confirmed", round__isnull=True).count()
    assert got + waiting == 6
    assert faults() == []
