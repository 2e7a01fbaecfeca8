"""Proposals as JSON: plan, read, approve, reject."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from ninja import Query, Router, Schema
from pydantic import Field, StrictInt

from kolaborasi.aid.api.schemas import SEMBAKO, ItemRef
from kolaborasi.allocation import queries, services
from kolaborasi.allocation.models import Proposal, ProposalLine
from kolaborasi.allocation.permissions import TABLE
from kolaborasi.allocation.rules import MOST_AT_ONCE
from kolaborasi.common.actors import Actor
from kolaborasi.common.clock import utc_now
from kolaborasi.common.errors import NotFound
from kolaborasi.common.http.cursors import Page, PageQuery, next_link, slice_of
from kolaborasi.common.http.examples import examples
from kolaborasi.common.http.writes import Written, acting, documented, write_once
from kolaborasi.places.api import KEMAYORAN, PlaceRef

router = Router(tags=["plans"])
PROPOSAL = {
    "id": 3,
    "programme": "aid",
    "state": "proposed",
    "made_at": "2021-07-12T03:00:00Z",
    "expires_at": "2021-07-13T03:00:00Z",
    "parameters": {},
    "before": {},
    "after": {},
    "baseline": {},
    "certificate": {},
    "lines": 120,
    "open": 120,
    "approved": 0,
    "refused": 0,
}
LINE = {
    "id": 1201,
    "offer": 31,
    "need": 412,
    "need_line": 981,
    "item": SEMBAKO,
    "to": KEMAYORAN,
    "quantity": 12,
    "distance_km": 3.4,
    "minutes": 16.0,
    "reason": "least-covered",
    "numbers": {},
    "state": "proposed",
    "refusal": "",
    "pledge": None,
}
DECIDED = {
    "approved": [1201],
    "refused": [{"line": 1202, "code": "not-enough-left"}],
    "decided_before": [],
    "left": 0,
}


class ProposalUnknown(NotFound):
    """There is no such plan."""

    code = "plan-unknown"

    def __init__(self) -> None:
        super().__init__(_("There is no such plan. See the list of plans."))


class ProposalOut(Schema):
    """A plan as it was made; before, after and baseline (first come, first served) hold its effect."""

    model_config = examples(PROPOSAL)

    id: int
    programme: str
    state: str
    made_at: datetime
    expires_at: datetime
    parameters: dict[str, Any]
    before: dict[str, Any]
    after: dict[str, Any]
    baseline: dict[str, Any]
    certificate: dict[str, Any] = Field(description="How good the plan is proven to be.")
    lines: int
    open: int = Field(description="Lines still to be decided.")
    approved: int
    refused: int

    @classmethod
    def of(cls, proposal: Proposal) -> ProposalOut:
        """The words of a proposal read by `queries.proposals()`."""
        return cls(
            id=proposal.pk,
            programme=proposal.programme,
            state=proposal.state,
            made_at=proposal.made_at,
            expires_at=proposal.expires_at,
            parameters=proposal.parameters,
            before=proposal.before,
            after=proposal.after,
            baseline=proposal.baseline,
            certificate=proposal.certificate,
            lines=proposal.line_count,  # type: ignore[attr-defined]
            open=proposal.open_count,  # type: ignore[attr-defined]
            approved=proposal.approved_count,  # type: ignore[attr-defined]
            refused=proposal.refused_count,  # type: ignore[attr-defined]
        )


class ProposalPage(Page[ProposalOut]):
    """A page of plans."""


class LineOut(Schema):
    """One line of a plan: so many units of an offer for a line of a need, and why."""

    model_config = examples(LINE)

    id: int
    offer: int
    need: int
    need_line: int
    item: ItemRef
    to: PlaceRef
    quantity: int
    distance_km: float
    minutes: float = Field(description="Estimated.")
    reason: str
    numbers: dict[str, Any]
    state: str
    refusal: str = Field(description="Code of the verb's refusal, when it refused.")
    pledge: int | None

    @classmethod
    def of(cls, line: ProposalLine) -> LineOut:
        """The words of a line read by `queries.lines_of()`."""
        return cls(
            id=line.pk,
            offer=line.offer_id,
            need=line.need_line.need_id,
            need_line=line.need_line_id,
            item=ItemRef.of(line.need_line.item),
            to=PlaceRef.of(line.need_line.need.place),
            quantity=line.quantity,
            distance_km=line.distance_km,
            minutes=line.minutes,
            reason=line.reason,
            numbers=line.numbers,
            state=line.state,
            refusal=line.refusal,
            pledge=line.pledge_id,
        )


class LinePage(Page[LineOut]):
    """A page of a plan's lines."""


class ProposeIn(Schema):
    """How to plan."""

    model_config = examples({"seed": 0}, closed=True)

    seed: int = Field(0, ge=0, le=2**31 - 1, strict=True, description="The same seed plans the same.")


class LinesIn(Schema):
    """Which lines of a plan."""

    model_config = examples({"lines": [1201, 1202]}, closed=True)

    lines: list[StrictInt] | None = Field(
        None, max_length=10_000, description="All undecided lines when absent."
    )


class RefusedLine(Schema):
    """A line whose verb refused."""

    line: int
    code: str


