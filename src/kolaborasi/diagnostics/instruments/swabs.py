"""Lists of swabs of a mass test or of a site with a system of its own; documented in `docs/diagnostics-files.md`."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.utils.timezone import get_default_timezone, is_naive, make_aware
from django.utils.translation import gettext_lazy as _

from kolaborasi.diagnostics.errors import FileRefused
from kolaborasi.diagnostics.instruments.tables import MOST_BYTES, city_moment
from kolaborasi.diagnostics.models import Priority
from kolaborasi.diagnostics.services.orders import Subject, Wish
from kolaborasi.diagnostics.services.swabs import Swab
from kolaborasi.messages.models import Channel
from kolaborasi.partners.models import Site
from kolaborasi.places.models import Place
from kolaborasi.places.queries import places_by_code
from kolaborasi.places.sheets import find_headings, read_rows

NEEDED = {
    "barcode": ("barcode", "kode batang"),
    "name": ("name", "nama", "nama lengkap"),
    "birth_date": ("birth date", "tanggal lahir"),
    "sex": ("sex", "jenis kelamin"),
    "reason": ("reason", "alasan"),
    "kind": ("kind", "jenis spesimen"),
    "collected_at": ("collected at", "waktu pengambilan"),
}
OPTIONAL = {
    "nik": ("nik",),
    "phone": ("phone", "telepon", "no hp"),
    "email": ("email", "surel"),
    "channel": ("channel", "saluran"),
    "priority": ("priority", "prioritas"),
    "residence": ("residence", "kode kelurahan"),
}
SEXES = {"female": "female", "perempuan": "female", "male": "male", "laki-laki": "male"}


def read_swabs(content: bytes, *, name: str, site: Site) -> tuple[list[Swab], list[dict[str, Any]]]:
    """Rows of a list of swabs taken at a site, and those that cannot be read with why.

    Args:
        content: of a workbook (xlsx, xls, ods), or of a CSV file by its name's ending.

    Raises:
        FileRefused: it is too large.
        UnreadableFile: no such file, or headings are missing.
    """
    if len(content) > MOST_BYTES:
        raise FileRefused(_("The file is too large. Send at most 60 MB at once."))
    lines = read_rows(content, name)
    at, places = find_headings(lines, name, needed=NEEDED, known=OPTIONAL)
    rows = {
        number: {column: cells[place] for column, place in places.items() if place < len(cells)}
        for number, cells in enumerate(lines[at + 1 :], start=at + 2)
        if any(str(cell).strip() for cell in cells)
    }
    homes = places_by_code({code for row in rows.values() if (code := _text(row.get("residence", "")))})
    swabs: list[Swab] = []
    wrong: list[dict[str, Any]] = []
    for number, row in rows.items():
        try:
            swabs.append(_swab(number, row, site, homes))
        except ValueError as error:
            wrong.append({"row": number, "code": "row-refused", "message": str(error)})
    return swabs, wrong


def _swab(number: int, row: dict[str, object], site: Site, homes: dict[str, Place]) -> Swab:
    told = {column: _text(row.get(column, "")) for column in (*NEEDED, *OPTIONAL)}
    at = _moment(row.get("collected_at", ""))
    if at is None:
        raise ValueError(str(_("The time of the swab is not written like 2021-07-12T10:30.")))
    sex = SEXES.get(told["sex"].lower())
    if sex is None:
        raise ValueError(str(_("The sex is neither female nor male.")))
    channel = told["channel"] or Channel.EMAIL
    if channel not in Channel.values:
        raise ValueError(str(_("There is no such channel: %(channel)s.") % {"channel": channel}))
    subject = Subject(
        name=told["name"],
        birth_date=_birth_date(row.get("birth_date", "")),
        sex=sex,
        nik=_nik(row.get("nik", "")),
        phone=told["phone"],
        email=told["email"],
    )
    wish = Wish(
        reason=told["reason"],
        site=site,
        priority=told["priority"] or Priority.ROUTINE,
        channel=channel,
        residence=_home(told["residence"], homes),
    )
    return Swab(number, subject, wish, told["barcode"], told["kind"], at)


def _text(cell: object) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip().lstrip("'")


def _nik(cell: object) -> str:
    text = _text(cell)
    # Excel keeps fifteen digits of a number and puts a 0 for the sixteenth.
    if isinstance(cell, float) and len(text) == 16 and text.endswith("0"):
        raise ValueError(
            str(
                _(
                    "The spreadsheet may have changed the last digit. Format the column as text and type it again."
                )
            )
        )
    return text


def _moment(cell: object) -> datetime | None:
    if isinstance(cell, datetime):
        return make_aware(cell, get_default_timezone()) if is_naive(cell) else cell
    return city_moment(_text(cell), "iso")


def _birth_date(cell: object) -> date:
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    try:
        return date.fromisoformat(_text(cell))
    except ValueError:
        raise ValueError(str(_("The birth date is not written like 1990-07-01."))) from None


def _home(code: str, homes: dict[str, Place]) -> Place | None:
    if code and code not in homes:
        raise ValueError(str(_("No area has this code: %(code)s.") % {"code": code}))
    return homes[code] if code else None
