"""Indicators of the testing network: counts only.

A person tested is counted by the day the swab was taken; positivity is asked for either by day of collection or by day
of report, and no answer mixes the two. Antigen tests are never counted here.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Any

from django.db.models import (
    Aggregate,
    Count,
    DurationField,
    ExpressionWrapper,
    F,
    FloatField,
    Max,
    Min,
    Q,
    QuerySet,
    Sum,
    Value,
)
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce, Extract, Substr, TruncDate
from django.utils.timezone import get_default_timezone, make_aware

from kolaborasi.diagnostics.models import LabDay, LabKind, Result, Specimen
from kolaborasi.diagnostics.queries.capacity import lab_days, labs
from kolaborasi.diagnostics.rules.assays import Outcome
from kolaborasi.diagnostics.rules.counts import WHO_TESTS_PER_1000_WEEK, per_1000_week, share, suppressed
from kolaborasi.diagnostics.states import READ, UNREAD, ResultState, SpecimenState
from kolaborasi.places.models import Figure

WEEK = timedelta(days=7)
KELURAHAN = 13
"""Length of a kelurahan's code."""


class DateOf(StrEnum):
    """Which day a result belongs to."""

    COLLECTION = "collection"
    REPORT = "report"


@dataclass(frozen=True)
class DayPositivity:
    """Results of a day; `positivity` is None without any."""

    date: date
    results: int
    positive: int

    @property
    def positivity(self) -> float | None:
        """Share of positives, 0 to 1."""
        return share(self.positive, self.results)


@dataclass(frozen=True)
class Testing:
    """Persons tested in seven days against the yardstick.

    Args:
        until: the day after the last one counted.
        per_1000: persons per 1,000 inhabitants and week.
        times_yardstick: how often that is the WHO's 1 per 1,000.
    """

    until: date
    persons: int
    specimens: int
    population: int
    per_1000: float | None
    times_yardstick: float | None


@dataclass(frozen=True)
class Turnaround:
    """Hours from swab to validated result of a lab: quantiles over `results` results."""

    lab_id: int
    name: str
    kind: str
    results: int
    median: float
    p95: float
    slowest: float


@dataclass(frozen=True)
class Backlog:
    """What waits in a lab or is on its way to it; hours of the oldest are counted from the swab."""

    lab_id: int
    name: str
    kind: str
    waiting: int
    oldest_at: datetime | None
    oldest_hours: float | None


@dataclass(frozen=True)
class Use:
    """A lab's offer of a period: offered, promised, taken in."""

    lab_id: int
    name: str
    kind: str
    offered: int
    committed: int
    used: int

    @property
    def share_used(self) -> float | None:
        """Specimens taken in over specimens offered."""
        return share(self.used, self.offered)


class Percentile(Aggregate):
    """PostgreSQL's `percentile_cont(share) WITHIN GROUP (ORDER BY …)`."""

    function = "PERCENTILE_CONT"
    name = "percentile"
    output_field = FloatField()
    template = "%(function)s(%(share)s) WITHIN GROUP (ORDER BY %(expressions)s)"

    def __init__(self, expression: Combinable, share: float, **extra: Any) -> None:
        super().__init__(expression, share=float(share), **extra)


def persons_tested(until: date, *, population: int, below: str | None = None) -> Testing:
    """Persons and specimens of the seven days before a day, by day of collection.

    Args:
        population: of the area, from published figures.
        below: code of the area of residence; None for everybody tested here.
    """
    found = _in_area(Specimen.objects.filter(**_between("collected_at", until - WEEK, until)), below)
    numbers = found.aggregate(persons=Count("order__person", distinct=True), specimens=Count("pk"))
    rate = per_1000_week(numbers["persons"], population)
    times = None if rate is None else rate / WHO_TESTS_PER_1000_WEEK
    return Testing(until, numbers["persons"], numbers["specimens"], population, rate, times)


def population(below: str) -> int:
    """Inhabitants of an area by the newest published figures of its kelurahan; 0 when there are none."""
    found = Figure.objects.filter(series="population.total", place__code__startswith=f"{below}.")
    newest = found.aggregate(date=Max("date"))["date"]
    return int(found.filter(date=newest).aggregate(n=Coalesce(Sum("value"), 0))["n"])


def positivity(first: date, last: date, by: DateOf, *, below: str | None = None) -> list[DayPositivity]:
    """Results that count, and positives among them, for each day from `first` to `last`, not included.

    Args:
        by: the one day that decides for every row: of collection or of report (validation).
        below: code of the area of residence.
    """
    column = {"collection": "specimen__collected_at", "report": "validated_at"}[by]
    found = _in_area(
        Result.objects.filter(state=ResultState.VALIDATED, **_between(column, first, last)),
        below,
        "specimen__order__residence__code",
    )
    rows = (
        found.annotate(day=TruncDate(column))
        .values("day")
        .annotate(results=Count("pk"), positive=Count("pk", filter=Q(outcome=Outcome.POSITIVE)))
    )
    counted = {row["day"]: (row["results"], row["positive"]) for row in rows}
    days = [first + timedelta(days=number) for number in range((last - first).days)]
    return [DayPositivity(day, *counted.get(day, (0, 0))) for day in days]


