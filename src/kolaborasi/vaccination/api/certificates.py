"""Certificates as JSON: issue, verify, revoke."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema
from pydantic import Field

from kolaborasi.common.actors import Actor
from kolaborasi.common.clock import utc_now
from kolaborasi.common.errors import NotPermitted
from kolaborasi.common.http.examples import examples
from kolaborasi.common.http.writes import documented
from kolaborasi.vaccination import queries, services
from kolaborasi.vaccination.api.access import once, there
from kolaborasi.vaccination.api.schemas import DoneOut
from kolaborasi.vaccination.models import RevokeReason
from kolaborasi.vaccination.queries import NotACertificate

router = Router()


class CertificateOut(Schema):
    """A certificate of the account's person."""

    model_config = examples(
        {"rid": "9Zc0xk2mQp3v", "doses": 2, "card": "eyJ…", "qr": "shc:/5676…", "ddcc": {}}
    )

    rid: str = Field(description="Identifier on the revocation list.")
    doses: int
    card: str = Field(description="SMART Health Card as compact JWS.")
    qr: str = Field(description="Text of its QR code.")
    ddcc: dict[str, Any] = Field(description="WHO DDCC:VS core data set.")


class VerifyIn(Schema):
    """A card, scanned or pasted."""

    model_config = examples({"card": "shc:/5676290952432060"}, closed=True)

    card: str = Field(min_length=1, max_length=8_000)


class VerifiedOut(Schema):
    """What a card that was signed with one of our keys says, and whether it holds."""

    model_config = examples(
        {"holds": True, "revoked": False, "fault": None, "bundle": {"resourceType": "Bundle"}}
    )

    holds: bool
    revoked: bool
    fault: str | None = Field(description="Why it is no card of ours; then nothing else is told.")
    bundle: dict[str, Any] | None = Field(description="The FHIR bundle of the card.")


class RevokeIn(Schema):
    """Why a certificate no longer holds."""

    model_config = examples({"reason": "fraud"}, closed=True)

    reason: RevokeReason


@router.post(
    "/me/certificate",
    response=CertificateOut,
    summary="Get the own certificate",
    openapi_extra=documented(verb="vaccination.issue_certificate"),
)
def issue_own_certificate(request: HttpRequest) -> HttpResponse:
    """The valid one signed again when no dose was added since."""

    def act(actor: Actor) -> CertificateOut:
        if actor.user_id is None:
            raise NotPermitted
        recipient = there(queries.recipient_of_account(actor.user_id))
        issued = services.issue_certificate(recipient=recipient, by=actor, now=utc_now())
        return CertificateOut(
            rid=issued.certificate.rid,
            doses=issued.certificate.doses,
            card=issued.token,
            qr=issued.numeric,
            ddcc=issued.ddcc,
        )

    return once(request, None, act)


@router.post(
    "/verify",
    response=VerifiedOut,
    summary="Verify a card",
    # Nothing is written; it is no GET because a card in an address would end in logs. Anyone may, as for issuing.
    openapi_extra=documented(verb="vaccination.issue_certificate"),
)
def verify_card(request: HttpRequest, payload: VerifyIn) -> HttpResponse:
    """Against our keys and the revocation list; nothing is kept."""

    def act(actor: Actor) -> VerifiedOut:
        try:
            found = queries.verified_card(payload.card, now=utc_now())
        except NotACertificate as error:
            return VerifiedOut(holds=False, revoked=False, fault=str(error.fault), bundle=None)
        return VerifiedOut(holds=found.holds, revoked=found.revoked, fault=None, bundle=found.card.bundle)

    return once(request, payload, act)


@router.post(
    "/certificates/{rid}/revoke",
    response=DoneOut,
    summary="Revoke a certificate",
    openapi_extra=documented(verb="vaccination.revoke_certificate"),
)
def revoke_certificate(request: HttpRequest, rid: str, payload: RevokeIn) -> HttpResponse:
    """It stays on the revocation list; doing it twice changes nothing."""

    def act(actor: Actor) -> DoneOut:
        found = there(queries.certificate_by_rid(rid))
        services.revoke_certificate(certificate=found, reason=payload.reason, by=actor, now=utc_now())
        return DoneOut()

    return once(request, payload, act)
