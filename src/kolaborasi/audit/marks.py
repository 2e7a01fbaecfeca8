"""The two marks every verb leaves, in its own transaction: an audit entry and an event."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from kolaborasi.audit.services import record_many
from kolaborasi.common.actors import Actor
from kolaborasi.events.services import emit_many

Marked = tuple[str, object, dict[str, Any]]
"""Kind and id of a subject, and what is told of it: ids, numbers and state words, never a personal or clinical value."""


@dataclass(frozen=True)
class Marks:
    """The marks of one room.

    Args:
        room: its name, put before every verb and event.
    """

    room: str

    def mark(
        self, *, verb: str, event: str, subject: tuple[str, object], by: Actor, now: datetime, **detail: Any
    ) -> None:
        """Record the verb and tell that it happened.

        Args:
            verb: imperative: `pledge`.
            event: past participle: `pledged`.
            subject: kind and id, for example `("aid.pledge", 7)`.
            detail: as in `Marked`.
        """
        self.mark_many(verb=verb, event=event, subjects=[(*subject, detail)], by=by, now=now)

    def mark_many(
        self, *, verb: str, event: str, subjects: Sequence[Marked], by: Actor, now: datetime
    ) -> None:
        """The same verb done to many subjects, in two statements; to none, in none."""
        if subjects:
            record_many(verb=f"{self.room}.{verb}", subjects=list(subjects), by=by, now=now)
            emit_many(name=f"{self.room}.{event}", subjects=list(subjects), now=now)
