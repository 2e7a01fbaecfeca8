"""Verbs on recipients: enrol, see, change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils.timezone import localdate

from kolaborasi.common.actors import Actor, ActorKind
from kolaborasi.common.errors import NotPermitted
from kolaborasi.partners.models import Partner
from kolaborasi.partners.services import require_active
from kolaborasi.people import queries as people
from kolaborasi.people.models import Person
from kolaborasi.people.rules import NotANumber, read_nik
from kolaborasi.people.services import Identity, correct, look_at_many_for_care, normal_values, register
from kolaborasi.places.models import Place
from kolaborasi.vaccination.errors import NikDoesNotFit, NikOfSomebodyElse, NoPapers, NotEligible
from kolaborasi.vaccination.models import Booking, Group, IdentifiedBy, Recipient, Session, SessionKind, Visit
from kolaborasi.vaccination.permissions import TABLE, allows_any, require_any
from kolaborasi.vaccination.queries.people import concerned_with, recipient_of_account
from kolaborasi.vaccination.rules import DoseFault, Eligibility, age_on, same_name
from kolaborasi.vaccination.services.record import mark
from kolaborasi.vaccination.services.supply import session_partners

BY_ENROLMENT = Actor.system("vaccination-enrolment")
OLDEST = 125


def enrol(
    *,
    identity: Identity,
    birth_date: date,
    by: Actor,
    now: datetime,
    residence: Place | None = None,
    group: Group | None = None,
    vouched_by: Partner | None = None,
    card_seen: bool = False,
) -> Recipient:
    """The recipient behind an identity: the one on record, or a new one.

    Args:
        identity: name with NIK, passport, or neither when `vouched_by` is given.
        residence: kelurahan or RW where the person lives; decides whose coverage counts them.
        group: target group; by age when absent.
        vouched_by: partner whose case worker knows somebody without papers.
        card_seen: an officer has the card in hand and says that its number is right although it has another birth
            date in it.

    Raises:
        NotPermitted: somebody vouches who is no member of the partner.
        NoPapers: neither number nor word.
        NikDoesNotFit: the NIK has another birth date in it.
        NikOfSomebodyElse: the number is registered with another name or birth date.
        NotEligible: the birth date lies in the future.
        NotANik, NotAPassport, NotAContact: a value cannot be what it claims to be.
    """
    TABLE.require(by, "enrol")
    require_birth_date(birth_date, now)
    how = _identified_by(identity, vouched_by)
    if how == IdentifiedBy.NIK and not (card_seen and by.kind == ActorKind.USER):
        _require_fitting_nik(identity.nik, birth_date, now)
    with transaction.atomic():
        if vouched_by is not None:
            TABLE.require(by, "enrol_by_word", partner_id=vouched_by.pk, place_code=_code(residence))
            require_active(vouched_by.pk)
        known = known_person(identity)
        if known is not None and not is_same(known, identity.name, birth_date, now):
            # Staff need to know whose record it is to correct it; nobody else learns anything.
            raise NikOfSomebodyElse(recipient=str(known.pk) if by.roles else None)
        vouched = vouched_by if how == IdentifiedBy.WORD else None
        return of_person(known, identity, birth_date, residence, by, now, group=group, vouched_by=vouched)


def of_person(
    person: Person | None,
    identity: Identity,
    birth_date: date,
    residence: Place | None,
    by: Actor,
    now: datetime,
    *,
    group: Group | None = None,
    vouched_by: Partner | None = None,
) -> Recipient:
    """The recipient of a person, made when there is none; inside the transaction of a verb.

    Args:
        person: None for somebody nobody knows yet, who is registered.
    """
    found = Recipient.objects.filter(person=person).select_related("person").first() if person else None
    if found is not None:
        return found
    how = _identified_by(identity, vouched_by)
    recipient = Recipient.objects.create(
        person=person or register(identity=identity, by=BY_ENROLMENT, now=now),
        birth_date=birth_date,
        sex=_sex(identity, now),
        group=group or group_by_age(age_on(birth_date, localdate(now))),
        residence=residence,
        identified_by=how,
        vouched_by=vouched_by,
        enrolled_at=now,
    )
    mark(
        verb="enrol",
        event="enrolled",
        subject=("people.person", recipient.pk),
        by=by,
        now=now,
        identified_by=str(how),
    )
    return recipient


def require_sound(identity: Identity, birth_date: date, now: datetime) -> None:
    """Refuse what cannot be anybody's, whoever is on record.

    Raises:
        NoPapers, NikDoesNotFit, NotEligible, NotANik, NotAPassport, NotAContact.
    """
    require_birth_date(birth_date, now)
    if _identified_by(identity, None) == IdentifiedBy.NIK:
        _require_fitting_nik(identity.nik, birth_date, now)
    normal_values({name: text for name, text in asdict(identity).items() if text}, now)


def see_recipients(
    *, session: Session, recipients: Sequence[Recipient], by: Actor, now: datetime
) -> dict[UUID, dict[str, str]]:
    """Names and numbers of people who are booked or here, for those who receive them; each look is on record.

    Returns:
        `name`, `nik` and `passport`, as far as known, by person; nobody who has no business in the session. For home
        visits `address` and `phone` too: who visits must find the door.

    Raises:
        NotPermitted: nobody of the session's partners, verifier or coordinator.
    """
    place, partners = session.site.place.code, session_partners(session)
    require_any(by, "see_recipients", place_code=place, partner_ids=partners)
    concerned = Person.objects.filter(
        Q(pk__in=Booking.objects.filter(session=session).values("recipient"))
        | Q(pk__in=Visit.objects.filter(session=session).values("recipient")),
        pk__in=[recipient.pk for recipient in recipients],
    )
    to_the_door = ("address", "phone") if session.kind == SessionKind.HOME else ()
    return look_at_many_for_care(
        people=concerned, fields=["name", "nik", "passport", *to_the_door], by=by, now=now
    )


def see_record(*, recipient: Recipient, by: Actor, now: datetime) -> None:
    """Let somebody read the doses, bookings and next dose of one person; the look is on record.

    Raises:
        NotPermitted: neither the person, nor a member of a partner that awaits them, gave them a dose or decides
            about their record, nor a coordinator of where they live or go.
    """
    if not _is_self(recipient, by):
        partners, areas = concerned_with(recipient)
        places: set[str | None] = {_code(recipient.residence), *areas}
        if not any(allows_any(by, "see_record", place_code=code, partner_ids=partners) for code in places):
            raise NotPermitted
    with transaction.atomic():
        mark(
            verb="see_record",
            event="record_seen",
            subject=("people.person", recipient.pk),
            by=by,
            now=now,
            fields=["booking", "doses", "next", "waiting"],
        )


def change_recipient(
    *,
    recipient: Recipient,
    by: Actor,
    now: datetime,
    residence: Place | None = None,
    group: Group | None = None,
) -> Recipient:
    """Change where somebody lives or the group they belong to; birth dates change by a correction.

    Raises:
        NotPermitted: no verifier or coordinator of the place, nor a member of a partner that has to do with the person.
    """
    partners = concerned_with(recipient)[0] | {recipient.vouched_by_id}
    require_any(
        by, "change_recipient", place_code=_code(residence or recipient.residence), partner_ids=partners
    )
    with transaction.atomic():
        locked = Recipient.objects.select_for_update(no_key=True).get(pk=recipient.pk)
        locked.residence = residence or locked.residence
        locked.group = group or locked.group
        locked.save(update_fields=["residence", "group"])
        fields = [name for name, value in (("residence", residence), ("group", group)) if value]
        mark(
            verb="change_recipient",
            event="recipient_changed",
            subject=("people.person", recipient.pk),
            by=by,
            now=now,
            fields=fields,
        )
    return locked


def _is_self(recipient: Recipient, by: Actor) -> bool:
    own = recipient_of_account(by.user_id) if by.user_id is not None else None
    return own is not None and own.pk == recipient.pk


def give_address(*, recipient: Recipient, address: str, by: Actor, now: datetime) -> None:
    """Keep where a home visit of somebody goes, encrypted with the rest of who they are.

    Who calls it has the person's card open, by its secret link or the account.

    Raises:
        PersonErased: nothing is left to go to.
    """
    TABLE.require(by, "give_address")
    with transaction.atomic():
        correct(person=recipient.person, changes={"address": address}, by=BY_ENROLMENT, now=now)
        mark(
            verb="give_address",
            event="address_given",
            subject=("people.person", recipient.pk),
            by=by,
            now=now,
        )


def group_by_age(age: int) -> Group:
    """The target group of somebody in no other one (national programme, 2021)."""
    if age >= 60:
        return Group.ELDERLY
    if age >= 18:
        return Group.STAGE3
    return Group.YOUTH if age >= 12 else Group.CHILD


def require_birth_date(birth_date: date, now: datetime) -> None:
    """Refuse a day that is nobody's birth date.

    Raises:
        NotEligible: it lies in the future, or more than 125 years ago.
    """
    today = localdate(now)
    if birth_date > today or age_on(birth_date, today) > OLDEST:
        raise NotEligible(Eligibility(1, (DoseFault.UNBORN,), None, None, ()))


def _identified_by(identity: Identity, vouched_by: Partner | None) -> IdentifiedBy:
    if identity.nik:
        return IdentifiedBy.NIK
    if identity.passport:
        return IdentifiedBy.PASSPORT
    if vouched_by is None:
        raise NoPapers
    return IdentifiedBy.WORD


def _require_fitting_nik(nik: str, birth_date: date, now: datetime) -> None:
    try:
        inside = read_nik(nik, today=localdate(now)).birth_date
    except NotANumber:
        return
    # The NIK has two digits of the year: the century is not in it.
    if (inside.day, inside.month, inside.year % 100) != (
        *(birth_date.day, birth_date.month),
        birth_date.year % 100,
    ):
        raise NikDoesNotFit


def known_person(identity: Identity) -> Person | None:
    """The person registered under the NIK or passport of an identity."""
    pk = (people.find_by_nik(identity.nik) if identity.nik else None) or (
        people.find_by_passport(identity.passport) if identity.passport else None
    )
    return Person.objects.get(pk=pk) if pk is not None else None


def is_same(person: Person, name: str, birth_date: date, now: datetime) -> bool:
    """Whether a name and birth date can be those on record of a person."""
    recipient = Recipient.objects.filter(person=person).first()
    seen = look_at_many_for_care(people=[person], fields=["name"], by=BY_ENROLMENT, now=now)
    on_record = seen.get(person.pk, {}).get("name", "")
    other_name = bool(on_record) and not same_name(on_record, name)
    return not other_name and (recipient is None or recipient.birth_date == birth_date)


def _sex(identity: Identity, now: datetime) -> str:
    try:
        return str(read_nik(identity.nik, today=localdate(now)).sex) if identity.nik else ""
    except NotANumber:
        return ""


def _code(place: Place | None) -> str | None:
    return place.code if place is not None else None
