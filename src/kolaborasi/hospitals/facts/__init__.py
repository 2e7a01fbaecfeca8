"""Facts that come with the room: bed classes with foreign codes, which bed may stand in for which, Jakarta's hospitals."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from functools import cache
from importlib import resources


def read_table(name: str) -> list[dict[str, str]]:
    """Rows of a facts table; lines that begin with `#` name its source and are skipped."""
    text = resources.files(__name__).joinpath(name).read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    return list(csv.DictReader(io.StringIO("\n".join(lines))))


@dataclass(frozen=True)
class HospitalFact:
    """One hospital of Jakarta, as the published files have it.

    Args:
        registry_code: of RS Online; empty for one that the registry of 2021 did not have.
        bps_city: BPS code of the city, in which the registry's code begins.
        place: Kemendagri code of the kelurahan, or of the city where no point was found.
        position: latitude and longitude in degrees; None where no point was found.
        source: where the row comes from.
    """

    registry_code: str
    name: str
    kind: str
    hospital_class: str
    ownership: str
    total_beds: int | None
    bps_city: str
    place: str
    position: tuple[float, float] | None
    source: str


@cache
def jakarta_hospitals() -> tuple[HospitalFact, ...]:
    """Every hospital of Jakarta that is known, in the network of 2021 or not."""
    return tuple(_hospital(row) for row in read_table("jakarta_hospitals.csv"))


def _hospital(row: dict[str, str]) -> HospitalFact:
    found = row["latitude"] != ""
    return HospitalFact(
        registry_code=row["registry_code"],
        name=row["name"],
        kind=row["kind"],
        hospital_class=row["hospital_class"],
        ownership=row["ownership"],
        total_beds=int(row["total_beds"]) if row["total_beds"] else None,
        bps_city=row["bps_city"],
        place=row["place"],
        position=(float(row["latitude"]), float(row["longitude"])) if found else None,
        source=row["source"],
    )
