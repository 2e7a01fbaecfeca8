"""Periodic tasks of the allocation room."""

from __future__ import annotations

from procrastinate.contrib.django import app

from kolaborasi.allocation import services
from kolaborasi.common.actors import Actor
from kolaborasi.common.clock import utc_now


@app.periodic(cron="*/5 * * * *")
@app.task(name="allocation.expire", queueing_lock="allocation.expire")
def expire(timestamp: int) -> int:
    """End proposals whose day is over."""
    return services.expire(by=Actor.system("expiry"), now=utc_now())
