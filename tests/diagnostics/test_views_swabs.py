"""The page that takes a list of swabs in: all rows, none, or the good ones, and each wrong row named."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils.timezone import localtime

from kolaborasi.common.clock import utc_now
from kolaborasi.diagnostics import services
from kolaborasi.diagnostics.instruments.swabs import read_swabs
from kolaborasi.diagnostics.models import Order, Specimen
from kolaborasi.diagnostics.views import swabs as page
from kolaborasi.partners.models import Site
from kolaborasi.people.models import Person
from tests.diagnostics.factories import SYSTEM, collection_site
from tests.factories import KelurahanFactory
from tests.hospitals.pages import fill, member, signed_in, staff, text_of
from tests.vaccination.test_imports import workbook

pytestmark = pytest.mark.django_db
HEADINGS = ["Kode Batang", "Nama", "Tanggal Lahir", "Jenis Kelamin", "Alasan", "Jenis Spesimen"]
HEADINGS += ["Waktu Pengambilan", "NIK", "Telepon", "Kode Kelurahan"]


def address(site: Site) -> str:
    return f"/diagnostics/sites/{site.pk}/swabs/"


def rows(site: Site, *kinds: str, residence: str = "") -> list[list[Any]]:
    """People swabbed an hour ago, one for each kind of specimen."""
    labels = services.issue_labels(site=site, number=len(kinds), by=SYSTEM, now=utc_now())
    at = localtime(utc_now() - timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M")
    return [
        [label.barcode, f"Warga Contoh {number}", "1990-07-01", "perempuan", "screening", kind, at]
        + ["", f"0812000000{number:02}", residence]
        for number, (label, kind) in enumerate(zip(labels, kinds, strict=True))
    ]


def sent(content: bytes, name: str = "swab.xlsx", **more: str) -> dict[str, Any]:
    return fill(file=SimpleUploadedFile(name, content), **more)


def csv_of(lines: list[list[Any]]) -> bytes:
    return "\n".join(";".join(str(cell) for cell in cells) for cells in lines).encode()


def nothing_written() -> bool:
    return not (Specimen.objects.exists() or Order.objects.exists())


def test_list_is_closed_to_others_and_nothing_is_written() -> None:
    site = collection_site()
    content = csv_of([HEADINGS, *rows(site, "np-swab")])
    for stranger in (staff(collection_site()), signed_in(member("courier"))):
        assert stranger.get(address(site)).status_code == 403
        assert stranger.post(address(site), sent(content, "swab.csv")).status_code == 403
    assert nothing_written()


def test_spreadsheet_with_a_title_above_its_headings_is_taken_in_once() -> None:
    site, home = collection_site(), KelurahanFactory()
    client = staff(site)
    assert address(site) in text_of(client.get(f"/diagnostics/sites/{site.pk}/"))
    content = workbook([["Tes massal"], HEADINGS, *rows(site, "np-swab", "saliva", residence=home.code)])
    form = sent(content)
    key = form["idempotency_key"]
    taken = client.post(address(site), form)
    assert (taken.status_code, taken["Location"]) == (302, address(site))
    again = client.post(address(site), sent(content, idempotency_key=key))
    assert again.status_code == 302
    assert sorted(Specimen.objects.values_list("kind", flat=True)) == ["np-swab", "saliva"]
    assert {order.residence_id for order in Order.objects.all()} == {home.pk}


def test_wrong_rows_are_named_and_refuse_all_until_the_good_ones_are_asked_for() -> None:
    site = collection_site()
    client = staff(site)
    good, strange, nowhere = rows(site, "np-swab", "blood", "np-swab")
    nowhere[-1] = "99.99.99.9999"
    content = csv_of([HEADINGS, good, strange, nowhere])
    refused = client.post(address(site), sent(content, "swab.csv"))
    assert refused.status_code == 422
    assert [row["row"] for row in refused.context["details"]["rows"]] == [3, 4]
    assert "99.99.99.9999" in text_of(refused)
    assert "np-swab, op-swab, np-op-swab, saliva, sputum" in refused.context["details"]["rows"][0]["message"]
    assert nothing_written()
    taken = client.post(address(site), sent(content, "swab.csv", partly="on"))
    assert taken.status_code == 302
    assert Specimen.objects.get().label.barcode == good[0]
    report = client.get(address(site))
    assert report.context["done"]["specimens"] == 1
    assert [row["row"] for row in report.context["done"]["refused"]] == [3, 4]
    assert client.get(address(site)).context["done"] is None
    assert Person.objects.count() == Order.objects.count() + 1  # the account that is signed in


def test_what_is_no_list_is_refused_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    site = collection_site()
    client = staff(site)
    for content, name in ((b"no workbook", "swab.xlsx"), (b"a,b\n1,2\n", "swab.csv"), (b"\xff\xfe", "x.csv")):
        assert client.post(address(site), sent(content, name)).status_code == 422
    empty = client.post(address(site), sent(csv_of([HEADINGS]), "swab.csv"))
    assert empty.status_code == 422
    monkeypatch.setattr(page, "MOST_SWABS", 1)
    long = csv_of([HEADINGS, *rows(site, "np-swab", "np-swab")])
    assert client.post(address(site), sent(long, "swab.csv", partly="on")).status_code == 422
    assert nothing_written()


def test_numbers_of_a_spreadsheet_are_read_as_text_and_a_rounded_nik_refused() -> None:
    site = collection_site()
    first, second = rows(site, "np-swab", "np-swab")
    first[7], second[7] = 3171014107900001, 3171014107900000
    swabs, wrong = read_swabs(workbook([HEADINGS, first, second]), name="swab.xlsx", site=site)
    assert [(each.row, each.subject.nik, each.subject.birth_date) for each in swabs] == [
        (2, "3171014107900001", date(1990, 7, 1))
    ]
    assert [row["row"] for row in wrong] == [3]
    assert "3171014107900000" not in str(wrong)
