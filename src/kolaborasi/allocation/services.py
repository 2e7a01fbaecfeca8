"""Verbs on proposals: propose, approve, reject, expire."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.timezone import localdate

from kolaborasi.allocation import carrying_out
from kolaborasi.allocation.bed_draft import BedDraft, draft_beds
from kolaborasi.allocation.draft import Draft, draft
from kolaborasi.allocation.models import BedLine, Programme, Proposal, ProposalLine
from kolaborasi.allocation.permissions import TABLE
from kolaborasi.allocation.queries import line_counts
from kolaborasi.allocation.rules import BED_LIFE, LIFE
from kolaborasi.allocation.states import LINE, PROPOSAL, LineState, event_of
from kolaborasi.audit.services import record, record_many
from kolaborasi.common.actors import Actor
from kolaborasi.common.errors import NotPermitted, Refused
from kolaborasi.events.services import emit, emit_many
from kolaborasi.hospitals.plan import TARGET
from kolaborasi.optimisation import Fairness

AnyLine = ProposalLine | BedLine
"""A line of a plan of any programme; those of one call may be of several."""


@dataclass
class Decided:
    """What an approval did.

    Args:
        approved: lines that are pledges, offered beds or requests to convert beds now.
        refused: lines whose verb refused, each with the code of the refusal.
        decided_before: ids of lines somebody had decided already, or whose day is over.
    """

    approved: list[AnyLine] = field(default_factory=list)
    refused: list[tuple[AnyLine, str]] = field(default_factory=list)
    decided_before: list[int] = field(default_factory=list)


def propose(
    *,
    by: Actor,
    now: datetime,
    programme: str = Programme.AID,
    fairness: Fairness | None = None,
    seed: int = 0,
    planned: Draft | None = None,
) -> Proposal:
    """Plan open needs and offers and store the plan for a person to decide.

    Args:
        programme: `aid`; beds are planned by `propose_beds`.
        fairness: see `optimisation.Fairness`; ten bands of coverage when absent.
        planned: a draft made just now, stored instead of planning again.

    Raises:
        NotPermitted: no coordinator.
        NothingToPlan: no open need and offer of the same item.
    """
    TABLE.require(by, "propose")
    made = planned or draft(today=localdate(now), fairness=fairness, seed=seed)
    with transaction.atomic():
        proposal = Proposal.objects.create(
            programme=Programme(programme),
            made_at=now,
            made_by_id=by.user_id,
            expires_at=now + LIFE,
            parameters=made.parameters,
            before=made.before,
            after=made.after,
            baseline=made.baseline,
            certificate=made.certificate,
        )
        ProposalLine.objects.bulk_create(
            (
                ProposalLine(
                    proposal=proposal,
                    offer_id=line.offer_id,
                    need_line_id=line.need_line_id,
                    quantity=line.quantity,
                    distance_km=line.distance_km,
                    minutes=line.minutes,
                    reason=line.reason,
                    numbers=line.numbers,
                )
                for line in made.lines
            ),
            batch_size=1000,
        )
        detail = {"programme": proposal.programme, "lines": len(made.lines), **made.parameters}
        _mark("propose", "proposed", ("allocation.proposal", proposal.pk), by, now, detail)
    return proposal


def propose_beds(
    *, by: Actor, now: datetime, target: float = TARGET, planned: BedDraft | None = None
) -> Proposal:
    """Plan everybody who waits for a bed and every bed left, and store the plan for a person to decide.

    Args:
        target: share of a hospital's beds of a class above which the plan looks elsewhere first, and above which it
            proposes to convert beds.
        planned: a draft made just now, stored instead of planning again.

    Raises:
        NotPermitted: no coordinator.
        NobodyWaits: nobody waits and no class is above the target.
    """
    TABLE.require(by, "propose_beds")
    made = planned or draft_beds(now=now, target=target)
    with transaction.atomic():
        proposal = Proposal.objects.create(
            programme=Programme.HOSPITALS,
            made_at=now,
            made_by_id=by.user_id,
            expires_at=now + BED_LIFE,
            parameters=made.parameters,
            before=made.before,
            after=made.after,
            baseline=made.baseline,
            certificate=made.certificate,
        )
        BedLine.objects.bulk_create(
            (BedLine(proposal=proposal, **asdict(line)) for line in made.lines), batch_size=1000
        )
        detail = {"programme": proposal.programme, "lines": len(made.lines), **made.parameters}
        _mark("propose_beds", "proposed", ("allocation.proposal", proposal.pk), by, now, detail)
    return proposal


def approve(*, lines: Sequence[AnyLine], by: Actor, now: datetime) -> Decided:
    """Turn lines of a proposal into what they propose, one after the other, each in a transaction of its own.

    A line whose verb refuses is kept as refused with the reason, and the next one is tried. Approving a decided line
    again does nothing, also when two people do it at the same moment.

    Args:
        lines: of one proposal, or of several.

    Raises:
        NotPermitted: no coordinator; nothing is changed.
    """
    TABLE.require(by, "approve")
    result = Decided()
    try:
        for line in lines:
            _approve_line(line, by, now, result)
    finally:
        _follow_lines({line.proposal_id for line in lines})
    return result


def reject(*, lines: Sequence[AnyLine], by: Actor, now: datetime) -> int:
    """Decide that lines shall not be carried out; returns how many were still undecided.

    Raises:
        NotPermitted: no coordinator.
    """
    TABLE.require(by, "reject")
    with transaction.atomic():
        number = 0
        for model in LINES:
            wanted = [line.pk for line in lines if isinstance(line, model)]
            ended = _end(model, wanted, LineState.REJECTED, by, now)
            _mark_lines(model, "reject", "line_rejected", ended, by, now)
            number += len(ended)
        _follow_lines({line.proposal_id for line in lines})
    return number


def expire(*, by: Actor, now: datetime, limit: int = 100) -> int:
    """End the undecided lines of proposals whose day is over; returns how many proposals.

    Raises:
        NotPermitted: not the system.
    """
    TABLE.require(by, "expire")
    open_lines = Q(lines__state=LineState.PROPOSED) | Q(bed_lines__state=LineState.PROPOSED)
    due = Proposal.objects.filter(open_lines, expires_at__lte=now)
    over = list(due.order_by("pk").distinct().values_list("pk", flat=True)[:limit])
    for pk in over:
        with transaction.atomic():
            for model in LINES:
                open_ids = model._default_manager.filter(proposal_id=pk, state=LineState.PROPOSED)
                _end(model, list(open_ids.values_list("pk", flat=True)), LineState.EXPIRED, by, now)
            _mark("expire", "expired", ("allocation.proposal", pk), by, now, {})
            _follow_lines({pk})
    return len(over)


def _approve_line(given: AnyLine, by: Actor, now: datetime, result: Decided) -> None:
    with transaction.atomic():
        # The lock of the line is what makes two approvals of it one pledge.
        line = carrying_out.locked(given)
        if line.state != LineState.PROPOSED or line.proposal.expires_at <= now:
            result.decided_before.append(line.pk)
            return
        line.decided_at, line.decided_by_id = now, by.user_id
        made: dict[str, Any] = {}
        try:
            made = carrying_out.carry_out(line, by=by, now=now)
        except NotPermitted:
            raise
        except Refused as error:
            line.state, line.refusal = LINE.move(line.state, "refuse"), error.code
            line.refusal_numbers = error.details
            result.refused.append((line, error.code))
        else:
            line.state = LINE.move(line.state, "approve")
            for name, value in made.items():
                setattr(line, name, value)
            result.approved.append(line)
        line.save(update_fields=[*made, "state", "refusal", "refusal_numbers", "decided_at", "decided_by"])
        detail = {**{name: value.pk for name, value in made.items()}, "refusal": line.refusal}
        _mark("approve", f"line_{line.state}", (_kind(type(line)), line.pk), by, now, detail)


LINES: tuple[type[AnyLine], ...] = (ProposalLine, BedLine)


def _kind(model: type[AnyLine]) -> str:
    return str(model._meta.label_lower)


def _end(model: type[AnyLine], ids: list[int], state: LineState, by: Actor, now: datetime) -> list[int]:
    """Lock undecided lines in the order of their ids and end them; returns those that were undecided."""
    lines = model._default_manager
    undecided = lines.select_for_update(no_key=True).filter(pk__in=ids, state=LineState.PROPOSED)
    ended = [line.pk for line in undecided.order_by("pk")]
    lines.filter(pk__in=ended).update(state=state, decided_at=now, decided_by_id=by.user_id)
    return ended


def _follow_lines(proposal_ids: set[int]) -> None:
    """Bring the state of proposals to what their lines say."""
    for pk in sorted(proposal_ids):
        with transaction.atomic():
            proposal = Proposal.objects.select_for_update(no_key=True).get(pk=pk)
            event = event_of(line_counts(proposal))
            # A decided proposal whose lines are decided once more stays what it is.
            if event is not None and proposal.state in PROPOSAL.sources(event):
                proposal.state = PROPOSAL.move(proposal.state, event)
                proposal.save(update_fields=["state"])


def _mark(
    verb: str, event: str, subject: tuple[str, object], by: Actor, now: datetime, detail: dict[str, Any]
) -> None:
    record(verb=f"allocation.{verb}", subject=subject, by=by, now=now, detail=detail)
    emit(name=f"allocation.{event}", subject=subject, now=now, data=detail)


def _mark_lines(
    model: type[AnyLine], verb: str, event: str, ids: list[int], by: Actor, now: datetime
) -> None:
    if not ids:
        return
    subjects: list[tuple[str, object, dict[str, Any]]] = [(_kind(model), pk, {}) for pk in ids]
    record_many(verb=f"allocation.{verb}", subjects=subjects, by=by, now=now)
    emit_many(name=f"allocation.{event}", subjects=subjects, now=now)
