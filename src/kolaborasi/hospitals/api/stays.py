"""From the road to the end of a stay as JSON."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from ninja import Router, Schema

from kolaborasi.common.actors import Actor
from kolaborasi.common.clock import utc_now
from kolaborasi.common.errors import NotFound
from kolaborasi.common.http.examples import examples
from kolaborasi.common.http.writes import documented
from kolaborasi.hospitals import queries, services
from kolaborasi.hospitals.api.offers import DeclineIn
from kolaborasi.hospitals.api.referrals import changed
from kolaborasi.hospitals.api.schemas import ReferralOut
from kolaborasi.hospitals.classes import BedClass
from kolaborasi.hospitals.models import Referral

router = Router()


class NoSuchBed(NotFound):
    """The hospital has no beds of the class, or the patient lies in none."""

    code = "no-such-bed"

    def __init__(self) -> None:
        super().__init__(_("The hospital has no beds of this class, or the patient lies in none."))


@router.post(
    "/referrals/{referral_id}/depart",
    response=ReferralOut,
    summary="Say that the ambulance has left with the patient",
    openapi_extra=documented(verb="hospitals.depart"),
)
def depart_referral(request: HttpRequest, referral_id: int) -> HttpResponse:
    """The bed is theirs without a time limit from now on."""
    return changed(
        request,
        referral_id,
        None,
        lambda found, actor: services.depart(referral=found, by=actor, now=utc_now()),
    )


@router.post(
    "/referrals/{referral_id}/admit",
    response=ReferralOut,
    summary="Say that the patient lies in the bed",
    openapi_extra=documented(verb="hospitals.admit"),
)
def admit_patient(request: HttpRequest, referral_id: int) -> HttpResponse:
    """A patient who came from another hospital of the network leaves that bed now."""
    return changed(
        request,
        referral_id,
        None,
        lambda found, actor: services.admit(referral=found, by=actor, now=utc_now()),
    )


@router.post(
    "/referrals/{referral_id}/turn-away",
    response=ReferralOut,
    summary="Say that an accepted patient cannot be taken",
    openapi_extra=documented(verb="hospitals.turn_away"),
)
def turn_away_patient(request: HttpRequest, referral_id: int, payload: DeclineIn) -> HttpResponse:
    """The patient waits again, in the old place of the queue."""
    return changed(
        request,
        referral_id,
        payload,
        lambda found, actor: services.turn_away(
            referral=found, reason=payload.reason, by=actor, now=utc_now()
        ),
    )


class MoveIn(Schema):
    """Which beds of the hospital the patient moves to."""

    model_config = examples({"bed_class": "isolation"}, closed=True)

    bed_class: BedClass


@router.post(
    "/referrals/{referral_id}/move",
    response=ReferralOut,
    summary="Move a patient to another class of bed in the same hospital",
    openapi_extra=documented(verb="hospitals.move_bed"),
)
def move_patient(request: HttpRequest, referral_id: int, payload: MoveIn) -> HttpResponse:
    """Step-down or step-up: taken there and given back here, both or neither. The class must fit the patient."""

    def change(found: Referral, actor: Actor) -> object:
        here = queries.open_bed_of(found)
        pool = queries.pool_here(here, payload.bed_class) if here is not None else None
        if pool is None:
            raise NoSuchBed
        return services.move_bed(referral=found, pool=pool, by=actor, now=utc_now())

    return changed(request, referral_id, payload, change)


@router.post(
    "/referrals/{referral_id}/discharge",
    response=ReferralOut,
    summary="Discharge a patient",
    openapi_extra=documented(verb="hospitals.discharge"),
)
def discharge_patient(request: HttpRequest, referral_id: int) -> HttpResponse:
    """The bed can be promised to somebody else."""
    return changed(
        request,
        referral_id,
        None,
        lambda found, actor: services.discharge(referral=found, by=actor, now=utc_now()),
    )


@router.post(
    "/referrals/{referral_id}/death",
    response=ReferralOut,
    summary="Record that the patient died",
    openapi_extra=documented(verb="hospitals.record_death"),
)
def record_death(request: HttpRequest, referral_id: int) -> HttpResponse:
    """Every bed and every open referral of the patient ends."""
    return changed(
        request,
        referral_id,
        None,
        lambda found, actor: services.record_death(referral=found, by=actor, now=utc_now()),
    )
