"""Needs and their lines: all, the public ones, the near ones."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import (
    Case,
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
    When,
)
from django.db.models.functions import (
    Cast,
    Coalesce,
    Greatest,
    Least,
    Substr,
)

from kolaborasi.aid.models import Item, Need, NeedLine
from kolaborasi.aid.queries.areas import KELURAHAN_CODE_LENGTH, received_by, within_roles
from kolaborasi.aid.states import NeedState
from kolaborasi.common.actors import Actor
from kolaborasi.places.queries import kilometres


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
        .annotate(
            still_needed=Case(
                When(
                    state__in=[NeedState.SUBMITTED, NeedState.OPEN],
                    then=F("needed") - Least(F("needed"), F("committed")),
                ),
                default=Value(0),
            )
        )
    )


def public_needs() -> QuerySet[Need]:
    """Needs the public sees: verified and open."""
    return needs().filter(state=NeedState.OPEN)


def needs_waiting(actor: Actor) -> QuerySet[Need]:
    """Needs that wait for this verifier."""
    return within_roles(needs().filter(state=NeedState.SUBMITTED), actor, "verifier", "coordinator")


def lines_of(needs: Sequence[Need]) -> QuerySet[NeedLine]:
    """Lines of some needs with their items, in one query."""
    return (
        NeedLine.objects.filter(need__in=needs).select_related("item", "need").order_by("need_id", "item_id")
    )


def line(pk: int) -> NeedLine | None:
    """One line with its need, place and item."""
    return (
        NeedLine.objects.select_related("need__place__parent__parent", "need__institution", "item")
        .filter(pk=pk)
        .first()
    )


def nearest_open_lines(line: NeedLine, *, limit: int = 5) -> list[NeedLine]:
    """Open lines of the same item that still need something, nearest first; each with `km`, great circle."""
    place = line.need.place
    found = NeedLine.objects.filter(need__state=NeedState.OPEN, item=line.item, limit__gt=F("committed"))
    found = found.exclude(pk=line.pk).select_related(
        "need__place__parent__parent", "need__institution", "item"
    )
    if place.latitude is None or place.longitude is None:
        return list(found.order_by("pk")[:limit])
    return list(
        found.annotate(km=kilometres(place.latitude, place.longitude, "need__place__")).order_by("km", "pk")[
            :limit
        ]
    )


def listed(found: QuerySet[Need]) -> QuerySet[Need]:
    """Needs as a list shows and sorts them: their lines, `share` committed (0 to 1) and `soonest` day needed by."""
    lines = Prefetch("lines", queryset=NeedLine.objects.select_related("item").order_by("item_id"))
    share = Cast(F("committed"), FloatField()) / Greatest(Cast(F("needed"), FloatField()), Value(1.0))
    return found.annotate(share=share, soonest=Min("lines__needed_by_date")).prefetch_related(lines)


def from_point(found: QuerySet[Need], latitude: float, longitude: float) -> QuerySet[Need]:
    """The needs with `km`, the great-circle distance from a point in degrees."""
    return found.annotate(km=kilometres(latitude, longitude, "place__"))


def overlapping_lines(subject: Need) -> list[NeedLine]:
    """Lines of other needs, open or waiting, for the same items in the places above and below: perhaps asked twice.

    An institution's residents are no households of its kelurahan, so institutions overlap with nobody.
    """
    if subject.institution_id is not None:
        return []
    code = subject.place.code
    kelurahan = code.partition("/")[0]
    related = Q(need__place__code=kelurahan) if "/" in code else Q(need__place__code__startswith=f"{code}/")
    found = NeedLine.objects.filter(
        related | Q(need__place=subject.place),
        need__state__in=[NeedState.SUBMITTED, NeedState.OPEN],
        need__institution__isnull=True,
        item__in=subject.lines.values("item"),
    ).exclude(need=subject)
    return list(
        found.select_related("need__place__parent__parent", "item").order_by("need__place__code", "pk")
    )


def asking_for(found: QuerySet[Need], item: str) -> QuerySet[Need]:
    """Those of the needs that ask for an item, by its code."""
    # A filter over the join would count the sums of other lines away; a subquery leaves them alone.
    return found.filter(Exists(NeedLine.objects.filter(need=OuterRef("pk"), item__code=item)))


def need(pk: int) -> Need | None:
    """One need with its lines, whatever its state."""
    return listed(needs()).filter(pk=pk).first()


def nearby(subject: Need, *, limit: int = 4) -> list[Need]:
    """Other open needs that still need something, nearest first."""
    found = listed(public_needs()).filter(Q(still_needed__gt=0)).exclude(pk=subject.pk)
    place = subject.place
    if place.latitude is None or place.longitude is None:
        return list(found.order_by(F("share"), "pk")[:limit])
    return list(from_point(found, place.latitude, place.longitude).order_by(F("km"), "pk")[:limit])


def needs_of(actor: Actor) -> QuerySet[Need]:
    """Needs of the actor's places and institutions, the newest first."""
    return listed(needs()).filter(received_by(actor)).order_by("-registered_at", "-pk")


def point_rows(found: QuerySet[Need]) -> list[dict[str, Any]]:
    """What a map shows of needs, in one query: where, which kelurahan, how much is still needed."""
    rows = (
        found.prefetch_related(None)
        .order_by("place__code")
        .values(
            "pk",
            units=F("still_needed"),
            code=Substr("place__code", 1, KELURAHAN_CODE_LENGTH),
            kind=F("place__kind"),
            name=F("place__name"),
            above=F("place__parent__name"),
            lat=Coalesce("institution__latitude", "place__latitude"),
            lon=Coalesce("institution__longitude", "place__longitude"),
        )
    )
    return [dict(row) for row in rows]


def lock_need(pk: int) -> None:
    """Let nothing of a need change until the transaction ends: the need first, then its lines, as verbs do."""
    list(Need.objects.select_for_update(no_key=True).filter(pk=pk).values_list("pk"))
    list(NeedLine.objects.select_for_update(no_key=True).filter(need=pk).order_by("pk").values_list("pk"))
