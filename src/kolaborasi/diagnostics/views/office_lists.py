"""Lists of the health office and the puskesmas: labs, plans, late results, positive results."""

from __future__ import annotations

from typing import Any

from django.db.models import F
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from kolaborasi.common.pages import Column, Filter, ListPage
from kolaborasi.diagnostics.models import LabKind, Priority
from kolaborasi.diagnostics.models.dispatch import PlanStateChoice
from kolaborasi.diagnostics.models.labs import LabStateChoice
from kolaborasi.diagnostics.models.specimens import SpecimenStateChoice
from kolaborasi.diagnostics.states import UNREAD, SpecimenState
from kolaborasi.diagnostics.words import place_name, pseudonym, slot_words


class LabList(ListPage):
    """Labs with what waits, how long results take and how much of the offer is used."""

    title = _("Labs")
    introduction = _(
        "Backlog counts specimens inside and on their way. Turnaround is from swab to validated result, over the last"
        " seven days."
    )
    columns = (
        Column(
            "name",
            _("Lab"),
            "lab.site.name",
            sort=True,
            link=lambda row: reverse("diagnostics:lab", args=[row.pk]),
        ),
        Column("partner", _("Partner"), "lab.site.partner.name", shown=False),
        Column("kind", _("Kind"), lambda row: row.lab.kind.label, sort=True),
        Column(
            "state",
            _("State"),
            lambda row: row.lab.get_state_display(),
            template="diagnostics/_lab_state.html",
        ),
        Column("waiting", _("Backlog"), "waiting", sort=True, numeric=True),
        Column("oldest", _("Oldest swab"), "oldest_at", sort=True, template="diagnostics/_since.html"),
        Column("results", _("Results in 7 days"), "results", sort=True, numeric=True),
        Column(
            "median", _("Median hours"), "median", sort=True, numeric=True, template="diagnostics/_hours.html"
        ),
        Column(
            "p95", _("95th percentile"), "p95", sort=True, numeric=True, template="diagnostics/_hours.html"
        ),
        Column("offered", _("Offered"), "offered", sort=True, numeric=True),
        Column("used", _("Taken in"), "used", sort=True, numeric=True, shown=False),
        Column("share", _("Used"), "share_used", sort=True, numeric=True, template="diagnostics/_share.html"),
    )
    search_fields = ("name",)
    search_label = _("Lab")
    filters = (
        Filter.choice(
            "state",
            _("State"),
            LabStateChoice.choices,
            apply=lambda rows, state: [row for row in rows if row.lab.state == state],
        ),
        Filter.choice(
            "kind",
            _("Kind"),
            LabKind.choices,
            apply=lambda rows, kind: [row for row in rows if row.lab.kind == kind],
        ),
    )
    default_sort = "oldest"
    template_name = "diagnostics/labs.html"
    empty_title = _("No lab has joined yet")
    empty_text = _("Labs appear here as soon as a partner registers one.")
    export_name = "laboratorium"


class PlanList(ListPage):
    """Dispatch plans."""

    title = _("Dispatch")
    columns = (
        Column(
            "number",
            _("Plan"),
            lambda row: f"#{row.pk}",
            link=lambda row: reverse("diagnostics:plan", args=[row.pk]),
        ),
        Column("made", _("Made"), "made_at", sort="made_at"),
        Column("departs", _("Round departs"), "departs_at", sort="departs_at"),
        Column("planned", _("Specimens planned"), "planned", sort="planned", numeric=True),
        Column("waiting", _("Waiting"), "waiting", sort="waiting", numeric=True),
        Column(
            "median",
            _("Expected median"),
            lambda row: row.expected.get("median_hours"),
            numeric=True,
            template="diagnostics/_hours.html",
        ),
        Column("state", _("State"), "get_state_display"),
    )
    filters = (Filter.choice("state", _("State"), PlanStateChoice.choices, lookup="state"),)
    default_sort = "-made"
    template_name = "diagnostics/plans.html"
    empty_title = _("No plan yet")
    empty_text = _("Make one for the next courier round.")
    export_name = "rencana-kurir"


class LineList(ListPage):
    """Lines of a dispatch plan."""

    title = _("Lines of the plan")
    columns = (
        Column("origin", _("From"), "origin.name", sort="origin__name"),
        Column("lab", _("To"), "lab.site.name", sort="lab__site__name"),
        Column("quantity", _("Specimens"), "quantity", sort="quantity", numeric=True),
        Column("travel", _("Ride (estimated)"), "travel_minutes", sort="travel_minutes", numeric=True),
        Column(
            "arrives", _("Arrives"), "arrives_at", sort="arrives_at", template="diagnostics/_day_hour.html"
        ),
        Column(
            "results",
            _("Results expected"),
            "results_at",
            sort="results_at",
            template="diagnostics/_day_hour.html",
        ),
        Column("why", _("Why this lab"), "pk", template="diagnostics/_line_why.html", exported=False),
        Column("state", _("State"), "get_state_display"),
        Column("refusal", _("Refused because"), "refusal", shown=False),
    )
    search_fields = ("origin__name", "lab__site__name")
    search_label = _("Site or lab")
    default_sort = "-quantity"
    page_size = 50
    template_name = "diagnostics/plan.html"
    empty_title = _("The plan has no line")
    export_name = "baris-rencana"


