"""The verbs: loading areas, importing counts, loading Jakarta, RW; also refused and repeated."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from kolaborasi.audit.models import AuditEntry
from kolaborasi.common.actors import Actor, Role
from kolaborasi.common.errors import NotPermitted
from kolaborasi.events.models import Event
from kolaborasi.places import facts
from kolaborasi.places.errors import BrokenRows, UnknownArea, WrongScheme
from kolaborasi.places.models import Figure, Place, PlaceCode
from kolaborasi.places.rules import BadCode, Kind, Scheme
from kolaborasi.places.services import ensure_rw, ensure_rws, import_counts, load_areas, load_jakarta

pytestmark = pytest.mark.django_db
Write = Callable[[str, str], Path]
JUNE = "Standar Kelurahan Data Corona (30 Juni 2021 Pukul 10.00)"


def _counts() -> tuple[int, int, int, int]:
    return (
        Place.objects.count(),
        PlaceCode.objects.count(),
        Figure.objects.count(),
        AuditEntry.objects.count(),
    )


def test_load_jakarta_loads_areas_codes_and_figures(loader: Actor, now: datetime) -> None:
    report = load_jakarta(by=loader, now=now)
    assert (report.created, report.updated, report.unchanged) == (318, 0, 0)
    kinds = {kind: Place.objects.filter(kind=kind).count() for kind in Kind}
    assert kinds == {Kind.PROVINCE: 1, Kind.CITY: 6, Kind.KECAMATAN: 44, Kind.KELURAHAN: 267, Kind.RW: 0}
    # Two codes each; three figures of people for each kelurahan, five of cases for 267 + 2 buckets + the total, 153 days.
    assert _counts() == (318, 636, 3 * 267 + 5 * 270 + 153, 1)
    entry = AuditEntry.objects.get()
    assert (entry.verb, entry.actor) == ("places.load_jakarta", "system:test")
    assert Event.objects.filter(name="places.areas_loaded").count() == 1


def test_load_jakarta_again_changes_nothing(jakarta: None, loader: Actor, now: datetime) -> None:
    before = list(Place.objects.values_list()), list(Figure.objects.order_by("id").values_list())
    report = load_jakarta(by=loader, now=now)
    assert (report.created, report.updated, report.unchanged) == (0, 0, 318)
    assert (list(Place.objects.values_list()), list(Figure.objects.order_by("id").values_list())) == before


def test_load_jakarta_is_set_based_and_takes_less_than_three_seconds(loader: Actor, now: datetime) -> None:
    started = time.perf_counter()
    with CaptureQueriesContext(
        connection,
    ) as queries:
        load_jakarta(by=loader, now=now)
    assert time.perf_counter() - started < 3
    # Savepoint and its release, lock, known places, one insert for each of four levels, codes, figures, audit, event.
    assert len(queries) == 12


def test_load_jakarta_repairs_a_changed_name(jakarta: None, loader: Actor, now: datetime) -> None:
    Place.objects.filter(code="31.71.01").update(name="Gembir", search_name="GEMBIR")
    report = load_jakarta(by=loader, now=now)
    assert (report.created, report.updated) == (0, 1)
    assert Place.objects.get(code="31.71.01").name == "Gambir"


@pytest.mark.parametrize(
    "actor",
    [
        Actor.visitor(),
        Actor.user(7),
        Actor.user(7, (Role("verifier"),)),
        Actor.user(7, (Role("coordinator", place_code="31.71"),)),
    ],
)
def test_loading_is_denied_and_nothing_changes(actor: Actor, now: datetime, write: Write) -> None:
    areas, counts = (
        write("a.csv", "code,name\n31,DKI\n"),
        write("30 Juni 2021.csv", "KELURAHAN,POSITIF\nGAMBIR,1\n"),
    )
    for verb in (
        lambda: load_jakarta(by=actor, now=now),
        lambda: load_areas(path=areas, by=actor, now=now),
        lambda: import_counts(path=counts, by=actor, now=now),
    ):
        with pytest.raises(NotPermitted):
            verb()
    assert _counts() == (0, 0, 0, 0)


def test_coordinator_of_the_city_may_load(now: datetime) -> None:
    load_jakarta(by=Actor.user(7, (Role("coordinator"),)), now=now)
    assert AuditEntry.objects.get().actor == "user:7"


def test_load_areas_from_the_real_boundaries(
    jakarta: None, loader: Actor, now: datetime, shared_data: Path
) -> None:
    path = shared_data / "places" / "kelurahan_boundaries_2025.geojson"
    report = load_areas(path=path, by=loader, now=now)
    assert (report.read, report.created, report.skipped) == (267, 0, [])
    # Facts move eight points that lie in the sea, and round the others to six decimals.
    assert report.updated == 267
    assert load_areas(path=path, by=loader, now=now).unchanged == 267


def test_load_areas_builds_indonesia_down_to_the_district(
    loader: Actor, now: datetime, shared_data: Path
) -> None:
    folder = shared_data / "places"
    load_areas(path=folder / "kemendagri_2025_provinces.csv", by=loader, now=now, scheme=Scheme.KEMENDAGRI)
    load_areas(path=folder / "kemendagri_2025_regencies.csv", by=loader, now=now)
    report = load_areas(path=folder / "kemendagri_2025_districts.csv", by=loader, now=now)
    assert report.created == 7285
    assert Place.objects.count() == 38 + 514 + 7285
    assert Place.objects.get(code="31.71.01").parent.name == "Kota Administrasi Jakarta Pusat"
    assert PlaceCode.objects.filter(scheme=Scheme.KEMENDAGRI).count() == 38 + 514 + 7285


def test_load_areas_with_broken_rows_loads_nothing(
    jakarta: None, loader: Actor, now: datetime, shared_data: Path
) -> None:
    before = _counts()
    with pytest.raises(BrokenRows) as refused:
        load_areas(path=shared_data / "places" / "bps_kemendagri_districts.csv", by=loader, now=now)
    assert len(refused.value.problems) == 6857 - 44
    assert refused.value.problems[0].line == 2
    assert refused.value.problems[0].reason == "lies in 11.09, which is not known. Load that area first."
    assert str(refused.value).startswith("6813 of 6857 rows are broken; nothing was loaded.")
    assert _counts() == before


def test_load_areas_skips_broken_rows_when_told(
    jakarta: None, loader: Actor, now: datetime, shared_data: Path
) -> None:
    path = shared_data / "places" / "bps_kemendagri_districts.csv"
    report = load_areas(path=path, by=loader, now=now, skip_bad=True)
    assert (report.created, report.updated + report.unchanged, len(report.skipped)) == (0, 44, 6813)
    assert Place.objects.get(code="31.74.02").name == "Setiabudi"


def test_load_areas_dry_run_writes_nothing(loader: Actor, now: datetime, shared_data: Path) -> None:
    path = shared_data / "places" / "kemendagri_2025_provinces.csv"
    report = load_areas(path=path, by=loader, now=now, scheme=Scheme.KEMENDAGRI, dry_run=True)
    assert report.created == 38
    assert _counts() == (0, 0, 0, 0)


def test_load_areas_keeps_the_spelling_and_point_that_a_file_does_not_change(
    jakarta: None, loader: Actor, now: datetime, write: Write
) -> None:
    before = Place.objects.get(code="31.71.01")
    report = load_areas(path=write("a.csv", "code,name\n31.71.01,GAMBIR\n"), by=loader, now=now)
    after = Place.objects.get(code="31.71.01")
    assert report.unchanged == 1
    assert (after.name, after.latitude, after.longitude) == ("Gambir", before.latitude, before.longitude)


def test_load_areas_attaches_bps_codes_by_name_below_the_area_above(
    jakarta: None, loader: Actor, now: datetime
) -> None:
    PlaceCode.objects.filter(scheme=Scheme.BPS, place__kind=Kind.KELURAHAN).delete()
    path = Path(facts.__file__).parent / "bps_kelurahan.csv"
    with pytest.raises(WrongScheme):
        load_areas(path=path, by=loader, now=now, scheme=Scheme.KEMENDAGRI)
    report = load_areas(path=path, by=loader, now=now, scheme=Scheme.BPS)
    assert (report.read, report.created, report.skipped) == (267, 0, [])
    loaded = dict(PlaceCode.objects.filter(scheme=Scheme.BPS).values_list("place__code", "code"))
    assert loaded == {place.code: place.bps_code for place in facts.jakarta_places()}


def test_load_areas_refuses_bps_rows_it_cannot_place(
    jakarta: None, loader: Actor, now: datetime, write: Write
) -> None:
    before = _counts()
    text = "bps_code,name\n3173080,Menteng\n3173080009,Kota Baru\n3273080,Coblong\n3173080003,Gambir\n"
    with pytest.raises(BrokenRows) as refused:
        load_areas(path=write("bps.csv", text), by=loader, now=now, scheme=Scheme.BPS)
    assert [(p.line, p.reason) for p in refused.value.problems] == [
        (2, "the BPS code 3173080 is Gambir, but the row says “Menteng”. Correct one."),
        (3, "no area called “Kota Baru” is known in Gambir. Load it with its Kemendagri code first."),
        (4, "lies in the BPS area 3273, which is not known. Load it first."),
    ]
    assert _counts() == before


def test_load_areas_refuses_a_bps_code_of_another_area(
    jakarta: None, loader: Actor, now: datetime, write: Write
) -> None:
    path = write("a.csv", "code,name,bps_code\n31.71.02,Sawah Besar,3173080\n")
    with pytest.raises(BrokenRows) as refused:
        load_areas(path=path, by=loader, now=now)
    assert (
        refused.value.problems[0].reason == "the BPS code 3173080 belongs to 31.71.01 already. Correct one."
    )


def test_import_counts_of_30_june_equals_the_facts(
    jakarta: None, loader: Actor, now: datetime, shared_data: Path
) -> None:
    shipped = set(Figure.objects.filter(source=JUNE).values_list("place__code", "bucket", "series", "value"))
    report = import_counts(path=shared_data / "covid" / f"{JUNE}.xlsx", by=loader, now=now)
    assert (report.places, report.buckets, report.totals) == (267 + 44, 4, 2)
    # 27 series of the total; 5 of each kelurahan, kecamatan and bucket.
    assert report.figures == 27 + 5 * (267 + 44 + 2)
    imported = set(Figure.objects.filter(source=JUNE).values_list("place__code", "bucket", "series", "value"))
    assert shipped < imported
    assert len(imported) == report.figures
    assert (report.disagreements, report.skipped) == ([], [])
    assert AuditEntry.objects.filter(verb="places.import_counts").count() == 1


def test_import_counts_loads_every_workbook(
    jakarta: None, loader: Actor, now: datetime, shared_data: Path
) -> None:
    books = sorted([*shared_data.glob("covid/*.xlsx"), *shared_data.glob("vaccination/*.xlsx")])
    assert len(books) == 7
    reports = [import_counts(path=book, by=loader, now=now) for book in books]
    assert [report.skipped for report in reports] == [[]] * 7
    doses = Figure.objects.filter(series="vaccination.dose1.total", date=date(2021, 11, 30))
    assert doses.get(place__code="31").value == 7_217_390
    assert sum(doses.filter(place__kind=Kind.KELURAHAN).values_list("value", flat=True)) == 7_217_390
    outside = Figure.objects.get(
        series="covid.confirmed.cumulative", date=date(2021, 2, 28), bucket="LUAR DKI JAKARTA"
    )
    assert outside.value == 24_384


def test_import_counts_again_writes_the_same_figures(
    jakarta: None, loader: Actor, now: datetime, shared_data: Path
) -> None:
    path = shared_data / "covid" / f"{JUNE}.xlsx"
    import_counts(path=path, by=loader, now=now)
    before = set(Figure.objects.values_list("place", "bucket", "series", "date", "value", "source"))
    import_counts(path=path, by=loader, now=now)
    assert set(Figure.objects.values_list("place", "bucket", "series", "date", "value", "source")) == before


GOOD = (
    "ID_KEL,nama_kecamatan,nama_kelurahan,POSITIF\n3171011001,GAMBIR,GAMBIR,{}\n3171011002,GAMBIR,CIDENG,7\n"
)


def test_import_counts_of_a_corrected_file_corrects_the_figure(
    jakarta: None, loader: Actor, now: datetime, write: Write
) -> None:
    for value in (5, 6):
        import_counts(path=write("kasus 1 Juli 2021.csv", GOOD.format(value)), by=loader, now=now)
    figures = Figure.objects.filter(date=date(2021, 7, 1), place__code="31.71.01.1001")
    assert list(figures.values_list("series", "value", "source")) == [
        ("covid.confirmed.cumulative", 6, "kasus 1 Juli 2021")
    ]


def test_import_counts_with_a_broken_row_imports_nothing_unless_told(
    jakarta: None, loader: Actor, now: datetime, write: Write
) -> None:
    before = _counts()
    path = write("kasus 1 Juli 2021.csv", GOOD.format("lima"))
    with pytest.raises(BrokenRows) as refused:
        import_counts(path=path, by=loader, now=now)
    assert [(p.line, p.column) for p in refused.value.problems] == [(2, "POSITIF")]
    assert str(refused.value).startswith("1 of 2 rows are broken")
    assert _counts() == before
    report = import_counts(path=path, by=loader, now=now, skip_bad=True)
    assert (report.figures, len(report.skipped)) == (1, 1)


def test_import_counts_dry_run_writes_nothing(
    jakarta: None, loader: Actor, now: datetime, write: Write
) -> None:
    before = _counts()
    path = write("kasus 1 Juli 2021.csv", GOOD.format(5))
    assert import_counts(path=path, by=loader, now=now, dry_run=True).figures == 2
    assert _counts() == before


def test_import_counts_of_bps_codes_is_refused_until_told(
    jakarta: None, loader: Actor, now: datetime, write: Write
) -> None:
    before = _counts()
    text = "ID_KEL,nama_kelurahan,POSITIF\n3173080003,GAMBIR,5\n3173080001,CIDENG,7\n"
    path = write("kasus 1 Juli 2021.csv", text)
    with pytest.raises(WrongScheme, match=r"only agree under bps\. Say --scheme bps"):
        import_counts(path=path, by=loader, now=now)
    assert _counts() == before
    import_counts(path=path, by=loader, now=now, scheme=Scheme.BPS)
    figures = Figure.objects.filter(source="kasus 1 Juli 2021").values_list("place__code", "value")
    assert sorted(figures) == [("31.71.01.1001", 5), ("31.71.01.1002", 7)]


def test_import_counts_before_any_area_is_refused(loader: Actor, now: datetime, write: Write) -> None:
    with pytest.raises(UnknownArea, match="Load them first"):
        import_counts(path=write("kasus 1 Juli 2021.csv", GOOD.format(5)), by=loader, now=now)
    assert _counts() == (0, 0, 0, 0)


def test_ensure_rw_makes_it_once(jakarta: None, loader: Actor, now: datetime) -> None:
    kelurahan = Place.objects.get(code="31.71.01.1001")
    first = ensure_rw(kelurahan=kelurahan, number=12, by=loader, now=now)
    second = ensure_rw(kelurahan=kelurahan, number=12, by=loader, now=now)
    assert first.pk == second.pk
    assert (first.code, first.name, first.kind, first.parent_id) == (
        "31.71.01.1001/012",
        "RW 012",
        Kind.RW,
        kelurahan.pk,
    )
    assert (first.latitude, first.longitude) == (kelurahan.latitude, kelurahan.longitude)
    assert list(first.codes.values_list("scheme", "code")) == [("rw", "31.71.01.1001/012")]
    assert AuditEntry.objects.filter(verb="places.ensure_rw").count() == 1


def test_ensure_rws_is_set_based(jakarta: None, loader: Actor, now: datetime) -> None:
    numbers = {place.code: range(1, 11) for place in facts.jakarta_places() if place.kind == "kelurahan"}
    with CaptureQueriesContext(connection) as queries:
        made = ensure_rws(numbers=numbers, by=loader, now=now)
    assert len(made) == 2670
    assert len(queries) == 10
    assert Place.objects.filter(kind=Kind.RW).count() == 2670


def test_ensure_rw_refuses_impossible_numbers_and_places(jakarta: None, loader: Actor, now: datetime) -> None:
    before = _counts()
    with pytest.raises(BadCode):
        ensure_rw(kelurahan=Place.objects.get(code="31.71.01.1001"), number=0, by=loader, now=now)
    with pytest.raises(BadCode):
        ensure_rw(kelurahan=Place.objects.get(code="31.71.01"), number=1, by=loader, now=now)
    with pytest.raises(UnknownArea):
        ensure_rws(numbers={"31.71.01.1099": [1]}, by=loader, now=now)
    with pytest.raises(NotPermitted):
        ensure_rws(numbers={"31.71.01.1001": [1]}, by=Actor.visitor(), now=now)
    assert _counts() == before


def test_code_may_be_of_two_places_only_in_two_schemes(jakarta: None) -> None:
    pusat, selatan = Place.objects.get(code="31.71"), Place.objects.get(code="31.74")
    assert PlaceCode.objects.get(scheme=Scheme.BPS, code="3171").place == selatan
    assert PlaceCode.objects.get(scheme=Scheme.KEMENDAGRI, code="31.71").place == pusat
    with (
        pytest.raises(IntegrityError, match=r"place_one_code_per_scheme|place_code_once_per_scheme"),
        transaction.atomic(),
    ):
        PlaceCode.objects.create(place=pusat, scheme=Scheme.BPS, code="3171")


def test_figure_needs_a_place_or_a_bucket_and_is_kept_once(jakarta: None) -> None:
    place = Place.objects.get(code="31")
    day = date(2021, 7, 1)
    common = {"series": "x", "date": day, "value": 1, "source": "s"}
    for wrong in ({"place": None, "bucket": ""}, {"place": place, "bucket": "LUAR"}):
        with pytest.raises(IntegrityError, match="figure_of_place_or_bucket"), transaction.atomic():
            Figure.objects.create(**wrong, **common)
    Figure.objects.create(bucket="LUAR", **common)
    with (
        pytest.raises(IntegrityError, match="figure_once_per_place_series_date_source"),
        transaction.atomic(),
    ):
        Figure.objects.create(bucket="LUAR", **common)
