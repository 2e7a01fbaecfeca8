"""Beds by hospital and class, and every report of them."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from kolaborasi.commitments.models import Capacity
from kolaborasi.hospitals.models.choices import BedClassChoice
from kolaborasi.hospitals.models.registry import Hospital


class ReportSource(models.TextChoices):
    """How a report came in."""

    HOSPITAL = "hospital", _("the hospital's own page")
    API = "api", _("the hospital's system")
    SIRANAP = "siranap", "SIRANAP"
    FILE = "file", _("a file")
    COORDINATOR = "coordinator", _("by telephone")


class BedCounts(models.Model):
    """What one count of beds of a class says.

    `staffed` is gross: beds with staff that the hospital gives to the network, occupied ones included. `others` are
    the occupied ones whose patient the network did not place. `free_only`: the source said only how many beds are
    empty, so `staffed` holds no more than these and the network's own patients. `age_unknown`: it did not say when.
    """

    staffed = models.PositiveIntegerField(default=0)
    occupied = models.PositiveIntegerField(default=0)
    others = models.PositiveIntegerField(default=0)
    cleaning = models.PositiveIntegerField(default=0)
    preparing = models.PositiveIntegerField(default=0)
    waiting_outside = models.PositiveIntegerField(default=0)
    waiting_inside = models.PositiveIntegerField(default=0)
    free_only = models.BooleanField(default=False)
    age_unknown = models.BooleanField(default=False)

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=Q(staffed__gte=F("occupied") + F("cleaning")),
                name="%(app_label)s_%(class)s_has_no_more_in_use_than_staffed",
            ),
            models.CheckConstraint(
                condition=Q(others__lte=F("occupied")),
                name="%(app_label)s_%(class)s_others_are_among_the_occupied",
            ),
        ]


class BedPool(BedCounts, Capacity):
    """Beds of one class in one hospital: the newest count, and what is promised of them.

    `reported` (law 1) is staffed - others - cleaning: the beds the network may fill, those of patients it placed
    included. See docs/adr/0011.
    """

    hospital = models.ForeignKey(Hospital, on_delete=models.PROTECT, related_name="pools")
    bed_class = models.CharField(max_length=12, choices=BedClassChoice.choices)
    observed_at = models.DateTimeField(null=True, blank=True)
    received_at = models.DateTimeField(null=True, blank=True)
    source = models.CharField(max_length=12, choices=ReportSource.choices, blank=True, default="")

    class Meta(Capacity.Meta):
        constraints = [
            *Capacity.Meta.constraints,
            *BedCounts.Meta.constraints,
            models.UniqueConstraint(
                fields=["hospital", "bed_class"], name="bed_pool_once_per_hospital_and_class"
            ),
            models.CheckConstraint(
                condition=Q(bed_class__in=BedClassChoice.values), name="bed_pool_class_is_known"
            ),
            models.CheckConstraint(
                condition=Q(observed_at__isnull=True, received_at__isnull=True, reported=0)
                | Q(observed_at__isnull=False, received_at__isnull=False),
                name="bed_pool_has_beds_only_with_a_report",
            ),
        ]
        indexes = [
            models.Index(
                fields=["bed_class"], condition=Q(limit__gt=F("committed")), name="bed_pool_with_beds_left"
            )
        ]


class BedReport(BedCounts):
    """One count of beds of a class as it came in; append-only."""

    pool = models.ForeignKey(BedPool, on_delete=models.PROTECT, related_name="reports")
    others_estimated = models.BooleanField(default=False)
    observed_at = models.DateTimeField()
    received_at = models.DateTimeField()
    source = models.CharField(max_length=12, choices=ReportSource.choices)

    class Meta:
        ordering = ["-observed_at", "-id"]
        constraints = [
            *BedCounts.Meta.constraints,
            models.CheckConstraint(
                condition=Q(source__in=ReportSource.values), name="bed_report_source_is_known"
            ),
        ]
        indexes = [models.Index(fields=["pool", "-observed_at"], name="bed_report_newest_first")]
