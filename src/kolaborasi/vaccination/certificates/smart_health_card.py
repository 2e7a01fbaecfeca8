"""SMART Health Cards: FHIR bundle, raw DEFLATE, ES256, `shc:/` numeric QR.

Source: SMART Health Cards Framework 1.4 (spec.smarthealth.cards) and the SMART Health Cards: Vaccination IG. Signing
itself is done by `exchange`, which keeps the keys.
"""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from kolaborasi.vaccination.certificates.content import CertifiedDose, Holder, NotACertificate

HEADER = {"zip": "DEF"}
PREFIX = "shc:/"
TYPES = [
    "https://smarthealth.cards#health-card",
    "https://smarthealth.cards#immunization",
    "https://smarthealth.cards#covid19",
]
CVX = "http://hl7.org/fhir/sid/cvx"
ICD11 = "http://id.who.int/icd11/mms"
LARGEST = 256 * 1024
"""A payload larger than this once it is inflated is no health card but a bomb."""

SINGLE_QR = 1195
"""Longest JWS in one QR code of version 22 (the specification's limit)."""

MOST_PACKED = 740
"""Longest payload of such a JWS in bytes: 1,195 characters less header and signature, in groups of 4 for 3 bytes."""

# Two decimal digits are read as one byte in hexadecimal: 0x43 stands for 43, which is "X", 43 + 45.
_FROM_DIGITS = bytes(min(10 * (byte >> 4) + (byte & 15) + 45, 127) for byte in range(256))
_TO_DIGITS = bytes(
    ((byte - 45) // 10 << 4) + (byte - 45) % 10 if 45 <= byte <= 122 else 255 for byte in range(256)
)

_registry = jws.JWSRegistry(algorithms=["ES256"], strict_check_header=False)


@dataclass(frozen=True)
class Card:
    """A card whose signature holds.

    Args:
        rid: revocation identifier, empty when it has none.
        bundle: the FHIR bundle.
    """

    issuer: str
    kid: str
    issued_at: datetime
    rid: str
    bundle: dict[str, Any]


def payload(
    holder: Holder, doses: Sequence[CertifiedDose], *, issuer: str, issued_at: datetime, rid: str
) -> bytes:
    """The compressed payload to be signed: minified JSON, raw DEFLATE.

    Names of sites are left out of a card that would not fit into one QR code with them.

    Args:
        issuer: address without a slash at the end; its keys are at `/.well-known/jwks.json` below it.
        rid: revocation identifier of this card.
    """
    packed = _packed(holder, doses, issuer, issued_at, rid)
    if len(packed) <= MOST_PACKED:
        return packed
    return _packed(holder, [replace(dose, centre="") for dose in doses], issuer, issued_at, rid)


def _packed(
    holder: Holder, doses: Sequence[CertifiedDose], issuer: str, issued_at: datetime, rid: str
) -> bytes:
    claims = {
        "iss": issuer,
        "nbf": int(issued_at.timestamp()),
        "vc": {
            "type": TYPES,
            "credentialSubject": {"fhirVersion": "4.0.1", "fhirBundle": bundle(holder, doses)},
            "rid": rid,
        },
    }
    return deflate(json.dumps(claims, separators=(",", ":"), ensure_ascii=False).encode())


def bundle(holder: Holder, doses: Sequence[CertifiedDose]) -> dict[str, Any]:
    """The minimised FHIR R4 bundle: `resource:0` is the patient, then one immunization for each dose."""
    patient = {
        "resourceType": "Patient",
        "name": [{"text": holder.name}],
        "birthDate": holder.birth_date.isoformat(),
    }
    resources = [patient, *(_immunization(dose) for dose in doses)]
    return {
        "resourceType": "Bundle",
        "type": "collection",
        "entry": [
            {"fullUrl": f"resource:{number}", "resource": resource}
            for number, resource in enumerate(resources)
        ],
    }


def deflate(content: bytes) -> bytes:
    """Raw DEFLATE without header and check sum, as the specification asks for."""
    press = zlib.compressobj(level=9, wbits=-15)
    return press.compress(content) + press.flush()


def numeric(token: str) -> str:
    """A JWS as the text of its QR code: two digits for each character, its code less 45.

    Raises:
        ValueError: it is too long for one QR code.
    """
    if len(token) > SINGLE_QR:
        raise ValueError(f"a JWS of {len(token)} characters does not fit into one QR code")
    return PREFIX + token.encode().translate(_TO_DIGITS).hex()


def token_of(text: str) -> str:
    """The JWS of a scanned QR code, of a JWS as it is, or of the content of a `.smart-health-card` file.

    Raises:
        NotACertificate: it is none of these.
    """
    bare = text.strip()
    if bare.startswith("{"):
        return _from_file(bare)
    if not bare.lower().startswith(PREFIX):
        if not re.fullmatch(r"[\w-]+\.[\w-]+\.[\w-]+", bare, re.ASCII):
            raise NotACertificate("prefix")
        return bare
    digits = bare[len(PREFIX) :]
    if not re.fullmatch(r"([0-7][0-9])+", digits, re.ASCII):
        raise NotACertificate("encoding")
    return bytes.fromhex(digits).translate(_FROM_DIGITS).decode()


def read(text: str, keys: Mapping[str, Mapping[str, Any]], *, now: datetime) -> Card:
    """Verify a card with trusted keys, without any connection.

    Args:
        text: what was scanned or pasted.
        keys: public JWK by `kid`.

    Raises:
        NotACertificate: with the reason; nothing of a broken card is returned.
    """
    token = token_of(text)
    header = _header(token)
    public = keys.get(str(header.get("kid")))
    if public is None:
        raise NotACertificate("key")
    try:
        signed = jws.deserialize_compact(token, _key(json.dumps(dict(public))), registry=_registry)
    except (JoseError, ValueError):
        raise NotACertificate("signature") from None
    return _card(_claims(inflate(signed.payload)), str(header["kid"]), now)


def is_revoked(card: Card, rids: Iterable[str]) -> bool:
    """Whether a revocation list names the card: its `rid`, or `rid.seconds` for cards issued until that moment."""
    for entry in rids:
        rid, _dot, seconds = entry.partition(".")
        if card.rid and rid == card.rid:
            return not seconds or int(card.issued_at.timestamp()) <= int(seconds)
    return False


def immunizations(content: Mapping[str, Any]) -> list[dict[str, str]]:
    """Date, code system, code, lot and place of each immunization of a bundle, oldest first."""
    found = []
    for entry in content.get("entry", []):
        resource = entry.get("resource", {})
        if resource.get("resourceType") != "Immunization":
            continue
        coding = (resource.get("vaccineCode", {}).get("coding") or [{}])[0]
        performer = (resource.get("performer") or [{}])[0]
        found.append(
            {
                "date": str(resource.get("occurrenceDateTime", "")),
                "system": str(coding.get("system", "")),
                "code": str(coding.get("code", "")),
                "lot": str(resource.get("lotNumber", "")),
                "place": str(performer.get("actor", {}).get("display", "")),
            }
        )
    return sorted(found, key=lambda each: each["date"])


def holder_of(content: Mapping[str, Any]) -> tuple[str, str]:
    """Name and birth date of the patient of a bundle; empty when absent."""
    for entry in content.get("entry", []):
        resource = entry.get("resource", {})
        if resource.get("resourceType") == "Patient":
            name = (resource.get("name") or [{}])[0]
            parts = [*name.get("given", []), name.get("family", "")]
            return name.get("text") or " ".join(part for part in parts if part), resource.get("birthDate", "")
    return "", ""


def inflate(content: bytes) -> bytes:
    """Undo `deflate`.

    Raises:
        NotACertificate: it is not DEFLATE, or far too large.
    """
    try:
        press = zlib.decompressobj(wbits=-15)
        plain = press.decompress(content, LARGEST)
    except zlib.error:
        raise NotACertificate("compression") from None
    if not press.eof:
        raise NotACertificate("compression")
    return plain


def _immunization(dose: CertifiedDose) -> dict[str, Any]:
    return {
        "resourceType": "Immunization",
        "status": "completed",
        "vaccineCode": {"coding": [{"system": CVX, "code": dose.cvx}]},
        "patient": {"reference": "resource:0"},
        "occurrenceDateTime": dose.given_date.isoformat(),
        "lotNumber": dose.lot,
        **({"performer": [{"actor": {"display": dose.centre}}]} if dose.centre else {}),
    }


def _from_file(text: str) -> str:
    try:
        cards = json.loads(text)["verifiableCredential"]
        return token_of(str(cards[0]))
    except (ValueError, KeyError, IndexError, TypeError):
        raise NotACertificate("prefix") from None


def _header(token: str) -> dict[str, Any]:
    try:
        header: dict[str, Any] = jws.extract_compact(token.encode()).headers()
    except (JoseError, ValueError):
        raise NotACertificate("header") from None
    if header.get("alg") != "ES256" or header.get("zip") != "DEF":
        raise NotACertificate("header")
    return header


@lru_cache(maxsize=64)
def _key(public: str) -> ECKey:
    return ECKey.import_key(json.loads(public))


def _claims(plain: bytes) -> dict[str, Any]:
    try:
        claims = json.loads(plain)
    except ValueError:
        raise NotACertificate("payload") from None
    if not isinstance(claims, dict):
        raise NotACertificate("payload")
    return claims


def _card(claims: Mapping[str, Any], kid: str, now: datetime) -> Card:
    try:
        credential = claims["vc"]
        issued_at = datetime.fromtimestamp(float(claims["nbf"]), UTC)
        expires = claims.get("exp")
        content = credential["credentialSubject"]["fhirBundle"]
        card = Card(str(claims["iss"]), kid, issued_at, str(credential.get("rid", "")), dict(content))
    except (KeyError, TypeError, ValueError, OverflowError, OSError):
        raise NotACertificate("payload") from None
    if TYPES[0] not in credential.get("type", []):
        raise NotACertificate("payload")
    if issued_at > now:
        raise NotACertificate("not-yet")
    if isinstance(expires, int | float) and expires <= now.timestamp():
        raise NotACertificate("expired")
    return card
