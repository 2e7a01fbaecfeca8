"""Doing a write once: a repeated key returns the first answer."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from kolaborasi.common.errors import Refused
from kolaborasi.common.models import AnsweredRequest
from kolaborasi.common.rows import prepared, store

KEEP = timedelta(days=7)


class KeyReused(Refused):
    """The key was already used for a different request."""

    code = "idempotency-key-reused"


@dataclass(frozen=True)
class Answer:
    """What the write returned, and whether it was done now or earlier."""

    value: Any
    repeated: bool


def fingerprint(content: Any) -> str:
    """HMAC-SHA-256 of a request's content, so that a key used for something else is noticed.

    It is keyed with the platform's secret: of a form with a name and a number, a plain hash could be guessed by
    whoever reads the table.
    """
    text = json.dumps(content, sort_keys=True, default=str)
    return salted_hmac("kolaborasi.common.idempotency", text, algorithm="sha256").hexdigest()


def once(*, scope: str, key: str, content: Any, now: datetime, write: Callable[[], Any]) -> Answer:
    """Run `write` unless this key was answered before, in one transaction with the record of the answer.

    A second request with the same key waits in the unique index until the first has committed.

    Args:
        scope: who and what the key belongs to, for example `user:7/aid.pledge`.
        key: chosen by the client.
        content: the request's content; only its keyed hash is kept.
        write: does the work and returns a JSON value (never personal data).

    A refusal undoes everything, so that the key can be used again; one that `leaves_a_trace` keeps what it recorded.

    Raises:
        KeyReused: the key was used for other content.
        Refused: of `write`.
    """
    digest = fingerprint(content)
    traced: Refused | None = None
    with transaction.atomic():
        kept = AnsweredRequest(scope=scope, key=key, fingerprint=digest, answered_at=now)
        if not store(kept, unless_there=True):
            kept = AnsweredRequest.objects.select_for_update().get(scope=scope, key=key)
        if kept.fingerprint != digest:
            raise KeyReused(
                _("This form was already used for something else. Load the page again and retry.")
            )
        if kept.answer is not None:
            return Answer(kept.answer["value"], repeated=True)
        try:
            kept.answer = {"value": write()}
        except Refused as error:
            if not error.leaves_a_trace:
                raise
            traced = error
            kept.delete()
        else:
            _keep(kept)
            return Answer(kept.answer["value"], repeated=False)
    raise traced


def once_in_steps(*, scope: str, key: str, content: Any, now: datetime, write: Callable[[], Any]) -> Answer:
    """As `once`, for work of many transactions that nobody shall wait for as a whole: its steps are not undone.

    A second request with the same key waits until the first has answered. When a first one was cut off, the next one
    does the work again; so each step of `write` must be one that is done once by itself, and its answer tells of the
    steps that were left.

    Raises:
        KeyReused, Refused: as in `once`.
    """
    with _alone(f"{scope}/{key}"):
        kept = AnsweredRequest.objects.filter(scope=scope, key=key, answer__isnull=False).first()
        value = write() if kept is None else None
        return once(scope=scope, key=key, content=content, now=now, write=lambda: value)


def _keep(kept: AnsweredRequest) -> None:
    table = connection.ops.quote_name(AnsweredRequest._meta.db_table)
    with prepared() as cursor:
        cursor.execute(
            f"UPDATE {table} SET answer = %s::jsonb WHERE id = %s",  # noqa: S608
            [json.dumps(kept.answer), kept.pk],
        )


@contextmanager
def _alone(name: str) -> Iterator[None]:
    """Hold a lock of the database session, which outlives the transactions inside and ends with the connection."""
    number = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], signed=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [number])
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [number])


def forget(*, now: datetime) -> int:
    """Delete answers older than a week; returns how many."""
    return AnsweredRequest.objects.filter(answered_at__lt=now - KEEP).delete()[0]
