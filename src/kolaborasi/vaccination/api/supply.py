"""Lots and doses in stock as JSON: register, receive, send, move, return, waste, count, cold chain, recall."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.timezone import localdate
from ninja import Query, Router, Schema
from pydantic import Field, StrictBool, StrictInt

from kolaborasi.common.actors import Actor
from kolaborasi.common.clock import utc_now
from kolaborasi.common.errors import NotPermitted
from kolaborasi.common.http.cursors import PageQuery, next_link, slice_of
from kolaborasi.common.http.examples import examples
from kolaborasi.common.http.writes import acting, documented
from kolaborasi.partners.queries import partner_by_id
from kolaborasi.vaccination import queries, services
from kolaborasi.vaccination.api.access import location_of, lot_of, once, product_of, require_carer, there
from kolaborasi.vaccination.api.schemas import (
    LotOut,
    LotPage,
    ProductList,
    ProductOut,
    QuarantineList,
    QuarantineOut,
    ShipmentOut,
    ShipmentPage,
    StockList,
    StockOut,
    StockPage,
)
from kolaborasi.vaccination.models import Explanation, RecallReason, VaccineLot, WasteReason
from kolaborasi.vaccination.queries import work

router = Router()
MOST_DOSES = 10_000_000
FIRST_DAY, LAST_DAY = datetime.date(2000, 1, 1), datetime.date(2100, 1, 1)
STORE = {"location": 8, "doses": 400}


class RegisterLotIn(Schema):
    """A lot as its pack states it."""

    model_config = examples(
        {"product": "coronavac", "code": "CTH101", "expires_date": "2021-12-31", "doses_per_vial": 10, "owner": 3},
        closed=True,
    )  # fmt: skip

    product: str = Field(max_length=30)
    code: str = Field(min_length=1, max_length=60)
    expires_date: datetime.date = Field(
        ge=FIRST_DAY, le=LAST_DAY, description="First day it may not be given."
    )
    doses_per_vial: int = Field(ge=1, le=20, strict=True)
    owner: StrictInt


class DosesIn(Schema):
    """Doses at a place."""

    model_config = examples(STORE, closed=True)

    location: StrictInt
    doses: int = Field(ge=1, le=MOST_DOSES, strict=True)


class SendIn(DosesIn):
    """Doses from a place to another."""

    model_config = examples({**STORE, "target": 15, "arrives_date": "2021-07-14"}, closed=True)

    target: StrictInt
    arrives_date: datetime.date = Field(ge=FIRST_DAY, le=LAST_DAY)


class MoveIn(DosesIn):
    """Doses from a place to another, at once."""

    model_config = examples({**STORE, "target": 15}, closed=True)

    target: StrictInt


class WasteIn(DosesIn):
    """Doses that were lost, and why."""

    model_config = examples({**STORE, "reason": "broken"}, closed=True)

    reason: WasteReason


class CountIn(Schema):
    """What was counted at a place; a difference needs an explanation."""

    model_config = examples({"location": 8, "counted": 398, "explanation": "unrecorded-loss"}, closed=True)

    location: StrictInt
    counted: int = Field(ge=0, le=MOST_DOSES, strict=True)
    explanation: Explanation | None = None


class ReadingIn(Schema):
    """A temperature, and the vial monitor when it was looked at."""

    model_config = examples({"location": 8, "tenths_celsius": 47, "vvm_stage": 1}, closed=True)

    location: StrictInt
    tenths_celsius: int = Field(ge=-2_000, le=1_000, strict=True)
    vvm_stage: int | None = Field(None, ge=1, le=4, strict=True)
    thawed: StrictBool = Field(False, description="Kept at 2 to 8 °C on purpose.")


class RecallIn(Schema):
    """Why a lot is called back."""

    model_config = examples({"reason": "quality"}, closed=True)

    reason: RecallReason


class ReceiveShipmentIn(Schema):
    """What arrived of a shipment."""

    model_config = examples({"doses": 100, "close": True}, closed=True)

    doses: int = Field(ge=0, le=MOST_DOSES, strict=True)
    close: StrictBool = Field(True, description="What is missing is lost; false waits for the rest.")


class DecideIn(Schema):
    """Whether doses that were set apart may be given after all."""

    model_config = examples({"fit": False}, closed=True)

    fit: StrictBool


class LotQuery(Schema):
    """Which lots."""

    product: str = Field("", max_length=30, pattern=r"^[a-z0-9-]*$")


class LotDoseOut(Schema):
    """A dose of a lot that somebody got: whom a recall must reach."""

    model_config = examples(
        {
            "dose": 801,
            "recipient": "8e03978e-40d5-43dd-bc93-6894a57f9324",
            "given_at": "2021-07-13T02:00:00Z",
            "session": 12,
        }
    )

    dose: int
    recipient: UUID
    given_at: datetime.datetime
    session: int | None


class LotDoseList(Schema):
    """Every dose of a lot."""

    model_config = examples(
        {
            "items": [
                {
                    "dose": 801,
                    "recipient": "8e03978e-40d5-43dd-bc93-6894a57f9324",
                    "given_at": "2021-07-13T02:00:00Z",
                    "session": 12,
                }
            ]
        }
    )

    items: list[LotDoseOut]


class RebookedOut(Schema):
    """Bookings that lost their dose to a recall: how many count on another lot now, and how many on none."""

    model_config = examples({"moved": 12, "left": 1})

    moved: int
    left: int


@router.get("/products", response=ProductList, summary="List vaccines")
def list_products(request: HttpRequest) -> ProductList:
    """With storage, opened life and source."""
    return ProductList(items=[ProductOut.of(each) for each in queries.products()])


@router.get("/lots", response=LotPage, summary="List lots")
def list_lots(
    request: HttpRequest, response: HttpResponse, asked: Query[LotQuery], page: Query[PageQuery]
) -> dict[str, Any]:
    """Every lot, first expiry first; for those who work with doses."""
    require_carer(acting(request))
    found = queries.lots()
    if asked.product:
        found = found.filter(product__code=asked.product)
    part = slice_of(found, order=("lot__expires_date", "pk"), page=page, question=asked.dict())
    return {
        "items": [LotOut.of(each) for each in part.rows],
        "next": next_link(request, response, part.cursor),
    }


@router.get("/lots/{lot_id}", response=LotOut, summary="Read one lot")
def get_lot(request: HttpRequest, lot_id: int) -> LotOut:
    """As its pack states it and what became of it."""
    require_carer(acting(request))
    return LotOut.of(lot_of(lot_id))


@router.get("/lots/{lot_id}/places", response=StockList, summary="Find every place with doses of a lot")
def list_lot_places(request: HttpRequest, lot_id: int) -> StockList:
    """On hand or on the way."""
    require_carer(acting(request))
    found = queries.where_lot_is(lot_of(lot_id)).select_related("location", "lot__vaccine__product")
    return StockList(items=[StockOut.of(each) for each in found])


@router.get("/lots/{lot_id}/doses", response=LotDoseList, summary="Find everybody who got a dose of a lot")
def list_lot_doses(request: HttpRequest, lot_id: int) -> LotDoseList:
    """One statement; for coordinators of the whole city and the lot's owner."""
    actor, lot = acting(request), lot_of(lot_id)
    whole_city = any(each.name == "coordinator" and each.place_code is None for each in actor.roles)
    if not whole_city and lot.owner_id not in work.partner_ids(actor):
        raise NotPermitted
    items = [
        LotDoseOut(
            dose=each.dose_id,
            recipient=each.recipient_id,
            given_at=each.given_at,
            session=each.session_id,
        )
        for each in queries.doses_of_lot(lot)
    ]
    return LotDoseList(items=items)


