"""Verbs on certificates: issue for one or many, revoke."""

from __future__ import annotations

import secrets
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.timezone import localdate

from kolaborasi.common.actors import Actor
from kolaborasi.common.rows import store_many
from kolaborasi.exchange.services import Signed, sign_many
from kolaborasi.people.models import Person
from kolaborasi.people.services import LookReason, look_at_many_for_care
from kolaborasi.vaccination.certificates import smart_health_card, who_ddcc
from kolaborasi.vaccination.certificates.content import CertifiedDose, Holder
from kolaborasi.vaccination.errors import NothingToCertify
from kolaborasi.vaccination.models import Certificate, Dose, Product, Recipient, RevokeReason
from kolaborasi.vaccination.permissions import TABLE
from kolaborasi.vaccination.services.record import Marked, mark, mark_many
from kolaborasi.vaccination.states import DoseState

BY_CERTIFICATES = Actor.system("vaccination-certificates")
PRIMARY_DOSES = 2


@dataclass
class Record:
    """Doses of a person as certificates show them, and the key of the last one."""

    shown: list[CertifiedDose] = field(default_factory=list)
    last_id: int = 0


@dataclass(frozen=True)
class Issued:
    """A certificate with its signed card; the card is not stored and is made anew when asked for again.

    Args:
        token: the SMART Health Card as compact JWS.
        holder, doses: what it says.
    """

    certificate: Certificate
    token: str
    holder: Holder
    doses: Sequence[CertifiedDose]

    @property
    def ddcc(self) -> dict[str, Any]:
        """The same as WHO DDCC:VS core data set."""
        return who_ddcc.content(
            self.holder,
            self.doses,
            hcid=self.certificate.rid,
            issuer=issuer(),
            valid_from=localdate(self.certificate.issued_at),
        )

    @property
    def numeric(self) -> str:
        """The text of the card's QR code."""
        return smart_health_card.numeric(self.token)


def issuer() -> str:
    """Address of the issuer; its keys are at `/.well-known/jwks.json` below it."""
    return str(settings.PUBLIC_ADDRESS).rstrip("/")


def issue_certificate(*, recipient: Recipient, by: Actor, now: datetime) -> Issued:
    """The certificate of one person; the valid one signed again when no dose was added since.

    Anyone may call it who has shown that it is theirs: the link of the booking, the account, or a site's member.

    Raises:
        NothingToCertify: no dose is on record.
    """
    TABLE.require(by, "issue_certificate")
    issued = _issue([recipient], "issue_certificate", by, now)
    if not issued:
        raise NothingToCertify
    return issued[0]


def issue_certificates(*, recipients: Sequence[Recipient], by: Actor, now: datetime) -> list[Issued]:
    """The certificates of many people in a fixed number of statements; those without doses or erased are left out.

    Raises:
        NotPermitted: neither a coordinator of the whole city nor the system.
    """
    TABLE.require(by, "issue_certificates")
    return _issue(recipients, "issue_certificates", by, now)


def revoke_certificate(
    *, certificate: Certificate, reason: RevokeReason, by: Actor, now: datetime
) -> Certificate:
    """Let a certificate no longer hold; it stays on the revocation list. Doing it twice changes nothing.

    Raises:
        NotPermitted: neither a coordinator of the whole city nor the system.
    """
    TABLE.require(by, "revoke_certificate")
    with transaction.atomic():
        locked = Certificate.objects.select_for_update(no_key=True).get(pk=certificate.pk)
        if locked.revoked_at is None:
            locked.revoked_at, locked.revoke_reason = now, reason
            locked.save(update_fields=["revoked_at", "revoke_reason"])
            mark(
                verb="revoke_certificate",
                event="certificate_revoked",
                subject=("vaccination.certificate", certificate.pk),
                by=by,
                now=now,
                reason=str(reason),
            )
    return locked


