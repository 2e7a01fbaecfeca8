"""Vaccine products and their schedule rules: data with a source."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from kolaborasi.stock.models import Item


class StorageClass(models.TextChoices):
    """Temperature a product is kept at."""

    CHILLED = "2-8", _("refrigerated, 2 to 8 °C")
    FROZEN = "-25-15", _("frozen, −25 to −15 °C")
    ULTRA = "-90-60", _("ultra-cold, −90 to −60 °C")


class Product(models.Model):
    """A vaccine as it is delivered (KFA product, FHIR Medication); one unit of its item is one dose."""

    item = models.OneToOneField(Item, on_delete=models.PROTECT, primary_key=True, related_name="+")
    code = models.SlugField(max_length=30, unique=True)
    name = models.CharField(max_length=60)
    manufacturer = models.CharField(max_length=80)
    icd11 = models.CharField(max_length=10)
    cvx = models.CharField(max_length=5)
    dose_microlitres = models.PositiveSmallIntegerField()
    storage = models.CharField(max_length=8, choices=StorageClass.choices)
    thawed_days = models.PositiveSmallIntegerField(null=True)
    opened_minutes = models.PositiveSmallIntegerField()
    observation_minutes = models.PositiveSmallIntegerField(default=15)
    source = models.TextField()

    class Meta:
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(condition=~Q(source=""), name="vaccination_product_names_its_source"),
            models.CheckConstraint(
                condition=Q(storage__in=StorageClass.values), name="vaccination_product_storage_is_known"
            ),
            models.CheckConstraint(
                condition=Q(dose_microlitres__gt=0, opened_minutes__gt=0),
                name="vaccination_product_has_a_dose_and_an_open_life",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class ScheduleRule(models.Model):
    """This product as dose `number` after `previous`, in force from one day to another, not included."""

    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="rules")
    number = models.PositiveSmallIntegerField()
    previous = models.ForeignKey(Product, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    booster = models.BooleanField(default=False)
    min_days = models.PositiveSmallIntegerField(default=0)
    max_days = models.PositiveSmallIntegerField(null=True, blank=True)
    min_age = models.PositiveSmallIntegerField()
    max_age = models.PositiveSmallIntegerField(null=True, blank=True)
    starts_date = models.DateField()
    ends_date = models.DateField(null=True, blank=True)
    source = models.TextField()

    class Meta:
        ordering = ["product", "number", "previous", "starts_date"]
        constraints = [
            models.CheckConstraint(condition=~Q(source=""), name="vaccination_rule_names_its_source"),
            models.CheckConstraint(
                condition=Q(number=1, previous__isnull=True) | Q(number__gt=1, previous__isnull=False),
                name="vaccination_rule_of_a_later_dose_names_the_one_before",
            ),
            models.CheckConstraint(
                condition=Q(max_days__isnull=True) | Q(max_days__gte=F("min_days")),
                name="vaccination_rule_interval_is_a_range",
            ),
            models.CheckConstraint(
                condition=Q(max_age__isnull=True) | Q(max_age__gte=F("min_age")),
                name="vaccination_rule_ages_are_a_range",
            ),
            models.CheckConstraint(
                condition=Q(ends_date__isnull=True) | Q(ends_date__gt=F("starts_date")),
                name="vaccination_rule_ends_after_it_starts",
            ),
            models.UniqueConstraint(
                fields=["product", "number", "previous", "starts_date"],
                nulls_distinct=False,
                name="vaccination_rule_is_one_per_step_and_start",
            ),
        ]
