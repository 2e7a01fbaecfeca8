"""Labs as JSON: register, verify, equip, offer days, go down and come back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.timezone import localdate
from ninja import Query, Router, Schema
from pydantic import Field, StrictBool, StrictInt

from kolaborasi.common.actors import Actor
from kolaborasi.common.clock import utc_now
from kolaborasi.common.http.cursors import PageQuery, next_link, slice_of
from kolaborasi.common.http.examples import examples
from kolaborasi.common.http.writes import documented
from kolaborasi.diagnostics import queries, services
from kolaborasi.diagnostics.api.access import NotAmongYours, changed, lab_of, made
from kolaborasi.diagnostics.api.schemas.network import LabDayList, LabDayOut, LabOut, LabPage, MachineOut
from kolaborasi.diagnostics.models import Lab
from kolaborasi.diagnostics.models.labs import DownReason
from kolaborasi.diagnostics.queries.capacity import kit_by_code, open_site
from kolaborasi.diagnostics.rules.capacity import ShiftFacts
from kolaborasi.diagnostics.states import LabState

router = Router()
FIRST_DAY, LAST_DAY = dt.date(2000, 1, 1), dt.date(2100, 1, 1)


class LabQuery(Schema):
    """Which labs."""

    state: LabState | None = None
    within: str = Field("", max_length=17, pattern=r"^[0-9./]*$", description="Kemendagri code of an area.")


class DaysQuery(Schema):
    """Which days."""

    first: dt.date | None = Field(None, ge=FIRST_DAY, le=LAST_DAY, description="Today when absent.")
    days: int = Field(7, ge=1, le=62)


class LabIn(Schema):
    """A lab that wants to join."""

    model_config = examples(
        {"site": 40, "biosafety": 2, "mobile": False, "preparation_minutes": 60}, closed=True
    )

    site: StrictInt
    biosafety: int = Field(ge=1, le=4, strict=True)
    mobile: StrictBool = False
    preparation_minutes: int = Field(60, ge=0, le=720, strict=True)


class DownIn(Schema):
    """Why a lab cannot read specimens."""

    model_config = examples({"reason": "machine"}, closed=True)

    reason: DownReason


class MachineIn(Schema):
    """A machine."""

    model_config = examples(
        {"name": "PCR 2", "model": "QuantStudio 5", "wells": 96, "run_minutes": 75}, closed=True
    )

    name: str = Field(min_length=1, max_length=60)
    model: str = Field(min_length=1, max_length=60)
    wells: int = Field(ge=1, le=384, strict=True)
    run_minutes: int = Field(ge=10, le=1440, strict=True)
    targets: list[str] = Field([], max_length=10, description="Genes it can read; all when empty.")


class ServiceIn(Schema):
    """Whether a machine works."""

    model_config = examples({"in_service": False}, closed=True)

    in_service: StrictBool


class ShiftIn(Schema):
    """A shift of a weekday."""

    model_config = examples(
        {"weekday": 0, "starts_minute": 420, "minutes": 480, "staffed_machines": 2}, closed=True
    )

    weekday: int = Field(ge=0, le=6, strict=True, description="0 is Monday.")
    starts_minute: int = Field(ge=0, le=1439, strict=True)
    minutes: int = Field(ge=30, le=1440, strict=True)
    staffed_machines: int = Field(ge=0, le=100, strict=True)


class ShiftsIn(Schema):
    """All shifts of a lab; a weekday without one is a day off."""

    model_config = examples(
        {"shifts": [{"weekday": 0, "starts_minute": 420, "minutes": 480, "staffed_machines": 2}]}, closed=True
    )

    shifts: list[ShiftIn] = Field(max_length=100)


class OfferIn(Schema):
    """Specimens a lab reads for the network on a day."""

    model_config = examples({"date": "2021-07-13", "specimens": 300}, closed=True)

    date: dt.date = Field(ge=FIRST_DAY, le=LAST_DAY)
    specimens: int = Field(ge=0, le=100_000, strict=True)


class OffersIn(Schema):
    """Offers of some days; a smaller number than before is taken too."""

    model_config = examples({"offers": [{"date": "2021-07-13", "specimens": 300}]}, closed=True)

    offers: list[OfferIn] = Field(min_length=1, max_length=62)


class KitsIn(Schema):
    """Kits that arrived."""

    model_config = examples(
        {"item": "kit-cdc-n1-n2", "lot": "L2107", "expires_date": "2022-01-31", "reactions": 960}, closed=True
    )

    item: str = Field(max_length=60, description="Code of the kit.")
    lot: str = Field(min_length=1, max_length=60)
    expires_date: dt.date | None = Field(None, ge=FIRST_DAY, le=LAST_DAY)
    reactions: int = Field(ge=1, le=10_000_000, strict=True)


class KitsOut(Schema):
    """A lot that was booked in."""

    model_config = examples({"item": "kit-cdc-n1-n2", "lot": "L2107", "expires_date": "2022-01-31"})

    item: str
    lot: str
    expires_date: dt.date | None


@router.get("/labs", response=LabPage, summary="List labs")
def list_labs(
    request: HttpRequest, response: HttpResponse, asked: Query[LabQuery], page: Query[PageQuery]
) -> dict[str, Any]:
    """Labs of the network with machines and shifts."""
    found = queries.labs().prefetch_related("machines", "shifts")
    if asked.state:
        found = found.filter(state=asked.state)
    if asked.within:
        found = found.filter(site__place__code__startswith=asked.within)
    part = slice_of(found, order=("site__name", "pk"), page=page, question=asked.dict())
    items = [LabOut.of(each) for each in part.rows]
    return {"items": items, "next": next_link(request, response, part.cursor)}


@router.get("/labs/{lab_id}", response=LabOut, summary="Read one lab")
def get_lab(request: HttpRequest, lab_id: int) -> LabOut:
    """A lab with machines and shifts."""
    return LabOut.of(lab_of(lab_id))


@router.get("/labs/{lab_id}/days", response=LabDayList, summary="Read what a lab offers")
def list_lab_days(request: HttpRequest, lab_id: int, asked: Query[DaysQuery]) -> LabDayList:
    """What is offered, promised and received day by day."""
    first = asked.first or localdate()
    found = queries.lab_days(first, first + dt.timedelta(days=asked.days)).filter(lab=lab_of(lab_id))
    return LabDayList(items=[LabDayOut.of(each) for each in found.order_by("date")])


@router.post(
    "/labs",
    response={201: LabOut},
    summary="Register a lab",
    openapi_extra=documented(verb="diagnostics.register_lab", needs_key=True),
)
def register_lab(request: HttpRequest, payload: LabIn) -> HttpResponse:
    """It works once the health office has verified it."""

    def make(actor: Actor) -> tuple[LabOut, str]:
        site = open_site(payload.site)
        if site is None:
            raise NotAmongYours
        given = payload.model_dump(exclude={"site"})
        lab = services.register_lab(site=site, by=actor, now=utc_now(), **given)
        return LabOut.of(lab_of(lab.pk)), f"/labs/{lab.pk}"

    return made(request, content=payload.dict(), make=make)


@router.post(
    "/labs/{lab_id}/verify",
    response=LabOut,
    summary="Verify a lab",
    openapi_extra=documented(verb="diagnostics.verify_lab", if_match=True),
)
def verify_lab(request: HttpRequest, lab_id: int) -> HttpResponse:
    """The health office has seen it: specimens may be sent there."""
    return _change(
        request, lab_id, None, lambda lab, actor: services.verify_lab(lab=lab, by=actor, now=utc_now())
    )


@router.post(
    "/labs/{lab_id}/down",
    response=LabOut,
    summary="Say that a lab cannot read specimens",
    openapi_extra=documented(verb="diagnostics.lab_down", if_match=True),
)
def lab_down(request: HttpRequest, lab_id: int, payload: DownIn) -> HttpResponse:
    """Promises not picked up are taken back; the next round carries what waits elsewhere."""
    return _change(
        request,
        lab_id,
        payload,
        lambda lab, actor: services.lab_down(lab=lab, reason=payload.reason, by=actor, now=utc_now()),
    )


@router.post(
    "/labs/{lab_id}/back",
    response=LabOut,
    summary="Say that a lab works again",
    openapi_extra=documented(verb="diagnostics.lab_back", if_match=True),
)
def lab_back(request: HttpRequest, lab_id: int) -> HttpResponse:
    """The next round may send specimens there."""
    return _change(
        request, lab_id, None, lambda lab, actor: services.lab_back(lab=lab, by=actor, now=utc_now())
    )


@router.post(
    "/labs/{lab_id}/close",
    response=LabOut,
    summary="Take a lab out of the network",
    openapi_extra=documented(verb="diagnostics.close_lab", if_match=True),
)
def close_lab(request: HttpRequest, lab_id: int) -> HttpResponse:
    """It cannot be undone."""
    return _change(
        request, lab_id, None, lambda lab, actor: services.close_lab(lab=lab, by=actor, now=utc_now())
    )


@router.post(
    "/labs/{lab_id}/machines",
    response={201: MachineOut},
    summary="Add a machine",
    openapi_extra=documented(verb="diagnostics.add_machine", needs_key=True),
)
def add_machine(request: HttpRequest, lab_id: int, payload: MachineIn) -> HttpResponse:
    """A machine counts for the days offered from now on."""

    def make(actor: Actor) -> tuple[MachineOut, str]:
        machine = services.add_machine(lab=lab_of(lab_id), by=actor, now=utc_now(), **payload.dict())
        return MachineOut.of(machine), f"/labs/{lab_id}"

    return made(request, content=payload.dict(), make=make)


@router.post(
    "/labs/{lab_id}/machines/{machine_id}/service",
    response=LabOut,
    summary="Say whether a machine works",
    openapi_extra=documented(verb="diagnostics.set_machine_service", if_match=True),
)
def set_machine_service(
    request: HttpRequest, lab_id: int, machine_id: int, payload: ServiceIn
) -> HttpResponse:
    """A machine out of service gets no runs."""

    def act(lab: Lab, actor: Actor) -> object:
        machine = queries.machines(lab).filter(pk=machine_id).first()
        if machine is None:
            raise NotAmongYours
        return services.set_machine_service(
            machine=machine, in_service=payload.in_service, by=actor, now=utc_now()
        )

    return _change(request, lab_id, payload, act)


@router.post(
    "/labs/{lab_id}/shifts",
    response=LabOut,
    summary="Say when a lab works",
    openapi_extra=documented(verb="diagnostics.set_shifts", if_match=True),
)
def set_shifts(request: HttpRequest, lab_id: int, payload: ShiftsIn) -> HttpResponse:
    """All shifts anew."""
    shifts = [ShiftFacts(**each.model_dump()) for each in payload.shifts]
    return _change(
        request,
        lab_id,
        payload,
        lambda lab, actor: services.set_shifts(lab=lab, shifts=shifts, by=actor, now=utc_now()),
    )


@router.post(
    "/labs/{lab_id}/days",
    response=LabOut,
    summary="Offer days to the network",
    openapi_extra=documented(verb="diagnostics.offer_days", if_match=True),
)
def offer_days(request: HttpRequest, lab_id: int, payload: OffersIn) -> HttpResponse:
    """Never more than machines, shifts and reagents allow; less than what is promised is taken and shown."""
    offers = {each.date: each.specimens for each in payload.offers}
    return _change(
        request,
        lab_id,
        payload,
        lambda lab, actor: services.offer_days(lab=lab, offers=offers, by=actor, now=utc_now()),
    )


@router.post(
    "/labs/{lab_id}/kits",
    response={201: KitsOut},
    summary="Book kits that arrived",
    openapi_extra=documented(verb="diagnostics.receive_kits", needs_key=True),
)
def receive_kits(request: HttpRequest, lab_id: int, payload: KitsIn) -> HttpResponse:
    """By lot and expiry, in reactions."""

    def make(actor: Actor) -> tuple[KitsOut, str]:
        item = kit_by_code(payload.item)
        if item is None:
            raise NotAmongYours
        given = payload.model_dump(exclude={"item"})
        lot = services.receive_kits(lab=lab_of(lab_id), item=item, by=actor, now=utc_now(), **given)
        body = KitsOut(item=item.code, lot=lot.code, expires_date=lot.expires_date)
        return body, f"/labs/{lab_id}"

    return made(request, content=payload.dict(), make=make)


def _change(
    request: HttpRequest, lab_id: int, payload: Schema | None, act: Callable[[Lab, Actor], Any]
) -> HttpResponse:
    return changed(
        request,
        load=lambda: lab_of(lab_id),
        act=act,
        show=LabOut.of,
        content=payload.dict() if payload else None,
    )
