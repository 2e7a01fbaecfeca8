"""Questions about keys and signed documents."""

from __future__ import annotations

import json
from typing import Any

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

from kolaborasi.exchange.errors import NotGenuine
from kolaborasi.exchange.models import Revocation, SigningKey

ALGORITHMS = ["ES256"]


def jwks() -> dict[str, Any]:
    """All public keys, retired ones too, as the JWK set of `/.well-known/jwks.json` (RFC 7517)."""
    return {"keys": [key.public for key in SigningKey.objects.all()]}


def verified(token: str) -> dict[str, Any]:
    """The claims of a document that was signed here and still counts.

    Raises:
        NotGenuine: not ours, changed, or revoked.
    """
    try:
        kid = jws.extract_compact(token.strip().encode()).headers()["kid"]
        key = SigningKey.objects.get(kid=kid)
        signed = jws.deserialize_compact(token.strip(), ECKey.import_key(key.public), algorithms=ALGORITHMS)
        claims: dict[str, Any] = json.loads(signed.payload)
    except (JoseError, ValueError, KeyError, SigningKey.DoesNotExist):
        raise NotGenuine("signature") from None
    if Revocation.objects.filter(jti=claims.get("jti", "")).exists():
        raise NotGenuine("revoked")
    return claims
