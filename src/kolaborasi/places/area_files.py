"""Reading lists of areas from CSV and GeoJSON: text in, rows and problems out; no database."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from kolaborasi.places.errors import UnreadableFile, WrongScheme
from kolaborasi.places.problems import Problem
from kolaborasi.places.rules import (
    BadCode,
    Scheme,
    canonical_code,
    digits_of,
    display_name,
    is_ambiguous,
    is_dotted,
    names_under,
    scheme_evidence,
)

CODE_COLUMNS = {
    Scheme.KEMENDAGRI: ("kode_dagri", "kode_kemendagri", "kemendagri", "kemendagri_code"),
    Scheme.BPS: ("kode_bps", "bps_code", "bps"),
}
PLAIN_CODE = (
    "code",
    "kode",
    "kode_wilayah",
    "kode_desa",
    "kode_kelurahan",
    "kode_kecamatan",
    "id_kel",
    "id_kec",
)
NAME_COLUMNS = (
    *(
        "name",
        "nama",
        "nama_dagri",
        "nama_kelurahan",
        "desa_kelur",
        "kelurahan",
        "nama_kecamatan",
        "kecamatan",
    ),
    *("nama_bps", "nama_kota", "kab_kota"),
)
LATITUDE, LONGITUDE = ("latitude", "lat"), ("longitude", "lng", "lon", "long")
# Indonesia with a margin; a pair outside has most often been swapped.
SOUTH, NORTH, WEST, EAST = -12.0, 7.0, 94.0, 142.0


LONGEST_NAME = 80


@dataclass(frozen=True)
class AreaRow:
    """One area of a file.

    Args:
        line: line of the file from 1, or feature number.
        code: canonical code in the file's scheme.
        bps_code: BPS code where the file gives both; empty otherwise.
        name: as shown to people.
        latitude, longitude: degrees, None when the file has none.
    """

    line: int
    code: str
    bps_code: str
    name: str
    latitude: float | None
    longitude: float | None


@dataclass
class AreaFile:
    """A list of areas, read but not yet loaded."""

    source: str
    scheme: Scheme
    rows: list[AreaRow] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    @property
    def size(self) -> int:
        """Rows read, broken ones included."""
        return len(self.rows) + len({problem.line for problem in self.problems})


@dataclass(frozen=True)
class _Columns:
    code: str
    bps: str
    name: str
    latitude: str
    longitude: str


def read_areas(path: Path, *, scheme: Scheme | None = None) -> AreaFile:
    """Read a CSV (comma, semicolon or tab) or GeoJSON list of areas.

    Args:
        scheme: whose codes the file has; may be left out when the column's name or the dots in the codes tell.

    Raises:
        UnreadableFile: not CSV or GeoJSON, no code column, no name column, no rows.
        WrongScheme: no scheme was named where two are possible, or the names agree with the other one.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise UnreadableFile(
            _("%(file)s cannot be read: %(why)s") % {"file": path.name, "why": error}
        ) from error
    is_json = path.suffix.lower() in {".geojson", ".json"}
    records, problems, headings = (_geojson_records if is_json else _csv_records)(path, text)
    columns, named = _columns(path, headings, scheme)
    pairs = [
        (str(record.get(columns.code, "")), str(record.get(columns.name, ""))) for _line, record in records
    ]
    areas = AreaFile(path.stem, settled_scheme(path, pairs, named, scheme), problems=problems)
    for line, record in records:
        _read_record(areas, columns, line, record)
    _refuse_repeats(areas)
    return areas


Record = Mapping[str, Any]
Records = list[tuple[int, Record]]


def _csv_records(path: Path, text: str) -> tuple[Records, list[Problem], Sequence[str]]:
    # Emptied, not dropped, so that problems tell the line of the file.
    lines = ["" if line.startswith("#") else line for line in text.splitlines()]
    delimiter = max(",;\t", key=next((line for line in lines if line.strip()), "").count)
    reader = csv.reader(lines, delimiter=delimiter)
    try:
        numbered = [(reader.line_num, cells) for cells in reader if any(cell.strip() for cell in cells)]
    except csv.Error as error:
        raise UnreadableFile(
            _("%(file)s cannot be read: %(why)s") % {"file": path.name, "why": error}
        ) from error
    header = numbered[0][1] if numbered else []
    headings = [cell.strip().lower() for cell in header]
    records: Records = []
    problems: list[Problem] = []
    for line, cells in numbered[1:]:
        if len(cells) != len(headings):
            words = {"cells": len(cells), "columns": len(headings)}
            text = _("has %(cells)s cells where the header has %(columns)s. Look for a stray delimiter.")
            problems.append(Problem(line, "", text % words))
        else:
            records.append((line, dict(zip(headings, cells, strict=True))))
    return records, problems, headings


