"""Every dose has a place, a person or a reason, whatever happens: random histories of stores, sessions and people."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from kolaborasi.commitments.queries import checks as promises
from kolaborasi.common.errors import Refused
from kolaborasi.stock.models import Balance, Location, Shipment
from kolaborasi.stock.queries import checks as goods
from kolaborasi.vaccination import services, verification
from kolaborasi.vaccination.models import Booking, Dose, Explanation, Vial, Visit, Wastage, WasteReason
from kolaborasi.vaccination.rules import Channel
from kolaborasi.vaccination.services import PaperDose
from tests.conftest import NOW
from tests.factories import staff
from tests.vaccination.factories import DAY, NINE, SYSTEM, lot, recipient, screened, session, slot, store

PLACES = st.integers(0, 3)
LOTS = st.integers(0, 1)
UNITS = st.integers(1, 12)
POSKO = "coordinator"


class Doses(RuleBasedStateMachine):
    """Two lots, two stores, two sessions; the outside world is what was received, given, lost and found."""

    @initialize()
    def start(self) -> None:
        self.lots = [lot(per_vial=5), lot(per_vial=10)]
        self.sessions = [
            session(doses=0, quotas={Channel.BOOKING: 6, Channel.WALK_IN: 6}) for _session in range(2)
        ]
        self.places: list[Location] = [store(), store(), *(each.location for each in self.sessions)]
        self.by = staff(POSKO)
        self.received = [0, 0]
        self.lost = [0, 0]
        self.found = [0, 0]
        # So that a history of a few steps can already give, waste and count.
        for place in (2, 3):
            self.supply(0, place, 10)

    def supply(self, which: int, place: int, units: int) -> None:
        if self.attempt(
            services.receive_doses, lot=self.lots[which], location=self.places[place], doses=units
        ):
            self.received[which] += units

    def attempt(self, verb: object, **values: object) -> object:
        try:
            with transaction.atomic():
                return verb(by=self.by, now=values.pop("now", NINE), **values)  # type: ignore[operator]
        except Refused:
            return None

    def on_hand(self, which: int, place: int) -> int:
        balance = Balance.objects.filter(lot=self.lots[which].pk, location=self.places[place]).first()
        return balance.on_hand if balance else 0

    @rule(which=LOTS, place=PLACES, units=UNITS)
    def receive(self, which: int, place: int, units: int) -> None:
        self.supply(which, place, units)

    @rule(which=LOTS, source=PLACES, step=st.integers(1, 3), units=UNITS)
    def move(self, which: int, source: int, step: int, units: int) -> None:
        target = self.places[(source + step) % 4]
        self.attempt(
            services.move_doses, lot=self.lots[which], source=self.places[source], target=target, doses=units
        )

    @rule(which=LOTS, source=PLACES, step=st.integers(1, 3), units=UNITS)
    def send(self, which: int, source: int, step: int, units: int) -> None:
        target = self.places[(source + step) % 4]
        self.attempt(
            services.send_doses,
            lot=self.lots[which],
            source=self.places[source],
            target=target,
            doses=units,
            arrives_date=DAY,
        )

    @rule(units=st.integers(0, 12), close=st.booleans())
    def arrive(self, units: int, close: bool) -> None:
        shipment = Shipment.objects.filter(closed_at=None, lot__in=[each.pk for each in self.lots]).first()
        if shipment is None:
            return
        rest = shipment.quantity - shipment.received
        which = [each.pk for each in self.lots].index(shipment.lot_id)
        done = self.attempt(
            services.receive_shipment,
            shipment=shipment,
            doses=units,
            close=close,
            now=NINE + timedelta(seconds=Shipment.objects.count() + units),
        )
        if done and close:
            self.lost[which] += rest - units

    @rule(which=LOTS, place=st.integers(2, 3), people=st.integers(1, 3))
    def write_on_paper(self, which: int, place: int, people: int) -> None:
        rows = [PaperDose(recipient(), self.lots[which], NINE) for _person in range(people)]
        self.attempt(services.record_doses, session=self.sessions[place - 2], rows=rows)

    @rule(which=LOTS, place=PLACES, units=UNITS, reason=st.sampled_from(list(WasteReason)))
    def waste(self, which: int, place: int, units: int, reason: WasteReason) -> None:
        if self.attempt(
            services.waste_doses,
            lot=self.lots[which],
            location=self.places[place],
            doses=units,
            reason=reason,
        ):
            self.lost[which] += units

    @rule(which=LOTS, place=PLACES, change=st.integers(-3, 3))
    def count(self, which: int, place: int, change: int) -> None:
        expected = self.on_hand(which, place)
        counted = max(0, expected + change)
        if self.attempt(
            services.count_stock,
            lot=self.lots[which],
            location=self.places[place],
            counted=counted,
            explanation=Explanation.UNKNOWN,
        ):
            self.lost[which] += max(0, expected - counted)
            self.found[which] += max(0, counted - expected)

    @rule(which=st.integers(0, 1))
    def book(self, which: int) -> None:
        self.attempt(services.book, recipient=recipient(), slot=slot(self.sessions[which]), now=NOW)

    @rule()
    def cancel(self) -> None:
        booking = Booking.objects.filter(state="confirmed", session__in=self.sessions, visit=None).first()
        if booking is not None:
            self.attempt(services.cancel_booking, booking=booking)

    @rule(which=st.integers(0, 1))
    def reschedule(self, which: int) -> None:
        booking = Booking.objects.filter(state="confirmed", session__in=self.sessions, visit=None).last()
        if booking is not None:
            self.attempt(services.reschedule, booking=booking, slot=slot(self.sessions[which]), now=NOW)

    @rule(which=st.integers(0, 1), lot_of=LOTS, booked=st.booleans(), vial=st.booleans())
    def give(self, which: int, lot_of: int, booked: bool, vial: bool) -> None:
        of = self.sessions[which]
        booking = (
            Booking.objects.filter(state="confirmed", session=of, visit=None).first() if booked else None
        )
        who = booking.recipient if booking else recipient()
        visit = screened(of, who, by=self.by)
        opened = (
            Vial.objects.filter(session=of, lot=self.lots[lot_of].pk, closed_at=None).first()
            if vial
            else None
        )
        if not self.attempt(
            services.give_dose, visit=visit, lot=self.lots[lot_of], route="IM-LA", vial=opened
        ):
            self.attempt(services.leave_queue, visit=Visit.objects.get(pk=visit.pk))

    @rule(which=st.integers(0, 1), lot_of=LOTS)
    def open(self, which: int, lot_of: int) -> None:
        self.attempt(services.open_vial, session=self.sessions[which], lot=self.lots[lot_of])

    @rule()
    def discard(self) -> None:
        vial = Vial.objects.filter(closed_at=None, session__in=self.sessions).first()
        if vial is None:
            return
        rest = vial.doses - vial.given - vial.wasted
        which = [each.pk for each in self.lots].index(vial.lot_id)
        if self.attempt(services.discard_vial, vial=vial):
            self.lost[which] += rest

    @invariant()
    def every_dose_is_accounted_for(self) -> None:
        for which, each in enumerate(getattr(self, "lots", [])):
            inside = sum(Balance.objects.filter(lot=each.pk).values_list("on_hand", flat=True))
            given = Dose.objects.filter(lot=each, state="given").count()
            lost = self.lost[which]
            assert inside + given + lost == self.received[which] + self.found[which]

    def teardown(self) -> None:
        found = [fault for check in (*promises(), *goods(), *verification.checks()) for fault in check.faults]
        assert found == []


@pytest.mark.django_db
def test_doses_are_conserved_whatever_happens() -> None:
    run_state_machine_as_test(
        Doses,
        settings=settings(
            max_examples=12,
            stateful_step_count=25,
            deadline=None,
            # What must have happened at least once is asked below.
            derandomize=True,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
        ),
    )
    assert Dose.objects.exists()
    assert Wastage.objects.exists()
    assert all(
        check.rows
        for check in verification.checks()
        if "vial" not in check.name and "bookings" not in check.name
    )


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("DELETE FROM vaccination_wastage", "lost with 0 reasons"),
        (
            "UPDATE vaccination_dose SET movement_id = NULL, session_id = NULL, lot_id = NULL",
            "has 0 dose records",
        ),
        ("UPDATE vaccination_vial SET given = 2", "2 given but 1 recorded"),
        (
            "UPDATE vaccination_booking SET session_id = (SELECT max(id) FROM vaccination_session)",
            "of another session",
        ),
    ],
)
def test_verification_finds_what_was_changed_behind_its_back(change: str, told: str) -> None:
    by = staff(POSKO)
    of, held = session(quotas={Channel.BOOKING: 5, Channel.WALK_IN: 5}), None
    held = of.product.lots.get()
    vial = services.open_vial(session=of, lot=held, by=by, now=NINE)
    services.give_dose(
        visit=screened(of, recipient(), by=by), lot=held, vial=vial, route="IM-LA", by=by, now=NINE
    )
    services.waste_doses(
        lot=held, location=of.location, doses=1, reason=WasteReason.BROKEN, by=SYSTEM, now=NOW
    )
    services.book(recipient=recipient(), slot=slot(of), by=SYSTEM, now=NOW)
    session()
    assert [fault for check in verification.checks() for fault in check.faults] == []
    with connection.cursor() as cursor:
        cursor.execute(change)
    assert any(told in fault for check in verification.checks() for fault in check.faults)
