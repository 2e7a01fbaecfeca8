"""A suspended household appeals, and an officer decides."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from kolaborasi.aid.errors import ServedMeanwhile
from kolaborasi.aid.models import AidPeriod, AppealGround, Entitlement, Suspension
from kolaborasi.aid.permissions import TABLE
from kolaborasi.aid.services.government import ACTIVE, entitlement_of
from kolaborasi.aid.services.reasons import known_reason
from kolaborasi.aid.services.record import mark
from kolaborasi.aid.states import SUSPENSION
from kolaborasi.commitments import services as commitments
from kolaborasi.commitments.states import CommitmentState
from kolaborasi.common.actors import Actor
from kolaborasi.common.integrity import refusing


def appeal(*, suspension: Suspension, ground: str, by: Actor, now: datetime) -> Suspension:
    """A household says through its RW head or an officer that its suspension is wrong.

    Args:
        ground: a word of `AppealGround`.

    Raises:
        NotPermitted: no role for the household's place.
        UnknownReason: no such ground.
        WrongState: it was appealed or decided before.
    """
    ground = known_reason(AppealGround, ground)
    with transaction.atomic():
        locked = _locked_suspension(suspension, "appeal", by)
        locked.state = SUSPENSION.move(locked.state, "appeal")
        locked.ground, locked.appealed_at = ground, now
        locked.save(update_fields=["state", "ground", "appealed_at"])
        mark(
            verb="appeal",
            event="appealed",
            subject=("aid.suspension", locked.pk),
            by=by,
            now=now,
            ground=ground,
        )
    return locked


def decide_appeal(*, suspension: Suspension, granted: bool, by: Actor, now: datetime) -> Entitlement | None:
    """An officer grants or refuses an appeal.

    Granting ends the promise that stood against it, because nothing came from there, and promises the allotment anew.

    Raises:
        NotPermitted: no verifier of the household's place.
        ServedMeanwhile: the other body did serve the household, or another promise stands in the period.
        NotEnoughLeft: the allotment is used up.
        WrongState: nobody appealed, or it was decided before.
    """
    once = {"aid_entitlement_once_per_household_and_period": ServedMeanwhile}
    with refusing(once), transaction.atomic():
        AidPeriod.objects.select_for_update(no_key=True).get(pk=suspension.allotment.period_id)
        locked = _locked_suspension(suspension, "decide_appeal", by)
        locked.state = SUSPENSION.move(locked.state, "grant" if granted else "uphold")
        locked.decided_at, locked.decided_by_id = now, by.user_id
        locked.save(update_fields=["state", "decided_at", "decided_by"])
        made = _reinstate(locked, now) if granted else None
        mark(
            verb="decide_appeal",
            event="appeal_decided",
            subject=("aid.suspension", locked.pk),
            by=by,
            now=now,
            granted=granted,
        )
    return made


def _reinstate(suspension: Suspension, now: datetime) -> Entitlement:
    if suspension.because is not None:
        if suspension.because.state == CommitmentState.FULFILLED:
            raise ServedMeanwhile
        if suspension.because.state in ACTIVE:
            commitments.release(suspension.because, now=now)
    return commitments.hold(entitlement_of(suspension.allotment, suspension.entry, now), now=now)


def _locked_suspension(suspension: Suspension, verb: str, by: Actor) -> Suspension:
    locked = (
        Suspension.objects.select_for_update(of=("self",), no_key=True)
        .select_related("household__place", "allotment__period", "because", "entry")
        .get(pk=suspension.pk)
    )
    TABLE.require(by, verb, place_code=locked.household.place.code)
    return locked
