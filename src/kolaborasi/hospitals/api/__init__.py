"""The verbs and questions of the hospitals room as JSON."""

from __future__ import annotations

from ninja import Router

from kolaborasi.hospitals.api import beds, loads, membership, offers, referrals, registry, stays

router = Router(tags=["hospitals"])
# The registry last: its address of one hospital would take every word for a number.
for part in (beds, referrals, offers, stays, loads, membership, registry):
    router.add_router("", part.router)
