"""The verbs and questions of the vaccination room as JSON."""

from __future__ import annotations

from ninja import Router

from kolaborasi.vaccination.api import (
    certificates,
    corrections,
    doses,
    indicators,
    people,
    plans,
    residents,
    sessions,
    supply,
    visits,
)

router = Router(tags=["vaccination"])
for part in (
    residents,
    people,
    sessions,
    visits,
    doses,
    supply,
    plans,
    corrections,
    certificates,
    indicators,
):
    router.add_router("", part.router)
