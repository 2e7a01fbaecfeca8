"""The national bed site's texts and messages, read and written. Pure: no database.

Two shapes: what SIRANAP 3.0 showed the public (scraped into CSV: "Tersedia 2 bed kosong IGD", "37 jam"), and the JSON a
hospital exchanges with `Fasyankes` of RS Online (id_tt, jumlah, terpakai, antrian, prepare, …).
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from kolaborasi.hospitals.classes import BedClass, class_of_siranap, codes
from kolaborasi.hospitals.rules import BedCount, FreeBeds
from kolaborasi.places.problems import Problem

JAKARTA_TIME = ZoneInfo("Asia/Jakarta")
FIRST_YEAR = 2000
"""An earlier year is a slip of the keyboard."""
_UNITS = {
    "detik": timedelta(seconds=1),
    "menit": timedelta(minutes=1),
    "jam": timedelta(hours=1),
    "hari": timedelta(days=1),
    "minggu": timedelta(weeks=1),
    "bulan": timedelta(days=30),
}
_NOTHING = frozenset({"", "NA", "N/A", "NULL", "NONE", "-"})
_FREE = re.compile(r"tersedia\s+(\d+)\s+bed", re.IGNORECASE)
_FULL = re.compile(r"penuh|tidak\s+tersedia", re.IGNORECASE)
_QUEUE = re.compile(r"antrian\s+(\d+)|(\d+)\s+(?:pasien\s+)?antri", re.IGNORECASE)
_NO_QUEUE = re.compile(r"tanpa\s+antrian|tidak\s+ada\s+antrian", re.IGNORECASE)
_AGE = re.compile(r"(kurang\s+dari\s+)?(\d+)\s+(detik|menit|jam|hari|minggu|bulan)", re.IGNORECASE)


class NotUnderstood(ValueError):
    """A text that is none of those the site is known to show."""


def is_nothing(text: str) -> bool:
    """Whether a cell says nothing: that is missing, which is not zero."""
    return text.strip().upper() in _NOTHING


def free_beds(text: str) -> int:
    """Free beds of "Tersedia 2 bed kosong IGD", "Bed IGD Penuh!" or a plain number.

    Raises:
        NotUnderstood: any other text.
    """
    found = _FREE.search(text)
    if found:
        return int(found[1])
    if _FULL.search(text):
        return 0
    if re.fullmatch(r"\s*\d+(\.0+)?\s*", text):
        return int(float(text))
    raise NotUnderstood(text)


def queue(text: str) -> int:
    """People waiting of "dengan antrian 3 pasien" or "tanpa antrian pasien.".

    Raises:
        NotUnderstood: any other text.
    """
    if is_nothing(text) or _NO_QUEUE.search(text):
        return 0
    found = _QUEUE.search(text)
    if not found:
        raise NotUnderstood(text)
    return int(found[1] or found[2])


@dataclass(frozen=True)
class Age:
    """How long ago something was, and how exactly that is known: "37 jam" is at least 37 and less than 38 hours."""

    at_least: timedelta
    exact_to: timedelta


def age(text: str) -> Age | None:
    """Age of "37 jam", "21 menit", "kurang dari 1 menit", "2 hari"; None when the cell says nothing.

    Raises:
        NotUnderstood: any other text.
    """
    if is_nothing(text):
        return None
    found = _AGE.search(text)
    if not found:
        raise NotUnderstood(text)
    unit = _UNITS[found[3].lower()]
    number = int(found[2])
    return Age(timedelta(0), number * unit) if found[1] else Age(number * unit, unit)


@dataclass(frozen=True)
class Seen:
    """One class of one hospital as a row of a file has it.

    Args:
        observed_at: when the beds were counted, to `exact_to`; when it was read where the age is unknown.
        read_at: when the source was read.
    """

    bed_class: BedClass
    count: BedCount | FreeBeds
    observed_at: datetime
    read_at: datetime
    exact_to: timedelta = timedelta(0)
    age_unknown: bool = False


@dataclass(frozen=True)
class HospitalRow:
    """One hospital of a file, with every class the row says something about.

    Args:
        city: BPS code of the city.
        code: registry code; empty when the source has none.
        seen: empty when every cell of the row is: missing, which is not full.
    """

    line: int
    name: str
    city: str
    code: str
    seen: tuple[Seen, ...]


@dataclass
class BedFile:
    """What was read of a file: its hospitals, and the rows that were not understood, with why."""

    rows: list[HospitalRow] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


COVID_COLUMNS = ("bed_availability", "queue", "last_update")
WARD_COLUMNS = {
    "1": BedClass.WARD_1,
    "2": BedClass.WARD_2,
    "3": BedClass.WARD_3,
}


def read_snapshot(path: Path) -> BedFile:
    """Read a file that holds a scraped day; see `snapshot_of`."""
    return snapshot_of(path.read_text(encoding="utf-8-sig", errors="replace"))


def snapshot_of(text: str) -> BedFile:
    """A scraped day of SIRANAP 3.0, of Covid beds or of ordinary wards; the columns tell which.

    Raises:
        NotUnderstood: the text has the columns of neither.
    """
    reader = csv.DictReader(io.StringIO(text))
    columns = set(reader.fieldnames or ())
    covid = set(COVID_COLUMNS) <= columns
    if not {"hospital", "district", "scraped_at"} <= columns or not (covid or "bed_class1" in columns):
        raise NotUnderstood(", ".join(sorted(columns - {""})[:8]))
    found = BedFile()
    for row in reader:
        try:
            seen = tuple(_covid(row) if covid else _wards(row))
        except (ValueError, TypeError, OverflowError) as error:
            found.problems.append(Problem(reader.line_num, "", _not_understood(error)))
            continue
        name, city = " ".join((row["hospital"] or "").split()), (row["district"] or "").strip()
        found.rows.append(HospitalRow(reader.line_num, name, city, "", seen))
    return found


def _not_understood(error: Exception) -> str:
    # Cells may hold anything, so no more of one is kept than a person needs to find it.
    return _("“%(text)s” is not understood.") % {"text": str(error)[:80]}


def _moment(text: str) -> datetime:
    """A time of a file, Jakarta's where it names no zone.

    Raises:
        NotUnderstood: no time, or one before anybody counted beds for the network.
    """
    try:
        found = datetime.fromisoformat(text.strip())
    except ValueError:
        raise NotUnderstood(text) from None
    if found.year < FIRST_YEAR:
        raise NotUnderstood(text)
    return found if found.tzinfo else found.replace(tzinfo=JAKARTA_TIME)


def _covid(row: Mapping[str, str]) -> Iterator[Seen]:
    if is_nothing(row["bed_availability"]):
        return
    count = FreeBeds(free_beds(row["bed_availability"]), waiting_outside=queue(row["queue"]))
    yield _seen(BedClass.ED, count, row["last_update"], _read_at(row))


def _wards(row: Mapping[str, str]) -> Iterator[Seen]:
    for number, bed_class in WARD_COLUMNS.items():
        cell = row.get(f"bed_class{number}") or ""
        if not is_nothing(cell):
            when = row.get(f"last_update_class{number}") or ""
            yield _seen(bed_class, FreeBeds(free_beds(cell)), when, _read_at(row))


def _read_at(row: Mapping[str, str]) -> datetime:
    return _moment(row["scraped_at"])


def _seen(bed_class: BedClass, count: FreeBeds, text: str, read_at: datetime) -> Seen:
    known = age(text)
    if known is None:
        return Seen(bed_class, count, read_at, read_at, age_unknown=True)
    return Seen(bed_class, count, read_at - known.at_least, read_at, exact_to=known.exact_to)


def read_message(rows: object, *, read_at: datetime) -> tuple[list[Seen], list[Problem]]:
    """Read what a hospital sends to `Fasyankes`: one object, a list, or either under `fasyankes` or `data`.

    Rooms of the same class are summed. `terpakai` is everybody in a bed, `prepare` beds being made ready, `prepare_plan`
    beds to come, `antrian` people waiting: before the emergency department for its own class, else inside it.

    Args:
        rows: JSON as decoded; numbers may be texts, as many senders write them.
        read_at: when it came in; `tglupdate` says when a room was counted where it is given, in Jakarta's time.

    Returns:
        Classes seen, and the rows that were not understood, by their number from 1.
    """
    return read_rooms(list(enumerate(objects(rows), start=1)), read_at=read_at)


def read_rooms(rooms: Sequence[tuple[int, Any]], *, read_at: datetime) -> tuple[list[Seen], list[Problem]]:
    """Rooms of one hospital, each with its number in the message; as `read_message`."""
    sums: dict[BedClass, list[int]] = {}
    times: dict[BedClass, datetime] = {}
    problems: list[Problem] = []
    for number, row in rooms:
        try:
            bed_class, values, counted_at = _room(row, read_at)
        except (KeyError, TypeError, ValueError) as error:
            problems.append(Problem(number, "", _not_understood(error)))
            continue
        total = sums.setdefault(bed_class, [0] * len(_NUMBERS))
        sums[bed_class] = [one + other for one, other in zip(total, values, strict=True)]
        # The picture of a class is as old as its oldest room.
        times[bed_class] = min(times.get(bed_class, counted_at), counted_at)
    return [_counted(each, sums[each], times[each], read_at) for each in sums], problems


_NUMBERS = ("jumlah", "terpakai", "antrian", "prepare", "prepare_plan")


def objects(rows: object) -> list[Any]:
    """The rooms of a message in any of its wrappings."""
    if isinstance(rows, Mapping):
        inner = rows.get("fasyankes", rows.get("data"))
        return objects(inner) if inner is not None else [rows]
    return list(rows) if isinstance(rows, list | tuple) else [rows]


def _room(row: Any, read_at: datetime) -> tuple[BedClass, list[int], datetime]:
    if not isinstance(row, Mapping):
        raise NotUnderstood(str(row))
    bed_class = class_of_siranap(_whole(row["id_tt"]))
    if bed_class is None:
        raise NotUnderstood(f"id_tt {row['id_tt']}")
    values = [_whole(row.get(name) or 0) for name in _NUMBERS]
    stamp = str(row.get("tglupdate") or "").strip()
    if not stamp or is_nothing(stamp):
        return bed_class, values, read_at
    return bed_class, values, _moment(stamp)


def _whole(value: object) -> int:
    if isinstance(value, bool) or not re.fullmatch(r"\s*-?\d+\s*", str(value)):
        raise NotUnderstood(str(value))
    return int(str(value))


def _counted(bed_class: BedClass, values: list[int], counted_at: datetime, read_at: datetime) -> Seen:
    staffed, occupied, waiting, cleaning, preparing = values
    outside = waiting if bed_class == BedClass.ED else 0
    count = BedCount(
        staffed=staffed,
        occupied=occupied,
        cleaning=cleaning,
        preparing=preparing,
        waiting_outside=outside,
        waiting_inside=waiting - outside,
    )
    return Seen(bed_class, count, counted_at, read_at)


@dataclass(frozen=True)
class PoolNumbers:
    """What a message says of one pool; the columns of `BedPool`."""

    bed_class: BedClass
    staffed: int
    occupied: int
    preparing: int
    cleaning: int
    waiting_outside: int
    waiting_inside: int
    observed_at: datetime | None


def write_message(pools: Iterable[PoolNumbers]) -> dict[str, list[dict[str, Any]]]:
    """What `Fasyankes` expects of a hospital's pools; classes it has no number for are left out.

    `terpakai_konfirmasi` and `terpakai_suspek` are left at 0: who of the patients had a positive test is no matter of
    beds. `ruang` is the class's own code, so that the site's rooms and our classes pair off.
    """
    rows = []
    for pool in pools:
        id_tt = codes()[pool.bed_class].siranap
        if id_tt is None or pool.observed_at is None:
            continue
        counted_at = pool.observed_at.astimezone(JAKARTA_TIME)
        rows.append(
            {
                "id_tt": str(id_tt),
                "ruang": str(pool.bed_class),
                "jumlah_ruang": 1,
                "jumlah": pool.staffed,
                "terpakai": pool.occupied,
                "terpakai_suspek": 0,
                "terpakai_konfirmasi": 0,
                "antrian": pool.waiting_outside + pool.waiting_inside,
                "prepare": pool.cleaning,
                "prepare_plan": pool.preparing,
                "covid": 0 if id_tt <= 5 else 1,
                "tglupdate": counted_at.strftime("%Y-%m-%d %H:%M:%S"),
            }
        )
    return {"fasyankes": rows}


PLAIN_COLUMNS = (
    *("staffed", "occupied", "others", "cleaning", "preparing", "waiting_outside", "waiting_inside"),
)


def read_plain(path: Path, *, read_at: datetime) -> BedFile:
    """Read a file that holds a plain CSV; see `plain_of`."""
    return plain_of(path.read_text(encoding="utf-8-sig", errors="replace"), read_at=read_at)


def plain_of(text: str, *, read_at: datetime) -> BedFile:
    """A plain CSV: `registry_code` or `hospital` and `district`, `bed_class`, `staffed`, `occupied`, `observed_at`.

    Optional: `others`, `cleaning`, `preparing`, `waiting_outside`, `waiting_inside`. Separated by commas or semicolons.
    `bed_class` is our code or SIRANAP's number. A time without zone is Jakarta's.

    Raises:
        NotUnderstood: a column that must be there is missing.
    """
    first = text.partition("\n")[0]
    reader = csv.DictReader(io.StringIO(text), delimiter=";" if first.count(";") > first.count(",") else ",")
    columns = set(reader.fieldnames or ())
    missing = {"bed_class", "staffed", "occupied", "observed_at"} - columns
    if missing or not columns & {"registry_code", "hospital"}:
        raise NotUnderstood(", ".join(sorted(missing or {"registry_code"})))
    found = BedFile()
    for row in reader:
        cells = {name: (value or "").strip() for name, value in row.items() if name}
        try:
            seen = _plain(cells, read_at)
        except (ValueError, OverflowError) as error:
            found.problems.append(Problem(reader.line_num, "", _not_understood(error)))
            continue
        found.rows.append(
            HospitalRow(
                reader.line_num,
                cells.get("hospital", ""),
                cells.get("district", ""),
                cells.get("registry_code", ""),
                (seen,),
            )
        )
    return found


def _plain(cells: Mapping[str, str], read_at: datetime) -> Seen:
    values = {name: _whole(cells[name]) for name in PLAIN_COLUMNS if cells.get(name)}
    if not {"staffed", "occupied"} <= values.keys():
        raise NotUnderstood(_("an empty number"))
    return Seen(_class_of(cells["bed_class"]), BedCount(**values), _moment(cells["observed_at"]), read_at)


def _class_of(text: str) -> BedClass:
    known = class_of_siranap(int(text)) if text.isdigit() else None
    if known is not None:
        return known
    try:
        return BedClass(text.lower())
    except ValueError:
        raise NotUnderstood(text) from None
