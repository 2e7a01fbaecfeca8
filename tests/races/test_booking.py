"""A burst of bookings by sessions that really run at the same time: none beyond slots, none without a dose, none twice."""

from __future__ import annotations

import time
from collections import Counter
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.db.models import Count

from kolaborasi.commitments import services as kernel
from kolaborasi.commitments.errors import NotEnoughLeft
from kolaborasi.commitments.queries import checks
from kolaborasi.common.actors import Actor
from kolaborasi.common.errors import Refused
from kolaborasi.stock.models import Balance
from kolaborasi.vaccination import services, verification
from kolaborasi.vaccination.models import Booking, Dose, RecallReason, Recipient, Session, Slot, SlotQuota
from kolaborasi.vaccination.rules import Channel
from tests.conftest import NOW
from tests.races.parallel import together
from tests.races.test_pledge import unguarded_hold
from tests.vaccination.factories import NINE, SYSTEM, hands, lot, recipient, screened, session, slot

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("races")]
VISITOR = Actor.visitor()
SESSIONS, PLACES, CONNECTIONS = 50, 20, 8


def attempts(sessions: list[Session], people: list[Recipient]) -> Counter[str]:
    """Two attempts for each place, spread over the sessions, from parallel connections."""
    slots = [slot(each) for each in sessions]
    work = [(people[n], slots[n % len(slots)]) for n in range(len(people))]

    def run(part: list[tuple[Recipient, Slot]]) -> Counter[str]:
        outcomes: Counter[str] = Counter()
        for who, where in part:
            try:
                services.book(recipient=who, slot=where, by=VISITOR, now=NOW)
                outcomes["booked"] += 1
            except Refused as refusal:
                outcomes[refusal.code] += 1
        return outcomes

    parts = [work[turn::CONNECTIONS] for turn in range(CONNECTIONS)]
    results = together([lambda part=part: run(part) for part in parts])
    failed = [result for result in results if not isinstance(result, Counter)]
    assert failed == []
    return sum(results, Counter())


def faults() -> list[str]:
    return [fault for check in (*checks(), *verification.checks()) for fault in check.faults]


def test_burst_of_2000_attempts_books_exactly_1000_each_with_a_dose() -> None:
    held = lot()
    sessions = [
        session(with_lot=held, doses=PLACES, quotas={Channel.BOOKING: PLACES}) for _n in range(SESSIONS)
    ]
    people = [recipient() for _person in range(2 * SESSIONS * PLACES)]
    outcomes = attempts(sessions, people)
    assert outcomes == {"booked": 1000, "slot-full": 1000}
    assert Booking.objects.filter(state="confirmed").count() == SESSIONS * PLACES
    per_session = Booking.objects.values("session").annotate(n=Count("pk")).values_list("n", flat=True)
    assert set(per_session) == {PLACES}
    assert set(SlotQuota.objects.values_list("committed", "limit")) == {(PLACES, PLACES)}
    assert set(
        Balance.objects.filter(location__in=[each.location for each in sessions]).values_list(
            "committed", "on_hand"
        )
    ) == {(PLACES, PLACES)}
    assert Booking.objects.values("recipient").distinct().count() == SESSIONS * PLACES
    assert faults() == []


def test_doses_are_the_limit_when_they_are_fewer_than_places() -> None:
    of = session(doses=7, quotas={Channel.BOOKING: 20})
    outcomes = attempts([of], [recipient() for _person in range(40)])
    assert outcomes == {"booked": 7, "no-dose-left": 33}
    assert SlotQuota.objects.get().committed == 7
    assert faults() == []


def test_without_the_guard_the_same_burst_oversells(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kernel, "_take_and_store", unguarded_hold)
    # More places than doses: the balance is the row everybody wants first, so that is what is promised twice.
    of = session(doses=PLACES, quotas={Channel.BOOKING: 60})
    attempts([of], [recipient() for _person in range(60)])
    assert Booking.objects.count() > PLACES


