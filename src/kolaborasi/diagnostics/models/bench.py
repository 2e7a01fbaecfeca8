"""Assays, runs with their wells, and pools."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from kolaborasi.diagnostics.models.labs import Lab, Machine
from kolaborasi.diagnostics.models.specimens import Specimen
from kolaborasi.diagnostics.rules.assays import AssayRule
from kolaborasi.diagnostics.states import RunState
from kolaborasi.people.models import User
from kolaborasi.stock.models import Item, Lot


class Assay(models.Model):
    """A test kit's rule of reading, as data with its source."""

    code = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=120)
    cut_offs = models.JSONField()
    detected_for_positive = models.PositiveSmallIntegerField()
    control = models.CharField(max_length=20, blank=True, default="")
    control_cut_off = models.FloatField(default=0)
    cycles = models.FloatField()
    loinc = models.CharField(max_length=10)
    pooled = models.BooleanField(default=False)
    kit = models.ForeignKey(Item, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    source = models.TextField()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(condition=~Q(source=""), name="diagnostics_assay_names_its_source"),
            models.CheckConstraint(
                condition=Q(detected_for_positive__gte=1), name="diagnostics_assay_needs_a_target"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def rule(self) -> AssayRule:
        """The rule as plain values."""
        return AssayRule(
            cut_offs=self.cut_offs,
            detected_for_positive=self.detected_for_positive,
            control=self.control,
            control_cut_off=self.control_cut_off,
            cycles=self.cycles,
        )


class RunStateChoice(models.TextChoices):
    """States of a run with their names for people."""

    PLANNED = RunState.PLANNED, _("being prepared")
    RUNNING = RunState.RUNNING, _("in the machine")
    READ = RunState.READ, _("read")
    FAILED = RunState.FAILED, _("failed")
    CANCELLED = RunState.CANCELLED, _("cancelled")


class Run(models.Model):
    """A plate in a machine."""

    lab = models.ForeignKey(Lab, on_delete=models.PROTECT, related_name="runs")
    machine = models.ForeignKey(Machine, on_delete=models.PROTECT, related_name="runs")
    assay = models.ForeignKey(Assay, on_delete=models.PROTECT, related_name="runs")
    plate = models.CharField(max_length=40)
    kit_lot = models.ForeignKey(Lot, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, choices=RunStateChoice.choices, default=RunState.PLANNED)
    failure = models.CharField(max_length=40, blank=True, default="")
    prepared_at = models.DateTimeField()
    prepared_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-prepared_at", "-id"]
        indexes = [models.Index(fields=["lab", "state"], name="diagnostics_run_by_lab")]
        constraints = [
            models.UniqueConstraint(fields=["lab", "plate"], name="diagnostics_run_plate_once_per_lab"),
            models.UniqueConstraint(
                fields=["machine"], condition=Q(state="running"), name="diagnostics_run_one_in_a_machine"
            ),
            models.CheckConstraint(
                condition=Q(state__in=RunStateChoice.values), name="diagnostics_run_state_is_known"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["running", "read", "failed"]) | Q(started_at__isnull=False),
                name="diagnostics_run_started_has_a_time",
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True) | Q(ended_at__gte=F("started_at")),
                name="diagnostics_run_ends_after_it_starts",
            ),
        ]


class Pool(models.Model):
    """Specimens mixed into one well."""

    lab = models.ForeignKey(Lab, on_delete=models.PROTECT, related_name="pools")
    made_at = models.DateTimeField()
    size = models.PositiveSmallIntegerField()
    outcome = models.CharField(max_length=12, blank=True, default="")
    dissolved_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(dissolved_at__isnull=True) | Q(outcome=""),
                name="diagnostics_pool_dissolved_was_not_read",
            ),
            models.CheckConstraint(condition=Q(size__gte=2), name="diagnostics_pool_mixes_at_least_two"),
        ]


class PoolMember(models.Model):
    """A specimen of a pool."""

    pool = models.ForeignKey(Pool, on_delete=models.PROTECT, related_name="members")
    specimen = models.ForeignKey(Specimen, on_delete=models.PROTECT, related_name="pools")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["pool", "specimen"], name="diagnostics_pool_member_once")
        ]


class WellContent(models.TextChoices):
    """What a well holds."""

    SPECIMEN = "specimen", _("specimen")
    POOL = "pool", _("pool")
    POSITIVE = "positive", _("positive control")
    NEGATIVE = "negative", _("negative control")


class Well(models.Model):
    """A position of a plate; `readings` are the Ct values by target as the machine wrote them."""

    run = models.ForeignKey(Run, on_delete=models.PROTECT, related_name="wells")
    position = models.CharField(max_length=3)
    content = models.CharField(max_length=8, choices=WellContent.choices)
    specimen = models.ForeignKey(
        Specimen, null=True, blank=True, on_delete=models.PROTECT, related_name="wells"
    )
    pool = models.ForeignKey(Pool, null=True, blank=True, on_delete=models.PROTECT, related_name="wells")
    readings = models.JSONField(null=True, blank=True)

    class Meta:
        ordering = ["run", "id"]
        constraints = [
            models.UniqueConstraint(fields=["run", "position"], name="diagnostics_well_holds_one"),
            models.UniqueConstraint(
                fields=["run", "specimen"], name="diagnostics_well_specimen_once_per_run"
            ),
            models.CheckConstraint(
                condition=Q(content="specimen", specimen__isnull=False, pool__isnull=True)
                | Q(content="pool", specimen__isnull=True, pool__isnull=False)
                | Q(content__in=["positive", "negative"], specimen__isnull=True, pool__isnull=True),
                name="diagnostics_well_holds_what_it_says",
            ),
        ]
