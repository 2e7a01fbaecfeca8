"""Bookings of a recalled lot get another one; bookings without any dose to give count as not served."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from kolaborasi.commitments.queries import checks
from kolaborasi.common.actors import Actor, Role
from kolaborasi.common.errors import Conflict, NotPermitted
from kolaborasi.stock.models import Balance
from kolaborasi.vaccination import queries, services
from kolaborasi.vaccination.models import Booking, RecallReason, VaccineLot
from kolaborasi.vaccination.models import Session as VaccinationSession
from kolaborasi.vaccination.rules import NO_SHOW_AFTER, Channel
from kolaborasi.vaccination.tasks import missed
from tests.conftest import NOW
from tests.vaccination.factories import DAY, NINE, SYSTEM, hands, lot, recipient, session, slot

pytestmark = pytest.mark.django_db
CITY = Actor.user(1, (Role("coordinator"),))


def booked(of: VaccinationSession, people: int) -> list[Booking]:
    return [
        services.book(
            recipient=recipient(), slot=slot(of), by=SYSTEM, now=NOW + timedelta(seconds=turn)
        ).booking
        for turn in range(people)
    ]


def recalled(people: int, spare: int) -> tuple[VaccineLot, list[Booking], VaccineLot]:
    """A recalled lot with bookings, and a later one of the same session with spare doses."""
    bad, good = lot(code="BAD", expires=date(2021, 9, 1)), lot(code="GOOD")
    of = session(doses=people, with_lot=bad)
    bookings = booked(of, people)
    if spare:
        services.receive_doses(lot=good, location=of.location, doses=spare, by=SYSTEM, now=NOW)
    bad = services.recall_lot(lot=bad, reason=RecallReason.QUALITY, by=SYSTEM, now=NOW)
    return bad, bookings, good


def faults() -> list[str]:
    return [fault for check in checks() for fault in check.faults]


def test_recalled_bookings_get_another_lot_first_booked_first_served() -> None:
    bad, bookings, good = recalled(people=3, spare=2)
    result = services.give_other_lots(lot=bad, by=CITY, now=NOW)
    assert ([each.pk for each in result.moved], [each.pk for each in result.left]) == (
        [each.pk for each in bookings[:2]],
        [bookings[2].pk],
    )
    assert Booking.objects.filter(balance__lot=good.pk).count() == 2
    assert [Balance.objects.get(lot=each.pk).committed for each in (bad, good)] == [1, 2]
    assert faults() == []


def test_rebooking_twice_moves_nobody_again() -> None:
    bad, _bookings, _good = recalled(people=2, spare=5)
    services.give_other_lots(lot=bad, by=CITY, now=NOW)
    again = services.give_other_lots(lot=bad, by=CITY, now=NOW)
    assert (again.moved, again.left) == ([], [])
    assert queries.shortfalls(NOW) == []


def test_rebooking_is_for_recalled_lots_and_coordinators_of_the_city() -> None:
    good = lot()
    of = session(doses=2, with_lot=good)
    booked(of, 1)
    with pytest.raises(Conflict), transaction.atomic():
        services.give_other_lots(lot=good, by=CITY, now=NOW)
    bad = services.recall_lot(lot=good, reason=RecallReason.QUALITY, by=SYSTEM, now=NOW)
    with pytest.raises(NotPermitted):
        services.give_other_lots(lot=bad, by=hands(of), now=NOW)
    assert Balance.objects.get(lot=good.pk).committed == 1


def test_rebooking_costs_the_same_for_one_and_for_many() -> None:
    counts = []
    for people in (1, 6):
        bad, _bookings, _good = recalled(people=people, spare=people)
        with CaptureQueriesContext(connection) as captured:
            services.give_other_lots(lot=bad, by=CITY, now=NOW)
        counts.append(len(captured))
        _rename()
    assert counts[0] == counts[1]


def _rename() -> None:
    """Let the next pair use the codes again."""
    for each in VaccineLot.objects.select_related("lot").filter(lot__code__in=["BAD", "GOOD"]):
        each.lot.code = f"{each.lot.code}-{each.pk}"
        each.lot.save(update_fields=["code"])


def test_somebody_who_came_while_no_dose_was_left_counts_as_not_served() -> None:
    _bad, bookings, _good = recalled(people=1, spare=0)
    of = bookings[0].session
    visit = services.check_in(session=of, booking=bookings[0], by=hands(of), now=NINE)
    services.leave_queue(visit=visit, by=hands(of), now=NINE)
    assert queries.outcomes_of_bookings(DAY, DAY + timedelta(days=1)).not_served == 1


def test_somebody_who_leaves_although_doses_are_there_was_not_refused() -> None:
    of = session(doses=5)
    (booking,) = booked(of, 1)
    visit = services.check_in(session=of, booking=booking, by=hands(of), now=NINE)
    services.leave_queue(visit=visit, by=hands(of), now=NINE)
    assert Booking.objects.get().end_reason == "left"
    assert queries.bookings_not_served(DAY, DAY + timedelta(days=1)) == 0


def test_nobody_can_miss_a_dose_that_was_not_there() -> None:
    bad, bookings, _good = recalled(people=3, spare=1)
    services.give_other_lots(lot=bad, by=CITY, now=NOW)
    late = NINE + timedelta(hours=1) + NO_SHOW_AFTER
    services.mark_no_shows(session=bookings[0].session, by=SYSTEM, now=late, after=NO_SHOW_AFTER)
    assert list(Booking.objects.order_by("booked_at").values_list("end_reason", flat=True)) == [
        *("no-show", "no-dose", "no-dose"),
    ]


def test_session_called_off_counts_those_without_a_dose_as_not_served() -> None:
    _bad, bookings, _good = recalled(people=2, spare=1)
    of = bookings[0].session
    services.cancel_session(session=of, by=hands(of), now=NOW)
    assert list(Booking.objects.order_by("booked_at").values_list("end_reason", flat=True)) == [
        *("session", "no-dose"),
    ]


def test_task_ends_bookings_of_people_who_never_came() -> None:
    of = session(doses=5, quotas={Channel.BOOKING: 5})
    booked(of, 2)
    came = booked(of, 1)[0]
    services.check_in(session=of, booking=came, by=hands(of), now=NINE)
    assert missed(0) == 2
    assert sorted(Booking.objects.values_list("state", "end_reason")) == [
        *(("confirmed", ""), ("released", "no-show"), ("released", "no-show")),
    ]
    assert missed(0) == 0
