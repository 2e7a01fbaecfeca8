"""The public picture of beds: each hospital of the network with its classes, in one statement."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.db.models import F
from django.db.models.functions import Coalesce
from django.utils.timezone import localtime

from kolaborasi.hospitals.beds_nearby import VEHICLE
from kolaborasi.hospitals.queries.beds import is_stale, pools
from kolaborasi.hospitals.rules import Service
from kolaborasi.optimisation.travel import great_circle_km, points, travel_minutes
from kolaborasi.places.rules import shore_of


@dataclass(frozen=True, slots=True)
class ClassBeds:
    """Beds of one class in one hospital.

    Args:
        left: can be promised now.
        observed_at: when they were counted; None when never.
        stale: the count is older than the limit of its class, or its age is unknown.
    """

    bed_class: str
    staffed: int
    occupied: int
    left: int
    waiting: int
    observed_at: datetime | None
    age_unknown: bool
    free_only: bool
    stale: bool


@dataclass(frozen=True)
class HospitalBeds:
    """One hospital of the network with its classes, as the public sees it.

    Args:
        km, minutes: great-circle distance and estimated drive from the point asked for; None without one.
    """

    pk: int
    name: str
    hospital_class: str
    area: str
    place_code: str
    latitude: float | None
    longitude: float | None
    hotline: str
    services: frozenset[Service]
    lines: Sequence[ClassBeds] = field(default_factory=tuple)
    km: float | None = None
    minutes: float | None = None

    @property
    def left(self) -> int:
        """Beds that can be promised, of the classes shown."""
        return sum(line.left for line in self.lines)

    @property
    def staffed(self) -> int:
        """Beds of the classes shown."""
        return sum(line.staffed for line in self.lines)

    @property
    def waiting(self) -> int:
        """People in and before its emergency department who wait for one of them."""
        return sum(line.waiting for line in self.lines)

    @property
    def oldest_at(self) -> datetime | None:
        """When the oldest of the counts was made."""
        return min((line.observed_at for line in self.lines if line.observed_at), default=None)

    @property
    def stale(self) -> bool:
        """Whether any of its counts is too old to rely on."""
        return any(line.stale for line in self.lines)

    def of_class(self, bed_class: str) -> HospitalBeds | None:
        """The same with one class only; None when it has none of it."""
        lines = [line for line in self.lines if line.bed_class == bed_class]
        return replace(self, lines=lines) if lines else None


_HOSPITAL = (
    *("hospital_id", "hospital__site__name", "hospital__hospital_class"),
    *("hospital__site__place__name", "hospital__site__place__code"),
)
_SERVICES = (
    (Service.DIALYSIS, "hospital__dialysis"),
    (Service.OBSTETRICS, "hospital__obstetrics"),
    (Service.PAEDIATRICS, "hospital__paediatrics"),
    (Service.VENTILATOR, "hospital__ventilator"),
)


def availability(now: datetime) -> list[HospitalBeds]:
    """Every hospital of the network with beds of every class it has reported, by name; one statement."""
    rows = pools().values_list(
        *_HOSPITAL,
        Coalesce("hospital__site__latitude", "hospital__site__place__latitude"),
        Coalesce("hospital__site__longitude", "hospital__site__place__longitude"),
        "hospital__hotline",
        *(column for _service, column in _SERVICES),
        *("bed_class", "staffed", "occupied"),
        F("limit") - F("committed"),
        F("waiting_outside") + F("waiting_inside"),
        *("observed_at", "age_unknown", "free_only"),
        is_stale(now),
    )
    found: dict[int, HospitalBeds] = {}
    lines: dict[int, list[ClassBeds]] = {}
    row: tuple[Any, ...]
    for row in rows:
        pk = row[0]
        if pk not in found:
            services = frozenset(
                each for (each, _column), true in zip(_SERVICES, row[8:12], strict=True) if true
            )
            found[pk] = _hospital(row[:8], services)
        lines.setdefault(pk, []).append(ClassBeds(*row[12:]))
    return [replace(each, lines=lines[pk]) for pk, each in found.items()]


def _hospital(columns: tuple[Any, ...], services: frozenset[Service]) -> HospitalBeds:
    pk, name, hospital_class, area, code, latitude, longitude, hotline = columns
    return HospitalBeds(pk, name, hospital_class, area, code, latitude, longitude, hotline, services)


def from_point(
    rows: Iterable[HospitalBeds], latitude: float, longitude: float, now: datetime, shore: int = 0
) -> list[HospitalBeds]:
    """The hospitals with distance and estimated driving time from a point; those without a position without."""
    found = list(rows)
    placed = [each for each in found if each.latitude is not None and each.longitude is not None]
    if not placed:
        return found
    here = points([(latitude, longitude)], [shore])
    there = points(
        [(each.latitude or 0.0, each.longitude or 0.0) for each in placed],
        [shore_of(each.place_code) for each in placed],
    )
    kilometres = great_circle_km(here, there)[0].tolist()
    minutes = travel_minutes(here, there, vehicle=VEHICLE, hour=localtime(now).hour)[0].tolist()
    away = {each.pk: (km, drive) for each, km, drive in zip(placed, kilometres, minutes, strict=True)}
    return [
        replace(each, km=away[each.pk][0], minutes=away[each.pk][1]) if each.pk in away else each
        for each in found
    ]
