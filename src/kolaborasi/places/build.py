"""Makes the facts tables of `facts/` from the real files; run as `kolaborasi places build-facts FOLDER`.

The results are kept in the repository, so that the platform needs none of the files while it runs.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from kolaborasi.places import facts
from kolaborasi.places.matching import PlaceIndex, match_sheet
from kolaborasi.places.rules import (
    Kind,
    Scheme,
    display_name,
    dotted,
    group_by_parent,
    match_name,
)
from kolaborasi.places.workbooks import read_counts

FACTS_FOLDER = Path(facts.__file__).parent
PROVINCE = "31"
GRID = 1e-5
SLIVER = 1e-4
TOLERANCE = {Kind.KELURAHAN: 0.0003, Kind.KECAMATAN: 0.0006, Kind.CITY: 0.001}
COVID_SERIES = (
    "covid.confirmed.cumulative",
    "covid.hospitalised",
    "covid.recovered",
    "covid.died",
    "covid.selfisolation",
)
Row = Mapping[str, Any]


def build_facts(data: Path, out: Path = FACTS_FOLDER) -> list[Path]:
    """Write every facts table that is made from files.

    Args:
        data: folder with `places/` and `covid/`, the published files as they are.
        out: where the tables go.

    Returns:
        The files written.

    Raises:
        FileNotFoundError: a source is missing.
        ValueError: two sources cannot be joined without a guess.
    """
    places = data / "places"
    jakarta = list(jakarta_rows(places))
    names = {row["code"]: row["name"] for row in jakarta}
    texts = {
        "indonesia_areas.csv.gz": _csv_text("", indonesia_rows(places)),
        "jakarta_places.csv": _csv_text(_JAKARTA_SOURCE, jakarta),
        "jakarta_covid_2021_06_30.csv": _csv_text(_COVID_SOURCE, covid_rows(data, jakarta)),
        "jakarta_new_cases_2021.csv": _csv_text(_DAILY_SOURCE, daily_rows(data)),
    }
    for kind, collection in outline_collections(places, names).items():
        text = json.dumps(collection, separators=(",", ":"), ensure_ascii=False)
        texts[f"jakarta_outlines_{kind}.geojson.gz"] = text
    return [_write(out / name, text) for name, text in texts.items()]


_JAKARTA_SOURCE = """\
# Areas of Jakarta. Kemendagri codes and names: Kepmendagri 2025 (ODbL-1.0); BPS codes: zakiego BPS-Kemendagri relation
# down to kecamatan, bps_kelurahan.csv below. Points: kelurahan boundaries 2025 (MIT). Population: Pemprov DKI Jakarta,
# 2024 and 30 June 2019. Made by `kolaborasi places build-facts`.
"""
_COVID_SOURCE = f"""\
# Confirmed Covid-19 cases by kelurahan of residence, 30 June 2021, 10.00; Pemprov DKI Jakarta, corona.jakarta.go.id,
# file "{facts.COVID_SOURCE}.xlsx". The row of code 31 is the published total; rows with
# a bucket belong to no kelurahan. Made by `kolaborasi places build-facts`.
"""
_DAILY_SOURCE = """\
# New confirmed Covid-19 cases of DKI Jakarta by day of report; covid19.go.id prov_detail_DKI_JAKARTA, by way of
# github.com/erlange/INACOVID data/csv/ext.prov.csv (commit 004b3e4). Made by `kolaborasi places build-facts`.
"""


def indonesia_rows(places: Path) -> Iterable[Row]:
    """All provinces, regencies and districts of 2025, then the former codes that the BPS relation still has."""
    bps = _bps_relation(places)
    levels = (
        _table(places / f"kemendagri_2025_{level}.csv") for level in ("provinces", "regencies", "districts")
    )
    current = [row for level in levels for row in level]
    provinces = _bps_provinces(bps)
    for row in current:
        related = bps.pop(row["code"], None)
        bps_code = related["kode_bps"] if related else provinces.get(row["code"], "")
        yield {"code": row["code"], "bps_code": bps_code, "name": row["name"], "status": "current"}
    for code, former in sorted(bps.items()):
        name = display_name(former["nama_dagri"])
        yield {"code": code, "bps_code": former["kode_bps"], "name": name, "status": "former"}


def _bps_provinces(relation: Mapping[str, Row]) -> dict[str, str]:
    # The relation has no provinces; their codes are those that their regencies begin with (Papua: 91 is BPS 94).
    return {code[:2]: row["kode_bps"][:2] for code, row in relation.items() if len(code) == 5}


def _bps_relation(places: Path) -> dict[str, Row]:
    rows = [
        *_table(places / "bps_kemendagri_regencies.csv"),
        *_table(places / "bps_kemendagri_districts.csv"),
    ]
    return {dotted(row["kode_dagri"]): row for row in rows}


def jakarta_rows(places: Path) -> Iterable[Row]:
    """The province, 6 cities and regency, 44 kecamatan and 267 kelurahan, parents first."""
    names = _jakarta_names(places)
    kelurahan = {code: name for code, name in names.items() if len(code) == 13}
    bps = {code: row["kode_bps"] for code, row in _bps_relation(places).items() if code.startswith(PROVINCE)}
    bps |= {PROVINCE: PROVINCE} | _bps_kelurahan(kelurahan, bps)
    people = _population(places, names)
    points = _points(places)
    for code, name in names.items():
        below = [k for k in kelurahan if k == code or k.startswith(f"{code}.")]
        latitude, longitude = _weighted_point([(points[k], people[k]["population_2024"]) for k in below])
        own: Row = people.get(code, {"population_2024": "", "population_2019": "", "households_2019": ""})
        kind = {2: Kind.PROVINCE, 5: Kind.CITY, 8: Kind.KECAMATAN, 13: Kind.KELURAHAN}[len(code)]
        position = {"latitude": f"{latitude:.6f}", "longitude": f"{longitude:.6f}"}
        yield {"kind": str(kind), "code": code, "bps_code": bps[code], "name": name} | position | dict(own)


def _jakarta_names(places: Path) -> dict[str, str]:
    names: dict[str, str] = {}
    for level in ("provinces", "regencies", "districts", "villages"):
        for row in _table(places / f"kemendagri_2025_{level}.csv"):
            if row["code"] == PROVINCE or row["code"].startswith(f"{PROVINCE}."):
                names[row["code"]] = row["name"]
    return names


def _bps_kelurahan(kelurahan: Mapping[str, str], bps: Mapping[str, str]) -> dict[str, str]:
    """Join the BPS kelurahan by name within the kecamatan; what is left over must pair off one to one."""
    kecamatan_of = {bps_code: code for code, bps_code in bps.items()}
    siblings = group_by_parent(kelurahan)
    joined: dict[str, str] = {}
    for exact in (True, False):
        for row in facts.read_table("bps_kelurahan.csv"):
            if row["bps_code"] in joined.values():
                continue
            free = {c: kelurahan[c] for c in siblings[kecamatan_of[row["bps_code"][:7]]] if c not in joined}
            match = match_name(row["name"], free)
            if match is not None and match.exact >= exact:
                joined[match.code] = row["bps_code"]
    if len(joined) != len(kelurahan):
        raise ValueError(f"kelurahan without a BPS code: {sorted(set(kelurahan) - set(joined))}")
    return joined


def _population(places: Path, names: Mapping[str, str]) -> dict[str, dict[str, int]]:
    people: dict[str, dict[str, int]] = {}
    for row in _table(places / "kelurahan_population_2019.csv"):
        code = dotted(row["KODE_DESA"])
        if code not in names:
            continue
        people[code] = {
            "population_2024": 0,
            "population_2019": int(float(row["JUMLAH_PEN"])),
            "households_2019": int(float(row["JUMLAH_KK"])),
        }
    kecamatan = {code: name for code, name in names.items() if len(code) == 8}
    for row in _table(places / "kelurahan_population_2024.csv"):
        above = match_name(row["district"], kecamatan)
        below = {c: n for c, n in names.items() if above and len(c) == 13 and c.startswith(above.code)}
        match = match_name(row["subdistrict"], below)
        if match is None:
            raise ValueError(f"population of 2024: no kelurahan {row['subdistrict']} in {row['district']}")
        people[match.code]["population_2024"] = int(row["population"])
    return people


def _points(places: Path) -> dict[str, tuple[float, float]]:
    """A point of each kelurahan: its published centre, or a point on its ground where the centre is in the sea."""
    import shapely

    points = {}
    for code, shape, properties in _boundaries(places):
        centre = shapely.Point(properties["lng"], properties["lat"])
        point = centre if shape.contains(centre) else shapely.point_on_surface(shape)
        points[code] = (point.y, point.x)
    return points


def _weighted_point(points: Sequence[tuple[tuple[float, float], int]]) -> tuple[float, float]:
    total = sum(weight for _point, weight in points)
    return (
        sum(point[0] * weight for point, weight in points) / total,
        sum(point[1] * weight for point, weight in points) / total,
    )


def _boundaries(places: Path) -> list[tuple[str, Any, Row]]:
    from shapely.geometry import shape

    collection = json.loads((places / "kelurahan_boundaries_2025.geojson").read_text())
    return [(f["properties"]["kode"], shape(f["geometry"]), f["properties"]) for f in collection["features"]]


def outline_collections(places: Path, names: Mapping[str, str]) -> dict[Kind, dict[str, Any]]:
    """Simplified outlines of kelurahan, kecamatan and cities; neighbours keep their common border.

    The source has slivers between neighbours, which would be simplified apart: gaps below 10 m are closed first. Wider
    areas are unions of the cleaned kelurahan. Tolerances are the square root of the area a corner may cut off, degrees.
    """
    import shapely

    boundaries = _boundaries(places)
    shapes = dict(zip([b[0] for b in boundaries], _clean([b[1] for b in boundaries]), strict=True))
    collections = {}
    for kind in (Kind.KELURAHAN, Kind.KECAMATAN, Kind.CITY):
        if kind != Kind.KELURAHAN:
            groups = group_by_parent(shapes)
            unions = [shapely.coverage_union_all([shapes[c] for c in below]) for below in groups.values()]
            shapes = dict(zip([str(code) for code in groups], unions, strict=True))
        simple = _on_grid(shapely.coverage_simplify(list(shapes.values()), TOLERANCE[kind]))
        collections[kind] = _collection(dict(zip(shapes, simple, strict=True)), names)
    return collections


def _clean(shapes: Sequence[Any]) -> list[Any]:
    import shapely

    return list(shapely.coverage_clean(list(shapes), gap_width=SLIVER))


def _on_grid(shapes: Sequence[Any]) -> list[Any]:
    """Round to five decimals (one metre) and keep a coverage: rounding may cross borders, which are cleaned again."""
    import shapely

    for _attempt in range(5):
        shapes = [shapely.set_precision(shape, GRID, mode="pointwise") for shape in shapes]
        if all(shape.is_valid for shape in shapes) and shapely.coverage_is_valid(shapes):
            return list(shapes)
        shapes = list(shapely.coverage_clean([shapely.buffer(shape, 0) for shape in shapes]))
    raise ValueError("the outlines do not stay a coverage on the grid; choose a finer one")


def _collection(shapes: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    import shapely

    features = [
        {
            "type": "Feature",
            "properties": {"code": code, "name": names[code]},
            "geometry": json.loads(shapely.to_geojson(shape)),
        }
        for code, shape in sorted(shapes.items())
    ]
    return {"type": "FeatureCollection", "features": features}


def covid_rows(data: Path, jakarta: Sequence[Row]) -> Iterable[Row]:
    """The confirmed cases of 30 June 2021, read with the importer that operators use."""
    index = PlaceIndex()
    for row in jakarta:
        index.add(Kind(row["kind"]), row["code"], row["name"], row["bps_code"])
    counts = read_counts(data / "covid" / f"{facts.COVID_SOURCE}.xlsx")
    sheet = next(sheet for sheet in counts.sheets if sheet.level == Kind.KELURAHAN)
    matched = match_sheet(index, sheet, Scheme.KEMENDAGRI)
    if matched.problems:
        raise ValueError(str(matched.problems[0]))
    yield _covid_row(PROVINCE, "", sheet.totals[0].values)
    for target, counted in sorted(matched.rows, key=lambda pair: (pair[0].code or "~", pair[0].bucket)):
        yield _covid_row(target.code or "", target.bucket, counted.values)


def _covid_row(code: str, bucket: str, values: Mapping[str, int]) -> Row:
    return {"code": code, "bucket": bucket} | {series: values[series] for series in COVID_SERIES}


def daily_rows(data: Path) -> Iterable[Row]:
    """New cases by day of report."""
    for row in _table(data / "covid" / "jakarta_delta_daily.csv"):
        yield {"date": row["date"], "new_cases": row["new_cases"]}


def _table(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig"))))


def _csv_text(comment: str, rows: Iterable[Row]) -> str:
    rows = list(rows)
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return comment + text.getvalue()


def _write(path: Path, text: str) -> Path:
    # No time stamp inside the archive, so that building twice gives the same bytes.
    content = text.encode()
    path.write_bytes(gzip.compress(content, compresslevel=9, mtime=0) if path.suffix == ".gz" else content)
    return path
