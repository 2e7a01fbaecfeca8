"""Verbs on orders, slots, bookings and antigen tests."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils.timezone import localdate

from kolaborasi.commitments import services as commitments
from kolaborasi.commitments.states import CommitmentState
from kolaborasi.common.actors import Actor
from kolaborasi.common.errors import NotPermitted
from kolaborasi.diagnostics.errors import (
    DuplicateOrder,
    IdentityMismatch,
    NumbersRefused,
    SlotOver,
    WrongSite,
)
from kolaborasi.diagnostics.models import AntigenTest, Booking, Order, Priority, Reason, Slot
from kolaborasi.diagnostics.models.orders import TESTING_SITES
from kolaborasi.diagnostics.permissions import TABLE
from kolaborasi.diagnostics.queries.people import known_facts, person_of
from kolaborasi.diagnostics.rules.assays import Outcome
from kolaborasi.diagnostics.rules.identity import identity_faults
from kolaborasi.diagnostics.services.journey import check_time
from kolaborasi.diagnostics.services.record import mark, mark_many
from kolaborasi.diagnostics.states import ORDER, OrderState
from kolaborasi.messages.models import Channel
from kolaborasi.partners.models import Site
from kolaborasi.partners.services import require_active
from kolaborasi.people.errors import AlreadyRegistered, NotANik
from kolaborasi.people.models import Person
from kolaborasi.people.queries import find_by_nik
from kolaborasi.people.rules import NotANumber, read_nik
from kolaborasi.people.services import Identity, correct, look_for_care, register
from kolaborasi.places.models import Place

DESK = Actor.system("diagnostics-desk")
"""Registers and compares identities after this room's own table has allowed it."""


@dataclass(frozen=True)
class Subject:
    """Who is tested, as their identity card says.

    Args:
        name: as on the card.
        nik: empty for foreigners and the newborn.
        phone, email: where the result may be told.
    """

    name: str
    birth_date: date
    sex: str
    nik: str = ""
    phone: str = ""
    email: str = ""


@dataclass(frozen=True)
class Wish:
    """What is ordered.

    Args:
        reason, priority: words of `Reason` and `Priority`.
        channel: how the person wants to be told.
        residence: kelurahan (or RW) where they live.
        confirms: the antigen test that this PCR is to confirm.
    """

    reason: str
    site: Site
    priority: str = Priority.ROUTINE
    channel: str = Channel.EMAIL
    language: str = "id"
    residence: Place | None = None
    confirms: AntigenTest | None = None


def order_test(*, subject: Subject, wish: Wish, by: Actor, now: datetime) -> Order:
    """Order a test for a person whose card was seen; registers the person, or confirms who it is.

    Raises:
        NotPermitted: nobody of the site's partner, no coordinator.
        NotANik, NotAContact: a value cannot be what it claims to be.
        IdentityMismatch: NIK, name, birth date and sex do not belong together, or not to the one known by the NIK.
        DuplicateOrder: the person waits for a swab already.
        WrongSite, PartnerNotActive: nobody is tested there.
        NumbersRefused: no such birth date.
    """
    _require(by, "order_test", wish.site)
    with transaction.atomic():
        person = known_person(subject, now)
        order = place_order(person, subject.birth_date, subject.sex, wish, by, now)
        _mark_order("order_test", "test_ordered", order, by, now)
    return order


def order_own_test(*, birth_date: date, sex: str, wish: Wish, by: Actor, now: datetime) -> Order:
    """Order a test for oneself; the card is checked at the site.

    Raises:
        NotPermitted: the account belongs to no registered person.
        DuplicateOrder, WrongSite, PartnerNotActive, NumbersRefused.
    """
    TABLE.require(by, "order_own_test")
    person = person_of(by.user_id)
    if person is None:
        raise NotPermitted
    with transaction.atomic():
        order = place_order(person, birth_date, sex, wish, by, now)
        _mark_order("order_own_test", "test_ordered", order, by, now)
    return order


