"""Sessions near me: the list and map of everything somebody can still come to."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import groupby
from typing import Any, ClassVar

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from kolaborasi.common import clock
from kolaborasi.common.pages import Column, Filter, ListPage, Near
from kolaborasi.places import facts
from kolaborasi.places.queries import places_of_kind
from kolaborasi.places.rules import Kind, shore_of
from kolaborasi.vaccination.forms.resident import place_choices
from kolaborasi.vaccination.labels import kind_label
from kolaborasi.vaccination.models import SessionKind
from kolaborasi.vaccination.queries.residents import OpenSession, from_point, open_sessions, products
from kolaborasi.vaccination.rules import Channel
from kolaborasi.vaccination.views.access import kelurahan

WAYS = (
    (Channel.BOOKING, _("Book a time")),
    (Channel.WALK_IN, _("Come without a booking")),
    (Channel.RETURNING, _("Next dose, for those who had one")),
)
Rows = Sequence[OpenSession]


def product_choices() -> list[tuple[str, str]]:
    """Vaccines by code."""
    return [(product.code, product.name) for product in products()]


def kelurahan_choices() -> list[tuple[str, str]]:
    """Kelurahan by code, in alphabetical order."""
    return place_choices(kelurahan())


def city_choices() -> list[tuple[str, str]]:
    """Cities and the regency by code."""
    return [(place.code, place.name) for place in places_of_kind(Kind.CITY)]


def _from_place(rows: Rows, code: str) -> Rows:
    place = places_of_kind(Kind.KELURAHAN).filter(code=code).first()
    if place is None or place.latitude is None or place.longitude is None:
        return rows
    return from_point(rows, place.latitude, place.longitude, clock.utc_now(), shore_of(code))


def _near(rows: Rows, latitude: float, longitude: float) -> Rows:
    return from_point(rows, latitude, longitude, clock.utc_now())


def _on(rows: Rows, day: date) -> Rows:
    return [each for each in rows if each.date == day]


def _of_product(rows: Rows, code: str) -> Rows:
    return [each for each in rows if each.product_code == code]


def _with_room(rows: Rows, channel: str) -> Rows:
    return [each for each in rows if each.places[Channel(channel)] > 0]


def _in_city(rows: Rows, code: str) -> Rows:
    return [each for each in rows if each.place_code.startswith(f"{code}.")]


def _of_kind(rows: Rows, kind: str) -> Rows:
    return [each for each in rows if each.kind == kind]


class SessionList(ListPage):
    """Open sessions with their free places, the soonest first."""

    title = _("Get vaccinated")
    columns: ClassVar[Sequence[Column]] = (
        Column("soonest", _("Soonest"), lambda row: (row.starts_at, row.site), sort=True, exported=False),
        Column("room", _("Most places"), lambda row: -row.most, sort=True, exported=False),
        Column("site", _("Place"), "site", shown=True),
        Column("address", _("Address"), "address"),
        Column("area", _("Kelurahan"), "area"),
        Column("code", _("Area code (Kemendagri)"), "place_code"),
        Column("day", _("Day"), lambda row: row.date.isoformat()),
        Column("begins", _("From"), "starts_at"),
        Column("ends", _("To"), "ends_at"),
        Column("product", _("Vaccine"), "product"),
        Column("kind", _("Kind of session"), lambda row: kind_label(row.kind)),
        Column("booking", _("Places to book"), "bookable"),
        Column("walk_in", _("Places without a booking"), "walk_in"),
        Column("returning", _("Places for a next dose"), "returning"),
        Column("residents", _("Only for residents of"), "residents_of"),
    )
    search_fields = ("site",)
    search_label = _("Site or kelurahan")
    filters = (
        Filter.choice(
            "from", _("Distance from"), kelurahan_choices, apply=_from_place, everything=_("No place chosen")
        ),
        Filter.date("day", _("Day"), apply=_on),
        Filter.choice("product", _("Vaccine"), product_choices, apply=_of_product),
        Filter.choice("way", _("How you want to come"), WAYS, apply=_with_room),
        Filter.choice("kind", _("Kind of session"), SessionKind.choices, apply=_of_kind),
        Filter.choice("city", _("City"), city_choices, apply=_in_city),
        Near.me(_near),
    )
    default_sort = "soonest"
    page_size = 12
    template_name = "vaccination/find.html"
    row_template = "vaccination/_session_card.html"
    empty_title = _("No session is open at the moment")
    empty_text = _("Join the waiting list: you are sent a link as soon as a time is free in your area.")
    export_name = "sesi-vaksinasi"

    @property
    def points_address(self) -> str:
        """Address of the map's points, with the same search and filters."""
        query = self.address(page=None, sort=None, size=None).partition("?")[2]
        return f"{reverse('vaccination:points')}?{query}" if query else reverse("vaccination:points")


class NearestSessionList(SessionList):
    """The same from a point on, the nearest first."""

    columns = (Column("distance", _("Nearest"), "minutes", sort=True, exported=False), *SessionList.columns)
    default_sort = "distance"


def session_list(request: HttpRequest, **context: Any) -> SessionList:
    """The list as the address asks for it: by distance when there is a point to measure from."""
    rows = open_sessions(clock.utc_now())
    plain = SessionList(request, rows, **context)
    clean = plain.form.cleaned_data
    near = clean.get("near") or clean.get("from")
    return NearestSessionList(request, rows, **context) if near else plain


@require_safe
def sessions(request: HttpRequest) -> HttpResponseBase:
    """Open sessions with free places: list beside the map."""
    return session_list(request).response()


@require_safe
def points(request: HttpRequest) -> JsonResponse:
    """The filtered sessions as points of the map, one for each site."""
    placed = [each for each in session_list(request).found if each.latitude is not None]
    by_site = sorted(placed, key=lambda each: (each.site, each.latitude, each.longitude, each.starts_at))
    grouped = groupby(by_site, key=lambda each: (each.site, each.latitude, each.longitude))
    return JsonResponse([_point(list(same)) for _key, same in grouped], safe=False)


def _point(rows: list[OpenSession]) -> dict[str, Any]:
    first, places = rows[0], sum(row.most for row in rows)
    count = ngettext("%(count)s session", "%(count)s sessions", len(rows)) % {"count": len(rows)}
    free = ngettext("%(places)s place free", "%(places)s places free", places) % {"places": places}
    return {
        "lat": first.latitude,
        "lon": first.longitude,
        "title": first.site,
        "text": f"{count}, {free}" if places else f"{count}, {_now('full')}",
        "href": reverse("vaccination:times", args=[first.pk]),
        "kind": "good" if places else "open",
    }


@require_safe
@cache_control(max_age=24 * 60 * 60, public=True)
def outlines(request: HttpRequest) -> HttpResponse:
    """Simplified outlines of the kecamatan as GeoJSON."""
    return HttpResponse(facts.outlines("kecamatan"), content_type="application/geo+json")
