"""Reading a bank's statement from CSV: text in, rows and problems out; no database.

The note of a transfer may name its payer: it is read for the code of a gift and never kept.
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass, field
from datetime import date, datetime

from django.utils.translation import gettext as _

from kolaborasi.aid.need_files import DAY_FORMATS
from kolaborasi.aid.rules.cash import MOST_RUPIAH
from kolaborasi.places.errors import UnreadableFile
from kolaborasi.places.problems import Problem

COLUMNS = {
    "date": ("date", "tanggal", "tgl"),
    "rupiah": ("amount", "jumlah", "nominal"),
    "note": ("description", "keterangan", "berita"),
    "reference": ("reference", "referensi", "no_referensi", "no_ref"),
}
AMOUNT = re.compile(r"(?:\d+|\d{1,3}(?:\.\d{3})+|\d{1,3}(?:,\d{3})+)(?P<cents>[.,]00)?", re.ASCII)


@dataclass(frozen=True)
class StatementLine:
    """One transfer of a statement.

    Args:
        line: line of the file, from 1.
        rupiah: below zero when it left the account.
        words: capital words of its note, in which a gift's code may be.
    """

    line: int
    date: date
    rupiah: int
    reference: str
    words: frozenset[str]


@dataclass
class Statement:
    """A statement, read but not yet booked."""

    lines: list[StatementLine] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def read_statement(text: str) -> Statement:
    """Read a statement (comma, semicolon or tab); a broken row is a problem, the others are read.

    Raises:
        UnreadableFile: no header, a column is missing, or a quote is not closed.
    """
    lines = text.lstrip("\ufeff").splitlines()
    reader = csv.reader(lines, delimiter=max(",;\t", key=lines[0].count) if lines else ",", strict=True)
    try:
        rows = [(reader.line_num, [cell.strip() for cell in cells]) for cells in reader]
    except csv.Error as error:
        raise UnreadableFile(
            _("Line %(line)s of the statement is broken. Look for a quote that is not closed.")
            % {"line": reader.line_num}
        ) from error
    present = [cell.lower() for cell in rows[0][1]] if rows else []
    headings = {
        column: next((name for name in names if name in present), "") for column, names in COLUMNS.items()
    }
    missing = [COLUMNS[column][0] for column, heading in headings.items() if not heading]
    if missing:
        raise UnreadableFile(
            _("The statement lacks the columns %(missing)s. Export it from the bank with them.")
            % {"missing": ", ".join(missing)}
        )
    found = Statement()
    for line, cells in rows[1:]:
        if any(cells):
            _read(found, line, headings, dict(zip(present, cells, strict=False)))
    return found


def _read(found: Statement, line: int, headings: dict[str, str], row: dict[str, str]) -> None:
    typed = {column: row.get(heading, "") for column, heading in headings.items()}
    day, rupiah, reference = _day(typed["date"]), _rupiah(typed["rupiah"]), typed["reference"]
    wrong = {
        "date": (day is None, _("Write the day like 2021-07-26.")),
        "rupiah": (rupiah is None, _("Write whole rupiah, like 150000 or 150.000,00.")),
        "reference": (
            not (0 < len(reference) <= 60 and reference.isprintable()),
            _("Give the bank's own number of the transfer, so that it counts once."),
        ),
    }
    problems = [Problem(line, headings[column], reason) for column, (bad, reason) in wrong.items() if bad]
    found.problems += problems
    if day is not None and rupiah is not None and not problems:
        words = frozenset(re.findall(r"[A-Z0-9]+", typed["note"].upper()))
        found.lines.append(StatementLine(line, day, rupiah, reference, words))


def _day(text: str) -> date | None:
    for form in DAY_FORMATS:
        try:
            return datetime.strptime(text, form).date()  # noqa: DTZ007 - a day has no time zone
        except ValueError:
            continue
    return None


def _rupiah(text: str) -> int | None:
    """Whole rupiah as banks write them; None when it is something else."""
    amount = text.removeprefix("Rp").strip()
    sign, amount = (-1, amount[1:]) if amount.startswith("-") else (1, amount)
    matched = AMOUNT.fullmatch(amount)
    if matched is None or len(amount) > 20:
        return None
    whole = amount[: -len(matched["cents"])] if matched["cents"] else amount
    rupiah = int(re.sub("[.,]", "", whole))
    return sign * rupiah if 0 < rupiah <= MOST_RUPIAH else None
