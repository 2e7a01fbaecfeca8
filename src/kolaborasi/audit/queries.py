"""Questions to the audit."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import QuerySet

from kolaborasi.audit.chain import GENESIS, link
from kolaborasi.audit.models import AuditEntry, Seal, UnsealedEntry
from kolaborasi.audit.services import content_of
from kolaborasi.common.verification import Check

BATCH = 2000


def entries_about(kind: str, identifier: object) -> QuerySet[AuditEntry]:
    """What was done to one subject, oldest first."""
    return AuditEntry.objects.filter(subject_kind=kind, subject_id=str(identifier)).order_by("id")


def checks() -> Iterator[Check]:
    """Recompute the hash chain from its beginning."""
    yield Check("audit chain", Seal.objects.count(), list(_chain_faults()))
    yield Check("audit entries sealed or waiting", AuditEntry.objects.count(), list(_unsealed_faults()))


def _chain_faults() -> Iterator[str]:
    digest, expected = GENESIS, 0
    for batch in _batches(Seal.objects.order_by("position").iterator(chunk_size=BATCH)):
        entries = AuditEntry.objects.in_bulk([seal.entry_id for seal in batch])
        for seal in batch:
            expected += 1
            if seal.position != expected:
                yield f"audit seal {expected} is missing"
                expected = seal.position
            entry = entries.get(seal.entry_id)
            if entry is None:
                yield f"audit entry {seal.entry_id} (seal {seal.position}) is gone"
            elif link(digest, content_of(entry)) != bytes(seal.digest):
                yield f"audit entry {entry.id} (seal {seal.position}) is not what was sealed"
            digest = bytes(seal.digest)


def _unsealed_faults() -> Iterator[str]:
    loose = AuditEntry.objects.exclude(id__in=Seal.objects.values("entry_id"))
    for entry_id in loose.exclude(id__in=UnsealedEntry.objects.values("entry_id")).values_list(
        "id", flat=True
    ):
        yield f"audit entry {entry_id} is neither sealed nor waiting for its seal"


def _batches(seals: Iterator[Seal]) -> Iterator[list[Seal]]:
    batch: list[Seal] = []
    for seal in seals:
        batch.append(seal)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch
