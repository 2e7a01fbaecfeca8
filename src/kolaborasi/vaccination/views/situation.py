"""What the programme reached, for everybody: coverage of residents, doses, losses, stock, bookings."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.timezone import get_current_timezone, localdate
from django.views.decorators.http import require_safe

from kolaborasi.common import clock
from kolaborasi.partners.models import PartnerKind
from kolaborasi.places.models import Place
from kolaborasi.places.queries import figure_dates, places_of_kind
from kolaborasi.places.rules import Kind
from kolaborasi.vaccination import queries
from kolaborasi.vaccination.charts import shares_by_area, stacked
from kolaborasi.vaccination.labels import city_name
from kolaborasi.vaccination.models import WasteReason
from kolaborasi.vaccination.queries import Coverage
from kolaborasi.vaccination.views.access import actor_of
from kolaborasi.vaccination.views.lists import CoverageList

DAYS_SHOWN, LONGEST = 28, 92
CITY_DIGITS = 5
SMALLEST_SHOWN = 5
GRACE_DAYS = 7
PUBLISHED = "vaccination.dose1.total"


@dataclass(frozen=True)
class Area:
    """A kelurahan: its residents' doses, and the doses given in it.

    Args:
        first, second: residents with that dose; None when 1 to 4, which would point at people.
        given_first, given_second: doses given at its sites, to anybody; None as above.
        published_first, published_second: residents with that dose as the city published it last; None without.
    """

    code: str
    name: str
    city: str
    target: int | None
    first: int | None
    second: int | None
    given_first: int | None
    given_second: int | None
    published_first: int | None
    published_second: int | None

    @property
    def published_share(self) -> float | None:
        """Residents with a first dose as published, of the target."""
        return (
            self.published_first / self.target if self.target and self.published_first is not None else None
        )

    @property
    def first_share(self) -> float | None:
        """Residents with a first dose, of the target."""
        return self.first / self.target if self.target and self.first is not None else None

    @property
    def second_share(self) -> float | None:
        """Residents with a second dose, of the target."""
        return self.second / self.target if self.target and self.second is not None else None


def areas(on: date) -> tuple[list[Area], list[tuple[str, float | None, float | None]], date | None]:
    """Kelurahan with every counting until a day; the shares of cities; and the day of the city's last publication.

    The share of a city is of its residents as published, or as on record here when nothing is published; beside it the
    doses given there for each resident.
    """
    residents = {each.code: each for each in queries.coverage_by_residence(on)}
    given = {each.code: each for each in queries.coverage_by_injection(on)}
    day = max((each for each in figure_dates(PUBLISHED) if each <= on), default=None)
    published = {each.code: each for each in queries.published_coverage(day)} if day else {}
    cities: dict[str, Place] = {place.code: place for place in places_of_kind(Kind.CITY)}
    rows = [
        _area(code, residents.get(code), given.get(code), published.get(code), cities)
        for code in sorted({*residents, *given, *published})
    ]
    return rows, _by_city((published or residents).values(), given, cities), day


def _area(
    code: str,
    home: Coverage | None,
    there: Coverage | None,
    published: Coverage | None,
    cities: dict[str, Place],
) -> Area:
    known = home or there or published
    city = cities.get(code[:CITY_DIGITS])
    return Area(
        code,
        known.name if known else code,
        city_name(city) if city else "",
        known.target if known else None,
        *(_shown(number) for number in ((home.first, home.second) if home else (0, 0))),
        *(_shown(number) for number in ((there.first, there.second) if there else (0, 0))),
        *((published.first, published.second) if published else (None, None)),
    )


def _shown(number: int) -> int | None:
    return None if 0 < number < SMALLEST_SHOWN else number


def _by_city(
    residents: Iterable[Coverage], given: dict[str, Coverage], cities: dict[str, Place]
) -> list[tuple[str, float | None, float | None]]:
    sums: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    for each in residents:
        if each.target:
            counted = sums[each.code[:CITY_DIGITS]]
            counted[0] += each.target
            counted[1] += each.first
            counted[2] += given[each.code].first if each.code in given else 0
    return [
        (city_name(cities[code]), first / target, there / target)
        for code, (target, first, there) in sorted(sums.items())
        if code in cities
    ]


@require_safe
def situation(request: HttpRequest) -> HttpResponseBase:
    """Coverage by kelurahan of residence and of injection, and the other indicators of the programme."""
    today, now = localdate(), clock.utc_now()
    days = _days(request.GET.get("days", ""))
    since, until = today - timedelta(days=days - 1), today + timedelta(days=1)
    rows, cities, published = areas(today)
    kinds = doses_by_kind(since, until)
    context: dict[str, Any] = {
        "days": days,
        "day_choices": sorted({7, 14, 28, 56, 92, days}),
        "since": since,
        "today": today,
        "cities": cities,
        "published": published,
        "bars": shares_by_area(cities),
        "by_kind": kinds,
        "columns": stacked(_each_day(since, until), kinds),
        "series": [
            (day, [values.get(day, 0) for values in kinds.values()]) for day in _each_day(since, until)
        ],
        "overdue": len(queries.overdue_doses(today, grace_days=GRACE_DAYS)),
        "dropout": queries.dropout(today, grace_days=GRACE_DAYS),
        "losses": _losses(since, until),
        "stock": [row for row in queries.stock_days(now) if row[1]],
        "outcomes": queries.outcomes_of_bookings(since, until),
        "staff": actor_of(request).has_role("coordinator"),
        "shortfalls": queries.shortfalls(now),
    }
    return CoverageList(request, rows, **context).response()


def _days(text: str) -> int:
    known = text.isascii() and text.isdigit() and len(text) < 4
    return min(LONGEST, max(2, int(text))) if known else DAYS_SHOWN


def _each_day(since: date, until: date) -> list[date]:
    return [since + timedelta(days=turn) for turn in range((until - since).days)]


def doses_by_kind(since: date, until: date) -> dict[str, dict[date, int]]:
    """Doses by day for each kind of partner that sent the vaccinators, the kind with most doses first."""
    labels = dict(PartnerKind.choices)
    found: dict[str, dict[date, int]] = defaultdict(dict)
    for row in queries.doses_by_partner_kind(since, until):
        found[str(labels.get(row["kind"], row["kind"]))][row["day"]] = row["doses"]
    return dict(sorted(found.items(), key=lambda item: -sum(item[1].values())))


def _losses(since: date, until: date) -> dict[str, Any]:
    zone = get_current_timezone()
    begin, end = (datetime.combine(day, time(), tzinfo=zone) for day in (since, until))
    found = queries.wastage(begin, end)
    by_reason: Sequence[tuple[Any, Any]] = [
        (label, found[value]) for value, label in WasteReason.choices if value in found
    ]
    return {"given": found["given"], "rate": found["rate"], "reasons": by_reason}
