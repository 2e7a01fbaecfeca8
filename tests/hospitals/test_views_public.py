"""Beds for everybody: the list, its filters and file, the map, one hospital, the network."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from kolaborasi.common.clock import utc_now
from kolaborasi.hospitals.models import BedPool
from tests.factories import CityFactory, KelurahanFactory
from tests.hospitals.factories import HospitalFactory, PoolFactory, referral
from tests.hospitals.pages import staff, text_of
from tests.support import assert_same_queries

pytestmark = pytest.mark.django_db


def pool(minutes: int = 5, **given: Any) -> BedPool:
    """Five empty isolation beds, counted a few minutes ago."""
    now = utc_now()
    return PoolFactory(observed_at=now - timedelta(minutes=minutes), received_at=now, **given)


def shown(response: Any) -> list[int]:
    return [row.pk for row in response.context["list"].page]


def test_beds_are_listed_with_the_age_of_every_count_and_old_ones_marked() -> None:
    fresh, old = pool(), pool(minutes=60 * 30)
    page = text_of(Client().get("/hospitals/"))
    assert fresh.hospital.site.name in page
    assert old.hospital.site.name in page
    assert "5 menit lalu" in page
    assert page.count("age--stale") == 1
    assert "30 jam lalu" in page


def test_queue_is_never_hidden() -> None:
    referral(utc_now() - timedelta(hours=3))
    page = text_of(Client().get("/hospitals/"))
    assert "Sekarang menunggu tempat tidur" in page
    assert "terlama sejak 3 jam lalu" in page


def test_hospitals_outside_the_network_are_not_listed() -> None:
    inside = pool()
    PoolFactory(hospital=HospitalFactory(network="paused"))
    assert shown(Client().get("/hospitals/")) == [inside.hospital_id]


def test_most_free_beds_come_first() -> None:
    few, many = pool(staffed=2), pool(staffed=9)
    assert shown(Client().get("/hospitals/")) == [many.hospital_id, few.hospital_id]


def test_filters_narrow_by_class_service_area_and_freshness() -> None:
    icu = pool(bed_class="icu")
    old = pool(minutes=60 * 30)
    full = pool(staffed=1, committed=1)
    without = pool(hospital=HospitalFactory(dialysis=False))
    client = Client()
    assert shown(client.get("/hospitals/?class=icu")) == [icu.hospital_id]
    assert full.hospital_id not in shown(client.get("/hospitals/?free=on"))
    assert old.hospital_id not in shown(client.get("/hospitals/?fresh=on"))
    assert without.hospital_id not in shown(client.get("/hospitals/?service=dialysis"))
    CityFactory(code="31.99")
    assert shown(client.get("/hospitals/?city=31.99")) == []
    assert shown(client.get(f"/hospitals/?q={icu.hospital.site.name[-3:].strip()}")) != []


def test_nearest_come_first_from_a_point_and_from_a_kelurahan() -> None:
    near_place, far_place = KelurahanFactory(), KelurahanFactory(latitude=-6.40)
    far = pool(hospital=HospitalFactory(site__place=far_place), staffed=30)
    near = pool(hospital=HospitalFactory(site__place=near_place))
    client = Client()
    response = client.get(f"/hospitals/?near={near_place.latitude:.3f},106.820")
    assert shown(response) == [near.hospital_id, far.hospital_id]
    assert "menit bermobil (perkiraan)" in text_of(response)
    assert shown(client.get(f"/hospitals/?from={near_place.code}")) == [near.hospital_id, far.hospital_id]


@pytest.mark.parametrize(
    "query", ["near=95.0,200.0", "near=x", "class=sultan", "sort=;drop", "page=abc", "from=99.99"]
)
def test_bad_parameters_are_named_or_ignored(query: str) -> None:
    found = pool()
    response = Client().get(f"/hospitals/?{query}")
    assert response.status_code == 200
    assert shown(response) == [found.hospital_id]


def test_file_has_one_line_for_each_hospital_and_class() -> None:
    first = pool()
    pool(hospital=first.hospital, bed_class="icu", staffed=2)
    content = b"".join(Client().get("/hospitals/?format=csv")).decode("utf-8-sig")  # type: ignore[arg-type]
    rows = list(csv.DictReader(io.StringIO(content)))
    assert [(row["Kode kelas"], row["Kosong"]) for row in rows] == [("isolation-np", "5"), ("icu", "2")]
    assert all(row["Dihitung"] for row in rows)
    assert Client().get("/hospitals/?format=csv&class=sultan").status_code == 400


def test_map_has_a_point_for_each_hospital_of_the_filtered_list() -> None:
    icu, _other = pool(bed_class="icu"), pool()
    points = Client().get("/hospitals/points.json?class=icu").json()
    assert [(each["title"], each["kind"]) for each in points] == [(icu.hospital.site.name, "good")]
    assert Client().get("/hospitals/outlines.json")["Content-Type"] == "application/geo+json"


def test_list_asks_the_same_number_of_queries_for_any_number_of_rows() -> None:
    client = Client()
    assert_same_queries(4, ask=lambda: client.get("/hospitals/"), add_row=pool)


def test_hospital_shows_its_beds_and_a_way_in_for_its_people() -> None:
    found = pool(occupied=2, others=2, reported=3, limit=3)
    address = f"/hospitals/{found.hospital_id}/"
    page = text_of(Client().get(address))
    assert "isolasi tekanan negatif" in page
    assert f"{address}desk/" not in page
    assert f"{address}desk/" in text_of(staff(found.hospital.site).get(address))
    assert Client().get("/hospitals/987654/").status_code == 404


def test_hospital_asks_the_same_number_of_queries_for_any_number_of_classes() -> None:
    hospital, classes = HospitalFactory(), iter(["icu", "isolation", "ed"])
    client = Client()
    assert_same_queries(
        4,
        ask=lambda: client.get(f"/hospitals/{hospital.pk}/"),
        add_row=lambda: pool(hospital=hospital, bed_class=next(classes)),
    )


def test_network_says_how_many_of_the_known_hospitals_are_in_it() -> None:
    pool(occupied=4, others=4, reported=1, limit=1)
    HospitalFactory(network="outside")
    page = text_of(Client().get("/hospitals/network/"))
    assert "<strong>1</strong> dari 2 rumah sakit yang dikenal" in page
    assert "80%" in page
    before = text_of(Client().get("/hospitals/network/?date=2021-06-01"))
    assert "<strong>0</strong> dari 2 rumah sakit yang dikenal" in before


@pytest.mark.parametrize("query", ["date=never", "bed=sultan", "days=999999999", "days=0", "date=9999-12-31"])
def test_network_takes_any_parameter(query: str) -> None:
    pool()
    assert Client().get(f"/hospitals/network/?{query}").status_code == 200


def test_network_asks_the_same_number_of_queries_for_any_number_of_hospitals() -> None:
    client = Client()
    assert_same_queries(8, ask=lambda: client.get("/hospitals/network/"), add_row=pool)
