"""The lists of the aid pages: what they show, how they are searched, sorted and filtered."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, ClassVar

from django import forms
from django.core.validators import RegexValidator
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from kolaborasi.aid import queries
from kolaborasi.aid.labels import (
    NEED_WORDS,
    PLEDGE_WORDS,
    need_title,
    need_whereabouts,
    place_name,
)
from kolaborasi.aid.models import Cause, Need
from kolaborasi.aid.queries import PlaceCoverage
from kolaborasi.aid.states import NeedState
from kolaborasi.commitments.states import CommitmentState
from kolaborasi.common.pages import Column, Filter, ListPage, Near
from kolaborasi.places.models import Place
from kolaborasi.places.queries import places_of_kind
from kolaborasi.places.rules import Kind

DECIMALS = 3
"""Of a position in the address: about a hundred metres, so that it does not tell a front door."""


def item_choices() -> list[tuple[str, str]]:
    """Items by code."""
    return [(item.code, item.name) for item in queries.items()]


def city_choices() -> list[tuple[str, str]]:
    """Cities and the regency by code."""
    return [(place.code, place.name) for place in places_of_kind(Kind.CITY)]


def kecamatan_choices() -> list[tuple[str, str]]:
    """Kecamatan by code, in alphabetical order."""
    found = places_of_kind(Kind.KECAMATAN).select_related("parent").order_by("name", "code")
    return [(place.code, f"{place.name} ({place.parent.name})") for place in found if place.parent]


def kelurahan() -> list[Place]:
    """All kelurahan in alphabetical order, with their kecamatan."""
    return list(places_of_kind(Kind.KELURAHAN).select_related("parent").order_by("name", "code"))


def kelurahan_choices() -> list[tuple[str, str]]:
    """Kelurahan by code, in alphabetical order."""
    return [(place.code, f"{place.name} ({place.parent.name})") for place in kelurahan() if place.parent]


def _in_area(rows: Any, code: str) -> Any:
    return queries.within(rows, code)


def _from_place(rows: Any, code: str) -> Any:
    place = queries.place(code)
    if place is None or place.latitude is None or place.longitude is None:
        return rows
    return queries.from_point(rows, place.latitude, place.longitude)


class _Area(Filter):
    """An area: a link of the map sets it, its chip takes it away and names it."""

    @classmethod
    def hidden(cls) -> _Area:
        """The filter."""
        field = forms.CharField(
            label=_("Area"),
            required=False,
            max_length=40,
            widget=forms.HiddenInput,
            validators=[RegexValidator(AREA_CODE)],
        )
        return cls("area", field, apply=_in_area)

    def shown(self, value: Any) -> Any:
        """The name of the area."""
        place = queries.place(value)
        return place_name(place) if place else value


AREA_CODE = re.compile(r"^\d\d(\.\d\d(\.\d\d(\.\d{4}(/\d{3})?)?)?)?$")
NEED_COLUMNS: tuple[Column, ...] = (
    Column("share", _("Least helped"), sort=("share", "-still_needed"), exported=False),
    Column("soonest", _("Needed by"), sort="soonest"),
    Column("newest", _("Newest"), "verified_at", sort="-verified_at", exported=False),
    Column("code", _("Area code (Kemendagri)"), "place.code"),
    Column("place", _("Place"), lambda need: need_title(need)),
    Column("where", _("Where"), lambda need: need_whereabouts(need)),
    Column("cause", _("Why"), "get_cause_display"),
    Column("households", _("Households")),
    Column("people", _("People")),
    Column("estimated", _("Estimated")),
    Column("items", _("Items"), lambda need: _items_in_words(need)),
    Column("needed", _("Needed")),
    Column("committed", _("Promised")),
    Column("delivered", _("Delivered")),
)


def _items_in_words(need: Need) -> str:
    return "; ".join(
        f"{line.item.code} {line.reported}/{line.committed}/{line.delivered}" for line in need.lines.all()
    )


class NeedList(ListPage):
    """Open needs, the least helped first."""

    title = _("Who needs help")
    columns: ClassVar[Sequence[Column]] = NEED_COLUMNS
    search_fields = ("place__name", "place__parent__name", "place__parent__parent__name", "institution__name")
    search_label = _("Place or institution")
    filters = (
        Filter.choice("item", _("What is needed"), item_choices, apply=queries.asking_for),
        Filter.choice("cause", _("Why"), Cause.choices, lookup="cause"),
        Filter.choice("city", _("City"), city_choices, apply=_in_area),
        Filter.choice("kecamatan", _("Kecamatan"), kecamatan_choices, apply=_in_area),
        Filter.choice(
            "from", _("Distance from"), kelurahan_choices, apply=_from_place, everything=_("No place chosen")
        ),
        Filter.flag(
            "open", _("Only what still needs help"), apply=lambda rows, _on: rows.filter(still_needed__gt=0)
        ),
        _Area.hidden(),
        Near.me(queries.from_point),
    )
    default_sort = "share"
    page_size = 12
    template_name = "aid/list.html"
    row_template = "aid/_need_card.html"
    empty_title = _("No place needs help right now")
    empty_text = _("New needs appear here as soon as they are checked. You can offer goods already.")
    export_name = "kebutuhan"

    @property
    def points_address(self) -> str:
        """Address of the map's points, with the same search and filters."""
        query = self.address(page=None, sort=None, size=None).partition("?")[2]
        return f"{reverse('aid:points')}?{query}" if query else reverse("aid:points")


