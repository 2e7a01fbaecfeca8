"""Dispatch plans and manifests as JSON."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Schema
from pydantic import AwareDatetime, Field, StrictInt

from kolaborasi.common.actors import Actor
from kolaborasi.common.clock import utc_now
from kolaborasi.common.http.conditional import require_match
from kolaborasi.common.http.cursors import PageQuery, next_link, slice_of
from kolaborasi.common.http.examples import examples
from kolaborasi.common.http.writes import Written, acting, documented, write_once
from kolaborasi.diagnostics import queries, services
from kolaborasi.diagnostics.api.access import (
    changed,
    lab_of,
    lock,
    made,
    own_lab,
    own_site,
    seen_consignment,
    seen_plan,
)
from kolaborasi.diagnostics.api.schemas.specimens import (
    AT,
    ConsignmentOut,
    ConsignmentPage,
    DispatchApprovedOut,
    DispatchLineOut,
    DispatchLinePage,
    DispatchPlanOut,
    DispatchPlanPage,
    LineRefused,
    ReceivedOut,
    SpecimenList,
    SpecimenOut,
)
from kolaborasi.diagnostics.permissions import TABLE
from kolaborasi.diagnostics.states import PlanState

router = Router()


class DispatchIn(Schema):
    """When the round leaves."""

    model_config = examples({"departs_at": AT}, closed=True)

    departs_at: AwareDatetime


class ScanIn(Schema):
    """What was scanned, and when."""

    model_config = examples({"barcodes": ["K0000000423"], "at": AT}, closed=True)

    barcodes: list[str] = Field(min_length=1, max_length=5000)
    at: AwareDatetime


class BroughtBackIn(Schema):
    """When it came back."""

    model_config = examples({"at": AT}, closed=True)

    at: AwareDatetime


class ReceiptScanIn(Schema):
    """What a lab scanned, against a manifest when there is one."""

    model_config = examples({"barcodes": ["K0000000423"], "at": AT, "consignment": 3}, closed=True)

    barcodes: list[str] = Field(min_length=1, max_length=5000)
    at: AwareDatetime
    consignment: StrictInt | None = None


class PlanQuery(Schema):
    """Which plans."""

    state: PlanState | None = None


class ConsignmentQuery(Schema):
    """Which manifests: to a lab or from a site of the caller's; else a courier's own and free ones."""

    lab: int | None = None
    site: int | None = None


@router.get("/dispatch-plans", response=DispatchPlanPage, summary="List dispatch plans")
def list_dispatch_plans(
    request: HttpRequest, response: HttpResponse, asked: Query[PlanQuery], page: Query[PageQuery]
) -> dict[str, Any]:
    """For coordinators; the newest first."""
    TABLE.require(acting(request), "propose_dispatch")
    found = queries.plans().filter(state=asked.state) if asked.state else queries.plans()
    part = slice_of(found, order=("-made_at", "-pk"), page=page, question=asked.dict())
    items = [DispatchPlanOut.of(each) for each in part.rows]
    return {"items": items, "next": next_link(request, response, part.cursor)}


@router.get("/dispatch-plans/{plan_id}", response=DispatchPlanOut, summary="Read one dispatch plan")
def get_dispatch_plan(request: HttpRequest, plan_id: int) -> DispatchPlanOut:
    """Expected turnaround beside that of fixed contracts."""
    return DispatchPlanOut.of(seen_plan(plan_id, acting(request)))


@router.get(
    "/dispatch-plans/{plan_id}/lines", response=DispatchLinePage, summary="List the lines of a dispatch plan"
)
def list_dispatch_lines(
    request: HttpRequest, response: HttpResponse, plan_id: int, page: Query[PageQuery]
) -> dict[str, Any]:
    """The largest first."""
    found = queries.plan_lines(seen_plan(plan_id, acting(request)))
    part = slice_of(found, order=("-quantity", "pk"), page=page, question={"plan": plan_id})
    items = [DispatchLineOut.of(each) for each in part.rows]
    return {"items": items, "next": next_link(request, response, part.cursor)}


@router.post(
    "/dispatch-plans",
    response={201: DispatchPlanOut},
    summary="Plan a round",
    openapi_extra=documented(verb="diagnostics.propose_dispatch", needs_key=True),
)
def propose_dispatch(request: HttpRequest, payload: DispatchIn) -> HttpResponse:
    """Which waiting specimens go to which lab; nothing is promised until a person approves."""

    def make(actor: Actor) -> tuple[DispatchPlanOut, str]:
        plan = services.propose_dispatch(departs_at=payload.departs_at, by=actor, now=utc_now())
        return DispatchPlanOut.of(plan), f"/dispatch-plans/{plan.pk}"

    return made(request, content=payload.dict(), make=make)


@router.post(
    "/dispatch-plans/{plan_id}/approve",
    response=DispatchApprovedOut,
    summary="Approve a dispatch plan",
    openapi_extra=documented(verb="diagnostics.approve_dispatch", needs_key=True, if_match=True),
)
def approve_dispatch(request: HttpRequest, plan_id: int) -> HttpResponse:
    """Each line becomes a manifest, or is refused with the reason and waits for the next round."""
    actor = acting(request)

    def write() -> Written:
        plan = seen_plan(plan_id, actor)
        lock(plan)
        require_match(request, lambda: DispatchPlanOut.of(seen_plan(plan_id, actor)))
        done = services.approve_dispatch(plan=plan, by=actor, now=utc_now())
        body = DispatchApprovedOut(
            plan=DispatchPlanOut.of(seen_plan(plan_id, actor)),
            consignments=[each.pk for each in done.consignments],
            refused=[LineRefused(line=line.pk, code=code) for line, code in done.refused],
        )
        return Written(body)

    return write_once(request, write=write, needs_key=True)


@router.post(
    "/dispatch-plans/{plan_id}/reject",
    response=DispatchPlanOut,
    summary="Reject a dispatch plan",
    openapi_extra=documented(verb="diagnostics.reject_dispatch", if_match=True),
)
def reject_dispatch(request: HttpRequest, plan_id: int) -> HttpResponse:
    """It is not carried out."""
    actor = acting(request)
    return changed(
        request,
        load=lambda: seen_plan(plan_id, actor),
        act=lambda plan, by: services.reject_dispatch(plan=plan, by=by, now=utc_now()),
        show=DispatchPlanOut.of,
    )


@router.get("/consignments", response=ConsignmentPage, summary="List manifests")
def list_consignments(
    request: HttpRequest, response: HttpResponse, asked: Query[ConsignmentQuery], page: Query[PageQuery]
) -> dict[str, Any]:
    """Coming to a lab, leaving a site, or a courier's; open ones, by departure."""
    actor = acting(request)
    if asked.lab is not None:
        found = queries.coming_to(own_lab(asked.lab, actor, "receive"))
    elif asked.site is not None:
        found = queries.consignments().filter(origin=own_site(asked.site, actor))
    else:
        TABLE.require(actor, "bring_back")
        found = queries.courier_manifests(actor)
    part = slice_of(found, order=("departs_at", "pk"), page=page, question=asked.dict())
    items = [ConsignmentOut.of(each) for each in part.rows]
    return {"items": items, "next": next_link(request, response, part.cursor)}


