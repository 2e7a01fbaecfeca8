"""The log and its seals. No foreign keys: the log outlives what it speaks of."""

from __future__ import annotations

from django.db import models


class AuditEntry(models.Model):
    """One verb, done once."""

    at = models.DateTimeField()
    actor = models.CharField(max_length=80)
    verb = models.CharField(max_length=80)
    subject_kind = models.CharField(max_length=60)
    subject_id = models.CharField(max_length=60)
    detail = models.JSONField(default=dict)

    class Meta:
        verbose_name_plural = "audit entries"
        indexes = [
            models.Index(fields=["subject_kind", "subject_id"], name="audit_by_subject"),
            models.Index(fields=["actor", "at"], name="audit_by_actor"),
        ]
        constraints = [
            models.CheckConstraint(condition=~models.Q(actor=""), name="audit_entry_has_an_actor"),
            models.CheckConstraint(condition=~models.Q(verb=""), name="audit_entry_has_a_verb"),
        ]


class UnsealedEntry(models.Model):
    """Queue of entries that wait for their seal; filled by a trigger, emptied by `seal`."""

    entry_id = models.BigIntegerField(primary_key=True)


class Seal(models.Model):
    """An entry's place in the chain: SHA-256 over the seal before it and the entry's content."""

    position = models.BigIntegerField(primary_key=True)
    entry_id = models.BigIntegerField(unique=True)
    digest = models.BinaryField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(position__gt=0), name="seal_position_counts_from_one"),
        ]
