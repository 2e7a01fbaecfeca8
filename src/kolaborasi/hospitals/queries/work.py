"""Whom an actor works for, and the acts the pages offer them."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.db.models import Prefetch, Q, QuerySet

from kolaborasi.common.actors import Actor
from kolaborasi.common.rows import row_where
from kolaborasi.hospitals.models import (
    Ambulance,
    AmbulanceRequest,
    Cylinder,
    Placement,
    Referral,
    RefillLine,
    RefillRound,
)
from kolaborasi.hospitals.queries.care import refill_rounds
from kolaborasi.hospitals.queries.referrals import HOLDING, referrals, rides
from kolaborasi.hospitals.queries.registry import OWN_ROLES
from kolaborasi.hospitals.states import CylinderState, RideState
from kolaborasi.partners.models import Partner, Site, SiteKind
from kolaborasi.people.models import Person

REFERRING = (SiteKind.HOSPITAL, SiteKind.PUSKESMAS, SiteKind.OTHER)
"""Sites that ask for beds; an ambulance post is one of the kind `other`."""


def partner_ids(actor: Actor) -> set[int]:
    """Partners the actor works for."""
    return {role.partner_id for role in actor.roles if role.name in OWN_ROLES and role.partner_id}


def kinds_of_work(actor: Actor) -> frozenset[str]:
    """Kinds of the open sites the actor works at."""
    found = Site.objects.filter(partner__in=partner_ids(actor), closed_date__isnull=True)
    return frozenset(found.order_by().values_list("kind", flat=True).distinct())


def referring_sites(actor: Actor) -> list[Site]:
    """Open sites the actor may ask for a bed for, by name."""
    found = Site.objects.filter(
        partner__in=partner_ids(actor), kind__in=REFERRING, closed_date__isnull=True
    ).select_related("place", "hospital")
    return list(found.order_by("name", "pk"))


def referrals_with_beds() -> QuerySet[Referral]:
    """Every referral as `queries.referrals`, each with its held or used bed as `beds`; two statements."""
    held = Placement.objects.filter(state__in=HOLDING).select_related("pool__hospital__site")
    return referrals().prefetch_related(Prefetch("placements", queryset=held, to_attr="beds"))


def brief_referrals() -> QuerySet[Referral]:
    """As `referrals_with_beds` with the place alone, not the areas above it: for lists that show no more."""
    held = Placement.objects.filter(state__in=HOLDING).select_related("pool__hospital__site")
    brief = Referral.objects.select_related("place")
    return brief.prefetch_related(Prefetch("placements", queryset=held, to_attr="beds"))


def ambulances_for(actor: Actor) -> QuerySet[Ambulance]:
    """Ambulances in use that the actor may send: all for a coordinator, else those of the own partners."""
    found = Ambulance.objects.filter(retired_date__isnull=True)
    return found if actor.has_role("coordinator") else found.filter(partner__in=partner_ids(actor))


def fillers() -> QuerySet[Site]:
    """Sites where cylinders are filled: of the kind `other`, by name."""
    found = Site.objects.filter(kind=SiteKind.OTHER, closed_date__isnull=True)
    return found.select_related("place").order_by("name", "pk")


def partners_of(actor: Actor) -> list[Partner]:
    """Partners the actor works for, by name."""
    return list(Partner.objects.filter(pk__in=partner_ids(actor)).order_by("name", "pk"))


def person_by_id(pk: UUID) -> Person | None:
    """A person who was not erased, or None."""
    return row_where(Person, "id = %s AND erased_at IS NULL", [pk])


def rides_of(actor: Actor) -> QuerySet[AmbulanceRequest]:
    """Ambulance requests under way that the actor sees: of the coordinated area, the own referrals, the own ambulances."""
    found = rides()
    reach = Q(pk__in=[])
    for role in actor.roles:
        if role.name == "coordinator":
            if not role.place_code:
                return found
            reach |= Q(place__code=role.place_code) | Q(place__code__startswith=f"{role.place_code}.")
    own = partner_ids(actor)
    if own:
        reach |= Q(referral__requester__partner__in=own) | Q(hospital__site__partner__in=own)
        reach |= Q(ambulance__partner__in=own)
        if Ambulance.objects.filter(partner__in=own, retired_date__isnull=True).exists():
            # A post that drives sees who waits, whoever asked.
            reach |= Q(state=RideState.REQUESTED)
    return found.filter(reach)


def cylinders_of_sites(site_ids: Sequence[int]) -> dict[int, list[Cylinder]]:
    """Cylinders by the site that holds them, by serial; one statement, none without sites."""
    found: dict[int, list[Cylinder]] = {}
    if not site_ids:
        return found
    held = Cylinder.objects.filter(holder__in=site_ids).exclude(state=CylinderState.LOST)
    for cylinder in held.select_related("owner").order_by("serial"):
        found.setdefault(cylinder.holder_id, []).append(cylinder)
    return found


def rounds_with_lines(most: int) -> list[tuple[RefillRound, list[RefillLine]]]:
    """The newest rounds to the filler, each with its lines; two statements."""
    lines = RefillLine.objects.select_related("hospital__site__place").order_by("hospital__site__name", "pk")
    found = refill_rounds().prefetch_related(Prefetch("lines", queryset=lines))
    return [(each, list(each.lines.all())) for each in found[:most]]
