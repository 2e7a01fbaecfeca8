"""The public numbers: rate against the yardstick, positivity by both days, turnaround; small counts hidden everywhere."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

import pytest
from django.test import Client
from django.utils.timezone import localdate

from kolaborasi.common.clock import utc_now
from kolaborasi.diagnostics import services
from kolaborasi.diagnostics.charts import Point, chart
from kolaborasi.diagnostics.models import Result
from kolaborasi.diagnostics.services import Entry
from kolaborasi.diagnostics.views.situation import TABLES
from kolaborasi.places.models import Figure, Place
from tests.diagnostics.factories import bench, collection_site, received, specimen
from tests.factories import KelurahanFactory
from tests.hospitals.pages import text_of

pytestmark = pytest.mark.django_db


def read(positive: int, negative: int, days_ago: int = 2, home: Place | None = None) -> None:
    """Results of swabs taken some days ago from people of a kelurahan, validated one day later."""
    place, taken = bench(0), utc_now() - timedelta(days=days_ago)
    later, site = taken + timedelta(days=1), collection_site()
    tubes = [specimen(site, at=taken, residence=home) for _each in range(positive + negative)]
    received(place.lab, tubes, at=taken)
    entries = [
        Entry(number, tube.label.barcode, "positive" if number < positive else "negative", later)
        for number, tube in enumerate(tubes)
    ]
    services.enter_results(lab=place.lab, entries=entries, source="hand", by=place.technician, now=later)
    services.validate_results(
        results=list(Result.objects.filter(state="proposed")), by=place.validator, now=later
    )


def rows(name: str) -> list[dict[str, str]]:
    response = Client().get(f"/diagnostics/numbers/{name}.csv")
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def people(number: int) -> None:
    Figure.objects.create(
        series="population.total",
        date=localdate() - timedelta(days=365),
        place=KelurahanFactory(),
        value=number,
        source="test",
    )


def test_page_opens_for_everybody_without_any_data() -> None:
    response = Client().get("/diagnostics/numbers/")
    assert response.status_code == 200
    assert "Belum ada data jumlah penduduk" in text_of(response)


def test_persons_tested_are_measured_against_the_yardstick() -> None:
    people(2000)
    read(positive=5, negative=5)
    last = rows("tested")[-1]
    assert (last["Orang"], last["Spesimen"], last["Per 1.000"]) == ("10", "10", "5.0")
    page = text_of(Client().get("/diagnostics/numbers/"))
    assert "2.000 penduduk" in page
    assert "<dd>5</dd>" in page


def test_positivity_belongs_to_the_day_of_collection_or_of_report_and_never_mixes() -> None:
    read(positive=5, negative=15, days_ago=3)
    swab, report = (localdate() - timedelta(days=number) for number in (3, 2))
    by_swab = {row["Hari"]: row for row in rows("positivity-collection")}
    by_report = {row["Hari"]: row for row in rows("positivity-report")}
    assert by_swab[swab.isoformat()]["Angka positif"] == "0.25"
    assert by_report[report.isoformat()]["Angka positif"] == "0.25"
    assert by_swab[report.isoformat()]["Hasil"] == "0"
    assert by_report[swab.isoformat()]["Hasil"] == "0"


def test_small_counts_are_hidden_on_the_page_and_in_the_file() -> None:
    people(2000)
    read(positive=1, negative=2)
    last = rows("tested")[-1]
    assert (last["Orang"], last["Per 1.000"]) == ("", "")
    assert all(row["Positif"] in ("", "0") for row in rows("positivity-collection"))
    assert {row["Median"] for row in rows("turnaround")} == {""}
    assert "<5" in text_of(Client().get("/diagnostics/numbers/")).replace("&lt;", "<")


def test_share_is_hidden_when_the_positives_alone_are_few() -> None:
    read(positive=1, negative=19)
    (row,) = [row for row in rows("positivity-collection") if row["Hasil"] not in ("0", "")]
    assert (row["Hasil"], row["Positif"], row["Angka positif"]) == ("20", "", "")


def test_turnaround_of_a_lab_is_from_swab_to_validation() -> None:
    read(positive=5, negative=5)
    (row,) = rows("turnaround")
    assert (row["Hasil"], row["Median"], row["Persentil ke-95"]) == ("10", "24.0", "24.0")
    kinds = {row["Jenis"]: row["Bagian"] for row in rows("kinds")}
    assert kinds["kampus"] == "1.0"


def test_positive_persons_are_counted_where_they_live_and_few_are_hidden() -> None:
    many, few, fewer = KelurahanFactory(), KelurahanFactory(), KelurahanFactory()
    read(positive=6, negative=1, home=many)
    read(positive=2, negative=1, home=few)
    read(positive=1, negative=1, home=fewer)
    counted = {row["Kode wilayah (Kemendagri)"]: row["Orang"] for row in rows("kelurahan")}
    assert counted == {many.code: "6", few.code: "", fewer.code: ""}


def test_every_table_has_a_file_and_other_names_none() -> None:
    for table in TABLES:
        assert Client().get(f"/diagnostics/numbers/{table.name}.csv").status_code == 200
    assert Client().get("/diagnostics/numbers/names.csv").status_code == 404


def test_chart_breaks_where_a_day_is_hidden_and_reaches_over_its_yardstick() -> None:
    today = localdate()
    points = [Point(today + timedelta(days=number), value) for number, value in enumerate([1, 2, None, 3, 4])]
    drawn = chart(points, guide=8)
    assert drawn is not None
    assert len(drawn.lines) == 2
    assert len(drawn.dots) == 4
    assert drawn.levels[-1][1] == 8
    assert drawn.guide == drawn.levels[-1][0]
    assert chart(points[:1]) is None
