"""What the public page of the testing network shows: counts only, small ones hidden, never a person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Sum

from kolaborasi.diagnostics.queries.indicators import (
    DateOf,
    backlog,
    capacity_used,
    persons_tested,
    positives_by_kelurahan,
    positivity,
    results_by_kind,
    turnaround,
)
from kolaborasi.diagnostics.rules.counts import SMALLEST_SHOWN, share, suppressed
from kolaborasi.places.queries import figure_dates, figures, places_of_kind
from kolaborasi.places.rules import Kind

POPULATION = "population.total"
WEEK = timedelta(days=7)


@dataclass(frozen=True)
class WeekTested:
    """Persons tested in seven days; None when there are so few that they are hidden."""

    until: date
    persons: int | None
    specimens: int | None
    per_1000: float | None

    @property
    def last(self) -> date:
        """The last day counted."""
        return self.until - timedelta(days=1)


@dataclass(frozen=True)
class DayShare:
    """Results and positives of a day; None when there are so few that they are hidden."""

    date: date
    results: int | None
    positive: int | None
    positivity: float | None


@dataclass(frozen=True)
class LabTimes:
    """Hours from swab to validated result of a lab; None when there are too few results."""

    name: str
    kind: str
    results: int | None
    median: float | None
    p95: float | None
    slowest: float | None


@dataclass(frozen=True)
class LabBacklog:
    """What waits in a lab, and the age of the oldest in hours."""

    name: str
    kind: str
    waiting: int | None
    oldest_hours: float | None


@dataclass(frozen=True)
class LabUse:
    """What a lab offered and took in."""

    name: str
    kind: str
    offered: int
    used: int
    share_used: float | None


@dataclass(frozen=True)
class KindShare:
    """Results by who stands behind the lab."""

    kind: str
    results: int | None
    share: float | None


@dataclass(frozen=True)
class KelurahanPositive:
    """Persons with a positive result who live in a kelurahan; None when they are few."""

    name: str
    code: str
    persons: int | None


def population() -> tuple[int, date | None]:
    """Inhabitants by the newest published figures, summed over kelurahan, and their date; 0 without any."""
    dates = figure_dates(POPULATION)
    if not dates:
        return 0, None
    # Several sources may publish one date: the first by name is taken, never their sum.
    found = figures(POPULATION, dates[0])
    source = found.values_list("source", flat=True).order_by("source").first()
    return found.filter(source=source).aggregate(n=Sum("value"))["n"] or 0, dates[0]


def weeks_tested(until: date, inhabitants: int, weeks: int = 8) -> list[WeekTested]:
    """Weeks of seven days that end before a day, the oldest first."""
    found = [
        persons_tested(until - WEEK * number, population=inhabitants) for number in reversed(range(weeks))
    ]
    return [
        WeekTested(
            each.until,
            shown(each.persons),
            shown(each.specimens),
            each.per_1000 if shown(each.persons) is not None else None,
        )
        for each in found
    ]


def days_positive(first: date, last: date, by: DateOf) -> list[DayShare]:
    """Positivity of each day; a share is hidden with either of its counts, since it would tell it."""
    rows = positivity(first, last, by)
    positives = suppressed({row.date: row.positive for row in rows})
    return [
        DayShare(
            row.date,
            shown(row.results),
            positives[row.date] if shown(row.results) is not None else None,
            row.positivity if shown(row.results) is not None and positives[row.date] is not None else None,
        )
        for row in rows
    ]


def lab_times(first: date, last: date) -> list[LabTimes]:
    """Turnaround by lab, the slowest first."""
    return [
        LabTimes(each.name, each.kind, each.results, each.median, each.p95, each.slowest)
        if each.results >= SMALLEST_SHOWN
        else LabTimes(each.name, each.kind, None, None, None, None)
        for each in turnaround(first, last)
    ]


def lab_backlog(now: datetime) -> list[LabBacklog]:
    """Backlog by lab, the oldest first."""
    return [LabBacklog(each.name, each.kind, shown(each.waiting), each.oldest_hours) for each in backlog(now)]


def lab_use(first: date, last: date) -> list[LabUse]:
    """Use of what was offered, the largest offer first."""
    return [
        LabUse(each.name, each.kind, each.offered, each.used, each.share_used)
        for each in capacity_used(first, last)
    ]


def kind_shares(first: date, last: date) -> list[KindShare]:
    """Share of results by who stands behind the lab; the government's own beside everybody else."""
    counted = results_by_kind(first, last)
    whole, shown_counts = sum(counted.values()), suppressed(counted)
    return [
        KindShare(kind, shown_counts[kind], share(number, whole) if shown_counts[kind] is not None else None)
        for kind, number in counted.items()
    ]


def kelurahan_positive(first: date, last: date) -> list[KelurahanPositive]:
    """Persons with a positive result by kelurahan of residence and day of collection, by code; small ones hidden."""
    found: dict[str, int | None] = {}
    for province in places_of_kind(Kind.PROVINCE):
        found |= positives_by_kelurahan(first, last, below=province.code)
    places = {each.code: each for each in places_of_kind(Kind.KELURAHAN).filter(code__in=found)}
    return [
        KelurahanPositive(places[code].name, code, persons)
        for code, persons in sorted(found.items())
        if code in places
    ]


def shown(count: int) -> int | None:
    """A count, or None when it is small enough to point at somebody."""
    return count if count == 0 or count >= SMALLEST_SHOWN else None
