"""Which specimens go to which lab: plans, their lines, and the consignments couriers carry."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from kolaborasi.commitments.models import Commitment
from kolaborasi.diagnostics.models.labs import Lab, LabDay
from kolaborasi.diagnostics.states import LineState, PlanState
from kolaborasi.partners.models import Site
from kolaborasi.people.models import User


class PlanStateChoice(models.TextChoices):
    """States of a plan with their names for people."""

    PROPOSED = PlanState.PROPOSED, _("to be decided")
    APPROVED = PlanState.APPROVED, _("approved")
    REJECTED = PlanState.REJECTED, _("not approved")
    EXPIRED = PlanState.EXPIRED, _("expired")


class LineStateChoice(models.TextChoices):
    """States of a line with their names for people."""

    PROPOSED = LineState.PROPOSED, _("to be decided")
    APPROVED = LineState.APPROVED, _("approved")
    REFUSED = LineState.REFUSED, _("refused by the system")
    DROPPED = LineState.DROPPED, _("not carried out")


class DispatchPlan(models.Model):
    """What a courier round should carry where, until a person decides.

    `expected` holds the planned turnaround, `baseline` the one with fixed contracts, both as JSON numbers.
    """

    made_at = models.DateTimeField()
    made_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    departs_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=PlanStateChoice.choices, default=PlanState.PROPOSED)
    waiting = models.PositiveIntegerField()
    planned = models.PositiveIntegerField()
    expected = models.JSONField(default=dict)
    baseline = models.JSONField(default=dict)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-made_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=PlanStateChoice.values), name="diagnostics_plan_state_is_known"
            ),
            models.CheckConstraint(
                condition=Q(planned__lte=F("waiting")), name="diagnostics_plan_carries_what_waits"
            ),
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("made_at")), name="diagnostics_plan_expires_after_it_was_made"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["proposed", "expired"]) | Q(decided_at__isnull=False),
                name="diagnostics_plan_decided_has_a_time",
            ),
        ]


class Consignment(Commitment):
    """A manifest: specimens from one site promised to one lab's day and carried by one courier.

    Fulfilled by what the lab received; the rest of the promise is given back then.
    """

    counts_against: ClassVar[tuple[str, ...]] = ("lab_day",)

    origin = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="consignments")
    lab = models.ForeignKey(Lab, on_delete=models.PROTECT, related_name="consignments")
    lab_day = models.ForeignKey(LabDay, on_delete=models.PROTECT, related_name="consignments")
    plan = models.ForeignKey(
        DispatchPlan, null=True, blank=True, on_delete=models.PROTECT, related_name="consignments"
    )
    courier = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    departs_at = models.DateTimeField()
    arrives_at = models.DateTimeField()
    picked_up_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta(Commitment.Meta):
        ordering = ["departs_at", "id"]
        indexes = [
            models.Index(fields=["origin", "state"], name="diagnostics_consign_by_origin"),
            models.Index(fields=["lab", "state"], name="diagnostics_consign_by_lab"),
        ]
        constraints = [
            *Commitment.Meta.constraints,
            models.CheckConstraint(
                condition=Q(arrives_at__gte=F("departs_at")),
                name="diagnostics_consignment_arrives_after_it_departs",
            ),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True) | Q(state__in=["fulfilled", "released", "expired"]),
                name="diagnostics_consignment_closed_only_when_it_is_over",
            ),
        ]


class DispatchLine(models.Model):
    """One line of a plan: these specimens from a site to a lab's day, and what speaks for it."""

    plan = models.ForeignKey(DispatchPlan, on_delete=models.PROTECT, related_name="lines")
    origin = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+")
    lab = models.ForeignKey(Lab, on_delete=models.PROTECT, related_name="+")
    lab_day = models.ForeignKey(LabDay, on_delete=models.PROTECT, related_name="+")
    specimens = ArrayField(models.BigIntegerField())
    quantity = models.PositiveIntegerField()
    travel_minutes = models.PositiveIntegerField()
    arrives_at = models.DateTimeField()
    results_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=LineStateChoice.choices, default=LineState.PROPOSED)
    refusal = models.CharField(max_length=40, blank=True, default="")
    consignment = models.OneToOneField(
        Consignment, null=True, blank=True, on_delete=models.PROTECT, related_name="line"
    )

    class Meta:
        ordering = ["plan", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(quantity__gt=0), name="diagnostics_line_carries_at_least_one"),
            models.CheckConstraint(
                condition=Q(quantity=models.Func(F("specimens"), function="cardinality")),
                name="diagnostics_line_counts_its_specimens",
            ),
            models.CheckConstraint(
                condition=Q(state__in=LineStateChoice.values), name="diagnostics_line_state_is_known"
            ),
            models.CheckConstraint(
                condition=Q(state="approved", consignment__isnull=False)
                | ~Q(state="approved") & Q(consignment__isnull=True),
                name="diagnostics_line_approved_is_a_consignment",
            ),
            models.UniqueConstraint(
                fields=["plan", "origin", "lab_day"], name="diagnostics_line_once_per_way"
            ),
        ]
