"""Reading the official workbooks of counts per kelurahan: cells in, rows of series out; no database.

Agencies change these files from month to month: columns come and go, headings break over lines and repeat, a code
is text in one row and a number in the next, a header may stand twice, totals may stand first or last.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

from django.utils.translation import gettext as _
from python_calamine import CalamineError, CalamineWorkbook, PasswordError

from kolaborasi.places.errors import UnreadableFile
from kolaborasi.places.problems import Problem
from kolaborasi.places.rules import Kind, digits_of
from kolaborasi.places.series import Column, clean_heading, columns_of

Cell = object
HEADER_ROWS = 20
LARGEST = 10**15
LONGEST_SOURCE, LONGEST_LABEL = 120, 80
CODE, NAME = "code", "name"
AREA_HEADINGS = {
    "ID KEL": CODE,
    "ID KELURAHAN": CODE,
    "KODE KEL": CODE,
    "KODE KELURAHAN": CODE,
    "ID KEC": CODE,
    "ID KECAMATAN": CODE,
    "KODE KECAMATAN": CODE,
    "KODE WILAYAH": CODE,
    "KODE": CODE,
    "NAMA PROVINSI": Kind.PROVINCE,
    "PROVINSI": Kind.PROVINCE,
    "NAMA KOTA": Kind.CITY,
    "WILAYAH KOTA": Kind.CITY,
    "KOTA": Kind.CITY,
    "KOTA/KAB": Kind.CITY,
    "KAB/KOTA": Kind.CITY,
    "WILAYAH": Kind.CITY,
    "NAMA KECAMATAN": Kind.KECAMATAN,
    "KECAMATAN": Kind.KECAMATAN,
    "NAMA KELURAHAN": Kind.KELURAHAN,
    "KELURAHAN": Kind.KELURAHAN,
}
TOTAL_WORDS = {"TOTAL", "JUMLAH", "GRAND TOTAL", "TOTAL DKI JAKARTA"}
MISSING = {"", "N/A", "#N/A", "NA", "-", "NULL", "NONE"}
MONTHS = {
    "januari": 1, "februari": 2, "maret": 3, "april": 4, "mei": 5, "juni": 6, "juli": 7,
    "agustus": 8, "september": 9, "oktober": 10, "november": 11, "desember": 12,
}  # fmt: skip


@dataclass(frozen=True)
class CountRow:
    """One row of figures.

    Args:
        line: row of the sheet, from 1.
        code: the code's digits, empty when the row has none.
        names: what the row calls each level; the code cell's text under `label` when it is no code.
        values: numbers by series; a missing cell is absent, never zero.
    """

    line: int
    code: str
    names: dict[Kind, str]
    label: str
    values: dict[str, int]


@dataclass
class CountSheet:
    """One sheet: its narrowest level, its columns, its rows and its total rows."""

    name: str
    level: Kind
    columns: list[Column]
    rows: list[CountRow] = field(default_factory=list)
    totals: list[CountRow] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    repeated_headers: int = 0


@dataclass
class CountsFile:
    """A workbook of counts, read but not yet matched to places."""

    source: str
    as_of: date
    sheets: list[CountSheet]
    passed_over: list[str]


def read_counts(path: Path, *, as_of: date | None = None) -> CountsFile:
    """Read every sheet of a workbook (xlsx, xlsb, xls, ods) or a CSV file that has rows per area.

    Args:
        as_of: the date of the figures; without it the date in the file's name.

    Raises:
        UnreadableFile: not a workbook, no date, or no sheet with a header of areas.
    """
    when = as_of or date_in_name(path.stem)
    if when is None:
        raise UnreadableFile(
            _("%(file)s: no date in the file's name. Give it with --date.") % {"file": path.name}
        )
    if len(path.stem) > LONGEST_SOURCE:
        text = _("%(file)s: the name is kept as the source and may have %(most)s characters. Shorten it.")
        raise UnreadableFile(text % {"file": path.name, "most": LONGEST_SOURCE})
    sheets, passed_over = [], []
    for name, rows in _grids(path):
        sheet = read_sheet(name, rows)
        if sheet is not None:
            sheets.append(sheet)
        elif any(not _is_blank(cell) for row in rows for cell in row):
            passed_over.append(name)
    if not sheets:
        words = {"file": path.name, "rows": HEADER_ROWS}
        raise UnreadableFile(
            _(
                "%(file)s: no sheet has a header with a kelurahan or kecamatan column in its first %(rows)s rows. "
                "Check that this is a workbook of counts per area."
            )
            % words
        )
    return CountsFile(path.stem, when, sheets, passed_over)


def date_in_name(name: str) -> date | None:
    """The date in a file's name: `30 Juni 2021`, `2021-06-30` or `30-06-2021`; None when there is none."""
    if match := re.search(r"(\d{1,2})[ _-]([A-Za-z]+)[ _-](\d{4})", name):
        month = MONTHS.get(match[2].lower())
        return _real_date(int(match[3]), month, int(match[1])) if month else None
    if match := re.search(r"(\d{4})[-_.](\d{2})[-_.](\d{2})", name):
        return _real_date(int(match[1]), int(match[2]), int(match[3]))
    if match := re.search(r"(\d{2})[-_.](\d{2})[-_.](\d{4})", name):
        return _real_date(int(match[3]), int(match[2]), int(match[1]))
    return None


