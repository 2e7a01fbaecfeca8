"""Households as lists name them: who is inside lies encrypted in `people`, what finds doubles are keyed hashes."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from kolaborasi.aid.models.programmes import Programme
from kolaborasi.aid.states import HouseholdState, ResemblanceState, RollEntryState, RollState
from kolaborasi.partners.models import Partner
from kolaborasi.people.models import Person, User
from kolaborasi.places.models import Place


class Household(models.Model):
    """One household of the registry, whatever lists it is on.

    `sounds` are keyed hashes of how the words of its head's name sound, cut to 16 bits so that many names share one.

    A settled household is different from every other settled one; one that waits for a reviewer is a candidate; a merged
    one is the same as `same_as`, which is settled or a candidate itself.
    """

    head = models.OneToOneField(Person, on_delete=models.PROTECT, related_name="+")
    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+")
    key_id = models.CharField(max_length=8)
    nik_mark = models.BinaryField(null=True)
    kk_mark = models.BinaryField(null=True)
    sounds = ArrayField(models.SmallIntegerField(), default=list)
    state = models.CharField(max_length=10, default=HouseholdState.SETTLED)
    same_as = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="copies"
    )
    registered_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["nik_mark"], name="aid_household_by_nik"),
            models.Index(fields=["kk_mark"], name="aid_household_by_kk"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=[state.value for state in HouseholdState]),
                name="aid_household_state_is_known",
            ),
            models.CheckConstraint(
                condition=Q(state="merged", same_as__isnull=False)
                | ~Q(state="merged") & Q(same_as__isnull=True),
                name="aid_household_merged_into_another",
            ),
            models.CheckConstraint(
                condition=Q(same_as__isnull=True) | ~Q(same_as=F("id")), name="aid_household_not_its_own_copy"
            ),
            models.UniqueConstraint(
                fields=["nik_mark"], condition=Q(state="settled"), name="aid_household_settled_once_per_nik"
            ),
            models.UniqueConstraint(
                fields=["kk_mark"], condition=Q(state="settled"), name="aid_household_settled_once_per_card"
            ),
        ]


class HouseholdKey(models.Model):
    """A keyed hash by which a household is found: of a number with one digit left out, of a sound with a birth date.

    Thirty or so for each household: the table is as narrow as it can be, and households are found in it by a BRIN index
    because their keys lie together.
    """

    pk = models.CompositePrimaryKey("key", "household_id")
    key = models.BigIntegerField()
    # A foreign key constraint would be looked up for each of thirty million rows; verification checks it instead.
    household = models.ForeignKey(
        Household, on_delete=models.CASCADE, db_constraint=False, db_index=False, related_name="+"
    )

    class Meta:
        indexes = [BrinIndex(fields=["household"], name="aid_household_key_by_household")]


class RollSource(models.TextChoices):
    """Who made a list."""

    RW = "rw", _("RW head")
    INSTITUTION = "institution", _("institution")
    VERIFIER = "verifier", _("verifier")
    CITY = "city", _("city government")
    MINISTRY = "ministry", _("ministry")
    PARTNER = "partner", _("partner")


class Roll(models.Model):
    """A list of households for a sub-programme as it was handed in."""

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="rolls")
    source = models.CharField(max_length=12, choices=RollSource.choices)
    partner = models.ForeignKey(Partner, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+")
    as_of_date = models.DateField()
    state = models.CharField(max_length=10, default=RollState.LISTED)
    households_here = models.PositiveIntegerField(null=True, blank=True)
    rows = models.PositiveIntegerField()
    skipped = models.PositiveIntegerField(default=0)
    sample_seed = models.BigIntegerField(null=True, blank=True)
    registered_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    registered_at = models.DateTimeField()
    settled_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-registered_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=[state.value for state in RollState]), name="aid_roll_state_is_known"
            ),
            models.CheckConstraint(
                condition=Q(source__in=RollSource.values), name="aid_roll_source_is_known"
            ),
            models.CheckConstraint(
                condition=Q(skipped__lte=F("rows")), name="aid_roll_skips_at_most_its_rows"
            ),
        ]


class Hardship(models.TextChoices):
    """Why a household needs help; a choice and not free text, so that nobody is described in somebody's own words."""

    INCOME = "income", _("lost income")
    ISOLATION = "isolation", _("in self-isolation")
    ILLNESS = "illness", _("long illness")
    BEREAVED = "bereaved", _("breadwinner died")
    DISASTER = "disaster", _("flood or fire")
    POVERTY = "poverty", _("lasting poverty")
    OTHER = "other", _("other")


