"""Oxygen cylinders: each one an asset of its own, a lot of one in the books of `stock`."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from kolaborasi.hospitals.models.registry import Hospital
from kolaborasi.hospitals.states import CylinderState
from kolaborasi.partners.models import Site
from kolaborasi.stock.models import Lot


class CylinderStateChoice(models.TextChoices):
    """States of a cylinder with their names for people."""

    FULL = CylinderState.FULL, _("full")
    EMPTY = CylinderState.EMPTY, _("empty")
    AT_FILLER = CylinderState.AT_FILLER, _("at the filler")
    LOST = CylinderState.LOST, _("lost")


class Cylinder(models.Model):
    """A cylinder with the serial number stamped on it; `holder` is where it stands, as the stock movements say."""

    serial = models.CharField(max_length=40)
    lot = models.OneToOneField(Lot, on_delete=models.PROTECT, related_name="cylinder")
    owner = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="owned_cylinders")
    holder = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="held_cylinders")
    litres = models.PositiveIntegerField()
    state = models.CharField(max_length=9, choices=CylinderStateChoice.choices, default=CylinderState.FULL)
    state_at = models.DateTimeField()

    class Meta:
        ordering = ["serial"]
        constraints = [
            models.UniqueConstraint(fields=["serial"], name="cylinder_serial_once"),
            models.CheckConstraint(condition=~Q(serial=""), name="cylinder_has_a_serial"),
            models.CheckConstraint(condition=Q(litres__gt=0), name="cylinder_holds_something"),
            models.CheckConstraint(
                condition=Q(state__in=CylinderStateChoice.values), name="cylinder_state_is_known"
            ),
        ]
        indexes = [models.Index(fields=["holder", "state"], name="cylinder_by_holder")]

    def __str__(self) -> str:
        return self.serial


class RefillRound(models.Model):
    """One drive to the filler and back, with what each hospital may send."""

    filler = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+")
    date = models.DateField()
    total = models.PositiveIntegerField()
    each = models.PositiveIntegerField()
    planned_at = models.DateTimeField()

    class Meta:
        ordering = ["-date", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(total__gt=0, each__gt=0), name="refill_round_carries_at_least_one"
            ),
        ]


class RefillLine(models.Model):
    """Cylinders one hospital may send on a round, and how many it has sent and got back."""

    round = models.ForeignKey(RefillRound, on_delete=models.PROTECT, related_name="lines")
    hospital = models.ForeignKey(Hospital, on_delete=models.PROTECT, related_name="refill_lines")
    quota = models.PositiveIntegerField()
    sent = models.PositiveIntegerField(default=0)
    returned = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["round", "hospital"]
        constraints = [
            models.UniqueConstraint(
                fields=["round", "hospital"], name="refill_line_once_per_round_and_hospital"
            ),
            models.CheckConstraint(
                condition=Q(sent__lte=models.F("quota")), name="refill_line_sends_at_most_its_quota"
            ),
            models.CheckConstraint(
                condition=Q(returned__lte=models.F("sent")), name="refill_line_returns_at_most_what_was_sent"
            ),
        ]
