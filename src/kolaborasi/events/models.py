"""The outbox."""

from __future__ import annotations

from django.db import models


class Event(models.Model):
    """Something that happened to a subject, for example `aid.pledged`."""

    at = models.DateTimeField()
    name = models.CharField(max_length=80)
    subject_kind = models.CharField(max_length=60)
    subject_id = models.CharField(max_length=60)
    data = models.JSONField(default=dict)

    class Meta:
        indexes = [models.Index(fields=["subject_kind", "subject_id"], name="event_by_subject")]
        constraints = [models.CheckConstraint(condition=~models.Q(name=""), name="event_has_a_name")]
