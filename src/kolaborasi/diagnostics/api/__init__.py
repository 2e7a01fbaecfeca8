"""The verbs and questions of the diagnostics room as JSON."""

from __future__ import annotations

from ninja import Router

from kolaborasi.diagnostics.api import (
    bench,
    cases,
    dispatching,
    indicators,
    labs,
    residents,
    results,
    specimens,
    testing,
    transfers,
)

router = Router(tags=["diagnostics"])
for part in (labs, testing, residents, specimens, dispatching, bench, results, transfers, cases, indicators):
    router.add_router("", part.router)
