"""Where doses are, which to use first, and everybody who had a dose of a lot."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import Exists, F, OuterRef, QuerySet, Sum
from django.db.models.functions import Coalesce

from kolaborasi.stock.models import INSIDE, Balance, Location, LocationKind, Movement
from kolaborasi.vaccination.models import Dose, Product, Quarantine, VaccineLot, Vial
from kolaborasi.vaccination.states import DoseState, LotState


@dataclass(frozen=True)
class LotDose:
    """A dose of a lot that somebody got."""

    dose_id: int
    recipient_id: UUID
    given_at: datetime
    site_id: int | None
    session_id: int | None


def products() -> QuerySet[Product]:
    """Every product of the reference data."""
    return Product.objects.order_by("code")


def location_by_id(pk: int) -> Location | None:
    """A place that keeps doses, or None for transit and everything outside."""
    kinds = [LocationKind.SITE, LocationKind.POINT]
    return Location.objects.filter(pk=pk, kind__in=kinds).select_related("site__place").first()


def lots() -> QuerySet[VaccineLot]:
    """Every lot with its product, stock lot and owner, first expiry first."""
    return VaccineLot.objects.select_related("lot", "product", "owner").order_by(
        "lot__expires_date", "lot__code"
    )


def doses_of_lot(lot: VaccineLot) -> list[LotDose]:
    """Every dose of a lot with its person and place, in one statement: whom a recall must reach.

    A dose moved to the right person by a correction appears once, under that person.
    """
    rows = Dose.objects.filter(lot=lot, state=DoseState.GIVEN).order_by("given_at", "id")
    values = rows.values_list("id", "recipient_id", "given_at", "site_id", "session_id")
    return [LotDose(*row) for row in values]


def where_lot_is(lot: VaccineLot) -> QuerySet[Balance]:
    """Every place that has doses of a lot or waits for some, with the place's site or session."""
    return (
        Balance.objects.filter(lot=lot.pk, reported__gt=0, location__kind__in=INSIDE)
        .select_related("location__site", "location__session__site")
        .order_by("location__name")
    )


def stock_everywhere(product: str = "") -> QuerySet[Balance]:
    """Doses by lot and place in the whole network, what expires first first.

    Args:
        product: code; all of them when empty.
    """
    found = Balance.objects.filter(lot__vaccine__isnull=False, location__kind__in=INSIDE, reported__gt=0)
    if product:
        found = found.filter(lot__vaccine__product__code=product)
    return found.select_related("lot__vaccine__product", "location").order_by("lot__expires_date", "pk")


def balances_of(location: Location) -> QuerySet[Balance]:
    """What a place has, by lot, first expiry first."""
    return (
        Balance.objects.filter(location=location, lot__vaccine__isnull=False, reported__gt=0)
        .select_related("lot__vaccine__product", "lot__vaccine__owner")
        .order_by("lot__expires_date", "pk")
    )


def fefo(location: Location, product: Product, day: date) -> QuerySet[Balance]:
    """Lots of a product that may be given there on a day, first expiry first, with doses on hand."""
    there = Balance.objects.filter(location=location, on_hand__gt=0, lot__vaccine__product=product)
    found = may_be_given(there, day).select_related("lot__vaccine__product")
    return found.order_by("lot__expires_date", "pk")


def may_be_given(balances: QuerySet[Balance], day: date | F) -> QuerySet[Balance]:
    """Those balances whose doses may be given on a day: not expired, thawed too long, recalled, or set apart.

    Args:
        day: or the field that has it, such as the date of the session they are at.
    """
    apart = Quarantine.objects.filter(
        lot=OuterRef("lot_id"), location=OuterRef("location_id"), closed_at__isnull=True
    )
    return (
        balances.filter(lot__vaccine__state=LotState.RELEASED, lot__expires_date__gt=day)
        .exclude(lot__vaccine__thawed_until_date__lte=day)
        .exclude(lot__vaccine__vvm_stage__gte=3)
        .exclude(Exists(apart))
    )


def doses_to_give(location: Location, day: date) -> tuple[int, int]:
    """Doses at a place that may be given on a day: those on hand, and those with what surely arrives."""
    sums = may_be_given(Balance.objects.filter(location=location), day).aggregate(
        here=Coalesce(Sum("on_hand"), 0), all=Coalesce(Sum("reported"), 0)
    )
    return sums["here"], sums["all"]


def quarantines() -> QuerySet[Quarantine]:
    """Doses that wait for a decision, longest first."""
    return (
        Quarantine.objects.filter(closed_at__isnull=True)
        .select_related("lot__lot", "lot__product", "location")
        .order_by("opened_at")
    )


def overdue_vials(now: datetime) -> QuerySet[Vial]:
    """Opened vials whose clock has run out."""
    return (
        Vial.objects.filter(closed_at__isnull=True, discard_at__lte=now)
        .select_related("lot__lot", "session__site__place")
        .annotate(left=F("doses") - F("given") - F("wasted"))
        .order_by("discard_at")
    )


def movements_of_lot(lot: VaccineLot) -> Iterator[Movement]:
    """Every movement of a lot, oldest first: its whole history from the supplier on."""
    return (
        Movement.objects.filter(lot=lot.pk).select_related("source", "target").order_by("at", "pk").iterator()
    )
