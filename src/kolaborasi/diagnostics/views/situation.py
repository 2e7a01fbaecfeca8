"""The testing network in numbers, for everybody: tables, charts and files of the same counts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from kolaborasi.common import clock
from kolaborasi.common.errors import NotFound
from kolaborasi.common.pages import Column
from kolaborasi.common.pages.export import csv_response
from kolaborasi.diagnostics.charts import Chart, Point, chart
from kolaborasi.diagnostics.models import LabKind
from kolaborasi.diagnostics.queries import DateOf, partner_share
from kolaborasi.diagnostics.queries import situation as counts
from kolaborasi.diagnostics.rules.counts import SMALLEST_SHOWN, WHO_TESTS_PER_1000_WEEK

DAYS = 28
RECENT = 7
SHORT = 12


def _kind(row: Any) -> str:
    return str(LabKind(row.kind).label)


LAB = (Column("lab", _("Lab"), "name"), Column("kind", _("Kind"), _kind))
SHARES = (
    Column("date", _("Day")),
    Column("results", _("Results"), numeric=True),
    Column("positive", _("Positive"), numeric=True),
    Column("positivity", _("Positivity"), numeric=True),
)


@dataclass(frozen=True)
class Table:
    """One table of counts; its file has the same rows.

    Args:
        asks: the rows for a day, today not included in sums over days.
        draws: values of the chart by day, when it has one.
        guide: yardstick of the chart.
        ratio: columns that are shares.
        hours: columns in hours.
    """

    name: str
    title: str | Promise
    about: str | Promise
    columns: Sequence[Column]
    asks: Callable[[date], Sequence[Any]]
    draws: Callable[[Any], Point] | None = None
    guide: float | None = None
    ratio: tuple[str, ...] = ()
    hours: tuple[str, ...] = ()

    def chart(self, rows: Sequence[Any]) -> Chart | None:
        """The drawing of its rows."""
        return chart([self.draws(row) for row in rows], guide=self.guide) if self.draws else None


def _positivity(by: DateOf) -> Callable[[date], Sequence[Any]]:
    return lambda today: counts.days_positive(today - timedelta(days=DAYS), today, by)


def _recent(ask: Callable[[date, date], Sequence[Any]]) -> Callable[[date], Sequence[Any]]:
    return lambda today: ask(today - timedelta(days=RECENT), today)


TABLES = (
    Table(
        "tested",
        _("Persons tested per 1,000 inhabitants and week"),
        _(
            "By the day the swab was taken; a person counts once a week. The dashed line is the WHO's yardstick of 1."
        ),
        (
            Column("until", _("Week to"), "last"),
            Column("persons", _("Persons"), numeric=True),
            Column("specimens", _("Specimens"), numeric=True),
            Column("per_1000", _("Per 1,000"), numeric=True),
        ),
        lambda today: counts.weeks_tested(today, counts.population()[0]),
        lambda row: Point(row.last, row.per_1000),
        guide=WHO_TESTS_PER_1000_WEEK,
    ),
    Table(
        "positivity-collection",
        _("Positivity by day of collection"),
        _(
            "Each result belongs to the day its swab was taken. The last days are not complete: their swabs are still being read."
        ),
        SHARES,
        _positivity(DateOf.COLLECTION),
        lambda row: Point(row.date, row.positivity),
        ratio=("positivity",),
    ),
    Table(
        "positivity-report",
        _("Positivity by day of report"),
        _(
            "Each result belongs to the day it was validated. Late reports make peaks here that are none of the epidemic."
        ),
        SHARES,
        _positivity(DateOf.REPORT),
        lambda row: Point(row.date, row.positivity),
        ratio=("positivity",),
    ),
    Table(
        "turnaround",
        _("Hours from swab to validated result, by lab"),
        _("Results of the last seven days."),
        (
            *LAB,
            Column("results", _("Results"), numeric=True),
            Column("median", _("Median"), numeric=True),
            Column("p95", _("95th percentile"), numeric=True),
            Column("slowest", _("Slowest"), numeric=True),
        ),
        _recent(counts.lab_times),
        hours=("median", "p95", "slowest"),
    ),
    Table(
        "backlog",
        _("Backlog by lab, now"),
        _(
            "Specimens inside a lab or on their way to it that have no result, and how long ago the oldest was taken."
        ),
        (
            *LAB,
            Column("waiting", _("Specimens"), numeric=True),
            Column("oldest_hours", _("Oldest, hours"), numeric=True),
        ),
        lambda _today: counts.lab_backlog(clock.utc_now()),
        hours=("oldest_hours",),
    ),
    Table(
        "kinds",
        _("Who tested"),
        _("Results of the last seven days by who stands behind the lab: not only the city's own."),
        (
            Column("kind", _("Kind"), _kind),
            Column("results", _("Results"), numeric=True),
            Column("share", _("Share"), numeric=True),
        ),
        _recent(counts.kind_shares),
        ratio=("share",),
    ),
    Table(
        "capacity",
        _("Capacity used, by lab"),
        _(
            "Specimens that labs offered to read for the network in the last seven days, and those they took in."
        ),
        (
            *LAB,
            Column("offered", _("Offered"), numeric=True),
            Column("used", _("Taken in"), numeric=True),
            Column("share_used", _("Used"), numeric=True),
        ),
        _recent(counts.lab_use),
        ratio=("share_used",),
    ),
    Table(
        "kelurahan",
        _("Positive persons by kelurahan"),
        _("By place of residence, for swabs of the last fourteen days. Kelurahan without any are left out."),
        (
            Column("area", _("Place"), "name"),
            Column("code", _("Area code (Kemendagri)")),
            Column("persons", _("Persons"), numeric=True),
        ),
        lambda today: counts.kelurahan_positive(today - timedelta(days=2 * RECENT), today),
    ),
)
BY_NAME = {table.name: table for table in TABLES}


@require_safe
def numbers(request: HttpRequest) -> HttpResponse:
    """Every indicator with its chart, table and file."""
    today = localdate()
    inhabitants, counted_on = counts.population()
    sections = [_section(table, table.asks(today)) for table in TABLES]
    context = {
        "title": _("The testing network in numbers"),
        "sections": sections,
        "latest": next(reversed(sections[0]["rows"]), None),
        "inhabitants": inhabitants,
        "counted_on": counted_on,
        "partners": partner_share(today - timedelta(days=RECENT), today),
        "smallest": SMALLEST_SHOWN,
        "yardstick": WHO_TESTS_PER_1000_WEEK,
    }
    return render(request, "diagnostics/numbers.html", context)


def _section(table: Table, rows: Sequence[Any]) -> dict[str, Any]:
    drawn = table.chart(rows)
    return {
        "table": table,
        "rows": rows,
        "chart": drawn,
        # A long table stands behind its heading, so that a phone reaches the next one.
        "folded": drawn is not None or len(rows) > SHORT,
        "cells": [[_cell(table, column, row) for column in table.columns] for row in rows],
    }


def _cell(table: Table, column: Column, row: Any) -> dict[str, Any]:
    kind = "ratio" if column.name in table.ratio else "hours" if column.name in table.hours else "plain"
    return {"column": column, "value": column.of(row), "kind": kind}


@require_safe
def file(request: HttpRequest, name: str) -> HttpResponseBase:
    """One table as CSV; hidden counts are empty.

    Raises:
        NotFound: there is no such table.
    """
    table = BY_NAME.get(name)
    if table is None:
        raise NotFound(_("There is no such file. Choose one on the page of numbers."))
    return csv_response(table.columns, table.asks(localdate()), f"tes-{name}")