def confirm_person(*, order: Order, subject: Subject, by: Actor, now: datetime) -> Order:
    """The card of somebody who ordered for themselves was seen at the site: the order is of whom the card says.

    Raises:
        NotPermitted: nobody of the site, no coordinator.
        NotANik, IdentityMismatch, NumbersRefused: the card's facts do not belong together, or not to the one known.
        DuplicateOrder: the person of the card waits for another swab.
        WrongState: a swab was taken, or it is cancelled.
    """
    with transaction.atomic():
        asked = locked_order(order)
        _require(by, "confirm_person", asked.site)
        ORDER.move(asked.state, "collect")
        _compare_with_number(subject, localdate(now))
        known = find_by_nik(subject.nik)
        if known is None:
            person = _confirmed(asked.person, subject, now, same_facts=True)
            correct(person=person, changes={"nik": subject.nik, "name": subject.name}, by=DESK, now=now)
        else:
            person = _confirmed(
                Person.objects.get(pk=known), subject, now, same_facts=known == asked.person_id
            )
        waiting = Order.objects.filter(person=person, state=OrderState.REQUESTED).exclude(pk=asked.pk).first()
        if waiting is not None:
            raise DuplicateOrder(waiting.pk)
        asked.person, asked.birth_date, asked.sex = person, subject.birth_date, subject.sex
        asked.save(update_fields=["person", "birth_date", "sex"])
        _mark_order("confirm_person", "person_confirmed", asked, by, now)
    return asked


def cancel_order(*, order: Order, by: Actor, now: datetime) -> Order:
    """Cancel an order that waits for a swab; a booked place is given back.

    Raises:
        NotPermitted: neither the site's people nor the person themselves.
        WrongState: a swab was taken, or it is cancelled already.
    """
    with transaction.atomic():
        locked = locked_order(order)
        if not _is_own(by, locked):
            _require(by, "cancel_order", locked.site)
        locked.state = ORDER.move(locked.state, "cancel")
        locked.save(update_fields=["state"])
        for booking in Booking.objects.filter(order=locked, state__in=["held", "confirmed"]):
            commitments.release(booking, now=now)
        _mark_order("cancel_order", "order_cancelled", locked, by, now)
    return locked


def record_antigen(
    *,
    subject: Subject,
    site: Site,
    brand: str,
    outcome: str,
    tested_at: datetime,
    by: Actor,
    now: datetime,
    residence: Place | None = None,
) -> AntigenTest:
    """Record a rapid test, counted apart from PCR; a positive one may be confirmed by `order_test(confirms=…)`.

    Raises:
        NotPermitted, NotANik, IdentityMismatch: as in `order_test`.
        WrongTime: in the future, or more than a week ago.
        NumbersRefused: no such outcome, or the same test twice.
    """
    _require(by, "record_antigen", site)
    if outcome not in (Outcome.POSITIVE, Outcome.NEGATIVE, Outcome.INVALID):
        raise NumbersRefused("outcome")
    check_time(tested_at, now, oldest=timedelta(days=7))
    with transaction.atomic():
        person = known_person(subject, now)
        if AntigenTest.objects.filter(person=person, site=site, tested_at=tested_at).exists():
            raise NumbersRefused("tested_at")
        test = AntigenTest.objects.create(
            person=person,
            birth_date=subject.birth_date,
            sex=subject.sex,
            site=site,
            residence=residence,
            brand=brand,
            outcome=outcome,
            tested_at=tested_at,
            recorded_at=now,
            recorded_by_id=by.user_id,
        )
        subject_of = ("diagnostics.antigentest", test.pk)
        mark(verb="record_antigen", event="antigen_recorded", subject=subject_of, by=by, now=now)
    return test


