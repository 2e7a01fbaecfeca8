"""Lots, their cold chain, vials, wastage, counts, and the plan that spreads them over sites."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from kolaborasi.partners.models import Partner
from kolaborasi.stock.models import Location, Lot, Movement, Shipment
from kolaborasi.vaccination.models.products import Product
from kolaborasi.vaccination.models.sessions import Session
from kolaborasi.vaccination.states import LineState, LotState


class RecallReason(models.TextChoices):
    """Why a lot is called back."""

    QUALITY = "quality", _("quality defect")
    SAFETY = "safety", _("safety signal")
    COLD_CHAIN = "cold-chain", _("cold chain broken before arrival")
    DOCUMENTS = "documents", _("release papers withdrawn")


class VaccineLot(models.Model):
    """A lot of a vaccine: what the pack says and what became of it. Doses per vial belong to the lot, not the brand."""

    lot = models.OneToOneField(Lot, on_delete=models.PROTECT, primary_key=True, related_name="vaccine")
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="lots")
    doses_per_vial = models.PositiveSmallIntegerField()
    owner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="+")
    thawed_until_date = models.DateField(null=True, blank=True)
    vvm_stage = models.PositiveSmallIntegerField(null=True, blank=True)
    state = models.CharField(max_length=8, default=LotState.RELEASED)
    recall_reason = models.CharField(max_length=10, choices=RecallReason.choices, blank=True, default="")
    recalled_at = models.DateTimeField(null=True, blank=True)
    registered_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(doses_per_vial__range=(1, 20)), name="vaccination_lot_vial_holds_doses"
            ),
            models.CheckConstraint(
                condition=Q(vvm_stage__isnull=True) | Q(vvm_stage__range=(1, 4)),
                name="vaccination_lot_vvm_stage_is_1_to_4",
            ),
            models.CheckConstraint(
                condition=Q(state="released", recalled_at__isnull=True, recall_reason="")
                | Q(state="recalled", recalled_at__isnull=False) & ~Q(recall_reason=""),
                name="vaccination_lot_recalled_with_a_reason",
            ),
        ]


class StorageReading(models.Model):
    """A temperature of a place where a lot is kept, by a logger or by hand; append-only."""

    lot = models.ForeignKey(VaccineLot, on_delete=models.PROTECT, related_name="readings")
    location = models.ForeignKey(Location, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    tenths_celsius = models.SmallIntegerField()
    vvm_stage = models.PositiveSmallIntegerField(null=True, blank=True)
    excursion = models.BooleanField()

    class Meta:
        indexes = [models.Index(fields=["location", "at"], name="vacc_reading_by_place")]
        constraints = [
            models.UniqueConstraint(
                fields=["lot", "location", "at"], name="vaccination_reading_is_one_per_moment"
            ),
            models.CheckConstraint(
                condition=Q(vvm_stage__isnull=True) | Q(vvm_stage__range=(1, 4)),
                name="vaccination_reading_vvm_stage_is_1_to_4",
            ),
        ]


class QuarantineReason(models.TextChoices):
    """Why doses wait for a decision."""

    EXCURSION = "excursion", _("temperature outside its range")
    VVM = "vvm", _("vial monitor past its discard point")
    INSPECTION = "inspection", _("under inspection")


class Quarantine(models.Model):
    """Doses of a lot at one place that may not be given until somebody decides."""

    lot = models.ForeignKey(VaccineLot, on_delete=models.PROTECT, related_name="quarantines")
    location = models.ForeignKey(Location, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=10, choices=QuarantineReason.choices)
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)
    fit = models.BooleanField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["lot", "location"],
                condition=Q(closed_at__isnull=True),
                name="vaccination_quarantine_is_one_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True, fit__isnull=True)
                | Q(closed_at__isnull=False, fit__isnull=False),
                name="vaccination_quarantine_closes_with_a_decision",
            ),
            models.CheckConstraint(
                condition=Q(reason__in=QuarantineReason.values),
                name="vaccination_quarantine_reason_is_known",
            ),
        ]


class Vial(models.Model):
    """An opened vial: its doses are given or wasted before its clock runs out."""

    lot = models.ForeignKey(VaccineLot, on_delete=models.PROTECT, related_name="vials")
    session = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="vials")
    opened_at = models.DateTimeField()
    discard_at = models.DateTimeField()
    doses = models.PositiveSmallIntegerField()
    given = models.PositiveSmallIntegerField(default=0)
    wasted = models.PositiveSmallIntegerField(default=0)
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(doses__gte=F("given") + F("wasted")),
                name="vaccination_vial_gives_at_most_what_it_holds",
            ),
            models.CheckConstraint(
                condition=Q(discard_at__gt=F("opened_at")), name="vaccination_vial_has_a_clock"
            ),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True) | Q(doses=F("given") + F("wasted")),
                name="vaccination_vial_closes_when_every_dose_is_accounted_for",
            ),
        ]


class WasteReason(models.TextChoices):
    """Why a dose was lost (WHO wastage categories, unopened and opened vials)."""

    EXPIRED = "expired", _("expired")
    COLD_CHAIN = "cold-chain", _("too warm or too cold")
    VVM = "vvm", _("vial monitor past its discard point")
    BROKEN = "broken", _("broken")
    OPEN_VIAL = "open-vial", _("left in an opened vial")
    DRAWN = "drawn", _("drawn up and not given")
    RECALLED = "recalled", _("recalled lot destroyed")
    LOST = "lost", _("lost or stolen")


class Wastage(models.Model):
    """Doses that were lost, with the movement that took them out and the reason."""

    movement = models.OneToOneField(Movement, on_delete=models.PROTECT, primary_key=True, related_name="+")
    lot = models.ForeignKey(VaccineLot, on_delete=models.PROTECT, related_name="wastages")
    location = models.ForeignKey(Location, on_delete=models.PROTECT, related_name="+")
    session = models.ForeignKey(Session, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=10, choices=WasteReason.choices)
    doses = models.PositiveIntegerField()
    at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "wastages"
        indexes = [models.Index(fields=["at"], name="vacc_wastage_by_time")]
        constraints = [
            models.CheckConstraint(condition=Q(doses__gt=0), name="vaccination_wastage_loses_at_least_one"),
            models.CheckConstraint(
                condition=Q(reason__in=WasteReason.values), name="vaccination_wastage_reason_is_known"
            ),
        ]


class Explanation(models.TextChoices):
    """Why a count differs from the books."""

    UNRECORDED_DOSE = "unrecorded-dose", _("doses given and not recorded")
    UNRECORDED_LOSS = "unrecorded-loss", _("losses not recorded")
    UNRECORDED_MOVE = "unrecorded-move", _("doses moved and not recorded")
    EARLIER_COUNT = "earlier-count", _("an earlier count was wrong")
    VIAL_SIZE = "vial-size", _("more or fewer doses in the vials than printed")
    UNKNOWN = "unknown", _("not known yet")


class StockCount(models.Model):
    """What was counted at a place, what the books said, and why they differ."""

    lot = models.ForeignKey(VaccineLot, on_delete=models.PROTECT, related_name="counts")
    location = models.ForeignKey(Location, on_delete=models.PROTECT, related_name="+")
    counted_at = models.DateTimeField()
    expected = models.PositiveIntegerField()
    counted = models.PositiveIntegerField()
    explanation = models.CharField(max_length=16, choices=Explanation.choices, blank=True, default="")
    movement = models.OneToOneField(
        Movement, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(counted=F("expected"), movement__isnull=True)
                | ~Q(counted=F("expected")) & ~Q(explanation="") & Q(movement__isnull=False),
                name="vaccination_count_explains_its_difference",
            ),
        ]


class SupplyPlan(models.Model):
    """Proposed moves of lots to sites for the coming days; approved line by line."""

    store = models.ForeignKey(Location, on_delete=models.PROTECT, related_name="+")
    starts_date = models.DateField()
    days = models.PositiveSmallIntegerField()
    proposed_at = models.DateTimeField()
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    effect = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(days__range=(1, 60)), name="vaccination_plan_spans_days"),
        ]


class SupplyLine(models.Model):
    """Doses of a lot for a site on a day, with the reasons in numbers."""

    plan = models.ForeignKey(SupplyPlan, on_delete=models.PROTECT, related_name="lines")
    lot = models.ForeignKey(VaccineLot, on_delete=models.PROTECT, related_name="+")
    target = models.ForeignKey(Location, on_delete=models.PROTECT, related_name="+")
    arrives_date = models.DateField()
    doses = models.PositiveIntegerField()
    reasons = models.JSONField(default=dict)
    state = models.CharField(max_length=8, default=LineState.PROPOSED)
    refusal = models.CharField(max_length=40, blank=True, default="")
    shipment = models.OneToOneField(
        Shipment, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(doses__gt=0), name="vaccination_line_sends_at_least_one"),
            models.CheckConstraint(
                condition=Q(state__in=[state.value for state in LineState]),
                name="vaccination_line_state_is_known",
            ),
            models.CheckConstraint(
                condition=Q(state="approved", shipment__isnull=False)
                | ~Q(state="approved") & Q(shipment__isnull=True),
                name="vaccination_line_approved_means_sent",
            ),
            models.CheckConstraint(
                condition=Q(state="refused") | Q(refusal=""), name="vaccination_line_refused_with_a_reason"
            ),
            models.UniqueConstraint(
                fields=["plan", "lot", "target", "arrives_date"], name="vaccination_line_is_one_per_move"
            ),
        ]
