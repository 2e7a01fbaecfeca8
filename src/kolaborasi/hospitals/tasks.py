"""Periodic tasks of the hospitals room."""

from __future__ import annotations

from procrastinate.contrib.django import app

from kolaborasi.common.actors import Actor
from kolaborasi.common.clock import utc_now
from kolaborasi.hospitals.services import expire_offers, refresh_acceptance


@app.periodic(cron="* * * * *")
@app.task(name="hospitals.expire_offers", queueing_lock="hospitals.expire_offers")
def expire(timestamp: int) -> int:
    """Ask the next hospital where one has not answered, and free beds nobody was driven to."""
    return expire_offers(by=Actor.system("expiry"), now=utc_now())


@app.periodic(cron="*/10 * * * *")
@app.task(name="hospitals.refresh_acceptance", queueing_lock="hospitals.refresh_acceptance")
def refresh(timestamp: int) -> int:
    """Bring the acceptance of every hospital up to date."""
    return refresh_acceptance(by=Actor.system("acceptance"), now=utc_now())