def _geojson_records(path: Path, text: str) -> tuple[Records, list[Problem], Sequence[str]]:
    try:
        collection = json.loads(text)
        features = list(collection["features"])
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        reason = _("%(file)s is not a GeoJSON FeatureCollection: %(why)s") % {"file": path.name, "why": error}
        raise UnreadableFile(reason) from error
    records: Records = []
    problems: list[Problem] = []
    headings: dict[str, None] = {}
    for number, feature in enumerate(features, start=1):
        properties = feature.get("properties") if isinstance(feature, dict) else None
        if not isinstance(properties, dict):
            problems.append(
                Problem(number, "properties", _("is missing. Give each feature a code and a name."))
            )
            continue
        record = {str(key).strip().lower(): value for key, value in properties.items()}
        centre = _centre_of(feature.get("geometry"))
        if centre and not set(record) & set(LATITUDE):
            record |= {"lat": centre[0], "lng": centre[1]}
        headings |= dict.fromkeys(record)
        records.append((number, record))
    return records, problems, list(headings)


def _centre_of(geometry: object) -> tuple[float, float] | None:
    """Latitude and longitude of a Point, or of the centre of gravity of the largest ring of a polygon."""
    if not isinstance(geometry, dict):
        return None
    coordinates: Any = geometry.get("coordinates")
    try:
        if geometry.get("type") == "Point":
            return float(coordinates[1]), float(coordinates[0])
        polygons = coordinates if geometry.get("type") == "MultiPolygon" else [coordinates]
        latitude, longitude, _area = max((_ring_centre(p[0]) for p in polygons), key=lambda centre: centre[2])
        return latitude, longitude
    except (TypeError, IndexError, ValueError, ZeroDivisionError):
        return None


def _ring_centre(ring: Sequence[Sequence[float]]) -> tuple[float, float, float]:
    # Shoelace formula, about the first point so that small areas far from the origin keep their digits.
    x0, y0 = ring[0][0], ring[0][1]
    doubled = east = north = 0.0
    for (xa, ya, *_a), (xb, yb, *_b) in pairwise(ring):
        cross = (xa - x0) * (yb - y0) - (xb - x0) * (ya - y0)
        doubled += cross
        east += (xa + xb - 2 * x0) * cross
        north += (ya + yb - 2 * y0) * cross
    return y0 + north / (3 * doubled), x0 + east / (3 * doubled), abs(doubled) / 2


def _columns(path: Path, headings: Sequence[str], scheme: Scheme | None) -> tuple[_Columns, Scheme | None]:
    """The columns of a file, and the scheme the name of its code column speaks for."""
    kemendagri, bps = (_first(headings, CODE_COLUMNS[s]) for s in (Scheme.KEMENDAGRI, Scheme.BPS))
    plain, name = _first(headings, PLAIN_CODE), _first(headings, NAME_COLUMNS)
    code = (bps if scheme == Scheme.BPS and bps else kemendagri) or plain or bps
    if not code or not name:
        wanted = {"file": path.name, "columns": ", ".join(headings) or "-"}
        raise UnreadableFile(
            _("%(file)s needs a column “code” and a column “name”; it has: %(columns)s.") % wanted
        )
    named = Scheme.BPS if code == bps else Scheme.KEMENDAGRI if code == kemendagri else None
    second = bps if code != bps else ""
    return _Columns(code, second, name, _first(headings, LATITUDE), _first(headings, LONGITUDE)), named


def _first(headings: Sequence[str], wanted: Iterable[str]) -> str:
    return next((heading for heading in wanted if heading in headings), "")


def settled_scheme(
    path: Path, pairs: Sequence[tuple[str, str]], named: Scheme | None, scheme: Scheme | None
) -> Scheme:
    """Whose codes a file has: as the caller says, as its column is named, or as its codes and names tell.

    Args:
        path: of the file, for the sentence of a refusal.
        pairs: code and name of each row as the file has them; an empty name says nothing.
        named: what the name of the code column says.
        scheme: what the caller says.

    Raises:
        UnreadableFile: there are no rows.
        WrongScheme: what was said disagrees with the file, or nobody said where two readings are possible.
    """
    if not pairs:
        raise UnreadableFile(_("%(file)s has no rows that can be read.") % {"file": path.name})
    evidence = scheme_evidence(pairs)
    shape = _scheme_by_shape(pairs)
    said = scheme or named
    told = evidence.verdict or shape
    if said and told and said != told:
        words = {"file": path.name, "said": said, "told": told, "clash": _clash_sentence(evidence.clash)}
        text = _("%(file)s is read as %(said)s, but its codes and names only agree under %(told)s. %(clash)s")
        raise WrongScheme((text % words).strip())
    if said or shape:
        return said or shape or Scheme.KEMENDAGRI
    if evidence.clash:
        words = {"file": path.name, "clash": _clash_sentence(evidence.clash), "told": evidence.verdict or "?"}
        raise WrongScheme(
            _(
                "%(file)s does not say whose codes it has. %(clash)s Say which with --scheme (the names speak for: %(told)s)."
            )
            % words
        )
    return evidence.verdict or Scheme.KEMENDAGRI


