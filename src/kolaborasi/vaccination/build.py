"""Making the facts table of published doses per kelurahan from the city's own workbook."""

from __future__ import annotations

import csv
from pathlib import Path

from python_calamine import CalamineWorkbook

from kolaborasi.places.workbooks import date_in_name

COLUMNS = (
    *("KODE KELURAHAN", "WILAYAH KOTA", "KECAMATAN", "KELURAHAN", "SASARAN", "BELUM VAKSIN"),
    *("JUMLAH DOSIS 1", "JUMLAH DOSIS 2"),
)
FACTS_FOLDER = Path(__file__).parent / "facts"


def build_facts(workbook: Path, out: Path) -> Path:
    """Write target, unvaccinated, first and second doses of every kelurahan under the workbook's own name as CSV.

    Raises:
        ValueError: the first sheet lacks one of the columns, or the name of the file has no date.
    """
    if date_in_name(workbook.stem) is None:
        raise ValueError(f"{workbook.name} has no date in its name")
    rows = CalamineWorkbook.from_path(workbook).get_sheet_by_index(0).to_python()
    headings = [" ".join(str(cell).split()) for cell in rows[0]]
    missing = [column for column in COLUMNS if column not in headings]
    if missing:
        raise ValueError(f"{workbook.name} has no column {missing[0]}")
    places = [headings.index(column) for column in COLUMNS]
    kept = [[_text(row[place]) for place in places] for row in rows[1:] if str(row[places[0]]).strip()]
    target = out / f"{workbook.stem}.csv"
    with target.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(sorted(kept))
    return target


def _text(cell: object) -> str:
    return str(int(cell)) if isinstance(cell, float) else str(cell).strip()
