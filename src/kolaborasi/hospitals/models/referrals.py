"""Referrals, and the placements that answer them."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from kolaborasi.commitments.models import Commitment
from kolaborasi.hospitals.models.beds import BedPool
from kolaborasi.hospitals.models.choices import AgeGroupChoice, PcrState, ReferralSource, SeverityChoice
from kolaborasi.hospitals.models.registry import Hospital
from kolaborasi.hospitals.states import ACTIVE, OPEN, WAITING, Answer, ReferralState
from kolaborasi.partners.models import Site
from kolaborasi.people.models import Person, User
from kolaborasi.places.models import Place


class ReferralStateChoice(models.TextChoices):
    """States of a referral with their names for people."""

    REQUESTED = ReferralState.REQUESTED, _("waiting for a bed")
    OFFERED = ReferralState.OFFERED, _("offered to a hospital")
    ACCEPTED = ReferralState.ACCEPTED, _("accepted, waiting for transport")
    IN_TRANSIT = ReferralState.IN_TRANSIT, _("on the way")
    ADMITTED = ReferralState.ADMITTED, _("admitted")
    DISCHARGED = ReferralState.DISCHARGED, _("discharged")
    DIED = ReferralState.DIED, _("died")
    TRANSFERRED = ReferralState.TRANSFERRED, _("transferred to another hospital")
    CANCELLED = ReferralState.CANCELLED, _("cancelled")


class CancelReason(models.TextChoices):
    """Why a referral was cancelled."""

    RECOVERED = "recovered", _("no longer needs a bed")
    ELSEWHERE = "elsewhere", _("found a bed elsewhere")
    REFUSED = "refused", _("patient or family does not want it")
    DUPLICATE = "duplicate", _("was registered twice")
    UNREACHABLE = "unreachable", _("cannot be reached")


class Referral(models.Model):
    """A patient who needs a bed. Clinical facts are plain, under the pseudonymous id of the person."""

    patient = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+")
    source = models.CharField(max_length=10, choices=ReferralSource.choices)
    requester = models.ForeignKey(Site, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    requested_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    on_behalf = models.BooleanField(default=False)
    from_hospital = models.ForeignKey(
        Hospital, null=True, blank=True, on_delete=models.PROTECT, related_name="transfers_out"
    )
    is_transfer = models.BooleanField(default=False)
    """The patient lies in a bed of `from_hospital` until they arrive in the next one."""
    severity = models.PositiveSmallIntegerField(choices=SeverityChoice.choices)
    severity_reasons = ArrayField(models.CharField(max_length=24), default=list)
    age_group = models.CharField(max_length=7, choices=AgeGroupChoice.choices)
    pregnant = models.BooleanField(default=False)
    pcr = models.CharField(max_length=10, choices=PcrState.choices, default=PcrState.NOT_TESTED)
    spo2 = models.PositiveSmallIntegerField(null=True, blank=True)
    breaths = models.PositiveSmallIntegerField(null=True, blank=True)
    needs_ventilator = models.BooleanField(default=False)
    needs_dialysis = models.BooleanField(default=False)
    needs_obstetric = models.BooleanField(default=False)
    needs_paediatric = models.BooleanField(default=False)
    needs_isolation = models.BooleanField(default=False)
    in_labour = models.BooleanField(default=False)
    requested_at = models.DateTimeField()
    state = models.CharField(
        max_length=11, choices=ReferralStateChoice.choices, default=ReferralState.REQUESTED
    )
    state_at = models.DateTimeField()
    cancel_reason = models.CharField(max_length=11, choices=CancelReason.choices, blank=True, default="")
    ask_next = ArrayField(models.BigIntegerField(), default=list)
    """Pools to be offered next, in order, when the hospital asked now declines or does not answer."""

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["patient"],
                condition=Q(state__in=list(ACTIVE), is_transfer=False),
                name="referral_one_active_per_patient",
            ),
            models.UniqueConstraint(
                fields=["patient"],
                condition=Q(state__in=list(ACTIVE), is_transfer=True),
                name="referral_one_transfer_per_patient",
            ),
            models.CheckConstraint(
                condition=Q(is_transfer=False) | Q(from_hospital__isnull=False),
                name="referral_transfer_has_a_hospital",
            ),
            models.CheckConstraint(
                condition=Q(state__in=ReferralStateChoice.values), name="referral_state_is_known"
            ),
            models.CheckConstraint(
                condition=Q(severity__in=SeverityChoice.values), name="referral_severity_is_known"
            ),
            models.CheckConstraint(
                condition=Q(age_group__in=AgeGroupChoice.values), name="referral_age_group_is_known"
            ),
            models.CheckConstraint(condition=Q(pcr__in=PcrState.values), name="referral_pcr_is_known"),
            models.CheckConstraint(
                condition=Q(source__in=ReferralSource.values), name="referral_source_is_known"
            ),
            models.CheckConstraint(
                condition=Q(spo2__isnull=True) | Q(spo2__range=(30, 100)), name="referral_spo2_is_possible"
            ),
            models.CheckConstraint(
                condition=Q(breaths__isnull=True) | Q(breaths__range=(4, 120)),
                name="referral_breaths_are_possible",
            ),
            models.CheckConstraint(
                condition=Q(state=ReferralState.CANCELLED, cancel_reason__in=CancelReason.values)
                | (~Q(state=ReferralState.CANCELLED) & Q(cancel_reason="")),
                name="referral_cancelled_has_a_reason",
            ),
        ]
        indexes = [
            models.Index(
                fields=["-severity", "requested_at"],
                condition=Q(state__in=list(WAITING)),
                name="referral_waiting_in_order",
            ),
            models.Index(
                fields=["state_at"], condition=Q(state__in=list(OPEN)), name="referral_open_by_time"
            ),
            models.Index(fields=["patient"], name="referral_by_patient"),
        ]

    def __str__(self) -> str:
        return f"referral {self.pk}"


class DeclineReason(models.TextChoices):
    """Why a hospital said no."""

    FULL = "full", _("no bed is free after all")
    NO_STAFF = "no-staff", _("no staff for the bed")
    NO_EQUIPMENT = "no-equipment", _("equipment or oxygen is missing")
    NOT_FIT = "not-fit", _("cannot treat this patient")
    OTHER = "other", _("another reason")


class AnswerChoice(models.TextChoices):
    """Answers with their names for people."""

    PENDING = Answer.PENDING, _("waiting for the answer")
    ACCEPTED = Answer.ACCEPTED, _("accepted")
    DECLINED = Answer.DECLINED, _("declined")
    UNANSWERED = Answer.UNANSWERED, _("no answer")
    WITHDRAWN = Answer.WITHDRAWN, _("withdrawn")


class Placement(Commitment):
    """A bed held for a patient: the offer to the hospital, its answer, the stay.

    HELD while the hospital answers and until the ambulance leaves, CONFIRMED on the road and in the bed, FULFILLED
    when the patient leaves it.
    """

    counts_against: ClassVar[tuple[str, ...]] = ("pool",)

    referral = models.ForeignKey(Referral, on_delete=models.PROTECT, related_name="placements")
    patient = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    pool = models.ForeignKey(BedPool, on_delete=models.PROTECT, related_name="placements")
    is_transfer = models.BooleanField(default=False)
    """The patient lies in another bed of the network until they arrive in this one."""
    grade = models.PositiveSmallIntegerField(default=0)
    minutes = models.FloatField(null=True, blank=True)
    answer = models.CharField(max_length=10, choices=AnswerChoice.choices, default=Answer.PENDING)
    decline_reason = models.CharField(max_length=12, choices=DeclineReason.choices, blank=True, default="")
    offered_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, blank=True)
    departed_at = models.DateTimeField(null=True, blank=True)
    admitted_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta(Commitment.Meta):
        constraints = [
            *Commitment.Meta.constraints,
            models.CheckConstraint(condition=Q(quantity=1), name="placement_is_one_bed"),
            models.UniqueConstraint(
                fields=["patient"],
                condition=Q(state__in=["held", "confirmed"], is_transfer=False),
                name="placement_one_bed_per_patient",
            ),
            models.UniqueConstraint(
                fields=["patient"],
                condition=Q(state__in=["held", "confirmed"], is_transfer=True),
                name="placement_one_transfer_per_patient",
            ),
            models.UniqueConstraint(
                fields=["referral"],
                condition=Q(state__in=["held", "confirmed"]),
                name="placement_one_bed_per_referral",
            ),
            models.CheckConstraint(
                condition=Q(answer__in=AnswerChoice.values), name="placement_answer_is_known"
            ),
            models.CheckConstraint(
                condition=Q(answer=Answer.DECLINED, decline_reason__in=DeclineReason.values)
                | (~Q(answer=Answer.DECLINED) & Q(decline_reason="")),
                name="placement_declined_has_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(answer=Answer.PENDING, answered_at__isnull=True)
                | (~Q(answer=Answer.PENDING) & Q(answered_at__isnull=False)),
                name="placement_answered_has_a_time",
            ),
            models.CheckConstraint(
                condition=Q(admitted_at__isnull=True) | Q(answer=Answer.ACCEPTED),
                name="placement_admitted_was_accepted",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["held", "confirmed"], ended_at__isnull=True)
                | Q(state__in=["fulfilled", "released", "expired"]),
                name="placement_open_has_not_ended",
            ),
        ]
        indexes = [
            models.Index(fields=["held_until"], condition=Q(state="held"), name="placement_held_until"),
            models.Index(fields=["pool", "admitted_at", "ended_at"], name="placement_in_bed"),
            models.Index(fields=["referral", "offered_at"], name="placement_of_referral"),
        ]


class BedMove(models.Model):
    """A patient moved to a bed of another class in the same hospital; tells where they lay when. Append-only."""

    placement = models.ForeignKey(Placement, on_delete=models.PROTECT, related_name="moves")
    from_pool = models.ForeignKey(BedPool, on_delete=models.PROTECT, related_name="+")
    to_pool = models.ForeignKey(BedPool, on_delete=models.PROTECT, related_name="+")
    moved_at = models.DateTimeField()

    class Meta:
        ordering = ["placement", "moved_at", "id"]
        constraints = [
            models.CheckConstraint(condition=~Q(from_pool=F("to_pool")), name="bed_move_goes_elsewhere"),
        ]
