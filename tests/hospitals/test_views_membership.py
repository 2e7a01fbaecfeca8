"""Coordinators take hospitals into the network, change agreements, ask for conversions and answer names in question."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from kolaborasi.common.clock import utc_now
from kolaborasi.hospitals import queries, services
from kolaborasi.hospitals.classes import BedClass
from kolaborasi.hospitals.models import (
    AgreedBeds,
    ConversionRequest,
    Hospital,
    HospitalName,
    NameInQuestion,
    NetworkPeriod,
)
from kolaborasi.hospitals.siranap import BedFile, HospitalRow
from tests.hospitals.factories import DISPATCHER, HospitalFactory
from tests.hospitals.pages import dispatcher, fill, member, signed_in, staff, text_of
from tests.support import assert_same_queries

pytestmark = pytest.mark.django_db


def outside() -> Hospital:
    return HospitalFactory(network="outside")


def question(name: str = "RS Ragu Contoh", likely: int | None = None) -> NameInQuestion:
    return NameInQuestion.objects.create(
        name=name, normal_name=name.upper(), city_code="3171", likely_id=likely, seen_at=utc_now()
    )


def test_hospital_joins_by_an_agreement_of_an_earlier_day() -> None:
    hospital, client = outside(), dispatcher()
    starts = (utc_now() - timedelta(days=3)).date()
    assert "RS" in text_of(client.get(f"/hospitals/{hospital.pk}/agreement/"))
    form = fill(starts_date=starts.isoformat(), **{"icu": "4", "isolation-np": "1.200"})
    response = client.post(f"/hospitals/{hospital.pk}/agreement/", form)
    assert response["Location"] == f"/hospitals/{hospital.pk}/"
    hospital.refresh_from_db()
    assert hospital.network == "joined"
    assert queries.agreement_of(hospital) == {"icu": 4, "isolation-np": 1200}
    assert NetworkPeriod.objects.get(hospital=hospital).starts_date == starts


def test_joining_without_a_bed_keeps_what_was_typed_and_changes_nothing() -> None:
    hospital = outside()
    form = fill(starts_date="2026-01-01", icu="0")
    response = dispatcher().post(f"/hospitals/{hospital.pk}/agreement/", form)
    assert response.status_code == 422
    assert 'value="2026-01-01"' in text_of(response)
    hospital.refresh_from_db()
    assert (hospital.network, AgreedBeds.objects.count()) == ("outside", 0)


def test_agreement_is_changed_for_the_classes_that_were_typed() -> None:
    hospital, client = outside(), dispatcher()
    client.post(
        f"/hospitals/{hospital.pk}/agreement/", fill(starts_date=str(utc_now().date()), icu="4", hcu="2")
    )
    page = client.get(f"/hospitals/{hospital.pk}/agreement/")
    assert page.context["form"]["icu"].value() == 4
    client.post(f"/hospitals/{hospital.pk}/agreement/", fill(icu="6"))
    assert queries.agreement_of(hospital) == {"icu": 6, "hcu": 2}


def test_leaving_is_asked_first_and_ends_the_agreement() -> None:
    hospital, client = outside(), dispatcher()
    client.post(f"/hospitals/{hospital.pk}/agreement/", fill(starts_date=str(utc_now().date()), icu="4"))
    assert client.get(f"/hospitals/{hospital.pk}/leave/").status_code == 200
    hospital.refresh_from_db()
    assert hospital.network == "joined"
    client.post(f"/hospitals/{hospital.pk}/leave/", fill())
    hospital.refresh_from_db()
    assert (hospital.network, queries.agreement_of(hospital)) == ("left", {})


def test_hospital_is_asked_to_convert_beds() -> None:
    hospital, client = HospitalFactory(), dispatcher()
    client.post(f"/hospitals/{hospital.pk}/conversions/new/", fill(bed_class="icu", beds="5"))
    asked = ConversionRequest.objects.get()
    assert (asked.hospital_id, asked.bed_class, asked.beds, asked.state) == (hospital.pk, "icu", 5, "asked")
    again = client.post(f"/hospitals/{hospital.pk}/conversions/new/", fill(bed_class="icu", beds="5"))
    assert (again.status_code, ConversionRequest.objects.count()) == (422, 1)


@pytest.mark.parametrize("page", ["agreement", "conversions/new"])
def test_agreements_are_for_coordinators_only(page: str) -> None:
    hospital = HospitalFactory()
    client = staff(hospital.site, "partner_admin")
    assert client.get(f"/hospitals/{hospital.pk}/{page}/").status_code == 403
    assert (
        client.post(f"/hospitals/{hospital.pk}/{page}/", fill(bed_class="icu", beds="1")).status_code == 403
    )
    assert (ConversionRequest.objects.count(), AgreedBeds.objects.count()) == (0, 0)


def test_coordinator_of_another_city_changes_no_agreement() -> None:
    hospital = outside()
    client = signed_in(member("coordinator", place=HospitalFactory().site.place))
    form = fill(starts_date=str(utc_now().date()), icu="4")
    assert client.post(f"/hospitals/{hospital.pk}/agreement/", form).status_code == 403
    hospital.refresh_from_db()
    assert hospital.network == "outside"


def test_uncertain_name_of_a_file_waits_on_the_list_until_it_is_answered() -> None:
    hospital = HospitalFactory()
    row = HospitalRow(line=2, code=None, name="RS Sama Sekali Lain", city="3171", seen=())
    for _load in range(2):
        services.import_beds(
            file=BedFile(rows=[row], problems=[]), source="file", by=DISPATCHER, now=utc_now()
        )
    asked = queries.names_in_question().get()
    client = dispatcher()
    assert "RS Sama Sekali Lain" in text_of(client.get("/hospitals/names/"))
    assert client.get(f"/hospitals/names/{asked.pk}/").status_code == 200
    client.post(f"/hospitals/names/{asked.pk}/", fill(hospital=str(hospital.pk)))
    assert HospitalName.objects.get().hospital_id == hospital.pk
    assert not queries.names_in_question().exists()
    match = services.imports.hospital_index().find(name="RS SAMA SEKALI LAIN", city="3171")
    assert match is not None
    assert (match.hospital, match.sure) == (hospital.pk, True)


def test_name_that_is_no_hospital_of_the_city_is_not_asked_about_again() -> None:
    asked = question()
    client = dispatcher()
    client.post(f"/hospitals/names/{asked.pk}/dismiss/", fill())
    assert (HospitalName.objects.count(), queries.names_in_question().count()) == (0, 0)
    assert client.get(f"/hospitals/names/{asked.pk}/dismiss/").status_code == 404
    assert client.post(f"/hospitals/names/{asked.pk}/dismiss/", fill()).status_code == 422


def test_names_are_for_coordinators_only() -> None:
    asked = question()
    client: Client = staff(HospitalFactory().site, "partner_admin")
    assert client.get("/hospitals/names/").status_code == 403
    assert client.post(f"/hospitals/names/{asked.pk}/dismiss/", fill()).status_code == 403
    assert queries.names_in_question().count() == 1


def test_list_of_names_asks_the_same_number_of_queries_for_any_number_of_rows() -> None:
    client, number = dispatcher(), iter(range(9))

    def add() -> None:
        question(f"RS Contoh {next(number)}", HospitalFactory().pk)

    assert_same_queries(5, ask=lambda: client.get("/hospitals/names/"), add_row=add)


def test_agreement_form_offers_every_class_of_the_network() -> None:
    form = dispatcher().get(f"/hospitals/{outside().pk}/agreement/").context["form"]
    assert {BedClass(name) for name in form.fields if name not in ("starts_date", "idempotency_key")} == set(
        queries.classes_shown()
    )
