"""Referrals as JSON: ask for a bed, list and read, rank, judge anew, cancel."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Schema
from pydantic import Field

from kolaborasi.common.actors import Actor
from kolaborasi.common.clock import utc_now
from kolaborasi.common.errors import NotPermitted
from kolaborasi.common.http.cursors import PageQuery, next_link, slice_of
from kolaborasi.common.http.examples import examples
from kolaborasi.common.http.writes import Written, acting, documented, write_once
from kolaborasi.hospitals import queries, services
from kolaborasi.hospitals.api.access import PatientUnknown, RequesterNotYours, hospital_of, seen
from kolaborasi.hospitals.api.ranked import RankedList, RankedOut
from kolaborasi.hospitals.api.schemas import ReferralOut, ReferralPage, TimelineOut
from kolaborasi.hospitals.models import CancelReason, Referral
from kolaborasi.hospitals.models.choices import PcrState, ReferralSource
from kolaborasi.hospitals.patients import patient_of
from kolaborasi.hospitals.queries.work import brief_referrals, person_by_id, referring_sites
from kolaborasi.hospitals.rules import AgeGroup, Signs, Wish, severity_of
from kolaborasi.hospitals.services import Request
from kolaborasi.hospitals.states import OPEN, ReferralState
from kolaborasi.partners.models import Site
from kolaborasi.people.models import Person
from kolaborasi.people.services import Identity
from kolaborasi.places.api import CodeGiven

router = Router()


class Sort(StrEnum):
    """Order of the list of referrals."""

    FAIR = "fair"
    NEWEST = "newest"


ORDERS = {Sort.FAIR: ("-severity", "requested_at", "pk"), Sort.NEWEST: ("-requested_at", "-pk")}


class ReferralQuery(Schema):
    """Which referrals."""

    state: ReferralState | None = Field(None, description="All on their way to a bed when absent.")
    sort: Sort = Field(Sort.FAIR, description="fair: the severest first, then the longest waiting.")


class SignsIn(Schema):
    """What was seen at the patient; the severity follows from it by the national criteria."""

    model_config = examples({"spo2": 90, "breaths": 28, "pneumonia": True}, closed=True)

    spo2: int | None = Field(None, description="Per cent in room air.", strict=True)
    breaths: int | None = Field(None, description="A minute.", strict=True)
    ventilation: bool = Field(False, description="Cannot breathe alone.", strict=True)
    shock: bool = Field(False, strict=True)
    unconscious: bool = Field(False, description="Unconscious or newly confused.", strict=True)
    distress: bool = Field(
        False, description="Cannot finish a sentence, or the chest is drawn in.", strict=True
    )
    pneumonia: bool = Field(False, strict=True)

    def signs(self) -> Signs:
        """The signs as plain values."""
        return Signs(**self.model_dump())


NOTHING_SEEN = SignsIn.model_validate({})


class IdentityIn(Schema):
    """Who the patient is; kept apart, encrypted, and not shown in any answer."""

    model_config = examples({"name": "Warga Contoh"}, closed=True)

    name: str = Field(min_length=1, max_length=120)
    nik: str = Field("", max_length=20, description="Finds somebody who is known.")
    phone: str = Field("", max_length=30)


class ReferralIn(Schema):
    """A bed that is asked for."""

    model_config = examples(
        {
            "identity": {"name": "Warga Contoh"},
            "place": {"scheme": "kemendagri", "code": "31.71.03.1001"},
            "signs": {"spo2": 90, "breaths": 28, "pneumonia": True},
            "age_group": "adult",
            "dialysis": True,
        },
        closed=True,
    )

    patient: UUID | None = Field(
        None, description="Pseudonymous id of somebody who is known; else `identity`."
    )
    identity: IdentityIn | None = None
    place: CodeGiven = Field(description="Kelurahan or RW where the patient is; not an address.")
    signs: SignsIn = NOTHING_SEEN
    age_group: AgeGroup = AgeGroup.ADULT
    pregnant: bool = Field(False, strict=True)
    labour: bool = Field(False, strict=True)
    dialysis: bool = Field(False, strict=True)
    isolation: bool = Field(False, description="Must not lie in a room with others.", strict=True)
    paediatric: bool = Field(False, strict=True)
    pcr: PcrState = Field(PcrState.NOT_TESTED, description="Never decides anything.")
    source: ReferralSource = ReferralSource.HOTLINE
    requester: int | None = Field(
        None, description="The caller's site that asks; none for the hotline.", strict=True
    )
    on_behalf: bool = Field(False, description="For a caller who has no telephone or device.", strict=True)
    from_hospital: int | None = Field(
        None, description="Hospital the patient lies in, for a transfer.", strict=True
    )


class PlaceIn(ReferralIn):
    """A bed that is asked for and offered to the best hospital at once."""

    model_config = examples(
        {
            "identity": {"name": "Warga Contoh"},
            "place": {"scheme": "kemendagri", "code": "31.71.03.1001"},
            "signs": {"spo2": 90},
            "most": 3,
        },
        closed=True,
    )

    most: int = Field(3, ge=1, le=10, description="Hospitals asked one after the other.", strict=True)
    answer_minutes: int = Field(15, ge=1, le=120, strict=True)


class ReassessIn(Schema):
    """How ill the patient is now."""

    model_config = examples({"signs": {"spo2": 86, "distress": True}}, closed=True)

    signs: SignsIn


class CancelIn(Schema):
    """Why no bed is needed any more."""

    model_config = examples({"reason": "recovered"}, closed=True)

    reason: CancelReason


class RankQuery(Schema):
    """How many beds."""

    most: int = Field(10, ge=1, le=50)


@router.get("/referrals", response=ReferralPage, summary="List referrals")
def list_referrals(
    request: HttpRequest, response: HttpResponse, asked: Query[ReferralQuery], page: Query[PageQuery]
) -> dict[str, Any]:
    """Referrals the caller is at an end of, or coordinates; in fair order those on their way to a bed."""
    actor = acting(request)
    if not actor.roles:
        raise NotPermitted
    found = queries.visible_to(brief_referrals(), actor)
    found = found.filter(state=asked.state) if asked.state else found.filter(state__in=list(OPEN))
    part = slice_of(found, order=ORDERS[asked.sort], page=page, question=asked.dict())
    return {
        "items": [ReferralOut.of(each, each.beds) for each in part.rows],  # type: ignore[attr-defined]  # prefetched
        "next": next_link(request, response, part.cursor),
    }


@router.get("/referrals/{referral_id}", response=ReferralOut, summary="Read one referral")
def get_referral(request: HttpRequest, referral_id: int) -> ReferralOut:
    """A referral, for both ends."""
    return shown(referral_id, acting(request))


@router.get(
    "/referrals/{referral_id}/timeline", response=TimelineOut, summary="Read what happened to a referral"
)
def get_referral_timeline(request: HttpRequest, referral_id: int) -> TimelineOut:
    """Every act on a referral, oldest first."""
    return TimelineOut.of(queries.timeline(seen(referral_id, acting(request))))


@router.get("/referrals/{referral_id}/beds", response=RankedList, summary="Rank the beds that fit a patient")
def rank_beds(request: HttpRequest, referral_id: int, asked: Query[RankQuery]) -> RankedList:
    """Beds that fit, the best first, with the numbers each place follows from."""
    found = seen(referral_id, acting(request))
    ranked = queries.ranked_beds_of(found, utc_now(), most=asked.most)
    pools = queries.named_pools([bed.pool for bed in ranked])
    return RankedList(items=[RankedOut.of(bed, pools[bed.pool]) for bed in ranked])


@router.post(
    "/referrals",
    response={201: ReferralOut},
    summary="Ask for a bed",
    openapi_extra=documented(verb="hospitals.refer", needs_key=True),
)
def refer(request: HttpRequest, payload: ReferralIn) -> HttpResponse:
    """Put a patient on the waiting list; a patient has one open referral."""
    actor = acting(request)

    def write() -> Written:
        now = utc_now()
        asked = request_of(payload, actor)
        made = services.refer(patient=patient_in(payload, now), request=asked, by=actor, now=now)
        return Written(ReferralOut.of(made, ()), 201, f"/api/v1/hospitals/referrals/{made.pk}")

    return write_once(request, content=payload.dict(), write=write, needs_key=True)


@router.post(
    "/placements",
    response={201: ReferralOut},
    summary="Ask for a bed and offer the patient to the best hospital at once",
    openapi_extra=documented(verb="hospitals.refer_and_offer", needs_key=True),
)
def place_patient(request: HttpRequest, payload: PlaceIn) -> HttpResponse:
    """Rank all beds, hold the best one, and ask the next hospitals when it cannot. No fitting bed: nothing is stored."""
    actor = acting(request)

    def write() -> Written:
        now = utc_now()
        placement = services.refer_and_offer(
            patient=patient_in(payload, now),
            request=request_of(payload, actor),
            most=payload.most,
            answer_time=timedelta(minutes=payload.answer_minutes),
            by=actor,
            now=now,
        )
        body = ReferralOut.of(placement.referral, [placement])
        return Written(body, 201, f"/api/v1/hospitals/referrals/{placement.referral_id}")

    return write_once(request, content=payload.dict(), write=write, needs_key=True)


@router.post(
    "/referrals/{referral_id}/reassess",
    response=ReferralOut,
    summary="Judge anew how ill a patient is",
    openapi_extra=documented(verb="hospitals.reassess"),
)
def reassess_referral(request: HttpRequest, referral_id: int, payload: ReassessIn) -> HttpResponse:
    """The place in the queue follows; the waiting time is kept."""

    def change(referral: Referral, actor: Actor) -> object:
        severity, reasons = severity_of(payload.signs.signs(), AgeGroup(referral.age_group))
        return services.reassess(
            referral=referral,
            severity=severity,
            reasons=reasons,
            spo2=payload.signs.spo2,
            breaths=payload.signs.breaths,
            ventilator=payload.signs.ventilation,
            by=actor,
            now=utc_now(),
        )

    return changed(request, referral_id, payload, change)


@router.post(
    "/referrals/{referral_id}/cancel",
    response=ReferralOut,
    summary="End a referral before a bed",
    openapi_extra=documented(verb="hospitals.cancel_referral"),
)
def cancel_referral(request: HttpRequest, referral_id: int, payload: CancelIn) -> HttpResponse:
    """No bed is needed any more; one that was held is free again."""

    def change(referral: Referral, actor: Actor) -> object:
        return services.cancel_referral(referral=referral, reason=payload.reason, by=actor, now=utc_now())

    return changed(request, referral_id, payload, change)


def shown(referral_id: int, actor: Actor) -> ReferralOut:
    """A referral as the caller sees it.

    Raises:
        ReferralUnknown: there is none the caller is at an end of.
    """
    found = seen(referral_id, actor)
    bed = queries.open_bed_of(found)
    return ReferralOut.of(found, [bed] if bed else [])


def changed(
    request: HttpRequest,
    referral_id: int,
    payload: Schema | None,
    change: Callable[[Referral, Actor], object],
) -> HttpResponse:
    """Do a verb on a referral once and answer what it is now; one that left the caller's sight as it was left."""
    actor = acting(request)

    def write() -> Written:
        found = seen(referral_id, actor)
        change(found, actor)
        now_is = queries.referral_by_id(referral_id) or found
        bed = queries.open_bed_of(now_is)
        return Written(ReferralOut.of(now_is, [bed] if bed else []))

    return write_once(request, content=payload.dict() if payload else None, write=write)


