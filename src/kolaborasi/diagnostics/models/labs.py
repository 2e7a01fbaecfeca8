"""Labs, their machines and shifts, and what they offer each day."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from kolaborasi.commitments.models import Consumable
from kolaborasi.diagnostics.states import LabState
from kolaborasi.partners.models import PartnerKind, Site
from kolaborasi.people.models import User

LEAST_BIOSAFETY = 2
"""WHO, Laboratory biosafety guidance related to coronavirus disease, 2021: diagnostic PCR needs BSL-2."""


class LabKind(models.TextChoices):
    """Who stands behind a lab; derived from its partner."""

    GOVERNMENT = "government", _("government")
    CAMPUS = "campus", _("campus")
    RESEARCH = "research", _("research centre")
    HOSPITAL = "hospital", _("hospital")
    PRIVATE = "private", _("private")
    MOBILE = "mobile", _("mobile")


KIND_OF_PARTNER: dict[str, LabKind] = {
    PartnerKind.GOVERNMENT: LabKind.GOVERNMENT,
    PartnerKind.CAMPUS: LabKind.CAMPUS,
    PartnerKind.RESEARCH: LabKind.RESEARCH,
    PartnerKind.HOSPITAL: LabKind.HOSPITAL,
}


class LabStateChoice(models.TextChoices):
    """States of a lab with their names for people."""

    REGISTERED = LabState.REGISTERED, _("waits to be verified")
    ACTIVE = LabState.ACTIVE, _("working")
    DOWN = LabState.DOWN, _("down")
    CLOSED = LabState.CLOSED, _("closed")


class DownReason(models.TextChoices):
    """Why a lab cannot read specimens."""

    MACHINE = "machine", _("machines out of order")
    REAGENTS = "reagents", _("reagents used up")
    STAFF = "staff", _("not enough staff")
    CONTAMINATION = "contamination", _("contamination")
    POWER = "power", _("power or building")
    OTHER = "other", _("other")


class Lab(models.Model):
    """A site where specimens are read. The health office verifies it before the network sends any."""

    site = models.OneToOneField(Site, on_delete=models.PROTECT, related_name="lab")
    biosafety = models.PositiveSmallIntegerField()
    mobile = models.BooleanField(default=False)
    preparation_minutes = models.PositiveSmallIntegerField(default=60)
    state = models.CharField(max_length=10, choices=LabStateChoice.choices, default=LabState.REGISTERED)
    down_reason = models.CharField(max_length=13, choices=DownReason.choices, blank=True)
    registered_at = models.DateTimeField()
    verified_at = models.DateTimeField(null=True, blank=True)
    verified_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    state_at = models.DateTimeField()

    class Meta:
        ordering = ["site__name", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=LabStateChoice.values), name="diagnostics_lab_state_is_known"
            ),
            models.CheckConstraint(
                condition=Q(biosafety__gte=1, biosafety__lte=4), name="diagnostics_lab_biosafety_is_1_to_4"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["active", "down"])
                | Q(verified_at__isnull=False, biosafety__gte=LEAST_BIOSAFETY),
                name="diagnostics_lab_works_only_verified_and_safe",
            ),
            models.CheckConstraint(
                condition=Q(state="down") & ~Q(down_reason="") | ~Q(state="down") & Q(down_reason=""),
                name="diagnostics_lab_down_has_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"lab {self.pk}"

    @property
    def kind(self) -> LabKind:
        """Who stands behind it; needs the site and its partner to be loaded."""
        if self.mobile:
            return LabKind.MOBILE
        return KIND_OF_PARTNER.get(self.site.partner.kind, LabKind.PRIVATE)


class Machine(models.Model):
    """A PCR machine of a lab."""

    lab = models.ForeignKey(Lab, on_delete=models.PROTECT, related_name="machines")
    name = models.CharField(max_length=60)
    model = models.CharField(max_length=60)
    wells = models.PositiveSmallIntegerField()
    run_minutes = models.PositiveSmallIntegerField()
    targets = ArrayField(models.CharField(max_length=20), default=list)
    in_service = models.BooleanField(default=True)

    class Meta:
        ordering = ["lab", "name"]
        constraints = [
            models.UniqueConstraint(fields=["lab", "name"], name="diagnostics_machine_name_once_per_lab"),
            models.CheckConstraint(
                condition=Q(wells__gte=1, wells__lte=384), name="diagnostics_machine_wells_1_to_384"
            ),
            models.CheckConstraint(
                condition=Q(run_minutes__gte=10, run_minutes__lte=1440),
                name="diagnostics_machine_run_is_10_minutes_to_a_day",
            ),
        ]


class Shift(models.Model):
    """When a lab works: a weekday, from a minute of the day for so long; a day without one is a day off."""

    lab = models.ForeignKey(Lab, on_delete=models.PROTECT, related_name="shifts")
    weekday = models.PositiveSmallIntegerField()
    starts_minute = models.PositiveSmallIntegerField()
    minutes = models.PositiveSmallIntegerField()
    staffed_machines = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["lab", "weekday", "starts_minute"]
        constraints = [
            models.UniqueConstraint(
                fields=["lab", "weekday", "starts_minute"], name="diagnostics_shift_begins_once"
            ),
            models.CheckConstraint(condition=Q(weekday__lte=6), name="diagnostics_shift_weekday_0_to_6"),
            models.CheckConstraint(
                condition=Q(starts_minute__lt=1440), name="diagnostics_shift_starts_within_the_day"
            ),
            models.CheckConstraint(
                condition=Q(minutes__gte=30, minutes__lte=1440), name="diagnostics_shift_half_hour_to_a_day"
            ),
        ]


class LabDay(Consumable):
    """The specimens a lab offers to read for the network on a day; `delivered` are those it took in.

    A day that was used is over, so the capacity is consumed by fulfilment and not freed. `derived` is what machines,
    shifts and reagents allowed when the offer was made: a lab may keep some of it for its own patients.
    """

    lab = models.ForeignKey(Lab, on_delete=models.PROTECT, related_name="days")
    date = models.DateField()
    derived = models.PositiveIntegerField()
    offered_at = models.DateTimeField()

    class Meta(Consumable.Meta):
        ordering = ["date", "lab"]
        constraints = [
            *Consumable.Meta.constraints,
            models.UniqueConstraint(fields=["lab", "date"], name="diagnostics_lab_day_once"),
        ]
