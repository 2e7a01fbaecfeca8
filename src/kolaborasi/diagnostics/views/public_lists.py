"""Lists of the pages for everybody: sites where one can be tested, one's own tests."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from kolaborasi.common.pages import Column, Filter, ListPage, Near
from kolaborasi.diagnostics.models.orders import TESTING_SITES, OrderStateChoice
from kolaborasi.diagnostics.queries.own import by_distance
from kolaborasi.diagnostics.views.collection import kelurahan
from kolaborasi.diagnostics.words import place_name
from kolaborasi.partners.models import SiteKind
from kolaborasi.places.queries import places_of_kind
from kolaborasi.places.rules import Kind


def kelurahan_choices() -> list[tuple[str, str]]:
    """Kelurahan by code, in alphabetical order."""
    return [(place.code, f"{place.name} ({place.parent.name})") for place in kelurahan() if place.parent]


def city_choices() -> list[tuple[str, str]]:
    """Cities and the regency by code."""
    return [(place.code, place.name) for place in places_of_kind(Kind.CITY)]


def _from_place(rows: QuerySet[Any], code: str) -> QuerySet[Any]:
    place = places_of_kind(Kind.KELURAHAN).filter(code=code).first()
    if place is None or place.latitude is None or place.longitude is None:
        return rows
    return by_distance(rows, place.latitude, place.longitude)


def _near(rows: QuerySet[Any], latitude: float, longitude: float) -> QuerySet[Any]:
    return by_distance(rows, latitude, longitude)


class SiteList(ListPage):
    """Sites where people are tested, with their free places."""

    title = _("Where you can be tested")
    columns: ClassVar[Sequence[Column]] = (
        Column("places", _("Most free places"), "places_left", sort="-places_left"),
        Column("soonest", _("Soonest"), "next_at", sort="next_at"),
        Column("name", _("Name"), "name", sort="name"),
        Column("kind", _("Kind"), "get_kind_display"),
        Column("area", _("Place"), lambda row: place_name(row.place)),
        Column("area_code", _("Area code (Kemendagri)"), "place.code"),
        Column("address", _("Address"), "address"),
    )
    search_fields = ("name", "address", "place__name", "place__parent__name")
    search_label = _("Site or place")
    filters = (
        Filter.choice(
            "from", _("Distance from"), kelurahan_choices, apply=_from_place, everything=_("No place chosen")
        ),
        Filter.choice(
            "kind", _("Kind"), lambda: [(each, SiteKind(each).label) for each in TESTING_SITES], lookup="kind"
        ),
        Filter.choice("city", _("City"), city_choices, lookup="place__code__startswith"),
        Filter.flag(
            "free", _("Only with free places"), apply=lambda rows, _on: rows.filter(places_left__gt=0)
        ),
        Near.me(_near),
    )
    default_sort = "places"
    page_size = 12
    template_name = "diagnostics/sites.html"
    row_template = "diagnostics/_site_card.html"
    empty_title = _("Nobody is tested yet")
    empty_text = _("Sites appear here as soon as a partner opens one.")
    export_name = "tempat-tes"

    @property
    def points_address(self) -> str:
        """Address of the map's points, with the same search and filters."""
        query = self.address(page=None, sort=None, size=None).partition("?")[2]
        return f"{reverse('diagnostics:points')}?{query}" if query else reverse("diagnostics:points")


class NearestSiteList(SiteList):
    """The same from a point on, the nearest first."""

    columns = (Column("distance", _("Nearest"), "km", sort="km"), *SiteList.columns)
    default_sort = "distance"


def site_list(request: HttpRequest, rows: QuerySet[Any], **context: Any) -> SiteList:
    """The list as the address asks for it: by distance when there is a point to measure from."""
    plain = SiteList(request, rows, **context)
    return NearestSiteList(request, rows, **context) if _measures(plain.form.cleaned_data) else plain


def _measures(clean: dict[str, Any]) -> bool:
    """Whether the filters name a point that has a position."""
    if clean.get("near"):
        return True
    code = clean.get("from")
    return bool(code) and places_of_kind(Kind.KELURAHAN).filter(code=code, latitude__isnull=False).exists()


class OwnOrderList(ListPage):
    """Tests of the account's person."""

    title = _("My tests")
    columns = (
        Column("ordered", _("Ordered"), "ordered_at", sort="ordered_at"),
        Column("site", _("Where"), "site.name", sort="site__name"),
        Column("reason", _("Why tested"), "get_reason_display"),
        Column("state", _("State"), "get_state_display"),
    )
    filters = (Filter.choice("state", _("State"), OrderStateChoice.choices, lookup="state"),)
    default_sort = "-ordered"
    row_template = "diagnostics/_own_order_card.html"
    template_name = "diagnostics/own_orders.html"
    empty_title = _("You have no tests yet")
    empty_text = _("Choose a site with free places and book a time.")
    export_name = "tes-saya"
