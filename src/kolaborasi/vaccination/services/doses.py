"""Verbs on doses: give, record from elsewhere, end the observation."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _

from kolaborasi.commitments import services as commitments
from kolaborasi.commitments.states import OPEN, CommitmentState
from kolaborasi.common.actors import Actor
from kolaborasi.common.idempotency import KeyReused
from kolaborasi.stock import services as stock
from kolaborasi.stock.models import Balance, Movement, Reason
from kolaborasi.vaccination.errors import (
    DoseAlreadyGiven,
    DoseOutOfOrder,
    EntryTooOld,
    LotRefused,
    NoDoseLeft,
    NotEligible,
    NotScreened,
    ObservationRunning,
    SlotOver,
)
from kolaborasi.vaccination.models import (
    Booking,
    Dose,
    EndReason,
    Product,
    Recipient,
    Route,
    Screening,
    Session,
    Slot,
    VaccineLot,
    Vial,
    Visit,
)
from kolaborasi.vaccination.permissions import TABLE, require_any
from kolaborasi.vaccination.queries.people import steps_on
from kolaborasi.vaccination.rules import (
    Channel,
    Fitness,
    LotFault,
    PastDose,
    eligibility,
    lot_faults,
)
from kolaborasi.vaccination.services.bookings import book_walk_in, reschedule
from kolaborasi.vaccination.services.endings import end_booking, tell_given
from kolaborasi.vaccination.services.record import mark
from kolaborasi.vaccination.services.sessions import require_open, shared_session
from kolaborasi.vaccination.services.supply import facts_of, session_partners, shared_lot
from kolaborasi.vaccination.states import VISIT, DoseState

ENTERED_WITHIN = timedelta(days=1)
"""An older entry was not made at the session: its day and lot need the eyes of the corrections desk."""

SCREENED_FOR = timedelta(hours=4)
"""A screening counts for half a day: temperature and blood pressure change."""


def give_dose(
    *,
    visit: Visit,
    lot: VaccineLot,
    route: Route,
    by: Actor,
    now: datetime,
    vial: Vial | None = None,
    given_at: datetime | None = None,
    entry_key: str = "",
) -> Dose:
    """Record a dose given: one unit of its lot moves to the person, the booking is fulfilled.

    A walk-in is booked in the same transaction. A dose of another lot than the one booked swaps lots with somebody
    else's booking when every dose of that lot is promised.

    Args:
        vial: the opened vial it came from, when vials are kept.
        given_at: when it was given, for entries made later, at most a day ago; now when absent or, for a device whose
            clock is ahead, later.
        entry_key: chosen by the device; the same entry sent again returns the first dose.

    Raises:
        NotPermitted: nobody of the session's partners, or coordinator.
        SessionNotOpen: it is over.
        NotScreened: no screening of the last hours found the person fit.
        LotRefused: expired, recalled, too warm, of another product, or the vial is empty or open too long.
        NotEligible, DoseAlreadyGiven: the person may not have it.
        NoDoseLeft, NotEnoughOnHand, SlotFull: nothing is there for a walk-in.
        WrongState: the booking or visit is over.
        EntryTooOld: it says that it was given more than a day ago.
        KeyReused: the entry's key belongs to somebody else's dose.
    """
    session = visit.session
    require_any(by, "give_dose", place_code=session.site.place.code, partner_ids=session_partners(session))
    known = _entered(visit, entry_key)
    if known is not None:
        return known
    when = min(given_at or now, now)
    if when < now - ENTERED_WITHIN:
        raise EntryTooOld
    try:
        with transaction.atomic():
            return _give(visit, lot, vial, route, when, entry_key, by, now)
    except IntegrityError as error:
        if "vaccination_dose_entry_once_per_session" in str(error):
            again = _entered(visit, entry_key)
            if again is not None:
                return again
        if "vaccination_dose_number_once_per_person" in str(error):
            raise DoseAlreadyGiven from error
        raise


def record_elsewhere(
    *,
    recipient: Recipient,
    product: Product,
    number: int,
    given_at: datetime,
    lot_code: str,
    by: Actor,
    now: datetime,
    country: str = "IDN",
) -> Dose:
    """Keep a dose that was given outside the network, as the paper shown says.

    Raises:
        NotPermitted: no verifier, coordinator or partner's member.
        DoseAlreadyGiven: the person has a dose of this number.
        NotEligible: it was given before birth, or in the future.
        DoseOutOfOrder: its day does not fit the other doses on record.
    """
    TABLE.require(
        by,
        "record_elsewhere",
        place_code=recipient.residence.code if recipient.residence else None,
        partner_id=next((role.partner_id for role in by.roles if role.partner_id), None),
    )
    day = localdate(given_at)
    if given_at > now or day < recipient.birth_date:
        raise NotEligible(
            eligibility(birth_date=day + timedelta(days=1), history=[], steps=[], product="", day=day)
        )
    for standing in history_of(recipient):
        earlier, older = standing.number < number, standing.given_date < day
        if standing.number != number and standing.given_date != day and earlier != older:
            raise DoseOutOfOrder
    try:
        with transaction.atomic():
            dose = Dose.objects.create(
                recipient=recipient,
                product=product,
                number=number,
                given_at=given_at,
                lot_code=lot_code,
                country=country,
                recorded_at=now,
            )
            mark(
                verb="record_elsewhere",
                event="dose_recorded",
                subject=("vaccination.dose", dose.pk),
                by=by,
                now=now,
            )
    except IntegrityError as error:
        if "vaccination_dose_number_once_per_person" in str(error):
            raise DoseAlreadyGiven from error
        raise
    return dose


def end_observation(*, dose: Dose, by: Actor, now: datetime) -> Dose:
    """Let somebody go home after the observation time.

    Raises:
        NotPermitted: nobody of the session's partners, or coordinator.
        ObservationRunning: the observation is not over yet.
    """
    session = dose.session
    if session is None:
        raise ValueError("a dose given elsewhere is not observed here")
    place, partners = session.site.place.code, session_partners(session)
    require_any(by, "end_observation", place_code=place, partner_ids=partners)
    if dose.observe_until is not None and now < dose.observe_until:
        raise ObservationRunning(until=dose.observe_until)
    with transaction.atomic():
        locked = Dose.objects.select_for_update(no_key=True).get(pk=dose.pk)
        locked.observed_at = locked.observed_at or now
        locked.save(update_fields=["observed_at"])
        mark(verb="end_observation", event="observed", subject=("vaccination.dose", dose.pk), by=by, now=now)
    return locked


def history_of(recipient: Recipient) -> list[PastDose]:
    """Doses of a person that stand."""
    return [
        PastDose(dose.product.code, dose.number, localdate(dose.given_at))
        for dose in Dose.objects.filter(recipient=recipient, state=DoseState.GIVEN).select_related("product")
    ]


def _entered(visit: Visit, entry_key: str) -> Dose | None:
    if not entry_key:
        return None
    known = Dose.objects.filter(session=visit.session, entry_key=entry_key).first()
    if known is not None and known.recipient_id != visit.recipient_id:
        raise KeyReused(_("This entry was used for somebody else already. Load the page again and retry."))
    return known


def _give(
    visit: Visit,
    lot: VaccineLot,
    vial: Vial | None,
    route: Route,
    when: datetime,
    entry_key: str,
    by: Actor,
    now: datetime,
) -> Dose:
    # The session first, as in every verb that locks both: whoever calls it off waits, or is seen here.
    require_open(shared_session(visit.session_id))
    locked = (
        Visit.objects.select_for_update(no_key=True, of=("self",))
        .select_related("session__location", "session__product", "recipient")
        .get(pk=visit.pk)
    )
    session = locked.session
    screening = _require_fit(locked, when)
    fresh = _require_lot(session, lot, vial, when)
    booking = _booking(locked, when, by, now)
    _bring_lot(booking, session, fresh)
    movement = stock.move(
        lot=fresh.lot,
        source=session.location,
        target=stock.recipient_location(),
        quantity=1,
        reason=Reason.DELIVERY,
        promised=1,
        now=when,
        reference=f"vaccination.booking:{booking.pk}",
    )
    commitments.fulfil(booking, now=now)
    if vial is not None:
        Vial.objects.filter(pk=vial.pk).update(given=F("given") + 1)
    dose = _dose(locked, booking, fresh, vial, movement, route, when, entry_key, screening, by, now)
    locked.booking, locked.state, locked.ended_at = booking, VISIT.move(locked.state, "finish"), now
    locked.save(update_fields=["booking", "state", "ended_at"])
    tell_given(dose, now=now)
    mark(
        verb="give_dose",
        event="dose_given",
        subject=("vaccination.dose", dose.pk),
        by=by,
        now=now,
        session=session.pk,
        lot=lot.pk,
        booking=booking.pk,
    )
    return dose


def _dose(
    visit: Visit,
    booking: Booking,
    lot: VaccineLot,
    vial: Vial | None,
    movement: Movement,
    route: Route,
    when: datetime,
    entry_key: str,
    screening: Screening,
    by: Actor,
    now: datetime,
) -> Dose:
    return Dose.objects.create(
        recipient_id=visit.recipient_id,
        product_id=visit.session.product_id,
        number=booking.dose_number,
        given_at=when,
        booking=booking,
        session=visit.session,
        site_id=visit.session.site_id,
        lot=lot,
        lot_code=lot.lot.code,
        vial=vial,
        movement=movement,
        route=route,
        vaccinator_id=by.user_id,
        observe_until=when + timedelta(minutes=screening.observation_minutes),
        recorded_at=now,
        entry_key=entry_key,
    )


def _require_fit(visit: Visit, when: datetime) -> Screening:
    screening = Screening.objects.filter(visit=visit).first()
    if screening is None or screening.outcome != Fitness.FIT or when - screening.at > SCREENED_FOR:
        raise NotScreened
    return screening


def _require_lot(session: Session, lot: VaccineLot, vial: Vial | None, when: datetime) -> VaccineLot:
    fresh = shared_lot(lot.pk)
    faults = lot_faults(facts_of(fresh, session.location), localdate(when))
    if fresh.product_id != session.product_id:
        faults.append(LotFault.OTHER_PRODUCT)
    if vial is not None:
        open_ = Vial.objects.select_for_update(no_key=True).get(pk=vial.pk)
        if open_.lot_id != fresh.pk or open_.session_id != session.pk:
            faults.append(LotFault.OTHER_PRODUCT)
        if when >= open_.discard_at or open_.closed_at is not None:
            faults.append(LotFault.VIAL_OPEN_TOO_LONG)
        if open_.given + open_.wasted >= open_.doses:
            faults.append(LotFault.VIAL_EMPTY)
    if faults:
        raise LotRefused(faults, lot=lot.pk)
    return fresh


def _booking(visit: Visit, when: datetime, by: Actor, now: datetime) -> Booking:
    if visit.booking_id is not None:
        booking = Booking.objects.select_for_update(no_key=True).get(pk=visit.booking_id)
        _require_next(visit, booking, localdate(when))
        return booking
    slot = _running_slot(visit.session, now)
    elsewhere = Booking.objects.filter(recipient=visit.recipient_id, state__in=OPEN).first()
    if elsewhere is None:
        return book_walk_in(recipient=visit.recipient, slot=slot, by=by, now=now).booking
    return _bring_here(elsewhere, slot, by, now)


def _bring_here(elsewhere: Booking, slot: Slot, by: Actor, now: datetime) -> Booking:
    """Let somebody who is booked elsewhere and stands here have the dose here: their other place is free again."""
    if elsewhere.state == CommitmentState.HELD:
        end_booking(elsewhere, reason=EndReason.CANCELLED, now=now)
        return book_walk_in(recipient=elsewhere.recipient, slot=slot, by=by, now=now).booking
    return reschedule(booking=elsewhere, slot=slot, channel=Channel.WALK_IN, by=by, now=now)


def _require_next(visit: Visit, booking: Booking, day: date) -> None:
    """Ask once more: since the booking a dose, a birth date or the schedule may have changed."""
    history = history_of(visit.recipient)
    if max((dose.number for dose in history), default=0) >= booking.dose_number:
        raise DoseAlreadyGiven
    may = eligibility(
        birth_date=visit.recipient.birth_date,
        history=history,
        steps=steps_on(day),
        product=visit.session.product.code,
        day=day,
    )
    if not may.allowed:
        raise NotEligible(may)
    if may.number != booking.dose_number:
        Booking.objects.filter(pk=booking.pk).update(dose_number=may.number)
        booking.dose_number = may.number


def _running_slot(session: Session, now: datetime) -> Slot:
    slots = list(session.slots.select_related("session__site__place"))
    begun = [slot for slot in slots if slot.starts_at <= now]
    if not slots:
        raise SlotOver
    return begun[-1] if begun else slots[0]


def _bring_lot(booking: Booking, session: Session, lot: VaccineLot) -> None:
    """Let the booking count on the lot that is given."""
    if booking.balance.lot_id == lot.pk:
        return
    balance = Balance.objects.filter(location=session.location, lot=lot.pk).first()
    if balance is None:
        raise NoDoseLeft(session=session.pk)
    if balance.left > 0:
        commitments.retarget(booking, to={"balance": balance}, now=booking.booked_at)
        return
    other = (
        Booking.objects.select_for_update(no_key=True, skip_locked=True)
        .filter(session=session, balance=balance, state=CommitmentState.CONFIRMED)
        .order_by("-booked_at")
        .first()
    )
    if other is None:
        raise NoDoseLeft(session=session.pk)
    # Both promises stay open and of one unit, so neither balance promises more or less than before.
    Booking.objects.filter(pk=other.pk).update(balance=booking.balance_id)
    Booking.objects.filter(pk=booking.pk).update(balance=balance)
    booking.balance = balance
