"""Whom an actor works for, and the sites and labs they work at."""

from __future__ import annotations

from django.db.models import QuerySet

from kolaborasi.common.actors import Actor
from kolaborasi.diagnostics.models import Lab
from kolaborasi.diagnostics.models.orders import TESTING_SITES
from kolaborasi.diagnostics.queries.capacity import labs
from kolaborasi.partners.models import Site

OWN_ROLES = ("partner_admin", "partner_member")


def partner_ids(actor: Actor) -> set[int]:
    """Partners the actor works for."""
    return {role.partner_id for role in actor.roles if role.name in OWN_ROLES and role.partner_id}


def kinds_of_work(actor: Actor) -> frozenset[str]:
    """Kinds of the open sites the actor works at."""
    found = Site.objects.filter(partner__in=partner_ids(actor), closed_date__isnull=True)
    return frozenset(found.order_by().values_list("kind", flat=True).distinct())


def own_testing_sites(actor: Actor) -> QuerySet[Site]:
    """Open sites where the actor takes swabs, by name."""
    found = Site.objects.filter(
        partner__in=partner_ids(actor), kind__in=TESTING_SITES, closed_date__isnull=True
    )
    return found.select_related("place", "partner").order_by("name", "pk")


def testing_site(pk: int) -> Site | None:
    """One site where people are tested, closed ones too."""
    found = Site.objects.filter(pk=pk, kind__in=TESTING_SITES)
    return found.select_related("place", "partner").first()


def own_labs(actor: Actor) -> QuerySet[Lab]:
    """Labs the actor works at, by name."""
    return labs().filter(site__partner__in=partner_ids(actor)).order_by("site__name", "pk")


def lab(pk: int) -> Lab | None:
    """One lab with its site, partner and place."""
    return labs().filter(pk=pk).first()
