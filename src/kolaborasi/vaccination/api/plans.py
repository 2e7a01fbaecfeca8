"""The supply plan as JSON: propose, read, approve or reject a line."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Schema
from pydantic import Field, StrictInt

from kolaborasi.common.actors import Actor
from kolaborasi.common.clock import utc_now
from kolaborasi.common.errors import NotPermitted
from kolaborasi.common.http.cursors import PageQuery, next_link, slice_of
from kolaborasi.common.http.examples import examples
from kolaborasi.common.http.writes import acting, documented
from kolaborasi.vaccination import services
from kolaborasi.vaccination.api.access import location_of, once, there
from kolaborasi.vaccination.api.schemas import LineOut, LinePage, SupplyPlanOut, SupplyPlanPage
from kolaborasi.vaccination.models import SupplyLine, SupplyPlan
from kolaborasi.vaccination.permissions import TABLE
from kolaborasi.vaccination.queries import work

router = Router()
FIRST_DAY, LAST_DAY = datetime.date(2000, 1, 1), datetime.date(2100, 1, 1)


class ProposeIn(Schema):
    """A store and the days to plan for."""

    model_config = examples({"store": 8, "starts_date": "2021-07-13", "days": 7}, closed=True)

    store: StrictInt = Field(description="Location of a warehouse.")
    starts_date: datetime.date = Field(ge=FIRST_DAY, le=LAST_DAY)
    days: int = Field(7, ge=1, le=60, strict=True)


@router.get("/supply-plans", response=SupplyPlanPage, summary="List supply plans")
def list_supply_plans(request: HttpRequest, response: HttpResponse, page: Query[PageQuery]) -> dict[str, Any]:
    """The newest first."""
    _require_planner(acting(request))
    part = slice_of(work.supply_plans(), order=("-proposed_at", "-pk"), page=page)
    return {
        "items": [SupplyPlanOut.of(each) for each in part.rows],
        "next": next_link(request, response, part.cursor),
    }


@router.get("/supply-plans/{plan_id}", response=SupplyPlanOut, summary="Read one supply plan")
def get_supply_plan(request: HttpRequest, plan_id: int) -> SupplyPlanOut:
    """What it comes to."""
    _require_planner(acting(request))
    return SupplyPlanOut.of(_plan(plan_id))


@router.get("/supply-plans/{plan_id}/lines", response=LinePage, summary="List the lines of a supply plan")
def list_supply_lines(
    request: HttpRequest, response: HttpResponse, plan_id: int, page: Query[PageQuery]
) -> dict[str, Any]:
    """By day, with the reasons in numbers."""
    _require_planner(acting(request))
    found = work.plan_lines(_plan(plan_id))
    part = slice_of(found, order=("arrives_date", "pk"), page=page, question={"plan": plan_id})
    return {
        "items": [LineOut.of(each) for each in part.rows],
        "next": next_link(request, response, part.cursor),
    }


@router.post(
    "/supply-plans",
    response={201: SupplyPlanOut},
    summary="Propose a supply plan",
    openapi_extra=documented(verb="vaccination.propose_supply", needs_key=True),
)
def propose_supply(request: HttpRequest, payload: ProposeIn) -> HttpResponse:
    """A plan advises; nothing moves until a line is approved."""

    def act(actor: Actor) -> SupplyPlanOut:
        TABLE.require(actor, "propose_supply")
        made = services.propose_supply(
            store=location_of(payload.store),
            start=payload.starts_date,
            days=payload.days,
            by=actor,
            now=utc_now(),
        )
        return SupplyPlanOut.of(made)

    return once(
        request,
        payload,
        act,
        status=201,
        location=lambda made: f"/api/v1/vaccination/supply-plans/{made.id}",
        needs_key=True,
    )


@router.post(
    "/supply-plans/{plan_id}/lines/{line_id}/approve",
    response=LineOut,
    summary="Approve a line of a supply plan",
    openapi_extra=documented(verb="vaccination.approve_supply_line"),
)
def approve_supply_line(request: HttpRequest, plan_id: int, line_id: int) -> HttpResponse:
    """Its doses are sent by the verb a person would have used, which may refuse."""
    return _decided(request, plan_id, line_id, services.approve_supply_line)


@router.post(
    "/supply-plans/{plan_id}/lines/{line_id}/reject",
    response=LineOut,
    summary="Reject a line of a supply plan",
    openapi_extra=documented(verb="vaccination.reject_supply_line"),
)
def reject_supply_line(request: HttpRequest, plan_id: int, line_id: int) -> HttpResponse:
    """It stays undone."""
    return _decided(request, plan_id, line_id, services.reject_supply_line)


def _require_planner(actor: Actor) -> None:
    if not TABLE.allows(actor, "approve_supply_line"):
        raise NotPermitted


def _plan(pk: int) -> SupplyPlan:
    return there(work.supply_plans().filter(pk=pk).first())


def _line(plan_id: int, line_id: int) -> SupplyLine:
    return there(work.plan_lines(_plan(plan_id)).filter(pk=line_id).first())


def _decided(
    request: HttpRequest, plan_id: int, line_id: int, verb: Callable[..., SupplyLine]
) -> HttpResponse:
    def act(actor: Actor) -> LineOut:
        _require_planner(actor)
        verb(line=_line(plan_id, line_id), by=actor, now=utc_now())
        return LineOut.of(_line(plan_id, line_id))

    return once(request, None, act)
