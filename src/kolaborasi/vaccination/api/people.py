"""Recipients as JSON, for those who care for them: enrol, read, change, doses from elsewhere, who is due."""

from __future__ import annotations

import datetime
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.timezone import localdate
from ninja import Query, Router, Schema
from pydantic import Field, StrictBool, StrictInt

from kolaborasi.common.actors import Actor
from kolaborasi.common.clock import utc_now
from kolaborasi.common.errors import NotPermitted
from kolaborasi.common.http.examples import examples
from kolaborasi.common.http.writes import acting, documented
from kolaborasi.partners.queries import partner_by_id
from kolaborasi.people.services import Identity
from kolaborasi.places.api import CodeGiven
from kolaborasi.vaccination import queries, services
from kolaborasi.vaccination.api.access import once, product_of, recipient_of, require_carer, there
from kolaborasi.vaccination.api.schemas import DoseOut, RecipientOut
from kolaborasi.vaccination.models import Group

router = Router()
FIRST_DAY, LAST_DAY = datetime.date(1890, 1, 1), datetime.date(2100, 1, 1)


class EnrolIn(Schema):
    """Who stands there: with NIK, passport, or the word of a case worker."""

    model_config = examples(
        {
            "name": "Warga Contoh",
            "passport": "CONTOH0001",
            "birth_date": "1990-05-17",
            "residence": {"scheme": "kemendagri", "code": "31.71.03.1001"},
        },
        closed=True,
    )

    name: str = Field(min_length=1, max_length=120)
    birth_date: datetime.date = Field(ge=FIRST_DAY, le=LAST_DAY)
    nik: str = Field("", max_length=30)
    passport: str = Field("", max_length=30)
    phone: str = Field("", max_length=30)
    address: str = Field("", max_length=300, description="Where a home visit goes.")
    residence: CodeGiven | None = Field(None, description="Kelurahan or RW; decides whose coverage counts.")
    group: Group | None = Field(None, description="By age when absent.")
    vouched_by: StrictInt | None = Field(None, description="The caller's partner, for people without papers.")
    card_seen: StrictBool = Field(
        False, description="The card is at hand and its number has another birth date."
    )


class ChangeRecipientIn(Schema):
    """Where somebody lives, or the group they belong to."""

    model_config = examples({"group": "health_worker"}, closed=True)

    residence: CodeGiven | None = None
    group: Group | None = None


class ElsewhereIn(Schema):
    """A dose given outside the network, as the paper shown says."""

    model_config = examples(
        {"product": "coronavac", "number": 1, "given_at": "2021-06-01T02:00:00Z", "lot": "X1"}, closed=True
    )

    product: str = Field(max_length=30)
    number: int = Field(ge=1, le=9, strict=True)
    given_at: datetime.datetime
    lot: str = Field(min_length=1, max_length=60)
    country: str = Field("IDN", pattern=r"^[A-Z]{3}$")


class EligibleQuery(Schema):
    """Who may have a product on a day."""

    product: str = Field("coronavac", max_length=30, pattern=r"^[a-z0-9-]*$")
    day: datetime.date | None = Field(None, ge=FIRST_DAY, le=LAST_DAY, description="Today when absent.")
    within: str = Field("", max_length=17, pattern=r"^[0-9./]*$", description="Area of residence.")
    limit: int = Field(1_000, ge=1, le=10_000)


class EligibleOut(Schema):
    """Somebody who may have the product."""

    model_config = examples({"recipient": "8e03978e-40d5-43dd-bc93-6894a57f9324", "dose": 2, "overdue": True})

    recipient: UUID
    dose: int
    overdue: bool


class EligibleList(Schema):
    """Everybody who may have the product and has no next dose booked, those overdue first."""

    model_config = examples(
        {"items": [{"recipient": "8e03978e-40d5-43dd-bc93-6894a57f9324", "dose": 2, "overdue": True}]}
    )

    items: list[EligibleOut]


class EnrolledOut(Schema):
    """The pseudonymous id of somebody enrolled or changed: what is on record of them is a look of its own."""

    model_config = examples({"id": "8e03978e-40d5-43dd-bc93-6894a57f9324"})

    id: UUID


