"""What the programme reached: coverage by residence and by place of injection, dropout, wastage, stock, bookings."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Count, F, Q, Sum
from django.utils.timezone import get_default_timezone_name, localdate

from kolaborasi.places.models import Figure, Place
from kolaborasi.stock.models import INSIDE, Balance
from kolaborasi.vaccination.models import Booking, Dose, EndReason, Product, Wastage
from kolaborasi.vaccination.states import DoseState

KELURAHAN_DIGITS = 13
"""Length of a kelurahan's code with dots; the code of an RW begins with it."""


@dataclass(frozen=True)
class Coverage:
    """Doses of an area's people, or given in the area, beside those who live there.

    Args:
        target: people of the target group; None when no figure is published.
    """

    place_id: int
    code: str
    name: str
    target: int | None
    first: int
    second: int
    third: int

    def share(self, doses: int) -> float | None:
        """Doses of the target; above 1 when others came too, so that a wrong denominator shows."""
        return doses / self.target if self.target else None


@dataclass(frozen=True)
class BookingOutcomes:
    """What became of the bookings of sessions in a period."""

    booked: int
    vaccinated: int
    no_shows: int
    cancelled: int
    deferred: int
    not_served: int

    @property
    def no_show_share(self) -> float:
        """No-shows of those who were expected: vaccinated, deferred, not served, or not come."""
        expected = self.vaccinated + self.no_shows + self.deferred + self.not_served
        return self.no_shows / expected if expected else 0.0


def coverage_by_residence(on: date, *, target: str = "vaccination.target") -> list[Coverage]:
    """Doses until a day by the kelurahan where people **live**, beside the published target there.

    Args:
        on: last day, included.
        target: published series with the denominators.
    """
    return _coverage("recipient__residence", on, target)


def coverage_by_injection(on: date, *, target: str = "vaccination.target") -> list[Coverage]:
    """Doses until a day by the kelurahan where they were **given**: what sites did, never what residents have."""
    return _coverage("site__place", on, target)


def published_coverage(on: date, *, group: str = "total") -> list[Coverage]:
    """Coverage of residents as the city published it for a date, per kelurahan.

    Args:
        on: date of the published file.
        group: target group as in `places.series.DOSE_GROUPS`.
    """
    names = {
        "vaccination.target": "target",
        f"vaccination.dose1.{group}": "first",
        f"vaccination.dose2.{group}": "second",
        f"vaccination.dose3.{group}": "third",
    }
    rows: dict[Place, dict[str, int]] = defaultdict(dict)
    figures = Figure.objects.filter(series__in=names, date=on, place__kind="kelurahan").select_related(
        "place"
    )
    for figure in figures.order_by("source"):
        if figure.place is not None:
            rows[figure.place][names[figure.series]] = figure.value
    return [
        Coverage(
            *(place.pk, place.code, place.name, found.get("target")),
            *(found.get("first", 0), found.get("second", 0), found.get("third", 0)),
        )
        for place, found in sorted(rows.items(), key=lambda item: item[0].code)
    ]


def overdue_doses(on: date, *, grace_days: int = 0) -> list[tuple[UUID, str, date]]:
    """People whose next primary dose is overdue: person, product of the last dose, day it became overdue.

    Args:
        grace_days: days beyond the schedule that do not count yet.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH last AS (
                SELECT DISTINCT ON (recipient_id) recipient_id, number, product_id,
                    (given_at AT TIME ZONE %(zone)s)::date AS given_date
                FROM vaccination_dose WHERE state = 'given' ORDER BY recipient_id, number DESC
            )
            SELECT last.recipient_id, product.code, MIN(last.given_date + rule.max_days)
            FROM last JOIN vaccination_product AS product ON product.item_id = last.product_id
            JOIN vaccination_schedulerule AS rule ON rule.previous_id = last.product_id
                AND rule.number = last.number + 1 AND NOT rule.booster AND rule.max_days IS NOT NULL
                AND rule.starts_date <= %(on)s AND (rule.ends_date IS NULL OR rule.ends_date > %(on)s)
            WHERE last.given_date + rule.max_days + %(grace)s < %(on)s
            GROUP BY last.recipient_id, product.code ORDER BY 3, 1
            """,
            {"on": on, "grace": grace_days, "zone": get_default_timezone_name()},
        )
        return [(person, code, day) for person, code, day in cursor.fetchall()]


def dropout(on: date, *, grace_days: int = 0) -> float:
    """Share of those due for a second dose who have none: WHO dropout rate, counted only over people whose time has come.

    0 when nobody is due.
    """
    late = len(overdue_doses(on, grace_days=grace_days))
    had = Dose.objects.filter(number=2, state=DoseState.GIVEN, given_at__date__lte=on).count()
    return late / (late + had) if late + had else 0.0


def doses_on_record() -> int:
    """Doses that stand, given here or shown on paper."""
    return Dose.objects.filter(state=DoseState.GIVEN).count()


