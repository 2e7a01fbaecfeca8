"""The lists of the hospital pages: what they show, how they are searched, sorted and filtered."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from kolaborasi.common import clock
from kolaborasi.common.pages import Column, Filter, ListPage, Near
from kolaborasi.common.pages.export import csv_response
from kolaborasi.hospitals.labels import (
    REFERRAL_WORDS,
    RIDE_WORDS,
    SERVICE_LABELS,
    class_label,
    place_name,
    pseudonym,
)
from kolaborasi.hospitals.models.choices import SeverityChoice
from kolaborasi.hospitals.models.registry import HospitalClass, NetworkStateChoice
from kolaborasi.hospitals.queries import classes_shown
from kolaborasi.hospitals.queries.availability import HospitalBeds, from_point
from kolaborasi.hospitals.rules import Service
from kolaborasi.hospitals.states import ACTIVE, ACTIVE_RIDES, OPEN
from kolaborasi.hospitals.views.access import kelurahan
from kolaborasi.places.queries import places_of_kind
from kolaborasi.places.rules import Kind, shore_of


def class_choices() -> list[tuple[str, str]]:
    """Bed classes of the network."""
    return [(str(each), class_label(each)) for each in classes_shown()]


def service_choices() -> list[tuple[str, Any]]:
    """Services a hospital may have."""
    return [(str(each), label) for each, label in SERVICE_LABELS.items()]


def city_choices() -> list[tuple[str, str]]:
    """Cities and the regency by code."""
    return [(place.code, place.name) for place in places_of_kind(Kind.CITY)]


def kelurahan_choices() -> list[tuple[str, str]]:
    """Kelurahan by code, in alphabetical order."""
    return [(place.code, f"{place.name} ({place.parent.name})") for place in kelurahan() if place.parent]


def _of_class(rows: Sequence[HospitalBeds], bed_class: str) -> list[HospitalBeds]:
    return [found for each in rows if (found := each.of_class(bed_class)) is not None]


def _with_service(rows: Sequence[HospitalBeds], service: str) -> list[HospitalBeds]:
    return [each for each in rows if Service(service) in each.services]


def _in_city(rows: Sequence[HospitalBeds], code: str) -> list[HospitalBeds]:
    return [each for each in rows if each.place_code == code or each.place_code.startswith(f"{code}.")]


def _from_place(rows: Sequence[HospitalBeds], code: str) -> Sequence[HospitalBeds]:
    place = places_of_kind(Kind.KELURAHAN).filter(code=code).first()
    if place is None or place.latitude is None or place.longitude is None:
        return rows
    return from_point(rows, place.latitude, place.longitude, clock.utc_now(), shore_of(code))


def _near(rows: Sequence[HospitalBeds], latitude: float, longitude: float) -> Sequence[HospitalBeds]:
    return from_point(rows, latitude, longitude, clock.utc_now())


LINE_COLUMNS = (
    Column("registry", _("Hospital number"), lambda pair: pair[0].pk),
    Column("name", _("Hospital"), lambda pair: pair[0].name),
    Column("area_code", _("Area code (Kemendagri)"), lambda pair: pair[0].place_code),
    Column("area", _("Place"), lambda pair: pair[0].area),
    Column("class", _("Bed class"), lambda pair: class_label(pair[1].bed_class)),
    Column("code", _("Class code"), lambda pair: pair[1].bed_class),
    Column("left", _("Free"), lambda pair: pair[1].left),
    Column("occupied", _("Occupied"), lambda pair: None if pair[1].free_only else pair[1].occupied),
    Column("staffed", _("Staffed beds"), lambda pair: None if pair[1].free_only else pair[1].staffed),
    Column("waiting", _("People waiting"), lambda pair: pair[1].waiting),
    Column("counted", _("Counted"), lambda pair: None if pair[1].age_unknown else pair[1].observed_at),
    Column("stale", _("Too old to rely on"), lambda pair: pair[1].stale),
)


class AvailabilityList(ListPage):
    """Hospitals of the network with their free beds."""

    title = _("Hospital beds")
    columns: ClassVar[Sequence[Column]] = (
        Column("free", _("Most free beds"), lambda row: -row.left, sort=True),
        Column("name", _("Name"), "name", sort=True),
        Column("area", _("Place"), "area"),
    )
    search_fields = ("name",)
    search_label = _("Hospital or place")
    filters = (
        Filter.choice("class", _("Bed class"), class_choices, apply=_of_class),
        Filter.choice(
            "from", _("Distance from"), kelurahan_choices, apply=_from_place, everything=_("No place chosen")
        ),
        Filter.choice("service", _("The hospital must have"), service_choices, apply=_with_service),
        Filter.choice("city", _("City"), city_choices, apply=_in_city),
        Filter.flag(
            "free", _("Only with free beds"), apply=lambda rows, _on: [each for each in rows if each.left > 0]
        ),
        Filter.flag(
            "fresh",
            _("Only counts that are not too old"),
            apply=lambda rows, _on: [each for each in rows if not each.stale],
        ),
        Near.me(_near),
    )
    default_sort = "free"
    page_size = 12
    template_name = "hospitals/list.html"
    row_template = "hospitals/_hospital_card.html"
    empty_title = _("No hospital gives beds to the network yet")
    empty_text = _("Hospitals appear here as soon as they join and report their beds.")
    export_name = "tempat-tidur"

    @property
    def points_address(self) -> str:
        """Address of the map's points, with the same search and filters."""
        query = self.address(page=None, sort=None, size=None).partition("?")[2]
        return f"{reverse('hospitals:points')}?{query}" if query else reverse("hospitals:points")

    def _file(self) -> HttpResponseBase:
        if self.bad_parameters:
            return super()._file()
        # One line for each class: sums over classes would hide that an ICU bed is no isolation bed.
        pairs = [(hospital, line) for hospital in self.found for line in hospital.lines]
        return csv_response(LINE_COLUMNS, pairs, self.export_name)


