"""Verbs on bookings: book, book lists and walk-ins, cancel, reschedule, remind, mark no-shows."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from django.db import IntegrityError, transaction

from kolaborasi.commitments import services as commitments
from kolaborasi.commitments.errors import NotEnoughLeft
from kolaborasi.commitments.states import OPEN, CommitmentState
from kolaborasi.common.actors import Actor
from kolaborasi.common.errors import NotPermitted, Refused
from kolaborasi.partners.errors import PartnerNotActive
from kolaborasi.partners.models import Partner
from kolaborasi.partners.states import PartnerState
from kolaborasi.people.services import Identity
from kolaborasi.places.models import Place
from kolaborasi.stock.models import Balance
from kolaborasi.vaccination.errors import (
    AlreadyBooked,
    NoDoseLeft,
    NotEligible,
    ResidentsOnly,
    SessionNotOpen,
    SlotFull,
    SlotOver,
)
from kolaborasi.vaccination.models import Booking, EndReason, Recipient, Session, Slot, SlotQuota
from kolaborasi.vaccination.permissions import TABLE, require_any
from kolaborasi.vaccination.queries.supply import doses_to_give
from kolaborasi.vaccination.rules import REMIND_BEFORE, Channel, channels_open_to, eligibility
from kolaborasi.vaccination.services.endings import end_booking, end_bookings, tell
from kolaborasi.vaccination.services.recipients import enrol
from kolaborasi.vaccination.services.record import Marked, mark, mark_many
from kolaborasi.vaccination.services.situation import Room, Situation, situation
from kolaborasi.vaccination.services.supply import session_partners
from kolaborasi.vaccination.states import SessionState

TRIES = 5
ONE_PER_PERSON = "vaccination_one_next_dose_per_person"


@dataclass(frozen=True)
class Booked:
    """A booking and the secret part of its link, which is not stored and cannot be shown again."""

    booking: Booking
    token: str


@dataclass(frozen=True)
class ListedPerson:
    """A line of the list of an RT, RW or employer."""

    identity: Identity
    birth_date: date
    residence: Place | None = None
    vouched_by: Partner | None = None


@dataclass
class ListBooked:
    """What became of a list: bookings by line, and each refused line with its reason; lines from 1."""

    booked: dict[int, Booked] = field(default_factory=dict)
    refused: dict[int, Refused] = field(default_factory=dict)


def book(
    *, recipient: Recipient, slot: Slot, by: Actor, now: datetime, channel: Channel = Channel.BOOKING
) -> Booked:
    """Take a place in a window and a dose together.

    The place comes from the channel's own quota or, when that is used up, from those open to it by
    `rules.channels_open_to`; the dose from the lot of the session that expires first.

    Raises:
        SessionNotOpen, SlotOver, ResidentsOnly: nobody, nobody any more, or not this person may come.
        NotEligible: age, interval or schedule; details say from when.
        SlotFull: no quota open to the channel has room.
        NoDoseLeft: every dose of the session is promised.
        AlreadyBooked: the person has a next dose booked.
        PartnerNotActive: the responsible facility is frozen, paused or gone.
    """
    TABLE.require(by, "book")
    return _book(recipient, slot, channel, by, now)


def book_walk_in(*, recipient: Recipient, slot: Slot, by: Actor, now: datetime) -> Booked:
    """Book somebody who stands at the door, in the running window.

    Raises:
        NotPermitted: nobody of the session's partners, or coordinator.
        Refused: as `book`.
    """
    session = slot.session
    require_any(by, "book_walk_in", place_code=session.site.place.code, partner_ids=session_partners(session))
    return _book(recipient, slot, Channel.WALK_IN, by, now)


def book_collective(
    *, session: Session, people: Sequence[ListedPerson], by: Actor, now: datetime
) -> ListBooked:
    """Book the people of a list into the windows of a session, first line first; refused lines say why.

    Raises:
        NotPermitted: neither head of the RW, nor of the session's partners, nor coordinator.
        SessionNotOpen: it takes nobody.
    """
    area = session.residents_of.code if session.residents_of else session.site.place.code
    require_any(by, "book_collective", place_code=area, partner_ids=session_partners(session))
    if session.state != SessionState.OPEN:
        raise SessionNotOpen
    slots = list(session.slots.select_related("session").filter(ends_at__gt=now))
    result = ListBooked()
    for line, person in enumerate(people, start=1):
        try:
            result.booked[line] = _book_listed(person, slots, by, now)
        except Refused as refusal:
            result.refused[line] = refusal
    return result


def cancel_booking(
    *, booking: Booking, by: Actor, now: datetime, reason: EndReason = EndReason.CANCELLED
) -> Booking:
    """Give slot and dose back; others can take them at once.

    Raises:
        WrongState: it is over.
    """
    TABLE.require(by, "cancel_booking")
    with transaction.atomic():
        end_booking(booking, reason=reason, now=now)
        mark(
            verb="cancel_booking",
            event="booking_ended",
            subject=("vaccination.booking", booking.pk),
            by=by,
            now=now,
            reason=str(reason),
            session=booking.session_id,
        )
    return booking


def reschedule(
    *, booking: Booking, slot: Slot, by: Actor, now: datetime, channel: Channel | None = None
) -> Booking:
    """Move a booking to another window, also of another session; the old place stays until the new one is taken.

    Raises:
        WrongState: it is over.
        Refused: as `book`, for the new window.
    """
    TABLE.require(by, "reschedule")
    asked = channel or Channel(booking.channel)

    def move() -> Booking:
        found = situation(recipient_id=booking.recipient_id, slot_id=slot.pk, booking_id=booking.pk)
        number = require_allowed(found, now, at_the_door=asked == Channel.WALK_IN)
        quota, balance = _choose(found, asked, now, own=booking)
        commitments.retarget(
            booking, to={"quota": SlotQuota(pk=quota.pk), "balance": Balance(pk=balance.pk)}, now=now
        )
        booking.session_id, booking.dose_number, booking.channel = found.session_id, number, asked
        booking.reminded_at = None
        booking.save(update_fields=["session", "dose_number", "channel", "reminded_at"])
        mark(
            verb="reschedule",
            event="booking_moved",
            subject=("vaccination.booking", booking.pk),
            by=by,
            now=now,
            slot=slot.pk,
            session=found.session_id,
        )
        tell([_with_words(booking)], "vaccination_moved", now=now)
        return booking

    for turn in range(TRIES):
        try:
            with transaction.atomic():
                return move()
        except NotEnoughLeft:
            if turn == TRIES - 1:
                raise
    raise AssertionError("unreachable")


def send_reminders(*, by: Actor, now: datetime, limit: int = 1000) -> int:
    """Tell everybody whose window begins within a day, once; returns how many were told."""
    TABLE.require(by, "send_reminders")
    with transaction.atomic():
        due = list(
            Booking.objects.select_for_update(of=("self",), skip_locked=True, no_key=True)
            .filter(
                state=CommitmentState.CONFIRMED,
                reminded_at__isnull=True,
                quota__slot__starts_at__gt=now,
                quota__slot__starts_at__lte=now + REMIND_BEFORE,
            )
            .select_related("recipient__person", "quota__slot", "session__site")
            .order_by("pk")[:limit]
        )
        Booking.objects.filter(pk__in=[booking.pk for booking in due]).update(reminded_at=now)
        told = tell(due, "vaccination_reminder", now=now)
        subjects: list[Marked] = [("vaccination.booking", booking.pk, {}) for booking in due]
        mark_many(verb="send_reminders", event="reminded", subjects=subjects, by=by, now=now)
    return told


def mark_no_shows(*, session: Session, by: Actor, now: datetime, after: timedelta) -> list[Booking]:
    """End bookings whose window ended that long ago and whose person never came.

    Where the session has fewer doses to give than people still booked, those beyond the doses count as not served:
    nobody can miss a dose that was not there.

    Raises:
        NotPermitted: nobody of the session's partners, coordinator or the system.
    """
    place, partners = session.site.place.code, session_partners(session)
    require_any(by, "mark_no_shows", place_code=place, partner_ids=partners)
    with transaction.atomic():
        # Nobody checks in meanwhile: who is in the queue has not missed their time.
        Session.objects.select_for_update(no_key=True).get(pk=session.pk)
        missed = Booking.objects.filter(
            session=session,
            state__in=OPEN,
            quota__slot__ends_at__lte=now - after,
            visit__isnull=True,
        )
        waiting = Booking.objects.filter(session=session, state__in=OPEN).count()
        lacking = max(0, waiting - doses_to_give(session.location, session.date)[0])
        ended = end_bookings(
            missed, reason=EndReason.NO_SHOW, now=now, doses=max(0, missed.count() - lacking)
        )
        subjects: list[Marked] = [
            ("vaccination.booking", booking.pk, {"reason": booking.end_reason, "session": session.pk})
            for booking in ended
        ]
        mark_many(verb="mark_no_shows", event="booking_ended", subjects=subjects, by=by, now=now)
    return ended


def link_hash(token: str) -> str:
    """What is stored of the secret link of a booking."""
    return hashlib.sha256(token.encode()).hexdigest()


def take(
    found: Situation,
    *,
    channel: Channel,
    number: int,
    verb: str,
    by: Actor,
    now: datetime,
    held_until: datetime | None = None,
) -> Booked:
    """Hold slot and dose of a situation; inside the transaction of a verb that has asked for everything else.

    Raises:
        SlotFull, NoDoseLeft: as the situation was read.
        NotEnoughLeft: somebody was faster since.
        AlreadyBooked: the person has a next dose booked.
    """
    quota, balance = _choose(found, channel, now)
    token = secrets.token_urlsafe(16)
    booking = Booking(
        pk=found.next_booking_id,
        recipient_id=found.recipient_id,
        session_id=found.session_id,
        quota_id=quota.pk,
        balance_id=balance.pk,
        channel=channel,
        dose_number=number,
        quantity=1,
        state=CommitmentState.HELD if held_until else CommitmentState.CONFIRMED,
        held_until=held_until,
        booked_at=now,
        link_hash=link_hash(token),
    )
    # The marks go before the hold: rows everybody wants stay locked only from here to the commit.
    mark(
        verb=verb,
        event="booked",
        subject=("vaccination.booking", booking.pk),
        by=by,
        now=now,
        slot=found.slot_id,
        session=found.session_id,
        channel=str(channel),
    )
    try:
        commitments.hold(booking, now=now)
    except IntegrityError as error:
        if ONE_PER_PERSON in str(error):
            raise AlreadyBooked from error
        raise
    return Booked(booking, token)


def _book(recipient: Recipient, slot: Slot, channel: Channel, by: Actor, now: datetime) -> Booked:
    for _turn in range(TRIES):
        try:
            with transaction.atomic():
                found = situation(recipient_id=recipient.pk, slot_id=slot.pk)
                number = require_allowed(found, now, at_the_door=channel == Channel.WALK_IN)
                booked = take(found, channel=channel, number=number, verb="book", by=by, now=now)
                if found.reachable:
                    link = f"/vaccination/b/{booked.token}/"
                    tell([_with_words(booked.booking)], "vaccination_booked", now=now, link=link)
                return booked
        except NotEnoughLeft:
            # Somebody took the last one of this quota or lot since it was read; another may still have room.
            continue
    raise SlotFull(slot=slot.pk, channel=channel)


def _book_listed(person: ListedPerson, slots: Sequence[Slot], by: Actor, now: datetime) -> Booked:
    with transaction.atomic():
        recipient = enrol(
            identity=person.identity,
            birth_date=person.birth_date,
            residence=person.residence,
            vouched_by=person.vouched_by,
            by=by,
            now=now,
        )
        full: SlotFull | None = None
        for slot in slots:
            try:
                return _book(recipient, slot, Channel.COLLECTIVE, by, now)
            except SlotFull as refusal:
                full = refusal
        raise full or SlotOver()


def require_allowed(found: Situation, now: datetime, *, at_the_door: bool = False) -> int:
    """The number of the dose the person may have there.

    Args:
        at_the_door: somebody who stands there is not turned away because the window has just ended.

    Raises:
        SessionNotOpen, PartnerNotActive, SlotOver, ResidentsOnly, NotEligible, AlreadyBooked.
    """
    if found.session_state != SessionState.OPEN:
        raise SessionNotOpen
    if found.facility_state != PartnerState.ACTIVE:
        raise PartnerNotActive(found.facility_id, found.facility_state)
    if found.ends_at <= now and not at_the_door:
        raise SlotOver
    if found.residents_of and not lives_in(found.residence, found.residents_of):
        raise ResidentsOnly(found.residents_of)
    if found.open_booking_id is not None:
        raise AlreadyBooked(found.open_booking_id)
    may = eligibility(
        birth_date=found.birth_date,
        history=found.history,
        steps=found.steps,
        product=found.product,
        day=found.date,
    )
    if not may.allowed:
        raise NotEligible(may)
    return may.number


def _choose(
    found: Situation, channel: Channel, now: datetime, own: Booking | None = None
) -> tuple[Room, Room]:
    """The quota and the lot to take from; what the booking that moves holds already counts as free for it."""
    quotas = [
        found.quotas[donor]
        for donor in channels_open_to(channel, starts_at=found.starts_at, now=now)
        if donor in found.quotas
    ]
    held = (own.quota_id, own.balance_id) if own else (None, None)
    quota = next((quota for quota in quotas if quota.left > 0 or quota.pk == held[0]), None)
    if quota is None:
        raise SlotFull(slot=found.slot_id, channel=channel)
    free = [balance for balance in found.balances if balance.left > 0 or balance.pk == held[1]]
    balance = next((balance for balance in free if balance.pk == held[1]), next(iter(free), None))
    if balance is None:
        raise NoDoseLeft(session=found.session_id)
    return quota, balance


def lives_in(residence: str, area: str) -> bool:
    """Whether a place of residence lies in an area; both as codes."""
    return residence == area or residence.startswith((f"{area}.", f"{area}/"))


def _with_words(booking: Booking) -> Booking:
    return Booking.objects.select_related("recipient__person", "quota__slot", "session__site").get(
        pk=booking.pk
    )


def require_own_or_hands(booking: Booking, by: Actor) -> None:
    """Do nothing for the person's own account or somebody with a part in the session.

    Raises:
        NotPermitted: neither.
    """
    own = (
        by.user_id is not None
        and Recipient.objects.filter(pk=booking.recipient_id, person__account__pk=by.user_id).exists()
    )
    if not own:
        session = booking.session
        place, partners = session.site.place.code, session_partners(session)
        if not any(
            TABLE.allows(by, "check_in", place_code=place, partner_id=partner) for partner in partners
        ):
            raise NotPermitted
