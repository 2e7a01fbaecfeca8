"""How far the city is, and what a plan can give and must meet."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import (
    Case,
    Count,
    F,
    OuterRef,
    Q,
    Subquery,
    Sum,
    When,
)
from django.db.models.expressions import Combinable
from django.db.models.functions import (
    Coalesce,
    Least,
    Substr,
)

from kolaborasi.aid.models import Entitlement, NeedLine, Offer, Round
from kolaborasi.aid.queries.areas import KELURAHAN_CODE_LENGTH
from kolaborasi.aid.rules import Coverage
from kolaborasi.aid.states import NeedState
from kolaborasi.commitments.states import CommitmentState
from kolaborasi.places.models import Place

COUNTED = (NeedState.OPEN, NeedState.WITHDRAWN)
# What nobody had promised of a need when it ended is no longer needed; what was promised or came stays counted.
NEEDED = Case(
    When(need__state=NeedState.OPEN, then=F("reported")), default=Least(F("reported"), F("committed"))
)


OF_ROUND = Case(When(state=CommitmentState.FULFILLED, then=F("delivered")), default=F("quantity"))
COUNTED_ROUNDS = (CommitmentState.CONFIRMED, CommitmentState.FULFILLED)


def _government(units: Combinable) -> Coalesce:
    """Units of a line that government rounds promise or have handed out."""
    rounds = Round.objects.filter(need_line=OuterRef("pk"), state__in=COUNTED_ROUNDS)
    sums = rounds.order_by().values("need_line").annotate(units=Sum(units)).values("units")
    return Coalesce(Subquery(sums), 0)


@dataclass(frozen=True)
class CoverageByGiver:
    """Coverage by citizens and government together, and what of it is the government's.

    Args:
        both: needed, committed and delivered of all.
        government: the government's part, with the same needed.
        beyond: units of government rounds that meet no registered need; in none of the others.
    """

    both: Coverage
    government: Coverage
    beyond: Coverage

    @property
    def citizens(self) -> Coverage:
        """The citizens' part, with the same needed."""
        return _rest(self.both, self.government)


def _rest(both: Coverage, government: Coverage) -> Coverage:
    return Coverage(both.needed, both.committed - government.committed, both.delivered - government.delivered)


def coverage_by_giver() -> CoverageByGiver:
    """`total_coverage` with the parts of citizens and government apart, in three queries."""
    lines = NeedLine.objects.filter(need__state__in=COUNTED).annotate(
        government_committed=_government(OF_ROUND), government_delivered=_government(F("delivered"))
    )
    sums = lines.aggregate(
        needed=Coalesce(Sum(NEEDED), 0),
        all_committed=Coalesce(Sum("committed"), 0),
        all_delivered=Coalesce(Sum("delivered"), 0),
        government_promised=Coalesce(Sum("government_committed"), 0),
        government_arrived=Coalesce(Sum("government_delivered"), 0),
    )
    return CoverageByGiver(
        both=Coverage(sums["needed"], sums["all_committed"], sums["all_delivered"]),
        government=Coverage(sums["needed"], sums["government_promised"], sums["government_arrived"]),
        beyond=_beyond(),
    )


def _beyond() -> Coverage:
    # What a round brings beyond the line it covers is handed out too, and counted by its entitlements.
    handed = Entitlement.objects.filter(round__isnull=False).aggregate(
        promised=Coalesce(Sum("quantity", filter=Q(state__in=COUNTED_ROUNDS)), 0),
        arrived=Coalesce(Sum("delivered"), 0),
    )
    covering = Round.objects.filter(
        need_line__isnull=False, need_line__need__state__in=COUNTED, state__in=COUNTED_ROUNDS
    ).aggregate(promised=Coalesce(Sum(OF_ROUND), 0), arrived=Coalesce(Sum("delivered"), 0))
    return Coverage(
        0,
        max(0, handed["promised"] - covering["promised"]),
        max(0, handed["arrived"] - covering["arrived"]),
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
    """Coverage of one kelurahan by citizens and government together, and the government's part of it."""

    code: str
    name: str
    latitude: float | None
    longitude: float | None
    needs: int
    coverage: Coverage
    government: Coverage

    @property
    def citizens(self) -> Coverage:
        """The citizens' part, with the same needed."""
        return _rest(self.coverage, self.government)


def coverage_by_kelurahan(*, item: str | None = None) -> list[PlaceCoverage]:
    """Coverage of every kelurahan that has or had needs, its RW and institutions included, in two queries.

    `needs` counts the open ones alone; the sums are those of `total_coverage`.
    """
    lines = NeedLine.objects.filter(need__state__in=COUNTED)
    if item:
        lines = lines.filter(item__code=item)
    rows = (
        lines.annotate(
            kelurahan=Substr("need__place__code", 1, KELURAHAN_CODE_LENGTH),
            government_committed=_government(OF_ROUND),
            government_delivered=_government(F("delivered")),
        )
        .values("kelurahan")
        .annotate(
            needed=Sum(NEEDED),
            promised=Sum("committed"),
            arrived=Sum("delivered"),
            government_promised=Sum("government_committed"),
            government_arrived=Sum("government_delivered"),
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
            government=Coverage(row["needed"], row["government_promised"], row["government_arrived"]),
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
