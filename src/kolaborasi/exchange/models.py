"""Signing keys and what was revoked."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q


class SigningKey(models.Model):
    """An ES256 key pair (RFC 7518): the public part as JWK, the private part sealed with the platform's keys."""

    kid = models.CharField(max_length=43, unique=True)
    public = models.JSONField()
    sealed_private = models.TextField()
    made_at = models.DateTimeField()
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-made_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                models.Value(1), condition=Q(retired_at__isnull=True), name="exchange_key_one_signs"
            ),
            models.CheckConstraint(
                condition=Q(retired_at__isnull=True) | Q(retired_at__gte=F("made_at")),
                name="exchange_key_retired_after_made",
            ),
        ]

    def __str__(self) -> str:
        return self.kid


class Revocation(models.Model):
    """A signed document that no longer counts, by its `jti`."""

    jti = models.CharField(max_length=64)
    revoked_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["jti"], name="exchange_revoked_once")]
