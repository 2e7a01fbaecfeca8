"""The two marks every verb of diagnostics leaves: an audit entry and an event."""

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
        verb: imperative, without the room: `collect`.
        event: past participle, without the room: `specimen_collected`.
        detail: ids, numbers and state words; never a personal value, an outcome or a Ct.
    """
    mark_many(verb=verb, event=event, subjects=[(*subject, detail)], by=by, now=now)


def mark_many(*, verb: str, event: str, subjects: list[Marked], by: Actor, now: datetime) -> None:
    """The same verb done to many subjects, in two statements."""
    record_many(verb=f"diagnostics.{verb}", subjects=subjects, by=by, now=now)
    emit_many(name=f"diagnostics.{event}", subjects=subjects, now=now)