def turnaround(first: date, last: date) -> list[Turnaround]:
    """Distribution of hours from swab to validation by lab, for results validated in the period; slowest first."""
    hours = Extract(_duration("validated_at", "collected_at"), "epoch", output_field=FloatField()) / Value(
        3600.0
    )
    rows = (
        Specimen.objects.filter(state__in=READ, **_between("validated_at", first, last))
        .annotate(hours=ExpressionWrapper(hours, output_field=FloatField()))
        .values("lab")
        .annotate(read=Count("pk"), median=Percentile(F("hours"), 0.5), p95=Percentile(F("hours"), 0.95))
        .annotate(slowest=Percentile(F("hours"), 1.0))
    )
    names = _names()
    found = [
        Turnaround(row["lab"], *names[row["lab"]], row["read"], row["median"], row["p95"], row["slowest"])
        for row in rows
    ]
    return sorted(found, key=lambda each: (-each.median, each.lab_id))


def backlog(now: datetime) -> list[Backlog]:
    """What every lab has to read: inside it, and on the way to it; the oldest first."""
    waiting: dict[int, tuple[int, datetime | None]] = defaultdict(lambda: (0, None))
    inside = Q(state__in=[SpecimenState.RECEIVED, SpecimenState.RUNNING])
    for column, condition in (("lab", inside), ("consignment__lab", Q(state=SpecimenState.IN_TRANSIT))):
        rows = (
            Specimen.objects.filter(condition).values(column).annotate(n=Count("pk"), o=Min("collected_at"))
        )
        for row in rows:
            number, oldest = waiting[row[column]]
            waiting[row[column]] = (number + row["n"], min(filter(None, [oldest, row["o"]])))
    found = []
    for lab, (name, kind) in _names().items():
        number, oldest = waiting[lab]
        hours = (now - oldest).total_seconds() / 3600 if oldest else None
        found.append(Backlog(lab, name, kind, number, oldest, hours))
    return sorted(found, key=lambda each: (each.oldest_at is None, each.oldest_at, each.lab_id))


def waiting_at_sites() -> list[dict[str, Any]]:
    """Specimens without a lab, by collection site: number and the oldest swab."""
    rows = Specimen.objects.filter(state=SpecimenState.COLLECTED).values("site", "site__name")
    counted = rows.annotate(waiting=Count("pk"), oldest=Min("collected_at")).order_by("oldest")
    return [dict(row) for row in counted]


def results_by_kind(first: date, last: date) -> dict[str, int]:
    """Results validated in a period by who stands behind the lab: not only the city's own labs."""
    counted: dict[str, int] = {kind.value: 0 for kind in LabKind}
    kinds = {lab: kind for lab, (_name, kind) in _names().items()}
    rows = Result.objects.filter(state=ResultState.VALIDATED, **_between("validated_at", first, last))
    for lab, number in rows.order_by().values_list("lab").annotate(n=Count("pk")):
        counted[kinds[lab]] += number
    return counted


def partner_share(first: date, last: date) -> float | None:
    """Share of results that partners' labs read, the government's own left out; None of nothing."""
    counted = results_by_kind(first, last)
    whole = sum(counted.values())
    return share(whole - counted[LabKind.GOVERNMENT], whole)


def capacity_used(first: date, last: date) -> list[Use]:
    """Specimens offered, promised and taken in by lab over a period, the largest offer first."""
    rows = (
        LabDay.objects.filter(date__gte=first, date__lt=last)
        .order_by()
        .values("lab")
        .annotate(offered=Sum("reported"), promised=Sum("committed"), used=Sum("delivered"))
    )
    names = _names()
    found = [
        Use(row["lab"], *names[row["lab"]], row["offered"], row["promised"], row["used"]) for row in rows
    ]
    return sorted(found, key=lambda each: (-each.offered, each.lab_id))


def offered_by_day(first: date, last: date) -> dict[date, int]:
    """What the network offers each day."""
    rows = lab_days(first, last).order_by("date").values_list("date").annotate(n=Coalesce(Sum("reported"), 0))
    return dict(rows)


def positives_by_kelurahan(first: date, last: date, *, below: str) -> dict[str, int | None]:
    """Positive persons by kelurahan of residence and day of collection; small counts are hidden (None)."""
    rows = (
        _in_area(
            Result.objects.filter(
                state=ResultState.VALIDATED,
                outcome=Outcome.POSITIVE,
                **_between("specimen__collected_at", first, last),
            ),
            below,
            "specimen__order__residence__code",
        )
        .order_by()
        .annotate(kelurahan=Substr("specimen__order__residence__code", 1, KELURAHAN))
        .values_list("kelurahan")
        .annotate(n=Count("specimen__order__person", distinct=True))
    )
    return suppressed(dict(rows))


def unread() -> int:
    """Specimens of the whole network without a result."""
    return Specimen.objects.filter(state__in=UNREAD).count()


def _names() -> dict[int, tuple[str, str]]:
    return {lab.pk: (lab.site.name, lab.kind.value) for lab in labs()}


def _duration(end: str, start: str) -> ExpressionWrapper[Any]:
    return ExpressionWrapper(F(end) - F(start), output_field=DurationField())


def _between(column: str, first: date, last: date) -> dict[str, datetime]:
    """Days of the city's own clock."""
    zone = get_default_timezone()
    start, end = (make_aware(datetime.combine(day, time()), zone) for day in (first, last))
    return {f"{column}__gte": start, f"{column}__lt": end}


def _in_area(found: QuerySet, below: str | None, column: str = "order__residence__code") -> QuerySet:  # type: ignore[type-arg]
    if below is None:
        return found
    inside = Q(**{column: below}) | Q(**{f"{column}__startswith": f"{below}."})
    return found.filter(inside | Q(**{f"{column}__startswith": f"{below}/"}))