def _scheme_by_shape(pairs: Sequence[tuple[str, str]]) -> Scheme | None:
    """Dots are Kemendagri, seven digits are BPS, six are Kemendagri; other lengths are the same in both."""
    codes = [code for code, _name in pairs]
    if any(is_dotted(code) for code in codes):
        return Scheme.KEMENDAGRI
    lengths = {len(digits_of(code)) for code in codes}
    return Scheme.BPS if 7 in lengths else Scheme.KEMENDAGRI if 6 in lengths else None


def _clash_sentence(clash: tuple[str, str, str] | None) -> str:
    if clash is None:
        return ""
    words = {"code": clash[0], "bps": clash[1], "kemendagri": clash[2]}
    return _("%(code)s is %(bps)s in BPS and %(kemendagri)s in Kemendagri.") % words


def clash_sentence(code: object) -> str:
    """What an undotted code names in each scheme, as one sentence; empty when it is not ambiguous."""
    names = names_under(code)
    if not is_ambiguous(code):
        return ""
    return _clash_sentence((digits_of(code), names[Scheme.BPS], names[Scheme.KEMENDAGRI]))


def _read_record(areas: AreaFile, columns: _Columns, line: int, record: Record) -> None:
    problems: list[Problem] = []
    code = _code(areas.scheme, columns.code, line, record, problems)
    bps = record.get(columns.bps, "") if columns.bps else ""
    bps_code = _code(Scheme.BPS, columns.bps, line, record, problems) if bps not in ("", None) else ""
    name = display_name(str(record.get(columns.name) or ""))
    if not name:
        problems.append(Problem(line, columns.name, _("is empty. Give the area a name.")))
    elif len(name) > LONGEST_NAME or not name.isprintable():
        reason = _("is no name: it has more than %(most)s characters or some that cannot be shown.")
        problems.append(Problem(line, columns.name, reason % {"most": LONGEST_NAME}))
    latitude, longitude = _position(columns, line, record, problems)
    if problems:
        areas.problems += problems
    else:
        areas.rows.append(AreaRow(line, code, bps_code, name, latitude, longitude))


def _code(scheme: Scheme, column: str, line: int, record: Record, problems: list[Problem]) -> str:
    try:
        return canonical_code(scheme, record.get(column, ""))
    except BadCode as error:
        lengths = "2, 4, 6, 10" if scheme == Scheme.KEMENDAGRI else "2, 4, 7, 10"
        words = {"code": error, "scheme": scheme, "lengths": lengths}
        reason = _("“%(code)s” is no %(scheme)s code, which has %(lengths)s digits.") % words
        problems.append(Problem(line, column, reason))
        return ""


def _position(
    columns: _Columns, line: int, record: Record, problems: list[Problem]
) -> tuple[float | None, float | None]:
    cells = {column: record.get(column) for column in (columns.latitude, columns.longitude) if column}
    if len(cells) < 2 or all(cell in ("", None) for cell in cells.values()):
        return None, None
    degrees: list[float] = []
    for column, cell in cells.items():
        try:
            degrees.append(float(str(cell).replace(",", ".")))
        except ValueError:
            reason = _("“%(cell)s” is not a number of degrees.") % {"cell": cell}
            problems.append(Problem(line, column, reason))
    if len(degrees) < 2:
        return None, None
    latitude, longitude = degrees
    if not (SOUTH <= latitude <= NORTH and WEST <= longitude <= EAST):
        words = {"latitude": latitude, "longitude": longitude}
        reason = (
            _("%(latitude)s, %(longitude)s is not in Indonesia. Are latitude and longitude swapped?") % words
        )
        problems.append(Problem(line, columns.latitude, reason))
    return latitude, longitude


def _refuse_repeats(areas: AreaFile) -> None:
    first: dict[str, int] = {}
    kept = []
    for row in areas.rows:
        if row.code in first:
            reason = _("repeats the code of line %(line)s. Remove one of the two.") % {
                "line": first[row.code]
            }
            areas.problems.append(Problem(row.line, "", reason))
        else:
            first[row.code] = row.line
            kept.append(row)
    areas.rows = kept
