"""EU Digital COVID Certificates: `HC1:`, base45, zlib, COSE_Sign1, CBOR Web Token.

Source: eHealth Network, Technical Specifications for EU Digital COVID Certificates, volume 3. Read only: residents who
were vaccinated in Europe show them.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import base45
import cbor2
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cwt import COSE, COSEKey
from cwt.cose_key_interface import COSEKeyInterface

from kolaborasi.vaccination.certificates.content import NotACertificate

PREFIX = "HC1:"
LARGEST = 64 * 1024
KID, ISSUER, EXPIRES, ISSUED, CERTIFICATE = 4, 1, 4, 6, -260


@dataclass(frozen=True)
class EuCertificate:
    """A certificate whose signature holds.

    Args:
        content: the JSON values of `eu_dcc_v1`: `nam`, `dob`, and one of `v`, `t`, `r`.
    """

    country: str
    issued_at: datetime
    expires_at: datetime
    content: dict[str, Any]


def trusted(certificates: Iterable[bytes]) -> dict[bytes, COSEKeyInterface]:
    """Signer certificates in DER by their key identifier: the first eight bytes of the certificate's SHA-256."""
    keys = {}
    for der in certificates:
        kid = hashlib.sha256(der).digest()[:8]
        public = x509.load_der_x509_certificate(der).public_key()
        algorithm = "PS256" if isinstance(public, RSAPublicKey) else "ES256"
        pem = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        keys[kid] = COSEKey.from_pem(pem, kid=kid, alg=algorithm)
    return keys


def unpacked(text: str) -> bytes:
    """The COSE bytes of a scanned certificate.

    Raises:
        NotACertificate: no `HC1:`, no base45, or no zlib stream.
    """
    bare = text.strip("\r\n\t")
    if not bare.startswith(PREFIX):
        raise NotACertificate("prefix")
    try:
        packed = base45.b45decode(bare[len(PREFIX) :])
    except ValueError:
        raise NotACertificate("encoding") from None
    press = zlib.decompressobj()
    try:
        plain = press.decompress(packed, LARGEST)
    except zlib.error:
        raise NotACertificate("compression") from None
    if not press.eof:
        raise NotACertificate("compression")
    return plain


def read(text: str, keys: Mapping[bytes, COSEKeyInterface], *, now: datetime) -> EuCertificate:
    """Verify a certificate with trusted keys (`trusted`), without any connection.

    Raises:
        NotACertificate: with the reason; nothing of a broken certificate is returned.
    """
    cose = unpacked(text)
    key = keys.get(_kid(cose))
    if key is None:
        raise NotACertificate("key")
    try:
        # The library raises what it finds: its own errors, those of CBOR and those of the signature.
        payload = COSE.new().decode(cose, key)
    except Exception:
        raise NotACertificate("signature") from None
    return _certificate(payload, now)


def _kid(cose: bytes) -> bytes:
    try:
        protected, unprotected, *_rest = cbor2.loads(cose).value
        header = cbor2.loads(protected) if protected else {}
        return bytes(header.get(KID) or unprotected.get(KID) or b"")
    except (cbor2.CBORDecodeError, AttributeError, TypeError, ValueError):
        raise NotACertificate("header") from None


def _certificate(payload: object, now: datetime) -> EuCertificate:
    try:
        claims = cbor2.loads(payload) if isinstance(payload, bytes) else payload
        found = EuCertificate(
            country=str(claims[ISSUER]),  # type: ignore[index]
            issued_at=datetime.fromtimestamp(claims[ISSUED], UTC),  # type: ignore[index]
            expires_at=datetime.fromtimestamp(claims[EXPIRES], UTC),  # type: ignore[index]
            content=dict(claims[CERTIFICATE][1]),  # type: ignore[index]
        )
    except (cbor2.CBORDecodeError, KeyError, TypeError, ValueError, OverflowError):
        raise NotACertificate("payload") from None
    if found.issued_at > now:
        raise NotACertificate("not-yet")
    if found.expires_at <= now:
        raise NotACertificate("expired")
    return found