@router.get("/consignments/{consignment_id}", response=ConsignmentOut, summary="Read one manifest")
def get_consignment(request: HttpRequest, consignment_id: int) -> ConsignmentOut:
    """A manifest."""
    return ConsignmentOut.of(seen_consignment(consignment_id, acting(request)))


@router.get(
    "/consignments/{consignment_id}/specimens",
    response=SpecimenList,
    summary="List the specimens of a manifest",
)
def list_manifest(request: HttpRequest, consignment_id: int) -> SpecimenList:
    """By barcode."""
    found = queries.manifest(seen_consignment(consignment_id, acting(request)))
    return SpecimenList(items=[SpecimenOut.of(each) for each in found])


@router.post(
    "/consignments/{consignment_id}/pick-up",
    response=ConsignmentOut,
    summary="Say that a courier picked specimens up",
    openapi_extra=documented(verb="diagnostics.pick_up", if_match=True),
)
def pick_up_consignment(request: HttpRequest, consignment_id: int, payload: ScanIn) -> HttpResponse:
    """What was not scanned stays and waits for the next round."""
    actor = acting(request)
    return changed(
        request,
        load=lambda: seen_consignment(consignment_id, actor),
        act=lambda found, by: services.pick_up(
            consignment=found, barcodes=payload.barcodes, at=payload.at, by=by, now=utc_now()
        ),
        show=ConsignmentOut.of,
        content=payload.dict(),
    )


@router.post(
    "/consignments/{consignment_id}/bring-back",
    response=ConsignmentOut,
    summary="Say that specimens were brought back",
    openapi_extra=documented(verb="diagnostics.bring_back", if_match=True),
)
def bring_back_consignment(request: HttpRequest, consignment_id: int, payload: BroughtBackIn) -> HttpResponse:
    """All that is still on the way is at its site again."""
    actor = acting(request)
    return changed(
        request,
        load=lambda: seen_consignment(consignment_id, actor),
        act=lambda found, by: services.bring_back(consignment=found, at=payload.at, by=by, now=utc_now()),
        show=ConsignmentOut.of,
        content=payload.dict(),
    )


@router.post(
    "/consignments/{consignment_id}/release",
    response=ConsignmentOut,
    summary="Take a manifest back that was not picked up",
    openapi_extra=documented(verb="diagnostics.release_consignment", if_match=True),
)
def release_consignment(request: HttpRequest, consignment_id: int) -> HttpResponse:
    """Its specimens wait for the next round."""
    actor = acting(request)
    return changed(
        request,
        load=lambda: seen_consignment(consignment_id, actor),
        act=lambda found, by: services.release_consignment(consignment=found, by=by, now=utc_now()),
        show=ConsignmentOut.of,
    )


@router.post(
    "/labs/{lab_id}/receive",
    response=ReceivedOut,
    summary="Receive specimens by scanning",
    openapi_extra=documented(verb="diagnostics.receive"),
)
def receive_specimens(request: HttpRequest, lab_id: int, payload: ReceiptScanIn) -> HttpResponse:
    """Against the manifest when there is one; differences are told."""
    actor = acting(request)

    def write() -> Written:
        lab = lab_of(lab_id)
        carried = seen_consignment(payload.consignment, actor) if payload.consignment is not None else None
        done = services.receive(
            lab=lab,
            barcodes=payload.barcodes,
            at=payload.at,
            consignment=carried,
            by=actor,
            now=utc_now(),
        )
        return Written(ReceivedOut.of(done))

    return write_once(request, content=payload.dict(), write=write)