def _real_date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _grids(path: Path) -> list[tuple[str, list[list[Cell]]]]:
    try:
        if path.suffix.lower() in {".csv", ".tsv"}:
            return [("", _csv_grid(path))]
        workbook = CalamineWorkbook.from_path(path)
        return [
            (name, [list(row) for row in workbook.get_sheet_by_name(name).to_python(skip_empty_area=False)])
            for name in workbook.sheet_names
        ]
    except PasswordError as error:
        raise UnreadableFile(
            _("%(file)s has a password. Save it without one.") % {"file": path.name}
        ) from error
    except (CalamineError, OSError, UnicodeDecodeError, csv.Error) as error:
        raise UnreadableFile(
            _("%(file)s cannot be read as a workbook or CSV: %(why)s") % {"file": path.name, "why": error}
        ) from error


def _csv_grid(path: Path) -> list[list[Cell]]:
    text = path.read_text(encoding="utf-8-sig")
    head = text[:4096]
    delimiter = max(",;\t", key=head.count)
    return [list(row) for row in csv.reader(text.splitlines(), delimiter=delimiter)]


def read_sheet(name: str, rows: Sequence[Sequence[Cell]]) -> CountSheet | None:
    """Read one sheet's cells; None when its first rows hold no header of areas."""
    found = _find_header(rows)
    if found is None:
        return None
    position, headings = found
    areas = {index: AREA_HEADINGS[text] for index, text in enumerate(headings) if text in AREA_HEADINGS}
    level = _narrowest(areas.values())
    first = max(areas) + 1
    start = position + 1
    if start < len(rows) and _is_second_header(rows[start], areas, first):
        headings = _joined_headings(headings, rows[start], first)
        start += 1
    columns = _figure_columns(columns_of(headings, first), rows[start:])
    sheet = CountSheet(name, level, columns)
    for line, row in enumerate(rows[start:], start=start + 1):
        _read_row(sheet, areas, headings, line, row)
    return sheet


def _narrowest(levels: Iterable[str]) -> Kind:
    present = set(levels)
    return next(kind for kind in (Kind.KELURAHAN, Kind.KECAMATAN, Kind.CITY) if kind in present)


def _find_header(rows: Sequence[Sequence[Cell]]) -> tuple[int, list[str]] | None:
    for position, row in enumerate(rows[:HEADER_ROWS]):
        headings = [clean_heading(cell) for cell in row]
        kinds = {AREA_HEADINGS[text] for text in headings if text in AREA_HEADINGS}
        if kinds & {Kind.KELURAHAN, Kind.KECAMATAN, Kind.CITY} and len(headings) > len(kinds):
            return position, headings
    return None


def _is_blank(cell: Cell) -> bool:
    return cell is None or (isinstance(cell, str) and not cell.strip())


def _is_second_header(row: Sequence[Cell], areas: Mapping[int, str], first: int) -> bool:
    cells = [cell for cell in row[first:] if not _is_blank(cell)]
    texts = all(isinstance(cell, str) and clean_heading(cell) not in MISSING for cell in cells)
    wordy = texts and not any(digits_of(cell) for cell in cells)
    return bool(cells) and wordy and all(index >= len(row) or _is_blank(row[index]) for index in areas)