@router.get("/stock", response=StockPage, summary="List doses at the caller's places")
def list_stock(request: HttpRequest, response: HttpResponse, page: Query[PageQuery]) -> dict[str, Any]:
    """What expires first first."""
    actor = acting(request)
    require_carer(actor)
    found = work.doses_in_stock(actor, localdate())
    part = slice_of(found, order=("lot__expires_date", "pk"), page=page)
    return {
        "items": [StockOut.of(each) for each in part.rows],
        "next": next_link(request, response, part.cursor),
    }


@router.get("/shipments", response=ShipmentPage, summary="List doses on their way")
def list_shipments(request: HttpRequest, response: HttpResponse, page: Query[PageQuery]) -> dict[str, Any]:
    """To or from the caller's places, soonest first."""
    actor = acting(request)
    require_carer(actor)
    part = slice_of(work.shipments_for(actor), order=("arrives_date", "pk"), page=page)
    return {
        "items": [ShipmentOut.of(each) for each in part.rows],
        "next": next_link(request, response, part.cursor),
    }


@router.get("/quarantines", response=QuarantineList, summary="List doses set apart")
def list_quarantines(request: HttpRequest) -> QuarantineList:
    """Those that wait for a decision, longest first."""
    require_carer(acting(request))
    return QuarantineList(items=[QuarantineOut.of(each) for each in queries.quarantines()])


