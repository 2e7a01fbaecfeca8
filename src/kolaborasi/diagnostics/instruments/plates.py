"""Result files of PCR machines: Bio-Rad CFX and Applied Biosystems QuantStudio, as CSV or tab-separated text.

Column names are data (`facts/instrument_columns.csv`, with their sources); what stands above the table is skipped, as
both programs write run information there.
"""

from __future__ import annotations

import csv
import math
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from kolaborasi.diagnostics import facts
from kolaborasi.diagnostics.errors import FileRefused
from kolaborasi.diagnostics.rules.assays import Readings, normal_position
from kolaborasi.diagnostics.rules.barcodes import scanned

FIELDS = ("position", "target", "sample", "ct")
UNDETECTED = {"", "-", "nan", "n/a", "na", "undetermined", "undetected", "no ct", "inf"}
POSITION = re.compile(r"[A-P](?:[1-9]|1[0-9]|2[0-4])")
MOST_BYTES = 5_000_000


@dataclass(frozen=True)
class PlateFile:
    """What an export says.

    Args:
        instrument: `bio-rad-cfx` or `quantstudio`.
        plate: name or barcode of the plate when the file gives one.
        readings: Ct by target by position.
        samples: what the machine was told to be in a position.
    """

    instrument: str
    plate: str
    readings: dict[str, Readings]
    samples: dict[str, str]


def read_plate_file(content: bytes) -> PlateFile:
    """Read an export, whichever of the known programs wrote it.

    Raises:
        FileRefused: no table with known columns, or rows that cannot be; `details["rows"]` says which line and why.
    """
    if len(content) > MOST_BYTES:
        raise FileRefused(_("The file is larger than the export of a plate can be."))
    lines = _decoded(content).splitlines()
    instrument, header, columns, separator = _table(lines)
    readings: dict[str, dict[str, float | None]] = defaultdict(dict)
    samples: dict[str, str] = {}
    wrong: list[dict[str, Any]] = []
    for number, cells in _rows(lines, header, separator):
        try:
            position, target, sample, ct = _row(cells, columns)
        except ValueError as error:
            wrong.append({"row": number, "code": "row-refused", "message": str(error)})
            continue
        if not target:
            continue
        if target in readings[position]:
            text = _("Position %(position)s gives the target %(target)s twice.")
            wrong.append(
                {
                    "row": number,
                    "code": "twice",
                    "message": str(text % {"position": position, "target": target}),
                }
            )
        readings[position][target] = ct
        samples.setdefault(position, sample)
    if wrong:
        raise FileRefused(_("Some rows of the file cannot be read, so none was."), wrong)
    if not readings:
        raise FileRefused(_("The table of the file has no rows."))
    return PlateFile(instrument, _plate_name(lines[:header]), dict(readings), samples)


def mapped(readings: dict[str, Readings], names: Iterable[str]) -> dict[str, Readings]:
    """Readings with the target names of an assay: `n gene`, `N-gene` and `N` are one name."""
    wanted = {_plain(name): name for name in names}
    return {
        position: {wanted.get(_plain(target), target): ct for target, ct in cts.items()}
        for position, cts in readings.items()
    }


def mismatched(samples: dict[str, str], barcodes: dict[str, str]) -> list[str]:
    """Positions whose sample in the file is another tube than on our plate; unnamed ones match anything."""
    return [
        position
        for position, barcode in barcodes.items()
        if samples.get(position, "").strip() and scanned(samples[position]) != barcode
    ]


def _decoded(content: bytes) -> str:
    for encoding in (
        ("utf-8-sig", "utf-16") if content[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig", "cp1252")
    ):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise FileRefused(_("The file is no text. Export the results as CSV."))


def _table(lines: list[str]) -> tuple[str, int, dict[str, int], str]:
    """The program that wrote it, the line of its header, columns by field, and the separator."""
    for number, line in enumerate(lines):
        for separator in (",", "\t", ";"):
            cells = [cell.strip() for cell in next(csv.reader([line], delimiter=separator), [])]
            for instrument in dict.fromkeys(row["instrument"] for row in facts.instrument_columns()):
                columns = _columns(instrument, cells)
                if len(columns) == len(FIELDS):
                    return instrument, number, columns, separator
    raise FileRefused(
        _(
            "No table of Ct values was found. Export the results of the machine as CSV with well, target, sample and Ct."
        )
    )


def _columns(instrument: str, cells: list[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for row in facts.instrument_columns():
        if row["instrument"] == instrument and row["field"] not in found and row["column"] in cells:
            found[row["field"]] = cells.index(row["column"])
    return found


def _rows(lines: list[str], header: int, separator: str) -> Iterator[tuple[int, list[str]]]:
    """Rows below the header up to an empty line: other tables may follow."""
    for number, line in enumerate(lines[header + 1 :], start=header + 2):
        if not line.replace(separator, "").strip():
            return
        yield number, next(csv.reader([line], delimiter=separator))


def _row(cells: list[str], columns: dict[str, int]) -> tuple[str, str, str, float | None]:
    """Position, target, sample and Ct of a row.

    Raises:
        ValueError: in words, what is wrong with it.
    """
    if len(cells) <= max(columns.values()):
        raise ValueError(str(_("The row has too few columns.")))
    position, target, sample, ct = (cells[columns[field]].strip() for field in FIELDS)
    position = normal_position(position)
    if not POSITION.fullmatch(position):
        raise ValueError(str(_("%(text)s is no position of a plate.") % {"text": position[:10]}))
    return position, target, sample, _ct(ct)


def _ct(text: str) -> float | None:
    if text.lower() in UNDETECTED:
        return None
    try:
        value = float(text.replace(",", "."))
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise ValueError(str(_("%(text)s is no Ct value.") % {"text": text[:20]}))
    return value


def _plate_name(head: list[str]) -> str:
    """Plate or experiment name among the lines above the table."""
    for line in head:
        key, _separator, value = re.sub(r"^[*#\s]+", "", line).partition("=" if "=" in line else ",")
        if key.strip().strip('"').lower() in {"plate barcode", "barcode", "experiment barcode", "plate name"}:
            return value.split(",")[0].strip().strip('"').strip()
    return ""


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]|gene", "", name.lower())
