"""Results with their Ct values, links to them, notices and contacts of positives."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from kolaborasi.diagnostics.models.bench import Assay, Pool, Well
from kolaborasi.diagnostics.models.labs import Lab
from kolaborasi.diagnostics.models.orders import Order
from kolaborasi.diagnostics.models.specimens import Specimen
from kolaborasi.diagnostics.rules.assays import Outcome
from kolaborasi.diagnostics.states import ResultState
from kolaborasi.partners.models import Site
from kolaborasi.people.models import Person, User
from kolaborasi.places.models import Place

HIGHEST_CT = 50


class OutcomeChoice(models.TextChoices):
    """Outcomes with their names for people."""

    POSITIVE = Outcome.POSITIVE, _("positive")
    NEGATIVE = Outcome.NEGATIVE, _("negative")
    INCONCLUSIVE = Outcome.INCONCLUSIVE, _("inconclusive")
    INVALID = Outcome.INVALID, _("invalid")


class ResultStateChoice(models.TextChoices):
    """States of a result with their names for people."""

    PROPOSED = ResultState.PROPOSED, _("waits for validation")
    VALIDATED = ResultState.VALIDATED, _("validated")
    SUPERSEDED = ResultState.SUPERSEDED, _("replaced by a correction")
    REJECTED = ResultState.REJECTED, _("not accepted")


class CorrectionReason(models.TextChoices):
    """Why a result was replaced."""

    MIX_UP = "mix-up", _("specimens were mixed up")
    TYPING = "typing", _("typing mistake")
    CONTAMINATION = "contamination", _("contamination")
    REREAD = "re-read", _("curves were read anew")
    RETEST = "retest", _("the specimen was tested again")


class Source(models.TextChoices):
    """How a result came in."""

    PLATE = "plate", _("plate of this platform")
    FILE = "file", _("file")
    HL7 = "hl7", "HL7 v2"
    HAND = "hand", _("typed in")


class Result(models.Model):
    """What a lab read in a specimen. Never changed once validated: a correction is a new row that names the old one."""

    specimen = models.ForeignKey(Specimen, on_delete=models.PROTECT, related_name="results")
    lab = models.ForeignKey(Lab, on_delete=models.PROTECT, related_name="results")
    assay = models.ForeignKey(Assay, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    well = models.ForeignKey(Well, null=True, blank=True, on_delete=models.PROTECT, related_name="results")
    pool = models.ForeignKey(Pool, null=True, blank=True, on_delete=models.PROTECT, related_name="results")
    outcome = models.CharField(max_length=12, choices=OutcomeChoice.choices)
    source = models.CharField(max_length=5, choices=Source.choices)
    resulted_at = models.DateTimeField()
    entered_at = models.DateTimeField()
    entered_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, choices=ResultStateChoice.choices, default=ResultState.PROPOSED)
    validated_at = models.DateTimeField(null=True, blank=True)
    validated_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    corrects = models.OneToOneField(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="corrected_by"
    )
    correction_reason = models.CharField(
        max_length=13, choices=CorrectionReason.choices, blank=True, default=""
    )

    class Meta:
        ordering = ["-resulted_at", "-id"]
        indexes = [
            models.Index(fields=["lab", "state"], name="diagnostics_result_by_lab"),
            models.Index(fields=["validated_at"], name="diagnostics_result_by_report"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(outcome__in=OutcomeChoice.values), name="diagnostics_result_outcome_is_known"
            ),
            models.CheckConstraint(
                condition=Q(state__in=ResultStateChoice.values), name="diagnostics_result_state_is_known"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["validated", "superseded"])
                | Q(validated_at__isnull=False, validated_by__isnull=False),
                name="diagnostics_result_validated_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(validated_by__isnull=True)
                | Q(entered_by__isnull=True)
                | ~Q(validated_by=F("entered_by")),
                name="diagnostics_result_is_seen_by_four_eyes",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["validated", "superseded"]) | ~Q(outcome="invalid"),
                name="diagnostics_result_invalid_is_repeated_not_validated",
            ),
            models.CheckConstraint(
                condition=Q(corrects__isnull=True, correction_reason="")
                | Q(corrects__isnull=False) & ~Q(correction_reason=""),
                name="diagnostics_result_corrected_for_a_reason",
            ),
            models.UniqueConstraint(
                fields=["specimen"],
                condition=Q(state__in=["proposed", "validated"]),
                name="diagnostics_result_one_counts_per_specimen",
            ),
        ]


class Ct(models.Model):
    """The cycle at which a target's curve crossed the threshold; null where it never did."""

    result = models.ForeignKey(Result, on_delete=models.PROTECT, related_name="cts")
    target = models.CharField(max_length=20)
    ct = models.FloatField(null=True, blank=True)

    class Meta:
        ordering = ["result", "id"]
        constraints = [
            models.UniqueConstraint(fields=["result", "target"], name="diagnostics_ct_once_per_target"),
            models.CheckConstraint(
                condition=Q(ct__isnull=True) | Q(ct__gt=0, ct__lte=HIGHEST_CT),
                name="diagnostics_ct_is_a_cycle",
            ),
        ]


class ResultLink(models.Model):
    """The secret link sent to a person; opens only with their birth date."""

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="links")
    link_hash = models.CharField(max_length=64)
    sent_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    wrong_tries = models.PositiveSmallIntegerField(default=0)
    opened_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["link_hash"], name="diagnostics_link_once"),
            models.CheckConstraint(
                condition=Q(wrong_tries__lte=5), name="diagnostics_link_tries_are_limited"
            ),
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("sent_at")), name="diagnostics_link_ends_after_it_was_sent"
            ),
        ]


class Catchment(models.Model):
    """The puskesmas that looks after the people of an area."""

    place = models.OneToOneField(Place, on_delete=models.PROTECT, related_name="+")
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="catchments")


class CaseNotice(models.Model):
    """A positive result as the puskesmas of the residence is told of it; without a site nobody looks after the area."""

    result = models.OneToOneField(Result, on_delete=models.PROTECT, related_name="notice")
    site = models.ForeignKey(Site, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    seen_at = models.DateTimeField(null=True, blank=True)
    seen_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-made_at", "-id"]
        indexes = [models.Index(fields=["site", "made_at"], name="diagnostics_notice_by_site")]


class CloseContact(models.Model):
    """Somebody who was close to a person with a positive result; told and offered a test, never who it was."""

    notice = models.ForeignKey(CaseNotice, on_delete=models.PROTECT, related_name="contacts")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    channel = models.CharField(max_length=10)
    link_hash = models.CharField(max_length=64)
    listed_at = models.DateTimeField()
    told_at = models.DateTimeField(null=True, blank=True)
    order = models.OneToOneField(
        Order, null=True, blank=True, on_delete=models.PROTECT, related_name="as_contact"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["notice", "person"], name="diagnostics_contact_once_per_case"),
            models.UniqueConstraint(fields=["link_hash"], name="diagnostics_contact_link_once"),
        ]
