"""Periodic tasks of the diagnostics room."""

from __future__ import annotations

from procrastinate.contrib.django import app

from kolaborasi.common.actors import Actor
from kolaborasi.common.clock import utc_now
from kolaborasi.diagnostics.services import expire_plans, tell_results


@app.periodic(cron="* * * * *")
@app.task(name="diagnostics.tell_results", queueing_lock="diagnostics.tell_results")
def tell(timestamp: int) -> int:
    """Tell persons whose result was validated."""
    return tell_results(by=Actor.system("results"), now=utc_now())


@app.periodic(cron="*/5 * * * *")
@app.task(name="diagnostics.expire_plans", queueing_lock="diagnostics.expire_plans")
def expire(timestamp: int) -> int:
    """End dispatch plans whose round has left."""
    return expire_plans(by=Actor.system("expiry"), now=utc_now())