def request_of(payload: ReferralIn, actor: Actor) -> Request:
    """What is asked for, from a body.

    Raises:
        UnknownArea, RequesterNotYours, HospitalUnknown.
    """
    signs = payload.signs.signs()
    severity, reasons = severity_of(signs, payload.age_group)
    return Request(
        place=payload.place.place(),
        source=payload.source,
        wish=Wish(
            severity=severity,
            age=payload.age_group,
            ventilator=signs.ventilation,
            dialysis=payload.dialysis,
            obstetric=payload.pregnant,
            paediatric=payload.paediatric,
            labour=payload.labour,
            isolation=payload.isolation,
        ),
        reasons=reasons,
        requester=_requester(actor, payload.requester),
        on_behalf=payload.on_behalf,
        from_hospital=hospital_of(payload.from_hospital) if payload.from_hospital else None,
        pregnant=payload.pregnant,
        pcr=payload.pcr,
        spo2=signs.spo2,
        breaths=signs.breaths,
    )


def _requester(actor: Actor, site_id: int | None) -> Site | None:
    if site_id is None:
        return None
    for site in referring_sites(actor):
        if site.pk == site_id:
            return site
    raise RequesterNotYours


def patient_in(payload: ReferralIn, now: Any) -> Person:
    """The patient of a body: by id, or found or registered by identity.

    Raises:
        PatientUnknown: nobody has the id, and no identity was sent.
    """
    if payload.patient is None and payload.identity is not None:
        return patient_of(Identity(**payload.identity.model_dump()), now)
    found = person_by_id(payload.patient) if payload.patient else None
    if found is None:
        raise PatientUnknown
    return found
