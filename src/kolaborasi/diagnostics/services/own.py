"""Verbs on one's own test: book_own_test, rebook, cancel_own; by account, or by the secret link for visitors."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import connection, transaction
from django.db.models import Q

from kolaborasi.commitments import services as commitments
from kolaborasi.commitments.states import CommitmentState
from kolaborasi.common.actors import Actor
from kolaborasi.common.errors import NotPermitted
from kolaborasi.diagnostics.errors import NumbersRefused, SlotOver, TooManyWaiting
from kolaborasi.diagnostics.models import Booking, Order, Slot
from kolaborasi.diagnostics.permissions import TABLE
from kolaborasi.diagnostics.queries.own import order_by_ticket, ticket_of
from kolaborasi.diagnostics.queries.people import person_of
from kolaborasi.diagnostics.rules.own import MOST_WAITING, OWN_REASONS, own_priority
from kolaborasi.diagnostics.services.orders import DESK, Wish, locked_order, place_order
from kolaborasi.diagnostics.services.record import mark
from kolaborasi.diagnostics.states import ORDER, OrderState
from kolaborasi.messages.models import Channel
from kolaborasi.messages.services import enqueue
from kolaborasi.partners.services import require_active
from kolaborasi.people.models import Person
from kolaborasi.people.queries import contact_digests, find_by_email, find_by_phone
from kolaborasi.people.services import Identity, register
from kolaborasi.places.models import Place

A_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Asking:
    """What somebody says who asks for a test of their own; the card is checked at the site.

    Args:
        reason: one of `OWN_REASONS`.
        channel: how the link and the result are sent.
        identity: name and contact of a visitor; None for the person of the account.
    """

    birth_date: date
    sex: str
    reason: str
    residence: Place | None
    channel: str = Channel.EMAIL
    language: str = "id"
    identity: Identity | None = None


@dataclass(frozen=True)
class Booked:
    """An order with its place, and the secret part of the link to it."""

    order: Order
    booking: Booking
    ticket: str


def book_own_test(*, asking: Asking, slot: Slot, by: Actor, now: datetime) -> Booked:
    """Order a test for oneself and take a place of a slot for it, both or none; the link is sent.

    Raises:
        NotPermitted: neither a name with a contact nor an account with a person.
        NotAContact: the number or address cannot be one.
        NumbersRefused: no such birth date or reason, or nothing to reach them by.
        DuplicateOrder: the account's person already waits for a swab.
        TooManyWaiting: as many wait with this contact, or were ordered within a day, as one may.
        SlotOver, NotEnoughLeft, WrongSite, PartnerNotActive.
    """
    TABLE.require(by, "book_own_test")
    if asking.reason not in OWN_REASONS:
        raise NumbersRefused("reason")
    if slot.starts_at <= now:
        raise SlotOver
    with transaction.atomic():
        person = _person(asking, by, now)
        wish = Wish(
            reason=asking.reason,
            site=slot.site,
            priority=own_priority(asking.reason),
            channel=asking.channel,
            language=asking.language,
            residence=asking.residence,
        )
        order = place_order(person, asking.birth_date, asking.sex, wish, by, now)
        booked = Booked(order, take_place(order, slot, now), ticket_of(order.pk))
        send_link(booked.order, booked.ticket, now)
        subject = ("diagnostics.order", order.pk)
        mark(verb="book_own_test", event="test_booked", subject=subject, by=by, now=now, slot=slot.pk)
    return booked


def rebook(*, ticket: str, slot: Slot, by: Actor, now: datetime) -> Booking:
    """Take another place for one's own order; the one booked before is given back.

    Raises:
        LinkUnknown: nobody was given this link.
        SlotOver, NotEnoughLeft, WrongState, PartnerNotActive.
    """
    TABLE.require(by, "rebook")
    if slot.starts_at <= now:
        raise SlotOver
    with transaction.atomic():
        require_active(slot.site.partner_id)
        order = locked_order(order_by_ticket(ticket))
        ORDER.move(order.state, "collect")
        _give_back(order, now)
        booking = take_place(order, slot, now)
        Order.objects.filter(pk=order.pk).update(site_id=slot.site_id)
        subject = ("diagnostics.booking", booking.pk)
        mark(verb="rebook", event="slot_booked", subject=subject, by=by, now=now, slot=slot.pk)
    return booking


def cancel_own(*, ticket: str, by: Actor, now: datetime) -> Order:
    """Cancel one's own order; the place is given back.

    Raises:
        LinkUnknown: nobody was given this link.
        WrongState: a swab was taken, or it is cancelled already.
    """
    TABLE.require(by, "cancel_own")
    with transaction.atomic():
        order = locked_order(order_by_ticket(ticket))
        order.state = ORDER.move(order.state, "cancel")
        order.save(update_fields=["state"])
        _give_back(order, now)
        subject = ("diagnostics.order", order.pk)
        mark(verb="cancel_own", event="order_cancelled", subject=subject, by=by, now=now)
    return order


def take_place(order: Order, slot: Slot, now: datetime) -> Booking:
    """Promise a place of a slot to an order, in the caller's transaction.

    Raises:
        NotEnoughLeft: no place is left.
    """
    booking = Booking(order=order, slot=slot, quantity=1, state=CommitmentState.CONFIRMED, booked_at=now)
    commitments.hold(booking, now=now)
    return booking


def _give_back(order: Order, now: datetime) -> None:
    for before in Booking.objects.filter(order=order, state__in=["held", "confirmed"]):
        commitments.release(before, now=now)


def _person(asking: Asking, by: Actor, now: datetime) -> Person:
    """The person of the account, or a newly registered visitor."""
    if asking.identity is None:
        person = person_of(by.user_id)
        if person is None:
            raise NotPermitted
        return person
    identity = asking.identity
    if not identity.name.strip():
        raise NumbersRefused("name")
    if not (identity.email if asking.channel == Channel.EMAIL else identity.phone):
        raise NumbersRefused("contact")
    _bound_contact(identity, now)
    return register(identity=identity, by=DESK, now=now)


def _bound_contact(identity: Identity, now: datetime) -> None:
    """One contact gets no more places, and no more messages, than a family needs.

    Whether the same person waits already is not asked: the answer would tell a stranger who was tested. The site sees
    it when it confirms the card.
    """
    _lock_contact(identity)
    known = {
        *(find_by_email(identity.email) if identity.email else ()),
        *(find_by_phone(identity.phone) if identity.phone else ()),
    }
    counted = Q(state=OrderState.REQUESTED) | Q(ordered_at__gt=now - A_DAY)
    if Order.objects.filter(counted, person__in=known).count() >= MOST_WAITING:
        raise TooManyWaiting


def _lock_contact(identity: Identity) -> None:
    """Nobody else counts this contact's orders until this transaction ends; the keyed digest names nobody."""
    with connection.cursor() as cursor:
        for digest in contact_digests(email=identity.email, phone=identity.phone):
            key = int.from_bytes(digest[:8], "big", signed=True)
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [key])


def send_link(order: Order, ticket: str, now: datetime) -> None:
    """Send the link to one's own order."""
    enqueue(
        template="diagnostics_booked",
        recipient=order.person_id,
        channel=order.channel,
        language=order.language,
        context={"link": f"/diagnostics/booking/{ticket}/"},
        now=now,
    )
