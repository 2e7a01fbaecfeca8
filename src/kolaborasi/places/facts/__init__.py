"""Facts that come with the platform: read once, kept in memory. Sources and licences are in README.md beside them."""

from __future__ import annotations

import csv
import gzip
import io
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from importlib import resources

COVID_DATE = date(2021, 6, 30)
COVID_SOURCE = "Standar Kelurahan Data Corona (30 Juni 2021 Pukul 10.00)"


@dataclass(frozen=True)
class Area:
    """One administrative area of Indonesia down to the district.

    Args:
        code: Kemendagri code with dots.
        bps_code: BPS digits; empty when not known.
        name: as Kemendagri writes it.
        current: False for a code that was given up and still begins many a NIK.
    """

    code: str
    bps_code: str
    name: str
    current: bool


@dataclass(frozen=True)
class JakartaPlace:
    """One area of Jakarta with everything the platform loads about it.

    Args:
        kind: province, city, kecamatan or kelurahan.
        code: Kemendagri code with dots.
        bps_code: BPS digits.
        latitude, longitude: degrees; a point inside the kelurahan, above it the population-weighted mean.
        population_2024, population_2019: persons; None above the kelurahan.
        households_2019: family cards (KK); None above the kelurahan.
    """

    kind: str
    code: str
    bps_code: str
    name: str
    latitude: float
    longitude: float
    population_2024: int | None
    population_2019: int | None
    households_2019: int | None


@dataclass(frozen=True)
class Count:
    """One published count of the facts table of 30 June 2021: of a place, or of a bucket that is no place."""

    code: str
    bucket: str
    series: str
    value: int


def read_bytes(name: str) -> bytes:
    """Content of a facts file, decompressed when its name ends with `.gz`."""
    content = resources.files(__name__).joinpath(name).read_bytes()
    return gzip.decompress(content) if name.endswith(".gz") else content


def read_table(name: str) -> list[dict[str, str]]:
    """Rows of a facts table; lines that begin with `#` name its source and are skipped."""
    lines = read_bytes(name).decode().splitlines()
    return list(csv.DictReader(io.StringIO("\n".join(line for line in lines if not line.startswith("#")))))


@lru_cache(maxsize=1)
def indonesia_areas() -> tuple[Area, ...]:
    """All provinces, regencies and districts, today's first, then former codes."""
    rows = read_table("indonesia_areas.csv.gz")
    return tuple(Area(r["code"], r["bps_code"], r["name"], r["status"] == "current") for r in rows)


@lru_cache(maxsize=1)
def jakarta_places() -> tuple[JakartaPlace, ...]:
    """The province, 6 cities and regency, 44 kecamatan and 267 kelurahan of Jakarta, parents first."""
    return tuple(_jakarta_place(row) for row in read_table("jakarta_places.csv"))


def _jakarta_place(row: dict[str, str]) -> JakartaPlace:
    return JakartaPlace(
        row["kind"],
        row["code"],
        row["bps_code"],
        row["name"],
        float(row["latitude"]),
        float(row["longitude"]),
        int(row["population_2024"]) if row["population_2024"] else None,
        int(row["population_2019"]) if row["population_2019"] else None,
        int(row["households_2019"]) if row["households_2019"] else None,
    )


@lru_cache(maxsize=1)
def covid_counts() -> tuple[Count, ...]:
    """Confirmed cases of 30 June 2021 per kelurahan, per bucket and for the province, in long form."""
    counts = []
    for row in read_table("jakarta_covid_2021_06_30.csv"):
        series = {name: value for name, value in row.items() if name.startswith("covid.")}
        counts += [
            Count(row["code"], row["bucket"], name, int(value)) for name, value in series.items() if value
        ]
    return tuple(counts)


@lru_cache(maxsize=1)
def daily_new_cases() -> dict[date, int]:
    """New confirmed cases of DKI Jakarta by day of report, 1 May to 30 September 2021."""
    rows = read_table("jakarta_new_cases_2021.csv")
    return {date.fromisoformat(row["date"]): int(row["new_cases"]) for row in rows}


def outlines(kind: str) -> bytes:
    """Simplified outlines as GeoJSON (UTF-8) of `city`, `kecamatan` or `kelurahan`; each feature has `code`, `name`."""
    return read_bytes(f"jakarta_outlines_{kind}.geojson.gz")
