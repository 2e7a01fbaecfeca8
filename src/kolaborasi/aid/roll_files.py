"""Reading lists of households: a spreadsheet or CSV in, rows and problems out; no database."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from typing import Any

from django.utils.translation import gettext as _

from kolaborasi.aid.models import Hardship
from kolaborasi.people.errors import KK_SENTENCES, NIK_SENTENCES
from kolaborasi.people.rules import Nik, NotANumber, read_kk, read_nik
from kolaborasi.places.problems import Problem
from kolaborasi.places.sheets import find_headings, read_rows, unreadable

COLUMNS = {
    "nik": ("nik", "no nik", "nomor nik", "nik kepala keluarga", "no ktp"),
    "kk": ("kk", "no kk", "nomor kk", "no. kk", "nomor kartu keluarga"),
    "name": ("nama", "name", "nama kepala keluarga", "nama lengkap"),
    "size": ("jiwa", "size", "anggota", "jumlah anggota", "jumlah jiwa"),
    "hardship": ("alasan", "reason", "hardship", "sebab"),
}
OPTIONAL = {
    "elderly": ("lansia", "elderly"),
    "toddlers": ("balita", "toddlers"),
    "disabled": ("disabilitas", "disabled"),
    "code": ("kode kelurahan", "kode", "code", "kode wilayah"),
    "address": ("alamat", "address"),
    "phone": ("telepon", "no hp", "hp", "phone"),
}
HARDSHIPS = {
    "kehilangan penghasilan": Hardship.INCOME,
    "penghasilan": Hardship.INCOME,
    "phk": Hardship.INCOME,
    "isoman": Hardship.ISOLATION,
    "isolasi": Hardship.ISOLATION,
    "sakit": Hardship.ILLNESS,
    "meninggal": Hardship.BEREAVED,
    "banjir": Hardship.DISASTER,
    "kebakaran": Hardship.DISASTER,
    "miskin": Hardship.POVERTY,
    "lainnya": Hardship.OTHER,
    **{word.value: word for word in Hardship},
}
"""What lists write for a hardship, and the word of ours."""

MOST_LINES = 2_000_000
LARGEST_HOUSEHOLD = 30
LONGEST_NAME = 120


@dataclass(frozen=True)
class RollRow:
    """One household of a list.

    Args:
        line: line of the file, from 1.
        code: area code as the file has it, empty when the list is of one place.
        birth_date: of the head, as the NIK tells.
    """

    line: int
    nik: str
    kk: str
    name: str
    size: int
    hardship: Hardship
    birth_date: date
    elderly: int = 0
    toddlers: int = 0
    disabled: int = 0
    code: str = ""
    address: str = ""
    phone: str = ""


@dataclass
class RollFile:
    """A list, read but not yet loaded; `size` counts its rows, broken ones included."""

    rows: list[RollRow] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    size: int = 0


def read_roll(content: bytes, *, name: str, today: date) -> RollFile:
    """Read a list of households; the row with the headings is looked for among the first ten.

    Args:
        content: of a workbook (xlsx, xls, ods), or of a CSV file by its name's ending.
        today: NIK and family cards of the future are refused.

    Raises:
        UnreadableFile: no such file, a heading is missing, or nobody is in it.
    """
    rows = read_rows(content, name)
    at, places = find_headings(rows, name, needed=COLUMNS, known=OPTIONAL)
    return _read(enumerate(rows[at + 1 :], start=at + 2), places, name, today)


def _read(
    lines: Iterable[tuple[int, Sequence[object]]], places: dict[str, int], name: str, today: date
) -> RollFile:
    found = RollFile()
    readers = _readers(today)
    seen: dict[str, dict[str, int]] = {"nik": {}, "kk": {}}
    for line, cells in lines:
        if any(str(cell).strip() for cell in cells):
            found.size += 1
            _read_row(found, line, cells, places, readers, seen)
    if not 0 < found.size <= MOST_LINES:
        raise unreadable(name, _("it names no household, or more than 2,000,000"))
    return found


def _read_row(
    found: RollFile,
    line: int,
    cells: Sequence[object],
    places: dict[str, int],
    readers: dict[str, Callable[[object], Any]],
    seen: dict[str, dict[str, int]],
) -> None:
    values: dict[str, Any] = {}
    problems = []
    for column, read in readers.items():
        at = places.get(column)
        try:
            values[column] = read(cells[at] if at is not None and at < len(cells) else "")
        except ValueError as error:
            problems.append(Problem(line, _heading(column), str(error)))
    for column in ("nik", "kk"):
        number = getattr(values.get(column), "digits", values.get(column, ""))
        if number and number in seen[column]:
            words = {"line": seen[column][number]}
            problems.append(
                Problem(line, _heading(column), _("The same number is on line %(line)s.") % words)
            )
        elif number:
            seen[column][number] = line
    too_many = [c for c in ("elderly", "toddlers", "disabled") if values.get(c, 0) > values.get("size", 99)]
    problems += [
        Problem(line, _heading(c), _("These are more than live in the household.")) for c in too_many
    ]
    found.problems += problems
    if not problems:
        nik = values.pop("nik")
        found.rows.append(RollRow(line=line, nik=nik.digits, birth_date=nik.birth_date, **values))


def _readers(today: date) -> dict[str, Callable[[object], Any]]:
    """How each cell is read; each raises a ValueError whose text says what to do and repeats nothing personal."""

    def nik(cell: object) -> Nik:
        try:
            return read_nik(_digits(cell), today=today)
        except NotANumber as error:
            raise ValueError(NIK_SENTENCES[error.fault]) from None

    def kk(cell: object) -> str:
        try:
            return read_kk(_digits(cell), today=today).digits
        except NotANumber as error:
            raise ValueError(KK_SENTENCES[error.fault]) from None

    few = partial(_number, least=0, most=LARGEST_HOUSEHOLD, missing=0)
    return {
        "nik": nik,
        "kk": kk,
        "name": _name,
        "size": partial(_number, least=1, most=LARGEST_HOUSEHOLD, missing=None),
        "hardship": _hardship,
        "elderly": few,
        "toddlers": few,
        "disabled": few,
        "code": _text,
        "address": _text,
        "phone": _text,
    }


def _digits(cell: object) -> str:
    """A number of sixteen digits as text. Excel keeps fifteen and puts a 0 for the sixteenth."""
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


def _text(cell: object) -> str:
    return str(int(cell)) if isinstance(cell, float) else " ".join(str(cell).split()).lstrip("'")


def _name(cell: object) -> str:
    text = " ".join(str(cell).split())
    if not 1 <= len(text) <= LONGEST_NAME or not any(letter.isalpha() for letter in text):
        raise ValueError(_("Write the name as on the card."))
    return text


def _number(cell: object, *, least: int, most: int, missing: int | None) -> int:
    text = _text(cell)
    if not text and missing is not None:
        return missing
    if not (text.isascii() and text.isdigit() and least <= int(text) <= most):
        raise ValueError(
            _("Write a whole number from %(least)s to %(most)s.") % {"least": least, "most": most}
        )
    return int(text)


def _hardship(cell: object) -> Hardship:
    word = _text(cell).lower()
    if word not in HARDSHIPS:
        words = {"words": ", ".join(Hardship.values)}
        raise ValueError(_("Write the reason as one of these words: %(words)s.") % words)
    return HARDSHIPS[word]


def _heading(column: str) -> str:
    return (COLUMNS | OPTIONAL)[column][0]
