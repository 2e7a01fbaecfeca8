"""Periodic tasks of the vaccination room."""

from __future__ import annotations

from procrastinate.contrib.django import app

from kolaborasi.common.actors import Actor
from kolaborasi.common.clock import utc_now
from kolaborasi.vaccination.queries.sessions import sessions_with_missed
from kolaborasi.vaccination.rules import NO_SHOW_AFTER
from kolaborasi.vaccination.services import (
    expire_offers,
    mark_no_shows,
    offer_freed_slots,
    send_reminders,
    write_off_expired,
)


@app.periodic(cron="* * * * *")
@app.task(name="vaccination.offers", queueing_lock="vaccination.offers")
def offers(timestamp: int) -> int:
    """End offers that were not answered, then offer what is free to those who wait."""
    now, by = utc_now(), Actor.system("waiting-list")
    expire_offers(by=by, now=now)
    return len(offer_freed_slots(by=by, now=now))


@app.periodic(cron="*/10 * * * *")
@app.task(name="vaccination.reminders", queueing_lock="vaccination.reminders")
def reminders(timestamp: int) -> int:
    """Tell those whose window begins within a day."""
    return send_reminders(by=Actor.system("reminders"), now=utc_now())


@app.periodic(cron="5 17 * * *")
@app.task(name="vaccination.expired", queueing_lock="vaccination.expired")
def expired(timestamp: int) -> int:
    """Five past midnight in Jakarta: write off what may no longer be given."""
    return len(write_off_expired(by=Actor.system("expiry"), now=utc_now()))


@app.periodic(cron="*/10 * * * *")
@app.task(name="vaccination.missed", queueing_lock="vaccination.missed")
def missed(timestamp: int) -> int:
    """End bookings whose people never came, so that walk-ins and the waiting list get their doses."""
    now, by = utc_now(), Actor.system("no-shows")
    return sum(
        len(mark_no_shows(session=session, by=by, now=now, after=NO_SHOW_AFTER))
        for session in sessions_with_missed(now)
    )
