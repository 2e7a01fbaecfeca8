"""Whether a certificate holds, and what was revoked."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Exists, OuterRef, Subquery

from kolaborasi.exchange.queries import jwks
from kolaborasi.vaccination.certificates import smart_health_card
from kolaborasi.vaccination.certificates.content import NotACertificate
from kolaborasi.vaccination.models import Certificate, Dose, Product, Recipient
from kolaborasi.vaccination.states import DoseState


@dataclass(frozen=True)
class Verified:
    """A card that was signed with one of our keys.

    Args:
        holds: it is on record here and was not revoked.
        revoked: it was taken back.
    """

    card: smart_health_card.Card
    holds: bool
    revoked: bool


def verified_card(text: str, *, now: datetime) -> Verified:
    """Check a scanned or pasted card against our keys and the revocation list.

    Raises:
        NotACertificate: no card, broken, or signed by somebody else; `fault` says which.
    """
    keys = {str(key["kid"]): key for key in jwks()["keys"]}
    card = smart_health_card.read(text, keys, now=now)
    known = Certificate.objects.filter(rid=card.rid).first() if card.rid else None
    revoked = known is not None and known.revoked_at is not None
    return Verified(card, holds=known is not None and not revoked, revoked=revoked)


def certificate_by_rid(rid: str) -> Certificate | None:
    """A certificate by its identifier on the revocation list, or None."""
    return Certificate.objects.filter(rid=rid).first()


def recipients_without_certificate(limit: int) -> list[Recipient]:
    """People with doses that no valid certificate shows, in the order of their keys; one statement.

    A certificate shows a person's doses while their number and the last of them are the same.
    """
    given = Dose.objects.filter(recipient=OuterRef("pk"), state=DoseState.GIVEN)
    counted = given.order_by().values("recipient").annotate(n=Count("pk")).values("n")
    last = given.order_by("-number").values("pk")[:1]
    valid = Certificate.objects.filter(
        recipient=OuterRef("pk"),
        revoked_at__isnull=True,
        doses=OuterRef("counted"),
        last_dose=OuterRef("last"),
    )
    found = Recipient.objects.annotate(counted=Subquery(counted), last=Subquery(last))
    return list(
        found.filter(~Exists(valid), counted__gt=0, person__erased_at__isnull=True).order_by("pk")[:limit]
    )


def published_keys() -> dict[str, Any]:
    """Our keys as `/.well-known/jwks.json` has them: with `crlVersion` where a revocation list is to be looked at."""
    counts = (
        Certificate.objects.filter(revoked_at__isnull=False)
        .order_by()
        .values_list("kid")
        .annotate(revoked=Count("pk"))
    )
    versions = dict(counts)
    keys = jwks()["keys"]
    return {
        "keys": [
            {**key, "crlVersion": versions[key["kid"]]} if key["kid"] in versions else key for key in keys
        ]
    }


def revocation_list(kid: str) -> dict[str, Any]:
    """The card revocation list of a key, for `/.well-known/crl/<kid>.json`.

    `ctr` counts the revocations, so that it grows with each one (SMART Health Cards, revocation).
    """
    rids = list(
        Certificate.objects.filter(kid=kid, revoked_at__isnull=False)
        .order_by("revoked_at", "pk")
        .values_list("rid", flat=True)
    )
    return {"kid": kid, "method": "rid", "ctr": len(rids), "rids": rids}


def product_names(codes: Collection[str]) -> dict[str, str]:
    """Names of vaccines by their CVX codes, which is what a card says of them."""
    return dict(Product.objects.filter(cvx__in=codes).values_list("cvx", "name"))


__all__ = [
    "NotACertificate",
    "Verified",
    "product_names",
    "published_keys",
    "revocation_list",
    "verified_card",
]
