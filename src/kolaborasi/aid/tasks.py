"""Periodic tasks of the aid room."""

from __future__ import annotations

from procrastinate.contrib.django import app

from kolaborasi.aid.services import expire_pledges, forget_erased, lapse_entries, remind_givers
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


@app.periodic(cron="41 1 * * *")
@app.task(name="aid.lapse_entries", queueing_lock="aid.lapse_entries")
def lapse(timestamp: int) -> int:
    """Take households off lists whose time is over and that nobody renewed."""
    return lapse_entries(by=Actor.system("renewal"), now=utc_now())


@app.periodic(cron="11 * * * *")
@app.task(name="aid.forget_erased", queueing_lock="aid.forget_erased")
def forget(timestamp: int) -> int:
    """Destroy the marks and keys of households whose head was erased."""
    return forget_erased(by=Actor.system("erasure"), now=utc_now())