class NearestAvailabilityList(AvailabilityList):
    """The same from a point on, the nearest first."""

    columns = (Column("distance", _("Nearest"), "minutes", sort=True), *AvailabilityList.columns)
    default_sort = "distance"


def availability_list(request: HttpRequest, rows: Sequence[HospitalBeds], **context: Any) -> AvailabilityList:
    """The list as the address asks for it: by distance when there is a point to measure from."""
    plain = AvailabilityList(request, rows, **context)
    clean = plain.form.cleaned_data
    return (
        NearestAvailabilityList(request, rows, **context) if clean.get("near") or clean.get("from") else plain
    )


def _states(states: Sequence[str]) -> list[tuple[str, Any]]:
    return [(str(state), REFERRAL_WORDS[state].label) for state in states]


def _of_city(rows: Any, code: str) -> Any:
    return rows.filter(place__code__startswith=f"{code}.")


class BoardList(ListPage):
    """Patients on their way to a bed, in the order they are helped."""

    title = _("Dispatcher's board")
    columns = (
        Column("place", _("Place"), lambda row: place_name(row.place)),
        Column("waiting", _("Waiting since"), "requested_at"),
    )
    filters = (
        Filter.choice("state", _("State"), lambda: _states(OPEN), lookup="state"),
        Filter.choice("severity", _("Severity"), SeverityChoice.choices, lookup="severity"),
        Filter.choice("city", _("City"), city_choices, apply=_of_city),
    )
    page_size = 30
    template_name = "hospitals/board.html"
    results_template = "hospitals/_board.html"
    row_template = "hospitals/_referral_card.html"
    empty_title = _("Nobody waits for a bed")
    empty_text = _("New referrals appear here by themselves.")


class ReferralList(ListPage):
    """Referrals the actor is at an end of, the newest first."""

    title = _("Our referrals")
    columns = (
        Column("newest", _("Newest"), "requested_at", sort="-requested_at"),
        Column("severity", _("Severity"), "get_severity_display", sort="-severity"),
    )
    filters = (
        Filter.choice(
            "state", _("State"), lambda: _states([*ACTIVE, "discharged", "died", "cancelled"]), lookup="state"
        ),
        Filter.choice("severity", _("Severity"), SeverityChoice.choices, lookup="severity"),
    )
    default_sort = "newest"
    page_size = 20
    template_name = "hospitals/referrals.html"
    row_template = "hospitals/_referral_card.html"
    empty_title = _("No referral yet")
    empty_text = _("Ask for a bed; you see here what became of it.")


class IsolationList(ListPage):
    """People isolating, those nobody has reached today first."""

    title = _("Home isolation")
    columns = (
        Column("person", _("Person"), lambda row: pseudonym(row.person_id)),
        Column("place", _("Place"), lambda row: place_name(row.place)),
    )
    filters = (
        Filter.flag(
            "open",
            _("Only those not followed up today"),
            apply=lambda rows, _on: rows.filter(followed_up=False),
        ),
        Filter.flag("risk", _("Only those at risk"), apply=lambda rows, _on: rows.filter(at_risk=True)),
    )
    page_size = 30
    template_name = "hospitals/isolation.html"
    row_template = "hospitals/_isolation_card.html"
    empty_title = _("Nobody is on the list")
    empty_text = _("Add people who isolate at home; they are then followed up every day.")


