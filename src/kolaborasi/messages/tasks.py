"""Periodic tasks of the messages room."""

from __future__ import annotations

from procrastinate.contrib.django import app

from kolaborasi.common.clock import utc_now
from kolaborasi.messages.services import deliver


@app.periodic(cron="* * * * * */10")
@app.task(name="messages.deliver", queueing_lock="messages.deliver")
def deliver_due(timestamp: int) -> int:
    """Send what is due."""
    return deliver(now=utc_now())
