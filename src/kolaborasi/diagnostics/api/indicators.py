"""Counts of the testing network as JSON: public, small counts hidden."""

from __future__ import annotations

import datetime as dt

from django.http import HttpRequest
from django.utils.timezone import localdate
from ninja import Query, Router, Schema
from pydantic import Field

from kolaborasi.common.clock import utc_now
from kolaborasi.diagnostics import queries
from kolaborasi.diagnostics.api.schemas.bench import (
    DayPositivityOut,
    KelurahanCount,
    KelurahanCounts,
    LabLoadList,
    LabLoadOut,
    LateList,
    LateOut,
    PositivityOut,
    TestingRateOut,
    WaitingList,
    WaitingOut,
)
from kolaborasi.diagnostics.queries import DateOf
from kolaborasi.diagnostics.queries.indicators import population
from kolaborasi.diagnostics.rules.counts import suppressed

router = Router()
FIRST_DAY, LAST_DAY = dt.date(2000, 1, 1), dt.date(2100, 1, 1)
CITY = "31"
MOST_DAYS = 400


class PeriodQuery(Schema):
    """Which days: some before `until`, not included."""

    until: dt.date | None = Field(None, ge=FIRST_DAY, le=LAST_DAY, description="Tomorrow when absent.")
    days: int = Field(14, ge=1, le=MOST_DAYS)

    def period(self) -> tuple[dt.date, dt.date]:
        """First day and the day after the last."""
        until = self.until or localdate() + dt.timedelta(days=1)
        return until - dt.timedelta(days=self.days), until


class PositivityQuery(PeriodQuery):
    """Which days, and which day counts."""

    by: DateOf = Field(DateOf.COLLECTION, description="Day of collection or day of report; never mixed.")


class UntilQuery(Schema):
    """Which week."""

    until: dt.date | None = Field(None, ge=FIRST_DAY, le=LAST_DAY, description="Tomorrow when absent.")


@router.get("/indicators/testing-rate", response=TestingRateOut, summary="Read persons tested per 1,000")
def get_testing_rate(request: HttpRequest, asked: Query[UntilQuery]) -> TestingRateOut:
    """Persons of the seven days before a day, against the WHO's one per 1,000 and week."""
    until = asked.until or localdate() + dt.timedelta(days=1)
    rate = queries.persons_tested(until, population=population(CITY))
    return TestingRateOut(
        until=rate.until,
        persons=rate.persons,
        specimens=rate.specimens,
        population=rate.population,
        per_1000=None if rate.per_1000 is None else round(rate.per_1000, 4),
        times_yardstick=None if rate.times_yardstick is None else round(rate.times_yardstick, 4),
    )


@router.get("/indicators/positivity", response=PositivityOut, summary="Read positivity by day")
def get_positivity(request: HttpRequest, asked: Query[PositivityQuery]) -> PositivityOut:
    """By day of collection or by day of report."""
    found = queries.positivity(*asked.period(), asked.by)
    hidden = suppressed({each.date: each.positive for each in found})
    return PositivityOut(
        by=asked.by,
        days=[
            DayPositivityOut.of(each, hidden=each.positive > 0 and hidden[each.date] is None)
            for each in found
        ],
    )


@router.get("/indicators/labs", response=LabLoadList, summary="Read how each lab is doing")
def get_lab_load(request: HttpRequest, asked: Query[PeriodQuery]) -> LabLoadList:
    """Turnaround and use of the period, backlog of now, and the share partners read."""
    first, until = asked.period()
    turnaround = {each.lab_id: each for each in queries.turnaround(first, until)}
    use = {each.lab_id: each for each in queries.capacity_used(first, until)}
    share = queries.partner_share(first, until)
    return LabLoadList(
        items=[
            LabLoadOut.of(each, turnaround.get(each.lab_id), use.get(each.lab_id))
            for each in queries.backlog(utc_now())
        ],
        partner_share=None if share is None else round(share, 4),
        results_by_kind=queries.results_by_kind(first, until),
    )


@router.get("/indicators/kelurahan", response=KelurahanCounts, summary="Read positives by kelurahan")
def get_positives_by_kelurahan(request: HttpRequest, asked: Query[PeriodQuery]) -> KelurahanCounts:
    """Persons by residence and day of collection; small counts are hidden."""
    found = queries.positives_by_kelurahan(*asked.period(), below=CITY)
    return KelurahanCounts(
        items=[KelurahanCount(code=code, positive=number) for code, number in sorted(found.items())]
    )


@router.get("/indicators/late", response=LateList, summary="Read how many results are late")
def get_late_results(request: HttpRequest) -> LateList:
    """The alarm: specimens whose result should be there and is not, by lab."""
    return LateList(
        items=[
            LateOut(lab=row["lab"], name=row["lab__site__name"], late=row["late"], oldest_at=row["oldest"])
            for row in queries.late_by_lab(utc_now())
        ]
    )


@router.get("/indicators/waiting", response=WaitingList, summary="Read what waits at testing sites")
def get_waiting_at_sites(request: HttpRequest) -> WaitingList:
    """Specimens without a lab, the site with the oldest swab first."""
    return WaitingList(
        items=[
            WaitingOut(
                site=row["site"], name=row["site__name"], waiting=row["waiting"], oldest_at=row["oldest"]
            )
            for row in queries.waiting_at_sites()
        ]
    )
