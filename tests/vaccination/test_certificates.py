"""Certificates are written and read as their specifications say; broken copies of each are refused."""

from __future__ import annotations

import base64
import json
import secrets
import zlib
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import base45
import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jws
from joserfc.jwk import ECKey

from kolaborasi.vaccination.certificates import eu_dcc, who_ddcc
from kolaborasi.vaccination.certificates import smart_health_card as shc
from kolaborasi.vaccination.certificates.content import CertifiedDose, Holder, NotACertificate
from tests.vaccination.health_card_examples import (
    EXAMPLE_00_JWS,
    EXAMPLE_00_NUMERIC,
    EXAMPLE_03_JWS,
    KEYS,
    KID,
)

LATER = datetime(2026, 1, 1, tzinfo=UTC)
VALID = datetime(2021, 5, 3, 18, 0, tzinfo=UTC)
HOLDER = Holder("Warga Contoh", date(1990, 1, 2), "female")
DOSE = CertifiedDose(
    1, date(2021, 7, 13), "XM7HT3", "511", "CoronaVac", "Sinovac", "LOT1", "IDN", "GOR Contoh", 2
)
KEY = ECKey.generate_key("P-256")


def test_the_specifications_own_example_is_read() -> None:
    card = shc.read(EXAMPLE_00_NUMERIC, KEYS, now=LATER)
    assert (card.issuer, card.kid) == ("https://smarthealth.cards/examples/issuer", KID)
    assert shc.holder_of(card.bundle) == ("John B. Anyperson", "1951-01-20")
    assert [(each["date"], each["code"]) for each in shc.immunizations(card.bundle)] == [
        ("2021-01-01", "207"),
        ("2021-01-29", "207"),
    ]
    assert shc.read(EXAMPLE_00_JWS, KEYS, now=LATER) == card
    assert shc.read(json.dumps({"verifiableCredential": [EXAMPLE_00_JWS]}), KEYS, now=LATER) == card


def test_the_specifications_own_example_is_written_back_digit_by_digit() -> None:
    assert shc.numeric(EXAMPLE_00_JWS) == EXAMPLE_00_NUMERIC
    assert shc.token_of(EXAMPLE_00_NUMERIC) == EXAMPLE_00_JWS


def test_the_revoked_example_is_on_the_examples_revocation_list() -> None:
    listed = ["vwAjHdarZuc.1668545475", "FKDIxsTCGlU", "XkNHp2Iyk0Y.1668545475", "TqB_qu_6OtM"]
    card = shc.read(EXAMPLE_03_JWS, KEYS, now=datetime(2023, 1, 1, tzinfo=UTC))
    assert (card.rid, shc.holder_of(card.bundle)[0]) == ("vwAjHdarZuc", "Johnny Revoked")
    assert shc.is_revoked(card, listed)
    assert not shc.is_revoked(card, listed[1:])
    assert not shc.is_revoked(card, ["vwAjHdarZuc.1668545474"])
    assert not shc.is_revoked(shc.read(EXAMPLE_00_JWS, KEYS, now=LATER), listed)
    assert fault(EXAMPLE_03_JWS) == "expired"


def fault(text: str, now: datetime = LATER, keys: dict[str, Any] = KEYS) -> str:
    with pytest.raises(NotACertificate) as refused:
        shc.read(text, keys, now=now)
    return refused.value.fault


def test_broken_copies_of_the_example_are_refused() -> None:
    header, payload, signature = EXAMPLE_00_JWS.split(".")
    other = "A" if payload[40] != "A" else "B"
    changed = f"{header}.{payload[:40]}{other}{payload[41:]}.{signature}"
    assert fault(changed) == "signature"
    assert fault(f"{header}.{payload}.{signature[:-4]}AAAA") == "signature"
    assert fault(EXAMPLE_00_NUMERIC[:-1]) == "encoding"
    assert fault("shc:/9999") == "encoding"
    assert fault("HC1:ABC") == "prefix"
    assert fault("") == "prefix"
    assert fault(EXAMPLE_00_JWS, keys={}) == "key"
    assert fault(EXAMPLE_00_JWS, now=datetime(2020, 1, 1, tzinfo=UTC)) == "not-yet"
    unsigned = base64.urlsafe_b64encode(b'{"alg":"none","zip":"DEF"}').rstrip(b"=").decode()
    assert fault(f"{unsigned}.{payload}.{signature}") == "header"


def signed(content: bytes, **header: str) -> str:
    registry = jws.JWSRegistry(algorithms=["ES256"], strict_check_header=False)
    return jws.serialize_compact(
        {"alg": "ES256", "kid": "mine", "zip": "DEF", **header}, content, KEY, registry=registry
    )


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"not deflate", "compression"),
        (shc.deflate(b"[1]"), "payload"),
        (shc.deflate(b"no json"), "payload"),
        (shc.deflate(b'{"iss":"x"}'), "payload"),
        (
            shc.deflate(b'{"iss":"x","nbf":1,"vc":{"type":[],"credentialSubject":{"fhirBundle":{}}}}'),
            "payload",
        ),
        (shc.deflate(b" " * 10_000_000), "compression"),
    ],
)
def test_signed_nonsense_is_refused(content: bytes, why: str) -> None:
    mine = {"mine": KEY.as_dict(private=False)}
    assert fault(signed(content), keys=mine) == why


@given(st.text(max_size=200))
def test_any_text_is_refused_in_words(text: str) -> None:
    with pytest.raises(NotACertificate):
        shc.read(text, KEYS, now=LATER)
    with pytest.raises(NotACertificate):
        eu_dcc.read(text, {}, now=LATER)


