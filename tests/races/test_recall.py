"""Recalled bookings get another lot while others book it: no dose of it is promised twice."""

from __future__ import annotations

import time
from collections.abc import Iterable
from datetime import date

import pytest

from kolaborasi.commitments import services as kernel
from kolaborasi.commitments.models import Capacity
from kolaborasi.commitments.queries import checks
from kolaborasi.common.actors import Actor
from kolaborasi.common.errors import Refused
from kolaborasi.stock.models import Balance
from kolaborasi.vaccination import services
from kolaborasi.vaccination.models import RecallReason, Session, VaccineLot
from kolaborasi.vaccination.rules import Channel
from tests.conftest import NOW
from tests.races.parallel import together
from tests.vaccination.factories import SYSTEM, lot, recipient, session, slot

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("races")]
PEOPLE = 8


def recalled() -> tuple[Session, VaccineLot, VaccineLot]:
    """A session whose booked lot was recalled, with as many doses of another one as people are booked."""
    bad, good = lot(expires=date(2021, 9, 1)), lot()
    of = session(doses=PEOPLE, with_lot=bad, quotas={Channel.BOOKING: 4 * PEOPLE})
    for _person in range(PEOPLE):
        services.book(recipient=recipient(), slot=slot(of), by=SYSTEM, now=NOW)
    services.receive_doses(lot=good, location=of.location, doses=PEOPLE, by=SYSTEM, now=NOW)
    return of, services.recall_lot(lot=bad, reason=RecallReason.QUALITY, by=SYSTEM, now=NOW), good


def rush(of: Session, bad: VaccineLot) -> None:
    """Three times the move of all, beside people who book the same doses."""
    people = [recipient() for _person in range(PEOPLE)]

    def move() -> None:
        services.give_other_lots(lot=bad, by=SYSTEM, now=NOW)

    def book() -> None:
        for who in people:
            try:
                services.book(recipient=who, slot=slot(of), by=Actor.visitor(), now=NOW)
            except Refused:
                continue

    assert together([move, book, move, move]) == [None] * 4


def test_moved_and_new_bookings_share_the_doses_of_the_other_lot() -> None:
    of, bad, good = recalled()
    rush(of, bad)
    balance = Balance.objects.get(lot=good.pk)
    assert (balance.committed, balance.reported) == (PEOPLE, PEOPLE)
    assert [fault for check in checks() for fault in check.faults] == []


def unlocked(rows: Iterable[tuple[type[Capacity], int]]) -> dict[tuple[type[Capacity], int], int]:
    """What everybody writes first: look, and lock nothing."""
    left = {(model, pk): model._default_manager.get(pk=pk).left for model, pk in rows}
    time.sleep(0.3)
    return left


def test_without_the_lock_the_same_rush_promises_doses_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    of, bad, good = recalled()
    monkeypatch.setattr(kernel, "_lock", unlocked)
    rush(of, bad)
    balance = Balance.objects.get(lot=good.pk)
    assert balance.committed > balance.reported
