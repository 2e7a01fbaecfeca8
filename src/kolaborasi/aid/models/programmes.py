"""Sub-programmes and the items they give: reference data with a source, a new one is data and no code."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _


def in_language(row: models.Model, field: str) -> str:
    """A field that is kept in Indonesian and English, in the language in use."""
    english = (get_language() or "id").startswith("en")
    return str(getattr(row, f"{field}_en" if english else f"{field}_id"))


class Basis(models.TextChoices):
    """What one unit of an item is for."""

    HOUSEHOLD = "household", _("household")
    PERSON = "person", _("person")
    PLACE = "place", _("place")


class Item(models.Model):
    """A package the programme knows, with its reference price and rules (reference data with a source).

    `halal` is None where the word does not apply; `shelf_life_days` is what must be left when it is handed over.
    """

    code = models.SlugField(max_length=40, unique=True)
    name_id = models.CharField(max_length=80)
    name_en = models.CharField(max_length=80)
    unit_id = models.CharField(max_length=30)
    unit_en = models.CharField(max_length=30)
    basis = models.CharField(max_length=10, choices=Basis.choices)
    reference_price = models.PositiveIntegerField(null=True)
    content_id = models.TextField(blank=True)
    content_en = models.TextField(blank=True)
    rules_id = models.TextField(blank=True)
    rules_en = models.TextField(blank=True)
    halal = models.BooleanField(null=True)
    shelf_life_days = models.PositiveIntegerField(null=True)
    source = models.TextField()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=~Q(source=""), name="aid_item_names_its_source"),
            models.CheckConstraint(
                condition=Q(reference_price__isnull=True) | Q(reference_price__gt=0),
                name="aid_item_price_is_positive_rupiah",
            ),
            models.CheckConstraint(
                condition=Q(shelf_life_days__isnull=True) | Q(shelf_life_days__gt=0),
                name="aid_item_keeps_at_least_a_day",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """Name in the language in use."""
        return self._in_language("name")

    @property
    def unit(self) -> str:
        """Word for one unit in the language in use."""
        return self._in_language("unit")

    @property
    def content(self) -> str:
        """What is in it, in the language in use."""
        return self._in_language("content")

    @property
    def rules(self) -> str:
        """What it must be, in the language in use."""
        return self._in_language("rules")

    def _in_language(self, field: str) -> str:
        return in_language(self, field)


class Programme(models.Model):
    """A sub-programme of the aid: what it is for, who accompanies it, what its need form asks, what it is judged by.

    `need_form` and `indicators` are lists as `kolaborasi.aid.rules.programmes` describes and checks them.
    """

    code = models.SlugField(max_length=40, unique=True)
    name_id = models.CharField(max_length=80)
    name_en = models.CharField(max_length=80)
    aim_id = models.TextField()
    aim_en = models.TextField()
    agency = models.CharField(max_length=120)
    need_form = models.JSONField(default=list)
    indicators = models.JSONField(default=list)
    renewal_days = models.PositiveIntegerField(default=90)
    items = models.ManyToManyField(Item, related_name="programmes")
    source = models.TextField()
    closed = models.BooleanField(default=False)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=~Q(source=""), name="aid_programme_names_its_source"),
            models.CheckConstraint(condition=~Q(agency=""), name="aid_programme_has_an_agency"),
            models.CheckConstraint(
                condition=Q(renewal_days__gt=0), name="aid_programme_lists_last_at_least_a_day"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """Name in the language in use."""
        return in_language(self, "name")

    @property
    def aim(self) -> str:
        """What it is for, in the language in use."""
        return in_language(self, "aim")
