"""Recipients, bookings, the waiting list, visits and screenings."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from kolaborasi.commitments.models import Commitment
from kolaborasi.partners.models import Partner
from kolaborasi.people.models import Person
from kolaborasi.people.rules import Sex
from kolaborasi.places.models import Place
from kolaborasi.stock.models import Balance
from kolaborasi.vaccination.models.products import Product
from kolaborasi.vaccination.models.sessions import ChannelChoice, Session, SlotQuota
from kolaborasi.vaccination.rules import Fitness
from kolaborasi.vaccination.states import VisitState, WaitingState


class IdentifiedBy(models.TextChoices):
    """What says who somebody is."""

    NIK = "nik", _("NIK")
    PASSPORT = "passport", _("passport")
    WORD = "word", _("word of a case worker")


class Group(models.TextChoices):
    """Target groups of the national programme (columns of the city's published counts)."""

    HEALTH_WORKER = "health_worker", _("health worker")
    PUBLIC_SERVANT = "public_servant", _("public servant")
    ELDERLY = "elderly", _("60 years and older")
    STAGE3 = "stage3", _("vulnerable and general public")
    GOTONG_ROYONG = "gotong_royong", _("Gotong Royong, paid by an employer")
    YOUTH = "youth", _("12 to 17 years")
    CHILD = "child", _("6 to 11 years")


class Recipient(models.Model):
    """Somebody who is or will be vaccinated: the clinical side of a person. Residence decides coverage."""

    person = models.OneToOneField(Person, on_delete=models.PROTECT, primary_key=True, related_name="+")
    birth_date = models.DateField()
    sex = models.CharField(max_length=6, choices=[(sex.value, sex.value) for sex in Sex], blank=True)
    group = models.CharField(max_length=14, choices=Group.choices)
    residence = models.ForeignKey(Place, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    identified_by = models.CharField(max_length=8, choices=IdentifiedBy.choices)
    vouched_by = models.ForeignKey(Partner, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    enrolled_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["residence"], name="vacc_recipient_by_home")]
        constraints = [
            models.CheckConstraint(
                condition=Q(group__in=Group.values), name="vaccination_recipient_group_is_known"
            ),
            models.CheckConstraint(
                condition=Q(sex__in=["", *[sex.value for sex in Sex]]),
                name="vaccination_recipient_sex_is_known",
            ),
            models.CheckConstraint(
                condition=Q(identified_by__in=["nik", "passport"], vouched_by__isnull=True)
                | Q(identified_by="word", vouched_by__isnull=False),
                name="vaccination_recipient_without_papers_is_vouched_for",
            ),
        ]


class EndReason(models.TextChoices):
    """Why a booking ended without a dose."""

    CANCELLED = "cancelled", _("cancelled by the person")
    NO_SHOW = "no-show", _("did not come")
    SESSION = "session", _("session called off")
    DEFERRED = "deferred", _("deferred at screening")
    NO_DOSE = "no-dose", _("no dose was there")
    LAPSED = "lapsed", _("offer not answered in time")
    LEFT = "left", _("left before the dose")


class Booking(Commitment):
    """A place in a window together with a dose: both are taken or neither.

    `quota` is the quota it was taken from, `channel` the one it was asked for; they differ when quotas fall back.
    """

    counts_against: ClassVar[tuple[str, ...]] = ("quota", "balance")

    recipient = models.ForeignKey(Recipient, on_delete=models.PROTECT, related_name="bookings")
    session = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="bookings")
    quota = models.ForeignKey(SlotQuota, on_delete=models.PROTECT, related_name="bookings")
    balance = models.ForeignKey(Balance, on_delete=models.PROTECT, related_name="+")
    channel = models.CharField(max_length=10, choices=ChannelChoice.choices)
    dose_number = models.PositiveSmallIntegerField()
    booked_at = models.DateTimeField()
    reminded_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    end_reason = models.CharField(max_length=9, choices=EndReason.choices, blank=True, default="")
    link_hash = models.CharField(max_length=64, unique=True)

    class Meta(Commitment.Meta):
        indexes = [
            models.Index(fields=["session", "state"], name="vacc_booking_by_session"),
            models.Index(fields=["quota"], name="vacc_booking_by_quota"),
            models.Index(fields=["held_until"], condition=Q(state="held"), name="vacc_booking_held_until"),
        ]
        constraints = [
            *Commitment.Meta.constraints,
            models.CheckConstraint(condition=Q(quantity=1), name="vaccination_booking_is_of_one_dose"),
            models.CheckConstraint(
                condition=Q(channel__in=ChannelChoice.values), name="vaccination_booking_channel_is_known"
            ),
            models.UniqueConstraint(
                fields=["recipient"],
                condition=Q(state__in=["held", "confirmed"]),
                name="vaccination_one_next_dose_per_person",
            ),
            models.CheckConstraint(
                condition=~Q(state="released") | Q(ended_at__isnull=False) & ~Q(end_reason=""),
                name="vaccination_booking_taken_back_with_a_reason",
            ),
        ]