class DecidedOut(Schema):
    """What an approval did."""

    model_config = examples(DECIDED)

    approved: list[int]
    refused: list[RefusedLine]
    decided_before: list[int] = Field(description="Lines somebody had decided already, or whose day is over.")
    left: int = Field(description="Lines asked for that are still to be decided, for the next request.")


class RejectedOut(Schema):
    """How many lines were still undecided and are rejected now."""

    model_config = examples({"rejected": 2})

    rejected: int


@router.get("", response=ProposalPage, summary="List plans", openapi_extra={"x-verb": "allocation.see_plans"})
def list_plans(request: HttpRequest, response: HttpResponse, page: Query[PageQuery]) -> dict[str, Any]:
    """Plans, newest first."""
    TABLE.require(acting(request), "see_plans")
    part = slice_of(queries.proposals(), order=("-made_at", "-pk"), page=page)
    return {
        "items": [ProposalOut.of(proposal) for proposal in part.rows],
        "next": next_link(request, response, part.cursor),
    }


@router.get(
    "/{plan_id}",
    response=ProposalOut,
    summary="Read one plan",
    openapi_extra={"x-verb": "allocation.see_plans"},
)
def get_plan(request: HttpRequest, plan_id: int) -> ProposalOut:
    """A plan with its effect and its certificate."""
    TABLE.require(acting(request), "see_plans")
    return ProposalOut.of(_proposal(plan_id))


@router.get(
    "/{plan_id}/lines",
    response=LinePage,
    summary="List the lines of a plan",
    openapi_extra={"x-verb": "allocation.see_plans"},
)
def list_plan_lines(
    request: HttpRequest, response: HttpResponse, plan_id: int, page: Query[PageQuery]
) -> dict[str, Any]:
    """Each line with its reason."""
    TABLE.require(acting(request), "see_plans")
    part = slice_of(queries.lines_of(_proposal(plan_id)), order=("pk",), page=page)
    return {
        "items": [LineOut.of(line) for line in part.rows],
        "next": next_link(request, response, part.cursor),
    }


@router.post(
    "",
    response={201: ProposalOut},
    summary="Plan open needs and offers",
    openapi_extra=documented(verb="allocation.propose", needs_key=True),
)
def propose_plan(request: HttpRequest, payload: ProposeIn) -> HttpResponse:
    """Make a plan for a person to decide; it promises nothing."""
    actor = acting(request)

    def write() -> Written:
        made = services.propose(seed=payload.seed, by=actor, now=utc_now())
        return Written(ProposalOut.of(_proposal(made.pk)), 201, f"/api/v1/plans/{made.pk}")

    return write_once(request, content=payload.dict(), write=write, needs_key=True)


@router.post(
    "/{plan_id}/approve",
    response=DecidedOut,
    summary="Approve lines of a plan",
    openapi_extra=documented(verb="allocation.approve", needs_key=True),
)
def approve_plan(request: HttpRequest, plan_id: int, payload: LinesIn) -> HttpResponse:
    """Turn lines into promises by the verb a person would have used, which may refuse some.

    Each line is decided by itself and stands at once. At most 1000 are decided at a time: send the request again, with
    a new key, while `left` is not 0.
    """

    def decide(lines: list[ProposalLine]) -> DecidedOut:
        return decided(lines, MOST_AT_ONCE, by=acting(request), now=utc_now())

    return _decide(request, plan_id, payload, "approve", decide, in_steps=True)


def decided(lines: Sequence[services.AnyLine], most: int, *, by: Actor, now: datetime) -> DecidedOut:
    """Approve the first `most` of the lines, each by itself; what became of them, and how many are left."""
    done = services.approve(lines=lines[:most], by=by, now=now)
    return DecidedOut(
        approved=[line.pk for line in done.approved],
        refused=[RefusedLine(line=line.pk, code=code) for line, code in done.refused],
        decided_before=done.decided_before,
        left=max(0, len(lines) - most),
    )


@router.post(
    "/{plan_id}/reject",
    response=RejectedOut,
    summary="Reject lines of a plan",
    openapi_extra=documented(verb="allocation.reject", needs_key=True),
)
def reject_plan(request: HttpRequest, plan_id: int, payload: LinesIn) -> HttpResponse:
    """Decide that lines shall not be carried out."""

    def decide(lines: list[ProposalLine]) -> RejectedOut:
        return RejectedOut(rejected=services.reject(lines=lines, by=acting(request), now=utc_now()))

    return _decide(request, plan_id, payload, "reject", decide)


def _decide(
    request: HttpRequest,
    plan_id: int,
    payload: LinesIn,
    verb: str,
    decide: Callable[[list[ProposalLine]], Schema],
    *,
    in_steps: bool = False,
) -> HttpResponse:
    TABLE.require(acting(request), verb)

    def write() -> Written:
        return Written(decide(queries.open_lines_of(_proposal(plan_id), payload.lines)))

    return write_once(request, content=payload.dict(), write=write, needs_key=True, in_steps=in_steps)


def _proposal(plan_id: int) -> Proposal:
    proposal = queries.proposal_by_id(plan_id)
    if proposal is None:
        raise ProposalUnknown
    return proposal
