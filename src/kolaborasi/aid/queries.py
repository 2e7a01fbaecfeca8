"""Questions to the aid programme."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Exists, F, FloatField, OuterRef, Q, QuerySet, Sum, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import ASin, Coalesce, Cos, Least, Radians, Sin, Sqrt, Substr

from kolaborasi.aid.errors import PledgeUnknown
from kolaborasi.aid.models import Delivery, Item, Need, NeedLine, Offer, Pledge
from kolaborasi.aid.rules import Coverage
from kolaborasi.aid.services.pledges import link_hash
from kolaborasi.aid.states import DeliveryState, NeedState, PledgeFacts, PledgeStatus, pledge_status
from kolaborasi.commitments.states import CommitmentState
from kolaborasi.common.actors import Actor
from kolaborasi.places.models import Place

EARTH_KM = 6371.0088
KELURAHAN_CODE_LENGTH = 13


def items() -> QuerySet[Item]:
    """The packages the programme knows."""
    return Item.objects.order_by("id")


def needs() -> QuerySet[Need]:
    """All needs, with place, institution and the three sums over their lines as `needed`, `committed`, `delivered`."""
    return (
        Need.objects.select_related("place__parent__parent", "institution")
        .annotate(
            needed=Coalesce(Sum("lines__reported"), 0),
            committed=Coalesce(Sum("lines__committed"), 0),
            delivered=Coalesce(Sum("lines__delivered"), 0),
        )
        .annotate(still_needed=F("needed") - Least(F("needed"), F("committed")))
    )


def public_needs() -> QuerySet[Need]:
    """Needs the public sees: verified and open."""
    return needs().filter(state=NeedState.OPEN)


def needs_waiting(actor: Actor) -> QuerySet[Need]:
    """Needs that wait for this verifier."""
    return within_roles(needs().filter(state=NeedState.SUBMITTED), actor, "verifier", "coordinator")


def within_roles(found: QuerySet[Need], actor: Actor, *roles: str) -> QuerySet[Need]:
    """Those of the needs that lie in the area of a role of the actor."""
    reach = Q(pk__in=[])
    for role in actor.roles:
        if role.name in roles:
            code = role.place_code
            below = (
                Q(place__code=code)
                | Q(place__code__startswith=f"{code}.")
                | Q(place__code__startswith=f"{code}/")
            )
            if not code:
                return found
            reach |= below
    return found.filter(reach)


def within(found: QuerySet[Need], place_code: str) -> QuerySet[Need]:
    """Those of the needs in a place or below it."""
    below = Q(place__code__startswith=f"{place_code}.") | Q(place__code__startswith=f"{place_code}/")
    return found.filter(Q(place__code=place_code) | below)


def lines_of(needs: Sequence[Need]) -> QuerySet[NeedLine]:
    """Lines of some needs with their items, in one query."""
    return NeedLine.objects.filter(need__in=needs).select_related("item").order_by("need_id", "item_id")


def line(pk: int) -> NeedLine | None:
    """One line with its need, place and item."""
    return (
        NeedLine.objects.select_related("need__place__parent", "need__institution", "item")
        .filter(pk=pk)
        .first()
    )


def pledges() -> QuerySet[Pledge]:
    """All pledges with what pages show, and `reported`: whether a delivery waits for the recipient."""
    waiting = Delivery.objects.filter(pledge=OuterRef("pk"), state=DeliveryState.REPORTED)
    return Pledge.objects.select_related(
        "need_line__need__place__parent",
        "need_line__need__institution",
        "need_line__item",
        "partner",
        "offer",
    ).annotate(reported=Exists(waiting))


def pledges_for(need: Need) -> QuerySet[Pledge]:
    """Pledges on a need, newest first."""
    return pledges().filter(need_line__need=need).order_by("-pledged_at", "-pk")


def pledge_by_token(token: str) -> Pledge:
    """The pledge of a secret link.

    Raises:
        PledgeUnknown: no pledge has it.
    """
    found = pledges().filter(link_hash=link_hash(token)).first()
    if found is None:
        raise PledgeUnknown
    return found


def status(pledge: Pledge) -> PledgeStatus:
    """The word for a pledge read by `pledges()`."""
    facts = PledgeFacts(
        state=pledge.state,
        quantity=pledge.quantity,
        delivered=pledge.delivered,
        handed_over=pledge.handed_over_at is not None,
        reported=pledge.reported,  # type: ignore[attr-defined]
    )
    return pledge_status(facts)


def deliveries_of(pledge: Pledge) -> QuerySet[Delivery]:
    """Deliveries of a pledge, oldest first."""
    return pledge.deliveries.order_by("pk")


def nearest_open_lines(line: NeedLine, *, limit: int = 5) -> list[NeedLine]:
    """Open lines of the same item that still need something, nearest first; each with `km`, great circle.

    Source: haversine formula, R. W. Sinnott, Sky and Telescope 68 (1984).
    """
    place = line.need.place
    found = NeedLine.objects.filter(need__state=NeedState.OPEN, item=line.item, limit__gt=F("committed"))
    found = found.exclude(pk=line.pk).select_related("need__place__parent", "need__institution", "item")
    if place.latitude is None or place.longitude is None:
        return list(found.order_by("pk")[:limit])
    return list(found.annotate(km=_kilometres(place.latitude, place.longitude)).order_by("km", "pk")[:limit])


def _kilometres(latitude: float, longitude: float) -> Combinable:
    here, there = Radians(Value(latitude)), Radians(F("need__place__latitude"))
    north = Sin((there - here) / 2.0)
    east = Sin((Radians(F("need__place__longitude")) - Radians(Value(longitude))) / 2.0)
    chord = north * north + Cos(here) * Cos(there) * east * east
    return 2 * EARTH_KM * ASin(Sqrt(Least(chord, Value(1.0), output_field=FloatField())))


def total_coverage() -> Coverage:
    """Needed, committed and delivered of all open needs."""
    sums = NeedLine.objects.filter(need__state=NeedState.OPEN).aggregate(
        needed=Coalesce(Sum("reported"), 0),
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
    """Coverage of every kelurahan that has open needs, its RW and institutions included, in two queries."""
    lines = NeedLine.objects.filter(need__state=NeedState.OPEN)
    if item:
        lines = lines.filter(item__code=item)
    rows = (
        lines.annotate(kelurahan=Substr("need__place__code", 1, KELURAHAN_CODE_LENGTH))
        .values("kelurahan")
        .annotate(
            needed=Sum("reported"),
            promised=Sum("committed"),
            arrived=Sum("delivered"),
            count=Count("need", distinct=True),
        )
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


def open_promises() -> QuerySet[Pledge]:
    """Pledges that are still to be delivered."""
    return pledges().filter(state__in=[CommitmentState.HELD, CommitmentState.CONFIRMED])
