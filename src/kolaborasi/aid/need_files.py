"""Reading needs from CSV: text in, rows and problems out; no database."""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from kolaborasi.aid.models import Cause
from kolaborasi.aid.rules import MOST_UNITS
from kolaborasi.places.errors import UnreadableFile
from kolaborasi.places.problems import Problem
from kolaborasi.places.rules import Scheme

COLUMNS = {
    "code": ("code", "kode", "kode_wilayah", "kode_kemendagri", "kode_dagri", "kode_bps"),
    "cause": ("cause", "sebab"),
    "households": ("households", "kk", "keluarga"),
    "people": ("people", "jiwa", "orang"),
    "item": ("item", "barang"),
    "quantity": ("quantity", "jumlah"),
    "needed_by_date": ("needed_by", "needed_by_date", "paling_lambat"),
}
OPTIONAL = {"rw": ("rw",), "name": ("name", "nama", "kelurahan", "nama_kelurahan")}
SCHEME_OF_COLUMN = {
    "kode_bps": Scheme.BPS,
    "kode_kemendagri": Scheme.KEMENDAGRI,
    "kode_dagri": Scheme.KEMENDAGRI,
}
DAY_FORMATS = ("%Y-%m-%d", "%d/%m/%Y", "%d-%m-%Y")


@dataclass(frozen=True)
class NeedRecord:
    """One row: one item that a place needs.

    Args:
        line: line of the file, from 1.
        code: area code as the file has it, without an RW.
        name: name of the area, empty when the file has none.
        rw: number of the RW, 0 for the whole area.
    """

    line: int
    code: str
    name: str
    rw: int
    cause: Cause
    households: int
    people: int
    item: str
    quantity: int
    needed_by_date: date


@dataclass
class NeedFile:
    """A file of needs, read but not yet loaded.

    Args:
        headings: the file's own heading of each column we know.
        named: the scheme the heading of the code column speaks for.
        size: rows read, broken ones included.
    """

    headings: Mapping[str, str]
    named: Scheme | None
    records: list[NeedRecord] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    size: int = 0


def read_needs(path: Path) -> NeedFile:
    """Read a CSV of needs (comma, semicolon or tab), one row for each item of a place.

    Raises:
        UnreadableFile: no text, no rows, a cell without end, or a column is missing.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        words = {"file": path.name, "why": error}
        raise UnreadableFile(_("%(file)s cannot be read: %(why)s") % words) from error
    reader = csv.reader(lines, delimiter=max(",;\t", key=lines[0].count) if lines else ",")
    try:
        rows = [(reader.line_num, [cell.strip() for cell in cells]) for cells in reader]
    except csv.Error as error:
        broken = {"file": path.name, "line": reader.line_num, "why": error}
        raise UnreadableFile(
            _(
                "%(file)s cannot be read: line %(line)s is broken (%(why)s). Look for a quote that is not closed."
            )
            % broken
        ) from error
    present = [cell.lower() for cell in rows[0][1]] if rows else []
    found = NeedFile(*_headings(path, present))
    for line, cells in rows[1:]:
        if any(cells):
            found.size += 1
            _read_row(found, line, present, cells)
    return found


def _headings(path: Path, present: list[str]) -> tuple[dict[str, str], Scheme | None]:
    own = {
        column: next((name for name in names if name in present), "")
        for column, names in (COLUMNS | OPTIONAL).items()
    }
    missing = [names[0] for column, names in COLUMNS.items() if not own[column]]
    if missing:
        words = {"file": path.name, "missing": ", ".join(missing), "columns": ", ".join(present) or "-"}
        raise UnreadableFile(_("%(file)s lacks the columns %(missing)s; it has: %(columns)s.") % words)
    headings = {column: heading for column, heading in own.items() if heading}
    return headings, SCHEME_OF_COLUMN.get(headings["code"])


def _read_row(found: NeedFile, line: int, present: list[str], cells: list[str]) -> None:
    if len(cells) != len(present):
        words = {"cells": len(cells), "columns": len(present)}
        reason = _("has %(cells)s cells where the header has %(columns)s. Look for a stray delimiter.")
        found.problems.append(Problem(line, "", reason % words))
        return
    row = dict(zip(present, cells, strict=True))
    typed = {column: row[heading] for column, heading in found.headings.items()}
    code, _slash, rw = typed.pop("code").partition("/")
    typed["rw"] = typed.get("rw") or rw
    values: dict[str, Any] = {}
    problems: list[Problem] = []
    for column, read in READERS.items():
        try:
            values[column] = read(typed.get(column, ""))
        except ValueError as error:
            heading = found.headings.get(column, found.headings["code"])
            problems.append(Problem(line, heading, str(error)))
    if problems:
        found.problems += problems
    else:
        found.records.append(NeedRecord(line=line, code=code, name=typed.get("name", ""), **values))


def _cause(text: str) -> Cause:
    if text.lower() not in Cause.values:
        words = {"text": text, "causes": ", ".join(Cause.values)}
        raise ValueError(_("“%(text)s” is no cause; write one of: %(causes)s.") % words)
    return Cause(text.lower())


def _number(least: int, most: int, text: str) -> int:
    if not (text.isascii() and text.isdigit() and least <= int(text) <= most):
        words = {"text": text, "least": least, "most": most}
        raise ValueError(
            _("“%(text)s” is no whole number from %(least)s to %(most)s, written without dots.") % words
        )
    return int(text)


def _day(text: str) -> date:
    for form in DAY_FORMATS:
        try:
            return datetime.strptime(text, form).date()  # noqa: DTZ007 - a day has no time zone
        except ValueError:
            continue
    raise ValueError(_("“%(text)s” is no day; write it like 2021-07-26.") % {"text": text})


READERS: dict[str, Callable[[str], Any]] = {
    "rw": lambda text: _number(1, 999, text) if text else 0,
    "cause": _cause,
    "households": partial(_number, 0, MOST_UNITS),
    "people": partial(_number, 1, MOST_UNITS),
    "item": str.lower,
    "quantity": partial(_number, 1, MOST_UNITS),
    "needed_by_date": _day,
}
"""How each cell is read; each raises a ValueError whose text says what to do."""
