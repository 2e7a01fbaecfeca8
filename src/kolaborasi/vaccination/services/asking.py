"""Verbs of people who are not known yet: ask for a booking, for a place on the waiting list, for one's card.

Whoever types in a number learns nothing about it. The answer is the same whether the number is known or not; what
became of it goes to the contact on record, and for somebody new to the contact they gave. A booking is held for an hour
until the link in that message is followed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, QuerySet

from kolaborasi.commitments import services as commitments
from kolaborasi.commitments.errors import NotEnoughLeft
from kolaborasi.commitments.states import CommitmentState
from kolaborasi.common.actors import Actor
from kolaborasi.common.errors import Refused
from kolaborasi.messages.models import Message
from kolaborasi.messages.services import enqueue
from kolaborasi.people.errors import AlreadyRegistered
from kolaborasi.people.models import Person
from kolaborasi.people.queries import contact_digests, find_by_email, find_by_phone
from kolaborasi.people.services import Identity, correct, vouch_for_contact
from kolaborasi.places.models import Place
from kolaborasi.vaccination.errors import (
    AlreadyBooked,
    AlreadyWaiting,
    NoContactGiven,
    NotEligible,
    NotReachable,
    ResidentsOnly,
    SessionNotOpen,
    SlotFull,
    SlotOver,
    TooManyAsked,
)
from kolaborasi.vaccination.models import Booking, EndReason, Product, Recipient, Slot, WaitingWish
from kolaborasi.vaccination.passes import card_link
from kolaborasi.vaccination.permissions import TABLE
from kolaborasi.vaccination.queries.people import steps_on
from kolaborasi.vaccination.rules import (
    CONFIRM_LIFE,
    MOST_ASKED,
    MOST_TOLD,
    Channel,
    DoseFault,
    Eligibility,
    age_on,
)
from kolaborasi.vaccination.services.bookings import Booked, lives_in, require_allowed, take
from kolaborasi.vaccination.services.endings import channel_to, end_booking, tell
from kolaborasi.vaccination.services.recipients import (
    BY_ENROLMENT,
    is_same,
    known_person,
    of_person,
    require_sound,
)
from kolaborasi.vaccination.services.record import mark
from kolaborasi.vaccination.services.situation import situation
from kolaborasi.vaccination.services.waiting import accept_offer, join_waiting_list
from kolaborasi.vaccination.states import SessionState, WaitingState

BY_LINK = Actor.system("booking-link")
TRIES = 5
TOLD = ("vaccination_confirm", "vaccination_not_booked", "vaccination_waiting", "vaccination_card")
OF_THE_RECORD = (AlreadyBooked, NotEligible, ResidentsOnly)
"""Refusals that say something about a person; they are told to the contact on record and to nobody else."""


@dataclass(frozen=True)
class Applicant:
    """Who somebody says they are.

    Args:
        identity: name, NIK or passport, and a contact.
        person: of the account that is signed in; becomes the recipient when nobody else has the number.
    """

    identity: Identity
    birth_date: date
    residence: Place | None = None
    person: Person | None = None


def ask_to_book(*, applicant: Applicant, slot: Slot, by: Actor, now: datetime) -> None:
    """Hold a place and a dose for an hour, until the link sent to the person is followed; the last wish counts.

    Nothing is returned and nothing about the person refused, so that nobody learns whether a number is known: somebody
    whose name and birth date are not those on record gets no booking, and one who may not have the dose is told why by
    a message to the contact on record.

    Raises:
        SessionNotOpen, SlotOver, SlotFull, NoDoseLeft, ResidentsOnly, NotEligible: nobody may come, or nobody who
            lives there or is so young.
        TooManyAsked: the contact leaves five bookings unconfirmed.
        NoContactGiven: nobody could be told.
        NoPapers, NikDoesNotFit, NotANik, NotAPassport, NotAContact: what was typed cannot be anybody's.
    """
    TABLE.require(by, "ask_to_book")
    _require_reachable(applicant)
    require_sound(applicant.identity, applicant.birth_date, now)
    _require_open_to(slot, applicant, now)
    with transaction.atomic():
        _refuse_hoarding(applicant.identity, now)
        recipient = _recipient(applicant, by, now)
        if recipient is not None and _may_be_told(recipient, now):
            _hold_or_tell(recipient, slot, by, now)
        mark(
            verb="ask_to_book",
            event="booking_asked",
            subject=("vaccination.slot", slot.pk),
            by=by,
            now=now,
        )


def ask_to_wait(
    *, applicant: Applicant, place: Place, by: Actor, now: datetime, product: Product | None = None
) -> None:
    """Put somebody on the waiting list of an area; offers go to their contact, which is told so now.

    As with `ask_to_book`, the answer does not depend on whether the number is known.

    Raises:
        NoContactGiven, NoPapers, NikDoesNotFit, NotEligible, NotANik, NotAPassport, NotAContact: as in `ask_to_book`.
    """
    TABLE.require(by, "ask_to_wait")
    _require_reachable(applicant)
    require_sound(applicant.identity, applicant.birth_date, now)
    with transaction.atomic():
        recipient = _recipient(applicant, by, now)
        if recipient is not None and _may_be_told(recipient, now):
            try:
                with transaction.atomic():
                    join_waiting_list(recipient=recipient, place=place, product=product, by=by, now=now)
            except AlreadyWaiting:
                # The message has the link to the wish, which is what somebody who asks again needs.
                pass
            _tell_of_card(recipient, "vaccination_waiting", now)
        mark(
            verb="ask_to_wait",
            event="waiting_asked",
            subject=("places.place", place.pk),
            by=by,
            now=now,
        )


def ask_for_card(*, identity: Identity, birth_date: date, by: Actor, now: datetime) -> None:
    """Send the link to somebody's card to the contact on record, when number and birth date are theirs.

    Raises:
        NoPapers, NikDoesNotFit, NotEligible, NotANik, NotAPassport: as in `ask_to_book`.
    """
    TABLE.require(by, "ask_for_card")
    require_sound(identity, birth_date, now)
    with transaction.atomic():
        person = known_person(identity)
        found = Recipient.objects.filter(person=person, birth_date=birth_date).select_related("person")
        recipient = found.first() if person is not None else None
        if recipient is not None and _may_be_told(recipient, now):
            _tell_of_card(recipient, "vaccination_card", now)
        mark(
            verb="ask_for_card",
            event="card_asked",
            subject=("vaccination.card", "link"),
            by=by,
            now=now,
        )


def send_card(*, booking: Booking, by: Actor, now: datetime) -> None:
    """Send the link to the card of a booking's person to their contact: the booking's own link does not open it.

    Raises:
        NotReachable: no contact is on record, or several messages went there within the hour.
    """
    TABLE.require(by, "send_card")
    recipient = booking.recipient
    with transaction.atomic():
        if not _may_be_told(recipient, now):
            raise NotReachable
        _tell_of_card(recipient, "vaccination_card", now)
        mark(
            verb="send_card",
            event="card_sent",
            subject=("vaccination.booking", booking.pk),
            by=by,
            now=now,
        )


def confirm_booking(*, booking: Booking, by: Actor, now: datetime) -> Booking:
    """The link sent to the contact was followed: the booking stands. Offers of the waiting list are accepted so too.

    Raises:
        OfferOver, HoldExpired: too late; slot and dose were given back.
        WrongState: it stands already, or is over.
    """
    TABLE.require(by, "confirm_booking")
    if booking.state == CommitmentState.HELD and is_offer(booking):
        return accept_offer(booking=booking, by=by, now=now)
    with transaction.atomic():
        commitments.confirm(booking, now=now)
        person = booking.recipient.person
        channel = channel_to(person)
        if channel is not None:
            # Who holds the link has read the message, so the contact it went to is theirs.
            vouch_for_contact(person=person, channel=channel, by=BY_LINK, now=now)
        mark(
            verb="confirm_booking",
            event="booking_confirmed",
            subject=("vaccination.booking", booking.pk),
            by=by,
            now=now,
        )
    return booking


def is_offer(booking: Booking) -> bool:
    """Whether a held booking is an offer of the waiting list."""
    return WaitingWish.objects.filter(booking=booking, state=WaitingState.OFFERED).exists()


def _require_reachable(applicant: Applicant) -> None:
    """Asked of everybody, also of those who are known and reached at another contact."""
    if applicant.person is None and not applicant.identity.email and not applicant.identity.phone:
        raise NoContactGiven


def _require_open_to(slot: Slot, applicant: Applicant, now: datetime) -> None:
    """What can be refused without looking at anybody's record."""
    session = slot.session
    if session.state != SessionState.OPEN:
        raise SessionNotOpen
    if slot.ends_at <= now:
        raise SlotOver
    area = session.residents_of
    if area is not None and not lives_in(applicant.residence.code if applicant.residence else "", area.code):
        raise ResidentsOnly(area.code)
    steps = [step for step in steps_on(session.date) if step.product == session.product.code]
    age = age_on(applicant.birth_date, session.date)
    if steps and age < min(step.min_age for step in steps):
        raise NotEligible(Eligibility(1, (DoseFault.UNDER_AGE,), None, None, ()))
    if steps and all(step.is_outgrown_at(age) for step in steps):
        raise NotEligible(Eligibility(1, (DoseFault.OVER_AGE,), None, None, ()))


