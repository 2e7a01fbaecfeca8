"""Offers to hospitals as JSON: offer, accept, decline, take back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Annotated

from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema
from pydantic import Field

from kolaborasi.common.actors import Actor
from kolaborasi.common.clock import utc_now
from kolaborasi.common.errors import NotPermitted
from kolaborasi.common.http.examples import examples
from kolaborasi.common.http.writes import Written, acting, documented, write_once
from kolaborasi.hospitals import queries, services
from kolaborasi.hospitals.api.access import answerable, hospital_of
from kolaborasi.hospitals.api.referrals import changed
from kolaborasi.hospitals.api.schemas import OfferList, OfferOut, ReferralOut
from kolaborasi.hospitals.models import DeclineReason, Placement, Referral
from kolaborasi.hospitals.permissions import TABLE

router = Router()


class OfferIn(Schema):
    """Bed pools to be asked, in order."""

    model_config = examples({"pools": [77, 81], "answer_minutes": 15}, closed=True)

    pools: list[Annotated[int, Field(strict=True)]] = Field(
        min_length=1, max_length=10, description="From the ranked beds, the first is asked now."
    )
    answer_minutes: int = Field(15, ge=1, le=120, strict=True)


class DeclineIn(Schema):
    """Why the hospital says no."""

    model_config = examples({"reason": "full"}, closed=True)

    reason: DeclineReason


@router.get("/{hospital_id}/offers", response=OfferList, summary="List the offers a hospital has to answer")
def list_hospital_offers(request: HttpRequest, hospital_id: int) -> OfferList:
    """Offers that wait for the hospital's answer, the one that runs out first on top."""
    hospital, actor = hospital_of(hospital_id), acting(request)
    site = hospital.site
    if not TABLE.allows(actor, "accept", place_code=site.place.code, partner_id=site.partner_id):
        raise NotPermitted
    found = queries.offers_to(hospital, utc_now()).select_related("pool__hospital__site")
    return OfferList(items=[OfferOut.of(each) for each in found])


@router.post(
    "/referrals/{referral_id}/offers",
    response=ReferralOut,
    summary="Offer a patient to hospitals, one after the other",
    openapi_extra=documented(verb="hospitals.offer"),
)
def offer_referral(request: HttpRequest, referral_id: int, payload: OfferIn) -> HttpResponse:
    """The first that has a bed left is asked now and its bed is held; the next when it cannot or does not answer."""

    def change(referral: Referral, actor: Actor) -> object:
        return services.offer(
            referral=referral,
            pools=payload.pools,
            answer_time=timedelta(minutes=payload.answer_minutes),
            by=actor,
            now=utc_now(),
        )

    return changed(request, referral_id, payload, change)


@router.post(
    "/offers/{offer_id}/accept",
    response=OfferOut,
    summary="Accept a patient",
    openapi_extra=documented(verb="hospitals.accept"),
)
def accept_offer(request: HttpRequest, offer_id: int) -> HttpResponse:
    """The bed is held until the ambulance has left."""
    return _answered(
        request,
        offer_id,
        None,
        lambda placement, actor: services.accept(placement=placement, by=actor, now=utc_now()),
    )


@router.post(
    "/offers/{offer_id}/decline",
    response=OfferOut,
    summary="Decline a patient",
    openapi_extra=documented(verb="hospitals.decline"),
)
def decline_offer(request: HttpRequest, offer_id: int, payload: DeclineIn) -> HttpResponse:
    """The next hospital is asked at once; without one the patient waits again in the old place."""
    return _answered(
        request,
        offer_id,
        payload,
        lambda placement, actor: services.decline(
            placement=placement, reason=payload.reason, by=actor, now=utc_now()
        ),
    )


@router.post(
    "/offers/{offer_id}/withdraw",
    response=OfferOut,
    summary="Take an offer back",
    openapi_extra=documented(verb="hospitals.withdraw_offer"),
)
def withdraw_bed_offer(request: HttpRequest, offer_id: int) -> HttpResponse:
    """The bed is free again; the next hospital in order is asked."""
    return _answered(
        request,
        offer_id,
        None,
        lambda placement, actor: services.withdraw_offer(placement=placement, by=actor, now=utc_now()),
    )


def _answered(
    request: HttpRequest, offer_id: int, payload: Schema | None, answer: Callable[[Placement, Actor], object]
) -> HttpResponse:
    actor = acting(request)

    def write() -> Written:
        found = answerable(offer_id, actor)
        answer(found, actor)
        return Written(OfferOut.of(queries.placement_by_id(offer_id) or found))

    return write_once(request, content=payload.dict() if payload else None, write=write)
