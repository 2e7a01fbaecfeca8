"""Where one can be tested, orders and slots."""

from __future__ import annotations

from datetime import datetime

from django.db.models import F, Prefetch, QuerySet

from kolaborasi.common.actors import Actor
from kolaborasi.diagnostics.models import AntigenTest, Booking, Order, Slot, Specimen
from kolaborasi.diagnostics.models.orders import TESTING_SITES
from kolaborasi.diagnostics.queries.people import person_of
from kolaborasi.diagnostics.states import OrderState
from kolaborasi.partners.models import Site
from kolaborasi.partners.states import PartnerState


def testing_sites() -> QuerySet[Site]:
    """Open sites of active partners where people are tested, by name."""
    return (
        Site.objects.filter(
            kind__in=TESTING_SITES, closed_date__isnull=True, partner__state=PartnerState.ACTIVE
        )
        .select_related("partner", "place__parent")
        .order_by("name", "pk")
    )


def slots(now: datetime, *, site: Site | None = None) -> QuerySet[Slot]:
    """Slots that have not begun and have a place left, the soonest first."""
    found = Slot.objects.filter(starts_at__gt=now, limit__gt=F("committed"))
    if site is not None:
        found = found.filter(site=site)
    return found.select_related("site__place", "site__partner").order_by("starts_at", "site")


def slot(pk: int) -> Slot | None:
    """One slot with its site."""
    return Slot.objects.select_related("site__place", "site__partner").filter(pk=pk).first()


def orders() -> QuerySet[Order]:
    """All orders with site, person's id, booking in force and specimens."""
    booked = Booking.objects.filter(state__in=["held", "confirmed"]).select_related("slot")
    tubes = Specimen.objects.select_related("label", "lab__site")
    return Order.objects.select_related(
        "site__place", "site__partner", "person", "residence"
    ).prefetch_related(
        Prefetch("bookings", queryset=booked, to_attr="open_bookings"), Prefetch("specimens", queryset=tubes)
    )


def orders_waiting(site: Site) -> QuerySet[Order]:
    """Orders of a site that wait for a swab, the urgent and the oldest first."""
    return orders().filter(site=site, state=OrderState.REQUESTED).order_by("ordered_at", "pk")


def own_orders(actor: Actor) -> QuerySet[Order]:
    """Orders of the person behind an account, the newest first."""
    person = person_of(actor.user_id)
    found = orders()
    return (found.filter(person=person) if person else found.none()).order_by("-ordered_at", "-pk")


def order(pk: int) -> Order | None:
    """One order."""
    return orders().filter(pk=pk).first()


def antigen_tests() -> QuerySet[AntigenTest]:
    """Rapid tests with their sites, the newest first; counted apart from PCR."""
    return AntigenTest.objects.select_related("site__place", "site__partner").order_by("-tested_at", "-pk")
