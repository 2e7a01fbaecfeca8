"""Bookings of one contact by sessions that really run at the same time: no more than one contact may hold."""

from __future__ import annotations

import time
from collections import Counter
from datetime import date, timedelta

import pytest

from kolaborasi.common.actors import Actor
from kolaborasi.common.errors import Refused
from kolaborasi.diagnostics import services
from kolaborasi.diagnostics.models import Booking, Order, Slot
from kolaborasi.diagnostics.rules.own import MOST_WAITING
from kolaborasi.diagnostics.services import Asking, own
from kolaborasi.people.services import Identity
from tests.conftest import NOW
from tests.diagnostics.factories import SYSTEM, collection_site
from tests.races.parallel import together

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("races")]
SESSIONS = 8


def slot(places: int) -> Slot:
    starts = NOW + timedelta(days=1)
    return services.open_slots(
        site=collection_site(),
        starts_at=starts,
        ends_at=starts + timedelta(minutes=15),
        minutes=15,
        places=places,
        by=SYSTEM,
        now=NOW,
    )[0]


def attempts(where: Slot, phones: list[str]) -> Counter[str]:
    """One booking for each number, all at once."""

    def book(number: int) -> str:
        asking = Asking(
            birth_date=date(1990, 1, 1 + number),
            sex="female",
            reason="suspect",
            residence=None,
            channel="sms",
            identity=Identity(name="Warga Contoh", phone=phones[number]),
        )
        try:
            services.book_own_test(asking=asking, slot=where, by=Actor.visitor(), now=NOW)
        except Refused as refusal:
            return refusal.code
        return "booked"

    return Counter(together([lambda number=number: book(number) for number in range(len(phones))]))


def test_race_exists_without_the_guard(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(own, "_lock_contact", lambda _identity: None)
    placed = own.place_order

    def slowly(*arguments: object) -> Order:
        time.sleep(0.5)
        return placed(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(own, "place_order", slowly)
    assert attempts(slot(20), ["081200000001"] * SESSIONS)["booked"] > MOST_WAITING


def test_one_contact_holds_no_more_than_it_may() -> None:
    outcomes = attempts(slot(20), ["081200000001"] * SESSIONS)
    assert outcomes == {"booked": MOST_WAITING, "too-many-waiting": SESSIONS - MOST_WAITING}
    assert Order.objects.count() == Booking.objects.count() == MOST_WAITING


def test_slot_is_not_oversold_and_a_refused_booking_leaves_no_order() -> None:
    where = slot(3)
    outcomes = attempts(where, [f"08120000000{number}" for number in range(SESSIONS)])
    assert outcomes == {"booked": 3, "not-enough-left": SESSIONS - 3}
    where.refresh_from_db()
    assert (where.committed, Order.objects.count(), Booking.objects.count()) == (3, 3, 3)