def _joined_headings(top: list[str], below: Sequence[Cell], first: int) -> list[str]:
    # A merged heading leaves its text in the leftmost cell only: it is carried to the right over blank cells.
    joined, carried = list(top), ""
    for index in range(first, len(top)):
        carried = top[index] or carried
        second = clean_heading(below[index]) if index < len(below) else ""
        joined[index] = f"{carried} {second}".strip()
    return joined


def _figure_columns(columns: list[Column], rows: Sequence[Sequence[Cell]]) -> list[Column]:
    def holds_figures(column: Column) -> bool:
        cells = [row[column.index] for row in rows if column.index < len(row)]
        return any(not _is_missing(cell) for cell in cells)

    return [column for column in columns if column.known or holds_figures(column)]


def _is_missing(cell: Cell) -> bool:
    return cell is None or (isinstance(cell, str) and cell.strip().upper() in MISSING)


def _read_row(
    sheet: CountSheet, areas: Mapping[int, str], headings: list[str], line: int, row: Sequence[Cell]
) -> None:
    if all(_is_blank(cell) for cell in row):
        return
    if [clean_heading(row[i]) for i in areas if i < len(row)] == [headings[i] for i in areas]:
        sheet.repeated_headers += 1
        return
    cells = {key: row[index] for index, key in areas.items() if index < len(row)}
    names = {
        key: str(cell).strip() for key, cell in cells.items() if isinstance(key, Kind) and not _is_blank(cell)
    }
    code_cell = cells.get(CODE, "")
    code = digits_of(code_cell)
    label = "" if code or _is_blank(code_cell) else str(code_cell).strip()
    values, problems = _values(sheet, line, row)
    if problems:
        sheet.problems += problems
        return
    record = CountRow(line, code, names, label, values)
    is_total = not code and any(clean_heading(text) in TOTAL_WORDS for text in [label, *names.values()])
    reason = (
        "" if is_total else _reason_against_names(code, [text for text in (label, *names.values()) if text])
    )
    if reason:
        sheet.problems.append(Problem(line, "", reason, sheet.name))
        return
    (sheet.totals if is_total else sheet.rows).append(record)


def _reason_against_names(code: str, texts: list[str]) -> str:
    if not code and not texts:
        return _("figures without a code and without a name. Name the area or empty the row.")
    if any(len(text) > LONGEST_LABEL or not text.isprintable() for text in texts):
        return _(
            "has a name of more than %(most)s characters or with some that cannot be shown. Correct it."
        ) % {"most": LONGEST_LABEL}
    return ""


def _values(sheet: CountSheet, line: int, row: Sequence[Cell]) -> tuple[dict[str, int], list[Problem]]:
    values: dict[str, int] = {}
    problems: list[Problem] = []
    for column in sheet.columns:
        cell = row[column.index] if column.index < len(row) else None
        if _is_missing(cell):
            continue
        number = whole_number(cell)
        if number is None:
            reason = _("“%(cell)s” is not a whole number. Correct the cell or leave it empty.") % {
                "cell": cell
            }
            problems.append(Problem(line, column.heading, reason, sheet.name))
        else:
            values[column.series] = number
    return values, problems


def whole_number(cell: Cell) -> int | None:
    """A cell as a count: `1211.0`, `1211`, `1.211` and `1,211` (thousands) are 1211; None for anything else.

    A text like `1.000` is a thousand, as Indonesia writes it. More than 10^15 is no count of anything here.
    """
    if isinstance(cell, bool | date | datetime):
        return None
    number: int | None = None
    text = str(cell).strip()
    if isinstance(cell, int | float):
        number = int(cell) if isinstance(cell, int) or cell.is_integer() else None
    elif re.fullmatch(r"-?[1-9]\d{0,2}([.,]\d{3})+", text):
        number = int(re.sub(r"[.,]", "", text))
    elif re.fullmatch(r"-?[0-9]{1,18}(\.0+)?", text):
        number = int(text.partition(".")[0])
    return number if number is not None and abs(number) <= LARGEST else None