def test_card_of_two_doses_is_read_back_and_small() -> None:
    second = CertifiedDose(
        2, date(2021, 8, 13), "XM7HT3", "511", "CoronaVac", "Sinovac", "LOT2", "IDN", "GOR Contoh", 2
    )
    packed = shc.payload(
        HOLDER, [DOSE, second], issuer="https://kolaborasi.example", issued_at=VALID, rid="abc"
    )
    token = signed(packed)
    assert len(token) < 1000
    card = shc.read(shc.numeric(token), {"mine": KEY.as_dict(private=False)}, now=LATER)
    assert (card.rid, card.issued_at) == ("abc", VALID)
    assert shc.holder_of(card.bundle) == ("Warga Contoh", "1990-01-02")
    assert [each["lot"] for each in shc.immunizations(card.bundle)] == ["LOT1", "LOT2"]


def test_card_with_many_long_places_still_fits_into_one_code() -> None:
    doses = [
        replace(DOSE, number=number, lot=f"LOT-{number}-{number * 7919:x}", centre=secrets.token_urlsafe(120))
        for number in range(1, 5)
    ]
    holder = replace(HOLDER, name=secrets.token_urlsafe(60)[:80])
    packed = shc.payload(
        holder, doses, issuer="https://kolaborasi.example.go.id", issued_at=VALID, rid="a" * 16
    )
    card = shc.read(
        shc.numeric(signed(packed, kid="m" * 43)), {"m" * 43: KEY.as_dict(private=False)}, now=LATER
    )
    assert [each["place"] for each in shc.immunizations(card.bundle)] == [""] * 4
    assert shc.holder_of(card.bundle)[0] == holder.name


def test_ddcc_holds_every_mandatory_field_and_misses_are_found() -> None:
    content = who_ddcc.content(
        HOLDER,
        [DOSE],
        hcid="abc",
        issuer="https://kolaborasi.example",
        valid_from=date(2021, 7, 13),
        next_dose=date(2021, 8, 10),
    )
    assert who_ddcc.faults(content) == []
    assert content["vaccination"][0] == {
        "vaccine": {"system": "http://id.who.int/icd11/mms", "code": "XM7HT3"},
        "brand": "CoronaVac",
        "manufacturer": "Sinovac",
        "lot": "LOT1",
        "date": "2021-07-13",
        "dose": 1,
        "totalDoses": 2,
        "country": "IDN",
        "centre": "GOR Contoh",
        "nextDose": "2021-08-10",
    }
    broken = {
        **content,
        "name": "",
        "birthDate": "1990",
        "vaccination": [{**content["vaccination"][0], "country": "ID", "lot": ""}],
    }
    assert who_ddcc.faults(broken) == ["name", "birthDate", "vaccination[0].lot", "vaccination[0].country"]


def test_immunization_of_the_ddcc_example_is_read(shared_data: Path) -> None:
    path = (
        shared_data
        / "certificates/who_ddcc/resources/SHCVaccinationBundleDM-Example-English-From-ddcc-to-shc.json"
    )
    bundle = json.loads(path.read_text())
    assert shc.holder_of(bundle) == ("Aulus Agerius", "2003-03-03")
    assert shc.immunizations(bundle) == [
        {
            "date": "2021-05-06",
            "system": "http://id.who.int/icd11/mms",
            "code": "XM0CX4",
            "lot": "123",
            "place": "Government Hospital",
        }
    ]


def example(shared_data: Path, name: str) -> tuple[dict[str, Any], dict[bytes, Any]]:
    found = json.loads((shared_data / f"certificates/eu_dcc/{name}.json").read_text())
    return found, eu_dcc.trusted([base64.b64decode(found["TESTCTX"]["CERTIFICATE"])])


@pytest.mark.parametrize("name", ["CO1", "CO3"])
def test_eu_example_is_read_and_its_broken_copies_are_refused(shared_data: Path, name: str) -> None:
    found, keys = example(shared_data, name)
    read = eu_dcc.read(found["PREFIX"], keys, now=VALID.replace(minute=1))
    assert read.content == found["JSON"]
    assert read.country == "AT"
    cose = bytes.fromhex(found["COSE"])
    packed = "HC1:" + base45.b45encode(zlib.compress(cose[:-1] + bytes([cose[-1] ^ 1]))).decode()
    broken = {
        packed: "signature",
        found["PREFIX"][4:]: "prefix",
        found["PREFIX"] + "~": "encoding",
        "HC1:" + base45.b45encode(b"nothing").decode(): "compression",
        "HC1:" + base45.b45encode(zlib.compress(b"\x00")).decode(): "header",
    }
    for text, why in broken.items():
        with pytest.raises(NotACertificate) as refused:
            eu_dcc.read(text, keys, now=VALID)
        assert refused.value.fault == why, text[:20]


def test_eu_example_is_refused_outside_its_time_and_under_another_key(shared_data: Path) -> None:
    found, keys = example(shared_data, "CO3")
    _other, strangers = example(shared_data, "CO1")
    for now, trusted, why in (
        (datetime(2031, 1, 1, tzinfo=UTC), keys, "expired"),
        (datetime(2021, 5, 1, tzinfo=UTC), keys, "not-yet"),
        (VALID, strangers, "key"),
    ):
        with pytest.raises(NotACertificate) as refused:
            eu_dcc.read(found["PREFIX"], trusted, now=now)
        assert refused.value.fault == why


@pytest.mark.parametrize("name", ["DGC3", "DGC4", "DGC5", "DGC6"])
def test_every_eu_example_unpacks_to_its_content(shared_data: Path, name: str) -> None:
    import cbor2

    found, _keys = example(shared_data, name)
    claims = cbor2.loads(cbor2.loads(eu_dcc.unpacked(found["PREFIX"])).value[2])
    assert claims[-260][1] == found["JSON"]
