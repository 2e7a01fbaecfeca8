"""Verbs that bring derived numbers up to date."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import connection, transaction

from kolaborasi.common.actors import Actor
from kolaborasi.hospitals.permissions import TABLE
from kolaborasi.hospitals.services.record import mark

LOOK_BACK = timedelta(days=7)
"""How far back the acceptance of a hospital looks: long enough to count, short enough to forgive. Our own choice."""


def refresh_acceptance(*, by: Actor, now: datetime) -> int:
    """Bring every hospital's share of accepted offers up to date, from those answered or unanswered lately.

    Returns:
        Hospitals whose share changed.
    """
    TABLE.require(by, "refresh_acceptance")
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE hospitals_hospital hospital SET acceptance = fresh.share
            FROM (
                SELECT hospital.id, avg((placement.answer = 'accepted')::int)::float8 AS share
                FROM hospitals_hospital hospital
                LEFT JOIN hospitals_bedpool pool ON pool.hospital_id = hospital.id
                LEFT JOIN hospitals_placement placement ON placement.pool_id = pool.id
                    AND placement.answer IN ('accepted', 'declined', 'unanswered')
                    AND placement.answered_at > %s
                GROUP BY hospital.id
            ) fresh
            WHERE fresh.id = hospital.id AND fresh.share IS DISTINCT FROM hospital.acceptance
            """,
            [now - LOOK_BACK],
        )
        changed = int(cursor.rowcount)
        if changed:
            mark(
                verb="refresh_acceptance",
                event="acceptance_refreshed",
                subject=("hospitals.hospital", "all"),
                by=by,
                now=now,
                changed=changed,
            )
    return changed
