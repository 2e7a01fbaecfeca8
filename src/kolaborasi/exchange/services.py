"""Verbs of exchange: sign, sign_many, revoke, rotate_key."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from joserfc import jws
from joserfc.jwk import ECKey

from kolaborasi.audit.services import record
from kolaborasi.common.actors import Actor
from kolaborasi.events.services import emit
from kolaborasi.exchange.models import Revocation, SigningKey
from kolaborasi.exchange.permissions import TABLE
from kolaborasi.people import vault

ALGORITHM = "ES256"
PURPOSE = "exchange signing key"


def sign(*, claims: dict[str, Any], by: Actor, now: datetime) -> str:
    """A compact JWS (RFC 7515) of JSON claims under the key in use; makes the first key when there is none.

    Raises:
        NotPermitted: `by` is not the system.
    """
    TABLE.require(by, "sign")
    key = _key_in_use(by, now)
    private = ECKey.import_key(json.loads(vault.open_secret(key.sealed_private, PURPOSE)))
    payload = json.dumps(claims, separators=(",", ":"), ensure_ascii=False).encode()
    return jws.serialize_compact({"alg": ALGORITHM, "kid": key.kid}, payload, private)


@dataclass(frozen=True)
class Signed:
    """Compact JWS in the order of their payloads, and the key they were signed with."""

    kid: str
    tokens: list[str]


def sign_many(
    *, payloads: Sequence[bytes], by: Actor, now: datetime, header: Mapping[str, str] | None = None
) -> Signed:
    """Compact JWS (RFC 7515) of payloads as they are, under the key in use, which is opened once.

    Args:
        header: further protected header fields that belong to the kind of document, for example `zip`.

    Raises:
        NotPermitted: `by` is not the system.
    """
    TABLE.require(by, "sign_many")
    key = _key_in_use(by, now)
    private = ECKey.import_key(json.loads(vault.open_secret(key.sealed_private, PURPOSE)))
    protected = {**(header or {}), "alg": ALGORITHM, "kid": key.kid}
    # SMART Health Cards put the compression into the JWS header, where RFC 7515 registers none.
    registry = jws.JWSRegistry(algorithms=[ALGORITHM], strict_check_header=False)
    tokens = [jws.serialize_compact(protected, payload, private, registry=registry) for payload in payloads]
    return Signed(key.kid, tokens)


def revoke(*, jti: str, by: Actor, now: datetime) -> None:
    """Let a signed document no longer count; doing it twice does nothing.

    Raises:
        NotPermitted: `by` is not the system.
    """
    TABLE.require(by, "revoke")
    with transaction.atomic():
        Revocation.objects.bulk_create([Revocation(jti=jti, revoked_at=now)], ignore_conflicts=True)
        record(verb="exchange.revoke", subject=("exchange.document", jti), by=by, now=now)
        emit(name="exchange.revoked", subject=("exchange.document", jti), now=now)


def rotate_key(*, by: Actor, now: datetime) -> SigningKey:
    """Sign with a new key from now on; the old one still checks what it signed.

    Raises:
        NotPermitted: neither the system nor a coordinator.
    """
    TABLE.require(by, "rotate_key")
    with transaction.atomic():
        SigningKey.objects.select_for_update().filter(retired_at__isnull=True).update(retired_at=now)
        key = _make(now)
        record(verb="exchange.rotate_key", subject=("exchange.signingkey", key.pk), by=by, now=now)
        emit(name="exchange.key_rotated", subject=("exchange.signingkey", key.pk), now=now)
    return key


def _key_in_use(by: Actor, now: datetime) -> SigningKey:
    key = SigningKey.objects.filter(retired_at__isnull=True).first()
    if key is not None:
        return key
    try:
        return rotate_key(by=by, now=now)
    except IntegrityError:
        # Somebody else made the first key at the same moment.
        return SigningKey.objects.get(retired_at__isnull=True)


def _make(now: datetime) -> SigningKey:
    pair = ECKey.generate_key("P-256")
    kid = pair.thumbprint()
    public = {**pair.as_dict(private=False), "kid": kid, "alg": ALGORITHM, "use": "sig"}
    sealed = vault.seal_secret(json.dumps(pair.as_dict(private=True)), PURPOSE)
    return SigningKey.objects.create(kid=kid, public=public, sealed_private=sealed, made_at=now)
