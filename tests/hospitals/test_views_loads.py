"""Coordinators send files of beds; what became of every row is shown, and rows that waited are counted later."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from kolaborasi.hospitals import queries
from kolaborasi.hospitals.bed_files import packed, read_bed_file, unpacked
from kolaborasi.hospitals.matching import HospitalIndex
from kolaborasi.hospitals.models import BedLoad, BedPool, BedReport, HeldRow, HospitalName
from kolaborasi.places.errors import UnreadableFile
from tests.conftest import NOW
from tests.hospitals.factories import HospitalFactory, PoolFactory
from tests.hospitals.pages import dispatcher, fill, member, signed_in, staff, text_of
from tests.support import assert_same_queries

pytestmark = pytest.mark.django_db
HEAD = "registry_code,hospital,district,bed_class,staffed,occupied,observed_at"


def plain(*rows: str) -> str:
    return "\n".join([HEAD, *rows]) + "\n"


def send(client: Client, text: str | bytes, name: str = "beds.csv", **more: Any) -> Any:
    content = text.encode() if isinstance(text, str) else text
    return client.post("/hospitals/files/new/", fill(file=SimpleUploadedFile(name, content), **more))


def counted(pool: BedPool) -> tuple[int, int]:
    pool.refresh_from_db()
    return pool.staffed, pool.occupied


def row(pool: BedPool, staffed: int = 9, occupied: int = 2) -> str:
    return f"{pool.hospital.registry_code},,,{pool.bed_class},{staffed},{occupied},2021-07-13T09:55"


def test_good_file_is_loaded_and_its_report_shown() -> None:
    pool, client = PoolFactory(), dispatcher()
    answer = send(client, plain(row(pool)))
    load = BedLoad.objects.get()
    assert answer["Location"] == f"/hospitals/files/{load.pk}/"
    assert (load.file_name, load.source, load.rows, load.taken) == ("beds.csv", "file", 1, 1)
    assert counted(pool) == (9, 2)
    assert "beds.csv" in text_of(client.get(answer["Location"]))
    assert "beds.csv" in text_of(client.get("/hospitals/files/"))


def test_wrong_row_refuses_the_file_until_the_rest_is_asked_for() -> None:
    pool, other, client = PoolFactory(), PoolFactory(), dispatcher()
    text = plain(
        row(pool), row(other, 3, 4), f"{pool.hospital.registry_code},,,water-bed,1,1,2021-07-13T09:55"
    )
    refused = send(client, text)
    assert refused.status_code == 422
    page = text_of(refused)
    assert [each.line for each in refused.context["problems"]] == [3, 4]
    assert "water-bed" in page
    assert (BedLoad.objects.count(), BedReport.objects.count(), counted(pool)) == (0, 2, (5, 0))
    send(client, text, partly="on")
    load = BedLoad.objects.get()
    assert (load.rows, load.taken, [each["line"] for each in load.problems]) == (3, 1, [3, 4])
    assert (counted(pool), counted(other)) == ((9, 2), (5, 0))


def test_row_that_waited_for_a_name_is_counted_once_it_is_given() -> None:
    pool, client = PoolFactory(), dispatcher()
    text = plain(
        ",RS Sama Sekali Lain,3171,isolation-np,9,2,2021-07-13T09:55",
        ",RS Sama Sekali Lain,3171,icu,3,1,2021-07-13T09:55",
        ",RS Sama Sekali Lain,3171,hcu,3,4,2021-07-13T09:55",
    )
    send(client, text)
    send(client, text, name="again.csv")
    assert counted(pool) == (5, 0)
    asked = queries.names_in_question().get()
    assert asked.waiting == 6  # type: ignore[attr-defined]
    assert client.get(f"/hospitals/names/{asked.pk}/").status_code == 200
    client.post(f"/hospitals/names/{asked.pk}/", fill(hospital=str(pool.hospital_id)))
    assert counted(pool) == (9, 2)
    outcomes = list(HeldRow.objects.order_by("pk").values_list("outcome", flat=True))
    assert outcomes == ["counted", "counted", "refused", "repeated", "repeated", "refused"]
    first = BedLoad.objects.order_by("pk")[0]
    assert text_of(client.get(f"/hospitals/files/{first.pk}/")).count("RS Sama Sekali Lain") == 3
    send(client, plain(",RS. SAMA SEKALI LAIN,3171,isolation-np,8,2,2021-07-13T10:55"))
    assert counted(pool) == (8, 2)


def test_city_is_understood_by_code_and_by_name() -> None:
    index = HospitalIndex()
    index.add_city("3171", "31.74", "Kota Administrasi Jakarta Selatan")
    for text in ("3171", "31.74", "Jakarta Selatan", "KOTA ADM. JAKARTA SELATAN", " kota jakarta selatan "):
        assert index.city_code(text) == "3171"
    assert (index.city_code("3275"), index.city_code("Bekasi"), index.city_code("")) == ("3275", "", "")


def test_dismissed_name_stays_out_and_is_not_asked_again() -> None:
    client = dispatcher()
    text = plain(",RS Kota Lain,3171,icu,3,1,2021-07-13T09:55")
    send(client, text)
    asked = queries.names_in_question().get()
    client.post(f"/hospitals/names/{asked.pk}/dismiss/", fill())
    send(client, text, name="again.csv")
    assert list(HeldRow.objects.values_list("outcome", flat=True)) == ["dismissed", "dismissed"]
    assert not queries.names_in_question().exists()
    answer = client.post(f"/hospitals/names/{asked.pk}/", fill(hospital=str(HospitalFactory().pk)))
    assert (answer.status_code, HospitalName.objects.count()) == (422, 0)


def test_message_of_the_national_api_is_loaded_for_the_hospital_chosen() -> None:
    pool, client = PoolFactory(), dispatcher()
    room = {"id_tt": "28", "jumlah": "10", "terpakai": "7", "tglupdate": "2021-07-13 09:00:00"}
    text = json.dumps({"fasyankes": [room]})
    assert send(client, text, name="rooms.json").status_code == 422
    assert BedLoad.objects.count() == 0
    send(client, text, name="rooms.json", hospital=pool.hospital.registry_code)
    assert counted(pool) == (10, 7)
    both = {
        "hospitals": [
            {
                "kode_rs": pool.hospital.registry_code,
                "data": [{**room, "jumlah": 11, "tglupdate": "2021-07-13 10:00:00"}],
            }
        ]
    }
    send(client, json.dumps(both), name="all.json")
    assert counted(pool) == (11, 7)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x00\x01\x02",
        b"PK\x03\x04" + b"\x9c" * 90,
        b"a,b\n1,2\n",
        b"[",
        b'{"fasyankes": []}',
        b"[" * 100_000,
    ]
    + [f"{HEAD}\n".encode(), f"{HEAD}\n{'x' * 140_000},,,icu,1,1,2021-07-13".encode()],
)
def test_file_that_is_none_is_refused_and_stores_nothing(content: bytes) -> None:
    PoolFactory()
    assert send(dispatcher(), content).status_code == 422
    assert (BedLoad.objects.count(), BedReport.objects.count()) == (0, 1)


@pytest.mark.parametrize(
    "cells",
    [
        "icu,1e3,1,2021-07-13",
        "icu,99999999999,1,2021-07-13",
        "icu,1,-1,2021-07-13",
        "icu,1,1,0001-01-01",
        "icu,1,1,9999-12-31T23:59",
        "icu,1,1,kemarin",
    ],
)
def test_impossible_cell_is_reported_and_the_rest_taken(cells: str) -> None:
    pool = PoolFactory()
    client = dispatcher()
    send(client, plain(f"{pool.hospital.registry_code},,,{cells}", row(pool)), partly="on")
    load = BedLoad.objects.get()
    assert ([each["line"] for each in load.problems], load.taken) == ([2], 1)


@pytest.mark.parametrize("text", ["999999999999 bulan", "1" * 5000 + " jam"])
def test_age_beyond_all_time_is_reported(text: str) -> None:
    head = "hospital,district,bed_availability,queue,last_update,scraped_at"
    content = f"{head}\nRS Contoh,3171,Penuh,tanpa antrian,{text},2021-07-13 10:00:00\n".encode()
    read, source = read_bed_file(content, name="x.csv", read_at=NOW)
    assert (source, len(read.rows), [each.line for each in read.problems]) == ("siranap", 0, [2])


def test_row_that_waits_is_packed_and_unpacked_the_same(shared_data: Path) -> None:
    content = (shared_data / "beds" / "siranap" / "covid_bed_data_all_0805.csv").read_bytes()
    read, _source = read_bed_file(content, name="x.csv", read_at=NOW)
    assert len(read.rows) > 50
    for each in read.rows:
        assert unpacked(json.loads(json.dumps(packed(each.seen)))) == each.seen


def test_larger_file_than_is_read_is_refused() -> None:
    with pytest.raises(UnreadableFile):
        read_bed_file(b"a" * 2_000_001, name="x.csv", read_at=NOW)


def test_files_are_for_coordinators_of_the_whole_city() -> None:
    pool = PoolFactory()
    area = signed_in(member("coordinator", place=pool.hospital.site.place))
    for client in (staff(pool.hospital.site, "partner_admin"), area):
        assert client.get("/hospitals/files/").status_code == 403
        assert client.get("/hospitals/files/new/").status_code == 403
        assert send(client, plain(row(pool))).status_code == 403
        assert "/hospitals/files/" not in text_of(client.get("/hospitals/"))
    assert (BedLoad.objects.count(), counted(pool)) == (0, (5, 0))
    assert Client().get("/hospitals/files/").status_code == 302


def test_form_sent_twice_loads_the_file_once() -> None:
    pool, client = PoolFactory(), dispatcher()
    form = fill()
    for _time in range(2):
        file = SimpleUploadedFile("beds.csv", plain(row(pool)).encode())
        assert client.post("/hospitals/files/new/", {**form, "file": file}).status_code == 302
    assert BedLoad.objects.count() == 1


def test_list_of_files_asks_the_same_number_of_queries_for_any_number_of_rows() -> None:
    client = dispatcher()

    def add() -> None:
        BedLoad.objects.create(
            file_name="a.csv", source="file", loaded_at=NOW, rows=1, taken=1, repeated=0, silent=0
        )

    assert_same_queries(5, ask=lambda: client.get("/hospitals/files/"), add_row=add)
