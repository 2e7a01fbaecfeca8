"""Reading the list of an RT, RW or employer: a spreadsheet or CSV in, people and problems out; no database."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from django.utils.translation import gettext as _

from kolaborasi.people.services import Identity
from kolaborasi.places.errors import UnreadableFile
from kolaborasi.places.problems import Problem
from kolaborasi.places.sheets import find_headings, read_rows
from kolaborasi.places.workbooks import MONTHS

COLUMNS = {
    "name": ("nama", "nama lengkap", "name", "nama warga", "nama peserta"),
    "birth_date": ("tanggal lahir", "tgl lahir", "tgl. lahir", "birth date"),
}
OPTIONAL = {
    "nik": ("nik", "no nik", "nomor nik", "no ktp", "nomor ktp"),
    "passport": ("paspor", "passport", "no paspor"),
    "phone": ("telepon", "no hp", "hp", "phone", "no telepon", "nomor hp"),
    "rw": ("rw", "no rw"),
}
MOST_LINES = 2_000
LONGEST_NAME = 120
DAYS = (r"(?P<y>\d{4})-(?P<m>\d{1,2})-(?P<d>\d{1,2})", r"(?P<d>\d{1,2})[/.-](?P<m>\d{1,2})[/.-](?P<y>\d{4})")
DAY_IN_WORDS = re.compile(r"(?P<d>\d{1,2}) (?P<m>[a-z]+) (?P<y>\d{4})")


@dataclass(frozen=True)
class ListLine:
    """One person of a list.

    Args:
        line: line of the file, from 1.
        rw: number of the RW, 0 when the list names none.
    """

    line: int
    identity: Identity
    birth_date: date
    rw: int = 0


@dataclass
class ListFile:
    """A list, read but not yet booked; `size` counts its lines, broken ones included."""

    lines: list[ListLine] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    size: int = 0


def read_list(content: bytes, *, name: str) -> ListFile:
    """Read the people of a list; the row with the headings is looked for among the first ten.

    Args:
        content: of a workbook (xlsx, xls, ods), or of a CSV file by its name's ending.

    Raises:
        UnreadableFile: no such file, no heading for name and birth date, nobody in it, or more than 2,000 lines.
    """
    rows = read_rows(content, name)
    at, places = find_headings(rows, name, needed=COLUMNS, known=OPTIONAL)
    found = ListFile()
    for line, cells in enumerate(rows[at + 1 :], start=at + 2):
        if any(str(cell).strip() for cell in cells):
            found.size += 1
            _read_line(found, line, cells, places)
    if not 0 < found.size <= MOST_LINES:
        raise UnreadableFile(
            _("%(file)s has %(lines)s people; a list has 1 to %(most)s. Split a longer one.")
            % {"file": name, "lines": found.size, "most": MOST_LINES}
        )
    return found


def _read_line(found: ListFile, line: int, cells: Sequence[object], places: dict[str, int]) -> None:
    values: dict[str, object] = {}
    problems = []
    for column, read in READERS.items():
        cell = cells[places[column]] if column in places and places[column] < len(cells) else ""
        try:
            values[column] = read(cell)
        except ValueError as error:
            problems.append(Problem(line, (COLUMNS | OPTIONAL)[column][0], str(error)))
    if problems:
        found.problems += problems
        return
    words = {column: str(values[column]) for column in ("name", "nik", "passport", "phone")}
    born, rw = values["birth_date"], values["rw"]
    if isinstance(born, date) and isinstance(rw, int):
        found.lines.append(ListLine(line, Identity(**words), born, rw))


def _name(cell: object) -> str:
    text = " ".join(str(cell).split())
    if not 1 <= len(text) <= LONGEST_NAME or not any(letter.isalpha() for letter in text):
        raise ValueError(_("Write the name as on the card."))
    return text


def _nik(cell: object) -> str:
    """A NIK as text. Excel keeps fifteen digits of a number and puts a 0 for the sixteenth."""
    if isinstance(cell, float | int) and not isinstance(cell, bool):
        digits = str(int(cell))
        if len(digits) == 16 and digits.endswith("0"):
            raise ValueError(
                _(
                    "The spreadsheet may have changed the last digit. Format the column as text and type it again."
                )
            )
        return digits
    return str(cell).strip().lstrip("'")


def _number(cell: object) -> str:
    return str(int(cell)) if isinstance(cell, float) else str(cell).strip().lstrip("'")


def _rw(cell: object) -> int:
    text = _number(cell).lower().removeprefix("rw").strip(" .")
    if not text:
        return 0
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= 999):
        raise ValueError(_("Write the RW as a number from 1 to 999."))
    return int(text)


def _day(cell: object) -> date:
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    text = " ".join(str(cell).lower().split())
    found = next((match for form in DAYS if (match := re.fullmatch(form, text))), None)
    words = DAY_IN_WORDS.fullmatch(text)
    month = MONTHS.get(words["m"], 0) if words else int(found["m"]) if found else 0
    given = words or found
    try:
        if given is not None:
            return date(int(given["y"]), month, int(given["d"]))
    except ValueError:
        pass
    raise ValueError(_("This is no day. Write it like 1990-07-31 or 31/07/1990, the year with four digits."))


READERS: dict[str, Callable[[object], object]] = {
    "name": _name,
    "birth_date": _day,
    "nik": _nik,
    "passport": _number,
    "phone": _number,
    "rw": _rw,
}
"""How each cell is read; each raises a ValueError whose text says what to do and repeats nothing personal."""