class NearestNeedList(NeedList):
    """Open needs from a point on, the nearest first."""

    columns = (Column("distance", _("Nearest"), "km", sort="km", exported=False), *NEED_COLUMNS)
    default_sort = "distance"


def need_list(request: HttpRequest, rows: Any) -> NeedList:
    """The list of needs as the address asks for it: by distance when there is a point to measure from."""
    plain = NeedList(request, rows)
    clean = plain.form.cleaned_data
    return NearestNeedList(request, rows) if clean.get("near") or clean.get("from") else plain


def pledge_state_choices() -> list[tuple[str, Any]]:
    """Where promises are, for a filter."""
    return [
        (CommitmentState.CONFIRMED, _("Still to come")),
        (CommitmentState.FULFILLED, _("Arrived")),
        (CommitmentState.RELEASED, _("Cancelled")),
    ]


class IncomingList(ListPage):
    """What is coming to the actor's places, each with its receipt code."""

    title = _("What is coming")
    columns = (
        Column("day", _("Day"), "deliver_date", sort="deliver_date"),
        Column(
            "place",
            _("Place"),
            lambda pledge: need_title(pledge.need_line.need),
            sort="need_line__need__place__name",
        ),
        Column("item", _("Item"), "need_line.item.name"),
        Column("quantity", _("Promised")),
        Column("delivered", _("Delivered")),
        Column("state", _("State"), lambda pledge: PLEDGE_WORDS[queries.status(pledge)].label),
    )
    filters = (Filter.choice("state", _("State"), pledge_state_choices, lookup="state"),)
    page_size = 12
    template_name = "aid/mine.html"
    row_template = "aid/_incoming_card.html"
    empty_title = _("Nothing is on its way")
    empty_text = _("Promises appear here as soon as helpers confirm them.")


class OwnNeedList(ListPage):
    """Needs of the actor's places, in every state."""

    title = _("Needs of my places")
    columns = (
        Column("newest", _("Newest"), "registered_at", sort="-registered_at"),
        Column("place", _("Place"), lambda need: need_title(need), sort="place__name"),
        Column("share", _("Least helped"), sort="share"),
    )
    search_fields = ("place__name", "place__parent__name", "institution__name")
    filters = (
        Filter.choice(
            "state",
            _("State"),
            lambda: [(state, NEED_WORDS[state].label) for state in NeedState],
            lookup="state",
        ),
    )
    default_sort = "newest"
    page_size = 12
    template_name = "aid/own_needs.html"
    row_template = "aid/_own_need_card.html"
    empty_title = _("No need is registered yet")
    empty_text = _("Register what your place lacks. It is checked first, then helpers see it.")


class PledgeList(ListPage):
    """Promises of the actor and of the partners they act for."""

    title = _("My promises")
    columns = (
        Column("made", _("Newest"), "pledged_at", sort="-pledged_at"),
        Column("day", _("Day of delivery"), "deliver_date", sort="deliver_date"),
        Column("item", _("Item"), "need_line.item.name"),
        Column("place", _("Place"), lambda pledge: need_title(pledge.need_line.need)),
    )
    filters = (Filter.choice("state", _("State"), pledge_state_choices, lookup="state"),)
    default_sort = "made"
    page_size = 12
    template_name = "aid/plain_list.html"
    row_template = "aid/_pledge_card.html"
    empty_title = _("You have not promised anything yet")
    empty_text = _("Choose a place that needs help and promise what you can.")


