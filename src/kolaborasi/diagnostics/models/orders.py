"""Who is to be tested and why; slots at collection sites; antigen tests."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from kolaborasi.commitments.models import Commitment, Consumable
from kolaborasi.diagnostics.rules.assays import Outcome
from kolaborasi.diagnostics.states import OrderState
from kolaborasi.messages.models import Channel
from kolaborasi.partners.models import Site, SiteKind
from kolaborasi.people.models import Person, User
from kolaborasi.people.rules import Sex
from kolaborasi.places.models import Place

TESTING_SITES = (SiteKind.COLLECTION, SiteKind.LAB, SiteKind.HOSPITAL, SiteKind.PUSKESMAS)
"""Kinds of sites where people are tested."""


class Reason(models.TextChoices):
    """Why a person is tested."""

    SUSPECT = "suspect", _("suspected case")
    CONTACT = "contact", _("close contact")
    DISCHARGE = "discharge", _("before discharge")
    SCREENING = "screening", _("screening")
    TRAVEL = "travel", _("travel")


class Priority(models.TextChoices):
    """How soon the result is needed."""

    URGENT = "urgent", _("urgent")
    HIGH = "high", _("high")
    ROUTINE = "routine", _("routine")


class SexChoice(models.TextChoices):
    """Sex as the NIK states it."""

    FEMALE = Sex.FEMALE, _("female")
    MALE = Sex.MALE, _("male")


class OrderStateChoice(models.TextChoices):
    """States of an order with their names for people."""

    REQUESTED = OrderState.REQUESTED, _("waits for a swab")
    COLLECTED = OrderState.COLLECTED, _("specimen taken")
    CANCELLED = OrderState.CANCELLED, _("cancelled")


class Slot(Consumable):
    """Places at a collection site from one moment to another; `delivered` are those who came."""

    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="test_slots")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()

    class Meta(Consumable.Meta):
        ordering = ["starts_at", "site"]
        indexes = [models.Index(fields=["starts_at"], name="diagnostics_slot_by_start")]
        constraints = [
            *Consumable.Meta.constraints,
            models.UniqueConstraint(fields=["site", "starts_at"], name="diagnostics_slot_begins_once"),
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")), name="diagnostics_slot_ends_after_it_begins"
            ),
        ]


class AntigenTest(models.Model):
    """A rapid test, counted apart from PCR: an antigen positive is no confirmed case until PCR says so."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    birth_date = models.DateField()
    sex = models.CharField(max_length=6, choices=SexChoice.choices)
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+")
    residence = models.ForeignKey(Place, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    brand = models.CharField(max_length=80)
    outcome = models.CharField(max_length=12)
    tested_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-tested_at", "-id"]
        indexes = [models.Index(fields=["tested_at"], name="diagnostics_antigen_by_time")]
        constraints = [
            models.CheckConstraint(
                condition=Q(outcome__in=[Outcome.POSITIVE, Outcome.NEGATIVE, Outcome.INVALID]),
                name="diagnostics_antigen_outcome_is_known",
            ),
            models.UniqueConstraint(
                fields=["person", "site", "tested_at"], name="diagnostics_antigen_recorded_once"
            ),
        ]


class Order(models.Model):
    """A test that is asked for (FHIR ServiceRequest). Birth date and sex are clinical facts under the person's id."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    birth_date = models.DateField()
    sex = models.CharField(max_length=6, choices=SexChoice.choices)
    residence = models.ForeignKey(Place, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=10, choices=Reason.choices)
    priority = models.CharField(max_length=8, choices=Priority.choices, default=Priority.ROUTINE)
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="test_orders")
    channel = models.CharField(max_length=10, choices=Channel.choices, default=Channel.EMAIL)
    language = models.CharField(max_length=5, default="id")
    confirms = models.OneToOneField(
        AntigenTest, null=True, blank=True, on_delete=models.PROTECT, related_name="confirmation"
    )
    state = models.CharField(max_length=10, choices=OrderStateChoice.choices, default=OrderState.REQUESTED)
    ordered_at = models.DateTimeField()
    ordered_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-ordered_at", "-id"]
        indexes = [models.Index(fields=["site", "state", "ordered_at"], name="diagnostics_order_by_site")]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=OrderStateChoice.values), name="diagnostics_order_state_is_known"
            ),
            models.CheckConstraint(
                condition=Q(reason__in=Reason.values), name="diagnostics_order_reason_is_known"
            ),
            models.CheckConstraint(
                condition=Q(priority__in=Priority.values), name="diagnostics_order_priority_is_known"
            ),
            models.CheckConstraint(
                condition=Q(sex__in=SexChoice.values), name="diagnostics_order_sex_is_known"
            ),
            models.UniqueConstraint(
                fields=["person"],
                condition=Q(state="requested"),
                name="diagnostics_order_waits_once_per_person",
            ),
        ]


class Booking(Commitment):
    """One place of a slot for an order."""

    counts_against: ClassVar[tuple[str, ...]] = ("slot",)

    slot = models.ForeignKey(Slot, on_delete=models.PROTECT, related_name="bookings")
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="bookings")
    booked_at = models.DateTimeField()

    class Meta(Commitment.Meta):
        ordering = ["slot", "id"]
        constraints = [
            *Commitment.Meta.constraints,
            models.CheckConstraint(condition=Q(quantity=1), name="diagnostics_booking_is_for_one"),
            models.UniqueConstraint(
                fields=["order"],
                condition=Q(state__in=["held", "confirmed"]),
                name="diagnostics_booking_one_at_a_time_per_order",
            ),
        ]
