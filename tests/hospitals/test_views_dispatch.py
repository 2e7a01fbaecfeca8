"""The dispatcher's board, a referral on its page, beds asked for and offered."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from kolaborasi.common.clock import utc_now
from kolaborasi.hospitals import services
from kolaborasi.hospitals.models import AmbulanceRequest, BedPool, Placement, Referral
from kolaborasi.hospitals.rules import Severity
from kolaborasi.people.models import Person
from tests.factories import CityFactory, KelurahanFactory, PartnerFactory
from tests.hospitals.factories import DISPATCHER, PoolFactory, PuskesmasFactory, admitted, wish
from tests.hospitals.factories import referral as waiting_referral
from tests.hospitals.pages import dispatcher, fill, member, signed_in, staff, text_of
from tests.support import assert_same_queries

pytestmark = pytest.mark.django_db
BOARD = "/hospitals/board/"
NEW = "/hospitals/referrals/new/"


def pool(**given: Any) -> BedPool:
    now = utc_now()
    return PoolFactory(observed_at=now - timedelta(minutes=5), received_at=now, **given)


def waiting(**given: Any) -> Referral:
    return waiting_referral(utc_now(), **given)


def asked(**values: Any) -> dict[str, Any]:
    """The form of a hotline for a severely ill adult."""
    place = values.pop("place", None) or KelurahanFactory()
    return fill(
        **{
            "requester": "hotline",
            "name": "Warga Contoh",
            "place": place.code,
            "age": "adult",
            "pcr": "not-tested",
            "spo2": 90,
            "pneumonia": "on",
            **values,
        }
    )


def shown(response: Any) -> list[int]:
    return [row.pk for row in response.context["list"].page]


def test_board_is_in_fair_order_the_severest_then_the_longest_waiting() -> None:
    now = utc_now()
    newer, older = waiting_referral(now), waiting_referral(now - timedelta(hours=5))
    severe = waiting_referral(now, wish=wish(Severity.SEVERE))
    assert shown(dispatcher().get(BOARD)) == [severe.pk, older.pk, newer.pk]


def test_board_is_for_dispatchers_alone() -> None:
    assert Client().get(BOARD).status_code == 302
    assert signed_in(member("partner_member", partner=PartnerFactory())).get(BOARD).status_code == 403


def test_board_of_an_area_holds_its_own_patients() -> None:
    own = waiting()
    outside = waiting(place=KelurahanFactory(code="31.74.01.1001"))
    area = CityFactory(code="31.71")
    client = signed_in(member("coordinator", place=area))
    assert shown(client.get(BOARD)) == [own.pk]
    assert client.get(f"/hospitals/referrals/{outside.pk}/").status_code == 404


def test_board_asked_again_is_not_sent_until_something_changes() -> None:
    found = waiting()
    client = dispatcher()
    first = client.get(BOARD, headers={"HX-Request": "true"})
    tag = first["ETag"]
    again = client.get(BOARD, headers={"HX-Request": "true", "If-None-Match": tag})
    # A new minute is a new version, since waiting times are shown.
    assert (again.status_code, again.content) == (304, b"") or again["ETag"] != tag
    services.cancel_referral(referral=found, reason="recovered", by=DISPATCHER, now=utc_now())
    changed = client.get(BOARD, headers={"HX-Request": "true", "If-None-Match": tag})
    assert changed.status_code == 200
    assert "Tidak ada yang menunggu tempat tidur" in text_of(changed)


def test_board_asks_the_same_number_of_queries_for_any_number_of_referrals() -> None:
    client, beds = dispatcher(), pool(staffed=30)

    def add() -> None:
        services.offer(referral=waiting(), pools=[beds], by=DISPATCHER, now=utc_now())

    assert_same_queries(8, ask=lambda: client.get(BOARD), add_row=add)


def test_hotline_asks_for_a_caller_and_the_severity_follows_from_the_signs() -> None:
    response = dispatcher().post(NEW, asked(on_behalf="on", dialysis="on"))
    made = Referral.objects.get()
    assert response["Location"] == f"/hospitals/referrals/{made.pk}/"
    assert (made.severity, made.severity_reasons, made.source, made.on_behalf) == (
        3,
        ["low-oxygen"],
        "hotline",
        True,
    )
    assert (made.needs_dialysis, made.pcr, made.requester) == (True, "not-tested", None)


def test_same_form_sent_twice_makes_one_referral() -> None:
    client, form = dispatcher(), asked()
    for _press in range(2):
        assert client.post(NEW, form).status_code == 302
    assert (Referral.objects.count(), Person.objects.filter(registered_at__isnull=False).exists()) == (
        1,
        True,
    )


def test_puskesmas_asks_for_its_own_site() -> None:
    site = PuskesmasFactory()
    client = staff(site)
    assert "on_behalf" not in client.get(NEW).context["form"].fields
    client.post(NEW, asked(requester=site.pk))
    made = Referral.objects.get()
    assert (made.requester, made.source) == (site, "puskesmas")
    assert shown(client.get("/hospitals/referrals/")) == [made.pk]
    other = PuskesmasFactory()
    assert client.post(NEW, asked(requester=other.pk)).status_code == 422
    assert client.post(NEW, asked(requester="hotline")).status_code == 422
    assert Referral.objects.count() == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"spo2": 20},
        {"spo2": "x"},
        {"breaths": 500},
        {"name": ""},
        {"place": None, "age": "old"},
        {"pcr": "?"},
        {"nik": "123"},
    ],
)
def test_wrong_request_keeps_what_was_typed_and_stores_nothing(wrong: dict[str, Any]) -> None:
    people = Person.objects.count()
    response = dispatcher().post(NEW, asked(**wrong))
    assert response.status_code == 422
    assert response.context["form"]["pneumonia"].value()
    assert (Referral.objects.count(), Person.objects.count() - people) == (0, 1)


def test_who_asks_for_no_beds_is_told_so() -> None:
    stranger = signed_in(member("partner_member", partner=PartnerFactory()))
    assert stranger.get(NEW).status_code == 403
    assert stranger.post(NEW, asked()).status_code == 403
    assert Referral.objects.count() == 0


def test_patient_who_waits_is_not_asked_for_twice() -> None:
    client = dispatcher()
    nik = "3171034506900001"
    assert client.post(NEW, asked(nik=nik)).status_code == 302
    response = client.post(NEW, asked(nik=nik))
    assert response.status_code == 422
    assert Referral.objects.count() == 1


def test_beds_are_ranked_with_their_reasons_and_offered_in_order() -> None:
    found, first, second = waiting(), pool(), pool()
    client, address = dispatcher(), f"/hospitals/referrals/{found.pk}/"
    page = text_of(client.get(address))
    assert "cocok sebagai pilihan pertama" in page
    assert "menit perjalanan (perkiraan)" in page
    assert client.post(address, fill(pool=[first.pk, second.pk], minutes=30))["Location"] == address
    found.refresh_from_db()
    assert (found.state, found.ask_next, Placement.objects.get().pool_id) == (
        "offered",
        [second.pk],
        first.pk,
    )


@pytest.mark.parametrize(
    "sent", [{}, {"pool": ["x"], "minutes": 15}, {"pool": [987654], "minutes": 15}, {"minutes": 7}]
)
def test_wrong_offer_is_refused_and_holds_nothing(sent: dict[str, Any]) -> None:
    found = waiting()
    pool()
    response = dispatcher().post(f"/hospitals/referrals/{found.pk}/", fill(**sent))
    assert response.status_code == 422
    found.refresh_from_db()
    assert (found.state, Placement.objects.count()) == ("requested", 0)


def test_full_bed_is_refused_in_words() -> None:
    found, full = waiting(), pool(staffed=1, committed=1)
    response = dispatcher().post(f"/hospitals/referrals/{found.pk}/", fill(pool=[full.pk], minutes=15))
    assert response.status_code == 422
    assert "Sekarang tidak ada tempat tidur" in text_of(response)


def test_referral_is_seen_by_both_ends_and_nobody_else() -> None:
    site, beds = PuskesmasFactory(), pool()
    found = waiting(requester=site, source="puskesmas")
    address = f"/hospitals/referrals/{found.pk}/"
    assert staff(site).get(address).status_code == 200
    assert staff(beds.hospital.site).get(address).status_code == 404
    services.offer(referral=found, pools=[beds], by=DISPATCHER, now=utc_now())
    page = text_of(staff(beds.hospital.site).get(address))
    assert "Tempat tidur diminta" in page
    assert f"Ditawarkan ke {beds.hospital.site.name}" in page
    assert "Tawarkan menurut urutan ini" not in page
    assert Client().get(address).status_code == 302


def test_requester_does_not_offer() -> None:
    site, beds = PuskesmasFactory(), pool()
    found = waiting(requester=site, source="puskesmas")
    sent = fill(pool=[beds.pk], minutes=15)
    assert staff(site).post(f"/hospitals/referrals/{found.pk}/", sent).status_code == 403
    assert Placement.objects.count() == 0


def test_referral_is_judged_anew_cancelled_and_its_death_recorded() -> None:
    client, found = dispatcher(), waiting()
    address = f"/hospitals/referrals/{found.pk}"
    client.post(f"{address}/reassess/", fill(spo2=80, ventilation="on"))
    found.refresh_from_db()
    assert (found.severity, found.spo2, found.needs_ventilator) == (4, 80, True)
    assert client.post(f"{address}/cancel/", fill()).status_code == 422
    client.post(f"{address}/cancel/", fill(reason="elsewhere"))
    found.refresh_from_db()
    assert (found.state, found.cancel_reason) == ("cancelled", "elsewhere")
    other = waiting()
    client.post(f"/hospitals/referrals/{other.pk}/death/", fill())
    other.refresh_from_db()
    assert other.state == "died"
    assert client.get(f"{address}/somewhere/").status_code == 404


def test_patient_in_a_bed_is_referred_to_another_hospital() -> None:
    beds = pool()
    placement = admitted(beds, utc_now())
    client = staff(beds.hospital.site)
    response = client.post(
        f"/hospitals/referrals/{placement.referral_id}/transfer/",
        fill(age="adult", pcr="positive", spo2=85, ventilation="on"),
    )
    made = Referral.objects.get(is_transfer=True)
    assert response["Location"] == f"/hospitals/referrals/{made.pk}/"
    assert (made.patient_id, made.from_hospital, made.severity) == (placement.patient_id, beds.hospital, 4)
    stranger = staff(PuskesmasFactory())
    assert stranger.get(f"/hospitals/referrals/{placement.referral_id}/transfer/").status_code == 404


def test_ambulance_is_asked_for_the_held_bed() -> None:
    beds = pool()
    placement = services.offer(referral=waiting(), pools=[beds], by=DISPATCHER, now=utc_now())
    services.accept(placement=placement, by=DISPATCHER, now=utc_now())
    address = f"/hospitals/referrals/{placement.referral_id}/ambulance/"
    assert dispatcher().post(address, fill())["Location"] == "/hospitals/ambulances/"
    made = AmbulanceRequest.objects.get()
    assert (made.hospital, made.state) == (beds.hospital, "requested")


def test_referral_page_asks_the_same_number_of_queries_for_any_number_of_beds() -> None:
    found, client = waiting(), dispatcher()
    assert_same_queries(8, ask=lambda: client.get(f"/hospitals/referrals/{found.pk}/"), add_row=pool)


def test_own_referrals_ask_the_same_number_of_queries_for_any_number_of_rows() -> None:
    client = dispatcher()
    assert_same_queries(6, ask=lambda: client.get("/hospitals/referrals/"), add_row=waiting)
