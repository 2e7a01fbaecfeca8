"""Periodic tasks of the aid room."""

from __future__ import annotations

from procrastinate.contrib.django import app

from kolaborasi.aid.services import expire_pledges, remind_givers
from kolaborasi.common.actors import Actor
from kolaborasi.common.clock import utc_now


@app.periodic(cron="* * * * *")
@app.task(name="aid.expire_pledges", queueing_lock="aid.expire_pledges")
def expire(timestamp: int) -> int:
    """End pledges whose contact was not confirmed in time."""
    return len(expire_pledges(by=Actor.system("expiry"), now=utc_now()))


@app.periodic(cron="17 * * * *")
@app.task(name="aid.remind_givers", queueing_lock="aid.remind_givers")
def remind(timestamp: int) -> int:
    """Remind the givers of promises that are due tomorrow or late."""
    return len(remind_givers(by=Actor.system("reminder"), now=utc_now()))