class RideList(ListPage):
    """Ambulance requests under way."""

    title = _("Ambulances")
    columns = (Column("place", _("Place"), lambda row: place_name(row.place)),)
    filters = (
        Filter.choice(
            "state",
            _("State"),
            lambda: [(str(state), RIDE_WORDS[state].label) for state in ACTIVE_RIDES],
            lookup="state",
        ),
    )
    page_size = 20
    template_name = "hospitals/ambulances.html"
    row_template = "hospitals/_ride_card.html"
    empty_title = _("No ambulance is asked for")


class KnownHospitalList(ListPage):
    """Every hospital the city knows, in the network or not."""

    title = _("The network of hospitals")
    columns = (
        Column(
            "name",
            _("Hospital"),
            "site.name",
            sort="site__name",
            link=lambda row: reverse("hospitals:hospital", args=[row.pk]),
        ),
        Column("class", _("Class"), "hospital_class", sort=("hospital_class", "site__name")),
        Column("owner", _("Owner"), "get_ownership_display"),
        Column("place", _("Place"), lambda row: place_name(row.site.place)),
        Column("state", _("Part in the network"), "get_network_display", sort=("network", "site__name")),
        Column("beds", _("All beds of the house"), "total_beds", numeric=True, sort="total_beds"),
    )
    search_fields = ("site__name", "site__place__name")
    search_label = _("Hospital or place")
    filters = (
        Filter.choice("network", _("Part in the network"), NetworkStateChoice.choices, lookup="network"),
        Filter.choice(
            "class", _("Class"), [each for each in HospitalClass.choices if each[0]], lookup="hospital_class"
        ),
        Filter.choice(
            "city",
            _("City"),
            city_choices,
            apply=lambda rows, code: rows.filter(site__place__code__startswith=code),
        ),
    )
    default_sort = "name"
    page_size = 25
    template_name = "hospitals/network.html"
    empty_title = _("No hospital is known")
    export_name = "rumah-sakit"


class NameList(ListPage):
    """Names of files that wait for a person to say which hospital is meant."""

    title = _("Names to review")
    columns = (
        Column(
            "name",
            _("Name in the file"),
            "name",
            sort="name",
            link=lambda row: reverse("hospitals:name", args=[row.pk]),
        ),
        Column("city", _("City code (BPS)"), "city_code", sort=("city_code", "name")),
        Column("likely", _("Most likely"), lambda row: row.likely.site.name if row.likely else None),
        Column("waiting", _("Rows that wait"), "waiting", numeric=True, sort="-waiting"),
        Column("seen", _("First seen"), "seen_at", sort="-seen_at"),
    )
    search_fields = ("name",)
    search_label = _("Name in the file")
    default_sort = "name"
    page_size = 25
    template_name = "hospitals/names.html"
    empty_title = _("No name to review")
    empty_text = _("Every hospital in the files was recognised.")
    export_name = "nama-rumah-sakit"


class LoadList(ListPage):
    """Files of beds that were loaded."""

    title = _("Files of beds")
    columns = (
        Column("loaded", _("Loaded"), "loaded_at", sort=("-loaded_at", "-pk")),
        Column(
            "file",
            _("File"),
            "file_name",
            sort="file_name",
            link=lambda row: reverse("hospitals:load", args=[row.pk]),
        ),
        Column("source", _("Kind"), "get_source_display", shown=False),
        Column("rows", _("Rows"), "rows", numeric=True),
        Column("taken", _("Counts taken"), "taken", numeric=True),
        Column("waiting", _("Rows that wait"), "waiting", numeric=True),
        Column("refused", _("Not taken"), "refused", numeric=True),
    )
    search_fields = ("file_name",)
    search_label = _("Name of the file")
    filters = (
        Filter.flag(
            "open", _("Only with rows that wait"), apply=lambda rows, _on: rows.filter(waiting__gt=0)
        ),
    )
    default_sort = "loaded"
    page_size = 25
    template_name = "hospitals/loads.html"
    empty_title = _("No file was loaded yet")
    empty_text = _("Send a day of SIRANAP or a plain file of beds.")
    export_name = "berkas-tempat-tidur"
