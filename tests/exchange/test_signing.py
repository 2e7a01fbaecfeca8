"""Documents signed here check here; changed, foreign and revoked ones do not."""

from __future__ import annotations

import json

import pytest
from django.db import IntegrityError, transaction
from joserfc import jws
from joserfc.jwk import ECKey

from kolaborasi.common.actors import Actor, Role
from kolaborasi.common.errors import NotPermitted
from kolaborasi.exchange import queries, services
from kolaborasi.exchange.errors import NotGenuine
from kolaborasi.exchange.models import SigningKey
from tests.conftest import NOW

pytestmark = pytest.mark.django_db
SYSTEM = Actor.system("test")
CLAIMS = {"jti": "doc:1", "result": "ok"}


def signed() -> str:
    return services.sign(claims=CLAIMS, by=SYSTEM, now=NOW)


def test_signed_document_is_verified_with_the_published_key_alone() -> None:
    token = signed()
    assert queries.verified(token) == CLAIMS
    (public,) = queries.jwks()["keys"]
    assert "d" not in public
    assert json.loads(jws.deserialize_compact(token, ECKey.import_key(public)).payload) == CLAIMS
    assert public["kid"] == ECKey.import_key(public).thumbprint()


def test_private_key_is_not_stored_in_plain() -> None:
    signed()
    key = SigningKey.objects.get()
    assert '"d"' not in key.sealed_private
    assert "d" not in key.public


def test_retired_key_still_checks_what_it_signed() -> None:
    old = signed()
    services.rotate_key(by=Actor.user(1, (Role("coordinator"),)), now=NOW)
    new = signed()
    assert old.split(".")[0] != new.split(".")[0]
    assert queries.verified(old) == queries.verified(new) == CLAIMS
    assert SigningKey.objects.filter(retired_at__isnull=True).count() == 1


def test_document_of_a_foreign_key_or_algorithm_is_not_genuine() -> None:
    signed()
    kid = SigningKey.objects.get().kid
    foreign = ECKey.generate_key("P-256")
    payload = json.dumps(CLAIMS).encode()
    for token in (
        jws.serialize_compact({"alg": "ES256", "kid": kid}, payload, foreign),
        jws.serialize_compact({"alg": "ES256", "kid": "other"}, payload, foreign),
        jws.serialize_compact({"alg": "ES256"}, payload, foreign),
        "eyJhbGciOiJub25lIn0.e30.",
        "",
        "…",
    ):
        with pytest.raises(NotGenuine) as refusal:
            queries.verified(token)
        assert refusal.value.details == {"fault": "signature"}


def test_revoked_document_no_longer_counts_and_revoking_twice_does_nothing() -> None:
    token = signed()
    for _turn in range(2):
        services.revoke(jti="doc:1", by=SYSTEM, now=NOW)
    with pytest.raises(NotGenuine) as refusal:
        queries.verified(token)
    assert refusal.value.details == {"fault": "revoked"}


def test_only_the_system_signs() -> None:
    with pytest.raises(NotPermitted):
        services.sign(claims=CLAIMS, by=Actor.user(1, (Role("coordinator"),)), now=NOW)
    assert SigningKey.objects.count() == 0


def test_database_holds_one_key_in_use() -> None:
    signed()
    key = SigningKey.objects.get()
    with pytest.raises(IntegrityError, match="exchange_key_one_signs"), transaction.atomic():
        SigningKey.objects.create(kid="two", public=key.public, sealed_private="x", made_at=NOW)
