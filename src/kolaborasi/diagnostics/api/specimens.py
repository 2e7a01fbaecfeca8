"""Labels and specimens as JSON: where each is, and what happened to it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Schema
from pydantic import AwareDatetime, Field, StrictBool

from kolaborasi.common.actors import Actor
from kolaborasi.common.clock import utc_now
from kolaborasi.common.errors import Refused
from kolaborasi.common.http.cursors import PageQuery, next_link, slice_of
from kolaborasi.common.http.examples import examples
from kolaborasi.common.http.writes import Written, acting, documented, write_once
from kolaborasi.diagnostics import queries, services
from kolaborasi.diagnostics.api.access import made, own_lab, own_site, seen_order, seen_specimen, testing_site
from kolaborasi.diagnostics.api.schemas.specimens import (
    AT,
    LabelList,
    RowRefused,
    SpecimenEventList,
    SpecimenEventOut,
    SpecimenList,
    SpecimenOut,
    SpecimenPage,
    SwabbedOut,
)
from kolaborasi.diagnostics.api.testing import CARD, SubjectIn, WishIn
from kolaborasi.diagnostics.errors import NumbersRefused
from kolaborasi.diagnostics.models import DiscardReason, SpecimenType
from kolaborasi.diagnostics.services import Swab, Wish
from kolaborasi.diagnostics.states import SpecimenState

router = Router()
BARCODE = Field(min_length=1, max_length=40, description="As scanned.")
MOST_SWABS = 2000


class LabelsIn(Schema):
    """How many labels."""

    model_config = examples({"number": 96}, closed=True)

    number: int = Field(ge=1, le=5000, strict=True)


class SwabIn(Schema):
    """A swab that was taken for an order."""

    model_config = examples({"barcode": "K0000000423", "kind": "np-swab", "collected_at": AT}, closed=True)

    barcode: str = BARCODE
    kind: SpecimenType
    collected_at: AwareDatetime


class SwabRowIn(Schema):
    """A row of a list of swabs: who, why, and with which label."""

    model_config = examples(
        {
            "subject": CARD,
            "wish": {"site": 41, "reason": "screening"},
            "barcode": "K0000000423",
            "kind": "np-swab",
            "collected_at": AT,
        },
        closed=True,
    )

    subject: SubjectIn
    wish: WishIn
    barcode: str = BARCODE
    kind: SpecimenType
    collected_at: AwareDatetime


class SwabListIn(Schema):
    """A list of swabs, of a mass test or a site with a system of its own."""

    model_config = examples(
        {
            "swabs": [
                {
                    "subject": CARD,
                    "wish": {"site": 41, "reason": "screening"},
                    "barcode": "K0000000423",
                    "kind": "np-swab",
                    "collected_at": AT,
                }
            ],
            "partly": False,
        },
        closed=True,
    )

    swabs: list[SwabRowIn] = Field(min_length=1, max_length=MOST_SWABS)
    partly: StrictBool = Field(False, description="Take the good rows and report the others.")


class SpecimenDiscardIn(Schema):
    """Why a specimen gives no result."""

    model_config = examples({"reason": "leaked"}, closed=True)

    reason: DiscardReason


class BarcodesIn(Schema):
    """Tubes, as scanned."""

    model_config = examples({"barcodes": ["K0000000423"]}, closed=True)

    barcodes: list[str] = Field(min_length=1, max_length=5000)


class SpecimenQuery(Schema):
    """Which specimens: of a site or a lab the caller works at."""

    site: int | None = None
    lab: int | None = None
    state: SpecimenState | None = None


@router.post(
    "/testing-sites/{site_id}/labels",
    response={201: LabelList},
    summary="Issue barcodes to a site",
    openapi_extra=documented(verb="diagnostics.issue_labels", needs_key=True),
)
def issue_labels(request: HttpRequest, site_id: int, payload: LabelsIn) -> HttpResponse:
    """No number is ever given twice."""

    def make(actor: Actor) -> tuple[LabelList, str]:
        labels = services.issue_labels(
            site=testing_site(site_id), number=payload.number, by=actor, now=utc_now()
        )
        return LabelList(barcodes=[each.barcode for each in labels]), ""

    return made(request, content=payload.dict(), make=make)


@router.post(
    "/orders/{order_id}/specimens",
    response={201: SpecimenOut},
    summary="Say that a swab was taken",
    openapi_extra=documented(verb="diagnostics.collect", needs_key=True),
)
def collect_specimen(request: HttpRequest, order_id: int, payload: SwabIn) -> HttpResponse:
    """The turnaround begins with the time of the swab."""

    def make(actor: Actor) -> tuple[SpecimenOut, str]:
        order = seen_order(order_id, actor)
        specimen = services.collect(order=order, by=actor, now=utc_now(), **payload.dict())
        return SpecimenOut.of(specimen), f"/specimens/{specimen.label.barcode}"

    return made(request, content=payload.dict(), make=make)


@router.post(
    "/swabs",
    response={201: SwabbedOut},
    summary="Hand in a list of swabs",
    openapi_extra=documented(verb="diagnostics.import_swabs", needs_key=True),
)
def import_swabs(request: HttpRequest, payload: SwabListIn) -> HttpResponse:
    """All rows or, with `partly`, the good ones; each wrong row is named."""

    def make(actor: Actor) -> tuple[SwabbedOut, str]:
        swabs, unread = _swabs(payload.swabs)
        done = services.import_swabs(
            swabs=swabs, unread=unread, by=actor, now=utc_now(), partly=payload.partly
        )
        body = SwabbedOut(
            barcodes=[each.label.barcode for each in done.specimens],
            refused=[RowRefused.of(row) for row in done.refused],
        )
        return body, ""

    return made(request, content=payload.dict(), make=make)


def _swabs(rows: Sequence[SwabRowIn]) -> tuple[list[Swab], list[dict[str, Any]]]:
    """Rows of a list, and those whose site or area is not known with why."""
    swabs: list[Swab] = []
    unread: list[dict[str, Any]] = []
    # A list names few sites and areas: each pair is asked for once.
    wishes: dict[str, Wish] = {}
    for row, each in enumerate(rows, start=1):
        wanted = each.wish.model_dump_json()
        try:
            wish = wishes.get(wanted) or wishes.setdefault(wanted, each.wish.wish())
        except Refused as error:
            unread.append({"row": row, "code": error.code, "message": str(error)})
            continue
        swabs.append(Swab(row, each.subject.subject(), wish, each.barcode, each.kind, each.collected_at))
    return swabs, unread


@router.get("/specimens", response=SpecimenPage, summary="List specimens")
def list_specimens(
    request: HttpRequest, response: HttpResponse, asked: Query[SpecimenQuery], page: Query[PageQuery]
) -> dict[str, Any]:
    """Specimens taken at a site, or held by a lab, the newest first. Name one of the two."""
    actor = acting(request)
    if asked.lab is not None:
        found = queries.specimens().filter(lab=own_lab(asked.lab, actor, "receive"))
    elif asked.site is not None:
        found = queries.specimens().filter(site=own_site(asked.site, actor))
    else:
        raise NumbersRefused("site")
    if asked.state:
        found = found.filter(state=asked.state)
    part = slice_of(found, order=("-collected_at", "-pk"), page=page, question=asked.dict())
    items = [SpecimenOut.of(each) for each in part.rows]
    return {"items": items, "next": next_link(request, response, part.cursor)}


@router.get("/specimens/{barcode}", response=SpecimenOut, summary="Read one specimen")
def get_specimen(request: HttpRequest, barcode: str) -> SpecimenOut:
    """Where it is and how far it is."""
    return SpecimenOut.of(seen_specimen(barcode, acting(request)))


@router.get(
    "/specimens/{barcode}/events", response=SpecimenEventList, summary="Read what happened to a specimen"
)
def list_specimen_events(request: HttpRequest, barcode: str) -> SpecimenEventList:
    """Each event with its own time, in the order we were told."""
    found = queries.events_of(seen_specimen(barcode, acting(request)))
    return SpecimenEventList(items=[SpecimenEventOut.of(each) for each in found])


@router.post(
    "/specimens/{barcode}/discard",
    response=SpecimenOut,
    summary="Say that a specimen gives no result",
    openapi_extra=documented(verb="diagnostics.discard"),
)
def discard_specimen(request: HttpRequest, barcode: str, payload: SpecimenDiscardIn) -> HttpResponse:
    """The person must be swabbed again."""
    actor = acting(request)

    def write() -> Written:
        seen_specimen(barcode, actor)
        found = services.discard(barcode=barcode, reason=payload.reason, by=actor, now=utc_now())
        return Written(SpecimenOut.of(found))

    return write_once(request, content=payload.dict(), write=write)


@router.post(
    "/labs/{lab_id}/dispose",
    response=SpecimenList,
    summary="Say that tubes were destroyed",
    openapi_extra=documented(verb="diagnostics.dispose"),
)
def dispose_specimens(request: HttpRequest, lab_id: int, payload: BarcodesIn) -> HttpResponse:
    """Their results stay."""
    actor = acting(request)

    def write() -> Written:
        lab = own_lab(lab_id, actor, "dispose")
        done = services.dispose(lab=lab, barcodes=payload.barcodes, by=actor, now=utc_now())
        return Written(SpecimenList.of(queries.specimens().filter(pk__in=[each.pk for each in done])))

    return write_once(request, content=payload.dict(), write=write)