class RollEntry(models.Model):
    """A household on a list, with what the list says of its hardship."""

    roll = models.ForeignKey(Roll, on_delete=models.PROTECT, related_name="entries")
    household = models.ForeignKey(Household, on_delete=models.PROTECT, related_name="entries")
    line = models.PositiveIntegerField()
    size = models.PositiveSmallIntegerField()
    hardship = models.CharField(max_length=10, choices=Hardship.choices)
    elderly = models.PositiveSmallIntegerField(default=0)
    toddlers = models.PositiveSmallIntegerField(default=0)
    disabled = models.PositiveSmallIntegerField(default=0)
    state = models.CharField(max_length=8, default=RollEntryState.LISTED)
    valid_until_date = models.DateField()

    class Meta:
        indexes = [
            models.Index(fields=["valid_until_date"], condition=Q(state="listed"), name="aid_roll_entry_due"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["roll", "household"], name="aid_roll_entry_once_per_household"),
            models.CheckConstraint(
                condition=Q(state__in=[state.value for state in RollEntryState]),
                name="aid_roll_entry_state_is_known",
            ),
            models.CheckConstraint(
                condition=Q(hardship__in=Hardship.values), name="aid_roll_entry_hardship_is_known"
            ),
            models.CheckConstraint(condition=Q(size__gt=0), name="aid_roll_entry_is_for_somebody"),
            models.CheckConstraint(
                condition=Q(elderly__lte=F("size"), toddlers__lte=F("size"), disabled__lte=F("size")),
                name="aid_roll_entry_counts_only_its_members",
            ),
        ]


class Resemblance(models.Model):
    """A listed household that may be one already known; a person says whether it is."""

    entry = models.ForeignKey(RollEntry, on_delete=models.PROTECT, related_name="resemblances")
    other = models.ForeignKey(Household, on_delete=models.PROTECT, related_name="+")
    score = models.FloatField()
    levels = models.JSONField()
    state = models.CharField(max_length=10, default=ResemblanceState.OPEN)
    decided_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["state", "score"], name="aid_resemblance_by_state")]
        constraints = [
            models.UniqueConstraint(fields=["entry", "other"], name="aid_resemblance_once_per_pair"),
            models.CheckConstraint(
                condition=Q(state__in=[state.value for state in ResemblanceState]),
                name="aid_resemblance_state_is_known",
            ),
            models.CheckConstraint(
                condition=Q(state="open", decided_at__isnull=True)
                | ~Q(state="open") & Q(decided_at__isnull=False),
                name="aid_resemblance_decided_at_a_time",
            ),
        ]


class VisitResult(models.TextChoices):
    """What a verifier found at the door."""

    CONFIRMED = "confirmed", _("is as listed")
    NOT_IN_NEED = "not-in-need", _("is not in need")
    MOVED = "moved", _("does not live here any more")
    UNKNOWN = "unknown", _("is not known here")
    ABSENT = "absent", _("nobody was at home")


class Visit(models.Model):
    """A household of a list that was drawn to be visited, and what was found there."""

    entry = models.OneToOneField(RollEntry, on_delete=models.PROTECT, related_name="visit")
    drawn_at = models.DateTimeField()
    result = models.CharField(max_length=12, choices=VisitResult.choices, blank=True)
    visited_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    visited_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(result="", visited_at__isnull=True)
                | Q(result__in=VisitResult.values, visited_at__isnull=False),
                name="aid_visit_has_a_result_once_made",
            ),
        ]
