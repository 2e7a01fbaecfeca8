"""Encryption of identity: a key for each person, wrapped by the platform's keys, and the keyed blind index.

AES-256-GCM with a random 96-bit nonce (NIST SP 800-38D); keys derived with HKDF-SHA256 (RFC 5869). The additional data
of every ciphertext names the person and the field, so that one cannot be put in another's place.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

NONCE_BYTES = 12


class KeyMissing(Exception):
    """No platform key opens this: it was closed with a key that is no longer in `KOLABORASI_PEOPLE_KEYS`."""


class Tampered(Exception):
    """The stored bytes were not closed for this person and field, or were changed."""


@dataclass(frozen=True)
class PlatformKey:
    """Keys derived from one entry of `PEOPLE_KEYS`, each for one purpose.

    Args:
        id: eight hexadecimal digits that say which key closed a person's key.
        wrapping: 32 bytes, closes persons' keys.
        index: 32 bytes, for the blind index and hashed codes.
    """

    id: str
    wrapping: bytes
    index: bytes


def platform_keys() -> tuple[PlatformKey, ...]:
    """The platform's keys, newest first."""
    return tuple(_derive(text) for text in settings.PEOPLE_KEYS)


def new_person_key() -> bytes:
    """32 random bytes."""
    return AESGCM.generate_key(256)


def wrap(key: bytes, person_id: UUID) -> tuple[str, bytes]:
    """Close a person's key with the newest platform key; returns that key's id and the bytes to store."""
    newest = platform_keys()[0]
    return newest.id, _close(newest.wrapping, key, _bound(person_id, "key"))


def unwrap(wrapped: bytes, key_id: str, person_id: UUID) -> bytes:
    """A person's key.

    Raises:
        KeyMissing: the platform key is not at hand.
        Tampered: the bytes are not this person's key.
    """
    for key in platform_keys():
        if key.id == key_id:
            return _open(key.wrapping, wrapped, _bound(person_id, "key"))
    raise KeyMissing(key_id)


def close(key: bytes, text: str, person_id: UUID, field: str) -> bytes:
    """Encrypt a field of a person with the person's key."""
    return _close(key, text.encode(), _bound(person_id, field))


def open_(key: bytes, ciphertext: bytes, person_id: UUID, field: str) -> str:
    """Decrypt a field of a person.

    Raises:
        Tampered: the bytes were not closed for this person and field.
    """
    return _open(key, ciphertext, _bound(person_id, field)).decode()


def digests(kind: str, value: str) -> dict[str, bytes]:
    """The blind index of a value under every platform key: key id → 32 bytes.

    All keys are used, so that during a rotation a value indexed by a process that knows only the old key still
    collides with the same value indexed by one that knows both.
    """
    return {key.id: _mac(key, kind, value) for key in platform_keys()}


def short_digests(key: PlatformKey, kind: str, values: Iterable[str]) -> list[int]:
    """The blind index of many values under one platform key, cut to 64 bits and read as signed integers.

    For tables of many keys a household: two values that collide by chance are told apart by what is then compared.
    """
    secret, purpose = key.index, f"{kind}:".encode()
    macs = (hmac.digest(secret, purpose + value.encode(), "sha256") for value in values)
    return [int.from_bytes(mac[:8], "big", signed=True) for mac in macs]


def mark(key: PlatformKey, kind: str, value: str) -> bytes:
    """The blind index of a value under one platform key, cut to 128 bits."""
    return _mac(key, kind, value)[:16]


def code_digest(person_id: UUID, channel: str, code: str) -> bytes:
    """Keyed hash of a one-time code; a plain hash of six digits could be guessed at once."""
    return _mac(platform_keys()[0], f"code/{person_id}/{channel}", code)


def is_code(stored: bytes, person_id: UUID, channel: str, code: str) -> bool:
    """Whether the code is the one whose keyed hash was stored, under whichever platform key."""
    purpose = f"code/{person_id}/{channel}"
    return any(hmac.compare_digest(stored, _mac(key, purpose, code)) for key in platform_keys())


def seal_secret(text: str, purpose: str) -> str:
    """Encrypt a platform secret that belongs to an account (an authenticator's seed); returns key id and hex."""
    newest = platform_keys()[0]
    return f"{newest.id}:{_close(newest.wrapping, text.encode(), purpose.encode()).hex()}"


def open_secret(sealed: str, purpose: str) -> str:
    """What `seal_secret` closed.

    Raises:
        KeyMissing: the platform key is not at hand.
        Tampered: the text was changed or closed for another purpose.
    """
    key_id, _colon, body = sealed.partition(":")
    for key in platform_keys():
        if key.id == key_id:
            return _open(key.wrapping, bytes.fromhex(body), purpose.encode()).decode()
    raise KeyMissing(key_id)


@lru_cache(maxsize=8)
def _derive(text: str) -> PlatformKey:
    def derive(purpose: str, length: int) -> bytes:
        return HKDF(algorithm=SHA256(), length=length, salt=None, info=purpose.encode()).derive(text.encode())

    return PlatformKey(
        id=derive("kolaborasi people id", 4).hex(),
        wrapping=derive("kolaborasi people wrapping", 32),
        index=derive("kolaborasi people index", 32),
    )


def _bound(person_id: UUID, field: str) -> bytes:
    return f"person/{person_id}/{field}".encode()


def _mac(key: PlatformKey, purpose: str, value: str) -> bytes:
    return hmac.digest(key.index, f"{purpose}:{value}".encode(), "sha256")


def _close(key: bytes, plain: bytes, bound: bytes) -> bytes:
    nonce = secrets.token_bytes(NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, plain, bound)


def _open(key: bytes, closed: bytes, bound: bytes) -> bytes:
    try:
        return AESGCM(key).decrypt(bytes(closed[:NONCE_BYTES]), bytes(closed[NONCE_BYTES:]), bound)
    except InvalidTag:
        raise Tampered from None
