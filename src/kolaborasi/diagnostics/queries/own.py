"""One's own order by the secret link, and where there are free places to be tested."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.core.signing import BadSignature, Signer
from django.db.models import F, Min, OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from kolaborasi.diagnostics.errors import LinkUnknown
from kolaborasi.diagnostics.models import Order, Result, ResultLink, Slot
from kolaborasi.diagnostics.queries.testing import orders, testing_sites
from kolaborasi.diagnostics.rules.links import hashed
from kolaborasi.diagnostics.states import ResultState
from kolaborasi.partners.models import Site
from kolaborasi.places.models import Place
from kolaborasi.places.queries import kilometres

AHEAD = timedelta(days=7)
"""How far the list of sites looks for free places."""


def _signer() -> Signer:
    return Signer(salt="kolaborasi.diagnostics.order")


def ticket_of(order_id: int) -> str:
    """The secret part of the link to one's own order: signed, so it cannot be guessed and need not be stored."""
    return _signer().sign(str(order_id)).replace(":", "-", 1)


def order_by_ticket(ticket: str) -> Order:
    """The order a link leads to.

    Raises:
        LinkUnknown: nobody was given this link.
    """
    number, _dash, signature = ticket.partition("-")
    try:
        pk = int(_signer().unsign(f"{number}:{signature}"))
    except (BadSignature, ValueError):
        raise LinkUnknown from None
    found = orders().filter(pk=pk).first()
    if found is None:
        raise LinkUnknown
    return found


def has_result(order: Order) -> bool:
    """Whether a result of the order counts."""
    return Result.objects.filter(specimen__order=order, state=ResultState.VALIDATED).exists()


def sites_with_places(now: datetime) -> QuerySet[Any]:
    """Sites where people are tested, with `places_left` in the next seven days and the soonest free slot's start.

    Each has `at_latitude` and `at_longitude`: its own position, else that of its kelurahan.
    """
    free = Slot.objects.filter(
        site=OuterRef("pk"), starts_at__gt=now, starts_at__lt=now + AHEAD, limit__gt=F("committed")
    ).order_by()
    by_site = free.values("site")
    left = by_site.annotate(n=Sum(F("limit") - F("committed"))).values("n")
    next_at = by_site.annotate(at=Min("starts_at")).values("at")
    return testing_sites().annotate(
        places_left=Coalesce(Subquery(left), 0),
        next_at=Subquery(next_at),
        at_latitude=Coalesce("latitude", "place__latitude"),
        at_longitude=Coalesce("longitude", "place__longitude"),
    )


def by_distance(sites: QuerySet[Any], latitude: float, longitude: float) -> QuerySet[Any]:
    """Sites with `km` from a point, those without a position left out."""
    measured: QuerySet[Any] = sites.filter(at_latitude__isnull=False).annotate(
        km=kilometres(latitude, longitude, "at_")
    )
    return measured


def bookable_slots(site: Site, now: datetime, days: int = 14) -> QuerySet[Slot]:
    """Free slots of a site in the days to come, the soonest first."""
    return (
        Slot.objects.filter(site=site, starts_at__gt=now, starts_at__lt=now + timedelta(days=days))
        .filter(limit__gt=F("committed"))
        .order_by("starts_at", "pk")
    )


def soonest_slots(now: datetime, near: Place | None = None, most: int = 10) -> list[Slot]:
    """The soonest free slot of each of the nearest sites, or of those that have one soonest; in that order.

    Args:
        near: measured from here; each site then has `km`.
    """
    free = sites_with_places(now).filter(places_left__gt=0)
    if near is not None and near.latitude is not None and near.longitude is not None:
        sites = list(by_distance(free, near.latitude, near.longitude).order_by("km", "pk")[:most])
    else:
        sites = list(free.order_by("next_at", "pk")[:most])
    found = Slot.objects.filter(site__in=sites, starts_at__gt=now, limit__gt=F("committed"))
    first = {each.site_id: each for each in found.order_by("site_id", "starts_at", "pk").distinct("site_id")}
    slots = []
    for site in sites:
        if site.pk in first:
            first[site.pk].site = site
            slots.append(first[site.pk])
    return slots


def result_by_link(token: str, now: datetime) -> Result:
    """The result a link leads to; the caller has seen the second factor.

    Raises:
        LinkUnknown: no such link, it has ended, was tried too often, or the result is being corrected.
    """
    link = ResultLink.objects.filter(link_hash=hashed(token), ends_at__gt=now).first()
    found = None
    if link is not None and link.opened_at is not None:
        found = (
            Result.objects.filter(specimen__order=link.order_id, state=ResultState.VALIDATED)
            .select_related("specimen__order__person", "specimen__label", "lab__site", "assay")
            .prefetch_related("cts")
            .order_by("-resulted_at", "-pk")
            .first()
        )
    if found is None:
        raise LinkUnknown
    return found
