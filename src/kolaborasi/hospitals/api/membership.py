"""A hospital's part in the network as JSON: agreements, pauses, leaving, conversions of beds."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Annotated

from django.http import HttpRequest, HttpResponse
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _
from ninja import Router, Schema
from pydantic import Field

from kolaborasi.common.actors import Actor
from kolaborasi.common.clock import utc_now
from kolaborasi.common.errors import NotFound
from kolaborasi.common.http.examples import examples
from kolaborasi.common.http.writes import Written, acting, documented, write_once
from kolaborasi.hospitals import queries, services
from kolaborasi.hospitals.api.access import hospital_of
from kolaborasi.hospitals.api.registry import FIRST_DAY, LAST_DAY
from kolaborasi.hospitals.classes import BedClass
from kolaborasi.hospitals.models import ConversionRequest, Hospital
from kolaborasi.hospitals.rules import MOST_BEDS
from kolaborasi.hospitals.states import ConversionState, NetworkState

router = Router()
Beds = Annotated[int, Field(ge=0, le=MOST_BEDS, strict=True)]
AGREEMENT = {"hospital": 17, "network": "joined", "beds": {"icu": 4, "isolation-np": 20}}
CONVERSION = {
    "id": 31,
    "hospital": 17,
    "bed_class": "isolation-np",
    "beds": 12,
    "state": "asked",
    "asked_at": "2021-06-28T02:00:00Z",
    "answered_at": None,
}


class ConversionUnknown(NotFound):
    """There is no such request."""

    code = "conversion-unknown"

    def __init__(self) -> None:
        super().__init__(_("There is no such request to convert beds."))


class AgreementIn(Schema):
    """Beds of each class that the hospital gives; classes not named stay."""

    model_config = examples({"beds": {"icu": 4, "isolation-np": 20}}, closed=True)

    beds: dict[BedClass, Beds] = Field(min_length=1)


class JoinIn(AgreementIn):
    """The first day as well."""

    model_config = examples({"beds": {"icu": 4}, "starts_date": "2021-06-28"}, closed=True)

    starts_date: datetime.date | None = Field(
        None, ge=FIRST_DAY, le=LAST_DAY, description="Today when absent; an earlier day when agreed on paper."
    )


class AgreementOut(Schema):
    """A hospital's part in the network and what it gives."""

    model_config = examples(AGREEMENT)

    hospital: int
    network: NetworkState
    beds: dict[str, int]

    @classmethod
    def of(cls, hospital: Hospital) -> AgreementOut:
        """The open lines of its agreement."""
        return cls(
            hospital=hospital.pk,
            network=NetworkState(hospital.network),
            beds=queries.agreement_of(hospital),
        )


class ConversionIn(Schema):
    """Beds that are asked for."""

    model_config = examples({"bed_class": "isolation-np", "beds": 12}, closed=True)

    bed_class: BedClass
    beds: Annotated[int, Field(ge=1, le=MOST_BEDS, strict=True)]


class AnswerIn(Schema):
    """What the hospital says."""

    model_config = examples({"agree": True}, closed=True)

    agree: bool = Field(strict=True)


class ConversionOut(Schema):
    """A request that a hospital turn ordinary beds into beds of a class."""

    model_config = examples(CONVERSION)

    id: int
    hospital: int
    bed_class: str
    beds: int
    state: ConversionState
    asked_at: datetime.datetime
    answered_at: datetime.datetime | None

    @classmethod
    def of(cls, asked: ConversionRequest) -> ConversionOut:
        """The request."""
        return cls(
            id=asked.pk,
            hospital=asked.hospital_id,
            bed_class=asked.bed_class,
            beds=asked.beds,
            state=ConversionState(asked.state),
            asked_at=asked.asked_at,
            answered_at=asked.answered_at,
        )


class ConversionList(Schema):
    """Requests that wait for an answer."""

    model_config = examples({"items": [CONVERSION]})

    items: list[ConversionOut]


@router.get("/{hospital_id}/agreement", response=AgreementOut, summary="Read what a hospital agreed to give")
def get_agreement(request: HttpRequest, hospital_id: int) -> AgreementOut:
    """Beds of each class by the agreement in force; what it really has comes with its reports."""
    return AgreementOut.of(hospital_of(hospital_id))


