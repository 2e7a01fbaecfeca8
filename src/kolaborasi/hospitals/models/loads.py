"""Files of beds that were loaded, and the rows of them that wait for a person."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from kolaborasi.hospitals.models.beds import ReportSource
from kolaborasi.hospitals.models.registry import NameInQuestion


class BedLoad(models.Model):
    """One file of beds and what became of its rows; `problems` are `{line, column, reason}`, in the loader's language."""

    file_name = models.CharField(max_length=120)
    source = models.CharField(max_length=12, choices=ReportSource.choices)
    loaded_at = models.DateTimeField()
    rows = models.PositiveIntegerField()
    taken = models.PositiveIntegerField()
    repeated = models.PositiveIntegerField()
    silent = models.PositiveIntegerField()
    problems = models.JSONField(default=list)

    class Meta:
        ordering = ["-loaded_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(source__in=ReportSource.values), name="bed_load_source_is_known"
            ),
            models.CheckConstraint(condition=~Q(file_name=""), name="bed_load_file_has_a_name"),
        ]
        indexes = [models.Index(fields=["-loaded_at", "-id"], name="bed_load_newest_first")]


class RowOutcome(models.TextChoices):
    """What became of a row that was held back."""

    WAITING = "waiting", _("waits for the name")
    COUNTED = "counted", _("counted")
    REPEATED = "repeated", _("known already")
    SILENT = "silent", _("says no number")
    REFUSED = "refused", _("refused")
    DISMISSED = "dismissed", _("no hospital of the city")


class HeldRow(models.Model):
    """A row of a file whose hospital nobody could be sure of; it is counted once a person has said which is meant."""

    load = models.ForeignKey(BedLoad, on_delete=models.PROTECT, related_name="held")
    question = models.ForeignKey(NameInQuestion, on_delete=models.PROTECT, related_name="held")
    line = models.PositiveIntegerField()
    seen = models.JSONField(default=list)
    """What the row says, as `siranap.packed` writes it."""
    outcome = models.CharField(max_length=9, choices=RowOutcome.choices, default=RowOutcome.WAITING)
    reason = models.CharField(max_length=300, blank=True, default="")

    class Meta:
        ordering = ["load", "line", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(outcome__in=RowOutcome.values), name="held_row_outcome_is_known"
            ),
            models.CheckConstraint(
                condition=Q(reason="") | Q(outcome=RowOutcome.REFUSED), name="held_row_refused_has_the_reason"
            ),
        ]
        indexes = [
            models.Index(
                fields=["question"], condition=Q(outcome=RowOutcome.WAITING), name="held_row_waiting"
            )
        ]