def doses_by_partner_kind(starts: date, ends: date) -> list[dict[str, Any]]:
    """Doses given in [starts, ends) by day and kind of the partner that sent the vaccinators: day, kind, doses."""
    rows = (
        Dose.objects.filter(
            state=DoseState.GIVEN, given_at__date__gte=starts, given_at__date__lt=ends, session__isnull=False
        )
        .values(day=F("given_at__date"), kind=F("session__vaccinator__kind"))
        .annotate(doses=Count("pk"))
        .order_by("day", "kind")
    )
    return [dict(row) for row in rows]


def wastage(starts: datetime, ends: datetime) -> dict[str, float | int]:
    """Doses lost in [starts, ends) by reason, `given`, and `rate`: lost of lost and given."""
    lost: dict[str, float | int] = {
        str(row["reason"]): int(row["doses__sum"])
        for row in Wastage.objects.filter(at__gte=starts, at__lt=ends).values("reason").annotate(Sum("doses"))
    }
    given = Dose.objects.filter(
        state=DoseState.GIVEN, given_at__gte=starts, given_at__lt=ends, session__isnull=False
    ).count()
    total = sum(lost.values())
    return {**lost, "given": given, "rate": total / (total + given) if total + given else 0.0}


def stock_days(now: datetime, *, days: int = 7) -> list[tuple[Product, int, float | None]]:
    """For each product: doses that may be given, and for how many days they last at the pace of the last days.

    None when none was given in those days.
    """
    since = now - timedelta(days=days)
    on_hand = (
        Balance.objects.filter(
            lot__vaccine__isnull=False,
            location__kind__in=INSIDE,
            lot__vaccine__state="released",
            lot__expires_date__gt=localdate(now),
        )
        .values("lot__vaccine__product")
        .annotate(doses=Sum("on_hand"))
    )
    stock = {row["lot__vaccine__product"]: row["doses"] for row in on_hand}
    given = Dose.objects.filter(
        state=DoseState.GIVEN, given_at__gte=since, given_at__lt=now, session__isnull=False
    )
    pace = {row["product"]: row["n"] / days for row in given.values("product").annotate(n=Count("pk"))}
    return [
        (
            product,
            stock.get(product.pk, 0),
            stock.get(product.pk, 0) / pace[product.pk] if pace.get(product.pk) else None,
        )
        for product in Product.objects.order_by("code")
    ]


def outcomes_of_bookings(starts: date, ends: date) -> BookingOutcomes:
    """What became of bookings for sessions in [starts, ends)."""
    ended = {reason: Count("pk", filter=Q(end_reason=reason)) for reason in EndReason.values}
    row = Booking.objects.filter(session__date__gte=starts, session__date__lt=ends).aggregate(
        booked=Count("pk"),
        vaccinated=Count("pk", filter=Q(state="fulfilled")),
        **{f"ended_{reason.replace('-', '_')}": count for reason, count in ended.items()},
    )
    return BookingOutcomes(
        booked=row["booked"],
        vaccinated=row["vaccinated"],
        no_shows=row["ended_no_show"],
        cancelled=row["ended_cancelled"] + row["ended_left"] + row["ended_session"],
        deferred=row["ended_deferred"],
        not_served=row["ended_no_dose"],
    )


def bookings_not_served(starts: date, ends: date) -> int:
    """Bookings of [starts, ends) that came to nothing because no dose was there; must be 0."""
    return outcomes_of_bookings(starts, ends).not_served


def _coverage(path: str, on: date, target: str) -> list[Coverage]:
    """Distinct people by dose number and kelurahan of `path`; an RW counts in its kelurahan."""
    doses: dict[str, dict[int, int]] = defaultdict(dict)
    rows = (
        Dose.objects.filter(state=DoseState.GIVEN, given_at__date__lte=on)
        .values_list(f"{path}__code", "number")
        .annotate(people=Count("recipient", distinct=True))
        .order_by()
    )
    for code, number, people in rows:
        kelurahan = (code or "")[:KELURAHAN_DIGITS]
        doses[kelurahan][number] = doses[kelurahan].get(number, 0) + people
    targets = _targets(target, on)
    places = (
        Place.objects.filter(kind="kelurahan").filter(Q(code__in=doses) | Q(pk__in=targets)).order_by("code")
    )
    return [
        Coverage(
            *(place.pk, place.code, place.name, targets.get(place.pk)),
            *(doses.get(place.code, {}).get(number, 0) for number in (1, 2, 3)),
        )
        for place in places
    ]


def _targets(series: str, on: date) -> dict[int | None, int]:
    """The denominators published last before a day, by place."""
    published = Figure.objects.filter(series=series, place__kind="kelurahan")
    newest = (
        published.filter(date__lte=on).order_by("-date").values_list("date", flat=True).first()
        or published.order_by("date").values_list("date", flat=True).first()
    )
    if newest is None:
        return {}
    return dict(published.filter(date=newest).order_by("source").values_list("place_id", "value"))
