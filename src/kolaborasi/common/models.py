"""Tables of the common room."""

from __future__ import annotations

from django.db import models


class AnsweredRequest(models.Model):
    """A write that was answered: the same key again gets the same answer and does nothing twice.

    Source: IETF draft-ietf-httpapi-idempotency-key-header.
    """

    scope = models.CharField(max_length=120)
    key = models.CharField(max_length=80)
    fingerprint = models.CharField(max_length=64)
    answer = models.JSONField(null=True)
    answered_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["scope", "key"], name="answered_request_once_per_scope_and_key"),
        ]
        indexes = [models.Index(fields=["answered_at"], name="answered_request_age")]
