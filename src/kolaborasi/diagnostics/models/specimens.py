"""Labels, specimens and every event of theirs."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from kolaborasi.diagnostics.models.dispatch import Consignment
from kolaborasi.diagnostics.models.labs import Lab
from kolaborasi.diagnostics.models.orders import Order, Priority
from kolaborasi.diagnostics.rules.barcodes import LENGTH
from kolaborasi.diagnostics.states import AT_LAB, SpecimenState
from kolaborasi.partners.models import Site
from kolaborasi.people.models import User


class SpecimenType(models.TextChoices):
    """What was taken; SNOMED CT codes in `facts/specimen_types.csv`."""

    NASOPHARYNGEAL = "np-swab", _("nasopharyngeal swab")
    OROPHARYNGEAL = "op-swab", _("oropharyngeal swab")
    BOTH = "np-op-swab", _("nasopharyngeal and oropharyngeal swab")
    SALIVA = "saliva", _("saliva")
    SPUTUM = "sputum", _("sputum")


class SpecimenStateChoice(models.TextChoices):
    """States of a specimen with their names for people."""

    COLLECTED = SpecimenState.COLLECTED, _("waits for the courier")
    IN_TRANSIT = SpecimenState.IN_TRANSIT, _("on the way")
    RECEIVED = SpecimenState.RECEIVED, _("at the lab")
    RUNNING = SpecimenState.RUNNING, _("being read")
    RESULTED = SpecimenState.RESULTED, _("waits for validation")
    VALIDATED = SpecimenState.VALIDATED, _("validated")
    NOTIFIED = SpecimenState.NOTIFIED, _("person told")
    DISCARDED = SpecimenState.DISCARDED, _("discarded")


class DiscardReason(models.TextChoices):
    """Why a specimen gave no result."""

    LOST = "lost", _("lost on the way")
    LEAKED = "leaked", _("leaked or broken")
    EXPIRED = "expired", _("waited too long")
    UNSATISFACTORY = "unsatisfactory", _("not enough or unreadable")
    MIXED_UP = "mixed-up", _("label and person do not match")
    CANCELLED = "cancelled", _("no longer needed")


class Label(models.Model):
    """A barcode that was issued to a site. Its number is never given twice."""

    barcode = models.CharField(max_length=LENGTH)
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+")
    issued_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["barcode"], name="diagnostics_label_barcode_once")]

    def __str__(self) -> str:
        return self.barcode


class Specimen(models.Model):
    """What was taken from a person, wherever it is now.

    `site` is where it was taken. A specimen is at its site, with a courier (`consignment`), in a lab (`lab`) or gone;
    constraints tie that to its state, and one column for each means it is never in two labs. Times are those of the
    last event of each kind; `SpecimenEvent` keeps them all. A tube that was
    destroyed after its result keeps its state and its lab, and `disposed_at` says that it is gone.
    """

    label = models.OneToOneField(Label, on_delete=models.PROTECT, related_name="specimen")
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="specimens")
    kind = models.CharField(max_length=10, choices=SpecimenType.choices)
    priority = models.CharField(max_length=8, choices=Priority.choices)
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="specimens")
    consignment = models.ForeignKey(
        Consignment, null=True, blank=True, on_delete=models.PROTECT, related_name="specimens"
    )
    lab = models.ForeignKey(Lab, null=True, blank=True, on_delete=models.PROTECT, related_name="specimens")
    state = models.CharField(
        max_length=10, choices=SpecimenStateChoice.choices, default=SpecimenState.COLLECTED
    )
    discard_reason = models.CharField(max_length=14, choices=DiscardReason.choices, blank=True, default="")
    repeats = models.PositiveSmallIntegerField(default=0)
    collected_at = models.DateTimeField()
    keeps_until = models.DateTimeField()
    late_at = models.DateTimeField()
    picked_up_at = models.DateTimeField(null=True, blank=True)
    received_at = models.DateTimeField(null=True, blank=True)
    run_started_at = models.DateTimeField(null=True, blank=True)
    resulted_at = models.DateTimeField(null=True, blank=True)
    validated_at = models.DateTimeField(null=True, blank=True)
    notified_at = models.DateTimeField(null=True, blank=True)
    disposed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-collected_at", "-id"]
        indexes = [
            models.Index(fields=["lab", "state", "collected_at"], name="diagnostics_specimen_by_lab"),
            models.Index(fields=["site", "state"], name="diagnostics_specimen_by_site"),
            models.Index(fields=["collected_at"], name="diagnostics_specimen_by_swab"),
            models.Index(
                fields=["late_at"],
                condition=Q(state__in=["collected", "in-transit", "received", "running", "resulted"]),
                name="diagnostics_specimen_late",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=SpecimenStateChoice.values), name="diagnostics_specimen_state_is_known"
            ),
            models.CheckConstraint(
                condition=~Q(state="collected") | Q(lab__isnull=True),
                name="diagnostics_specimen_waiting_is_at_its_site",
            ),
            models.CheckConstraint(
                condition=~Q(state="in-transit") | Q(consignment__isnull=False, lab__isnull=True),
                name="diagnostics_specimen_on_the_way_is_with_a_courier",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[state.value for state in AT_LAB]) | Q(lab__isnull=False),
                name="diagnostics_specimen_being_read_is_in_a_lab",
            ),
            models.CheckConstraint(
                condition=Q(state="discarded") & ~Q(discard_reason="")
                | ~Q(state="discarded") & Q(discard_reason=""),
                name="diagnostics_specimen_discarded_has_a_reason",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["resulted", "validated", "notified"])
                | Q(resulted_at__isnull=False, received_at__isnull=False),
                name="diagnostics_specimen_read_was_received",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["validated", "notified"]) | Q(validated_at__isnull=False),
                name="diagnostics_specimen_validated_has_a_time",
            ),
            models.CheckConstraint(
                condition=Q(received_at__isnull=True) | Q(received_at__gte=F("collected_at")),
                name="diagnostics_specimen_received_after_collected",
            ),
            models.CheckConstraint(
                condition=Q(picked_up_at__isnull=True) | Q(picked_up_at__gte=F("collected_at")),
                name="diagnostics_specimen_picked_up_after_collected",
            ),
            models.CheckConstraint(
                condition=Q(resulted_at__isnull=True)
                | Q(received_at__isnull=False, resulted_at__gte=F("received_at")),
                name="diagnostics_specimen_resulted_after_received",
            ),
            models.CheckConstraint(
                condition=Q(validated_at__isnull=True)
                | Q(resulted_at__isnull=False, validated_at__gte=F("resulted_at")),
                name="diagnostics_specimen_validated_after_resulted",
            ),
        ]

    def __str__(self) -> str:
        return f"specimen {self.pk}"


class EventKind(models.TextChoices):
    """What happened to a specimen."""

    COLLECTED = "collected", _("taken")
    PLANNED = "planned", _("assigned to a lab")
    UNPLANNED = "unplanned", _("assignment taken back")
    PICKED_UP = "picked-up", _("picked up")
    BROUGHT_BACK = "brought-back", _("brought back")
    RECEIVED = "received", _("received by the lab")
    RUN_STARTED = "run-started", _("run started")
    RUN_ABORTED = "run-aborted", _("run stopped")
    RESULTED = "resulted", _("result read")
    REPEATED = "repeated", _("to be read again")
    VALIDATED = "validated", _("result validated")
    NOTIFIED = "notified", _("person told")
    CORRECTED = "corrected", _("result corrected")
    DISCARDED = "discarded", _("discarded")
    DISPOSED = "disposed", _("disposed of after its result")


class SpecimenEvent(models.Model):
    """One event of a specimen with its own time; append-only. `recorded_at` is when the platform was told."""

    specimen = models.ForeignKey(Specimen, on_delete=models.PROTECT, related_name="events")
    kind = models.CharField(max_length=12, choices=EventKind.choices)
    at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    site = models.ForeignKey(Site, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["recorded_at", "id"]
        indexes = [models.Index(fields=["specimen", "kind"], name="diagnostics_event_of_specimen")]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=EventKind.values), name="diagnostics_event_kind_is_known"
            ),
        ]
