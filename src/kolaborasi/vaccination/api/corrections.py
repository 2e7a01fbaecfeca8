"""Corrections as JSON: open, list, resolve, reject."""

from __future__ import annotations

import datetime
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema
from pydantic import Field, StrictInt

from kolaborasi.common.actors import Actor
from kolaborasi.common.clock import utc_now
from kolaborasi.common.http.examples import examples
from kolaborasi.common.http.writes import acting, documented
from kolaborasi.partners.queries import partner_by_id
from kolaborasi.vaccination import queries, services
from kolaborasi.vaccination.api.access import once, recipient_of, require_carer, there
from kolaborasi.vaccination.api.schemas import CorrectionList, CorrectionOut
from kolaborasi.vaccination.models import Correction, CorrectionKind, Dose, Recipient
from kolaborasi.vaccination.queries import work

router = Router()
MOST = 500
PERSON = "8e03978e-40d5-43dd-bc93-6894a57f9324"
FIRST_DAY, LAST_DAY = datetime.date(1890, 1, 1), datetime.date(2100, 1, 1)


class OpenCorrectionIn(Schema):
    """A record that is wrong."""

    model_config = examples(
        {
            "kind": "misattributed-dose",
            "owner": 3,
            "dose": 801,
            "right_recipient": PERSON,
            "reference": "B/12",
        },
        closed=True,
    )

    kind: CorrectionKind
    owner: StrictInt = Field(description="Partner that decides.")
    recipient: UUID | None = None
    dose: StrictInt | None = None
    right_recipient: UUID | None = None
    reference: str = Field("", max_length=60, description="Number of the letter; no words about a person.")


class IdentityChangesIn(Schema):
    """What the card says."""

    model_config = examples({"name": "Warga Contoh"}, closed=True)

    name: str = Field("", max_length=120)
    nik: str = Field("", max_length=30)
    passport: str = Field("", max_length=30)


NO_CHANGES = IdentityChangesIn.model_validate({})


class ResolveIn(Schema):
    """How the record is put right; what is needed depends on its kind."""

    model_config = examples({"right_recipient": PERSON}, {"birth_date": "1990-05-17"}, closed=True)

    changes: IdentityChangesIn = NO_CHANGES
    birth_date: datetime.date | None = Field(None, ge=FIRST_DAY, le=LAST_DAY)
    right_recipient: UUID | None = None
    dose: StrictInt | None = Field(None, description="The dose that was missing and is on record now.")


class RejectIn(Schema):
    """Where the reason is kept."""

    model_config = examples({"reference": "B/12"}, closed=True)

    reference: str = Field(max_length=60)


@router.get("/corrections", response=CorrectionList, summary="List corrections")
def list_corrections(request: HttpRequest) -> CorrectionList:
    """Those the caller may decide, open ones first; at most 500."""
    actor = acting(request)
    require_carer(actor)
    return CorrectionList(items=[CorrectionOut.of(each) for each in work.corrections_for(actor)[:MOST]])


@router.post(
    "/corrections",
    response={201: CorrectionOut},
    summary="Ask for a record to be put right",
    openapi_extra=documented(verb="vaccination.open_correction", needs_key=True),
)
def open_correction(request: HttpRequest, payload: OpenCorrectionIn) -> HttpResponse:
    """It gets an owner and a day by which it is decided."""

    def act(actor: Actor) -> CorrectionOut:
        require_carer(actor)
        made = services.open_correction(
            kind=payload.kind,
            owner=there(partner_by_id(payload.owner)),
            recipient=_recipient(payload.recipient),
            dose=_dose(payload.dose),
            right_recipient=_recipient(payload.right_recipient),
            reference=payload.reference,
            by=actor,
            now=utc_now(),
        )
        return CorrectionOut.of(made)

    return once(request, payload, act, status=201, needs_key=True)


@router.post(
    "/corrections/{correction_id}/resolve",
    response=CorrectionOut,
    summary="Put a record right",
    openapi_extra=documented(verb="vaccination.resolve_correction"),
)
def resolve_correction(request: HttpRequest, correction_id: int, payload: ResolveIn) -> HttpResponse:
    """Certificates that show the wrong one are revoked; what was wrong stays to be seen."""

    def act(actor: Actor) -> CorrectionOut:
        changes = {name: text for name, text in payload.changes.model_dump().items() if text}
        done = services.resolve_correction(
            correction=_correction(correction_id, actor),
            changes=changes,
            birth_date=payload.birth_date.isoformat() if payload.birth_date else "",
            right_recipient=_recipient(payload.right_recipient),
            dose=_dose(payload.dose),
            by=actor,
            now=utc_now(),
        )
        return CorrectionOut.of(done)

    return once(request, payload, act)


@router.post(
    "/corrections/{correction_id}/reject",
    response=CorrectionOut,
    summary="Leave a record as it is",
    openapi_extra=documented(verb="vaccination.reject_correction"),
)
def reject_correction(request: HttpRequest, correction_id: int, payload: RejectIn) -> HttpResponse:
    """The reference says where the reason is kept."""

    def act(actor: Actor) -> CorrectionOut:
        found = _correction(correction_id, actor)
        return CorrectionOut.of(
            services.reject_correction(correction=found, reference=payload.reference, by=actor, now=utc_now())
        )

    return once(request, payload, act)


def _correction(pk: int, actor: Actor) -> Correction:
    return there(work.corrections_for(actor).filter(pk=pk).first())


def _recipient(pk: UUID | None) -> Recipient | None:
    return recipient_of(pk) if pk is not None else None


def _dose(pk: int | None) -> Dose | None:
    return there(queries.dose_by_id(pk)) if pk is not None else None
