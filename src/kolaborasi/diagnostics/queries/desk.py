"""What a collection site has to do: people who wait, labels, its specimens and rapid tests."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db.models import (
    Case,
    Count,
    Exists,
    F,
    IntegerField,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.utils.timezone import localtime

from kolaborasi.diagnostics.models import AntigenTest, Booking, Label, Order, Specimen
from kolaborasi.diagnostics.queries.specimens import URGENT_FIRST, labels_left, specimens, waiting_at
from kolaborasi.diagnostics.queries.testing import antigen_tests, orders_waiting
from kolaborasi.diagnostics.states import OrderState
from kolaborasi.partners.models import Site
from kolaborasi.people.queries import find_by_nik

BOOKED = ("held", "confirmed")


def people_waiting(site: Site, now: datetime) -> QuerySet[Order]:
    """Orders of a site that wait for a swab with the booked time as `booked_at`.

    In the order of their turn: booked for today or missed, by time; without a booking, by urgency; booked for later.
    """
    tomorrow = _day_of(now) + timedelta(days=1)
    booked = Booking.objects.filter(order=OuterRef("pk"), state__in=BOOKED).values("slot__starts_at")[:1]
    return (
        orders_waiting(site)
        .annotate(booked_at=Subquery(booked))
        .annotate(
            turn=Case(
                When(booked_at__lt=tomorrow, then=Value(0)),
                When(booked_at__isnull=True, then=Value(1)),
                default=Value(2),
                output_field=IntegerField(),
            )
        )
        .order_by("turn", F("booked_at").asc(nulls_last=True), URGENT_FIRST, "ordered_at", "pk")
    )


def _day_of(now: datetime) -> datetime:
    return localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)


def on_day_of(now: datetime) -> Q:
    """Booked for the day of a moment, in the city's time."""
    begins = _day_of(now)
    return Q(booked_at__gte=begins, booked_at__lt=begins + timedelta(days=1))


def order_waiting_of(site: Site, nik: str) -> Order | None:
    """The order of the person of a NIK that waits at a site; None also for a text that is no NIK."""
    person = find_by_nik(nik)
    return orders_waiting(site).filter(person=person).first() if person else None


def desk_numbers(site: Site, now: datetime) -> dict[str, int]:
    """How many people are booked today, how many wait in all, specimens for the courier, labels left."""
    waiting = people_waiting(site, now)
    return {
        "today": waiting.filter(on_day_of(now)).count(),
        "waiting": waiting.order_by().count(),
        "courier": waiting_at(site).order_by().count(),
        "labels": labels_left(site).order_by().count(),
    }


def label_batches(site: Site) -> QuerySet[Any, Any]:
    """Labels on no specimen yet by when they were issued: `issued_at`, `first` (key of the first) and `left`."""
    rows = labels_left(site).order_by().values("issued_at")
    return rows.annotate(left=Count("pk"), first=Min("pk")).order_by("-issued_at")


def batch_of(site: Site, first: int) -> list[str]:
    """Barcodes that are on no specimen yet, of those issued together with a label of the site."""
    issued = Label.objects.filter(site=site, pk=first).values("issued_at")
    return list(labels_left(site).filter(issued_at__in=issued).values_list("barcode", flat=True))


def specimens_of_site(site: Site) -> QuerySet[Specimen]:
    """Specimens taken at a site, the newest first."""
    return specimens().filter(site=site).order_by("-collected_at", "-pk")


def antigen_tests_of(site: Site) -> QuerySet[AntigenTest]:
    """Rapid tests of a site with whether PCR was asked for as `asked`, the newest first."""
    asked = Order.objects.filter(confirms=OuterRef("pk")).exclude(state=OrderState.CANCELLED)
    return antigen_tests().filter(site=site).annotate(asked=Exists(asked))


def antigen_test(pk: int) -> AntigenTest | None:
    """One rapid test with its site and person."""
    return antigen_tests().select_related("person", "residence").filter(pk=pk).first()