@router.post(
    "/{hospital_id}/join",
    response=AgreementOut,
    summary="Take a hospital into the network",
    openapi_extra=documented(verb="hospitals.join_network"),
)
def join_network(request: HttpRequest, hospital_id: int, payload: JoinIn) -> HttpResponse:
    """By an agreement that says how many beds of which class it gives from when."""
    return _changed(
        request,
        hospital_id,
        payload,
        lambda hospital, actor: services.join_network(
            hospital=hospital,
            beds=payload.beds,
            starts_date=payload.starts_date or localdate(),
            by=actor,
            now=utc_now(),
        ),
    )


@router.post(
    "/{hospital_id}/agreement",
    response=AgreementOut,
    summary="Change what a hospital agreed to give",
    openapi_extra=documented(verb="hospitals.agree_beds"),
)
def agree_beds(request: HttpRequest, hospital_id: int, payload: AgreementIn) -> HttpResponse:
    """From today on."""
    return _changed(
        request,
        hospital_id,
        payload,
        lambda hospital, actor: services.agree_beds(
            hospital=hospital, beds=payload.beds, by=actor, now=utc_now()
        ),
    )


@router.post(
    "/{hospital_id}/pause",
    response=AgreementOut,
    summary="Let a hospital take no new patients for a while",
    openapi_extra=documented(verb="hospitals.pause_network"),
)
def pause_network(request: HttpRequest, hospital_id: int) -> HttpResponse:
    """Who lies there or is on the way stays."""
    return _changed(
        request,
        hospital_id,
        None,
        lambda hospital, actor: services.pause_network(hospital=hospital, by=actor, now=utc_now()),
    )


@router.post(
    "/{hospital_id}/resume",
    response=AgreementOut,
    summary="Let a paused hospital take new patients again",
    openapi_extra=documented(verb="hospitals.resume_network"),
)
def resume_network(request: HttpRequest, hospital_id: int) -> HttpResponse:
    """Offers come in again at once."""
    return _changed(
        request,
        hospital_id,
        None,
        lambda hospital, actor: services.resume_network(hospital=hospital, by=actor, now=utc_now()),
    )


@router.post(
    "/{hospital_id}/leave",
    response=AgreementOut,
    summary="Take a hospital out of the network",
    openapi_extra=documented(verb="hospitals.leave_network"),
)
def leave_network(request: HttpRequest, hospital_id: int) -> HttpResponse:
    """The agreement ends; who lies there or is on the way stays."""
    return _changed(
        request,
        hospital_id,
        None,
        lambda hospital, actor: services.leave_network(hospital=hospital, by=actor, now=utc_now()),
    )


def _changed(
    request: HttpRequest,
    hospital_id: int,
    payload: Schema | None,
    change: Callable[[Hospital, Actor], Hospital],
) -> HttpResponse:
    actor = acting(request)

    def write() -> Written:
        return Written(AgreementOut.of(change(hospital_of(hospital_id), actor)))

    return write_once(request, content=payload.model_dump(mode="json") if payload else None, write=write)


@router.get("/conversions", response=ConversionList, summary="List requests to convert beds")
def list_conversions(request: HttpRequest) -> ConversionList:
    """Those nobody has answered yet."""
    return ConversionList(items=[ConversionOut.of(each) for each in queries.open_conversions()])


@router.post(
    "/{hospital_id}/conversions",
    response={201: ConversionOut},
    summary="Ask a hospital to convert beds",
    openapi_extra=documented(verb="hospitals.ask_conversion"),
)
def ask_conversion(request: HttpRequest, hospital_id: int, payload: ConversionIn) -> HttpResponse:
    """One open request for each class; the beds count once the hospital reports them."""
    actor = acting(request)

    def write() -> Written:
        asked = services.ask_conversion(
            hospital=hospital_of(hospital_id),
            bed_class=payload.bed_class,
            beds=payload.beds,
            by=actor,
            now=utc_now(),
        )
        return Written(ConversionOut.of(asked), 201)

    return write_once(request, content=payload.model_dump(mode="json"), write=write)


@router.post(
    "/conversions/{conversion_id}/answer",
    response=ConversionOut,
    summary="Say whether the hospital converts the beds",
    openapi_extra=documented(verb="hospitals.answer_conversion"),
)
def answer_conversion(request: HttpRequest, conversion_id: int, payload: AnswerIn) -> HttpResponse:
    """By the hospital's administrator, or a coordinator who was told."""
    actor = acting(request)

    def write() -> Written:
        found = queries.conversion_by_id(conversion_id)
        if found is None:
            raise ConversionUnknown
        done = services.answer_conversion(request=found, agree=payload.agree, by=actor, now=utc_now())
        return Written(ConversionOut.of(done))

    return write_once(request, content=payload.dict(), write=write)