def open_slots(
    *, site: Site, starts_at: datetime, ends_at: datetime, minutes: int, places: int, by: Actor, now: datetime
) -> list[Slot]:
    """Open slots of so many minutes and places from one moment to another; those already there get the new number.

    Raises:
        NotPermitted, WrongSite, PartnerNotActive.
        NumbersRefused: no slot fits, no place, more than a month or in the past.
    """
    _require(by, "open_slots", site)
    length = timedelta(minutes=minutes)
    if minutes < 5 or starts_at < now - timedelta(days=1) or ends_at - starts_at > timedelta(days=31):
        raise NumbersRefused("minutes")
    number = (ends_at - starts_at) // length
    if number < 1 or places < 0:
        raise NumbersRefused("places")
    with transaction.atomic():
        require_tests_here(site)
        begins = [starts_at + length * turn for turn in range(number)]
        Slot.objects.bulk_create(
            [
                Slot(site=site, starts_at=begin, ends_at=begin + length, reported=places, limit=places)
                for begin in begins
            ],
            ignore_conflicts=True,
        )
        slots = list(Slot.objects.filter(site=site, starts_at__in=begins).order_by("pk"))
        for slot in slots:
            if slot.reported != places:
                commitments.report(slot, reported=places, now=now)
        mark_many(
            verb="open_slots",
            event="slot_opened",
            subjects=[("diagnostics.slot", slot.pk, {"places": places}) for slot in slots],
            by=by,
            now=now,
        )
    return slots


def book(*, order: Order, slot: Slot, by: Actor, now: datetime) -> Booking:
    """Take a place of a slot for an order; the place booked before is given back.

    Raises:
        NotPermitted: neither the person themselves nor somebody who works at both sites.
        SlotOver: it has begun.
        NotEnoughLeft: no place is left.
        WrongState: the order does not wait for a swab.
        PartnerNotActive: the site's partner is frozen, paused or gone.
    """
    TABLE.require(by, "book")
    if slot.starts_at <= now:
        raise SlotOver
    with transaction.atomic():
        require_active(slot.site.partner_id)
        locked = locked_order(order)
        # Both ends: whoever could book a stranger's order to their own site would see who it is of.
        _require_own(by, locked, locked.site)
        _require_own(by, locked, slot.site)
        ORDER.move(locked.state, "collect")
        for before in Booking.objects.filter(order=locked, state__in=["held", "confirmed"]):
            commitments.release(before, now=now)
        booking = Booking(order=locked, slot=slot, quantity=1, state=CommitmentState.CONFIRMED, booked_at=now)
        commitments.hold(booking, now=now)
        Order.objects.filter(pk=locked.pk).update(site_id=slot.site_id)
        subject = ("diagnostics.booking", booking.pk)
        mark(verb="book", event="slot_booked", subject=subject, by=by, now=now, slot=slot.pk)
    return booking


def cancel_booking(*, booking: Booking, by: Actor, now: datetime) -> Booking:
    """Give a booked place back.

    Raises:
        NotPermitted, WrongState.
    """
    TABLE.require(by, "cancel_booking")
    with transaction.atomic():
        locked = locked_order(booking.order)
        _require_own(by, locked, locked.site)
        commitments.release(booking, now=now)
        subject = ("diagnostics.booking", booking.pk)
        mark(verb="cancel_booking", event="booking_cancelled", subject=subject, by=by, now=now)
    return booking


def known_person(subject: Subject, now: datetime) -> Person:
    """The person of a NIK after name, birth date and sex were confirmed, or a newly registered one.

    Raises:
        NotANik, NotAContact, IdentityMismatch, NumbersRefused.
    """
    require_subject(subject, now)
    known = known_by_number(subject, now)
    if known is not None:
        return known
    try:
        with transaction.atomic():
            return register(identity=identity_of(subject), by=DESK, now=now)
    except AlreadyRegistered:
        # Another desk registered the same NIK at the same moment.
        known = known_by_number(subject, now)
        if known is None:
            raise
        return known


def require_subject(subject: Subject, now: datetime) -> None:
    """Refuse a card that cannot be.

    Raises:
        NotANik, IdentityMismatch, NumbersRefused.
    """
    today = localdate(now)
    if not date(1900, 1, 1) <= subject.birth_date <= today:
        raise NumbersRefused("birth_date")
    if not subject.name.strip():
        raise NumbersRefused("name")
    if subject.nik:
        _compare_with_number(subject, today)


def known_by_number(subject: Subject, now: datetime) -> Person | None:
    """The person registered under the card's NIK, confirmed; None when there is none.

    Raises:
        IdentityMismatch: the card is somebody else's.
    """
    known = find_by_nik(subject.nik) if subject.nik else None
    return _confirmed(Person.objects.get(pk=known), subject, now) if known is not None else None


