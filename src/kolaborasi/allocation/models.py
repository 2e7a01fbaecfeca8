"""Proposals and their lines."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from kolaborasi.aid.models import NeedLine, Offer, Pledge
from kolaborasi.allocation.states import BedLineKind, LineState, ProposalState
from kolaborasi.hospitals.models import (
    BedClassChoice,
    BedPool,
    ConversionRequest,
    Hospital,
    Placement,
    Referral,
)
from kolaborasi.people.models import User


class Programme(models.TextChoices):
    """Programmes a plan can be made for."""

    AID = "aid", _("Aid")
    HOSPITALS = "hospitals", _("Hospitals")


class ProposalStateChoice(models.TextChoices):
    """States of a proposal with their names for people."""

    PROPOSED = ProposalState.PROPOSED, _("to be decided")
    PARTLY = ProposalState.PARTLY, _("partly approved")
    APPROVED = ProposalState.APPROVED, _("approved")
    REJECTED = ProposalState.REJECTED, _("not approved")
    EXPIRED = ProposalState.EXPIRED, _("expired")


class LineStateChoice(models.TextChoices):
    """States of a line with their names for people."""

    PROPOSED = LineState.PROPOSED, _("to be decided")
    APPROVED = LineState.APPROVED, _("approved")
    REFUSED = LineState.REFUSED, _("refused by the system")
    REJECTED = LineState.REJECTED, _("rejected")
    EXPIRED = LineState.EXPIRED, _("expired")


class Proposal(models.Model):
    """A plan as it was made: parameters, what it would change, how good it is proven to be.

    `before`, `after` and `baseline` (first come, first served) are the numbers of `effect.Effect` as JSON.
    """

    programme = models.CharField(max_length=20, choices=Programme.choices)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    expires_at = models.DateTimeField()
    state = models.CharField(
        max_length=15, choices=ProposalStateChoice.choices, default=ProposalState.PROPOSED
    )
    parameters = models.JSONField()
    before = models.JSONField()
    after = models.JSONField()
    baseline = models.JSONField()
    certificate = models.JSONField()

    class Meta:
        ordering = ["-made_at", "-id"]
        indexes = [
            models.Index(
                fields=["expires_at"],
                condition=Q(state__in=["proposed", "partly-approved"]),
                name="proposal_open_until",
            )
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(programme__in=Programme.values), name="proposal_programme_is_known"
            ),
            models.CheckConstraint(
                condition=Q(state__in=ProposalStateChoice.values), name="proposal_state_is_known"
            ),
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("made_at")), name="proposal_expires_after_it_was_made"
            ),
        ]


class DecidedLine(models.Model):
    """What the lines of every programme share: why it was proposed, and what a person and the verb made of it."""

    minutes = models.FloatField()
    reason = models.CharField(max_length=20)
    numbers = models.JSONField()
    state = models.CharField(max_length=10, choices=LineStateChoice.choices, default=LineState.PROPOSED)
    refusal = models.CharField(max_length=40, blank=True, default="")
    refusal_numbers = models.JSONField(default=dict)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        abstract = True


class ProposalLine(DecidedLine):
    """One line of a proposal: so many units of an offer for a line of a need, and why."""

    proposal = models.ForeignKey(Proposal, on_delete=models.PROTECT, related_name="lines")
    offer = models.ForeignKey(Offer, on_delete=models.PROTECT, related_name="+")
    need_line = models.ForeignKey(NeedLine, on_delete=models.PROTECT, related_name="+")
    quantity = models.PositiveIntegerField()
    distance_km = models.FloatField()
    pledge = models.OneToOneField(Pledge, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["proposal", "state"], name="proposal_line_by_state")]
        constraints = [
            models.CheckConstraint(condition=Q(quantity__gt=0), name="proposal_line_gives_at_least_one"),
            models.CheckConstraint(
                condition=Q(distance_km__gte=0, minutes__gte=0), name="proposal_line_distance_is_not_negative"
            ),
            models.CheckConstraint(
                condition=Q(state__in=LineStateChoice.values), name="proposal_line_state_is_known"
            ),
            models.CheckConstraint(
                condition=Q(state="approved", pledge__isnull=False)
                | (~Q(state="approved") & Q(pledge__isnull=True)),
                name="proposal_line_approved_is_a_pledge",
            ),
            models.CheckConstraint(
                condition=(Q(state="refused") & ~Q(refusal="")) | (~Q(state="refused") & Q(refusal="")),
                name="proposal_line_refused_has_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(state="proposed", decided_at__isnull=True)
                | (~Q(state="proposed") & Q(decided_at__isnull=False)),
                name="proposal_line_decided_has_a_time",
            ),
            models.UniqueConstraint(
                fields=["proposal", "offer", "need_line"], name="proposal_line_once_per_offer_and_need"
            ),
        ]


class BedLineKindChoice(models.TextChoices):
    """Kinds of lines of a bed plan with their names for people."""

    PLACEMENT = BedLineKind.PLACEMENT, _("placement")
    TRANSFER = BedLineKind.TRANSFER, _("transfer")
    CONVERSION = BedLineKind.CONVERSION, _("conversion of beds")


class BedLine(DecidedLine):
    """One line of a bed plan: a waiting patient to a bed, one whose bed is gone to another, or beds to convert."""

    proposal = models.ForeignKey(Proposal, on_delete=models.PROTECT, related_name="bed_lines")
    kind = models.CharField(max_length=10, choices=BedLineKindChoice.choices)
    referral = models.ForeignKey(Referral, null=True, on_delete=models.PROTECT, related_name="+")
    leaves = models.ForeignKey(Placement, null=True, on_delete=models.PROTECT, related_name="+")
    hospital = models.ForeignKey(Hospital, on_delete=models.PROTECT, related_name="+")
    bed_class = models.CharField(max_length=12, choices=BedClassChoice.choices)
    pool = models.ForeignKey(BedPool, null=True, on_delete=models.PROTECT, related_name="+")
    beds = models.PositiveIntegerField(default=1)
    placement = models.OneToOneField(Placement, null=True, on_delete=models.PROTECT, related_name="+")
    conversion = models.OneToOneField(
        ConversionRequest, null=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["proposal", "state"], name="bed_line_by_state")]
        constraints = [
            models.CheckConstraint(condition=Q(beds__gt=0), name="bed_line_is_of_at_least_one"),
            models.CheckConstraint(condition=Q(minutes__gte=0), name="bed_line_minutes_are_not_negative"),
            models.CheckConstraint(
                condition=Q(state__in=LineStateChoice.values), name="bed_line_state_is_known"
            ),
            models.CheckConstraint(
                condition=Q(
                    kind="placement", referral__isnull=False, pool__isnull=False, leaves__isnull=True, beds=1
                )
                | Q(kind="transfer", referral__isnull=False, pool__isnull=False, leaves__isnull=False, beds=1)
                | Q(kind="conversion", referral__isnull=True, pool__isnull=True, leaves__isnull=True),
                name="bed_line_names_what_its_kind_needs",
            ),
            models.CheckConstraint(
                condition=(~Q(state="approved") & Q(placement__isnull=True, conversion__isnull=True))
                | (
                    Q(state="approved", placement__isnull=False, conversion__isnull=True)
                    & ~Q(kind="conversion")
                )
                | Q(state="approved", kind="conversion", placement__isnull=True, conversion__isnull=False),
                name="bed_line_approved_is_carried_out",
            ),
            models.CheckConstraint(
                condition=(Q(state="refused") & ~Q(refusal="")) | (~Q(state="refused") & Q(refusal="")),
                name="bed_line_refused_has_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(state="proposed", decided_at__isnull=True)
                | (~Q(state="proposed") & Q(decided_at__isnull=False)),
                name="bed_line_decided_has_a_time",
            ),
            models.UniqueConstraint(fields=["proposal", "referral"], name="bed_line_once_per_referral"),
            models.UniqueConstraint(
                fields=["proposal", "hospital", "bed_class"],
                condition=Q(kind="conversion"),
                name="bed_line_one_conversion_per_class",
            ),
        ]
