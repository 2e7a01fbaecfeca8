"""CSV files of results, for laboratory systems without HL7; ours is documented in `docs/diagnostics-files.md`.

Columns of each layout are data (`facts/result_columns.csv`, with their sources).
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.dateparse import parse_datetime
from django.utils.timezone import get_default_timezone, is_naive, make_aware
from django.utils.translation import gettext_lazy as _

from kolaborasi.diagnostics import facts
from kolaborasi.diagnostics.errors import FileRefused
from kolaborasi.diagnostics.hl7 import number
from kolaborasi.diagnostics.services.results import Entry

NEEDED = {"barcode", "result", "resulted_at"}
CT = "ct_"
MOST_BYTES = 60_000_000


@dataclass(frozen=True)
class Layout:
    """Columns of a file by field, and how it writes times."""

    columns: dict[str, str]
    time_format: str


def read_results_csv(content: bytes) -> tuple[list[Entry], list[dict[str, Any]]]:
    """Rows of a result file in one of the known layouts, and those that cannot be read with why; Ct values in columns `ct_<target>`.

    Our own layout is `barcode,result,resulted_at`; times in ISO 8601, without a zone in the city's own.

    Raises:
        FileRefused: it is no text, too large, or columns are missing.
    """
    lines = text_lines(content)
    reader = csv.DictReader(lines, delimiter=separator(lines))
    header = [_column(name.strip()) for name in reader.fieldnames or []]
    layout = _layout(header)
    reader.fieldnames = header
    entries: list[Entry] = []
    wrong: list[dict[str, Any]] = []
    for row, cells in enumerate(reader, start=2):
        try:
            entries.append(_entry(row, cells, layout))
        except ValueError as error:
            wrong.append({"row": row, "code": "row-refused", "message": str(error)})
    return entries, wrong


def _column(name: str) -> str:
    """A column's name whatever its case; a target keeps its own."""
    lower = name.lower()
    return CT + name[len(CT) :] if lower.startswith(CT) else lower


def _layout(header: list[str]) -> Layout:
    for name in dict.fromkeys(row["layout"] for row in facts.result_columns()):
        rows = [row for row in facts.result_columns() if row["layout"] == name]
        columns = {row["field"]: row["column"] for row in rows if row["column"] in header}
        if columns.keys() >= NEEDED:
            return Layout(columns, rows[0]["time_format"])
    missing = sorted(NEEDED - set(header))
    raise FileRefused(_("Columns are missing: %(columns)s.") % {"columns": ", ".join(missing)})


def _entry(row: int, cells: dict[str, str], layout: Layout) -> Entry:
    told = {field: (cells.get(column) or "").strip() for field, column in layout.columns.items()}
    if "test_code" in told and told["test_code"] not in facts.presence_codes():
        raise ValueError(str(_("This is no PCR test for SARS-CoV-2.")))
    outcome = facts.result_codes().get(("word", told["result"].lower()))
    if outcome is None:
        raise ValueError(str(_("The result is none of: positive, negative, inconclusive, invalid.")))
    at = city_moment(told["resulted_at"], layout.time_format)
    if at is None:
        raise ValueError(str(_("The time of the result is not written like 2021-07-12T10:30.")))
    cts = {name[len(CT) :]: text for name, text in cells.items() if name and name.startswith(CT) and text}
    try:
        return Entry(row, told["barcode"], outcome, at, {name: number(text) for name, text in cts.items()})
    except ValueError:
        raise ValueError(str(_("A Ct value is no number."))) from None


def city_moment(text: str, time_format: str) -> datetime | None:
    """The moment a text tells, without a zone in the city's own; None when it is not written so.

    Args:
        time_format: `iso`, or a format of `strptime`.
    """
    try:
        at = parse_datetime(text) if time_format == "iso" else datetime.strptime(text, time_format)  # noqa: DTZ007
    except ValueError:
        return None
    if at is None:
        return None
    return make_aware(at, get_default_timezone()) if is_naive(at) else at


def text_lines(content: bytes) -> list[str]:
    """Lines of a CSV file.

    Raises:
        FileRefused: it is no text, or too large.
    """
    if len(content) > MOST_BYTES:
        raise FileRefused(_("The file is too large. Send at most 60 MB at once."))
    try:
        return content.decode("utf-8-sig").splitlines()
    except UnicodeDecodeError:
        raise FileRefused(_("The file is no text in UTF-8. Save it as CSV in UTF-8.")) from None


def separator(lines: list[str]) -> str:
    """What stands between the cells, from the first line."""
    head = lines[0] if lines else ""
    return max((",", ";", "\t"), key=head.count)
