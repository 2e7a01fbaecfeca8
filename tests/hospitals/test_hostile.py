"""What a stranger tries: somebody else's patients, beds and answers, numbers beyond reason, the same act twice."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from kolaborasi.common.clock import utc_now
from kolaborasi.hospitals import services
from kolaborasi.hospitals.models import BedMove, BedPool, BedReport, ConversionRequest, Placement, Referral
from kolaborasi.hospitals.rules import Severity
from tests.factories import person
from tests.hospitals.factories import (
    DISPATCHER,
    HospitalFactory,
    PoolFactory,
    accepted,
    admitted,
    offered,
    referral,
    request,
    wish,
)
from tests.hospitals.pages import dispatcher, fill, member, signed_in, staff, text_of

pytestmark = pytest.mark.django_db
HUGE = 10**25


def world() -> tuple[Any, ...]:
    """What the database holds of stays, beds and requests."""
    return (
        list(Placement.objects.order_by("pk").values_list("state", "answer", "pool")),
        list(Referral.objects.order_by("pk").values_list("state", "severity", "ask_next")),
        list(BedPool.objects.order_by("pk").values_list("reported", "committed", "staffed")),
        (BedReport.objects.count(), BedMove.objects.count()),
        list(ConversionRequest.objects.values_list("state", flat=True)),
        list(BedPool.objects.order_by("pk").values_list("hospital__network", flat=True)),
    )


def stay(at: Any) -> Placement:
    """A patient in intensive care who is better now, and whose hospital has another class to move to."""
    pool = PoolFactory(bed_class="icu-np", observed_at=at, received_at=at)
    found = admitted(pool, at=at, wish=wish(Severity.CRITICAL))
    services.reassess(referral=found.referral, severity=Severity.MODERATE, reasons=(), by=DISPATCHER, now=at)
    PoolFactory(hospital=found.pool.hospital, bed_class="isolation", observed_at=at, received_at=at)
    return found


@pytest.mark.parametrize("who", ["other hospital", "other area", "helper", "verifier", "visitor"])
def test_stranger_reaches_nothing_of_a_hospital_and_its_patients(who: str) -> None:
    now = utc_now()
    offer, held, lies = offered(at=now), accepted(at=now), admitted(at=now)
    asked = services.ask_conversion(
        hospital=lies.pool.hospital, bed_class="isolation", beds=2, by=DISPATCHER, now=now
    )
    clients = {
        "other hospital": lambda: staff(HospitalFactory().site, "partner_admin"),
        "other area": lambda: signed_in(member("coordinator", place=HospitalFactory().site.place)),
        "helper": lambda: signed_in(member("courier")),
        "verifier": lambda: signed_in(member("verifier")),
        "visitor": Client,
    }
    client = clients[who]()
    before = world()
    hospital = lies.pool.hospital_id
    pages = [
        *(f"offers/{offer.pk}/{name}/" for name in ("accept", "decline", "withdraw")),
        *(
            f"referrals/{each.referral_id}/{name}/"
            for each in (offer, held, lies)
            for name in ("depart", "admit", "turn-away", "discharge", "death", "cancel", "move", "transfer")
        ),
        *(f"referrals/{lies.referral_id}/{name}/" for name in ("reassess", "identity", "ambulance")),
        f"referrals/{lies.referral_id}/",
        *(f"{hospital}/{name}/" for name in ("desk", "report", "part/pause", "leave", "agreement")),
        f"{hospital}/conversions/{asked.pk}/agree/",
        f"{hospital}/conversions/new/",
        *("names/", "files/", "files/new/", "board/"),
    ]
    words = {"reason": "full", "pool": str(lies.pool_id), "spo2": "80", "bed_class": "icu", "beds": "1"}
    allowed = {"board/": {200}} if who == "other area" else {}
    for page in pages:
        for answer in (client.get(f"/hospitals/{page}"), client.post(f"/hospitals/{page}", fill(**words))):
            expected = allowed.get(page, set()) | {403, 404, 405} | ({302} if who == "visitor" else set())
            assert answer.status_code in expected, (page, answer.status_code)
            if answer.status_code == 302:
                assert answer["Location"].startswith("/accounts/"), page
            assert str(lies.patient_id)[:8].upper() not in text_of(answer)
    assert world() == before


@pytest.mark.parametrize(
    "address",
    [
        f"/hospitals/{HUGE}/",
        f"/hospitals/{HUGE}/desk/",
        f"/hospitals/referrals/{HUGE}/",
        f"/hospitals/referrals/{HUGE}/move/",
        f"/hospitals/offers/{HUGE}/accept/",
        f"/hospitals/files/{HUGE}/",
        f"/hospitals/names/{HUGE}/",
        f"/hospitals/isolation/{HUGE}/",
    ],
)
def test_number_no_row_can_have_is_not_found(address: str) -> None:
    assert dispatcher().get(address).status_code == 404


@pytest.mark.parametrize("pools", [[str(HUGE)], ["-1"], ["0"], ["1"] * 11, ["x"], [""]])
def test_offer_of_impossible_beds_holds_nothing(pools: list[str]) -> None:
    waiting = referral(utc_now())
    before = world()
    answer = dispatcher().post(f"/hospitals/referrals/{waiting.pk}/", fill(pool=pools, minutes="15"))
    assert (answer.status_code, world()) == (422, before)


@pytest.mark.parametrize("sent", [str(HUGE), "-1", "x", ""])
def test_move_to_an_impossible_bed_changes_nothing(sent: str) -> None:
    now = utc_now()
    lies = stay(now)
    before = world()
    answer = dispatcher().post(f"/hospitals/referrals/{lies.referral_id}/move/", fill(pool=sent))
    assert (answer.status_code, world()) == (422, before)


def test_patient_is_moved_once_however_often_the_form_is_sent() -> None:
    now = utc_now()
    lies = stay(now)
    ward = BedPool.objects.get(hospital=lies.pool.hospital, bed_class="isolation")
    own, form = staff(lies.pool.hospital.site), fill(pool=str(ward.pk))
    page = own.get(f"/hospitals/referrals/{lies.referral_id}/move/")
    assert str(ward.pk) in {value for value, _label in page.context["form"].fields["pool"].widget.choices}
    for _time in range(2):
        assert own.post(f"/hospitals/referrals/{lies.referral_id}/move/", form).status_code == 302
    assert BedMove.objects.count() == 1
    ward.refresh_from_db()
    assert ward.committed == 1
    assert "kelas tempat tidur lain" in text_of(own.get(f"/hospitals/referrals/{lies.referral_id}/"))


def test_patient_who_needs_intensive_care_is_not_offered_a_ward_here() -> None:
    now = utc_now()
    lies = stay(now)
    services.reassess(referral=lies.referral, severity=Severity.CRITICAL, reasons=(), by=DISPATCHER, now=now)
    page = dispatcher().get(f"/hospitals/referrals/{lies.referral_id}/move/")
    assert page.context["pools"] == []


def test_paused_hospital_answers_what_it_was_asked_and_gets_nothing_new() -> None:
    now = utc_now()
    pool = PoolFactory(observed_at=now, received_at=now)
    offer = offered(pool, at=now)
    services.pause_network(hospital=pool.hospital, by=DISPATCHER, now=now)
    own = staff(pool.hospital.site)
    assert own.post(f"/hospitals/offers/{offer.pk}/accept/", fill()).status_code == 302
    waiting = referral(now)
    client = dispatcher()
    assert client.get(f"/hospitals/referrals/{waiting.pk}/").context["ranked"] == []
    answer = client.post(f"/hospitals/referrals/{waiting.pk}/", fill(pool=[str(pool.pk)], minutes="15"))
    assert answer.status_code == 422
    pool.refresh_from_db()
    assert pool.committed == 1


def test_offer_whose_time_is_over_is_not_accepted() -> None:
    now = utc_now()
    offer = offered(at=now - timedelta(hours=1))
    before = world()
    answer = staff(offer.pool.hospital.site).post(f"/hospitals/offers/{offer.pk}/accept/", fill())
    assert (answer.status_code, world()) == (422, before)


def test_hospital_that_declined_sees_the_patient_no_more() -> None:
    offer = offered(at=utc_now())
    own = staff(offer.pool.hospital.site)
    assert own.get(f"/hospitals/referrals/{offer.referral_id}/").status_code == 200
    own.post(f"/hospitals/offers/{offer.pk}/decline/", fill(reason="full"))
    assert own.get(f"/hospitals/referrals/{offer.referral_id}/").status_code == 404
    assert own.post(f"/hospitals/referrals/{offer.referral_id}/identity/").status_code == 404


def test_files_for_downloading_name_no_patient() -> None:
    now = utc_now()
    lies = admitted(at=now)
    services.refer(
        patient=person(name="Warga Rahasia", email=""),
        request=request(),
        by=DISPATCHER,
        now=now,
    )
    client = dispatcher()
    for page in ("", "network/", "names/", "files/", "board/", "referrals/", "isolation/", "ambulances/"):
        answer = client.get(f"/hospitals/{page}?format=csv")
        content = b"".join(answer) if answer.streaming else answer.content  # type: ignore[arg-type]
        if answer["Content-Type"].startswith("text/csv"):
            assert page in ("", "network/", "names/", "files/")
            assert str(lies.patient_id)[:8].encode() not in content
        assert b"Warga Rahasia" not in content


@pytest.mark.parametrize("page", ["", "network/", "board/", "referrals/", "files/", "files/new/", "names/"])
def test_page_in_english_is_english(page: str) -> None:
    PoolFactory(observed_at=utc_now(), received_at=utc_now())
    client = dispatcher()
    client.post("/language/", {"language": "en", "next": "/"})
    text = text_of(client.get(f"/hospitals/{page}", headers={"Accept-Language": "en"}))
    assert 'lang="en"' in text
    for word in ("Tempat tidur", "Rumah sakit", "Berkas", "Jejaring", "Tampilkan", "Rujukan", "Kosong"):
        assert word not in text


def test_answers_sent_twice_are_given_once_and_lead_on() -> None:
    now = utc_now()
    held = accepted(at=now)
    asked = services.ask_conversion(
        hospital=held.pool.hospital, bed_class="isolation", beds=2, by=DISPATCHER, now=now
    )
    administrator, form = staff(held.pool.hospital.site, "partner_admin"), fill()
    path = f"/hospitals/{held.pool.hospital_id}/conversions/{asked.pk}/agree/"
    for _time in range(2):
        assert administrator.post(path, form).status_code == 302
    assert administrator.get(path).status_code == 404
    assert administrator.post(path.replace("agree", "decline"), fill()).status_code == 422
    asked.refresh_from_db()
    assert asked.state == "agreed"
    away = administrator.post(f"/hospitals/referrals/{held.referral_id}/turn-away/", fill(reason="full"))
    assert away["Location"] == "/hospitals/mine/"
    assert administrator.get(away["Location"], follow=True).status_code == 200