def _late_states() -> list[tuple[str, Any]]:
    wanted = (*UNREAD, SpecimenState.RESULTED)
    return [(state.value, SpecimenStateChoice(state).label) for state in wanted]


class LateList(ListPage):
    """Specimens whose result should be there and is not."""

    title = _("Late results")
    introduction = _(
        "The alarm: the result of these specimens should be there and is not. The longest overdue first."
    )
    columns = (
        Column("barcode", _("Barcode"), "label.barcode", sort="label__barcode"),
        Column("priority", _("Priority"), "get_priority_display", sort="priority"),
        Column("state", _("State"), "get_state_display"),
        Column("where", _("Where it is"), lambda row: row.lab.site.name if row.lab else row.site.name),
        Column("site", _("Taken at site"), "site.name", sort="site__name", shown=False),
        Column("collected", _("Taken"), "collected_at", sort="collected_at"),
        Column("late", _("Late since"), "late_at", sort="late_at", template="diagnostics/_since.html"),
        Column("keeps", _("Keeps until"), "keeps_until", sort="keeps_until"),
    )
    search_fields = ("label__barcode", "lab__site__name", "site__name")
    search_label = _("Barcode, site or lab")
    filters = (
        Filter.choice("state", _("State"), _late_states, lookup="state"),
        Filter.choice("priority", _("Priority"), Priority.choices, lookup="priority"),
    )
    default_sort = "late"
    page_size = 50
    template_name = "diagnostics/late.html"
    empty_title = _("No result is late")
    empty_text = _("A specimen appears here when its result is not there in the time its priority allows.")
    export_name = "hasil-terlambat"


class NoticeList(ListPage):
    """Positive results of the area of a puskesmas."""

    title = _("Positive results")
    introduction = _(
        "People of your area whose result is positive. Names are shown one at a time, and each look is on record."
    )
    columns = (
        Column("person", _("Person"), lambda row: pseudonym(row.result.specimen.order.person_id)),
        Column("told", _("Told"), "made_at", sort="made_at"),
        Column("collected", _("Swab taken"), "result.specimen.collected_at"),
        Column("residence", _("Lives in"), lambda row: _residence(row)),
        Column("contacts", _("Contacts"), "contact_count", sort="contact_count", numeric=True),
        Column("seen", _("Seen"), "seen_at", sort="seen_at"),
    )
    filters = (
        Filter.flag(
            "new", _("Only those nobody has seen"), apply=lambda rows, _on: rows.filter(seen_at=None)
        ),
        Filter.date("since", _("Told since"), lookup="made_at__date__gte"),
    )
    default_sort = "-told"
    template_name = "diagnostics/notices.html"
    row_template = "diagnostics/_notice_card.html"
    empty_title = _("No positive result in your area")
    empty_text = _("New ones appear here as soon as a lab validates them.")


def _residence(row: Any) -> str:
    place = row.result.specimen.order.residence
    return place_name(place) if place else ""


class SlotList(ListPage):
    """Times of a site."""

    title = _("Times that can be booked")
    columns = (
        Column("starts", _("When"), lambda row: slot_words(row.starts_at, row.ends_at), sort="starts_at"),
        Column("places", _("Places"), "reported", sort="reported", numeric=True),
        Column("booked", _("Booked"), "committed", sort="committed", numeric=True),
        Column("came", _("Came"), "delivered", sort="delivered", numeric=True),
        Column("left", _("Free"), "left", numeric=True),
    )
    filters = (
        Filter.date("day", _("Day"), lookup="starts_at__date"),
        Filter.flag(
            "free", _("Only with free places"), apply=lambda rows, _on: rows.filter(limit__gt=F("committed"))
        ),
    )
    default_sort = "starts"
    page_size = 50
    template_name = "diagnostics/slots.html"
    empty_title = _("No time is open")
    empty_text = _("Open some with the form above; people find them in the list of sites at once.")
    export_name = "jadwal-tes"


class CatchmentList(ListPage):
    """Which puskesmas looks after which area."""

    title = _("Catchments of puskesmas")
    introduction = _("Positive results are told to the puskesmas of the place of residence.")
    columns = (
        Column("area", _("Area"), lambda row: place_name(row.place), sort="place__name"),
        Column("above", _("In"), lambda row: row.place.parent.name if row.place.parent else ""),
        Column("code", _("Area code (Kemendagri)"), "place.code", sort="place__code"),
        Column("site", _("Puskesmas"), "site.name", sort="site__name"),
    )
    search_fields = ("place__name", "place__code", "site__name")
    search_label = _("Area or puskesmas")
    default_sort = "code"
    page_size = 50
    template_name = "diagnostics/catchments.html"
    empty_title = _("No area has a puskesmas yet")
    empty_text = _("Until then, nobody is told of positive results there.")
    export_name = "wilayah-puskesmas"
