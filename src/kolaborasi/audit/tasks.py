"""Periodic tasks of the audit room."""

from __future__ import annotations

from procrastinate.contrib.django import app

from kolaborasi.audit.services import seal


@app.periodic(cron="* * * * * */10")
@app.task(name="audit.seal", queueing_lock="audit.seal")
def seal_entries(timestamp: int) -> int:
    """Chain what verbs have recorded, in batches until little is left."""
    sealed = batch = seal()
    while batch:
        batch = seal()
        sealed += batch
    return sealed
