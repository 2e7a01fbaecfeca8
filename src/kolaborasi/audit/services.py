"""Verbs of the audit: record, seal."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import connection, transaction

from kolaborasi.audit.chain import GENESIS, canonical, link
from kolaborasi.audit.models import AuditEntry, Seal, UnsealedEntry
from kolaborasi.common.actors import Actor


class NotInTransaction(RuntimeError):
    """An entry outside its verb's transaction could outlive a verb that failed."""


def record(
    *, verb: str, subject: tuple[str, object], by: Actor, now: datetime, detail: dict[str, Any] | None = None
) -> AuditEntry:
    """Write that `by` did `verb` to `subject`, in the transaction of the verb.

    Args:
        verb: room and verb, for example `aid.pledge`.
        subject: kind and id, for example `("aid.need", 412)`.
        detail: ids, numbers, state words and field names; never a personal value.

    Raises:
        NotInTransaction: no transaction is open.
    """
    return record_many(verb=verb, subjects=[(*subject, detail or {})], by=by, now=now)[0]


def record_many(
    *, verb: str, subjects: list[tuple[str, object, dict[str, Any]]], by: Actor, now: datetime
) -> list[AuditEntry]:
    """The same verb done to many subjects, in one statement; each is (kind, id, detail)."""
    if not connection.in_atomic_block:
        raise NotInTransaction(verb)
    return AuditEntry.objects.bulk_create(
        AuditEntry(
            at=now,
            actor=by.reference,
            verb=verb,
            subject_kind=kind,
            subject_id=str(identifier),
            detail=detail,
        )
        for kind, identifier, detail in subjects
    )


def seal(*, limit: int = 1000) -> int:
    """Chain up to `limit` waiting entries; returns how many.

    Only one sealer works at a time; verbs are not held up, because they never touch the seals.
    """
    with transaction.atomic():
        _be_the_only_sealer()
        waiting = list(
            UnsealedEntry.objects.select_for_update(skip_locked=True)
            .order_by("entry_id")
            .values_list("entry_id", flat=True)[:limit]
        )
        entries = AuditEntry.objects.filter(id__in=waiting).order_by("id")
        last = Seal.objects.order_by("-position").first()
        first, digest = (last.position + 1, bytes(last.digest)) if last else (1, GENESIS)
        seals = []
        for position, entry in enumerate(entries, start=first):
            digest = link(digest, content_of(entry))
            seals.append(Seal(position=position, entry_id=entry.id, digest=digest))
        Seal.objects.bulk_create(seals)
        UnsealedEntry.objects.filter(entry_id__in=waiting).delete()
    return len(seals)


def content_of(entry: AuditEntry) -> bytes:
    """The canonical bytes of a stored entry."""
    return canonical(
        *(entry.id, entry.at, entry.actor, entry.verb, entry.subject_kind, entry.subject_id, entry.detail)
    )


def _be_the_only_sealer() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('audit.seal'), hashtext(current_schema()))")
