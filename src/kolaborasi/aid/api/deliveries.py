"""Deliveries as JSON: the helper reports, the receiving side acknowledges or disputes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, BinaryIO, cast

from django.http import HttpRequest, HttpResponse
from ninja import File, Form, Router, Schema
from ninja.files import UploadedFile
from pydantic import Field

from kolaborasi.aid import services
from kolaborasi.aid.api import access
from kolaborasi.aid.api.schemas import DeliveryOut
from kolaborasi.aid.models import Delivery, Pledge
from kolaborasi.aid.photos import read_photo
from kolaborasi.aid.rules import MOST_UNITS
from kolaborasi.common.actors import Actor
from kolaborasi.common.clock import utc_now
from kolaborasi.common.http.examples import examples
from kolaborasi.common.http.writes import Written, acting, digest_of, documented, write_once

router = Router()


class DeliveryIn(Schema):
    """What the helper tells."""

    model_config = examples({"quantity": 12})

    quantity: int = Field(ge=1, le=MOST_UNITS, description="Units handed over.")


class ReceiptIn(Schema):
    """The code of the receiving side, as proof."""

    model_config = examples({"code": "K7M2QX", "quantity": 12, "close": False}, closed=True)

    code: str = Field(min_length=1, max_length=20, description="Capitals and blanks do not matter.")
    quantity: int = Field(ge=1, le=MOST_UNITS, strict=True, description="Units received.")
    close: bool = Field(False, strict=True, description="Give the rest of the promise back.")


class ReceivedIn(Schema):
    """What really arrived."""

    model_config = examples({"received": 12, "close": True}, closed=True)

    received: int = Field(ge=1, le=MOST_UNITS, strict=True)
    close: bool = Field(
        True, strict=True, description="False keeps the rest of the promise for a second delivery."
    )


def _helper_verb(name: str) -> dict[str, Any]:
    extra = documented(verb=f"aid.{name}", needs_key=True)
    extra["parameters"].append(access.token_header())
    return extra


@router.post(
    "/pledges/{pledge_id}/deliveries",
    response={201: DeliveryOut},
    summary="Report a delivery with a photo",
    openapi_extra=_helper_verb("report_delivery"),
)
def report_delivery(
    request: HttpRequest, pledge_id: int, payload: Form[DeliveryIn], photo: File[UploadedFile]
) -> HttpResponse:
    """Say that goods were handed over; it counts when the receiving side acknowledges it.

    The photo is a JPEG, PNG or WebP of at most 10 MB; place, time and device are taken out of it.
    """
    pledge, actor = access.helped(request, pledge_id)
    content = {**payload.dict(), "photo": digest_of(photo)}

    def write() -> Written:
        delivery = services.report_delivery(
            pledge=pledge,
            quantity=payload.quantity,
            photo=read_photo(cast(BinaryIO, photo.file), size=photo.size or 0),
            by=actor,
            now=utc_now(),
        )
        return Written(DeliveryOut.of(delivery), 201, f"/api/v1/aid/pledges/{pledge_id}")

    return write_once(request, content=content, write=write, needs_key=True)


@router.post(
    "/pledges/{pledge_id}/receipt",
    response={201: DeliveryOut},
    summary="Prove a delivery with the receiving side's code",
    openapi_extra=_helper_verb("acknowledge_by_code"),
)
def acknowledge_by_code(request: HttpRequest, pledge_id: int, payload: ReceiptIn) -> HttpResponse:
    """Delivered, with proof. After five wrong codes only the receiving side's own word counts."""
    pledge, actor = access.helped(request, pledge_id)

    def write() -> Written:
        delivery = services.acknowledge_by_code(
            pledge=pledge,
            code=payload.code,
            quantity=payload.quantity,
            close=payload.close,
            by=actor,
            now=utc_now(),
        )
        return Written(DeliveryOut.of(delivery), 201, f"/api/v1/aid/pledges/{pledge_id}")

    return write_once(request, content=payload.dict(), write=write, needs_key=True)


@router.post(
    "/pledges/{pledge_id}/acknowledge",
    response={201: DeliveryOut},
    summary="Acknowledge what arrived",
    openapi_extra=documented(verb="aid.acknowledge", needs_key=True),
)
def acknowledge(request: HttpRequest, pledge_id: int, payload: ReceivedIn) -> HttpResponse:
    """The receiving side says what really arrived, whether or not the helper has told."""
    return _receive(
        request,
        pledge_id,
        payload,
        lambda pledge, actor: services.acknowledge(
            pledge=pledge, received=payload.received, close=payload.close, by=actor, now=utc_now()
        ),
    )


@router.post(
    "/pledges/{pledge_id}/dispute",
    response={200: DeliveryOut},
    summary="Dispute a reported delivery",
    openapi_extra=documented(verb="aid.dispute"),
)
def dispute(request: HttpRequest, pledge_id: int) -> HttpResponse:
    """The receiving side says that what the helper told did not arrive."""
    return _receive(
        request,
        pledge_id,
        None,
        lambda pledge, actor: services.dispute(pledge=pledge, by=actor, now=utc_now()),
        status=200,
    )


def _receive(
    request: HttpRequest,
    pledge_id: int,
    payload: Schema | None,
    verb: Callable[[Pledge, Actor], Delivery],
    *,
    status: int = 201,
) -> HttpResponse:
    pledge = access.seen(request, pledge_id)

    def write() -> Written:
        return Written(DeliveryOut.of(verb(pledge, acting(request))), status)

    content = payload.dict() if payload else None
    return write_once(request, content=content, write=write, needs_key=payload is not None)
