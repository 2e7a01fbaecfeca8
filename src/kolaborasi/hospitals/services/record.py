"""What every verb of the room needs: its two marks, and database refusals in the room's words."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.db import IntegrityError

from kolaborasi.audit.services import record_many
from kolaborasi.common.actors import Actor
from kolaborasi.common.errors import Refused
from kolaborasi.events.services import emit_many

Marked = tuple[str, object, dict[str, Any]]


def mark(
    *, verb: str, event: str, subject: tuple[str, object], by: Actor, now: datetime, **detail: Any
) -> None:
    """Record the verb and tell that it happened, in the verb's transaction.

    Args:
        verb: imperative, without the room: `refer`.
        event: past participle, without the room: `referred`.
        detail: ids, numbers and state words; never a personal or clinical value.
    """
    mark_many(verb=verb, event=event, subjects=[(*subject, detail)], by=by, now=now)


def mark_many(*, verb: str, event: str, subjects: list[Marked], by: Actor, now: datetime) -> None:
    """The same verb done to many subjects, in two statements."""
    record_many(verb=f"hospitals.{verb}", subjects=subjects, by=by, now=now)
    emit_many(name=f"hospitals.{event}", subjects=subjects, now=now)


@contextmanager
def refusing(refusals: Mapping[str, Callable[[], Refused]]) -> Iterator[None]:
    """Turn a constraint that the database refused into a refusal; stands outside the verb's transaction.

    Args:
        refusals: what to raise, by name of the constraint.
    """
    try:
        yield
    except IntegrityError as error:
        constraint = getattr(getattr(error.__cause__, "diag", None), "constraint_name", None)
        if not isinstance(constraint, str) or constraint not in refusals:
            raise
        raise refusals[constraint]() from error
