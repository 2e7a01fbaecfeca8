"""The verb on doses that a site wrote on paper, or in another system, while a session ran."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _

from kolaborasi.commitments.states import OPEN
from kolaborasi.common.actors import Actor
from kolaborasi.common.errors import Refused
from kolaborasi.stock import services as stock
from kolaborasi.stock.models import Balance, Movement, Reason
from kolaborasi.vaccination.errors import AlreadyBooked, DoseAlreadyGiven, LotRefused, NoDoseLeft, NotEligible
from kolaborasi.vaccination.models import Booking, Dose, Recipient, Route, Session, VaccineLot
from kolaborasi.vaccination.permissions import require_any
from kolaborasi.vaccination.queries.people import steps_on
from kolaborasi.vaccination.rules import LotFault, PastDose, eligibility, lot_faults
from kolaborasi.vaccination.services.record import Marked, mark_many
from kolaborasi.vaccination.services.sessions import locked_session, require_open
from kolaborasi.vaccination.services.supply import facts_of, session_partners, shared_lot
from kolaborasi.vaccination.states import DoseState

BAD_TIME = _("Doses of a session were given on its day and not in the future. Check the times.")


@dataclass(frozen=True)
class PaperDose:
    """A dose as the paper of a session has it.

    Args:
        recipient: one line each; somebody with an open booking goes through check-in instead.
        given_at: on the day of the session, not in the future.
    """

    recipient: Recipient
    lot: VaccineLot
    given_at: datetime
    route: Route = Route.LEFT_ARM


def record_doses(*, session: Session, rows: Sequence[PaperDose], by: Actor, now: datetime) -> list[Dose]:
    """Keep the doses that a session gave while it wrote on paper: all lines or none, in a fixed number of statements.

    Each is one unit of its lot that moves to the person, as in `give_dose`; screening stays on the paper.

    Raises:
        NotPermitted: nobody of the session's partners, coordinator or system.
        SessionNotOpen: it is over.
        LotRefused: a lot is expired, recalled, set apart, or of another product.
        NotEligible, AlreadyBooked, DoseAlreadyGiven: somebody may not have it, or is expected by a booking.
        NoDoseLeft: fewer doses of a lot are here and unpromised.
    """
    place, partners = session.site.place.code, session_partners(session)
    require_any(by, "record_doses", place_code=place, partner_ids=partners)
    try:
        with transaction.atomic():
            return _record(session, rows, by, now)
    except IntegrityError as error:
        if "vaccination_dose_number_once_per_person" in str(error):
            raise DoseAlreadyGiven from error
        raise


def _record(session: Session, rows: Sequence[PaperDose], by: Actor, now: datetime) -> list[Dose]:
    locked = locked_session(session)
    require_open(locked)
    lots = _usable_lots(locked, rows)
    numbers = _numbers(locked, rows, now)
    movements = _move_out(locked, rows)
    doses = Dose.objects.bulk_create(
        Dose(
            recipient=row.recipient,
            product=locked.product,
            number=numbers[row.recipient.pk],
            given_at=row.given_at,
            session=locked,
            site_id=locked.site_id,
            lot=row.lot,
            lot_code=lots[row.lot.pk].lot.code,
            movement=movement,
            route=row.route,
            vaccinator_id=by.user_id,
            observe_until=row.given_at + timedelta(minutes=locked.product.observation_minutes),
            observed_at=row.given_at + timedelta(minutes=locked.product.observation_minutes),
            recorded_at=now,
        )
        for row, movement in zip(rows, movements, strict=True)
    )
    subjects: list[Marked] = [
        ("vaccination.dose", dose.pk, {"session": locked.pk, "lot": dose.lot_id}) for dose in doses
    ]
    mark_many(verb="record_doses", event="dose_given", subjects=subjects, by=by, now=now)
    return doses


def _usable_lots(session: Session, rows: Sequence[PaperDose]) -> dict[int, VaccineLot]:
    lots = {pk: shared_lot(pk) for pk in sorted({row.lot.pk for row in rows})}
    for pk, lot in lots.items():
        days = {localdate(row.given_at) for row in rows if row.lot.pk == pk}
        faults = lot_faults(facts_of(lot, session.location), max(days))
        if lot.product_id != session.product_id:
            faults.append(LotFault.OTHER_PRODUCT)
        if faults:
            raise LotRefused(faults, lot=pk)
    return lots


def _numbers(session: Session, rows: Sequence[PaperDose], now: datetime) -> dict[UUID, int]:
    """The number of each person's dose, by person."""
    people = [row.recipient.pk for row in rows]
    expected = Booking.objects.filter(recipient__in=people, state__in=OPEN).first()
    if expected is not None:
        raise AlreadyBooked(expected.pk)
    history: dict[UUID, list[PastDose]] = defaultdict(list)
    given = Dose.objects.filter(recipient__in=people, state=DoseState.GIVEN)
    for person, code, number, at in given.values_list("recipient_id", "product__code", "number", "given_at"):
        history[person].append(PastDose(code, number, localdate(at)))
    steps, numbers = steps_on(session.date), {}
    for row in rows:
        may = eligibility(
            birth_date=row.recipient.birth_date,
            history=history[row.recipient.pk],
            steps=steps,
            product=session.product.code,
            day=session.date,
        )
        if not may.allowed:
            raise NotEligible(may)
        if row.given_at > now or localdate(row.given_at) != session.date:
            raise Refused(BAD_TIME, code="bad-time")
        numbers[row.recipient.pk] = may.number
    return numbers


def _move_out(session: Session, rows: Sequence[PaperDose]) -> list[Movement]:
    """One movement of one unit for each line, and what is left of each balance."""
    wanted = Counter(row.lot.pk for row in rows)
    balances = (
        Balance.objects.select_for_update(no_key=True)
        .filter(location=session.location, lot__in=wanted)
        .order_by("pk")
    )
    free = {balance.lot_id: balance for balance in balances}
    for lot, doses in wanted.items():
        balance = free.get(lot)
        if balance is None or min(balance.on_hand, balance.reported - balance.committed) < doses:
            raise NoDoseLeft(session=session.pk)
        balance.on_hand -= doses
        balance.reported -= doses
        balance.limit = max(balance.reported, balance.committed)
    Balance.objects.bulk_update(free.values(), ["on_hand", "reported", "limit"])
    target = stock.recipient_location()
    return Movement.objects.bulk_create(
        Movement(
            at=row.given_at,
            lot=row.lot.lot,
            source=session.location,
            target=target,
            quantity=1,
            reason=Reason.DELIVERY,
            reference=f"vaccination.session:{session.pk}",
        )
        for row in rows
    )
