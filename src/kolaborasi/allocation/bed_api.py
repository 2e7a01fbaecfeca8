"""Plans of beds as JSON: plan, read, approve, reject."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Schema
from pydantic import Field

from kolaborasi.allocation import queries, services
from kolaborasi.allocation.api import (
    PROPOSAL,
    DecidedOut,
    LinesIn,
    ProposalOut,
    ProposalUnknown,
    RejectedOut,
    decided,
)
from kolaborasi.allocation.models import BedLine, Proposal
from kolaborasi.allocation.permissions import TABLE
from kolaborasi.allocation.rules import MOST_AT_ONCE
from kolaborasi.common.clock import utc_now
from kolaborasi.common.http.cursors import Page, PageQuery, next_link, slice_of
from kolaborasi.common.http.examples import examples
from kolaborasi.common.http.writes import Written, acting, documented, write_once

router = Router(tags=["plans"])
# Lines speak of patients, so that only those who decide see them.
SEEING = {"x-verb": "allocation.propose_beds"}
BED_PLAN = {**PROPOSAL, "programme": "hospitals"}
BED_LINE = {
    "id": 801,
    "kind": "placement",
    "referral": 903,
    "patient": "8e03978e-40d5-43dd-bc93-6894a57f9324",
    "leaves": None,
    "hospital": 17,
    "bed_class": "isolation-np",
    "pool": 77,
    "beds": 1,
    "minutes": 18.5,
    "reason": "nearest",
    "numbers": {},
    "state": "proposed",
    "refusal": "",
    "placement": None,
    "conversion": None,
}


class BedPlanOut(ProposalOut):
    """A plan of beds with what it would change."""

    model_config = examples(BED_PLAN)


class BedPlanPage(Page[BedPlanOut]):
    """A page of bed plans."""


class BedLineOut(Schema):
    """One line: a waiting patient to a bed, one whose bed is gone to another, or beds to convert; and why."""

    model_config = examples(BED_LINE)

    id: int
    kind: str
    referral: int | None
    patient: UUID | None = Field(description="Pseudonymous id.")
    leaves: int | None = Field(description="Placement of the bed the patient leaves, for a transfer.")
    hospital: int
    bed_class: str
    pool: int | None
    beds: int
    minutes: float | None = Field(description="Estimated.")
    reason: str
    numbers: dict[str, Any]
    state: str
    refusal: str = Field(description="Code of the verb's refusal, when it refused.")
    placement: int | None
    conversion: int | None

    @classmethod
    def of(cls, line: BedLine) -> BedLineOut:
        """The words of a line read by `queries.bed_lines_of()`."""
        return cls(
            id=line.pk,
            kind=line.kind,
            referral=line.referral_id,
            patient=line.referral.patient_id if line.referral else None,
            leaves=line.leaves_id,
            hospital=line.hospital_id,
            bed_class=line.bed_class,
            pool=line.pool_id,
            beds=line.beds,
            minutes=line.minutes,
            reason=line.reason,
            numbers=line.numbers,
            state=line.state,
            refusal=line.refusal,
            placement=line.placement_id,
            conversion=line.conversion_id,
        )


class BedLinePage(Page[BedLineOut]):
    """A page of a bed plan's lines."""


@router.get("", response=BedPlanPage, summary="List plans of beds", openapi_extra=SEEING)
def list_bed_plans(request: HttpRequest, response: HttpResponse, page: Query[PageQuery]) -> dict[str, Any]:
    """Plans of beds, newest first."""
    TABLE.require(acting(request), "propose_beds")
    part = slice_of(queries.bed_proposals(), order=("-made_at", "-pk"), page=page)
    return {
        "items": [BedPlanOut.of(proposal) for proposal in part.rows],
        "next": next_link(request, response, part.cursor),
    }


@router.get("/{plan_id}", response=BedPlanOut, summary="Read one plan of beds", openapi_extra=SEEING)
def get_bed_plan(request: HttpRequest, plan_id: int) -> ProposalOut:
    """A plan with its effect and its certificate."""
    TABLE.require(acting(request), "propose_beds")
    return BedPlanOut.of(_proposal(plan_id))


@router.get(
    "/{plan_id}/lines", response=BedLinePage, summary="List the lines of a plan of beds", openapi_extra=SEEING
)
def list_bed_lines(
    request: HttpRequest, response: HttpResponse, plan_id: int, page: Query[PageQuery]
) -> dict[str, Any]:
    """Each line with its reason."""
    TABLE.require(acting(request), "propose_beds")
    part = slice_of(queries.bed_lines_of(_proposal(plan_id)), order=("pk",), page=page)
    return {
        "items": [BedLineOut.of(line) for line in part.rows],
        "next": next_link(request, response, part.cursor),
    }


@router.post(
    "",
    response={201: BedPlanOut},
    summary="Plan everybody who waits and every bed left",
    openapi_extra=documented(verb="allocation.propose_beds", needs_key=True),
)
def propose_bed_plan(request: HttpRequest) -> HttpResponse:
    """Make a plan for a person to decide; no hospital is asked before."""
    actor = acting(request)

    def write() -> Written:
        made = services.propose_beds(by=actor, now=utc_now())
        return Written(BedPlanOut.of(_proposal(made.pk)), 201, f"/api/v1/bed-plans/{made.pk}")

    return write_once(request, write=write, needs_key=True)


@router.post(
    "/{plan_id}/approve",
    response=DecidedOut,
    summary="Approve lines of a plan of beds",
    openapi_extra=documented(verb="allocation.approve", needs_key=True),
)
def approve_bed_plan(request: HttpRequest, plan_id: int, payload: LinesIn) -> HttpResponse:
    """Offer patients and ask hospitals by the verb a person would have used, which may refuse some.

    Each line is decided by itself and stands at once. At most 1000 are decided at a time: send the request again, with
    a new key, while `left` is not 0.
    """
    actor = acting(request)
    TABLE.require(actor, "approve")

    def write() -> Written:
        return Written(decided(_lines(plan_id, payload), MOST_AT_ONCE, by=actor, now=utc_now()))

    return _write(request, payload, write, in_steps=True)


@router.post(
    "/{plan_id}/reject",
    response=RejectedOut,
    summary="Reject lines of a plan of beds",
    openapi_extra=documented(verb="allocation.reject", needs_key=True),
)
def reject_bed_plan(request: HttpRequest, plan_id: int, payload: LinesIn) -> HttpResponse:
    """Decide that lines shall not be carried out."""
    actor = acting(request)
    TABLE.require(actor, "reject")

    def write() -> Written:
        rejected = services.reject(lines=_lines(plan_id, payload), by=actor, now=utc_now())
        return Written(RejectedOut(rejected=rejected))

    return _write(request, payload, write)


def _write(
    request: HttpRequest, payload: LinesIn, write: Callable[[], Written], *, in_steps: bool = False
) -> HttpResponse:
    return write_once(request, content=payload.dict(), write=write, needs_key=True, in_steps=in_steps)


def _lines(plan_id: int, payload: LinesIn) -> list[BedLine]:
    return queries.open_bed_lines_of(_proposal(plan_id), payload.lines)


def _proposal(plan_id: int) -> Proposal:
    proposal = queries.bed_proposal_by_id(plan_id)
    if proposal is None:
        raise ProposalUnknown
    return proposal
