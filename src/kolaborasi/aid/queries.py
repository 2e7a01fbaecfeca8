"""Questions to the aid programme."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import (
    Count,
    Exists,
    F,
    FloatField,
    Min,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
    Sum,
    Value,
)
from django.db.models.expressions import Combinable
from django.db.models.functions import (
    ASin,
    Cast,
    Coalesce,
    Cos,
    Greatest,
    Least,
    Radians,
    Sin,
    Sqrt,
    Substr,
)

from kolaborasi.aid.errors import PledgeUnknown
from kolaborasi.aid.models import Delivery, Item, Need, NeedLine, Offer, Pledge
from kolaborasi.aid.rules import Coverage
from kolaborasi.aid.services.pledges import link_hash
from kolaborasi.aid.states import DeliveryState, NeedState, PledgeFacts, PledgeStatus, pledge_status
from kolaborasi.commitments.states import CommitmentState
from kolaborasi.common.actors import Actor
from kolaborasi.partners.models import Partner, Site
from kolaborasi.people.models import Person, User
from kolaborasi.people.queries import published_names
from kolaborasi.places.models import Figure, Place, PlaceKind

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
        NeedLine.objects.select_related("need__place__parent__parent", "need__institution", "item")
        .filter(pk=pk)
        .first()
    )


def pledges() -> QuerySet[Pledge]:
    """All pledges with what pages show, and `reported`: whether a delivery waits for the recipient."""
    waiting = Delivery.objects.filter(pledge=OuterRef("pk"), state=DeliveryState.REPORTED)
    return Pledge.objects.select_related(
        "need_line__need__place__parent__parent",
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
    found = found.exclude(pk=line.pk).select_related(
        "need__place__parent__parent", "need__institution", "item"
    )
    if place.latitude is None or place.longitude is None:
        return list(found.order_by("pk")[:limit])
    return list(found.annotate(km=_kilometres(place.latitude, place.longitude)).order_by("km", "pk")[:limit])


def _kilometres(latitude: float, longitude: float, place: str = "need__place") -> Combinable:
    here, there = Radians(Value(latitude)), Radians(F(f"{place}__latitude"))
    north = Sin((there - here) / 2.0)
    east = Sin((Radians(F(f"{place}__longitude")) - Radians(Value(longitude))) / 2.0)
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


def item_name(code: str) -> str:
    """Name of an item in the language in use; the code itself when it is not known."""
    item = Item.objects.filter(code=code).first()
    return item.name if item else code


def listed(found: QuerySet[Need]) -> QuerySet[Need]:
    """Needs as a list shows and sorts them: their lines, `share` committed (0 to 1) and `soonest` day needed by."""
    lines = Prefetch("lines", queryset=NeedLine.objects.select_related("item").order_by("item_id"))
    share = Cast(F("committed"), FloatField()) / Greatest(Cast(F("needed"), FloatField()), Value(1.0))
    return found.annotate(share=share, soonest=Min("lines__needed_by_date")).prefetch_related(lines)


def from_point(found: QuerySet[Need], latitude: float, longitude: float) -> QuerySet[Need]:
    """The needs with `km`, the great-circle distance from a point in degrees."""
    return found.annotate(km=_kilometres(latitude, longitude, "place"))


def asking_for(found: QuerySet[Need], item: str) -> QuerySet[Need]:
    """Those of the needs that ask for an item, by its code."""
    # A filter over the join would count the sums of other lines away; a subquery leaves them alone.
    return found.filter(Exists(NeedLine.objects.filter(need=OuterRef("pk"), item__code=item)))


def need(pk: int) -> Need | None:
    """One need with its lines, whatever its state."""
    return listed(needs()).filter(pk=pk).first()


def nearby(subject: Need, *, limit: int = 4) -> list[Need]:
    """Other open needs that still need something, nearest first."""
    found = listed(public_needs()).filter(still_needed__gt=0).exclude(pk=subject.pk)
    place = subject.place
    if place.latitude is None or place.longitude is None:
        return list(found.order_by("share", "pk")[:limit])
    return list(from_point(found, place.latitude, place.longitude).order_by("km", "pk")[:limit])


def below(place_code: str, path: str = "place") -> Q:
    """Condition: the place at `path` is this one or lies in it."""
    return (
        Q(**{f"{path}__code": place_code})
        | Q(**{f"{path}__code__startswith": f"{place_code}."})
        | Q(**{f"{path}__code__startswith": f"{place_code}/"})
    )


def received_by(actor: Actor, path: str = "") -> Q:
    """Condition: the need at `path` is one whose receiving side the actor is, as `permissions` says it."""
    reach = Q(pk__in=[])
    for role in actor.roles:
        if role.name in ("rw_head", "verifier", "coordinator"):
            if not role.place_code:
                return ~Q(pk__in=[])
            reach |= below(role.place_code, f"{path}place")
        elif role.name in ("partner_admin", "partner_member") and role.partner_id:
            reach |= Q(**{f"{path}institution__partner_id": role.partner_id})
    return reach


def needs_of(actor: Actor) -> QuerySet[Need]:
    """Needs of the actor's places and institutions, the newest first."""
    return listed(needs()).filter(received_by(actor)).order_by("-registered_at", "-pk")


def pledges_to(actor: Actor) -> QuerySet[Pledge]:
    """Confirmed promises to the actor's places and institutions, those that wait for a word first, then by day."""
    found = pledges().filter(received_by(actor, "need_line__need__"), confirmed_at__isnull=False)
    return found.order_by("-reported", "deliver_date", "pk")


def pledge(pk: int) -> Pledge | None:
    """One pledge with what pages show."""
    return pledges().filter(pk=pk).first()


