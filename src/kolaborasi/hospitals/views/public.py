"""Pages for everybody: beds near me, one hospital, the network."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from kolaborasi.common import clock
from kolaborasi.hospitals import queries
from kolaborasi.hospitals.charts import Point, chart
from kolaborasi.hospitals.classes import INTENSIVE, ISOLATING, BedClass
from kolaborasi.hospitals.labels import class_label, short_class
from kolaborasi.hospitals.queries import DayOccupancy, Occupancy
from kolaborasi.hospitals.queries.availability import HospitalBeds, availability
from kolaborasi.hospitals.rules import Service
from kolaborasi.hospitals.views.access import actor_of, known_hospital, works_at
from kolaborasi.hospitals.views.lists import KnownHospitalList, availability_list, city_choices
from kolaborasi.places import facts

DAYS_SHOWN = 14
LONGEST = 92


@require_safe
def beds(request: HttpRequest) -> HttpResponseBase:
    """Free beds by hospital: list beside the map, with the queue that waits for them."""
    now = clock.utc_now()
    return availability_list(request, availability(now), waiting=queries.queue_counts()).response()


@require_safe
def points(request: HttpRequest) -> JsonResponse:
    """The filtered hospitals as points of the map."""
    found = availability_list(request, availability(clock.utc_now())).found
    return JsonResponse([_point(each) for each in found if each.latitude is not None], safe=False)


def _point(row: HospitalBeds) -> dict[str, Any]:
    free = ngettext("%(left)s bed free", "%(left)s beds free", row.left) % {"left": row.left}
    return {
        "lat": row.latitude,
        "lon": row.longitude,
        "title": row.name,
        "text": f"{free}; " + _("some counts are too old to rely on") if row.stale else free,
        "href": reverse("hospitals:hospital", args=[row.pk]),
        "kind": "good" if row.left else "open",
    }


@require_safe
@cache_control(max_age=24 * 60 * 60, public=True)
def outlines(request: HttpRequest) -> HttpResponse:
    """Simplified outlines of the kecamatan as GeoJSON."""
    return HttpResponse(facts.outlines("kecamatan"), content_type="application/geo+json")


@require_safe
def hospital(request: HttpRequest, pk: int) -> HttpResponse:
    """One hospital: its beds by class with the age of each count, what it agreed to give, when it was in the network."""
    found = known_hospital(pk)
    agreed = {
        bed_class: beds
        for (hospital_id, bed_class), beds in queries.agreed_beds(localdate()).items()
        if hospital_id == found.pk
    }
    now = clock.utc_now()
    pools = queries.pools_of(found).annotate(stale=queries.is_stale(now))
    context = {
        "hospital": found,
        "pools": [(pool, agreed.get(pool.bed_class)) for pool in pools],
        "periods": list(queries.network_days(found)),
        "services": _services(found),
        "works_here": works_at(actor_of(request), found),
        "coordinates": works_at(actor_of(request), found, "join_network"),
        "inside": found.network in ("joined", "paused"),
    }
    return render(request, "hospitals/hospital.html", context)


def _services(found: Any) -> list[Any]:
    return [each for each in Service if getattr(found, str(each))]


@require_safe
def network(request: HttpRequest) -> HttpResponseBase:
    """How large the network is on a day, how full it is now and was, and every hospital the city knows."""
    today = localdate()
    day = _day(request.GET.get("date", ""), today)
    chosen = _class(request.GET.get("bed", ""))
    until = today + timedelta(days=1)
    history = queries.occupancy_over_time(
        since=until - timedelta(days=_days(request.GET.get("days", ""))),
        until=until,
        bed_class=None if chosen in ("", "icu", "isolation") else chosen,
    )
    series = series_of(history, chosen)
    now = clock.utc_now()
    context = {
        "size": queries.network_size(day),
        "day": day,
        "today": today,
        "by_class": queries.occupancy(now),
        "by_area": area_table(queries.occupancy(now, by_area=True)),
        "series": series,
        "chart": chart([Point(each.day, each.occupied / each.given) for each in series if each.given]),
        "chosen": chosen,
        "bed_choices": [
            ("isolation", _("All isolation beds")),
            ("icu", _("All ICU beds")),
            *((str(each), class_label(each)) for each in queries.classes_shown()),
        ],
        "conversions": list(queries.open_conversions()) if queries.may_see_board(actor_of(request)) else [],
    }
    return KnownHospitalList(request, queries.hospitals(), **context).response()


def _day(text: str, today: date) -> date:
    try:
        return min(date.fromisoformat(text), today)
    except ValueError:
        return today


def _days(text: str) -> int:
    return min(LONGEST, int(text)) if text.isascii() and text.isdigit() and int(text[:4]) >= 2 else DAYS_SHOWN


def _class(text: str) -> str:
    known = {str(each) for each in queries.classes_shown()} | {"icu", "isolation"}
    return text if text in known else "isolation"


def series_of(history: Sequence[DayOccupancy], chosen: str) -> list[DayOccupancy]:
    """Days of one class, or of all ICU or isolation classes together, oldest first."""
    groups = {"icu": INTENSIVE, "isolation": ISOLATING}
    wanted = groups.get(chosen) or {BedClass(chosen)}
    days: dict[date, list[int]] = {}
    for row in history:
        if BedClass(row.bed_class) in wanted:
            sums = days.setdefault(row.day, [0, 0, 0])
            sums[0] += row.given
            sums[1] += row.occupied
            sums[2] = max(sums[2], row.hospitals)
    return [DayOccupancy(day, chosen, *sums) for day, sums in sorted(days.items())]


def area_table(rows: Sequence[Occupancy]) -> dict[str, Any]:
    """Shares by city (rows) and class (columns): name of the city, then one share or None for each class."""
    classes = [each for each in queries.classes_shown() if any(row.bed_class == each for row in rows)]
    known = {(row.area, row.bed_class): row for row in rows}
    names = dict(city_choices())
    areas = [code for code in names if any(row.area == code for row in rows)]
    return {
        "classes": [short_class(each) for each in classes],
        "rows": [(names[code], [known.get((code, str(each))) for each in classes]) for code in areas],
    }
