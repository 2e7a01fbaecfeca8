"""Reading lists of areas: the real files, the scheme of their codes, and broken rows."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kolaborasi.common.errors import Refused
from kolaborasi.places.area_files import AreaRow, read_areas
from kolaborasi.places.errors import UnreadableFile, WrongScheme
from kolaborasi.places.rules import Scheme

Write = Callable[[str, str], Path]


@pytest.mark.parametrize(
    ("name", "scheme", "rows", "broken"),
    [
        ("kemendagri_2025_provinces.csv", Scheme.KEMENDAGRI, 38, 0),
        ("kemendagri_2025_regencies.csv", None, 514, 0),
        ("kemendagri_2025_districts.csv", None, 7285, 0),
        ("kemendagri_2025_villages.csv", None, 83762, 0),
        ("kelurahan_boundaries_2025.geojson", None, 267, 0),
        ("bps_kemendagri_regencies.csv", None, 514, 0),
        ("bps_kemendagri_districts.csv", None, 6857, 0),
        ("kelurahan_population_2019.csv", None, 267, 2),
    ],
)
def test_real_file_is_read_whole(
    shared_data: Path, name: str, scheme: Scheme | None, rows: int, broken: int
) -> None:
    areas = read_areas(shared_data / "places" / name, scheme=scheme)
    assert areas.scheme == Scheme.KEMENDAGRI
    assert (len(areas.rows), len({problem.line for problem in areas.problems})) == (rows, broken)
    assert areas.size == rows + broken


def test_population_file_of_2019_has_two_rows_that_are_no_areas(shared_data: Path) -> None:
    areas = read_areas(shared_data / "places" / "kelurahan_population_2019.csv")
    assert {(p.column, p.reason) for p in areas.problems} == {
        ("kode_desa", "“31888888” is no kemendagri code, which has 2, 4, 6, 10 digits."),
        ("desa_kelur", "is empty. Give the area a name."),
    }


def test_population_file_of_2019_is_refused_as_bps(shared_data: Path) -> None:
    with pytest.raises(WrongScheme, match="read as bps, but its codes and names only agree under kemendagri"):
        read_areas(shared_data / "places" / "kelurahan_population_2019.csv", scheme=Scheme.BPS)


def test_boundaries_give_a_point(shared_data: Path) -> None:
    areas = read_areas(shared_data / "places" / "kelurahan_boundaries_2025.geojson")
    gambir = next(row for row in areas.rows if row.code == "31.71.01.1001")
    assert gambir.latitude == pytest.approx(-6.176, abs=0.01)
    assert gambir.longitude == pytest.approx(106.819, abs=0.01)


CITIES = "kode,nama\n3171,{}\n3172,{}\n"


def test_undotted_city_codes_need_their_scheme(write: Write) -> None:
    path = write("kota.csv", CITIES.format("", ""))
    with pytest.raises(WrongScheme) as refused:
        read_areas(path)
    assert str(refused.value) == (
        "kota.csv does not say whose codes it has. 3171 is Kota Administrasi Jakarta Selatan in BPS and Kota "
        "Administrasi Jakarta Pusat in Kemendagri. Say which with --scheme (the names speak for: ?)."
    )


def test_undotted_city_codes_are_not_guessed_even_when_the_names_tell(write: Write) -> None:
    path = write("kota.csv", CITIES.format("Jakarta Selatan", "Jakarta Timur"))
    with pytest.raises(WrongScheme, match=r"Say which with --scheme \(the names speak for: bps\)"):
        read_areas(path)
    assert read_areas(path, scheme=Scheme.BPS).rows[0].code == "3171"


def test_names_that_agree_only_under_the_other_scheme_are_refused(write: Write) -> None:
    path = write("kota.csv", CITIES.format("Jakarta Selatan", "Jakarta Timur"))
    with pytest.raises(WrongScheme, match="read as kemendagri, but its codes and names only agree under bps"):
        read_areas(path, scheme=Scheme.KEMENDAGRI)


def test_seven_digits_are_bps_and_dots_are_kemendagri(write: Write) -> None:
    assert read_areas(write("a.csv", "code,name\n3173080,GAMBIR\n")).scheme == Scheme.BPS
    assert read_areas(write("b.csv", "code,name\n31.71.01,GAMBIR\n")).scheme == Scheme.KEMENDAGRI
    with pytest.raises(WrongScheme):
        read_areas(write("c.csv", "code,name\n31.71.01,GAMBIR\n"), scheme=Scheme.BPS)


def test_column_names_tell_the_scheme(write: Write) -> None:
    text = "kode_bps,nama_bps,kode_dagri,nama_dagri\n3171,JAKARTA SELATAN,3174,KOTA ADM. JAKARTA SELATAN\n"
    path = write("relasi.csv", text)
    name = "Kota Adm. Jakarta Selatan"
    assert read_areas(path).rows == [AreaRow(2, "31.74", "3171", name, None, None)]
    bps = read_areas(path, scheme=Scheme.BPS)
    assert (bps.rows[0].code, bps.rows[0].bps_code) == ("3171", "")


def test_broken_rows_are_told_with_line_column_and_reason(write: Write) -> None:
    text = (
        "code;name;lat;lon\n"
        "31.71.01;Gambir;-6,17;106,82\n"
        "31.71.02;;-6.15;106.83\n"
        "31.71.0x;Kemayoran;-6.16;106.85\n"
        "31.71.04;Senen;106.84;-6.18\n"
        "31.71.05;Cempaka Putih;selatan;106.86\n"
        "31.71.06;Menteng\n"
        "31.71.01;Gambir lagi;-6.17;106.82\n"
    )
    areas = read_areas(write("kec.csv", text))
    assert areas.rows == [AreaRow(2, "31.71.01", "", "Gambir", -6.17, 106.82)]
    assert [(p.line, p.column, p.reason) for p in sorted(areas.problems, key=lambda p: p.line)] == [
        (3, "name", "is empty. Give the area a name."),
        (4, "code", "“31.71.0x” is no kemendagri code, which has 2, 4, 6, 10 digits."),
        (5, "lat", "106.84, -6.18 is not in Indonesia. Are latitude and longitude swapped?"),
        (6, "lat", "“selatan” is not a number of degrees."),
        (7, "", "has 2 cells where the header has 4. Look for a stray delimiter."),
        (8, "", "repeats the code of line 2. Remove one of the two."),
    ]


def test_geojson_without_points_gets_the_centre_of_its_polygon(write: Write) -> None:
    square = [[[106.0, -6.0], [107.0, -6.0], [107.0, -7.0], [106.0, -7.0], [106.0, -6.0]]]
    small = [[[110.0, -6.0], [110.1, -6.0], [110.1, -6.1], [110.0, -6.0]]]
    features = [
        {"properties": {"code": "31.71.01", "name": "A"}, "geometry": {"type": "Polygon", "coordinates": square}},
        {"properties": {"code": "31.71.02", "name": "B"}, "geometry": {"type": "MultiPolygon", "coordinates": [small, square]}},
        {"properties": {"code": "31.71.03", "name": "C"}, "geometry": None},
        {"geometry": None},
    ]  # fmt: skip
    path = write("kec.geojson", json.dumps({"type": "FeatureCollection", "features": features}))
    areas = read_areas(path)
    assert [(row.latitude, row.longitude) for row in areas.rows] == [
        (-6.5, 106.5),
        (-6.5, 106.5),
        (None, None),
    ]
    assert [(p.line, p.column) for p in areas.problems] == [(4, "properties")]


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("a.csv", "", "needs a column"),
        ("a.csv", "umur,kota\n3,Jakarta\n", "needs a column “code” and a column “name”; it has: umur, kota"),
        ("a.csv", "code,name\n", "has no rows"),
        ("a.geojson", "{}", "is not a GeoJSON FeatureCollection"),
        ("a.geojson", "code,name\n", "is not a GeoJSON FeatureCollection"),
        ("a.geojson", '{"features": null}', "is not a GeoJSON FeatureCollection"),
        ("a.geojson", '{"features": {}}', "needs a column"),
        ("a.csv", "code,name\n31," + "x" * 140_000 + "\n", "cannot be read: field larger than"),
    ],
)
def test_file_of_another_kind_is_refused(write: Write, name: str, text: str, message: str) -> None:
    with pytest.raises(UnreadableFile, match=message):
        read_areas(write(name, text))


def test_file_that_is_not_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"code,name\n31,\xff\xfe\n")
    with pytest.raises(UnreadableFile, match=r"a\.csv cannot be read"):
        read_areas(path)


def test_name_that_is_none_is_told(write: Write) -> None:
    areas = read_areas(write("a.csv", f"code,name\n31.71.01,{'x' * 81}\n31.71.02,a\x00b\n31.71.03,Senen\n"))
    assert [problem.line for problem in areas.problems] == [2, 3]
    assert [row.name for row in areas.rows] == ["Senen"]


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    text=st.text(alphabet=st.sampled_from('\n,;\t"#. 0123456789codenamlt31.71,'), max_size=200),
    head=st.booleans(),
)
def test_any_text_is_read_or_refused(write: Write, text: str, head: bool) -> None:
    path = write("a.csv", f"code,name,lat,lon\n{text}" if head else text)
    with contextlib.suppress(Refused):
        areas = read_areas(path)
        assert all(row.name and row.code for row in areas.rows)
        assert len({row.code for row in areas.rows}) == len(areas.rows)
