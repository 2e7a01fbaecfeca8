"""Certificates are issued in sets, verified, replaced and revoked; another implementation reads them too."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from healthcards.parser import JWS, decode_qr_to_jws
from pytest_django import Settings

from kolaborasi.audit.models import AuditEntry
from kolaborasi.common.actors import Actor
from kolaborasi.common.errors import NotPermitted
from kolaborasi.exchange.queries import jwks
from kolaborasi.exchange.services import rotate_key
from kolaborasi.people.services import erase
from kolaborasi.vaccination import errors, queries, services
from kolaborasi.vaccination.certificates import smart_health_card as shc
from kolaborasi.vaccination.certificates import who_ddcc
from kolaborasi.vaccination.certificates.content import NotACertificate
from kolaborasi.vaccination.models import Certificate, Recipient, RevokeReason
from kolaborasi.vaccination.queries.certificates import published_keys
from tests.conftest import NOW
from tests.factories import staff
from tests.vaccination.factories import NINE, SYSTEM, product, recipient

pytestmark = pytest.mark.django_db
VISITOR = Actor.visitor()


def vaccinated(doses: int = 1, name: str = "Warga Contoh") -> Recipient:
    who = recipient(name=name)
    for number in range(1, doses + 1):
        add_dose(who, number)
    return who


def add_dose(who: Recipient, number: int) -> None:
    services.record_elsewhere(
        recipient=who,
        product=product(),
        number=number,
        given_at=NOW - timedelta(days=100 - 30 * number),
        lot_code=f"LOT{number}",
        by=staff("verifier"),
        now=NOW,
    )


def test_card_holds_until_a_dose_is_added_and_is_the_same_when_asked_again() -> None:
    who = vaccinated()
    first = services.issue_certificate(recipient=who, by=VISITOR, now=NOW)
    again = services.issue_certificate(recipient=who, by=VISITOR, now=NINE)
    assert (first.certificate.pk, first.certificate.rid) == (again.certificate.pk, again.certificate.rid)
    assert queries.verified_card(again.numeric, now=NINE).holds
    assert who_ddcc.faults(first.ddcc) == []
    add_dose(who, 2)
    newer = services.issue_certificate(recipient=who, by=VISITOR, now=NINE)
    assert len(shc.immunizations(queries.verified_card(newer.numeric, now=NINE).card.bundle)) == 2
    old = queries.verified_card(first.numeric, now=NINE)
    assert (old.holds, old.revoked) == (False, True)
    assert queries.revocation_list(first.certificate.kid)["rids"] == [first.certificate.rid]


def test_many_are_issued_in_a_fixed_number_of_statements() -> None:
    product()
    services.issue_certificate(recipient=vaccinated(), by=VISITOR, now=NOW)

    def statements(people: int) -> int:
        who = [vaccinated(2) for _person in range(people)]
        with CaptureQueriesContext(connection) as captured:
            issued = services.issue_certificates(recipients=who, by=SYSTEM, now=NOW)
        assert len(issued) == people
        assert all(queries.verified_card(each.token, now=NOW).holds for each in issued)
        return len(captured)

    assert statements(1) == statements(4) == 16


def test_erased_person_and_person_without_doses_get_none() -> None:
    gone, none = vaccinated(), recipient()
    erase(person=gone.person, by=staff("coordinator"), now=NOW)
    assert services.issue_certificates(recipients=[gone, none], by=SYSTEM, now=NOW) == []
    with pytest.raises(errors.NothingToCertify):
        services.issue_certificate(recipient=none, by=VISITOR, now=NOW)
    with pytest.raises(NotPermitted):
        services.issue_certificates(recipients=[none], by=VISITOR, now=NOW)
    assert Certificate.objects.count() == 0


def test_revoked_card_no_longer_holds() -> None:
    issued = services.issue_certificate(recipient=vaccinated(), by=VISITOR, now=NOW)
    revoke = {"certificate": issued.certificate, "reason": RevokeReason.FRAUD, "now": NOW}
    with pytest.raises(NotPermitted):
        services.revoke_certificate(by=VISITOR, **revoke)
    assert queries.verified_card(issued.numeric, now=NOW).holds
    assert ["crlVersion" in key for key in published_keys()["keys"]] == [False]
    services.revoke_certificate(by=staff("coordinator"), **revoke)
    services.revoke_certificate(by=staff("coordinator"), **revoke)
    assert queries.verified_card(issued.numeric, now=NOW).revoked
    assert queries.revocation_list(issued.certificate.kid) == {
        "kid": issued.certificate.kid,
        "method": "rid",
        "ctr": 1,
        "rids": [issued.certificate.rid],
    }
    (key,) = published_keys()["keys"]
    assert (key["kid"], key["crlVersion"]) == (issued.certificate.kid, 1)
    assert AuditEntry.objects.filter(verb="vaccination.revoke_certificate").count() == 1


def test_card_of_a_retired_key_still_verifies_and_a_strangers_does_not() -> None:
    issued = services.issue_certificate(recipient=vaccinated(), by=VISITOR, now=NOW)
    rotate_key(by=SYSTEM, now=NOW)
    assert queries.verified_card(issued.numeric, now=NOW).holds
    header, payload, signature = issued.token.split(".")
    with pytest.raises(NotACertificate):
        queries.verified_card(f"{header}.{payload}.{signature[::-1]}", now=NOW)


@contextmanager
def serving_keys() -> Iterator[str]:
    content = json.dumps(jwks()).encode()

    class Keys(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if self.path == "/.well-known/jwks.json" else 404)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Keys)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()


def test_an_independent_implementation_verifies_our_card(settings: Settings) -> None:
    rotate_key(by=SYSTEM, now=NOW)
    with serving_keys() as address:
        settings.PUBLIC_ADDRESS = address
        issued = services.issue_certificate(recipient=vaccinated(2), by=VISITOR, now=NOW)
        read = JWS(decode_qr_to_jws(issued.numeric))
        assert read.verified is True
        assert read.issuer == address
        bundle = read.payload["vc"]["credentialSubject"]["fhirBundle"]
        assert [entry["resource"]["resourceType"] for entry in bundle["entry"]] == [
            "Patient",
            "Immunization",
            "Immunization",
        ]
        header, payload, signature = issued.token.split(".")
        with pytest.raises(Exception, match=r"(?i)verification|invalid"):
            JWS(f"{header}.{payload}.{signature[::-1]}")


def test_card_is_smaller_than_a_thousand_bytes_with_three_doses() -> None:
    issued = services.issue_certificate(
        recipient=vaccinated(3, "Muhammad Contoh Panjang Nama"), by=VISITOR, now=NOW
    )
    assert len(issued.token) < 1000
