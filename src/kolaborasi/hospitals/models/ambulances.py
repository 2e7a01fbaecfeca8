"""Ambulances and the requests for them."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from kolaborasi.hospitals.models.choices import SeverityChoice
from kolaborasi.hospitals.models.referrals import Referral
from kolaborasi.hospitals.models.registry import Hospital
from kolaborasi.hospitals.states import ACTIVE_RIDES, RideState
from kolaborasi.partners.models import Partner
from kolaborasi.people.models import Person
from kolaborasi.places.models import Place


class Ambulance(models.Model):
    """A vehicle with its crew, known by its call sign."""

    partner = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="ambulances")
    call_sign = models.CharField(max_length=30)
    retired_date = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["call_sign", "id"]
        constraints = [
            models.UniqueConstraint(fields=["call_sign"], name="ambulance_call_sign_once"),
            models.CheckConstraint(condition=~Q(call_sign=""), name="ambulance_has_a_call_sign"),
        ]

    def __str__(self) -> str:
        return self.call_sign


class RideStateChoice(models.TextChoices):
    """States of an ambulance request with their names for people."""

    REQUESTED = RideState.REQUESTED, _("waiting for an ambulance")
    DISPATCHED = RideState.DISPATCHED, _("ambulance on its way to the patient")
    PICKED_UP = RideState.PICKED_UP, _("patient on board")
    ARRIVED = RideState.ARRIVED, _("arrived")
    CANCELLED = RideState.CANCELLED, _("cancelled")


class AmbulanceRequest(models.Model):
    """A patient to be driven, with or without a bed that waits for them."""

    patient = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    referral = models.ForeignKey(
        Referral, null=True, blank=True, on_delete=models.PROTECT, related_name="rides"
    )
    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+")
    hospital = models.ForeignKey(
        Hospital, null=True, blank=True, on_delete=models.PROTECT, related_name="rides"
    )
    severity = models.PositiveSmallIntegerField(choices=SeverityChoice.choices)
    ambulance = models.ForeignKey(
        Ambulance, null=True, blank=True, on_delete=models.PROTECT, related_name="requests"
    )
    state = models.CharField(max_length=10, choices=RideStateChoice.choices, default=RideState.REQUESTED)
    requested_at = models.DateTimeField()
    dispatched_at = models.DateTimeField(null=True, blank=True)
    picked_up_at = models.DateTimeField(null=True, blank=True)
    arrived_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["ambulance"],
                condition=Q(state__in=[RideState.DISPATCHED, RideState.PICKED_UP]),
                name="ride_one_at_a_time_per_ambulance",
            ),
            models.UniqueConstraint(
                fields=["patient"],
                condition=Q(state__in=list(ACTIVE_RIDES)),
                name="ride_one_active_per_patient",
            ),
            models.CheckConstraint(condition=Q(state__in=RideStateChoice.values), name="ride_state_is_known"),
            models.CheckConstraint(
                condition=Q(severity__in=SeverityChoice.values), name="ride_severity_is_known"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[RideState.DISPATCHED, RideState.PICKED_UP, RideState.ARRIVED])
                | Q(ambulance__isnull=False, dispatched_at__isnull=False),
                name="ride_dispatched_has_an_ambulance",
            ),
        ]
        indexes = [
            models.Index(
                fields=["-severity", "requested_at"],
                condition=Q(state=RideState.REQUESTED),
                name="ride_waiting_in_order",
            )
        ]
