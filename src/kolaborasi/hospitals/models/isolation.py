"""People isolating at home, and what was found at each follow-up."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from kolaborasi.hospitals.models.choices import AgeGroupChoice
from kolaborasi.hospitals.models.referrals import Referral
from kolaborasi.hospitals.states import IsolationState
from kolaborasi.partners.models import Site
from kolaborasi.people.models import Person, User
from kolaborasi.places.models import Place

ISOLATING = (IsolationState.OPEN, IsolationState.REFERRED)


class IsolationStateChoice(models.TextChoices):
    """States of an isolation with their names for people."""

    OPEN = IsolationState.OPEN, _("isolating at home")
    REFERRED = IsolationState.REFERRED, _("referred to a hospital")
    RECOVERED = IsolationState.RECOVERED, _("recovered")
    DIED = IsolationState.DIED, _("died")
    STOPPED = IsolationState.STOPPED, _("ended otherwise")


class IsolationCase(models.Model):
    """A person isolating at home, on the daily list of one puskesmas."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+")
    puskesmas = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="isolation_cases")
    age_group = models.CharField(max_length=7, choices=AgeGroupChoice.choices)
    pregnant = models.BooleanField(default=False)
    at_risk = models.BooleanField(default=False)
    """Age or another illness makes a severe course more likely: looked after first."""
    started_date = models.DateField()
    state = models.CharField(max_length=9, choices=IsolationStateChoice.choices, default=IsolationState.OPEN)
    ended_date = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person"],
                condition=Q(state__in=list(ISOLATING)),
                name="isolation_one_open_per_person",
            ),
            models.CheckConstraint(
                condition=Q(state__in=IsolationStateChoice.values), name="isolation_state_is_known"
            ),
            models.CheckConstraint(
                condition=Q(age_group__in=AgeGroupChoice.values), name="isolation_age_group_is_known"
            ),
            models.CheckConstraint(
                condition=Q(state__in=list(ISOLATING), ended_date__isnull=True)
                | (~Q(state__in=list(ISOLATING)) & Q(ended_date__isnull=False)),
                name="isolation_over_has_a_day",
            ),
            models.CheckConstraint(
                condition=Q(ended_date__isnull=True) | Q(ended_date__gte=F("started_date")),
                name="isolation_ends_after_it_starts",
            ),
        ]
        indexes = [models.Index(fields=["puskesmas", "state"], name="isolation_by_puskesmas")]


class FollowUp(models.Model):
    """What was found at one follow-up; append-only."""

    case = models.ForeignKey(IsolationCase, on_delete=models.PROTECT, related_name="follow_ups")
    at = models.DateTimeField()
    date = models.DateField()
    by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    reached = models.BooleanField(default=True)
    spo2 = models.PositiveSmallIntegerField(null=True, blank=True)
    breaths = models.PositiveSmallIntegerField(null=True, blank=True)
    breathless = models.BooleanField(default=False)
    chest_pain = models.BooleanField(default=False)
    confused = models.BooleanField(default=False)
    not_drinking = models.BooleanField(default=False)
    referral = models.ForeignKey(Referral, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(spo2__isnull=True) | Q(spo2__range=(30, 100)), name="follow_up_spo2_is_possible"
            ),
            models.CheckConstraint(
                condition=Q(breaths__isnull=True) | Q(breaths__range=(4, 120)),
                name="follow_up_breaths_are_possible",
            ),
            models.CheckConstraint(
                condition=Q(reached=True)
                | Q(
                    spo2__isnull=True,
                    breaths__isnull=True,
                    breathless=False,
                    chest_pain=False,
                    confused=False,
                    not_drinking=False,
                ),
                name="follow_up_not_reached_found_nothing",
            ),
        ]
        indexes = [models.Index(fields=["case", "date"], name="follow_up_by_day")]
