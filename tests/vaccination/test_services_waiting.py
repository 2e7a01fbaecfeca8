"""Freed slots are offered in order, with a time limit; queues are fair."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import transaction

from kolaborasi.commitments.queries import checks
from kolaborasi.common.actors import Actor
from kolaborasi.vaccination import errors, services
from kolaborasi.vaccination.models import Booking, Session, WaitingWish
from kolaborasi.vaccination.rules import Channel
from tests.conftest import NOW
from tests.factories import staff
from tests.vaccination.factories import NINE, SYSTEM, hands, recipient, session, slot

pytestmark = pytest.mark.django_db
VISITOR = Actor.visitor()


def full_session() -> tuple[Session, Booking]:
    of = session(doses=1)
    booked = services.book(recipient=recipient(), slot=slot(of), by=VISITOR, now=NOW)
    return of, booked.booking


def test_freed_slot_goes_to_the_first_wish_and_then_to_the_next() -> None:
    of, booked = full_session()
    wishes = [
        services.join_waiting_list(
            recipient=recipient(), place=of.site.place.parent, by=VISITOR, now=NOW + timedelta(seconds=n)
        )
        for n in range(2)
    ]
    assert services.offer_freed_slots(by=SYSTEM, now=NOW) == []
    services.cancel_booking(booking=booked, by=VISITOR, now=NOW)
    (first,) = services.offer_freed_slots(by=SYSTEM, now=NOW)
    assert (first.booking.recipient_id, first.booking.state) == (wishes[0].recipient_id, "held")
    assert services.offer_freed_slots(by=SYSTEM, now=NOW) == []
    late = NOW + timedelta(hours=2)
    (ended,) = services.expire_offers(by=SYSTEM, now=late)
    assert ended.pk == first.booking.pk
    with pytest.raises(errors.OfferOver), transaction.atomic():
        services.accept_offer(booking=first.booking, by=VISITOR, now=late)
    (second,) = services.offer_freed_slots(by=SYSTEM, now=late)
    assert second.booking.recipient_id == wishes[1].recipient_id
    accepted = services.accept_offer(booking=second.booking, by=VISITOR, now=late)
    assert accepted.state == "confirmed"
    assert set(WaitingWish.objects.values_list("state", "offers")) == {("waiting", 1), ("booked", 1)}
    assert [fault for check in checks() for fault in check.faults] == []


def test_wish_that_does_not_suit_waits_and_a_person_wishes_once() -> None:
    of = session(doses=1)
    child = recipient(birth_date=NOW.date() - timedelta(days=365 * 5))
    services.join_waiting_list(recipient=child, place=of.site.place, by=VISITOR, now=NOW)
    with pytest.raises(errors.AlreadyWaiting):
        services.join_waiting_list(recipient=child, place=of.site.place, by=VISITOR, now=NOW)
    assert services.offer_freed_slots(by=SYSTEM, now=NOW) == []
    adult = services.join_waiting_list(
        recipient=recipient(), place=of.site.place, by=VISITOR, now=NOW + timedelta(hours=1)
    )
    (offer,) = services.offer_freed_slots(by=SYSTEM, now=NOW + timedelta(hours=1))
    assert offer.booking.recipient_id == adult.recipient_id
    services.leave_waiting_list(wish=adult, by=VISITOR, now=NOW)
    assert Booking.objects.get().state == "released"


def test_slot_that_begins_too_soon_is_not_offered() -> None:
    of = session(doses=1)
    services.join_waiting_list(recipient=recipient(), place=of.site.place, by=VISITOR, now=NOW)
    assert services.offer_freed_slots(by=SYSTEM, now=NINE - timedelta(hours=3)) == []


def test_booked_come_in_the_order_of_their_windows_and_every_fourth_call_is_a_walk_in() -> None:
    of = session(quotas={Channel.BOOKING: 10, Channel.WALK_IN: 10})
    by = hands(of)
    walk_ins = [services.check_in(session=of, recipient=recipient(), by=by, now=NINE) for _n in range(3)]
    booked = []
    for _person in range(6):
        who = recipient()
        made = services.book(recipient=who, slot=slot(of), by=VISITOR, now=NOW)
        booked.append(services.check_in(session=of, booking=made.booking, by=by, now=NINE))
    order = []
    for turn in range(10):
        called = services.call_next(session=of, by=by, now=NINE + timedelta(minutes=turn))
        order.append(called.number if called else None)
    w, b = [visit.number for visit in walk_ins], [visit.number for visit in booked]
    assert order == [b[0], b[1], b[2], w[0], b[3], b[4], b[5], w[1], w[2], None]


def test_check_in_knows_the_booking_and_refuses_twice_and_elsewhere() -> None:
    of, other = session(), session()
    who, by = recipient(), hands(of)
    made = services.book(recipient=who, slot=slot(of), by=VISITOR, now=NOW)
    with pytest.raises(errors.WrongSession):
        services.check_in(session=other, booking=made.booking, by=hands(other), now=NINE)
    visit = services.check_in(session=of, recipient=who, by=by, now=NINE)
    assert (visit.booking, visit.lane, visit.number) == (made.booking, "booking", 1)
    with pytest.raises(errors.AlreadyHere):
        services.check_in(session=of, booking=made.booking, by=by, now=NINE)
    with pytest.raises(errors.AnswersMissing):
        services.screen(visit=visit, answers={"fever": False}, by=by, now=NINE)
    services.leave_queue(visit=visit, by=by, now=NINE)
    assert (Booking.objects.get().state, Booking.objects.get().end_reason) == ("released", "left")


def offered() -> tuple[Session, WaitingWish]:
    of = session(doses=1)
    wish = services.join_waiting_list(recipient=recipient(), place=of.site.place, by=VISITOR, now=NOW)
    services.offer_freed_slots(by=SYSTEM, now=NOW)
    wish.refresh_from_db()
    assert wish.state == "offered"
    return of, wish


def test_declined_offer_goes_to_the_next_and_its_wish_waits_behind_the_others() -> None:
    of, first = offered()
    second = services.join_waiting_list(
        recipient=recipient(), place=of.site.place, by=VISITOR, now=NOW + timedelta(minutes=1)
    )
    assert first.booking is not None
    later = NOW + timedelta(minutes=5)
    services.cancel_booking(booking=first.booking, by=VISITOR, now=later)
    first.refresh_from_db()
    assert (first.state, first.booking, first.joined_at) == ("waiting", None, later)
    (made,) = services.offer_freed_slots(by=SYSTEM, now=later)
    assert made.booking.recipient_id == second.recipient_id


def test_wish_keeps_its_place_when_the_offered_session_is_called_off() -> None:
    of, wish = offered()
    services.cancel_session(session=of, by=staff("coordinator"), now=NOW + timedelta(minutes=5))
    wish.refresh_from_db()
    assert (wish.state, wish.booking, wish.joined_at) == ("waiting", None, NOW)


def test_somebody_who_booked_meanwhile_does_not_stand_before_the_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("kolaborasi.vaccination.services.waiting.LOOKED_AT", 1)
    of, other = session(doses=1), session()
    booked = recipient()
    services.join_waiting_list(recipient=booked, place=of.site.place, by=VISITOR, now=NOW)
    services.book(recipient=booked, slot=slot(other), by=VISITOR, now=NOW)
    wish = services.join_waiting_list(
        recipient=recipient(), place=of.site.place, by=VISITOR, now=NOW + timedelta(minutes=1)
    )
    (made,) = services.offer_freed_slots(by=SYSTEM, now=NOW + timedelta(minutes=2))
    assert made.booking.recipient_id == wish.recipient_id


def test_offer_that_is_left_ends_and_its_wish_with_it() -> None:
    _of, wish = offered()
    services.leave_waiting_list(wish=wish, by=VISITOR, now=NOW)
    wish.refresh_from_db()
    assert wish.state == "left"
    assert Booking.objects.get().state == "released"
