"""Verbs on dispatch plans: propose, approve, reject, expire, and taking promises back."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import Q

from kolaborasi.commitments import services as commitments
from kolaborasi.commitments.states import OPEN, CommitmentState
from kolaborasi.common.actors import Actor
from kolaborasi.diagnostics.errors import ConsignmentOver, NothingToDispatch, PlanOver
from kolaborasi.diagnostics.models import (
    Consignment,
    DispatchLine,
    DispatchPlan,
    EventKind,
    Lab,
    LabDay,
    Specimen,
)
from kolaborasi.diagnostics.permissions import TABLE
from kolaborasi.diagnostics.planning import draft
from kolaborasi.diagnostics.services.journey import keep, locked
from kolaborasi.diagnostics.services.record import mark, mark_many
from kolaborasi.diagnostics.states import PLAN, LabState, LineState, PlanState, SpecimenState
from kolaborasi.partners.models import Partner
from kolaborasi.partners.states import PartnerState
from kolaborasi.people.models import User

LIFE = timedelta(hours=2)
"""A plan is for the round about to leave; later the world is another one."""
MOVABLE = (SpecimenState.COLLECTED, SpecimenState.RECEIVED)


@dataclass
class Approved:
    """What an approval did.

    Args:
        consignments: manifests made, one for each line that could be carried out.
        refused: lines that could not, each with the code of the refusal.
    """

    consignments: list[Consignment] = field(default_factory=list)
    refused: list[tuple[DispatchLine, str]] = field(default_factory=list)


def propose_dispatch(*, departs_at: datetime, by: Actor, now: datetime) -> DispatchPlan:
    """Plan which waiting specimens the round that leaves at a moment carries to which lab.

    Raises:
        NotPermitted: no coordinator.
        NothingToDispatch: nothing waits, or no lab has capacity that could be reached in time.
    """
    TABLE.require(by, "propose_dispatch")
    made = draft(departs_at=departs_at)
    if not made.lines:
        raise NothingToDispatch
    with transaction.atomic():
        plan = DispatchPlan.objects.create(
            made_at=now,
            made_by_id=by.user_id,
            departs_at=departs_at,
            expires_at=max(now, departs_at) + LIFE,
            waiting=made.waiting,
            planned=sum(len(line.specimens) for line in made.lines),
            expected=made.expected,
            baseline=made.baseline,
        )
        DispatchLine.objects.bulk_create(
            (
                DispatchLine(
                    plan=plan,
                    origin_id=line.origin_id,
                    lab_id=line.lab_id,
                    lab_day_id=line.lab_day_id,
                    specimens=line.specimens,
                    quantity=len(line.specimens),
                    travel_minutes=line.travel_minutes,
                    arrives_at=line.arrives_at,
                    results_at=line.results_at,
                )
                for line in made.lines
            ),
            batch_size=1000,
        )
        mark(
            verb="propose_dispatch",
            event="dispatch_proposed",
            subject=("diagnostics.dispatchplan", plan.pk),
            by=by,
            now=now,
            lines=len(made.lines),
            specimens=plan.planned,
        )
    return plan


def approve_dispatch(
    *, plan: DispatchPlan, by: Actor, now: datetime, courier: User | None = None
) -> Approved:
    """Turn a plan into manifests: each line is promised to its lab, the specimens are tied to it.

    Specimens that moved on since are left out; a line whose lab went down, whose partner was frozen or whose day is
    full is refused with the reason, and its specimens wait for the next round. Twice is once.

    Args:
        courier: who carries all of it, when known already; otherwise whoever picks it up.

    Raises:
        NotPermitted: no coordinator of the city.
        WrongState: it was decided already.
        PlanOver: it is too old.
    """
    TABLE.require(by, "approve_dispatch")
    result = Approved()
    with transaction.atomic():
        decided = _decided(plan, "approve", by, now)
        lines = list(DispatchLine.objects.filter(plan=decided).order_by("pk"))
        takes = _still_movable(lines)
        working = _working_labs({line.lab_id for line in lines})
        carried = [line for line in lines if takes[line.pk] and line.lab_id in working]
        left_behind = {line.pk for line in lines} - {line.pk for line in carried}
        wishes = [_consignment(decided, line, len(takes[line.pk]), courier, now) for line in carried]
        held = commitments.hold_many(wishes, now=now)
        refused = {id(promise): error.code for promise, error in held.refused}
        fitting = [
            (line, wish) for line, wish in zip(carried, wishes, strict=True) if id(wish) not in refused
        ]
        for line, wish in zip(carried, wishes, strict=True):
            if id(wish) in refused:
                result.refused.append((line, refused[id(wish)]))
        for line in lines:
            if line.pk in left_behind:
                reason = "lab-not-working" if takes[line.pk] else "nothing-left"
                result.refused.append((line, reason))
        _attach(fitting, takes, by, now)
        result.consignments = [wish for _line, wish in fitting]
        _write_lines(fitting, result.refused)
        mark_many(
            verb="approve_dispatch",
            event="consignment_planned",
            subjects=[
                ("diagnostics.consignment", wish.pk, {"lab": wish.lab_id, "specimens": wish.quantity})
                for wish in result.consignments
            ]
            or [("diagnostics.dispatchplan", decided.pk, {"consignments": 0})],
            by=by,
            now=now,
        )
    return result


def reject_dispatch(*, plan: DispatchPlan, by: Actor, now: datetime) -> DispatchPlan:
    """Decide that a plan shall not be carried out.

    Raises:
        NotPermitted, WrongState, PlanOver.
    """
    TABLE.require(by, "reject_dispatch")
    with transaction.atomic():
        decided = _decided(plan, "reject", by, now)
        DispatchLine.objects.filter(plan=decided).update(state=LineState.DROPPED)
        subject = ("diagnostics.dispatchplan", plan.pk)
        mark(verb="reject_dispatch", event="dispatch_rejected", subject=subject, by=by, now=now)
    return decided


def expire_plans(*, by: Actor, now: datetime, limit: int = 100) -> int:
    """End undecided plans whose round has left; returns how many.

    Raises:
        NotPermitted: not the system.
    """
    TABLE.require(by, "expire_plans")
    with transaction.atomic():
        over = DispatchPlan.objects.select_for_update(skip_locked=True, no_key=True)
        ended = list(over.filter(state=PlanState.PROPOSED, expires_at__lte=now).order_by("pk")[:limit])
        ids = [plan.pk for plan in ended]
        DispatchPlan.objects.filter(pk__in=ids).update(state=PlanState.EXPIRED)
        DispatchLine.objects.filter(plan__in=ids).update(state=LineState.DROPPED)
        mark_many(
            verb="expire_plans",
            event="dispatch_expired",
            subjects=[("diagnostics.dispatchplan", pk, {}) for pk in ids],
            by=by,
            now=now,
        )
    return len(ended)


def release_consignment(*, consignment: Consignment, by: Actor, now: datetime) -> Consignment:
    """Take a manifest back that was not picked up; its specimens wait for the next round.

    Raises:
        NotPermitted: neither a coordinator of the city nor somebody of the lab.
        ConsignmentOver: it was picked up or is over.
    """
    TABLE.require(by, "release_consignment", partner_id=consignment.lab.site.partner_id)
    with transaction.atomic():
        carried = Consignment.objects.select_for_update(no_key=True).get(pk=consignment.pk)
        if carried.state not in OPEN or carried.picked_up_at is not None:
            raise ConsignmentOver
        _release([carried], by, now)
        subject = ("diagnostics.consignment", carried.pk)
        mark(verb="release_consignment", event="consignment_released", subject=subject, by=by, now=now)
    return carried


def release_waiting(*, lab: Lab, by: Actor, now: datetime) -> list[Consignment]:
    """Take back every promise to a lab that was not picked up; part of the verb that stops the lab."""
    waiting = list(
        Consignment.objects.select_for_update(no_key=True)
        .filter(lab=lab, state__in=OPEN, picked_up_at__isnull=True)
        .order_by("pk")
    )
    _release(waiting, by, now)
    mark_many(
        verb="release_consignment",
        event="consignment_released",
        subjects=[("diagnostics.consignment", each.pk, {"lab": lab.pk}) for each in waiting],
        by=by,
        now=now,
    )
    return waiting


def _release(consignments: list[Consignment], by: Actor, now: datetime) -> None:
    specimens = locked(Q(consignment__in=consignments, state__in=MOVABLE))
    Specimen.objects.filter(pk__in=[each.pk for each in specimens]).update(consignment=None)
    keep(specimens, EventKind.UNPLANNED, at=now, by=by, now=now)
    for carried in consignments:
        commitments.release(carried, now=now)
    Consignment.objects.filter(pk__in=[each.pk for each in consignments]).update(closed_at=now)


def _decided(plan: DispatchPlan, move: str, by: Actor, now: datetime) -> DispatchPlan:
    decided = DispatchPlan.objects.select_for_update(no_key=True).get(pk=plan.pk)
    decided.state = PLAN.move(decided.state, move)
    if decided.expires_at <= now:
        raise PlanOver
    decided.decided_at, decided.decided_by_id = now, by.user_id
    decided.save(update_fields=["state", "decided_at", "decided_by"])
    return decided


def _still_movable(lines: Sequence[DispatchLine]) -> dict[int, list[int]]:
    """Keys of each line's specimens that still wait at its origin and are on no manifest, locked.

    Two statements, as in `journey.locked`, with nothing but keys: a round of the peak day has 45,000.
    """
    wanted = [pk for line in lines for pk in line.specimens]
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT id FROM {Specimen._meta.db_table}"  # noqa: S608
            " WHERE id = ANY(%s) AND state = ANY(%s) ORDER BY id FOR NO KEY UPDATE",
            [wanted, [str(state) for state in MOVABLE]],
        )
        kept = [pk for (pk,) in cursor.fetchall()]
        cursor.execute(
            "SELECT specimen.id, coalesce(lab.site_id, specimen.site_id)"  # noqa: S608
            f" FROM {Specimen._meta.db_table} specimen"
            f" LEFT JOIN {Lab._meta.db_table} lab ON lab.id = specimen.lab_id"
            f" LEFT JOIN {Consignment._meta.db_table} carried ON carried.id = specimen.consignment_id"
            " WHERE specimen.id = ANY(%s) AND (carried.id IS NULL OR carried.state <> ALL(%s))",
            [kept, [str(state) for state in OPEN]],
        )
        waits_at = dict(cursor.fetchall())
    takes: dict[int, list[int]] = defaultdict(list)
    for line in lines:
        takes[line.pk] += [pk for pk in line.specimens if waits_at.get(pk) == line.origin_id]
    return takes


def _working_labs(labs: set[int]) -> set[int]:
    """Labs that take specimens, kept so until the transaction ends."""
    rows = (
        Lab.objects.select_for_update(of=("self",), no_key=True)
        .filter(pk__in=labs, state=LabState.ACTIVE)
        .order_by("pk")
    )
    partners = {lab.pk: lab.site.partner_id for lab in rows.select_related("site")}
    # Shared locks: a partner cannot be frozen between this question and the promise.
    active = set()
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT id FROM {connection.ops.quote_name(Partner._meta.db_table)}"  # noqa: S608
            " WHERE id = ANY(%s) AND state = %s ORDER BY id FOR SHARE",
            [sorted(set(partners.values())), PartnerState.ACTIVE],
        )
        active = {row[0] for row in cursor.fetchall()}
    return {lab for lab, partner in partners.items() if partner in active}


def _consignment(
    plan: DispatchPlan, line: DispatchLine, quantity: int, courier: User | None, now: datetime
) -> Consignment:
    return Consignment(
        origin_id=line.origin_id,
        lab_id=line.lab_id,
        lab_day_id=line.lab_day_id,
        plan=plan,
        courier=courier,
        quantity=quantity,
        state=CommitmentState.CONFIRMED,
        made_at=now,
        departs_at=plan.departs_at,
        arrives_at=line.arrives_at,
    )


def _attach(
    fitting: Sequence[tuple[DispatchLine, Consignment]],
    takes: dict[int, list[int]],
    by: Actor,
    now: datetime,
) -> None:
    """Tie specimens to their manifests: one statement, and one for the events."""
    pairs = [(pk, wish.pk) for line, wish in fitting for pk in takes[line.pk]]
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {Specimen._meta.db_table} AS specimen SET consignment_id = planned.consignment"  # noqa: S608
            " FROM unnest(%s::bigint[], %s::bigint[]) AS planned (id, consignment)"
            " WHERE specimen.id = planned.id",
            [[pk for pk, _wish in pairs], [wish for _pk, wish in pairs]],
        )
    keep([pk for pk, _wish in pairs], EventKind.PLANNED, at=now, by=by, now=now)


def _write_lines(
    fitting: Sequence[tuple[DispatchLine, Consignment]], refused: Sequence[tuple[DispatchLine, str]]
) -> None:
    for line, wish in fitting:
        line.state, line.consignment = LineState.APPROVED, wish
    for line, code in refused:
        line.state, line.refusal = LineState.REFUSED, code
    changed = [line for line, _rest in (*fitting, *refused)]
    DispatchLine.objects.bulk_update(changed, ["state", "consignment", "refusal"], batch_size=1000)


__all__ = [
    "Approved",
    "LabDay",
    "approve_dispatch",
    "expire_plans",
    "propose_dispatch",
    "reject_dispatch",
    "release_consignment",
    "release_waiting",
]