def _issue(recipients: Sequence[Recipient], verb: str, by: Actor, now: datetime) -> list[Issued]:
    with transaction.atomic():
        people = {recipient.pk: recipient for recipient in recipients}
        # In the order of the keys, so that two batches with the same people do not wait for one another in a circle.
        list(
            Recipient.objects.select_for_update(no_key=True)
            .filter(pk__in=people)
            .order_by("pk")
            .values_list("pk", flat=True)
        )
        doses = _doses(list(people))
        names = look_at_many_for_care(
            people=[Person(pk=pk) for pk in doses],
            fields=["name"],
            by=BY_CERTIFICATES,
            now=now,
            reason=LookReason.CERTIFICATE,
        )
        known = [pk for pk in people if pk in names and pk in doses]
        kept = _kept(known, doses, now)
        fresh = [_new(pk, doses[pk], now) for pk in known if pk not in kept]
        cards = {**kept, **{card.recipient_id: card for card in fresh}}
        holders = {
            pk: Holder(names[pk].get("name", ""), people[pk].birth_date, people[pk].sex) for pk in known
        }
        signed = _sign([cards[pk] for pk in known], holders, doses, now)
        for card in fresh:
            card.kid = signed.kid
        store_many(fresh)
        subjects: list[Marked] = [("vaccination.certificate", card.pk, {}) for card in fresh]
        mark_many(verb=verb, event="certificate_issued", subjects=subjects, by=by, now=now)
    return [
        Issued(cards[pk], token, holders[pk], doses[pk].shown)
        for pk, token in zip(known, signed.tokens, strict=True)
    ]


def _sign(
    cards: Sequence[Certificate], holders: dict[UUID, Holder], doses: dict[UUID, Record], now: datetime
) -> Signed:
    address = issuer()
    payloads = [
        smart_health_card.payload(
            holders[card.recipient_id],
            doses[card.recipient_id].shown,
            issuer=address,
            issued_at=card.issued_at,
            rid=card.rid,
        )
        for card in cards
    ]
    return sign_many(payloads=payloads, header=smart_health_card.HEADER, by=BY_CERTIFICATES, now=now)


def _doses(people: list[UUID]) -> dict[UUID, Record]:
    """Doses that stand, by person and number; plain rows, because a set can have many thousands."""
    found: dict[UUID, Record] = defaultdict(Record)
    products = Product.objects.in_bulk()
    rows = (
        Dose.objects.filter(recipient__in=people, state=DoseState.GIVEN)
        .order_by("number")
        .values_list(
            "recipient_id", "pk", "number", "given_at", "product_id", "lot_code", "country", "site__name"
        )
    )
    for person, pk, number, given_at, product_id, lot, country, site in rows:
        product, record = products[product_id], found[person]
        record.last_id = pk
        record.shown.append(
            CertifiedDose(
                number=number,
                given_date=localdate(given_at),
                icd11=product.icd11,
                cvx=product.cvx,
                brand=product.name,
                manufacturer=product.manufacturer,
                lot=lot,
                country=country,
                centre=site or "",
                total=max(PRIMARY_DOSES, number),
            )
        )
    return found


def _kept(people: Sequence[UUID], doses: dict[UUID, Record], now: datetime) -> dict[UUID, Certificate]:
    """Valid certificates that still show every dose; the others are revoked as replaced."""
    kept = {}
    replaced = []
    for card in Certificate.objects.filter(recipient__in=people, revoked_at__isnull=True):
        record = doses[card.recipient_id]
        if (card.doses, card.last_dose_id) == (len(record.shown), record.last_id):
            kept[card.recipient_id] = card
        else:
            replaced.append(card.pk)
    if replaced:
        Certificate.objects.filter(pk__in=replaced).update(
            revoked_at=now, revoke_reason=RevokeReason.REPLACED
        )
    return kept


def _new(person: UUID, record: Record, now: datetime) -> Certificate:
    return Certificate(
        rid=secrets.token_urlsafe(12),
        recipient_id=person,
        last_dose_id=record.last_id,
        doses=len(record.shown),
        issued_at=now.replace(microsecond=0),
    )