def _refuse_hoarding(identity: Identity, now: datetime) -> None:
    """A contact that never confirms cannot hold what others would take."""
    email, phone = identity.email, identity.phone
    with connection.cursor() as cursor:
        # Nobody else counts this contact's bookings until this transaction ends; the keyed digest names nobody.
        for digest in contact_digests(email=email, phone=phone):
            key = int.from_bytes(digest[:8], "big", signed=True)
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [key])
    known = [*(find_by_email(email) if email else ()), *(find_by_phone(phone) if phone else ())]
    if known and _asked().filter(recipient__in=known, held_until__gt=now).count() >= MOST_ASKED:
        raise TooManyAsked


def _asked() -> QuerySet[Booking]:
    """Bookings that wait for their link to be followed; offers of the waiting list are none of them."""
    offered = WaitingWish.objects.filter(booking=OuterRef("pk"))
    return Booking.objects.filter(~Exists(offered), state=CommitmentState.HELD)


def _recipient(applicant: Applicant, by: Actor, now: datetime) -> Recipient | None:
    """Whom it is about; None when name or birth date are not those on record."""
    identity, birth_date = applicant.identity, applicant.birth_date
    known = known_person(identity)
    if known is not None:
        if not is_same(known, identity.name, birth_date, now):
            return None
        if identity.address and not known.address:
            # Whoever only types in a number never moves a visit that is on record to another door.
            correct(person=known, changes={"address": identity.address}, by=BY_ENROLMENT, now=now)
        return of_person(known, identity, birth_date, applicant.residence, by, now)
    own = applicant.person
    if own is not None and not Recipient.objects.filter(person=own).exists():
        changes = {name: getattr(identity, name) for name in ("name", "nik", "passport", "phone", "address")}
        correct(
            person=own,
            changes={name: text for name, text in changes.items() if text},
            by=BY_ENROLMENT,
            now=now,
        )
        own.refresh_from_db()
        return of_person(own, identity, birth_date, applicant.residence, by, now)
    try:
        return of_person(None, identity, birth_date, applicant.residence, by, now)
    except AlreadyRegistered:
        # The same number came in a second form at the same moment.
        return _recipient(applicant, by, now)