class OfferList(ListPage):
    """Offers of the actor and of the partners they act for, with what became of each."""

    title = _("My offers")
    columns = (
        Column("newest", _("Newest"), "registered_at", sort="-registered_at"),
        Column("item", _("Item"), "item.name", sort="item__name_id"),
    )
    default_sort = "newest"
    page_size = 12
    template_name = "aid/offers.html"
    row_template = "aid/_offer_card.html"
    empty_title = _("You have not offered anything yet")
    empty_text = _("Offer goods for wherever they are needed most; the city proposes where they go.")


class VerifyList(ListPage):
    """Needs that wait for a verifier, the oldest first."""

    title = _("Needs to check")
    columns = (
        Column(
            "place",
            _("Place"),
            lambda need: need_title(need),
            sort=("place__name",),
            link=lambda need: reverse("aid:verify_need", args=[need.pk]),
        ),
        Column("where", _("Where"), lambda need: need_whereabouts(need)),
        Column("cause", _("Why"), "get_cause_display", sort="cause"),
        Column("households", _("Households"), numeric=True, sort="households"),
        Column("people", _("People"), numeric=True, sort="people"),
        Column("needed", _("Needed"), numeric=True, sort="needed"),
        Column("waiting", _("Registered"), "registered_at", sort="registered_at"),
    )
    search_fields = ("place__name", "place__parent__name", "institution__name")
    default_sort = "waiting"
    template_name = "aid/verify.html"
    empty_title = _("Nothing to check")
    empty_text = _("New needs of your area appear here.")


class WaitingDeliveryList(ListPage):
    """Deliveries that nobody of the receiving side has answered for days."""

    title = _("Deliveries without an answer")
    columns = (
        Column(
            "place",
            _("Place"),
            lambda each: need_title(each.pledge.need_line.need),
            link=lambda each: reverse("aid:receive", args=[each.pledge_id]),
        ),
        Column("where", _("Where"), lambda each: need_whereabouts(each.pledge.need_line.need)),
        Column("item", _("Item"), "pledge.need_line.item.name"),
        Column("quantity", _("Reported"), "quantity", numeric=True, sort="quantity"),
        Column(
            "partner",
            _("Helper"),
            lambda each: each.pledge.partner.name if each.pledge.partner else _("a citizen"),
        ),
        Column("waiting", _("Reported on"), "reported_at", sort="reported_at"),
    )
    default_sort = "waiting"
    template_name = "aid/plain_list.html"
    empty_title = _("Every delivery was answered")


class CoverageList(ListPage):
    """Needed, promised and delivered by kelurahan."""

    title = _("Coverage by kelurahan")
    introduction = _(
        "Needed, promised and delivered are three different numbers. Promised includes what is delivered."
    )
    columns = (
        Column(
            "name",
            _("Kelurahan"),
            "name",
            sort=True,
            link=lambda row: f"{reverse('aid:list')}?area={row.code}",
        ),
        Column("code", _("Area code (Kemendagri)"), "code", shown=False),
        Column("needs", _("Open needs"), "needs", numeric=True, sort=True),
        Column("needed", _("Needed"), "coverage.needed", numeric=True, sort=True),
        Column("committed", _("Promised"), "coverage.committed", numeric=True, sort=True),
        Column("delivered", _("Delivered"), "coverage.delivered", numeric=True, sort=True),
        Column(
            "share",
            _("Promised of needed"),
            "coverage.committed_share",
            template="aid/_share.html",
            numeric=True,
            sort=True,
        ),
    )
    search_fields = ("name",)
    search_label = _("Kelurahan")
    filters = (
        Filter.choice(
            "item",
            _("Item"),
            item_choices,
            apply=lambda _rows, code: queries.coverage_by_kelurahan(item=code),
            everything=_("All items together"),
        ),
    )
    default_sort = "share"
    page_size = 25
    template_name = "aid/coverage.html"
    empty_title = _("No open needs")
    export_name = "cakupan"

    def points(self) -> list[dict[str, Any]]:
        """One point for each kelurahan of the filtered list."""
        return [_coverage_point(row) for row in self.found if row.latitude is not None]


def _coverage_point(row: PlaceCoverage) -> dict[str, Any]:
    counts = row.coverage
    words = {"needed": counts.needed, "committed": counts.committed, "delivered": counts.delivered}
    return {
        "lat": row.latitude,
        "lon": row.longitude,
        "title": row.name,
        "text": str(_("%(needed)s needed, %(committed)s promised, %(delivered)s delivered") % words),
        "href": f"{reverse('aid:list')}?area={row.code}",
        "kind": "good" if counts.committed >= counts.needed else "open",
    }
