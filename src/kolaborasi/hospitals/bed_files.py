"""A file of beds in any of the forms agencies send: recognised, read, and its rows packed to wait. Pure: no database."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from pathlib import PurePath
from typing import Any

from django.utils.translation import gettext as _

from kolaborasi.hospitals.classes import BedClass
from kolaborasi.hospitals.rules import BedCount, FreeBeds
from kolaborasi.hospitals.siranap import (
    BedFile,
    HospitalRow,
    NotUnderstood,
    Seen,
    objects,
    plain_of,
    read_rooms,
    snapshot_of,
)
from kolaborasi.places.errors import UnreadableFile

MOST_BYTES = 2_000_000
MOST_ROWS = 20_000
PLAIN_EXAMPLE = """registry_code,bed_class,staffed,occupied,observed_at
3171013,isolation-np,20,18,2021-07-12T09:55
3171013,icu,4,4,2021-07-12T09:55"""
CODE_KEYS = ("registry_code", "kode_rs", "koders")


def read_bed_file(content: bytes, *, name: str, read_at: datetime, code: str = "") -> tuple[BedFile, str]:
    """Read a scraped day of SIRANAP, a message of the national API as JSON, or a plain CSV.

    Args:
        content: the whole file, at most 2 MB.
        name: of the file; what is said about it names it.
        code: registry code of the hospital of a message that names none.

    Returns:
        The rows, and the source of their reports (`ReportSource`).

    Raises:
        UnreadableFile: too large, empty, or in none of the forms.
    """
    text = content.decode("utf-8-sig", errors="replace") if len(content) <= MOST_BYTES else ""
    if len(content) > MOST_BYTES:
        raise UnreadableFile(_("The file is larger than 2 MB. Send it in parts."))
    if not text.strip() or "\x00" in text:
        raise UnreadableFile(
            _("%(file)s holds no text. Save it as CSV or JSON and send it again.") % {"file": name}
        )
    read, source = _read(text, name, read_at, code)
    if not 0 < len(read.rows) + len(read.problems) <= MOST_ROWS:
        raise UnreadableFile(
            _("%(file)s has no row, or more than %(most)s rows.") % {"file": name, "most": MOST_ROWS}
        )
    return read, source


def _read(text: str, name: str, read_at: datetime, code: str) -> tuple[BedFile, str]:
    if text.lstrip()[0] in "{[":
        return _message(text, name, read_at, code), "siranap"
    try:
        return snapshot_of(text), "siranap"
    except NotUnderstood:
        pass
    except csv.Error as error:
        raise UnreadableFile(_("%(file)s cannot be read: %(why)s") % {"file": name, "why": error}) from error
    try:
        return plain_of(text, read_at=read_at), "file"
    except NotUnderstood as error:
        raise UnreadableFile(
            _(
                "%(file)s is neither a day of SIRANAP nor a plain file of beds; for the latter it has no column: "
                "%(columns)s."
            )
            % {"file": name, "columns": error}
        ) from error
    except csv.Error as error:
        raise UnreadableFile(_("%(file)s cannot be read: %(why)s") % {"file": name, "why": error}) from error


def _message(text: str, name: str, read_at: datetime, code: str) -> BedFile:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UnreadableFile(
            _("%(file)s is no JSON: %(why)s") % {"file": name, "why": str(error)[:80]}
        ) from error
    hospitals: dict[str, list[tuple[int, Any]]] = {}
    for number, (of, room) in enumerate(_rooms(document, code), start=1):
        hospitals.setdefault(of, []).append((number, room))
    if "" in hospitals:
        raise UnreadableFile(
            _("The message does not say which hospital it is of. Choose the hospital and send it again.")
        )
    found = BedFile()
    for of, rooms in hospitals.items():
        seen, problems = read_rooms(rooms, read_at=read_at)
        found.problems += problems
        if seen:
            found.rows.append(HospitalRow(rooms[0][0], "", "", of, tuple(seen)))
    return found


def _rooms(document: object, code: str) -> Iterable[tuple[str, Any]]:
    """Every room with the registry code of its hospital: its own, that of what it stands in, or the one given."""
    inside = document.get("hospitals") if isinstance(document, Mapping) else None
    for part in inside if isinstance(inside, list) else [document]:
        around = _code_of(part) or code
        for room in objects(part):
            yield _code_of(room) or around, room


def _code_of(part: object) -> str:
    if not isinstance(part, Mapping):
        return ""
    return next((str(part[key]).strip()[:20] for key in CODE_KEYS if part.get(key)), "")


def packed(seen: Iterable[Seen]) -> list[dict[str, Any]]:
    """What a row says, as JSON that `unpacked` reads back."""
    return [
        {
            "bed_class": str(each.bed_class),
            "free_only": isinstance(each.count, FreeBeds),
            "count": vars(each.count),
            "observed_at": each.observed_at.isoformat(),
            "read_at": each.read_at.isoformat(),
            "exact_to": each.exact_to.total_seconds(),
            "age_unknown": each.age_unknown,
        }
        for each in seen
    ]


def unpacked(rows: Iterable[Mapping[str, Any]]) -> tuple[Seen, ...]:
    """The inverse of `packed`."""
    return tuple(
        Seen(
            bed_class=BedClass(row["bed_class"]),
            count=FreeBeds(**row["count"]) if row["free_only"] else BedCount(**row["count"]),
            observed_at=datetime.fromisoformat(row["observed_at"]),
            read_at=datetime.fromisoformat(row["read_at"]),
            exact_to=timedelta(seconds=row["exact_to"]),
            age_unknown=row["age_unknown"],
        )
        for row in rows
    )


def file_name(name: str) -> str:
    """A file's name as it is kept: without folders, not longer than the column."""
    return PurePath(name.replace("\\", "/")).name.strip()[:120] or "-"
