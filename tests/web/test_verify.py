"""The check page tells genuine, changed, foreign and withdrawn documents apart; keys and revocations are public."""

from __future__ import annotations

import json

import pytest
from django.test import Client
from joserfc import jws
from joserfc.jwk import ECKey

from kolaborasi.diagnostics import services as diagnostics
from kolaborasi.diagnostics.models import Result
from kolaborasi.diagnostics.services import Entry
from kolaborasi.exchange.models import SigningKey
from kolaborasi.vaccination import services as vaccination
from kolaborasi.vaccination.models import RevokeReason
from kolaborasi.vaccination.services.certificates import Issued
from kolaborasi.web.verification import text_of
from tests.conftest import NOW
from tests.diagnostics.factories import Bench, bench
from tests.vaccination.factories import SYSTEM
from tests.vaccination.test_services_certificates import VISITOR, vaccinated

pytestmark = pytest.mark.django_db


def validated() -> tuple[Bench, Result, str]:
    """A positive result and its signed document."""
    place = bench(1)
    entry = Entry(1, place.specimens[0].label.barcode, "positive", NOW)
    diagnostics.enter_results(lab=place.lab, entries=[entry], source="hand", by=place.technician, now=NOW)
    (result,) = diagnostics.validate_results(results=Result.objects.all(), by=place.validator, now=NOW)
    return place, result, diagnostics.result_document(result=result, now=NOW)


def card() -> Issued:
    return vaccination.issue_certificate(recipient=vaccinated(), by=VISITOR, now=NOW)


def checked(text: str) -> tuple[int, str]:
    response = Client().post("/verify", {"code": text})
    return response.status_code, response.content.decode()


def test_result_document_is_checked_as_code_and_as_link() -> None:
    _place, result, token = validated()
    for text in (token, f"https://tes.example/verify#{token}"):
        status, page = checked(text)
        assert status == 200
        assert "Asli dan berlaku" in page
        assert "Warga Contoh" in page
        assert "1 Juli 1990" in page
        assert "positif" in page
        assert result.lab.site.name in page


def test_corrected_result_is_shown_as_withdrawn_and_tells_nothing_else() -> None:
    place, result, token = validated()
    diagnostics.correct_result(
        result=result, outcome="negative", reason="typing", by=place.technician, now=NOW
    )
    _status, page = checked(token)
    assert "sudah diganti atau ditarik" in page
    assert "Warga Contoh" not in page


def test_vaccination_card_is_checked_as_qr_text_and_as_jws() -> None:
    issued = card()
    for text in (issued.numeric, issued.token, f"https://tes.example/verify#{issued.numeric}"):
        _status, page = checked(text)
        assert "Asli dan berlaku" in page
        assert "Warga Contoh" in page
        assert "LOT1" in page


def test_revoked_card_is_shown_and_listed_for_programs() -> None:
    issued = card()
    vaccination.revoke_certificate(
        certificate=issued.certificate, reason=RevokeReason.FRAUD, by=SYSTEM, now=NOW
    )
    _status, page = checked(issued.numeric)
    assert "sudah diganti atau ditarik" in page
    assert "Warga Contoh" not in page
    kid = SigningKey.objects.get().kid
    listed = Client().get(f"/.well-known/crl/{kid}.json")
    assert listed.json() == {"kid": kid, "method": "rid", "ctr": 1, "rids": [issued.certificate.rid]}
    assert listed["Access-Control-Allow-Origin"] == "*"
    assert Client().get("/.well-known/crl/other.json").status_code == 404


@pytest.mark.parametrize("text", ["hello", "shc:/99", "a.b.c", "https://tes.example/verify#x", "{}"])
def test_text_that_is_no_document_is_explained(text: str) -> None:
    status, page = checked(text)
    assert status == 200
    assert "Tidak berlaku" in page
    assert "Asli dan berlaku" not in page


def test_changed_and_foreign_documents_do_not_count() -> None:
    _place, _result, token = validated()
    header, _payload, signature = token.split(".")
    changed = json.dumps({"kind": "test-result", "name": "Orang Lain"}).encode()
    foreign = ECKey.generate_key("P-256")
    kid = SigningKey.objects.get().kid
    forged = jws.serialize_compact({"alg": "ES256", "kid": kid}, changed, foreign)
    for text in (f"{header}.{forged.split('.')[1]}.{signature}", forged):
        _status, page = checked(text)
        assert "tidak diterbitkan di sini" in page
        assert "Orang Lain" not in page


def test_empty_and_endless_texts_are_refused_with_what_to_do() -> None:
    assert checked("")[0] == 422
    status, page = checked("x" * 20_001)
    assert status == 422
    assert "jauh lebih panjang" in page


def test_public_keys_check_a_document_without_us() -> None:
    _place, result, token = validated()
    response = Client().get("/.well-known/jwks.json")
    assert response["Content-Type"] == "application/json"
    (key,) = response.json()["keys"]
    assert (key["use"], key["alg"], key["crv"], "d" in key) == ("sig", "ES256", "P-256", False)
    claims = json.loads(jws.deserialize_compact(token, ECKey.import_key(key)).payload)
    assert claims["jti"] == f"diagnostics.result:{result.pk}"


def test_link_gives_up_what_stands_behind_its_hash() -> None:
    assert text_of(" https://tes.example/verify#shc%3A/5676 ") == "shc:/5676"
    assert text_of("shc:/5676") == "shc:/5676"


def test_page_is_not_kept_by_browsers() -> None:
    assert "no-store" in Client().get("/verify")["Cache-Control"]
