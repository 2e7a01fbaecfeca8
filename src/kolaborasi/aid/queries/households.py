"""Lists of households: what waits for a person, what is due, what was found. Nothing here names anybody."""

from __future__ import annotations

from datetime import date

from django.db.models import Count, Exists, Max, OuterRef, Q, QuerySet

from kolaborasi.aid.models import Household, Need, Resemblance, Roll, RollEntry
from kolaborasi.aid.queries.areas import below
from kolaborasi.aid.rules.samples import share_interval
from kolaborasi.aid.rules.vulnerability import Score, household_score
from kolaborasi.aid.states import NeedState, ResemblanceState, RollEntryState
from kolaborasi.common.actors import Actor
from kolaborasi.places.models import Figure, Place, PlaceKind

HOUSEHOLDS = "households.total"


def households_of(place: Place) -> int | None:
    """Households that live in a place as far as is known: counted, told by its verified needs, or of its kelurahan."""
    counted = Figure.objects.filter(place=place, series=HOUSEHOLDS).order_by("-date").first()
    if counted is not None:
        return counted.value
    asked = Need.objects.filter(place=place, institution__isnull=True, verified_at__isnull=False)
    told: int | None = asked.exclude(state=NeedState.REJECTED).aggregate(most=Max("households"))["most"]
    if told or place.kind != PlaceKind.RW or place.parent is None:
        return told
    return households_of(place.parent)


def rolls() -> QuerySet[Roll]:
    """All lists, the newest first, with how many of their households are `listed` and `waiting`."""
    listed = Count("entries", filter=Q(entries__state=RollEntryState.LISTED))
    waiting = Count("entries", filter=Q(entries__state=RollEntryState.REVIEW))
    return Roll.objects.select_related("programme", "place", "partner").annotate(
        listed=listed, waiting=waiting
    )


def within_areas(actor: Actor, path: str, *roles: str) -> Q:
    """Condition: the place at `path` lies in the area of one of these roles of the actor."""
    reach = Q(pk__in=[])
    for role in actor.roles:
        if role.name in roles:
            if not role.place_code:
                return ~Q(pk__in=[])
            reach |= below(role.place_code, path)
    return reach


def rolls_of(actor: Actor) -> QuerySet[Roll]:
    """Lists of the places the actor has a role for."""
    return rolls().filter(within_areas(actor, "place", "rw_head", "verifier", "coordinator"))


def resemblances_waiting(actor: Actor) -> QuerySet[Resemblance]:
    """Pairs that wait for this verifier, the surest first."""
    reach = within_areas(actor, "entry__roll__place", "verifier", "coordinator")
    return (
        Resemblance.objects.filter(reach, state=ResemblanceState.OPEN)
        .select_related("entry__roll__programme", "entry__household", "other__place")
        .order_by("-score", "pk")
    )


def entries_due(actor: Actor, *, until: date) -> QuerySet[RollEntry]:
    """Households whose time on a list ends by a day, of the places the actor has a role for."""
    reach = within_areas(actor, "roll__place", "rw_head", "verifier", "coordinator")
    due = RollEntry.objects.filter(reach, state=RollEntryState.LISTED, valid_until_date__lte=until)
    return due.select_related("roll__programme", "roll__place").order_by("valid_until_date", "pk")


def vulnerability_of(entry: RollEntry, *, today: date) -> Score:
    """How vulnerable a household is by what its list says, with the parts of the score."""
    return household_score(
        hardship=entry.hardship,
        size=entry.size,
        elderly=entry.elderly,
        toddlers=entry.toddlers,
        disabled=entry.disabled,
        days_waiting=(today - entry.roll.as_of_date).days,
    )


def visited_share(roll: Roll) -> tuple[int, int, int, tuple[float, float]]:
    """Of the households drawn for a visit: wrong, right, not yet found; and the interval of the wrong share, 95 %."""
    counts = RollEntry.objects.filter(roll=roll, visit__isnull=False).aggregate(
        wrong=Count("pk", filter=Q(visit__result__in=("not-in-need", "moved", "unknown"))),
        right=Count("pk", filter=Q(visit__result="confirmed")),
        rest=Count("pk", filter=Q(visit__result__in=("", "absent"))),
    )
    wrong, right = counts["wrong"], counts["right"]
    return wrong, right, counts["rest"], share_interval(wrong, wrong + right)


def double_listed(roll: Roll) -> QuerySet[Household]:
    """Households of a list that are on another programme's list too: none is wrong, each is worth a look."""
    here = RollEntry.objects.filter(household=OuterRef("pk"), roll=roll)
    elsewhere = RollEntry.objects.filter(household=OuterRef("pk"), state=RollEntryState.LISTED).exclude(
        roll__programme=roll.programme_id
    )
    return Household.objects.filter(Exists(here), Exists(elsewhere)).order_by("pk")
