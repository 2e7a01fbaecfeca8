"""Doing a write once: a repeated key returns the first answer."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from kolaborasi.common.errors import Refused
from kolaborasi.common.models import AnsweredRequest

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
    """SHA-256 of a request's content, so that a key used for something else is noticed."""
    return hashlib.sha256(json.dumps(content, sort_keys=True, default=str).encode()).hexdigest()


def once(*, scope: str, key: str, content: Any, now: datetime, write: Callable[[], Any]) -> Answer:
    """Run `write` unless this key was answered before, in one transaction with the record of the answer.

    A second request with the same key waits in the unique index until the first has committed.

    Args:
        scope: who and what the key belongs to, for example `user:7/aid.pledge`.
        key: chosen by the client.
        content: the request's content; only its hash is kept.
        write: does the work and returns a JSON value (never personal data).

    A refusal undoes everything, so that the key can be used again; one that `leaves_a_trace` keeps what it recorded.

    Raises:
        KeyReused: the key was used for other content.
        Refused: of `write`.
    """
    digest = fingerprint(content)
    traced: Refused | None = None
    with transaction.atomic():
        record = AnsweredRequest(scope=scope, key=key, fingerprint=digest, answered_at=now)
        AnsweredRequest.objects.bulk_create([record], ignore_conflicts=True)
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
            kept.save(update_fields=["answer"])
            return Answer(kept.answer["value"], repeated=False)
    raise traced


def forget(*, now: datetime) -> int:
    """Delete answers older than a week; returns how many."""
    return AnsweredRequest.objects.filter(answered_at__lt=now - KEEP).delete()[0]
