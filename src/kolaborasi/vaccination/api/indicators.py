"""What the programme reached as JSON: coverage, overdue doses, doses by partner, wastage, stock, bookings."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from enum import StrEnum

from django.http import HttpRequest
from django.utils.timezone import get_default_timezone, localdate
from ninja import Query, Router, Schema
from pydantic import Field

from kolaborasi.common.actors import Actor
from kolaborasi.common.clock import utc_now
from kolaborasi.common.http.examples import examples
from kolaborasi.common.http.writes import acting
from kolaborasi.vaccination import queries
from kolaborasi.vaccination.api.access import require_carer
from kolaborasi.vaccination.queries import Coverage

router = Router()
FIRST_DAY, LAST_DAY = datetime.date(2000, 1, 1), datetime.date(2100, 1, 1)
SUPPRESSED_BELOW = 5
"""Counts of people below this are not published (null), so that nobody is found among few."""


class By(StrEnum):
    """What is counted."""

    RESIDENCE = "residence"
    INJECTION = "injection"
    PUBLISHED = "published"


class CoverageQuery(Schema):
    """Which coverage."""

    by: By = Field(
        By.RESIDENCE, description="Where people live, where doses were given, or as the city published it."
    )
    date: datetime.date | None = Field(None, ge=FIRST_DAY, le=LAST_DAY, description="Today when absent.")


class PeriodQuery(Schema):
    """Which days: from one, to another, not included."""

    starts: datetime.date | None = Field(
        None, ge=FIRST_DAY, le=LAST_DAY, description="A week ago when absent."
    )
    ends: datetime.date | None = Field(None, ge=FIRST_DAY, le=LAST_DAY, description="Tomorrow when absent.")

    def days(self) -> tuple[datetime.date, datetime.date]:
        """The period."""
        ends = self.ends or localdate() + datetime.timedelta(days=1)
        return self.starts or ends - datetime.timedelta(days=8), ends


class CoverageOut(Schema):
    """A kelurahan with its target and the people with each dose; counts below 5 are null."""

    model_config = examples(
        {"code": "31.71.03.1001", "name": "Kemayoran", "target": 21000, "first": 11000, "second": 4000, "third": 0}
    )  # fmt: skip

    code: str
    name: str
    target: int | None
    first: int | None
    second: int | None
    third: int | None

    @classmethod
    def of(cls, area: Coverage, *, whole: bool) -> CoverageOut:
        """The numbers of an area.

        Args:
            whole: small counts too: they are published ones, or the caller works with them.
        """

        def shown(count: int) -> int | None:
            return count if whole or count == 0 or count >= SUPPRESSED_BELOW else None

        return cls(
            code=area.code,
            name=area.name,
            target=area.target,
            first=shown(area.first),
            second=shown(area.second),
            third=shown(area.third),
        )


class CoverageList(Schema):
    """Coverage by kelurahan."""

    model_config = examples(
        {
            "date": "2021-07-31",
            "by": "residence",
            "items": [
                {"code": "31.71.03.1001", "name": "Kemayoran", "target": 21000, "first": 11000, "second": 4000,
                 "third": 0}
            ],
        }
    )  # fmt: skip

    date: datetime.date
    by: By
    items: list[CoverageOut]


class BookingOutcomesOut(Schema):
    """What became of bookings; those not served for lack of a dose must be 0."""

    model_config = examples(
        {"booked": 900, "vaccinated": 800, "no_shows": 60, "cancelled": 30, "deferred": 10, "not_served": 0,
         "no_show_share": 0.07}
    )  # fmt: skip

    booked: int
    vaccinated: int
    no_shows: int
    cancelled: int
    deferred: int
    not_served: int
    no_show_share: float


class DayDosesOut(Schema):
    """Doses of a day by kind of the partner that vaccinated."""

    model_config = examples({"day": "2021-07-13", "kind": "hospital", "doses": 410})

    day: datetime.date
    kind: str
    doses: int


class StockDaysOut(Schema):
    """Doses of a product and for how many days they last at the pace of the last week."""

    model_config = examples({"product": "coronavac", "doses": 12000, "days": 9.5})

    product: str
    doses: int
    days: float | None = Field(description="Null when none was given in the last week.")


class ShortfallOut(Schema):
    """A session that promised more doses than may be given there."""

    model_config = examples({"session": 12, "promised": 40, "doses": 38})

    session: int
    promised: int
    doses: int


class IndicatorsOut(Schema):
    """The programme in numbers."""

    model_config = examples(
        {
            "starts": "2021-07-05",
            "ends": "2021-07-13",
            "bookings": {"booked": 900, "vaccinated": 800, "no_shows": 60, "cancelled": 30, "deferred": 10,
                         "not_served": 0, "no_show_share": 0.07},
            "dropout": 0.04,
            "overdue": 120,
            "wastage": {"broken": 4, "given": 800, "rate": 0.005},
            "doses": [{"day": "2021-07-13", "kind": "hospital", "doses": 410}],
            "stock": [{"product": "coronavac", "doses": 12000, "days": 9.5}],
            "shortfalls": [{"session": 12, "promised": 40, "doses": 38}],
        }
    )  # fmt: skip

    starts: datetime.date
    ends: datetime.date
    bookings: BookingOutcomesOut
    dropout: float = Field(description="Of those due for a second dose, the share who have none.")
    overdue: int
    wastage: dict[str, float]
    doses: list[DayDosesOut]
    stock: list[StockDaysOut]
    shortfalls: list[ShortfallOut]


@router.get("/coverage", response=CoverageList, summary="Read coverage by kelurahan")
def get_vaccination_coverage(request: HttpRequest, asked: Query[CoverageQuery]) -> CoverageList:
    """By residence, never to be mixed up with where doses were given."""
    day = asked.date or localdate()
    read: dict[By, Callable[[datetime.date], list[Coverage]]] = {
        By.RESIDENCE: queries.coverage_by_residence,
        By.INJECTION: queries.coverage_by_injection,
        By.PUBLISHED: queries.published_coverage,
    }
    whole = asked.by == By.PUBLISHED or acting(request).has_role("coordinator", "verifier", "auditor")
    return CoverageList(
        date=day, by=asked.by, items=[CoverageOut.of(area, whole=whole) for area in read[asked.by](day)]
    )


@router.get("/indicators", response=IndicatorsOut, summary="Read the programme in numbers")
def get_vaccination_indicators(request: HttpRequest, asked: Query[PeriodQuery]) -> IndicatorsOut:
    """For those who work with doses."""
    require_reader(acting(request))
    (starts, ends), now = asked.days(), utc_now()
    outcomes = queries.outcomes_of_bookings(starts, ends)
    zone = get_default_timezone()
    moments = [datetime.datetime.combine(day, datetime.time(), zone) for day in (starts, ends)]
    return IndicatorsOut(
        starts=starts,
        ends=ends,
        bookings=BookingOutcomesOut(**vars(outcomes), no_show_share=outcomes.no_show_share),
        dropout=queries.dropout(localdate(now)),
        overdue=len(queries.overdue_doses(localdate(now))),
        wastage=queries.wastage(*moments),
        doses=[DayDosesOut(**row) for row in queries.doses_by_partner_kind(starts, ends)],
        stock=[
            StockDaysOut(product=product.code, doses=doses, days=days)
            for product, doses, days in queries.stock_days(now)
        ],
        shortfalls=[
            ShortfallOut(session=session, promised=promised, doses=doses)
            for session, promised, doses in queries.shortfalls(now)
        ],
    )


def require_reader(actor: Actor) -> None:
    """Do nothing for those who work with doses, and for auditors.

    Raises:
        NotPermitted: neither.
    """
    if not actor.has_role("auditor"):
        require_carer(actor)
