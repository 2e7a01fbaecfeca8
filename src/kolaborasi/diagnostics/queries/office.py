"""What the pages of the health office and the puskesmas ask: areas of an official, catchments, what waits where."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from kolaborasi.common.actors import Actor
from kolaborasi.diagnostics.models import CaseNotice, Catchment, Slot, Specimen
from kolaborasi.diagnostics.queries.cases import notices
from kolaborasi.diagnostics.queries.specimens import late_specimens
from kolaborasi.diagnostics.queries.work import partner_ids
from kolaborasi.partners.models import Site, SiteKind
from kolaborasi.places.models import Place, PlaceKind

OFFICIALS = ("coordinator", "verifier", "auditor")


def within(column: str, actor: Actor, *roles: str) -> Q:
    """Rows whose place code lies in the areas where the actor has one of the roles."""
    codes = [role.place_code for role in actor.roles if role.name in roles]
    if None in codes:
        return Q()
    reach = Q(pk__in=[])
    for code in codes:
        reach |= Q(**{column: code}) | Q(**{f"{column}__startswith": f"{code}."})
    return reach


def late_in_areas(actor: Actor, now: datetime) -> QuerySet[Specimen]:
    """Late results of specimens taken in the areas of an official."""
    return late_specimens(now).filter(within("site__place__code", actor, *OFFICIALS))


def seen_notices(actor: Actor) -> QuerySet[CaseNotice]:
    """Positive results of the puskesmas the actor works for; a coordinator also sees those of their areas.

    A notice that nobody looks after has no site: every coordinator of the whole city sees it.
    """
    mine = Q(site__partner__in=partner_ids(actor))
    city = any(role.name == "coordinator" and role.place_code is None for role in actor.roles)
    if city:
        return notices()
    return notices().filter(mine | Q(site__isnull=False) & within("site__place__code", actor, "coordinator"))


def puskesmas(actor: Actor) -> QuerySet[Site]:
    """Open puskesmas in the areas of a coordinator, by name."""
    found = Site.objects.filter(kind=SiteKind.PUSKESMAS, closed_date__isnull=True)
    return found.filter(within("place__code", actor, "coordinator")).select_related("place").order_by("name")


def areas(actor: Actor) -> QuerySet[Place]:
    """Kecamatan and kelurahan of a coordinator, by code."""
    found = Place.objects.filter(kind__in=[PlaceKind.KECAMATAN, PlaceKind.KELURAHAN])
    return found.filter(within("code", actor, "coordinator")).select_related("parent").order_by("code")


def catchments(actor: Actor) -> QuerySet[Catchment]:
    """Which puskesmas looks after which area, in the areas of a coordinator."""
    found = Catchment.objects.select_related("place__parent", "site__partner")
    return found.filter(within("place__code", actor, *OFFICIALS)).order_by("place__code")


def site_slots(site: Site, now: datetime) -> QuerySet[Slot]:
    """Every slot of a site that is not over, full ones too, the soonest first."""
    return Slot.objects.filter(site=site, ends_at__gt=now).order_by("starts_at", "pk")


def total_waiting(rows: list[dict[str, Any]]) -> int:
    """Specimens of all sites together."""
    return sum(row["waiting"] for row in rows)