def test_one_person_from_many_connections_has_one_next_dose() -> None:
    sessions, who = [session() for _n in range(4)], recipient()
    slots = [slot(each) for each in sessions]

    def book(where: Slot) -> str:
        try:
            services.book(recipient=who, slot=where, by=VISITOR, now=NOW)
        except Refused as refusal:
            return refusal.code
        return "booked"

    results = together([lambda where=where: book(where) for where in slots * 4])
    assert Counter(results) == {"booked": 1, "already-booked": 15}
    assert sum(Balance.objects.values_list("committed", flat=True)) == 1
    assert faults() == []


def test_without_the_constraint_one_person_would_be_booked_twice() -> None:
    """The check before the write is no guard: only the partial unique index is."""
    sessions, who = [session() for _n in range(4)], recipient()
    with connection.cursor() as cursor:
        cursor.execute("DROP INDEX vaccination_one_next_dose_per_person")
    slots = [slot(each) for each in sessions]

    def book(where: Slot) -> None:
        with transaction.atomic():
            services.book(recipient=who, slot=where, by=VISITOR, now=NOW)
            time.sleep(0.3)

    together([lambda where=where: book(where) for where in slots])
    assert Booking.objects.filter(recipient=who).count() > 1


def test_cancelling_moving_and_booking_at_once_keeps_every_number() -> None:
    sessions = [session(doses=10, quotas={Channel.BOOKING: 10}) for _n in range(2)]
    slots = [slot(each) for each in sessions]
    people = [recipient() for _person in range(24)]

    def restless(who: Recipient, start: int) -> None:
        for turn in range(6):
            try:
                made = services.book(recipient=who, slot=slots[(start + turn) % 2], by=VISITOR, now=NOW)
                services.reschedule(
                    booking=made.booking, slot=slots[(start + turn + 1) % 2], by=VISITOR, now=NOW
                )
            except (Refused, NotEnoughLeft):
                pass
            for booking in Booking.objects.filter(recipient=who, state="confirmed"):
                if turn < 5:
                    services.cancel_booking(booking=booking, by=VISITOR, now=NOW)

    results = together([lambda n=n, who=who: restless(who, n % 2) for n, who in enumerate(people)])
    assert results == [None] * 24
    booked = Booking.objects.filter(state="confirmed").count()
    assert sum(SlotQuota.objects.values_list("committed", flat=True)) == booked <= 20
    assert sum(Balance.objects.values_list("committed", flat=True)) == booked
    assert faults() == []


def test_one_entry_sent_by_many_connections_is_one_dose() -> None:
    of = session(quotas={Channel.WALK_IN: 20})
    by, who = hands(of), recipient()
    visit, held = screened(of, who, by=by), of.product.lots.get()

    def give() -> int:
        return services.give_dose(
            visit=visit, lot=held, route="IM-LA", by=by, now=NINE, entry_key="tablet-1/7"
        ).pk

    results = together([give] * 6)
    ids = {result for result in results if isinstance(result, int)}
    assert len(ids) == 1
    assert Dose.objects.count() == 1
    assert {type(result).__name__ for result in results} <= {"int", "DoseAlreadyGiven"}
    assert Balance.objects.get(location=of.location).on_hand == 19
    assert faults() == []


def test_no_dose_is_given_after_a_recall_has_returned() -> None:
    held = lot()
    of = session(quotas={Channel.WALK_IN: 20}, with_lot=held)
    by = hands(of)
    visits = [screened(of, recipient(), by=by) for _person in range(10)]
    recalled: list[float] = []

    def give(visit: object) -> float | None:
        try:
            services.give_dose(visit=visit, lot=held, route="IM-LA", by=by, now=NINE + timedelta(minutes=1))  # type: ignore[arg-type]
        except Refused:
            return None
        return time.monotonic()

    def recall() -> None:
        services.recall_lot(lot=held, reason=RecallReason.SAFETY, by=SYSTEM, now=NINE)
        recalled.append(Dose.objects.count())

    together([recall, *[lambda visit=visit: give(visit) for visit in visits]])
    # Every dose that was given is visible at the moment the recall returns: none slips in after it.
    assert recalled == [Dose.objects.count()]