@router.get("/recipients/{recipient_id}", response=RecipientOut, summary="Read one recipient")
def get_recipient(request: HttpRequest, recipient_id: UUID) -> RecipientOut:
    """Doses on record and what may come next; no name. For the person, those who receive them or decide about their
    record, and the coordinator; each look is on record.
    """
    recipient, now = recipient_of(recipient_id), utc_now()
    services.see_record(recipient=recipient, by=acting(request), now=now)
    return RecipientOut.of(recipient, now)


@router.post(
    "/recipients",
    response={201: EnrolledOut},
    summary="Enrol somebody who stands there",
    openapi_extra=documented(verb="vaccination.enrol", needs_key=True),
)
def enrol_recipient(request: HttpRequest, payload: EnrolIn) -> HttpResponse:
    """The recipient on record, or a new one. Only for staff: nobody else learns whether a number is known.

    The record itself is read by its address, once the person is booked or checked in.
    """

    def act(actor: Actor) -> EnrolledOut:
        require_carer(actor)
        identity = Identity(
            name=payload.name,
            nik=payload.nik,
            passport=payload.passport,
            phone=payload.phone,
            address=payload.address,
        )
        made = services.enrol(
            identity=identity,
            birth_date=payload.birth_date,
            residence=payload.residence.place() if payload.residence else None,
            group=payload.group,
            vouched_by=there(partner_by_id(payload.vouched_by)) if payload.vouched_by else None,
            card_seen=payload.card_seen,
            by=actor,
            now=utc_now(),
        )
        return EnrolledOut(id=made.pk)

    return once(
        request,
        payload,
        act,
        status=201,
        location=lambda made: f"/api/v1/vaccination/recipients/{made.id}",
        needs_key=True,
    )


@router.post(
    "/recipients/{recipient_id}",
    response=EnrolledOut,
    summary="Change residence or group of a recipient",
    openapi_extra=documented(verb="vaccination.change_recipient"),
)
def change_recipient(request: HttpRequest, recipient_id: UUID, payload: ChangeRecipientIn) -> HttpResponse:
    """Birth dates change by a correction."""

    def act(actor: Actor) -> EnrolledOut:
        require_carer(actor)
        changed = services.change_recipient(
            recipient=recipient_of(recipient_id),
            residence=payload.residence.place() if payload.residence else None,
            group=payload.group,
            by=actor,
            now=utc_now(),
        )
        return EnrolledOut(id=changed.pk)

    return once(request, payload, act)


@router.post(
    "/recipients/{recipient_id}/doses",
    response={201: DoseOut},
    summary="Record a dose given elsewhere",
    openapi_extra=documented(verb="vaccination.record_elsewhere", needs_key=True),
)
def record_dose_elsewhere(request: HttpRequest, recipient_id: UUID, payload: ElsewhereIn) -> HttpResponse:
    """As the paper shown says."""

    def act(actor: Actor) -> DoseOut:
        require_carer(actor)
        made = services.record_elsewhere(
            recipient=recipient_of(recipient_id),
            product=product_of(payload.product),
            number=payload.number,
            given_at=payload.given_at,
            lot_code=payload.lot,
            country=payload.country,
            by=actor,
            now=utc_now(),
        )
        return DoseOut.of(made)

    return once(request, payload, act, status=201, needs_key=True)


@router.get("/eligible", response=EligibleList, summary="List who may have a product")
def list_eligible(request: HttpRequest, asked: Query[EligibleQuery]) -> EligibleList:
    """For those who invite people: pseudonymous ids, in the order of need. For coordinators and verifiers."""
    actor = acting(request)
    if not actor.has_role("coordinator", "verifier"):
        raise NotPermitted
    product = queries.products().filter(code=asked.product).first()
    if product is None:
        return EligibleList(items=[])
    day = asked.day or localdate()
    found = queries.eligible_people(product, day, area=asked.within or None, limit=asked.limit)
    return EligibleList(
        items=[EligibleOut(recipient=pk, dose=dose, overdue=late) for pk, dose, late in found]
    )
