"""Lists people send: the rows of a spreadsheet or CSV file, and where its headings stand; no database."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from io import BytesIO, StringIO
from pathlib import PurePath

from django.utils.translation import gettext as _
from python_calamine import CalamineError, CalamineWorkbook, PasswordError

from kolaborasi.places.errors import UnreadableFile

HEADER_ROWS = 10
CSV_ENDINGS = (".csv", ".txt", ".tsv")

Words = Mapping[str, tuple[str, ...]]
"""For each column the headings it goes by in files, ours first."""


def read_rows(content: bytes, name: str) -> list[list[object]]:
    """Cells of the first sheet, or of a CSV file with commas, semicolons or tabs.

    Args:
        content: of a workbook (xlsx, xls, ods), or of a CSV file by its name's ending.

    Raises:
        UnreadableFile: neither, in another encoding than UTF-8, or under a password.
    """
    return _csv_rows(content, name) if PurePath(name).suffix.lower() in CSV_ENDINGS else _cells(content, name)


def find_headings(
    rows: Sequence[Sequence[object]], name: str, *, needed: Words, known: Words
) -> tuple[int, dict[str, int]]:
    """The row of the headings, looked for among the first ten, and the place of each column that is there.

    Args:
        needed: columns without which the row is none of headings.
        known: columns that may be there too.

    Raises:
        UnreadableFile: no such row; the sentence names the columns.
    """
    words = {**needed, **known}
    for at, cells in enumerate(rows[:HEADER_ROWS]):
        present = [" ".join(str(cell).lower().replace("_", " ").split()) for cell in cells]
        places = {
            column: present.index(next(word for word in those if word in present))
            for column, those in words.items()
            if any(word in present for word in those)
        }
        if all(column in places for column in needed):
            return at, places
    wanted = ", ".join(those[0] for those in words.values())
    raise unreadable(name, _("no row has the headings; name the columns: %(columns)s") % {"columns": wanted})


def unreadable(name: str, why: str) -> UnreadableFile:
    """The refusal of a file, with what is wrong in it."""
    return UnreadableFile(_("%(file)s cannot be read: %(why)s.") % {"file": name, "why": why})


def _csv_rows(content: bytes, name: str) -> list[list[object]]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise unreadable(name, _("it is no text in UTF-8")) from error
    delimiter = max(",;\t", key=text.partition("\n")[0].count)
    try:
        return [
            list(cells) for cells in csv.reader(StringIO(text, newline=""), delimiter=delimiter, strict=True)
        ]
    except csv.Error as error:
        raise unreadable(name, _("a quote is not closed")) from error


def _cells(content: bytes, name: str) -> list[list[object]]:
    try:
        workbook = CalamineWorkbook.from_filelike(BytesIO(content))
        return [list(row) for row in workbook.get_sheet_by_index(0).to_python(skip_empty_area=False)]
    except PasswordError as error:
        raise unreadable(name, _("it has a password; save it without one")) from error
    except (CalamineError, IndexError, ValueError, OSError) as error:
        raise unreadable(name, _("it is no workbook; save it as xlsx or CSV")) from error