@router.post(
    "/lots",
    response={201: LotOut},
    summary="Register a lot",
    openapi_extra=documented(verb="vaccination.register_lot"),
)
def register_lot(request: HttpRequest, payload: RegisterLotIn) -> HttpResponse:
    """Registering the same lot again returns it."""

    def act(actor: Actor) -> LotOut:
        made = services.register_lot(
            product=product_of(payload.product),
            code=payload.code,
            expires_date=payload.expires_date,
            doses_per_vial=payload.doses_per_vial,
            owner=there(partner_by_id(payload.owner)),
            by=actor,
            now=utc_now(),
        )
        return LotOut.of(lot_of(made.pk))

    return once(
        request, payload, act, status=201, location=lambda made: f"/api/v1/vaccination/lots/{made.id}"
    )


@router.post(
    "/lots/{lot_id}/receive",
    response=StockList,
    summary="Take doses into a store",
    openapi_extra=documented(verb="vaccination.receive_doses", needs_key=True),
)
def receive_doses(request: HttpRequest, lot_id: int, payload: DosesIn) -> HttpResponse:
    """From outside the network."""

    def change(lot: VaccineLot, actor: Actor) -> object:
        place = location_of(payload.location)
        return services.receive_doses(lot=lot, location=place, doses=payload.doses, by=actor, now=utc_now())

    return _moved(request, lot_id, payload, change)


@router.post(
    "/lots/{lot_id}/send",
    response={201: ShipmentOut},
    summary="Send doses on their way",
    openapi_extra=documented(verb="vaccination.send_doses", needs_key=True),
)
def send_doses(request: HttpRequest, lot_id: int, payload: SendIn) -> HttpResponse:
    """From now on they can be booked at the target for the day they arrive."""

    def act(actor: Actor) -> ShipmentOut:
        made = services.send_doses(
            lot=lot_of(lot_id),
            source=location_of(payload.location),
            target=location_of(payload.target),
            doses=payload.doses,
            arrives_date=payload.arrives_date,
            by=actor,
            now=utc_now(),
        )
        return ShipmentOut.of(made)

    return once(request, payload, act, status=201, needs_key=True)


@router.post(
    "/shipments/{shipment_id}/receive",
    response=ShipmentOut,
    summary="Take what arrived",
    openapi_extra=documented(verb="vaccination.receive_shipment", needs_key=True),
)
def receive_shipment(request: HttpRequest, shipment_id: int, payload: ReceiveShipmentIn) -> HttpResponse:
    """What is missing when it closes is lost on the way."""

    def act(actor: Actor) -> ShipmentOut:
        made = services.receive_shipment(
            shipment=there(work.shipment_by_id(shipment_id)),
            doses=payload.doses,
            close=payload.close,
            by=actor,
            now=utc_now(),
        )
        return ShipmentOut.of(made)

    return once(request, payload, act, needs_key=True)


@router.post(
    "/lots/{lot_id}/move",
    response=StockList,
    summary="Hand doses to another place at once",
    openapi_extra=documented(verb="vaccination.move_doses", needs_key=True),
)
def move_doses(request: HttpRequest, lot_id: int, payload: MoveIn) -> HttpResponse:
    """For example from a site's refrigerator to its session."""
    return _moved(
        request, lot_id, payload, lambda lot, by: services.move_doses(lot=lot, **_between(payload, by))
    )


@router.post(
    "/lots/{lot_id}/return",
    response=StockList,
    summary="Bring doses back",
    openapi_extra=documented(verb="vaccination.return_doses", needs_key=True),
)
def return_doses(request: HttpRequest, lot_id: int, payload: MoveIn) -> HttpResponse:
    """Also of a lot that may no longer be given."""
    return _moved(
        request, lot_id, payload, lambda lot, by: services.return_doses(lot=lot, **_between(payload, by))
    )


