"""The verb of the outbox: emit."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import connection

from kolaborasi.events.models import Event


class NotInTransaction(RuntimeError):
    """An event outside its verb's transaction could tell of something that was rolled back."""


def emit(
    *, name: str, subject: tuple[str, object], now: datetime, data: dict[str, Any] | None = None
) -> Event:
    """Tell that something happened, in the transaction of the verb that did it.

    Args:
        name: room and past participle, for example `aid.pledged`.
        subject: kind and id.
        data: ids, numbers and words; never a personal value.

    Raises:
        NotInTransaction: no transaction is open.
    """
    return emit_many(name=name, subjects=[(*subject, data or {})], now=now)[0]


def emit_many(*, name: str, subjects: list[tuple[str, object, dict[str, Any]]], now: datetime) -> list[Event]:
    """The same event for many subjects, in one statement; each is (kind, id, data)."""
    if not connection.in_atomic_block:
        raise NotInTransaction(name)
    return Event.objects.bulk_create(
        Event(at=now, name=name, subject_kind=kind, subject_id=str(identifier), data=data)
        for kind, identifier, data in subjects
    )
