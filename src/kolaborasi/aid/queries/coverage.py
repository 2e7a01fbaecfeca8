"""How far the city is, and what a plan can give and must meet."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import (
    Case,
    Count,
    F,
    Q,
    Sum,
    When,
)
from django.db.models.functions import (
    Coalesce,
    Least,
    Substr,
)

from kolaborasi.aid.models import NeedLine, Offer
from kolaborasi.aid.queries.areas import KELURAHAN_CODE_LENGTH
from kolaborasi.aid.rules import Coverage
from kolaborasi.aid.states import NeedState
from kolaborasi.places.models import Place

COUNTED = (NeedState.OPEN, NeedState.WITHDRAWN)
# What nobody had promised of a need when it ended is no longer needed; what was promised or came stays counted.
NEEDED = Case(
    When(need__state=NeedState.OPEN, then=F("reported")), default=Least(F("reported"), F("committed"))
)


def total_coverage() -> Coverage:
    """Needed, committed and delivered of all needs, those that are over with what was promised of them."""
    sums = NeedLine.objects.filter(need__state__in=COUNTED).aggregate(
        needed=Coalesce(Sum(NEEDED), 0),
        committed=Coalesce(Sum("committed"), 0),
        delivered=Coalesce(Sum("delivered"), 0),
    )
    return Coverage(**sums)


@dataclass(frozen=True)
class PlaceCoverage:
    """Coverage of one kelurahan."""

    code: str
    name: str
    latitude: float | None
    longitude: float | None
    needs: int
    coverage: Coverage


def coverage_by_kelurahan(*, item: str | None = None) -> list[PlaceCoverage]:
    """Coverage of every kelurahan that has or had needs, its RW and institutions included, in two queries.

    `needs` counts the open ones alone; the sums are those of `total_coverage`.
    """
    lines = NeedLine.objects.filter(need__state__in=COUNTED)
    if item:
        lines = lines.filter(item__code=item)
    rows = (
        lines.annotate(kelurahan=Substr("need__place__code", 1, KELURAHAN_CODE_LENGTH))
        .values("kelurahan")
        .annotate(
            needed=Sum(NEEDED),
            promised=Sum("committed"),
            arrived=Sum("delivered"),
            count=Count("need", distinct=True, filter=Q(need__state=NeedState.OPEN)),
        )
        .filter(Q(count__gt=0) | Q(promised__gt=0))
        .order_by("kelurahan")
    )
    places = {
        place.code: place for place in Place.objects.filter(code__in=[row["kelurahan"] for row in rows])
    }
    return [
        PlaceCoverage(
            code=row["kelurahan"],
            name=places[row["kelurahan"]].name,
            latitude=places[row["kelurahan"]].latitude,
            longitude=places[row["kelurahan"]].longitude,
            needs=row["count"],
            coverage=Coverage(row["needed"], row["promised"], row["arrived"]),
        )
        for row in rows
        if row["kelurahan"] in places
    ]


@dataclass(frozen=True)
class Supply:
    """Units of an item that an offer has left."""

    offer_id: int
    item_id: int
    quantity: int
    latitude: float
    longitude: float


@dataclass(frozen=True)
class Demand:
    """Units of an item that a line still needs, with what it has already."""

    need_line_id: int
    item_id: int
    needed: int
    committed: int
    latitude: float
    longitude: float


def supply(*, today: date) -> list[Supply]:
    """Offers that can be promised today, of givers that may give, for the planner."""
    open_offers = (
        Offer.objects.filter(limit__gt=F("committed"), place__latitude__isnull=False)
        .filter(Q(until_date__isnull=True) | Q(until_date__gt=today))
        .filter(Q(partner__isnull=True) | Q(partner__state="active"))
        .order_by("pk")
    )
    rows = open_offers.values_list(
        "pk", "item_id", F("limit") - F("committed"), "place__latitude", "place__longitude"
    )
    return [Supply(*row) for row in rows]


def demand() -> list[Demand]:
    """Open lines that still need something, for the planner."""
    rows = (
        NeedLine.objects.filter(
            need__state=NeedState.OPEN, limit__gt=F("committed"), need__place__latitude__isnull=False
        )
        .order_by("pk")
        .values_list(
            "pk", "item_id", "reported", "committed", "need__place__latitude", "need__place__longitude"
        )
    )
    return [Demand(*row) for row in rows]  # type: ignore[arg-type]  # places without position are filtered out