def pledges_of(person: Person | None, partner_ids: Iterable[int]) -> QuerySet[Pledge]:
    """Promises of a person and of the partners they act for, the newest first."""
    own = Q(partner__in=list(partner_ids))
    if person is not None:
        own |= Q(person=person)
    return pledges().filter(own).order_by("-pledged_at", "-pk")


def offers_of(person: Person | None, partner_ids: Iterable[int]) -> QuerySet[Offer]:
    """Offers of a person and of the partners they act for, the newest first, each with its pledges."""
    own = Q(partner__in=list(partner_ids))
    if person is not None:
        own |= Q(person=person)
    became = Prefetch("pledges", queryset=pledges().order_by("pk"))
    found = Offer.objects.select_related("item", "place__parent__parent", "partner")
    return found.filter(own).prefetch_related(became).order_by("-registered_at", "-pk")


def partners_of(actor: Actor) -> list[Partner]:
    """Partners the actor may promise for, by name."""
    ids = [role.partner_id for role in actor.roles if role.name in ("partner_admin", "partner_member")]
    return list(Partner.objects.filter(pk__in=ids).order_by("name", "pk")) if ids else []


def institutions_of(actor: Actor) -> list[Site]:
    """Open sites of the actor's partners, which may register needs of their own."""
    ids = [role.partner_id for role in actor.roles if role.name in ("partner_admin", "partner_member")]
    found = Site.objects.filter(partner__in=ids, closed_date__isnull=True).select_related("place")
    return list(found.order_by("name", "pk")) if ids else []


def places_of(actor: Actor) -> list[Place]:
    """Where the actor may register needs: an RW head's own places, the kelurahan of a verifier or coordinator."""
    own, areas = [], Q(pk__in=[])
    for role in actor.roles:
        if role.name == "rw_head" and role.place_code:
            own.append(role.place_code)
        elif role.name in ("verifier", "coordinator"):
            areas |= below_or_everywhere(role.place_code) & Q(kind=PlaceKind.KELURAHAN)
    found = Place.objects.filter(Q(code__in=own) | areas).select_related("parent__parent")
    return list(found.order_by("name", "code")) if actor.roles else []


def below_or_everywhere(place_code: str | None) -> Q:
    """Condition on places: in the area, or anywhere without one."""
    if not place_code:
        return ~Q(pk__in=[])
    return Q(code=place_code) | Q(code__startswith=f"{place_code}.") | Q(code__startswith=f"{place_code}/")


def population_of(place: Place) -> int | None:
    """People who live in a place by the latest figure; of an RW, those of its kelurahan."""
    owner = place.parent_id if place.kind == PlaceKind.RW else place.pk
    figure = Figure.objects.filter(place_id=owner, series="population.total").order_by("-date").first()
    return figure.value if figure else None


def person_of(user_id: int | None) -> Person | None:
    """The person of an account."""
    account = User.objects.select_related("person").filter(pk=user_id).first() if user_id else None
    return account.person if account else None


@dataclass(frozen=True)
class Helpers:
    """Who helps a need, as the public may know it.

    Args:
        partners: name and units promised, the largest first.
        names: individuals who wish to be named.
        unnamed: how many individuals do not.
    """

    partners: list[tuple[str, int]]
    names: list[str]
    unnamed: int


def helpers_of(subject: Need) -> Helpers:
    """Who has a confirmed promise on a need; individuals by name only when they asked for it."""
    standing = [CommitmentState.CONFIRMED, CommitmentState.FULFILLED]
    made = Pledge.objects.filter(need_line__need=subject, state__in=standing)
    rows = made.values_list("partner__name", "person_id").annotate(units=Sum("quantity"))
    partners = [(name, units) for name, person_id, units in rows if person_id is None]
    people = {person_id for _name, person_id, _units in rows if person_id is not None}
    wishing = made.filter(named=True, person__isnull=False).values_list("person_id", flat=True).distinct()
    names = published_names(list(wishing)) if people else []
    return Helpers(sorted(partners, key=lambda each: (-each[1], each[0])), names, len(people) - len(names))


def shown_deliveries(subject: Need) -> QuerySet[Delivery]:
    """What arrived for a need and was acknowledged, the newest first."""
    found = Delivery.objects.filter(pledge__need_line__need=subject, state=DeliveryState.ACKNOWLEDGED)
    return found.select_related("pledge__need_line__item", "pledge__partner").order_by(
        "-acknowledged_at", "-pk"
    )


def delivery(pk: int) -> Delivery | None:
    """One delivery with its pledge, need and place."""
    found = Delivery.objects.select_related(
        "pledge__need_line__need__place", "pledge__need_line__need__institution"
    )
    return found.filter(pk=pk).first()


def deliveries_waiting(actor: Actor, *, before: datetime) -> QuerySet[Delivery]:
    """Deliveries in the actor's area reported before a moment and still without a word of the receiving side."""
    found = Delivery.objects.filter(state=DeliveryState.REPORTED, reported_at__lt=before)
    found = found.filter(received_by(actor, "pledge__need_line__need__"))
    need_path = "pledge__need_line__need"
    return found.select_related(
        f"{need_path}__place__parent__parent",
        f"{need_path}__institution",
        "pledge__need_line__item",
        "pledge__partner",
    ).order_by("reported_at", "pk")


def point_rows(found: QuerySet[Need]) -> list[dict[str, Any]]:
    """What a map shows of needs, in one query: where, which kelurahan, how much is still needed."""
    return list(
        found.order_by("place__code").values(
            "pk",
            "still_needed",
            code=Substr("place__code", 1, KELURAHAN_CODE_LENGTH),
            kind=F("place__kind"),
            name=F("place__name"),
            above=F("place__parent__name"),
            lat=Coalesce("institution__latitude", "place__latitude"),
            lon=Coalesce("institution__longitude", "place__longitude"),
        )
    )