@router.post(
    "/lots/{lot_id}/waste",
    response=StockList,
    summary="Write doses off with a reason",
    openapi_extra=documented(verb="vaccination.waste_doses", needs_key=True),
)
def waste_doses(request: HttpRequest, lot_id: int, payload: WasteIn) -> HttpResponse:
    """A booking that loses its dose shows as a shortfall of its session."""

    def change(lot: VaccineLot, actor: Actor) -> object:
        place = location_of(payload.location)
        return services.waste_doses(
            lot=lot, location=place, doses=payload.doses, reason=payload.reason, by=actor, now=utc_now()
        )

    return _moved(request, lot_id, payload, change)


@router.post(
    "/lots/{lot_id}/count",
    response=StockList,
    summary="Write down a stock count",
    openapi_extra=documented(verb="vaccination.count_stock", needs_key=True),
)
def count_stock(request: HttpRequest, lot_id: int, payload: CountIn) -> HttpResponse:
    """The books follow the count; a difference keeps its explanation."""

    def change(lot: VaccineLot, actor: Actor) -> object:
        return services.count_stock(
            lot=lot,
            location=location_of(payload.location),
            counted=payload.counted,
            explanation=payload.explanation or "",
            by=actor,
            now=utc_now(),
        )

    return _moved(request, lot_id, payload, change)


@router.post(
    "/lots/{lot_id}/readings",
    response=LotOut,
    summary="Log a temperature or a vial monitor",
    openapi_extra=documented(verb="vaccination.log_storage"),
)
def log_storage(request: HttpRequest, lot_id: int, payload: ReadingIn) -> HttpResponse:
    """Out of range the doses go into quarantine."""

    def act(actor: Actor) -> LotOut:
        services.log_storage(
            lot=lot_of(lot_id),
            location=location_of(payload.location),
            tenths_celsius=payload.tenths_celsius,
            vvm_stage=payload.vvm_stage,
            thawed=payload.thawed,
            by=actor,
            now=utc_now(),
        )
        return LotOut.of(lot_of(lot_id))

    return once(request, payload, act)


@router.post(
    "/quarantines/{quarantine_id}/decide",
    response=QuarantineOut,
    summary="Decide about doses set apart",
    openapi_extra=documented(verb="vaccination.decide_quarantine"),
)
def decide_quarantine(request: HttpRequest, quarantine_id: int, payload: DecideIn) -> HttpResponse:
    """Unfit ones are written off."""

    def act(actor: Actor) -> QuarantineOut:
        found = there(work.quarantine_by_id(quarantine_id))
        return QuarantineOut.of(
            services.decide_quarantine(quarantine=found, fit=payload.fit, by=actor, now=utc_now())
        )

    return once(request, payload, act)


@router.post(
    "/lots/{lot_id}/recall",
    response=LotOut,
    summary="Recall a lot",
    openapi_extra=documented(verb="vaccination.recall_lot"),
)
def recall_lot(request: HttpRequest, lot_id: int, payload: RecallIn) -> HttpResponse:
    """From now on no dose of it is given, moved or booked."""

    def act(actor: Actor) -> LotOut:
        services.recall_lot(lot=lot_of(lot_id), reason=payload.reason, by=actor, now=utc_now())
        return LotOut.of(lot_of(lot_id))

    return once(request, payload, act)


@router.post(
    "/lots/{lot_id}/other-lots",
    response=RebookedOut,
    summary="Give the bookings of a recalled lot another one",
    openapi_extra=documented(verb="vaccination.give_other_lots"),
)
def give_other_lots(request: HttpRequest, lot_id: int) -> HttpResponse:
    """Those that find none lose their booking's dose and are told."""

    def act(actor: Actor) -> RebookedOut:
        done = services.give_other_lots(lot=lot_of(lot_id), by=actor, now=utc_now())
        return RebookedOut(moved=len(done.moved), left=len(done.left))

    return once(request, None, act)


def _between(payload: MoveIn, by: Actor) -> dict[str, Any]:
    return {
        "source": location_of(payload.location),
        "target": location_of(payload.target),
        "doses": payload.doses,
        "by": by,
        "now": utc_now(),
    }


def _moved(
    request: HttpRequest, lot_id: int, payload: Schema, change: Callable[[VaccineLot, Actor], object]
) -> HttpResponse:
    """Do a verb on a lot and answer where its doses are now."""

    def act(actor: Actor) -> StockList:
        lot = lot_of(lot_id)
        change(lot, actor)
        found = queries.where_lot_is(lot).select_related("location", "lot__vaccine__product")
        return StockList(items=[StockOut.of(each) for each in found])

    return once(request, payload, act, needs_key=True)