class WaitingWish(models.Model):
    """A wish for a freed slot in an area; offers go out in the order of the wishes."""

    recipient = models.ForeignKey(Recipient, on_delete=models.PROTECT, related_name="wishes")
    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+")
    product = models.ForeignKey(Product, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    joined_at = models.DateTimeField()
    state = models.CharField(max_length=7, default=WaitingState.WAITING)
    booking = models.ForeignKey(Booking, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    offers = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name_plural = "waiting wishes"
        ordering = ["joined_at", "id"]
        indexes = [
            models.Index(fields=["joined_at"], condition=Q(state="waiting"), name="vacc_wish_in_order"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=[state.value for state in WaitingState]),
                name="vaccination_wish_state_is_known",
            ),
            models.UniqueConstraint(
                fields=["recipient"],
                condition=Q(state__in=["waiting", "offered"]),
                name="vaccination_wish_is_one_per_person",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["offered", "booked"]) | Q(booking__isnull=False),
                name="vaccination_wish_offered_has_a_booking",
            ),
        ]


class Visit(models.Model):
    """Somebody who came to a session: their number in its queue."""

    session = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="visits")
    recipient = models.ForeignKey(Recipient, on_delete=models.PROTECT, related_name="visits")
    booking = models.OneToOneField(
        Booking, null=True, blank=True, on_delete=models.PROTECT, related_name="visit"
    )
    number = models.PositiveIntegerField()
    lane = models.CharField(max_length=10, choices=ChannelChoice.choices)
    arrived_at = models.DateTimeField()
    due_at = models.DateTimeField()
    called_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    state = models.CharField(max_length=8, default=VisitState.WAITING)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["session", "number"], name="vaccination_visit_number_once"),
            models.UniqueConstraint(
                fields=["session", "recipient"],
                condition=~Q(state="left"),
                name="vaccination_visit_is_one_per_person",
            ),
            models.CheckConstraint(
                condition=Q(state__in=[state.value for state in VisitState]),
                name="vaccination_visit_state_is_known",
            ),
            models.CheckConstraint(
                condition=Q(lane__in=ChannelChoice.values), name="vaccination_visit_lane_is_known"
            ),
            models.CheckConstraint(
                condition=Q(called_at__isnull=True) | Q(called_at__gte=F("arrived_at")),
                name="vaccination_visit_called_after_arrival",
            ),
        ]


class Screening(models.Model):
    """Answers to the questions asked before a dose, and what they came to."""

    visit = models.OneToOneField(Visit, on_delete=models.PROTECT, related_name="screening")
    answers = models.JSONField()
    outcome = models.CharField(max_length=5)
    observation_minutes = models.PositiveSmallIntegerField()
    at = models.DateTimeField()
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(outcome__in=[outcome.value for outcome in Fitness]),
                name="vaccination_screening_outcome_is_known",
            ),
        ]