def _hold_or_tell(recipient: Recipient, slot: Slot, by: Actor, now: datetime) -> None:
    try:
        with transaction.atomic():
            # Two wishes of one person come one after the other, so that the second sees what the first one holds.
            Recipient.objects.select_for_update(no_key=True).get(pk=recipient.pk)
            _end_unconfirmed(recipient, now)
            booked = _hold(recipient, slot, by, now)
            tell_about(booked.booking, "vaccination_confirm", now=now, link=f"/vaccination/b/{booked.token}/")
    except OF_THE_RECORD as refusal:
        _tell_refused(recipient, refusal, now)


def _end_unconfirmed(recipient: Recipient, now: datetime) -> None:
    """The last wish counts: an earlier one that nobody confirmed makes room."""
    before = _asked().filter(recipient=recipient).first()
    if before is not None:
        end_booking(before, reason=EndReason.CANCELLED, now=now)


def _hold(recipient: Recipient, slot: Slot, by: Actor, now: datetime) -> Booked:
    until = min(now + CONFIRM_LIFE, slot.ends_at)
    for _turn in range(TRIES):
        try:
            with transaction.atomic():
                found = situation(recipient_id=recipient.pk, slot_id=slot.pk)
                number = require_allowed(found, now)
                channel = channel_for(number)
                return take(
                    found, channel=channel, number=number, verb="hold", by=by, now=now, held_until=until
                )
        except NotEnoughLeft:
            continue
    raise SlotFull(slot=slot.pk, channel=Channel.BOOKING)


def channel_for(number: int) -> Channel:
    """The channel of somebody who books a dose: those due for a next one have places of their own."""
    return Channel.BOOKING if number == 1 else Channel.RETURNING


def _may_be_told(recipient: Recipient, now: datetime) -> bool:
    """Whether somebody can be reached and got few messages of this kind in the last hour.

    Whoever knows a number could otherwise have its owner's telephone ring all day.
    """
    if channel_to(recipient.person) is None:
        return False
    lately = Message.objects.filter(
        recipient=recipient.pk, template__in=TOLD, created_at__gt=now - timedelta(hours=1)
    )
    return lately.count() < MOST_TOLD


def tell_about(booking: Booking, template: str, *, now: datetime, **context: object) -> None:
    """A message about one booking to its person, when they can be reached."""
    found = Booking.objects.select_related("recipient__person", "quota__slot", "session__site")
    tell([found.get(pk=booking.pk)], template, now=now, **context)


def _tell_refused(recipient: Recipient, refusal: Refused, now: datetime) -> None:
    faults = refusal.details.get("faults")
    _tell_of_card(recipient, "vaccination_not_booked", now, reason=faults[0] if faults else refusal.code)


def _tell_of_card(recipient: Recipient, template: str, now: datetime, **context: object) -> None:
    enqueue(
        template=template,
        recipient=recipient.pk,
        channel=channel_to(recipient.person) or "",
        context={"link": card_link(recipient.pk, now=now), **context},
        now=now,
    )
