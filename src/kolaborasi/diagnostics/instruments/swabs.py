"""CSV lists of swabs of a mass test or of a site with a system of its own; documented in `docs/diagnostics-files.md`."""

from __future__ import annotations

import csv
from datetime import date
from typing import Any

from django.utils.translation import gettext_lazy as _

from kolaborasi.diagnostics.errors import FileRefused
from kolaborasi.diagnostics.instruments.tables import city_moment, separator, text_lines
from kolaborasi.diagnostics.models import Priority
from kolaborasi.diagnostics.services.orders import Subject, Wish
from kolaborasi.diagnostics.services.swabs import Swab
from kolaborasi.messages.models import Channel
from kolaborasi.partners.models import Site
from kolaborasi.places.models import Place
from kolaborasi.places.queries import places_by_code

NEEDED = ("barcode", "name", "birth_date", "sex", "reason", "kind", "collected_at")
SEXES = ("female", "male")


def read_swabs_csv(content: bytes, site: Site) -> tuple[list[Swab], list[dict[str, Any]]]:
    """Rows of a list of swabs taken at a site, and those that cannot be read with why.

    Raises:
        FileRefused: it is no text, too large, or columns are missing.
    """
    lines = text_lines(content)
    reader = csv.DictReader(lines, delimiter=separator(lines))
    reader.fieldnames = [name.strip().lower() for name in reader.fieldnames or []]
    missing = [name for name in NEEDED if name not in reader.fieldnames]
    if missing:
        raise FileRefused(_("Columns are missing: %(columns)s.") % {"columns": ", ".join(missing)})
    rows = [{name: (text or "").strip() for name, text in cells.items() if name} for cells in reader]
    homes = places_by_code({row["residence"] for row in rows if row.get("residence")})
    swabs: list[Swab] = []
    wrong: list[dict[str, Any]] = []
    for number, row in enumerate(rows, start=2):
        try:
            swabs.append(_swab(number, row, site, homes))
        except ValueError as error:
            wrong.append({"row": number, "code": "row-refused", "message": str(error)})
    return swabs, wrong


def _swab(number: int, row: dict[str, str], site: Site, homes: dict[str, Place]) -> Swab:
    at = city_moment(row["collected_at"], "iso")
    if at is None:
        raise ValueError(str(_("The time of the swab is not written like 2021-07-12T10:30.")))
    if row["sex"].lower() not in SEXES:
        raise ValueError(str(_("The sex is neither female nor male.")))
    channel = row.get("channel") or Channel.EMAIL
    if channel not in Channel.values:
        raise ValueError(str(_("There is no such channel: %(channel)s.") % {"channel": channel}))
    subject = Subject(
        name=row["name"],
        birth_date=_birth_date(row["birth_date"]),
        sex=row["sex"].lower(),
        nik=row.get("nik", ""),
        phone=row.get("phone", ""),
        email=row.get("email", ""),
    )
    wish = Wish(
        reason=row["reason"],
        site=site,
        priority=row.get("priority") or Priority.ROUTINE,
        channel=channel,
        residence=_home(row.get("residence", ""), homes),
    )
    return Swab(number, subject, wish, row["barcode"], row["kind"], at)


def _birth_date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError(str(_("The birth date is not written like 1990-07-01."))) from None


def _home(code: str, homes: dict[str, Place]) -> Place | None:
    if code and code not in homes:
        raise ValueError(str(_("No area has this code: %(code)s.") % {"code": code}))
    return homes[code] if code else None
