"""Makes the table of Jakarta's hospitals from the published files; run as `kolaborasi hospitals build-facts FOLDER`.

The result is kept in the repository, so that the platform needs none of the files while it runs.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kolaborasi.hospitals import facts
from kolaborasi.hospitals.matching import HospitalIndex, normal_name, own_name
from kolaborasi.hospitals.siranap import is_nothing, read_snapshot
from kolaborasi.places.facts import jakarta_places
from kolaborasi.places.rules import dotted

FACTS_FOLDER = Path(facts.__file__).parent
TABLE = "jakarta_hospitals.csv"
COLUMNS = (
    *("registry_code", "name", "kind", "hospital_class", "ownership", "total_beds", "bps_city", "place"),
    *("latitude", "longitude", "source"),
)
SOURCE = """\
# Hospitals of Jakarta. registry_code, name, kind, class, owner, beds: RS Online, Kementerian Kesehatan, 2021; rows without
# a code are hospitals that SIRANAP 3.0 listed in July and August 2021 and the registry of 2021 did not have.
# bps_city: BPS code of the city (not Kemendagri). place: Kemendagri code of the kelurahan where a point of the name was
# found in Peta Dasar 1:1000 of Pemprov DKI Jakarta (fasilitas_rumahsakit), else of the city; latitude, longitude: that
# point, empty where none was found. Made by `kolaborasi hospitals build-facts`.
"""
KINDS = {"RSU": "general", "RSIA": "mother-child"}
CLASSES = frozenset("ABCD")
OWNERS = {
    "Kemkes": "ministry",
    "Pemprop": "province",
    "Pemkot": "province",
    "Pemkab": "province",
    "Kementerian Lain": "state",
    "TNI AD": "forces",
    "TNI AL": "forces",
    "TNI AU": "forces",
    "POLRI": "forces",
    "BUMN": "state-company",
    "Organisasi Sosial": "foundation",
    "Organisasi Islam": "foundation",
    "Organisasi Katholik": "foundation",
    "Organisasi Protestan": "foundation",
}
UNLISTED_OWNERS = {"RS DARURAT COVID WISMA ATLET": "state"}
"""Owners the bed site does not print; Wisma Atlet was run by the national task force (reference of the city, C4)."""
Row = dict[str, str]


@dataclass(frozen=True)
class Point:
    """A hospital on the base map: its name, the kelurahan it stands in (Kemendagri), degrees."""

    name: str
    kelurahan: str
    latitude: float
    longitude: float


def build_facts(data: Path, out: Path = FACTS_FOLDER) -> list[Path]:
    """Write the table of Jakarta's hospitals.

    Args:
        data: folder with `facilities/` and `beds/siranap/`, the published files as they are.
        out: where the table goes.

    Returns:
        The files written.

    Raises:
        FileNotFoundError: a source is missing.
    """
    rows = list(registry_rows(data))
    rows += list(unlisted_rows(data, rows))
    points = _points(data)
    located = [_located(row, points) for row in rows]
    path = out / TABLE
    path.write_text(SOURCE + _csv_text(sorted(located, key=_order)), encoding="utf-8")
    return [path]


def registry_rows(data: Path) -> Iterator[Row]:
    """The hospitals of the registry of 2021."""
    text = (data / "facilities" / "rs_online_2021_jakarta.json").read_text(encoding="utf-8")
    for entry in json.loads(text):
        code = str(entry["d.kode_rs"])
        given = str(entry["d.kelas"]).strip()
        yield {
            "registry_code": code,
            "name": clean_name(str(entry["d.nama_rs"])),
            "kind": KINDS.get(str(entry["d.jenis_rs"]), "special"),
            "hospital_class": given if given in CLASSES else "",
            "ownership": OWNERS.get(str(entry["d.pemilik"]), "private"),
            "total_beds": str(entry["(d.total_tt)"] or ""),
            "bps_city": code[:4],
            "source": "RS Online 2021",
        }


def unlisted_rows(data: Path, known: Iterable[Row]) -> Iterator[Row]:
    """Hospitals the bed site listed that are not like any of the registry."""
    index = HospitalIndex()
    for number, row in enumerate(known):
        index.add(number, name=row["name"], city=row["bps_city"], code=row["registry_code"])
    seen: set[tuple[str, str]] = set()
    for path in sorted((data / "beds" / "siranap").glob("*.csv")):
        for each in read_snapshot(path).rows:
            key = normal_name(each.name), each.city
            if key in seen or index.find(name=each.name, city=each.city) is not None:
                continue
            seen.add(key)
            yield {
                "registry_code": "",
                "name": clean_name(each.name),
                "kind": "general",
                "hospital_class": "",
                "ownership": UNLISTED_OWNERS.get(key[0], "private"),
                "total_beds": "",
                "bps_city": each.city,
                "source": "SIRANAP 3.0",
            }


def clean_name(name: str) -> str:
    """A name on one line, without marks that a wrong encoding left."""
    return " ".join(name.replace("\N{REPLACEMENT CHARACTER}", " ").split())


def _points(data: Path) -> list[Point]:
    text = (data / "facilities" / "fasilitas_rumahsakit.geojson").read_text(encoding="utf-8")
    known = {place.code for place in jakarta_places() if place.kind == "kelurahan"}
    found = []
    for feature in json.loads(text)["features"]:
        properties: Mapping[str, Any] = feature["properties"]
        longitude, latitude = feature["geometry"]["coordinates"][:2]
        code = dotted(str(properties["KODE_DESA"] or ""))
        if properties["NAMOBJ"] and not is_nothing(properties["NAMOBJ"]):
            kelurahan = code if code in known else ""
            found.append(Point(properties["NAMOBJ"], kelurahan, float(latitude), float(longitude)))
    return found


def _located(row: Row, points: list[Point]) -> Row:
    """The row with the point of its name, when one of its city has it and no other."""
    city = _cities()[row["bps_city"]]
    near = [point for point in points if point.kelurahan.startswith(f"{city}.")]
    exact = [point for point in near if normal_name(point.name) == normal_name(row["name"])]
    alike = [point for point in near if own_name(point.name) == own_name(row["name"])]
    for found in (exact, alike):
        if len(found) == 1:
            point = found[0]
            position = {"latitude": f"{point.latitude:.6f}", "longitude": f"{point.longitude:.6f}"}
            return row | {"place": point.kelurahan} | position
    return row | {"place": city, "latitude": "", "longitude": ""}


def _cities() -> dict[str, str]:
    return {place.bps_code: place.code for place in jakarta_places() if place.kind == "city"}


def _order(row: Row) -> tuple[str, str, str]:
    return row["bps_city"], row["registry_code"] or "~", row["name"]


def _csv_text(rows: Iterable[Row]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()
