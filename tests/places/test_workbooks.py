"""Reading and matching workbooks of counts: the real files whole, and every way such files are broken."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kolaborasi.places import facts
from kolaborasi.places.errors import UnreadableFile
from kolaborasi.places.matching import (
    MatchedSheet,
    PlaceIndex,
    Target,
    disagreements,
    match_sheet,
    series_without_parts,
)
from kolaborasi.places.rules import Kind, Scheme
from kolaborasi.places.series import clean_heading, columns_of
from kolaborasi.places.workbooks import (
    CountsFile,
    CountSheet,
    date_in_name,
    read_counts,
    read_sheet,
    whole_number,
)

HEADER = [
    "ID_KEL",
    "nama_kota",
    "nama_kecamatan",
    "nama_kelurahan",
    "POSITIF",
    "Dirawat",
    "Sembuh",
    "Meninggal",
    "Self Isolation",
]
GAMBIR = ["3171011001", "JAKARTA PUSAT", "GAMBIR", "GAMBIR", 10.0, 1.0, 2.0, 3.0, 4.0]
CIDENG = [3171011002.0, "JAKARTA PUSAT", "GAMBIR", "CIDENG", 20.0, 5.0, 5.0, 5.0, 5.0]


def _sheet(*rows: Sequence[object]) -> CountSheet:
    sheet = read_sheet("data", rows)
    assert sheet is not None
    return sheet


def _match(index: PlaceIndex, *rows: Sequence[object], scheme: Scheme = Scheme.KEMENDAGRI) -> MatchedSheet:
    return match_sheet(index, _sheet(*rows), scheme)


def _matched(index: PlaceIndex, counts: CountsFile) -> list[MatchedSheet]:
    return [match_sheet(index, sheet, Scheme.KEMENDAGRI) for sheet in counts.sheets]


COVID_TOTALS = {
    "Standar Kelurahan Data Corona (28 Februari 2021 Pukul 10.00)": (
        date(2021, 2, 28),
        339_735,
        5_940,
        717_950,
    ),
    "Standar Kelurahan Data Corona (31 Mei 2021 Pukul 10.00)": (date(2021, 5, 31), 430_059, 5_241, 1_046_118),
    "Standar Kelurahan Data Corona (30 Juni 2021 Pukul 10.00)": (
        date(2021, 6, 30),
        543_468,
        47_829,
        1_216_217,
    ),
}


@pytest.mark.parametrize("name", COVID_TOTALS)
def test_covid_workbook_loads_without_a_lost_row(
    shared_data: Path, jakarta_index: PlaceIndex, name: str
) -> None:
    when, confirmed, isolated, suspect = COVID_TOTALS[name]
    counts = read_counts(shared_data / "covid" / f"{name}.xlsx")
    kelurahan, kecamatan = _matched(jakarta_index, counts)
    assert counts.as_of == when
    assert [len(m.rows) for m in (kelurahan, kecamatan)] == [269, 46]
    assert [m.problems for m in (kelurahan, kecamatan)] == [[], []]
    assert {t.bucket for t, _row in kelurahan.rows if t.code is None} == {
        "LUAR DKI JAKARTA",
        "PROSES UPDATE DATA",
    }
    assert len({t.code for t, _row in kelurahan.rows if t.code}) == 267
    total = kelurahan.sheet.totals[0].values
    assert (total["covid.confirmed.cumulative"], total["covid.selfisolation"]) == (confirmed, isolated)
    assert total["covid.suspect.cumulative"] == suspect
    for series in ("covid.confirmed.cumulative", "covid.selfisolation", "covid.died"):
        assert sum(row.values[series] for _target, row in kelurahan.rows) == total[series]
    assert list(disagreements([kelurahan, kecamatan])) == []


def test_covid_workbook_tells_the_series_that_only_have_a_total(
    shared_data: Path, jakarta_index: PlaceIndex
) -> None:
    counts = read_counts(
        shared_data / "covid" / "Standar Kelurahan Data Corona (30 Juni 2021 Pukul 10.00).xlsx"
    )
    kelurahan = _matched(jakarta_index, counts)[0]
    alone = series_without_parts(kelurahan)
    assert len(alone) == 22
    assert {series.split(".")[1] for series in alone} == {
        "suspect",
        "probable",
        "traveller",
        "contact",
        "discarded",
    }
    assert [review.split("“")[1].split("”")[0] for review in kelurahan.reviews] == [
        "HALIM PERDANA KUSUMAH",
        "KAMPUNG TENGAH",
        "KERENDANG",
    ]


VACCINATION_TOTALS = {
    "Data Vaksinasi Berbasis Kelurahan (31 Juli 2021)": (date(2021, 7, 31), 4_499_710, 1_663_218, 4),
    "Data Vaksinasi Berbasis Kelurahan (31 Agustus 2021)": (date(2021, 8, 31), 5_663_727, 3_412_906, 0),
    "Data Vaksinasi Berbasis Kelurahan (30 September 2021)": (date(2021, 9, 30), 6_705_439, 5_171_697, 0),
    "Data Vaksinasi Berbasis Kelurahan (30 November 2021)": (date(2021, 11, 30), 7_217_390, 6_172_636, 0),
}


@pytest.mark.parametrize("name", VACCINATION_TOTALS)
def test_vaccination_workbook_loads_without_a_lost_row(
    shared_data: Path, jakarta_index: PlaceIndex, name: str
) -> None:
    when, first, second, disagreeing = VACCINATION_TOTALS[name]
    counts = read_counts(shared_data / "vaccination" / f"{name}.xlsx")
    sheets = _matched(jakarta_index, counts)
    assert counts.as_of == when
    assert [len(m.rows) for m in sheets] == [267, 44]
    assert [m.problems for m in sheets] == [[], []]
    assert all(column.known for m in sheets for column in m.sheet.columns)
    assert [len(m.sheet.columns) for m in sheets] == [23, 23]
    total = sheets[0].sheet.totals[0].values
    assert (total["vaccination.dose1.total"], total["vaccination.dose2.total"]) == (first, second)
    assert total["vaccination.target"] == 8_941_211
    for series, value in total.items():
        assert sum(row.values[series] for _target, row in sheets[0].rows) == value
    assert len(list(disagreements(sheets))) == disagreeing


def test_vaccination_workbook_of_july_has_two_targets_exchanged(
    shared_data: Path, jakarta_index: PlaceIndex
) -> None:
    counts = read_counts(
        shared_data / "vaccination" / "Data Vaksinasi Berbasis Kelurahan (31 Juli 2021).xlsx"
    )
    found = [d for d in disagreements(_matched(jakarta_index, counts)) if d.series == "vaccination.target"]
    assert [(d.where, d.published, d.counted) for d in found] == [
        ("Data Kecamatan, SAWAH BESAR", 102_381, 104_180),
        ("Data Kecamatan, SENEN", 104_180, 102_381),
    ]


def test_headings_that_repeat_belong_to_the_status_on_their_left() -> None:
    headings = ["KELURAHAN", "SUSPEK", "PERAWATAN RS", "ISOLASI DI RUMAH", "POSITIF", "DIRAWAT", "MENINGGAL"]
    assert [column.series for column in columns_of(headings, 1)] == [
        "covid.suspect.cumulative",
        "covid.suspect.hospitalised",
        "covid.suspect.isolated",
        "covid.confirmed.cumulative",
        "covid.hospitalised",
        "covid.died",
    ]


def test_headings_with_line_breaks_a_new_dose_and_a_new_group() -> None:
    headings = [
        clean_heading(h)
        for h in ("KELURAHAN", "JUMLAH\nDOSIS 3", "LANSIA TOTAL \nVAKSIN DIBERIKAN", "IBU HAMIL\nDOSIS 1")
    ]
    columns = columns_of(headings, 1)
    assert [(c.series, c.known) for c in columns] == [
        ("vaccination.dose3.total", True),
        ("vaccination.doses.elderly", True),
        ("vaccination.dose1.ibu_hamil", False),
    ]


def test_heading_without_a_word_for_it_is_kept_under_its_own_name() -> None:
    columns = columns_of(["KELURAHAN", "ANTIGEN (+)", "ANTIGEN +"], 1)
    assert [(c.series, c.known) for c in columns] == [("other.antigen", False), ("other.antigen.2", False)]


def test_header_may_stand_below_a_title_and_again_in_the_middle() -> None:
    sheet = _sheet(["DATA PER KELURAHAN"], [], HEADER, GAMBIR, HEADER, CIDENG)
    assert [row.line for row in sheet.rows] == [4, 6]
    assert sheet.repeated_headers == 1


def test_header_of_two_rows_is_joined() -> None:
    top = ["KODE KELURAHAN", "KECAMATAN", "KELURAHAN", "POSITIF", "", "LANSIA", ""]
    below = ["", "", "", "Dirawat", "Sembuh", "Dosis 1", "Dosis 2"]
    sheet = _sheet(top, below, ["3171011001", "GAMBIR", "GAMBIR", 1.0, 2.0, 3.0, 4.0])
    assert [column.heading for column in sheet.columns] == [
        "POSITIF DIRAWAT",
        "POSITIF SEMBUH",
        "LANSIA DOSIS 1",
        "LANSIA DOSIS 2",
    ]
    assert list(sheet.rows[0].values.values()) == [1, 2, 3, 4]
    assert [column.series for column in sheet.columns][2:] == [
        "vaccination.dose1.elderly",
        "vaccination.dose2.elderly",
    ]


def test_sheet_without_areas_is_no_sheet_of_counts() -> None:
    assert read_sheet("notes", [["Keterangan"], ["Data diperbarui setiap hari"]]) is None


def test_row_shorter_than_the_header_has_missing_values_not_zeros() -> None:
    sheet = _sheet(HEADER, ["3171011001", "JAKARTA PUSAT", "GAMBIR", "GAMBIR", 10.0, "N/A", "-", None])
    assert sheet.rows[0].values == {"covid.confirmed.cumulative": 10}


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        (1211.0, 1211),
        (1211, 1211),
        ("1211", 1211),
        ("1.211", 1211),
        ("1,211", 1211),
        ("1.211.000", 1211000),
        ("1211.0", 1211),
        ("-5", -5),
        (-5.0, -5),
        (1.5, None),
        ("1.5", None),
        ("banyak", None),
        ("#REF!", None),
        ("1.000", 1000),
        ("0", 0),
        ("0.0", 0),
        (True, None),
        (float("inf"), None),
        (float("nan"), None),
        (10**16, None),
        ("9" * 30, None),
        ("²", None),
        (date(2021, 6, 30), None),
    ],
)
def test_whole_number_of_a_cell(cell: object, number: int | None) -> None:
    assert whole_number(cell) == number


def test_cell_that_is_no_number_is_told_with_line_and_column() -> None:
    sheet = _sheet(HEADER, GAMBIR, [*CIDENG[:6], "lima", *CIDENG[7:]])
    assert [row.line for row in sheet.rows] == [2]
    problem = sheet.problems[0]
    assert (problem.line, problem.column, problem.sheet) == (3, "POSITIF / SEMBUH", "data")
    assert str(problem) == (
        "sheet data, line 3, column POSITIF / SEMBUH: “lima” is not a whole number. Correct the cell or leave it empty."
    )


def test_figures_without_a_name_are_told() -> None:
    sheet = _sheet(HEADER, GAMBIR, ["", "", "", "", 7.0, 0.0, 0.0, 0.0, 7.0])
    assert [problem.line for problem in sheet.problems] == [3]


def test_row_is_matched_by_name_when_the_code_is_lost(jakarta_index: PlaceIndex) -> None:
    matched = _match(jakarta_index, HEADER, ["#N/A", *GAMBIR[1:]], ["", *CIDENG[1:]])
    assert [target.code for target, _row in matched.rows] == ["31.71.01.1001", "31.71.01.1002"]
    # A code that is broken is worth a look, a column without codes is not.
    assert matched.reviews == ["sheet data, line 2: “GAMBIR” matched by name to Gambir (31.71.01.1001)"]


def test_kelurahan_name_is_looked_for_within_its_kecamatan(jakarta_index: PlaceIndex) -> None:
    # There is a Kelapa Dua in Kebon Jeruk and a Kelapa Dua Wetan in Ciracas.
    row = ["", "JAKARTA TIMUR", "CIRACAS", "KELAPA DUA", 1.0, 0.0, 0.0, 0.0, 1.0]
    matched = _match(jakarta_index, HEADER, row)
    assert matched.rows == []
    assert "no kelurahan has the code “” or the name “KELAPA DUA”" in matched.problems[0].reason


def test_row_that_is_no_place_gets_its_own_bucket(jakarta_index: PlaceIndex) -> None:
    outside = ["LUAR DKI JAKARTA"] * 4 + [3.0, 0.0, 0.0, 0.0, 3.0]
    unknown = ["", "", "", "BELUM DIKETAHUI", 2.0, 0.0, 0.0, 0.0, 2.0]
    matched = _match(jakarta_index, HEADER, outside, unknown)
    assert [target for target, _row in matched.rows] == [
        Target(None, "LUAR DKI JAKARTA"),
        Target(None, "BELUM DIKETAHUI"),
    ]
    assert matched.problems == []


def test_code_and_name_of_different_kelurahan_are_told(jakarta_index: PlaceIndex) -> None:
    matched = _match(jakarta_index, HEADER, ["3171011001", "JAKARTA PUSAT", "GAMBIR", "CIDENG", *GAMBIR[4:]])
    assert matched.rows == []
    assert matched.problems[0].reason == (
        "the code 31.71.01.1001 is Gambir, but the row says “CIDENG”, which is 31.71.01.1002. Correct one."
    )


def test_unknown_name_with_a_known_code_follows_the_code_and_is_reviewed(jakarta_index: PlaceIndex) -> None:
    matched = _match(
        jakarta_index, HEADER, ["3171011001", "JAKARTA PUSAT", "GAMBIR", "STASIUN BESAR", *GAMBIR[4:]]
    )
    assert [target.code for target, _row in matched.rows] == ["31.71.01.1001"]
    assert matched.reviews == ["sheet data, line 2: “STASIUN BESAR” is called Gambir here (31.71.01.1001)"]


def test_unknown_code_without_a_known_name_is_told(jakarta_index: PlaceIndex) -> None:
    matched = _match(jakarta_index, HEADER, ["3171019999", "JAKARTA PUSAT", "GAMBIR", "STASIUN", *GAMBIR[4:]])
    assert [problem.line for problem in matched.problems] == [2]


def test_second_row_of_a_kelurahan_is_told(jakarta_index: PlaceIndex) -> None:
    matched = _match(jakarta_index, HEADER, GAMBIR, CIDENG, GAMBIR)
    assert len(matched.rows) == 2
    assert matched.problems[0].reason == "repeats the area of line 2. Remove one of the two."


def test_rows_with_bps_codes_are_matched_when_told(jakarta_index: PlaceIndex) -> None:
    row = ["3173080003", *GAMBIR[1:]]
    matched = _match(jakarta_index, HEADER, row, scheme=Scheme.BPS)
    assert [target.code for target, _row in matched.rows] == ["31.71.01.1001"]
    assert matched.reviews == []


def test_total_that_differs_from_its_parts_is_reported(jakarta_index: PlaceIndex) -> None:
    total = ["", "", "", "TOTAL", 31.0, 6.0, 7.0, 8.0, 10.0]
    matched = _match(jakarta_index, HEADER, total, GAMBIR, CIDENG)
    assert [str(d) for d in disagreements([matched])] == [
        "data, TOTAL: covid.confirmed.cumulative is published as 31, its parts sum to 30",
        "data, TOTAL: covid.selfisolation is published as 10, its parts sum to 9",
    ]


def test_row_whose_parts_do_not_sum_is_reported(jakarta_index: PlaceIndex) -> None:
    matched = _match(jakarta_index, HEADER, [*GAMBIR[:4], 11.0, *GAMBIR[5:]])
    found = list(disagreements([matched]))
    assert [(d.where, d.published, d.counted) for d in found] == [("data, GAMBIR", 11, 10)]


def test_kecamatan_sheet_is_checked_against_the_kelurahan(jakarta_index: PlaceIndex) -> None:
    kelurahan = _match(jakarta_index, HEADER, GAMBIR, CIDENG)
    header = ["ID_KEC", "nama_kota", "nama_kecamatan", "POSITIF"]
    sheet = read_sheet("kec", [header, ["317101", "JAKARTA PUSAT", "GAMBIR", 29.0]])
    assert sheet is not None
    assert sheet.level == Kind.KECAMATAN
    kecamatan = match_sheet(jakarta_index, sheet, Scheme.KEMENDAGRI)
    found = list(disagreements([kecamatan, kelurahan]))
    assert [(d.where, d.published, d.counted) for d in found] == [("kec, GAMBIR", 29, 30)]


@pytest.mark.parametrize(
    ("name", "when"),
    [
        ("Standar Kelurahan Data Corona (30 Juni 2021 Pukul 10.00)", date(2021, 6, 30)),
        ("vaksin_2021-08-31", date(2021, 8, 31)),
        ("vaksin 01-09-2021", date(2021, 9, 1)),
        ("Data (31 Februari 2021)", None),
        ("Data (30 Brumaire 2021)", None),
        ("Data terbaru", None),
    ],
)
def test_date_in_name_of_file(name: str, when: date | None) -> None:
    assert date_in_name(name) == when


def test_file_without_a_date_asks_for_one(write: Callable[[str, str], Path]) -> None:
    path = write("data.csv", "KELURAHAN,POSITIF\nGAMBIR,1\n")
    with pytest.raises(UnreadableFile, match="Give it with --date"):
        read_counts(path)
    assert read_counts(path, as_of=date(2021, 6, 30)).sheets[0].rows[0].values == {
        "covid.confirmed.cumulative": 1
    }


def test_csv_with_semicolons_is_read_like_a_workbook(
    write: Callable[[str, str], Path], jakarta_index: PlaceIndex
) -> None:
    text = "kecamatan;kelurahan;POSITIF\nGAMBIR;CIDENG;1.049\nTOTAL;TOTAL;1.049\n"
    counts = read_counts(write("data 30 Juni 2021.csv", text))
    matched = _matched(jakarta_index, counts)[0]
    assert [(t.code, r.values) for t, r in matched.rows] == [
        ("31.71.01.1002", {"covid.confirmed.cumulative": 1049})
    ]
    assert len(matched.sheet.totals) == 1


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("a 30 Juni 2021.xlsx", "this is no workbook", "cannot be read as a workbook"),
        ("a 30 Juni 2021.xlsx", "", "cannot be read as a workbook"),
        ("a 30 Juni 2021.csv", "nama,umur\nBudi,3\n", "no sheet has a header"),
        ("a 30 Juni 2021.csv", "", "no sheet has a header"),
    ],
)
def test_file_of_another_kind_is_refused(
    write: Callable[[str, str], Path], name: str, text: str, message: str
) -> None:
    with pytest.raises(UnreadableFile, match=message):
        read_counts(write(name, text))


def test_file_with_too_long_a_name_is_refused(tmp_path: Path) -> None:
    path = tmp_path / f"{'a' * 110} 30 Juni 2021.csv"
    path.write_text("KELURAHAN,POSITIF\nGAMBIR,1\n")
    with pytest.raises(UnreadableFile, match="Shorten it"):
        read_counts(path)


def test_name_that_is_none_is_told() -> None:
    sheet = _sheet(HEADER, ["", "", "", "x" * 81, 7.0], ["", "", "", "a\x00b", 7.0])
    assert [problem.line for problem in sheet.problems] == [2, 3]


CELLS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=12),
    st.dates(),
    st.sampled_from(
        ["3171011001", "GAMBIR", "CIDENG", "TOTAL", "N/A", "JAKARTA PUSAT", "LUAR DKI JAKARTA", *HEADER]
    ),
)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.lists(CELLS, max_size=len(HEADER) + 1), max_size=8))
def test_no_row_is_lost_whatever_its_cells_hold(rows: list[list[object]]) -> None:
    index = PlaceIndex()
    for place in facts.jakarta_places():
        index.add(Kind(place.kind), place.code, place.name, place.bps_code)
    # A sound first row, so that nothing below can be taken for the second row of the header.
    sheet = _sheet(HEADER, GAMBIR, *rows)
    matched = match_sheet(index, sheet, Scheme.KEMENDAGRI)
    lines = [row.line for _target, row in matched.rows] + [row.line for row in sheet.totals]
    told = {problem.line for problem in matched.problems}
    written = [
        line
        for line, row in enumerate(rows, start=3)
        if any(not (cell is None or (isinstance(cell, str) and not cell.strip())) for cell in row)
    ]
    assert len(lines) == len(set(lines))
    assert not set(lines) & told
    assert len(set(lines) | told) + sheet.repeated_headers == len(written) + 1
    assert all(isinstance(value, int) for _target, row in matched.rows for value in row.values.values())
