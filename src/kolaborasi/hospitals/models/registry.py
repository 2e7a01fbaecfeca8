"""Hospitals, their part in the network and what they agreed to give."""

from __future__ import annotations

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import DateField, F, Func, Q, Value
from django.utils.translation import gettext_lazy as _

from kolaborasi.hospitals.models.choices import BedClassChoice
from kolaborasi.hospitals.states import ConversionState, NetworkState
from kolaborasi.partners.models import Site


class HospitalClass(models.TextChoices):
    """Class by the ministry; a hospital may not have been given one yet."""

    A = "A", "A"
    B = "B", "B"
    C = "C", "C"
    D = "D", "D"
    UNSET = "", _("not set")


class HospitalKind(models.TextChoices):
    """What the registry says a hospital is."""

    GENERAL = "general", _("general hospital")
    MOTHER_CHILD = "mother-child", _("mother and child hospital")
    SPECIAL = "special", _("special hospital")


class Ownership(models.TextChoices):
    """Who owns a hospital, in the registry's groups."""

    MINISTRY = "ministry", _("ministry of health")
    PROVINCE = "province", _("province")
    STATE = "state", _("another state body")
    FORCES = "forces", _("army, navy, air force or police")
    STATE_COMPANY = "state-company", _("state company")
    FOUNDATION = "foundation", _("foundation or religious organisation")
    PRIVATE = "private", _("private company or person")


class NetworkStateChoice(models.TextChoices):
    """States of a hospital's part in the network with their names for people."""

    OUTSIDE = NetworkState.OUTSIDE, _("outside the network")
    JOINED = NetworkState.JOINED, _("in the network")
    PAUSED = NetworkState.PAUSED, _("paused")
    LEFT = NetworkState.LEFT, _("has left the network")


class Hospital(models.Model):
    """A site of a partner where patients lie. Every hospital the city knows is a row, in the network or not.

    `acceptance` is the share of its answered offers of the last days, refreshed by a task; null when never asked.
    """

    site = models.OneToOneField(Site, on_delete=models.PROTECT, related_name="hospital")
    registry_code = models.CharField(max_length=12, null=True, blank=True)
    kind = models.CharField(max_length=12, choices=HospitalKind.choices, default=HospitalKind.GENERAL)
    hospital_class = models.CharField(max_length=1, choices=HospitalClass.choices, blank=True, default="")
    ownership = models.CharField(max_length=14, choices=Ownership.choices)
    total_beds = models.PositiveIntegerField(null=True, blank=True)
    hotline = models.CharField(max_length=40, blank=True, default="")
    dialysis = models.BooleanField(default=False)
    obstetrics = models.BooleanField(default=False)
    paediatrics = models.BooleanField(default=False)
    ventilator = models.BooleanField(default=False)
    network = models.CharField(max_length=8, choices=NetworkStateChoice.choices, default=NetworkState.OUTSIDE)
    acceptance = models.FloatField(null=True, blank=True)

    class Meta:
        ordering = ["site__name", "id"]
        constraints = [
            models.UniqueConstraint(fields=["registry_code"], name="hospital_registry_code_once"),
            models.CheckConstraint(
                condition=Q(registry_code__isnull=True) | ~Q(registry_code=""),
                name="hospital_registry_code_is_none_or_something",
            ),
            models.CheckConstraint(
                condition=Q(hospital_class__in=HospitalClass.values), name="hospital_class_is_known"
            ),
            models.CheckConstraint(condition=Q(kind__in=HospitalKind.values), name="hospital_kind_is_known"),
            models.CheckConstraint(
                condition=Q(ownership__in=Ownership.values), name="hospital_ownership_is_known"
            ),
            models.CheckConstraint(
                condition=Q(network__in=NetworkStateChoice.values), name="hospital_network_is_known"
            ),
            models.CheckConstraint(
                condition=Q(acceptance__isnull=True) | Q(acceptance__range=(0, 1)),
                name="hospital_acceptance_is_a_share",
            ),
        ]
        indexes = [models.Index(fields=["network"], name="hospital_by_network")]

    def __str__(self) -> str:
        return f"hospital {self.pk}"


def _days(starts: str, ends: str) -> Func:
    return Func(F(starts), F(ends), Value("[)"), function="daterange", output_field=DateField())


def _only(number: str) -> Func:
    # A range of one number, because btree_gist is an extension and may be absent.
    return Func(F(number), F(number), Value("[]"), function="int8range", output_field=DateField())


