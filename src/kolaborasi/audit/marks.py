"""The two marks every verb leaves, in its own transaction: an audit entry and an event."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection

from kolaborasi.audit.models import AuditEntry
from kolaborasi.audit.services import NotInTransaction, record_many
from kolaborasi.common.actors import Actor
from kolaborasi.common.rows import prepared
from kolaborasi.events.models import Event
from kolaborasi.events.services import emit_many

Marked = tuple[str, object, dict[str, Any]]
"""Kind and id of a subject, and what is told of it: ids, numbers and state words, never a personal or clinical value."""


# One statement for the common case: almost every verb a person calls leaves just these two rows.
BOTH = (
    f"WITH entry AS (INSERT INTO {AuditEntry._meta.db_table} (at, actor, verb, subject_kind, subject_id, detail)"  # noqa: S608
    " VALUES (%s, %s, %s, %s, %s, %s::jsonb))"
    f" INSERT INTO {Event._meta.db_table} (at, name, subject_kind, subject_id, data)"
    " VALUES (%s, %s, %s, %s, %s::jsonb)"
)


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
        if not connection.in_atomic_block:
            raise NotInTransaction(verb)
        kind, identifier, told = subject[0], str(subject[1]), json.dumps(detail, cls=DjangoJSONEncoder)
        with prepared() as cursor:
            entry = (now, by.reference, f"{self.room}.{verb}", kind, identifier, told)
            cursor.execute(BOTH, (*entry, now, f"{self.room}.{event}", kind, identifier, told))

    def mark_many(
        self, *, verb: str, event: str, subjects: Sequence[Marked], by: Actor, now: datetime
    ) -> None:
        """The same verb done to many subjects, in two statements; to none, in none."""
        if subjects:
            record_many(verb=f"{self.room}.{verb}", subjects=list(subjects), by=by, now=now)
            emit_many(name=f"{self.room}.{event}", subjects=list(subjects), now=now)