def identity_of(subject: Subject) -> Identity:
    """What is registered of a card."""
    return Identity(name=subject.name, nik=subject.nik, phone=subject.phone, email=subject.email)


def locked_order(order: Order) -> Order:
    """The order, locked against other verbs on it."""
    return (
        Order.objects.select_for_update(of=("self",), no_key=True)
        .select_related("site__place", "site__partner", "person")
        .get(pk=order.pk)
    )


def _compare_with_number(subject: Subject, today: date) -> None:
    """Refuse a card whose number tells another birth date or sex."""
    try:
        number = read_nik(subject.nik, today=today)
    except NotANumber as error:
        raise NotANik(error.fault) from None
    wrong = identity_faults(
        told=("", subject.birth_date, subject.sex), known=("", number.birth_date, number.sex)
    )
    if wrong:
        raise IdentityMismatch(wrong)


def _confirmed(person: Person, subject: Subject, now: datetime, *, same_facts: bool = False) -> Person:
    """The person, when the card can be theirs; `same_facts` leaves out facts that only this order tells of."""
    seen = look_for_care(person=person, fields=["name", "phone", "email"], by=DESK, now=now)
    known = None if same_facts else known_facts(person)
    birth_date, sex = known or (subject.birth_date, subject.sex)
    wrong = identity_faults(
        told=(subject.name, subject.birth_date, subject.sex), known=(seen.get("name", ""), birth_date, sex)
    )
    if wrong:
        raise IdentityMismatch(wrong)
    # A contact that is known is not replaced here: whoever could would receive somebody else's result.
    given = {"phone": subject.phone, "email": subject.email}
    missing = {field: text for field, text in given.items() if text and not seen.get(field)}
    if missing:
        correct(person=person, changes=missing, by=DESK, now=now)
    return person


def place_order(person: Person, birth_date: date, sex: str, wish: Wish, by: Actor, now: datetime) -> Order:
    """Write an order of a known person, in the caller's transaction.

    Raises:
        DuplicateOrder, WrongSite, PartnerNotActive, NumbersRefused, IdentityMismatch.
    """
    require_tests_here(wish.site)
    if wish.reason not in Reason.values or wish.priority not in Priority.values:
        raise NumbersRefused("reason")
    if not date(1900, 1, 1) <= birth_date <= localdate(now):
        raise NumbersRefused("birth_date")
    if wish.confirms is not None and wish.confirms.person_id != person.pk:
        raise IdentityMismatch(["confirms"])
    waiting = Order.objects.filter(person=person, state=OrderState.REQUESTED).first()
    if waiting is not None:
        raise DuplicateOrder(waiting.pk)
    try:
        with transaction.atomic():
            return Order.objects.create(
                person=person,
                birth_date=birth_date,
                sex=sex,
                residence=wish.residence,
                reason=wish.reason,
                priority=wish.priority,
                site=wish.site,
                channel=wish.channel,
                language=wish.language,
                confirms=wish.confirms,
                ordered_at=now,
                ordered_by_id=by.user_id,
            )
    except IntegrityError as error:
        if "waits_once" not in str(error) and "confirms" not in str(error):
            raise
        raise DuplicateOrder(Order.objects.filter(person=person).latest("ordered_at").pk) from None


def require_tests_here(site: Site) -> None:
    """Refuse a site where nobody is tested, and lock its partner against a freeze.

    Raises:
        WrongSite, PartnerNotActive.
    """
    if site.kind not in TESTING_SITES or site.closed_date is not None:
        raise WrongSite
    require_active(site.partner_id)


def _require(by: Actor, verb: str, site: Site) -> None:
    TABLE.require(by, verb, place_code=site.place.code, partner_id=site.partner_id)


def _require_own(by: Actor, order: Order, site: Site) -> None:
    if not _is_own(by, order):
        _require(by, "order_test", site)


def _is_own(by: Actor, order: Order) -> bool:
    person = person_of(by.user_id)
    return person is not None and person.pk == order.person_id


def _mark_order(verb: str, event: str, order: Order, by: Actor, now: datetime) -> None:
    detail = {"site": order.site_id}
    mark(verb=verb, event=event, subject=("diagnostics.order", order.pk), by=by, now=now, **detail)
