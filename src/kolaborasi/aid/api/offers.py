"""Offers as JSON: what helpers have to give where it is needed most."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from ninja import Query, Router, Schema
from pydantic import Field, StrictInt, model_validator

from kolaborasi.aid import queries, services
from kolaborasi.aid.api import access
from kolaborasi.aid.api.schemas import OfferOut, OfferPage
from kolaborasi.aid.models import Offer
from kolaborasi.aid.permissions import TABLE
from kolaborasi.aid.rules import MOST_UNITS
from kolaborasi.common.actors import Actor, ActorKind
from kolaborasi.common.clock import utc_now
from kolaborasi.common.errors import NotFound, NotPermitted
from kolaborasi.common.http.cursors import PageQuery, next_link, slice_of
from kolaborasi.common.http.examples import examples
from kolaborasi.common.http.writes import Written, acting, documented, write_once
from kolaborasi.places.api import CodeGiven

router = Router()
ENDS_BEFORE = _("The last day must come after the first.")


class OfferUnknown(NotFound):
    """There is no such offer, or it is none of the caller's."""

    code = "offer-unknown"

    def __init__(self) -> None:
        super().__init__(_("No such offer is yours. See the list of your offers."))


class ItemUnknown(NotFound):
    """There is no item with this code."""

    code = "item-unknown"

    def __init__(self) -> None:
        super().__init__(_("There is no item with this code. See the list of items."))


class OfferIn(Schema):
    """An offer to make."""

    model_config = examples(
        {
            "item": "sembako",
            "quantity": 100,
            "place": {"scheme": "kemendagri", "code": "31.71.03.1001"},
            "available_date": "2021-07-13",
            "partner": 7,
        },
        closed=True,
    )

    item: str = Field(max_length=40, description="Code of an item.")
    quantity: int = Field(ge=1, le=MOST_UNITS, strict=True)
    place: CodeGiven = Field(description="Where the goods set out from.")
    available_date: date
    until_date: date | None = Field(None, description="The first day they are no longer to be had.")
    partner: StrictInt | None = Field(None, description="The caller's partner, when it offers.")
    named: bool = Field(False, strict=True, description="May be named in public.")

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> OfferIn:
        if self.until_date is not None and self.until_date <= self.available_date:
            raise ValueError(str(ENDS_BEFORE))
        return self


@router.get("/offers", response=OfferPage, summary="List the caller's offers")
def list_offers(request: HttpRequest, response: HttpResponse, page: Query[PageQuery]) -> dict[str, Any]:
    """Offers of the account and its partners, newest first."""
    actor = acting(request)
    if actor.kind == ActorKind.VISITOR:
        raise NotPermitted
    part = slice_of(_own(actor), order=("-registered_at", "-pk"), page=page)
    return {
        "items": [OfferOut.of(offer) for offer in part.rows],
        "next": next_link(request, response, part.cursor),
    }


@router.post(
    "/offers",
    response={201: OfferOut},
    summary="Offer goods",
    openapi_extra=documented(verb="aid.make_offer", needs_key=True),
)
def make_offer(request: HttpRequest, payload: OfferIn) -> HttpResponse:
    """Offer goods for wherever they are needed most; a plan proposes where, a person approves."""
    actor = acting(request)
    TABLE.require(actor, "make_offer")

    def write() -> Written:
        partner = access.own_partner(actor, payload.partner)
        person = None if partner else access.own_person(actor)
        offer = services.make_offer(
            item=_item(payload.item),
            quantity=payload.quantity,
            place=payload.place.place(),
            available_date=payload.available_date,
            until_date=payload.until_date,
            partner=partner,
            person=person,
            named=payload.named,
            by=actor,
            now=utc_now(),
        )
        return Written(OfferOut.of(offer), 201, f"/api/v1/aid/offers/{offer.pk}")

    return write_once(request, content=payload.dict(), write=write, needs_key=True)


@router.get("/offers/{offer_id}", response=OfferOut, summary="Read one of the caller's offers")
def get_offer(request: HttpRequest, offer_id: int) -> OfferOut:
    """An offer and how much of it is promised."""
    return OfferOut.of(_seen(acting(request), offer_id))


@router.post(
    "/offers/{offer_id}/withdraw",
    response=OfferOut,
    summary="Take back what of an offer is not promised",
    openapi_extra=documented(verb="aid.withdraw_offer"),
)
def withdraw_offer(request: HttpRequest, offer_id: int) -> HttpResponse:
    """What was promised out of it stays promised."""
    actor = acting(request)
    TABLE.require(actor, "withdraw_offer")

    def write() -> Written:
        services.withdraw_offer(offer=_seen(actor, offer_id), by=actor, now=utc_now())
        return Written(OfferOut.of(_seen(actor, offer_id)))

    return write_once(request, write=write)


def _own(actor: Actor) -> QuerySet[Offer]:
    partners = [
        role.partner_id for role in actor.roles if role.name in access.HELPER_ROLES if role.partner_id
    ]
    return queries.offers_of(queries.person_of(actor.user_id), partners)


def _seen(actor: Actor, offer_id: int) -> Offer:
    offer = _own(actor).filter(pk=offer_id).first()
    if offer is None:
        raise OfferUnknown
    return offer


def _item(code: str) -> Any:
    item = queries.items().filter(code=code).first()
    if item is None:
        raise ItemUnknown
    return item