class NetworkPeriod(models.Model):
    """Days a hospital was in the network or paused, the last not included; what 'network on a date' is counted from."""

    hospital = models.ForeignKey(Hospital, on_delete=models.PROTECT, related_name="network_periods")
    paused = models.BooleanField(default=False)
    starts_date = models.DateField()
    ends_date = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["hospital", "starts_date", "id"]
        constraints = [
            models.CheckConstraint(
                # Equal dates: joined and paused on one day.
                condition=Q(ends_date__isnull=True) | Q(ends_date__gte=F("starts_date")),
                name="network_period_ends_after_it_starts",
            ),
            models.UniqueConstraint(
                fields=["hospital"], condition=Q(ends_date__isnull=True), name="network_period_open_once"
            ),
            ExclusionConstraint(
                name="network_period_one_at_a_time",
                expressions=[
                    (_only("hospital_id"), RangeOperators.OVERLAPS),
                    (_days("starts_date", "ends_date"), RangeOperators.OVERLAPS),
                ],
            ),
        ]
        indexes = [models.Index(fields=["starts_date", "ends_date"], name="network_period_by_date")]


class AgreedBeds(models.Model):
    """A line of a hospital's agreement: so many beds of a class from one day to another, not included."""

    hospital = models.ForeignKey(Hospital, on_delete=models.PROTECT, related_name="agreed_beds")
    bed_class = models.CharField(max_length=12, choices=BedClassChoice.choices)
    beds = models.PositiveIntegerField()
    starts_date = models.DateField()
    ends_date = models.DateField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "agreed beds"
        ordering = ["hospital", "bed_class", "starts_date", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(bed_class__in=BedClassChoice.values), name="agreed_beds_class_is_known"
            ),
            models.CheckConstraint(
                condition=Q(ends_date__isnull=True) | Q(ends_date__gte=F("starts_date")),
                name="agreed_beds_end_after_they_start",
            ),
            models.UniqueConstraint(
                fields=["hospital", "bed_class"],
                condition=Q(ends_date__isnull=True),
                name="agreed_beds_open_once_per_class",
            ),
        ]


class ConversionStateChoice(models.TextChoices):
    """States of a conversion request with their names for people."""

    ASKED = ConversionState.ASKED, _("asked")
    AGREED = ConversionState.AGREED, _("agreed")
    DECLINED = ConversionState.DECLINED, _("declined")


class ConversionRequest(models.Model):
    """The city asks a hospital to turn ordinary beds into network beds of a class."""

    hospital = models.ForeignKey(Hospital, on_delete=models.PROTECT, related_name="conversion_requests")
    bed_class = models.CharField(max_length=12, choices=BedClassChoice.choices)
    beds = models.PositiveIntegerField()
    asked_at = models.DateTimeField()
    state = models.CharField(
        max_length=8, choices=ConversionStateChoice.choices, default=ConversionState.ASKED
    )
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-asked_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(bed_class__in=BedClassChoice.values), name="conversion_class_is_known"
            ),
            models.CheckConstraint(condition=Q(beds__gt=0), name="conversion_asks_for_at_least_one"),
            models.CheckConstraint(
                condition=Q(state=ConversionState.ASKED, answered_at__isnull=True)
                | (
                    Q(state__in=[ConversionState.AGREED, ConversionState.DECLINED])
                    & Q(answered_at__isnull=False)
                ),
                name="conversion_answered_has_a_time",
            ),
            models.UniqueConstraint(
                fields=["hospital", "bed_class"],
                condition=Q(state=ConversionState.ASKED),
                name="conversion_asked_once_per_class",
            ),
        ]


class HospitalName(models.Model):
    """A name a file writes for a hospital, as a person has confirmed it; the next file is read without asking."""

    hospital = models.ForeignKey(Hospital, on_delete=models.PROTECT, related_name="names")
    normal_name = models.CharField(max_length=160)
    city_code = models.CharField(max_length=4)
    confirmed_at = models.DateTimeField()

    class Meta:
        ordering = ["city_code", "normal_name"]
        constraints = [
            models.UniqueConstraint(fields=["normal_name", "city_code"], name="hospital_name_once_per_city"),
            models.CheckConstraint(condition=~Q(normal_name=""), name="hospital_name_says_something"),
        ]


class NameInQuestion(models.Model):
    """A name a file wrote for a hospital nobody could be sure of; its rows are held back until a person has said."""

    name = models.CharField(max_length=160)
    normal_name = models.CharField(max_length=160)
    city_code = models.CharField(max_length=4)
    likely = models.ForeignKey(Hospital, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    seen_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["normal_name", "city_code"], name="name_in_question_once_per_city"
            ),
            models.CheckConstraint(condition=~Q(normal_name=""), name="name_in_question_says_something"),
        ]
