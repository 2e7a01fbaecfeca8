"""The beds of the whole city as one JSON document, written by the database.

Two thousand rows take longer to bring into Python and out again than to read; the page of `queries.city_beds` in figures.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from kolaborasi.common.rows import prepared
from kolaborasi.hospitals.beds_nearby import stale_limits
from kolaborasi.hospitals.classes import WARDS

# Joined as texts: the functions that build JSON look the type of every value up anew in every row, which took half of the
# time. Only names and telephone numbers need their marks escaped.
_SQL = """
SELECT '[' || coalesce(string_agg(city.line, ',' ORDER BY city.name, city.id), '') || ']' FROM (
    SELECT hospital.id, site.name,
           '{"id":' || hospital.id || ',"name":' || to_json(site.name) || ',"place_code":' || to_json(place.code)
           || ',"latitude":' || coalesce(coalesce(site.latitude, place.latitude)::text, 'null')
           || ',"longitude":' || coalesce(coalesce(site.longitude, place.longitude)::text, 'null')
           || ',"hotline":' || to_json(hospital.hotline) || ',"beds":['
           || string_agg(concat(
               '{"bed_class":"', pool.bed_class, '","free":', pool."limit" - pool.committed,
               ',"staffed":', CASE WHEN pool.free_only THEN 'null' ELSE pool.staffed::text END,
               ',"occupied":', CASE WHEN pool.free_only THEN 'null' ELSE pool.occupied::text END,
               ',"cleaning":', pool.cleaning, ',"preparing":', pool.preparing,
               ',"waiting_outside":', pool.waiting_outside, ',"waiting_inside":', pool.waiting_inside,
               ',"observed_at":', CASE WHEN pool.age_unknown OR pool.observed_at IS NULL THEN 'null'
                                       ELSE to_json(pool.observed_at)::text END,
               CASE WHEN pool.age_unknown OR pool.observed_at IS NULL OR pool.observed_at < stale.since
                    THEN ',"stale":true}' ELSE ',"stale":false}' END),
               ',' ORDER BY pool.id) || ']}' AS line
    FROM hospitals_bedpool pool
    JOIN unnest(%(classes)s::text[], %(since)s::timestamptz[]) AS stale (bed_class, since)
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
    since = [now - timedelta(minutes=minutes) for minutes in limits.values()]
    values: dict[str, Any] = {"classes": list(limits), "since": since}
    with prepared() as cursor:
        cursor.execute(_SQL, values)
        row = cursor.fetchone()
    return str(row[0]) if row else "[]"
