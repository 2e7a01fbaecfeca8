"""Administrative areas, their codes by scheme, and figures published about them."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from kolaborasi.places.rules import Kind, Scheme


class PlaceKind(models.TextChoices):
    """Administrative level, with its name for people."""

    PROVINCE = Kind.PROVINCE, _("province")
    CITY = Kind.CITY, _("city or regency")
    KECAMATAN = Kind.KECAMATAN, _("kecamatan")
    KELURAHAN = Kind.KELURAHAN, _("kelurahan")
    RW = Kind.RW, _("RW")


class CodeScheme(models.TextChoices):
    """Who numbered the area."""

    KEMENDAGRI = Scheme.KEMENDAGRI, "Kemendagri"
    BPS = Scheme.BPS, "BPS"
    RW = Scheme.RW, "RW"


class Place(models.Model):
    """An administrative area, from province to RW.

    `code` is the Kemendagri code with dots, and below the kelurahan `31.71.01.1001/012`; a code in any other scheme
    is a `PlaceCode`. `search_name` is the name as `rules.normal_name` compares it. The position of an RW is that of
    its kelurahan, since no outlines of RW are published.
    """

    kind = models.CharField(max_length=10, choices=PlaceKind.choices)
    code = models.CharField(max_length=17)
    name = models.CharField(max_length=80)
    search_name = models.CharField(max_length=80)
    parent = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="children")
    latitude = models.FloatField(null=True)
    longitude = models.FloatField(null=True)

    class Meta:
        ordering = ["code"]
        constraints = [
            models.UniqueConstraint(fields=["code"], name="place_code_once"),
            models.CheckConstraint(condition=Q(kind__in=PlaceKind.values), name="place_kind_known"),
            models.CheckConstraint(
                condition=Q(kind=PlaceKind.PROVINCE, parent__isnull=True)
                | (~Q(kind=PlaceKind.PROVINCE) & Q(parent__isnull=False)),
                name="place_below_another_unless_province",
            ),
            models.CheckConstraint(condition=~Q(name=""), name="place_named"),
            models.CheckConstraint(
                # A comparison with NULL is not false: without the two isnull a half position would pass.
                condition=Q(latitude__isnull=True, longitude__isnull=True)
                | Q(
                    latitude__isnull=False,
                    longitude__isnull=False,
                    latitude__gte=-90,
                    latitude__lte=90,
                    longitude__gte=-180,
                    longitude__lte=180,
                ),
                name="place_position_whole_and_on_earth",
            ),
            models.CheckConstraint(
                condition=Q(parent__isnull=True) | ~Q(parent=F("id")), name="place_not_below_itself"
            ),
        ]
        indexes = [models.Index(fields=["kind", "code"], name="place_by_kind")]

    def __str__(self) -> str:
        return f"{self.name} ({self.code})"


class PlaceCode(models.Model):
    """A code of a place in one scheme; the same digits may be another place's code in another scheme."""

    place = models.ForeignKey(Place, on_delete=models.CASCADE, related_name="codes")
    scheme = models.CharField(max_length=10, choices=CodeScheme.choices)
    code = models.CharField(max_length=17)

    class Meta:
        ordering = ["scheme", "code"]
        constraints = [
            models.UniqueConstraint(fields=["scheme", "code"], name="place_code_once_per_scheme"),
            models.UniqueConstraint(fields=["place", "scheme"], name="place_one_code_per_scheme"),
            models.CheckConstraint(condition=Q(scheme__in=CodeScheme.values), name="place_code_scheme_known"),
        ]

    def __str__(self) -> str:
        return f"{self.scheme} {self.code}"


class Figure(models.Model):
    """A count as it was published: of a place, or of a bucket of rows that belong to no place.

    The figure of a province is the published total, which also holds the buckets. Numbers are kept as published, also
    when they differ from the sum of their parts or are negative; rates are derived from counts where they are shown.
    """

    place = models.ForeignKey(Place, null=True, on_delete=models.PROTECT, related_name="figures")
    bucket = models.CharField(max_length=80, blank=True, default="")
    series = models.CharField(max_length=80)
    date = models.DateField()
    value = models.BigIntegerField()
    source = models.CharField(max_length=120)

    class Meta:
        ordering = ["series", "date", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["place", "bucket", "series", "date", "source"],
                nulls_distinct=False,
                name="figure_once_per_place_series_date_source",
            ),
            models.CheckConstraint(
                condition=Q(place__isnull=False, bucket="") | (Q(place__isnull=True) & ~Q(bucket="")),
                name="figure_of_place_or_bucket",
            ),
            models.CheckConstraint(condition=~Q(source=""), name="figure_sourced"),
        ]
        indexes = [models.Index(fields=["series", "date"], name="figure_by_series_and_date")]

    def __str__(self) -> str:
        return f"{self.series} {self.date}: {self.value}"
