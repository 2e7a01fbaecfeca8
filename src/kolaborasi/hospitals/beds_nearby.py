"""Candidates of the ranking from the database: every pool of a fitting class with a bed left, in one statement."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from django.conf import settings
from django.utils.timezone import localtime
from numpy.typing import NDArray

from kolaborasi.common.rows import prepared
from kolaborasi.hospitals.classes import BedClass
from kolaborasi.hospitals.ranking import Candidates, FloatArray, IntArray
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

# Hospitals come back as arrays in the order of their ids, and the hundreds of pools as one string of binary numbers: decoding rows was most of the
# time of a ranking.
_SQL = """
WITH hospital AS MATERIALIZED (
    SELECT hospital.id, hospital.acceptance, place.code,
           coalesce(site.latitude, place.latitude) AS latitude,
           coalesce(site.longitude, place.longitude) AS longitude
    FROM hospitals_hospital hospital
    JOIN partners_site site ON site.id = hospital.site_id AND site.closed_date IS NULL
    JOIN partners_partner partner ON partner.id = site.partner_id AND partner.state = 'active'
    JOIN places_place place ON place.id = site.place_id
    WHERE hospital.network = 'joined' AND coalesce(site.latitude, place.latitude) IS NOT NULL {hospitals}
)
SELECT (SELECT array_agg(id ORDER BY id) FROM hospital), (SELECT array_agg(acceptance ORDER BY id) FROM hospital),
       (SELECT array_agg(code ORDER BY id) FROM hospital), (SELECT array_agg(latitude ORDER BY id) FROM hospital),
       (SELECT array_agg(longitude ORDER BY id) FROM hospital),
       string_agg(
           int8send(pool.id) || int8send(pool.hospital_id)
           || int4send(array_position(%s::text[], pool.bed_class::text) - 1)
           || int4send(pool."limit" - pool.committed) || int4send(pool.staffed)
           || float8send(extract(epoch FROM %s - pool.observed_at)::float8) || boolsend(pool.age_unknown),
           ''::bytea
       )
FROM hospitals_bedpool pool
WHERE pool.bed_class = ANY(%s) AND pool.observed_at IS NOT NULL {pools}
"""
_POOL = np.dtype(
    [
        *(("pool", ">i8"), ("hospital", ">i8"), ("bed_class", ">i4"), ("left", ">i4"), ("staffed", ">i4")),
        *(("age", ">f8"), ("unknown", "?")),
    ]
)
"""One pool in the string; PostgreSQL sends numbers in network order."""


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
    classes = list(grades)
    hospitals, pools, values = _conditions(services_needed(wish), only, not_in)
    with prepared() as cursor:
        statement = _SQL.format(hospitals=hospitals, pools=pools)
        cursor.execute(statement, [*values[:1], classes, now, classes, *values[1:]])
        ids, acceptance, codes, latitude, longitude, packed = cursor.fetchone()
    found, at = _of_hospitals(
        np.asarray(ids or [], dtype=np.int64), np.frombuffer(packed or b"", dtype=_POOL)
    )
    limit = np.array([stale_limits()[each] for each in classes], dtype=np.float64)[found["bed_class"]]
    minutes = found["age"] / 60
    return Candidates(
        pool=found["pool"].astype(np.int64),
        hospital=found["hospital"].astype(np.int64),
        grade=np.array(list(grades.values()), dtype=np.int64)[found["bed_class"]],
        left=found["left"].astype(np.int64),
        staffed=found["staffed"].astype(np.int64),
        minutes=_minutes(origin, latitude or [], longitude or [], codes or [], now)[at],
        # Beds whose source does not say when they were counted are taken to be stale.
        age=np.where(found["unknown"], np.maximum(minutes, 2 * limit), np.maximum(minutes, 0)),
        limit=limit,
        acceptance=np.array(acceptance or [], dtype=np.float64)[at],
    )


def _of_hospitals(ids: IntArray, pools: NDArray[np.void]) -> tuple[NDArray[np.void], IntArray]:
    """Pools of these hospitals only, and the row of each one's hospital; joined here, where no plan can go wrong."""
    at = np.searchsorted(ids, pools["hospital"])
    known = np.flatnonzero(at < len(ids))
    known = known[ids[at[known]] == pools["hospital"][known]]
    return pools[known], at[known]


def _conditions(
    services: Iterable[Service], only: Iterable[int] | None, not_in: int | None
) -> tuple[str, str, list[Any]]:
    hospitals = [f"AND hospital.{SERVICE_COLUMNS[service]}" for service in sorted(services)]
    hospitals.append("AND hospital.id IS DISTINCT FROM %s")
    if only is None:
        return " ".join(hospitals), 'AND pool."limit" > pool.committed', [not_in]
    return " ".join(hospitals), "AND pool.id = ANY(%s)", [not_in, list(only)]


def _minutes(
    origin: Origin | None, latitude: list[float], longitude: list[float], codes: list[str], now: datetime
) -> FloatArray:
    if origin is None or not latitude:
        return np.zeros(len(latitude))
    there = points(np.column_stack([latitude, longitude]), [shore_of(code) for code in codes])
    minutes = travel_minutes(origin.points(), there, vehicle=VEHICLE, hour=localtime(now).hour)
    return np.asarray(minutes[0])
