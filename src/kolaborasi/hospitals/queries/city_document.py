"""The beds of the whole city as one JSON document, written by the database.

Two thousand rows take longer to bring into Python and out again than to read; the page of `queries.city_beds` in figures.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from kolaborasi.common.rows import prepared
from kolaborasi.hospitals.beds_nearby import stale_limits
from kolaborasi.hospitals.classes import WARDS

_SQL = """
SELECT coalesce(json_agg(city ORDER BY city.name, city.id), '[]')::text FROM (
    SELECT hospital.id, site.name, place.code AS place_code,
           coalesce(site.latitude, place.latitude) AS latitude,
           coalesce(site.longitude, place.longitude) AS longitude,
           hospital.hotline,
           json_agg(json_build_object(
               'bed_class', pool.bed_class, 'free', pool."limit" - pool.committed,
               'staffed', CASE WHEN pool.free_only THEN NULL ELSE pool.staffed END,
               'occupied', CASE WHEN pool.free_only THEN NULL ELSE pool.occupied END,
               'cleaning', pool.cleaning, 'preparing', pool.preparing,
               'waiting_outside', pool.waiting_outside, 'waiting_inside', pool.waiting_inside,
               'observed_at', CASE WHEN pool.age_unknown THEN NULL ELSE pool.observed_at END,
               'stale', pool.age_unknown OR pool.observed_at IS NULL
                        OR pool.observed_at < %(now)s - make_interval(mins => stale.minutes)
           ) ORDER BY pool.id) AS beds
    FROM hospitals_bedpool pool
    JOIN unnest(%(classes)s::text[], %(limits)s::int[]) AS stale (bed_class, minutes)
        ON stale.bed_class = pool.bed_class
    JOIN hospitals_hospital hospital ON hospital.id = pool.hospital_id AND hospital.network = 'joined'
    JOIN partners_site site ON site.id = hospital.site_id AND site.closed_date IS NULL
    JOIN places_place place ON place.id = site.place_id
    GROUP BY hospital.id, site.id, place.id
) city
"""


def city_document(now: datetime, *, bed_class: str | None = None) -> str:
    """A JSON list of the network's hospitals by name, each with its beds; one statement.

    Args:
        bed_class: only this class; ordinary wards are never in it.
    """
    limits = {
        str(each): minutes
        for each, minutes in stale_limits().items()
        if each not in WARDS and bed_class in (None, str(each))
    }
    values: dict[str, Any] = {"now": now, "classes": list(limits), "limits": list(limits.values())}
    with prepared() as cursor:
        cursor.execute(_SQL, values)
        row = cursor.fetchone()
    return str(row[0]) if row else "[]"
