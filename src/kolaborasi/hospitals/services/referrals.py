"""Verbs that begin a referral, look at it again, or end it before a bed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from kolaborasi.commitments import services as commitments
from kolaborasi.common.actors import Actor
from kolaborasi.common.errors import Refused
from kolaborasi.common.integrity import joined
from kolaborasi.common.rows import store
from kolaborasi.hospitals.errors import NotInThisHospital, PatientHasABed, PatientWaits, ReferralRefused
from kolaborasi.hospitals.models import CancelReason, Hospital, Placement, Referral
from kolaborasi.hospitals.models.choices import PcrState
from kolaborasi.hospitals.permissions import TABLE
from kolaborasi.hospitals.rules import AgeGroup, Severity, SeverityReason, Wish
from kolaborasi.hospitals.services.record import mark
from kolaborasi.hospitals.states import ACTIVE, ANSWER, REFERRAL, Answer, ReferralState
from kolaborasi.partners.models import Site
from kolaborasi.people.models import Person
from kolaborasi.places.models import Place

SPO2, BREATHS = range(30, 101), range(4, 121)


@dataclass(frozen=True)
class Request:
    """What is asked for a patient.

    Args:
        place: where the patient is: a kelurahan or RW, not an address.
        source: who asks, one of `ReferralSource`.
        wish: what decides about the bed.
        reasons: the criteria the severity follows from (`rules.severity_of`).
        requester: the puskesmas, hospital or ambulance post that asks, when one does.
        on_behalf: an operator asks for a caller who has no telephone or device of their own.
        from_hospital: the hospital of the network the patient lies in; a transfer is asked for.
        pcr: what is known of a test; never decides anything.
        spo2, breaths: per cent in room air, and a minute.
    """

    place: Place
    source: str
    wish: Wish
    reasons: tuple[SeverityReason, ...] = ()
    requester: Site | None = None
    on_behalf: bool = False
    from_hospital: Hospital | None = None
    pregnant: bool = False
    pcr: str = PcrState.NOT_TESTED
    spo2: int | None = None
    breaths: int | None = None


def refer(*, patient: Person, request: Request, by: Actor, now: datetime) -> Referral:
    """Ask for a bed; the patient joins the waiting list.

    Raises:
        NotPermitted: neither the requester's people nor a coordinator of the place.
        PatientWaits: the patient has an open referral.
        PatientHasABed: the patient lies in a bed of the network, and no transfer is asked for.
        NotInThisHospital: a transfer is asked for by a hospital the patient does not lie in.
        ReferralRefused: a measured value is impossible.
    """
    require_may_refer(request, by, "refer")
    referral = new_referral(patient, request, by, now)
    with joined():
        require_lies_there(referral)
        if not store(referral, unless_there=True):
            raise not_again(patient.pk)
        mark_referred("refer", referral, by, now)
    return referral


def reassess(
    *,
    referral: Referral,
    severity: Severity,
    reasons: tuple[SeverityReason, ...],
    by: Actor,
    now: datetime,
    spo2: int | None = None,
    breaths: int | None = None,
    ventilator: bool | None = None,
) -> Referral:
    """Say anew how ill the patient is; the place in the queue follows, the time of asking stays.

    Raises:
        NotPermitted, ReferralRefused: as in `refer`.
        WrongState: it is over.
    """
    _require_measured(spo2, breaths)
    with transaction.atomic():
        locked = locked_referral(referral.pk)
        require_of_either_end(locked, by, "reassess")
        # Any lifecycle event that is possible in all active states tells the same: `die` is the widest.
        REFERRAL.move(locked.state, "die")
        locked.severity, locked.severity_reasons = int(severity), [str(reason) for reason in reasons]
        locked.spo2, locked.breaths = spo2, breaths
        if ventilator is not None:
            locked.needs_ventilator = ventilator
        locked.save(update_fields=["severity", "severity_reasons", "spo2", "breaths", "needs_ventilator"])
        mark(verb="reassess", event="referral_reassessed", subject=subject_of(locked), by=by, now=now)
    return locked


def cancel_referral(*, referral: Referral, reason: str, by: Actor, now: datetime) -> Referral:
    """No bed is needed any more; one that was held can be promised to somebody else.

    Args:
        reason: one of `CancelReason`.

    Raises:
        NotPermitted: as in `refer`.
        WrongState: the patient was admitted, or it is over.
    """
    with transaction.atomic():
        locked = locked_referral(referral.pk)
        require_of_either_end(locked, by, "cancel_referral")
        locked.state = REFERRAL.move(locked.state, "cancel")
        locked.cancel_reason, locked.state_at, locked.ask_next = CancelReason(reason), now, []
        locked.save(update_fields=["state", "cancel_reason", "state_at", "ask_next"])
        placement = open_placement(locked)
        if placement is not None:
            let_go(placement, now)
        mark(
            verb="cancel_referral",
            event="referral_cancelled",
            subject=subject_of(locked),
            by=by,
            now=now,
            reason=str(reason),
        )
    return locked


def require_may_refer(request: Request, by: Actor, verb: str) -> None:
    """Refuse unless the actor may ask for a bed there, and the values are possible.

    Raises:
        NotPermitted, ReferralRefused.
    """
    partner_id = request.requester.partner_id if request.requester else None
    TABLE.require(by, verb, place_code=request.place.code, partner_id=partner_id)
    _require_measured(request.spo2, request.breaths)


def new_referral(patient: Person, request: Request, by: Actor, now: datetime) -> Referral:
    """The unsaved row of a request."""
    wish = request.wish
    return Referral(
        patient=patient,
        place=request.place,
        source=request.source,
        requester=request.requester,
        requested_by_id=by.user_id,
        on_behalf=request.on_behalf,
        from_hospital=request.from_hospital,
        is_transfer=request.from_hospital is not None,
        severity=int(wish.severity),
        severity_reasons=[str(reason) for reason in request.reasons],
        age_group=wish.age,
        pregnant=request.pregnant,
        pcr=request.pcr,
        spo2=request.spo2,
        breaths=request.breaths,
        needs_ventilator=wish.ventilator,
        needs_dialysis=wish.dialysis,
        needs_obstetric=wish.obstetric,
        needs_paediatric=wish.paediatric,
        needs_isolation=wish.isolation,
        in_labour=wish.labour,
        requested_at=now,
        state_at=now,
    )


def wish_of(referral: Referral) -> Wish:
    """What decides about the bed, from a stored referral."""
    return Wish(
        severity=Severity(referral.severity),
        age=AgeGroup(referral.age_group),
        ventilator=referral.needs_ventilator,
        dialysis=referral.needs_dialysis,
        obstetric=referral.needs_obstetric,
        paediatric=referral.needs_paediatric,
        labour=referral.in_labour,
        isolation=referral.needs_isolation,
    )


def require_lies_there(referral: Referral) -> None:
    """A transfer is for a patient who lies in the hospital that asks; nothing is asked of a plain referral.

    Raises:
        NotInThisHospital.
    """
    if referral.from_hospital_id is None:
        return
    lies = Placement.objects.filter(
        patient_id=referral.patient_id,
        pool__hospital_id=referral.from_hospital_id,
        referral__state=ReferralState.ADMITTED,
    )
    if not lies.exists():
        raise NotInThisHospital


def one_each(patient_id: UUID) -> Mapping[str, Callable[[], Refused]]:
    """What to refuse with when the database says that a patient has a referral or a bed already."""

    return {
        "referral_one_active_per_patient": lambda: not_again(patient_id),
        "referral_one_transfer_per_patient": lambda: not_again(patient_id),
        "placement_one_bed_per_patient": PatientHasABed,
        "placement_one_transfer_per_patient": PatientHasABed,
        "placement_one_bed_per_referral": PatientHasABed,
    }


def not_again(patient_id: UUID) -> Refused:
    """What to refuse a second referral of a patient with."""
    active = Referral.objects.filter(patient_id=patient_id, state__in=list(ACTIVE)).order_by("-pk")
    found = active.values_list("pk", "state").first()
    if found is not None and found[1] == ReferralState.ADMITTED:
        return PatientHasABed()
    return PatientWaits(found[0] if found else None)


def locked_referral(pk: int) -> Referral:
    """A referral with place and requester, its row locked: the first lock of every verb on a referral."""
    return (
        Referral.objects.select_for_update(of=("self",), no_key=True)
        .select_related("place", "requester")
        .get(pk=pk)
    )


def open_placement(referral: Referral) -> Placement | None:
    """The held or confirmed placement of a referral, with its hospital's site."""
    found = Placement.objects.filter(referral=referral, state__in=["held", "confirmed"])
    return found.select_related("pool__hospital__site__place").first()


