"""Government aid in kind and cash: what is allotted, to which households, when and how it is handed out."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import DateField, F, Func, Q, Value
from django.utils.translation import gettext_lazy as _

from kolaborasi.aid.models.giving import NeedLine
from kolaborasi.aid.models.households import Household, RollEntry
from kolaborasi.aid.models.programmes import Item, Programme
from kolaborasi.aid.states import SuspensionState
from kolaborasi.commitments.models import Commitment, Consumable
from kolaborasi.partners.models import Partner, Site
from kolaborasi.people.models import User
from kolaborasi.places.models import Place


class AidPeriod(models.Model):
    """Days for which a benefit is given once to a household, by whichever government; the last not included.

    `awaits_ministry`: the ministry's own roll of this period must be in before a round of it is opened.
    """

    benefit = models.SlugField(max_length=40)
    starts_date = models.DateField()
    ends_date = models.DateField()
    awaits_ministry = models.BooleanField(default=True)

    class Meta:
        ordering = ["benefit", "starts_date"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_date__gt=F("starts_date")), name="aid_period_ends_after_it_starts"
            ),
            ExclusionConstraint(
                name="aid_period_one_at_a_time_per_benefit",
                expressions=[
                    # A text as a range of one, because btree_gist is an extension and may be absent.
                    (
                        Func(
                            Func(F("benefit"), function="hashtext"),
                            Func(F("benefit"), function="hashtext"),
                            Value("[]"),
                            function="int8range",
                            output_field=DateField(),
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                    (
                        Func(
                            F("starts_date"),
                            F("ends_date"),
                            Value("[)"),
                            function="daterange",
                            output_field=DateField(),
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.benefit} {self.starts_date}"


class Allotment(Consumable):
    """What a government body gives in a period: so many units of an item. `reported` is what is allotted.

    An item with `rupiah` is cash. What the ministry hands out itself is `external`: its households are known here so that
    nobody else serves them, its rounds are not.
    """

    programme = models.ForeignKey(Programme, on_delete=models.PROTECT, related_name="allotments")
    period = models.ForeignKey(AidPeriod, on_delete=models.PROTECT, related_name="allotments")
    agency = models.ForeignKey(Partner, on_delete=models.PROTECT, related_name="+")
    item = models.ForeignKey(Item, on_delete=models.PROTECT, related_name="+")
    rupiah = models.PositiveIntegerField(null=True, blank=True)
    units_per_household = models.PositiveSmallIntegerField(default=1)
    external = models.BooleanField(default=False)
    matched_at = models.DateTimeField(null=True, blank=True)
    allotted_at = models.DateTimeField()

    class Meta(Consumable.Meta):
        constraints = [
            *Consumable.Meta.constraints,
            models.UniqueConstraint(
                fields=["period", "agency", "item"], name="aid_allotment_once_per_agency_and_item"
            ),
            models.CheckConstraint(
                condition=Q(units_per_household__gt=0), name="aid_allotment_gives_at_least_one"
            ),
            models.CheckConstraint(
                condition=Q(rupiah__isnull=True) | Q(rupiah__gt=0), name="aid_allotment_cash_is_positive"
            ),
        ]


class HandOutMode(models.TextChoices):
    """How a household gets it."""

    PICK_UP = "pick-up", _("fetched at a place")
    DOOR = "door", _("brought to the door")


class Round(Commitment):
    """A day on which an allotment is handed out in a place.

    As a promise it counts against the need of that place, as far as that is not covered: `quantity` is what covers need,
    `planned` what is handed out. A round without a line meets no registered need.
    """

    counts_against: ClassVar[tuple[str, ...]] = ("need_line",)

    allotment = models.ForeignKey(Allotment, on_delete=models.PROTECT, related_name="rounds")
    need_line = models.ForeignKey(
        NeedLine, null=True, blank=True, on_delete=models.PROTECT, related_name="rounds"
    )
    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+")
    site = models.ForeignKey(Site, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    mode = models.CharField(max_length=8, choices=HandOutMode.choices)
    date = models.DateField()
    planned = models.PositiveIntegerField()
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta(Commitment.Meta):
        constraints = [
            *Commitment.Meta.constraints,
            models.CheckConstraint(
                condition=Q(mode="pick-up", site__isnull=False) | Q(mode="door", site__isnull=True),
                name="aid_round_is_fetched_at_a_site",
            ),
            models.CheckConstraint(
                condition=Q(quantity__lte=F("planned")), name="aid_round_covers_at_most_what_it_brings"
            ),
        ]


class Witness(models.TextChoices):
    """By what it is known that a household got it."""

    CODE = "code", _("the household's code")
    CARD = "card", _("identity card seen at the place")


class Entitlement(Commitment):
    """The promise of an allotment to one household."""

    counts_against: ClassVar[tuple[str, ...]] = ("allotment",)

    allotment = models.ForeignKey(Allotment, on_delete=models.PROTECT, related_name="entitlements")
    period = models.ForeignKey(AidPeriod, on_delete=models.PROTECT, related_name="entitlements")
    household = models.ForeignKey(Household, on_delete=models.PROTECT, related_name="entitlements")
    entry = models.ForeignKey(RollEntry, on_delete=models.PROTECT, related_name="+")
    round = models.ForeignKey(
        Round, null=True, blank=True, on_delete=models.PROTECT, related_name="entitlements"
    )
    code = models.CharField(max_length=8)
    wrong_codes = models.PositiveSmallIntegerField(default=0)
    entitled_at = models.DateTimeField()
    served_at = models.DateTimeField(null=True, blank=True)
    witness = models.CharField(max_length=8, choices=Witness.choices, blank=True)

    class Meta(Commitment.Meta):
        constraints = [
            *Commitment.Meta.constraints,
            models.UniqueConstraint(
                fields=["household", "period"],
                condition=Q(state__in=["held", "confirmed", "fulfilled"]),
                name="aid_entitlement_once_per_household_and_period",
            ),
            models.CheckConstraint(
                condition=~Q(state="fulfilled") | Q(served_at__isnull=False),
                name="aid_entitlement_served_at_a_time",
            ),
        ]


class SuspensionReason(models.TextChoices):
    """Why a listed household does not get an allotment for now."""

    SERVED_ELSEWHERE = "served-elsewhere", _("another government body serves it in this period")
    SERVED_HERE = "served-here", _("it was served here already in this period")
    IN_REVIEW = "in-review", _("it may be a household listed twice; a person is looking")
    NOT_ENOUGH = "not-enough", _("there was not enough for all; it is next in line")
    VISIT = "visit", _("a visit found something else than the list says")


class AppealGround(models.TextChoices):
    """Why a household says that it is wrong."""

    NEVER_SERVED = "never-served", _("nothing came from there")
    OTHER_HOUSEHOLD = "other-household", _("that is another household")
    STILL_HERE = "still-here", _("it lives here and is in need")


class Suspension(models.Model):
    """A listed household that an allotment does not serve for now: with a reason, and a way to appeal."""

    allotment = models.ForeignKey(Allotment, on_delete=models.PROTECT, related_name="suspensions")
    household = models.ForeignKey(Household, on_delete=models.PROTECT, related_name="suspensions")
    entry = models.ForeignKey(RollEntry, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=16, choices=SuspensionReason.choices)
    because = models.ForeignKey(
        Entitlement, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    state = models.CharField(max_length=8, default=SuspensionState.STANDING)
    suspended_at = models.DateTimeField()
    ground = models.CharField(max_length=16, choices=AppealGround.choices, blank=True)
    appealed_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(User, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["state", "suspended_at"], name="aid_suspension_by_state")]
        constraints = [
            models.UniqueConstraint(
                fields=["allotment", "household"],
                condition=Q(state__in=["standing", "appealed", "upheld"]),
                name="aid_suspension_one_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(state__in=[state.value for state in SuspensionState]),
                name="aid_suspension_state_is_known",
            ),
            models.CheckConstraint(
                condition=Q(reason__in=SuspensionReason.values), name="aid_suspension_has_a_reason"
            ),
            models.CheckConstraint(
                condition=Q(appealed_at__isnull=True, ground="")
                | Q(appealed_at__isnull=False, ground__in=AppealGround.values),
                name="aid_suspension_appealed_on_a_ground",
            ),
            models.CheckConstraint(
                condition=~Q(state="appealed") | Q(appealed_at__isnull=False),
                name="aid_suspension_appealed_at_a_time",
            ),
            models.CheckConstraint(
                condition=~Q(state="upheld") | Q(decided_at__isnull=False),
                name="aid_suspension_upheld_at_a_time",
            ),
        ]
