"""The verbs and questions of the aid programme as JSON."""

from __future__ import annotations

from ninja import Router

from kolaborasi.aid.api import coverage, deliveries, needs, offers, pledges

router = Router(tags=["aid"])
for part in (coverage, needs, pledges, deliveries, offers):
    router.add_router("", part.router)
