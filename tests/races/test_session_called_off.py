"""A session is called off while somebody books it, checks in or has a dose: nobody is left booked in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib import import_module
from threading import Event

import pytest
from django.db import connection, transaction

from kolaborasi.commitments.states import OPEN
from kolaborasi.common.errors import Refused
from kolaborasi.vaccination import services
from kolaborasi.vaccination.models import Booking, Dose, Recipient, Route, Session, VaccineLot, Visit
from kolaborasi.vaccination.rules import Channel
from kolaborasi.vaccination.services import doses as dose_verbs
from kolaborasi.vaccination.services.bookings import require_allowed, take
from kolaborasi.vaccination.services.situation import situation
from tests.conftest import NOW
from tests.races.parallel import together
from tests.vaccination.factories import NINE, SYSTEM, hands, recipient, screened, session, slot

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("races")]
PATIENCE_SECONDS = 1.5
FUNCTIONS = import_module("kolaborasi.vaccination.migrations.0004_situation_keeps_the_session")


@pytest.fixture
def unguarded() -> Iterator[None]:
    """The reading of a booking as it was: it keeps the facility, and not the session."""
    with connection.cursor() as cursor:
        cursor.execute(FUNCTIONS.BEFORE)
    yield
    with connection.cursor() as cursor:
        cursor.execute(FUNCTIONS.AFTER)


def booking_of(of: Session, who: Recipient, read: Event, ended: Event) -> Callable[[], None]:
    """A booking that has read everything, and is slow to write."""

    def book() -> None:
        with transaction.atomic():
            found = situation(recipient_id=who.pk, slot_id=slot(of).pk)
            number = require_allowed(found, NOW)
            read.set()
            ended.wait(PATIENCE_SECONDS)
            take(found, channel=Channel.BOOKING, number=number, verb="book", by=SYSTEM, now=NOW)

    return book


def called_off(of: Session, read: Event, ended: Event) -> Callable[[], None]:
    by = hands(of)

    def cancel() -> None:
        read.wait(PATIENCE_SECONDS)
        services.cancel_session(session=of, by=by, now=NOW)
        ended.set()

    return cancel


def rush(of: Session) -> int:
    """Bookings that are open in the session after it was called off meanwhile."""
    read, ended = Event(), Event()
    assert together([booking_of(of, recipient(), read, ended), called_off(of, read, ended)]) == [None, None]
    of.refresh_from_db()
    assert of.state == "cancelled"
    return Booking.objects.filter(session=of, state__in=OPEN).count()


def test_booking_that_had_read_the_session_ends_with_it() -> None:
    of = session()
    assert rush(of) == 0
    assert Booking.objects.get().end_reason == "session"


@pytest.mark.usefixtures("unguarded")
def test_without_the_lock_somebody_stays_booked_in_a_session_that_is_off() -> None:
    assert rush(session()) == 1


def test_dose_and_calling_off_at_once_are_one_or_the_other() -> None:
    of = session(quotas={Channel.BOOKING: 5, Channel.WALK_IN: 5})
    by = hands(of)
    visits = [screened(of, recipient(), by=by) for _person in range(4)]
    lot = VaccineLot.objects.get()

    def give(visit: Visit) -> Callable[[], None]:
        def call() -> None:
            try:
                dose_verbs.give_dose(visit=visit, lot=lot, route=Route.LEFT_ARM, by=by, now=NINE)
            except Refused as refusal:
                assert refusal.code == "session-not-open"  # noqa: PT017 - the thread has no other witness

        return call

    def cancel() -> None:
        services.cancel_session(session=of, by=by, now=NINE)

    assert together([*(give(visit) for visit in visits), cancel]) == [None] * 5
    given = Dose.objects.count()
    states = sorted(Visit.objects.values_list("state", flat=True))
    assert states == sorted(["done"] * given + ["left"] * (4 - given))
    assert Booking.objects.filter(state__in=OPEN).count() == 0
