"""The two marks every vaccination verb leaves: an audit entry and an event."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from kolaborasi.audit.services import record_many
from kolaborasi.common.actors import Actor
from kolaborasi.events.services import emit_many

Marked = tuple[str, object, dict[str, Any]]


def mark(
    *, verb: str, event: str, subject: tuple[str, object], by: Actor, now: datetime, **detail: Any
) -> None:
    """Record the verb and tell that it happened, in the verb's transaction.

    Args:
        verb: imperative, without the room: `book`.
        event: past participle, without the room: `booked`.
        detail: ids, numbers and state words; never a personal value.
    """
    mark_many(verb=verb, event=event, subjects=[(*subject, detail)], by=by, now=now)


def mark_many(*, verb: str, event: str, subjects: list[Marked], by: Actor, now: datetime) -> None:
    """The same verb done to many subjects, in two statements."""
    if subjects:
        record_many(verb=f"vaccination.{verb}", subjects=subjects, by=by, now=now)
        emit_many(name=f"vaccination.{event}", subjects=subjects, now=now)
