"""Verbs from the road to the end of a stay. Lock order: referrals of the patient by primary key, placement, pool."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from kolaborasi.commitments import services as commitments
from kolaborasi.commitments.states import CommitmentState
from kolaborasi.common.actors import Actor
from kolaborasi.hospitals.classes import BedClass
from kolaborasi.hospitals.errors import BedUnfit, NotHere, SameBed, WrongState
from kolaborasi.hospitals.models import BedMove, BedPool, CancelReason, DeclineReason, Placement, Referral
from kolaborasi.hospitals.permissions import TABLE
from kolaborasi.hospitals.rules import fitting
from kolaborasi.hospitals.services.record import mark
from kolaborasi.hospitals.services.referrals import (
    let_go,
    locked_referral,
    open_placement,
    require_of_either_end,
    subject_of,
    wish_of,
)
from kolaborasi.hospitals.states import ACTIVE, REFERRAL, ReferralState


def depart(*, referral: Referral, by: Actor, now: datetime) -> Placement:
    """The ambulance has left with the patient: the bed is theirs without a time limit.

    Raises:
        NotPermitted: of neither end and no coordinator of the place.
        WrongState: no hospital has accepted.
        HoldExpired: the bed was held too long and may be somebody else's.
    """
    with transaction.atomic():
        locked = locked_referral(referral.pk)
        require_of_either_end(locked, by, "depart")
        placement = set_off(locked, now)
        _mark("depart", "departed", locked, placement, by, now)
    return placement


def set_off(referral: Referral, now: datetime) -> Placement:
    """Confirm the held bed of a locked referral and put it on the way.

    Raises:
        WrongState, HoldExpired: as in `depart`.
    """
    state = REFERRAL.move(referral.state, "depart")
    placement = _bed_of(referral)
    commitments.confirm(placement, now=now)
    placement.departed_at = now
    placement.save(update_fields=["departed_at"])
    _move(referral, state, now)
    return placement


def admit(*, referral: Referral, by: Actor, now: datetime) -> Placement:
    """The patient lies in the bed. A patient who came from another hospital of the network leaves that bed now.

    Raises:
        NotPermitted: none of the hospital's people and no coordinator of its place.
        WrongState: the patient is not expected here.
        HoldExpired: the bed was held too long; offer it again.
    """
    with transaction.atomic():
        locked, earlier = _patient(referral)
        state = REFERRAL.move(locked.state, "admit")
        placement = _bed_of(locked)
        _require_hospital(placement, by, "admit")
        if placement.state == CommitmentState.HELD:
            commitments.confirm(placement, now=now)
        if earlier is not None:
            _leave(earlier, "transfer", now)
        placement.admitted_at, placement.is_transfer = now, False
        placement.save(update_fields=["admitted_at", "is_transfer"])
        locked.is_transfer = False
        _move(locked, state, now)
        came_from = earlier.pk if earlier else None
        _mark("admit", "admitted", locked, placement, by, now, transferred_from=came_from)
        if earlier is not None:
            mark(
                verb="admit",
                event="transferred",
                subject=subject_of(earlier),
                by=by,
                now=now,
                to=locked.pk,
            )
    return placement


def turn_away(*, referral: Referral, reason: str, by: Actor, now: datetime) -> Referral:
    """The hospital cannot take a patient it had accepted; they wait again, in their old place of the queue.

    Args:
        reason: one of `DeclineReason`.

    Raises:
        NotPermitted: none of the hospital's people and no coordinator of its place.
        WrongState: the patient is not expected, or lies there already.
    """
    with transaction.atomic():
        locked = locked_referral(referral.pk)
        if locked.state not in (ReferralState.ACCEPTED, ReferralState.IN_TRANSIT):
            REFERRAL.move(locked.state, "depart")
        state = REFERRAL.move(locked.state, "wait again")
        placement = _bed_of(locked)
        _require_hospital(placement, by, "turn_away")
        let_go(placement, now)
        _move(locked, state, now)
        _mark("turn_away", "turned_away", locked, placement, by, now, reason=str(DeclineReason(reason)))
    return locked


def move_bed(*, referral: Referral, pool: BedPool | int, by: Actor, now: datetime) -> Placement:
    """The patient moves to a bed of another class in the same hospital: taken there and given back here, both or neither.

    A hospital that takes nobody new may still move those who lie there. Judge the patient anew first (`reassess`) when
    the bed fits what they need now and not what is on record.

    Args:
        pool: beds of another class of the hospital.

    Raises:
        NotPermitted: none of the hospital's people and no coordinator of its place.
        WrongState: the patient does not lie there.
        SameBed, NotHere: the bed is of the same class, or in another hospital.
        BedUnfit: the class does not fit the patient.
        NotEnoughLeft: no bed of the class is left.
    """
    with transaction.atomic():
        locked = locked_referral(referral.pk)
        REFERRAL.move(locked.state, "discharge")
        placement = _bed_of(locked)
        _require_hospital(placement, by, "move_bed")
        came_from, target = placement.pool, _other_bed(placement, pool)
        grade = fitting(wish_of(locked)).get(BedClass(target.bed_class))
        if grade is None:
            raise BedUnfit(target.pk)
        commitments.retarget(placement, to={"pool": target}, now=now)
        placement.grade = grade
        placement.save(update_fields=["grade"])
        BedMove.objects.create(placement=placement, from_pool=came_from, to_pool=target, moved_at=now)
        _mark("move_bed", "bed_moved", locked, placement, by, now, moved_from=came_from.pk)
    return placement


def _other_bed(placement: Placement, pool: BedPool | int) -> BedPool:
    target = BedPool.objects.filter(pk=pool if isinstance(pool, int) else pool.pk).first()
    if target is None or target.hospital_id != placement.pool.hospital_id:
        raise NotHere
    if target.pk == placement.pool_id:
        raise SameBed
    target.hospital = placement.pool.hospital
    return target


def discharge(*, referral: Referral, by: Actor, now: datetime) -> Placement:
    """The patient leaves the bed; it can be promised to somebody else. A transfer that was asked for ends too.

    Raises:
        NotPermitted: none of the hospital's people and no coordinator of its place.
        WrongState: the patient does not lie there.
    """
    with transaction.atomic():
        active = _active_of(referral)
        locked = next((each for each in active if each.pk == referral.pk), None) or locked_referral(
            referral.pk
        )
        REFERRAL.move(locked.state, "discharge")
        placement = _bed_of(locked)
        _require_hospital(placement, by, "discharge")
        _leave(locked, "discharge", now)
        _mark("discharge", "discharged", locked, placement, by, now)
        for each in active:
            if each.pk != locked.pk:
                _cancel_transfer(each, by, now)
    return placement


def _cancel_transfer(transfer: Referral, by: Actor, now: datetime) -> None:
    # Else the bed held elsewhere would be a second one for whoever is referred anew.
    transfer.cancel_reason = CancelReason.RECOVERED
    _leave(transfer, "cancel", now)
    mark(
        verb="discharge",
        event="referral_cancelled",
        subject=subject_of(transfer),
        by=by,
        now=now,
        reason=str(CancelReason.RECOVERED),
    )


def record_death(*, referral: Referral, by: Actor, now: datetime) -> Referral:
    """The patient died, in a bed, on the way or waiting. Every bed and every open referral of theirs ends.

    Raises:
        NotPermitted: of neither end and no coordinator of the place.
        WrongState: the referral is over.
    """
    with transaction.atomic():
        active = _active_of(referral)
        # One that is over is refused by the lifecycle, in words that say what it is.
        locked = next((each for each in active if each.pk == referral.pk), None) or locked_referral(
            referral.pk
        )
        REFERRAL.move(locked.state, "die")
        require_of_either_end(locked, by, "record_death")
        for each in active:
            _leave(each, "die", now)
            mark(verb="record_death", event="died", subject=subject_of(each), by=by, now=now)
    return next(each for each in active if each.pk == referral.pk)


def _patient(referral: Referral) -> tuple[Referral, Referral | None]:
    """The referral and the one the patient lies in a bed by, both locked by primary key."""
    active = _active_of(referral)
    locked = next((each for each in active if each.pk == referral.pk), None)
    if locked is None:
        return locked_referral(referral.pk), None
    earlier = [each for each in active if each.pk != locked.pk and each.state == ReferralState.ADMITTED]
    return locked, earlier[0] if earlier else None


def _active_of(referral: Referral) -> list[Referral]:
    return list(
        Referral.objects.select_for_update(of=("self",), no_key=True)
        .select_related("place", "requester")
        .filter(patient_id=referral.patient_id, state__in=list(ACTIVE))
        .order_by("pk")
    )


def _leave(referral: Referral, event: str, now: datetime) -> None:
    """End a locked referral and give its bed back: fulfilled when the patient lay in it."""
    state = REFERRAL.move(referral.state, event)
    placement = open_placement(referral)
    if placement is not None and placement.admitted_at is not None:
        commitments.fulfil(placement, now=now)
        placement.ended_at = now
        placement.save(update_fields=["ended_at"])
    elif placement is not None:
        let_go(placement, now)
    referral.ask_next = []
    _move(referral, state, now)


def _bed_of(referral: Referral) -> Placement:
    placement = open_placement(referral)
    if placement is None:
        raise WrongState(f"no bed is held for referral {referral.pk}", details={"referral": referral.pk})
    return placement


def _require_hospital(placement: Placement, by: Actor, verb: str) -> None:
    site = placement.pool.hospital.site
    TABLE.require(by, verb, place_code=site.place.code, partner_id=site.partner_id)


def _move(referral: Referral, state: ReferralState, now: datetime) -> None:
    referral.state, referral.state_at = state, now
    referral.save(update_fields=["state", "state_at", "ask_next", "is_transfer", "cancel_reason"])


def _mark(
    verb: str,
    event: str,
    referral: Referral,
    placement: Placement,
    by: Actor,
    now: datetime,
    **detail: object,
) -> None:
    mark(
        verb=verb,
        event=event,
        subject=subject_of(referral),
        by=by,
        now=now,
        placement=placement.pk,
        pool=placement.pool_id,
        **detail,
    )
