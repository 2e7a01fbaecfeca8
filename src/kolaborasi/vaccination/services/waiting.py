"""Verbs on the waiting list: join, leave, offer freed slots in order, accept, expire."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from kolaborasi.commitments import services as commitments
from kolaborasi.commitments.errors import NotEnoughLeft
from kolaborasi.commitments.states import OPEN, CommitmentState
from kolaborasi.common.actors import Actor
from kolaborasi.common.errors import Refused
from kolaborasi.places.models import Place
from kolaborasi.vaccination.errors import AlreadyWaiting, OfferOver
from kolaborasi.vaccination.models import Booking, EndReason, Product, Recipient, Slot, SlotQuota, WaitingWish
from kolaborasi.vaccination.permissions import TABLE
from kolaborasi.vaccination.rules import OFFER_LIFE, Channel
from kolaborasi.vaccination.services.bookings import Booked, require_allowed, take
from kolaborasi.vaccination.services.endings import end_booking, tell
from kolaborasi.vaccination.services.record import Marked, mark, mark_many
from kolaborasi.vaccination.services.situation import situation
from kolaborasi.vaccination.states import WAITING, SessionState, WaitingState

SOONEST = OFFER_LIFE * 2
"""A slot that begins sooner is not offered: there is no time to answer and to travel."""

LOOKED_AT = 500
"""Wishes tried for one slot before the next slot has its turn."""


def join_waiting_list(
    *, recipient: Recipient, place: Place, by: Actor, now: datetime, product: Product | None = None
) -> WaitingWish:
    """Ask for the next free time in an area; offers come in the order of asking.

    Raises:
        AlreadyWaiting: the person asked already.
    """
    TABLE.require(by, "join_waiting_list")
    try:
        with transaction.atomic():
            wish = WaitingWish.objects.create(
                recipient=recipient, place=place, product=product, joined_at=now
            )
            mark(
                verb="join_waiting_list",
                event="waiting_joined",
                subject=("vaccination.wish", wish.pk),
                by=by,
                now=now,
                place=place.code,
            )
    except IntegrityError as error:
        if "vaccination_wish_is_one_per_person" in str(error):
            raise AlreadyWaiting from error
        raise
    return wish


def leave_waiting_list(*, wish: WaitingWish, by: Actor, now: datetime) -> WaitingWish:
    """Take a wish back; an offer that was not answered goes to the next one.

    Raises:
        WrongState: it was granted or taken back before.
    """
    TABLE.require(by, "leave_waiting_list")
    with transaction.atomic():
        locked = WaitingWish.objects.select_for_update(no_key=True).get(pk=wish.pk)
        offered = locked.state == WaitingState.OFFERED
        locked.state = WAITING.move(locked.state, "leave")
        if offered and locked.booking is not None and locked.booking.state == CommitmentState.HELD:
            end_booking(locked.booking, reason=EndReason.CANCELLED, now=now)
        locked.save(update_fields=["state"])
        mark(
            verb="leave_waiting_list",
            event="waiting_left",
            subject=("vaccination.wish", wish.pk),
            by=by,
            now=now,
        )
    return locked


def offer_freed_slots(*, by: Actor, now: datetime, limit: int = 200) -> list[Booked]:
    """Hold free places for those who wait longest, for two hours each; returns the offers made.

    A place is free when the quota for bookings or returners has room and a dose is left. Slots are offered first
    begin first; each goes to the first wish it suits: area, product, age and interval.
    """
    TABLE.require(by, "offer_freed_slots")
    offers: list[Booked] = []
    for slot in _free_slots(now):
        for wish in _suited(slot):
            if len(offers) >= limit:
                return offers
            made = _offer(wish, slot, by, now)
            if made is not None:
                offers.append(made)
    return offers


def accept_offer(*, booking: Booking, by: Actor, now: datetime) -> Booking:
    """Take an offered place.

    Raises:
        OfferOver: its time has passed, or it was answered already.
    """
    TABLE.require(by, "accept_offer")
    with transaction.atomic():
        wish = WaitingWish.objects.select_for_update(no_key=True).filter(booking=booking).first()
        if wish is None or wish.state != WaitingState.OFFERED:
            raise OfferOver
        commitments.confirm(booking, now=now)
        wish.state = WAITING.move(wish.state, "accept")
        wish.save(update_fields=["state"])
        mark(
            verb="accept_offer",
            event="offer_accepted",
            subject=("vaccination.booking", booking.pk),
            by=by,
            now=now,
            wish=wish.pk,
        )
    return booking


def expire_offers(*, by: Actor, now: datetime, limit: int = 1000) -> list[Booking]:
    """End offers that were not answered in time; their wishes wait on behind the others."""
    TABLE.require(by, "expire_offers")
    with transaction.atomic():
        ended = commitments.expire(Booking, now=now, limit=limit)
        keys = [booking.pk for booking in ended]
        Booking.objects.filter(pk__in=keys).update(ended_at=now, end_reason=EndReason.LAPSED)
        WaitingWish.objects.filter(booking__in=keys, state=WaitingState.OFFERED).update(
            state=WaitingState.WAITING, joined_at=now, booking=None
        )
        subjects: list[Marked] = [("vaccination.booking", pk, {}) for pk in keys]
        mark_many(verb="expire_offers", event="offer_expired", subjects=subjects, by=by, now=now)
    return ended


def _free_slots(now: datetime) -> QuerySet[Slot]:
    room = SlotQuota.objects.filter(
        slot=OuterRef("pk"), channel__in=[Channel.BOOKING, Channel.RETURNING], limit__gt=F("committed")
    )
    doses = Q(session__location__balance__limit__gt=F("session__location__balance__committed"))
    return (
        Slot.objects.filter(
            doses, Exists(room), session__state=SessionState.OPEN, starts_at__gt=now + SOONEST
        )
        .select_related("session__site__place__parent__parent")
        .order_by("starts_at", "pk")
        .distinct()
    )


def _suited(slot: Slot) -> list[WaitingWish]:
    """Wishes whose area holds the site and whose product is given there, in the order of asking."""
    place: Place | None = slot.session.site.place
    areas = []
    while place is not None:
        areas.append(place.pk)
        place = place.parent
    # Somebody who booked in another way must not stand before those who have nothing.
    booked = Booking.objects.filter(recipient=OuterRef("recipient"), state__in=OPEN)
    return list(
        WaitingWish.objects.filter(~Exists(booked), state=WaitingState.WAITING, place__in=areas)
        .filter(Q(product__isnull=True) | Q(product=slot.session.product_id))
        .select_related("recipient__person")[:LOOKED_AT]
    )


def _offer(wish: WaitingWish, slot: Slot, by: Actor, now: datetime) -> Booked | None:
    """Hold the slot for the wish; None when it does not suit or somebody was faster."""
    try:
        with transaction.atomic():
            locked = (
                WaitingWish.objects.select_for_update(no_key=True, skip_locked=True)
                .filter(pk=wish.pk, state=WaitingState.WAITING)
                .first()
            )
            if locked is None:
                return None
            found = situation(recipient_id=wish.recipient_id, slot_id=slot.pk)
            number = require_allowed(found, now)
            channel = Channel.BOOKING if number == 1 else Channel.RETURNING
            made = take(
                found,
                channel=channel,
                number=number,
                verb="offer_freed_slots",
                by=by,
                now=now,
                held_until=now + OFFER_LIFE,
            )
            locked.state, locked.booking = WAITING.move(locked.state, "offer"), made.booking
            locked.offers += 1
            locked.save(update_fields=["state", "booking", "offers"])
            booking = Booking.objects.select_related("recipient__person", "quota__slot", "session__site").get(
                pk=made.booking.pk
            )
            tell([booking], "vaccination_offer", now=now, link=f"/vaccination/b/{made.token}/")
            return made
    except (Refused, NotEnoughLeft):
        return None