def let_go(placement: Placement, now: datetime) -> None:
    """Give a bed back that no patient has reached; an unanswered offer counts as withdrawn."""
    commitments.release(placement, now=now)
    if placement.answer == Answer.PENDING:
        placement.answer, placement.answered_at = ANSWER.move(placement.answer, "withdraw"), now
    placement.ended_at = now
    placement.save(update_fields=["answer", "answered_at", "ended_at"])


def require_of_either_end(referral: Referral, by: Actor, verb: str) -> None:
    """Refuse unless the actor is of the requester, of the hospital that has or holds a bed, or a coordinator.

    Raises:
        NotPermitted.
    """
    code = referral.place.code
    requester = referral.requester.partner_id if referral.requester else None
    if TABLE.allows(by, verb, place_code=code, partner_id=requester):
        return
    placement = open_placement(referral)
    partner_id = placement.pool.hospital.site.partner_id if placement else None
    TABLE.require(by, verb, place_code=code, partner_id=partner_id)


def subject_of(referral: Referral) -> tuple[str, object]:
    """How audit and events name a referral: its timeline is read by it."""
    return "hospitals.referral", referral.pk


def mark_referred(verb: str, referral: Referral, by: Actor, now: datetime, **detail: object) -> None:
    """The marks of a new referral."""
    mark(
        verb=verb,
        event="referred",
        subject=subject_of(referral),
        by=by,
        now=now,
        place=referral.place.code,
        source=str(referral.source),
        on_behalf=referral.on_behalf,
        **detail,
    )


def _require_measured(spo2: int | None, breaths: int | None) -> None:
    if spo2 is not None and spo2 not in SPO2:
        raise ReferralRefused("SpO2")
    if breaths is not None and breaths not in BREATHS:
        raise ReferralRefused("breaths")
