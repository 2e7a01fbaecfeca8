"""What the page of a lab's manager and the health office's list of labs show."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import QuerySet

from kolaborasi.common.actors import Actor
from kolaborasi.diagnostics.models import Assay, Lab, LabDay, Machine, Shift
from kolaborasi.diagnostics.queries.capacity import capacity_of_days, labs
from kolaborasi.diagnostics.queries.indicators import backlog, capacity_used, turnaround
from kolaborasi.diagnostics.queries.work import partner_ids
from kolaborasi.diagnostics.rules.capacity import DayCapacity
from kolaborasi.partners.models import Site, SiteKind
from kolaborasi.stock.models import Balance, Item

WEEK = timedelta(days=7)


@dataclass(frozen=True)
class OfferedDay:
    """A day of a lab: what it can do and why not more, what it offers, what is promised and taken in."""

    date: date
    capacity: DayCapacity
    offer: LabDay | None


def offered_days(lab: Lab, first: date, days: int = 7) -> list[OfferedDay]:
    """The days to come of a lab."""
    dates = [first + timedelta(days=number) for number in range(days)]
    derived = capacity_of_days(lab, dates)
    offers = {each.date: each for each in LabDay.objects.filter(lab=lab, date__in=dates)}
    return [OfferedDay(day, derived[day], offers.get(day)) for day in dates]


def kits_on_hand(lab: Lab) -> QuerySet[Balance]:
    """Every lot of test kits in a lab, expired ones too, the first to expire first."""
    found = Balance.objects.filter(
        location__site__lab=lab, on_hand__gt=0, lot__item__in=Assay.objects.values("kit")
    )
    return found.select_related("lot__item").order_by("lot__expires_date", "pk")


def kit_items() -> QuerySet[Item]:
    """Kits a lab can receive: those some assay is read with."""
    return Item.objects.filter(pk__in=Assay.objects.values("kit")).order_by("name", "pk")


def machine(lab: Lab, pk: int) -> Machine | None:
    """One machine of a lab."""
    return Machine.objects.filter(lab=lab, pk=pk).select_related("lab__site__place").first()


def shifts(lab: Lab) -> QuerySet[Shift]:
    """Shifts of a lab by weekday and beginning."""
    return Shift.objects.filter(lab=lab).order_by("weekday", "starts_minute")


def sites_without_lab(actor: Actor) -> QuerySet[Site]:
    """Open sites of the actor's partners that could join as a lab."""
    found = Site.objects.filter(
        partner__in=partner_ids(actor),
        kind__in=(SiteKind.LAB, SiteKind.HOSPITAL),
        closed_date__isnull=True,
        lab__isnull=True,
    )
    return found.select_related("place", "partner").order_by("name", "pk")


@dataclass(frozen=True)
class LabRow:
    """A lab as the health office sees it; numbers are None where there is nothing to tell.

    Args:
        waiting: specimens inside and on their way; `oldest_at` is the oldest swab among them.
        median, p95: hours from swab to validation over the results of the last seven days.
        offered, used: specimens of the last seven days and today.
    """

    lab: Lab
    waiting: int
    oldest_at: datetime | None
    results: int
    median: float | None
    p95: float | None
    offered: int
    used: int

    @property
    def pk(self) -> int:
        """The lab's key."""
        return self.lab.pk

    @property
    def share_used(self) -> float | None:
        """Specimens taken in over specimens offered."""
        return self.used / self.offered if self.offered else None


def lab_rows(now: datetime, today: date) -> list[LabRow]:
    """Every lab with backlog, turnaround and use, by name; a fixed number of statements."""
    first, last = today - WEEK + timedelta(days=1), today + timedelta(days=1)
    waits = {each.lab_id: each for each in backlog(now)}
    times = {each.lab_id: each for each in turnaround(first, last)}
    used = {each.lab_id: each for each in capacity_used(first, last)}
    rows = []
    for lab in labs().order_by("site__name", "pk"):
        wait, took, use = waits.get(lab.pk), times.get(lab.pk), used.get(lab.pk)
        rows.append(
            LabRow(
                lab=lab,
                waiting=wait.waiting if wait else 0,
                oldest_at=wait.oldest_at if wait else None,
                results=took.results if took else 0,
                median=took.median if took else None,
                p95=took.p95 if took else None,
                offered=use.offered if use else 0,
                used=use.used if use else 0,
            )
        )
    return rows


def seen_labs(rows: list[LabRow], codes: list[str | None]) -> list[LabRow]:
    """Those in the areas of an official; None is the whole city."""
    if None in codes:
        return rows

    def inside(code: str) -> bool:
        return any(code == each or code.startswith(f"{each}.") for each in codes if each)

    return [row for row in rows if inside(row.lab.site.place.code)]
