"""Candidates of the ranking from the database: every pool of a fitting class with a bed left, in one statement."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from django.conf import settings
from django.db import connection
from django.utils.timezone import localtime

from kolaborasi.hospitals.classes import BedClass
from kolaborasi.hospitals.ranking import Candidates, FloatArray
from kolaborasi.hospitals.rules import Service, Wish, fitting, services_needed, stale_minutes
from kolaborasi.optimisation.travel import Points, points, travel_minutes
from kolaborasi.places.models import Place
from kolaborasi.places.rules import shore_of

VEHICLE = "car"
"""An ambulance drives with the traffic; its light helps less than is thought where nobody can give way."""
SERVICE_COLUMNS = {
    Service.DIALYSIS: "dialysis",
    Service.OBSTETRICS: "obstetrics",
    Service.PAEDIATRICS: "paediatrics",
    Service.VENTILATOR: "ventilator",
}

# Columns come back as arrays: one row to decode instead of hundreds, which is most of the time of a ranking.
_SQL = """
SELECT array_agg(pool.id), array_agg(hospital.id), array_agg(pool.bed_class),
       array_agg(pool."limit" - pool.committed), array_agg(pool.staffed),
       array_agg(coalesce(site.latitude, place.latitude)), array_agg(coalesce(site.longitude, place.longitude)),
       array_agg(place.code), array_agg(extract(epoch FROM %s - pool.observed_at)::float8),
       array_agg(hospital.acceptance), array_agg(pool.age_unknown)
FROM hospitals_bedpool pool
JOIN hospitals_hospital hospital ON hospital.id = pool.hospital_id AND hospital.network = 'joined'
JOIN partners_site site ON site.id = hospital.site_id AND site.closed_date IS NULL
JOIN partners_partner partner ON partner.id = site.partner_id AND partner.state = 'active'
JOIN places_place place ON place.id = site.place_id
WHERE pool.bed_class = ANY(%s) AND pool.observed_at IS NOT NULL
  AND coalesce(site.latitude, place.latitude) IS NOT NULL {conditions}
"""


@dataclass(frozen=True)
class Origin:
    """Where a patient is.

    Args:
        latitude, longitude: degrees; of the place, never of an address.
        shore: island, 0 for the mainland (see `optimisation.travel`).
    """

    latitude: float
    longitude: float
    shore: int

    @classmethod
    def of(cls, place: Place) -> Origin | None:
        """The point of a place; None when it has none."""
        if place.latitude is None or place.longitude is None:
            return None
        return cls(place.latitude, place.longitude, shore_of(place.code))

    def points(self) -> Points:
        """As one point of the travel-time function."""
        return points([(self.latitude, self.longitude)], [self.shore])


def stale_limits() -> Mapping[str, int]:
    """Age in minutes at which a report is stale, by class; the setting HOSPITALS_STALE_MINUTES overrides the facts."""
    changed = settings.HOSPITALS_STALE_MINUTES
    return {str(bed_class): stale_minutes(bed_class, changed) for bed_class in BedClass}


def candidates(
    wish: Wish,
    origin: Origin | None,
    now: datetime,
    *,
    only: Iterable[int] | None = None,
    not_in: int | None = None,
) -> Candidates:
    """Pools of classes that fit a patient, in hospitals that have what is needed and may take somebody.

    Args:
        origin: where the patient is; None puts every hospital at the same distance.
        only: ids of pools to look at, full ones too; all with a bed left when absent.
        not_in: hospital to leave out, since the patient comes from there.
    """
    grades = {str(bed_class): grade for bed_class, grade in fitting(wish).items()}
    conditions, values = _conditions(services_needed(wish), only, not_in)
    with connection.cursor() as cursor:
        statement = _SQL.format(conditions=conditions)
        cursor.execute(statement, [now, list(grades), *values])
        columns = cursor.fetchone()
    if columns is None or columns[0] is None:
        columns = tuple([] for _column in range(11))
    pool, hospital, classes, left, staffed, latitude, longitude, codes, age, acceptance, unknown = columns
    limits = stale_limits()
    limit = np.array([limits[each] for each in classes], dtype=np.float64)
    minutes = np.asarray(age, dtype=np.float64) / 60
    return Candidates(
        pool=np.asarray(pool, dtype=np.int64),
        hospital=np.asarray(hospital, dtype=np.int64),
        grade=np.array([grades[each] for each in classes], dtype=np.int64),
        left=np.asarray(left, dtype=np.int64),
        staffed=np.asarray(staffed, dtype=np.int64),
        minutes=_minutes(origin, latitude, longitude, codes, now),
        # Beds whose source does not say when they were counted are taken to be stale.
        age=np.where(np.asarray(unknown, dtype=bool), np.maximum(minutes, 2 * limit), np.maximum(minutes, 0)),
        limit=limit,
        acceptance=np.array([np.nan if each is None else each for each in acceptance], dtype=np.float64),
    )


def _conditions(
    services: Iterable[Service], only: Iterable[int] | None, not_in: int | None
) -> tuple[str, list[Any]]:
    parts = [f"AND hospital.{SERVICE_COLUMNS[service]}" for service in sorted(services)]
    values: list[Any] = []
    if only is None:
        parts.append('AND pool."limit" > pool.committed')
    else:
        parts.append("AND pool.id = ANY(%s)")
        values.append(list(only))
    if not_in is not None:
        parts.append("AND hospital.id <> %s")
        values.append(not_in)
    return " ".join(parts), values


def _minutes(
    origin: Origin | None, latitude: list[float], longitude: list[float], codes: list[str], now: datetime
) -> FloatArray:
    if origin is None or not latitude:
        return np.zeros(len(latitude))
    there = points(np.column_stack([latitude, longitude]), [shore_of(code) for code in codes])
    minutes = travel_minutes(origin.points(), there, vehicle=VEHICLE, hour=localtime(now).hour)
    return np.asarray(minutes[0])
