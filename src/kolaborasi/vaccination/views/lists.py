"""The lists of the staff pages: what they show, how they are searched, sorted and filtered."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, ClassVar

from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _

from kolaborasi.common.pages import Column, Filter, ListPage
from kolaborasi.places.queries import places_of_kind
from kolaborasi.places.rules import Kind
from kolaborasi.vaccination.labels import (
    BOOKING_WORDS,
    CHANNEL_LABELS,
    CORRECTION_WORDS,
    EVENT_WORDS,
    FITNESS_WORDS,
    LINE_WORDS,
    SESSION_WORDS,
    VISIT_WORDS,
    city_name,
    line_reasons,
    place_name,
    pseudonym,
)
from kolaborasi.vaccination.models import CorrectionKind, EndReason, SessionKind
from kolaborasi.vaccination.queries.work import products
from kolaborasi.vaccination.states import BookingFacts, booking_status

SOON = timedelta(days=30)


def product_choices() -> list[tuple[str, str]]:
    """Vaccines by code."""
    return [(product.code, product.name) for product in products()]


def words(table: Any) -> list[tuple[str, Any]]:
    """States with their words."""
    return [(str(state), word.label) for state, word in table.items()]


def _when(rows: Any, value: str) -> Any:
    today = localdate()
    if value == "today":
        return rows.filter(date=today)
    return rows.filter(date__gt=today) if value == "later" else rows.filter(date__lt=today)


class SessionList(ListPage):
    """Sessions the actor has a part in."""

    title = _("Sessions")
    columns = (
        Column("date", _("Day"), "date", sort=("turn", "gap", "site__name")),
        Column("site", _("Site"), "site.name", sort="site__name"),
        Column("place", _("Place"), lambda row: place_name(row.site.place), shown=False),
        Column("product", _("Vaccine"), "product.name", sort="product__name"),
        Column("kind", _("Kind"), "get_kind_display", shown=False),
        Column("state", _("State"), lambda row: SESSION_WORDS[row.state].label),
        Column("booked", _("Booked"), "booked", numeric=True),
        Column("waiting", _("In the queue"), "waiting", numeric=True),
        Column("given", _("Doses given"), "given", numeric=True),
        Column("doses", _("Doses left"), "doses_left", numeric=True),
    )
    search_fields = ("site__name", "site__place__name")
    search_label = _("Site or place")
    filters = (
        Filter.choice(
            "when",
            _("Day"),
            [("today", _("Today")), ("later", _("Later")), ("before", _("Before today"))],
            apply=_when,
        ),
        Filter.choice("state", _("State"), lambda: words(SESSION_WORDS), lookup="state"),
        Filter.choice("kind", _("Kind"), SessionKind.choices, lookup="kind"),
        Filter.choice("product", _("Vaccine"), product_choices, lookup="product__code"),
    )
    default_sort = "date"
    template_name = "vaccination/sessions.html"
    row_template = "vaccination/_own_session_card.html"
    page_size = 20
    empty_title = _("No session yet")
    empty_text = _("Sessions appear here once one of your organisations has a part in them.")
    export_name = "sesi-vaksinasi"


def status_of(booking: Any) -> str:
    """The state of a booking, from what is joined to it."""
    facts = BookingFacts(booking.state, booking.end_reason, getattr(booking, "visit", None) is not None)
    return booking_status(facts)


class BookingList(ListPage):
    """Bookings of a session, without names."""

    title = _("Bookings of the session")
    columns = (
        Column("window", _("Time"), "quota.slot.starts_at", sort=("quota__slot__starts_at",)),
        Column("person", _("Person"), lambda row: pseudonym(row.recipient_id), exported=False),
        Column("dose", _("Dose"), "dose_number", numeric=True),
        Column("channel", _("Way"), "get_channel_display", sort="channel"),
        Column("lot", _("Lot"), "balance.lot.code"),
        Column("status", _("State"), lambda row: BOOKING_WORDS[status_of(row)].label),
        Column("reason", _("Ended because"), "get_end_reason_display"),
    )
    filters = (
        Filter.choice("channel", _("Way"), list(CHANNEL_LABELS.items()), lookup="channel"),
        Filter.choice(
            "state",
            _("State"),
            [("open", _("Open")), ("fulfilled", _("Vaccinated")), ("ended", _("Ended without a dose"))],
            apply=lambda rows, value: rows.filter(
                state__in={"open": ["held", "confirmed"], "fulfilled": ["fulfilled"]}.get(
                    value, ["released", "expired"]
                )
            ),
        ),
        Filter.choice("reason", _("Ended because"), EndReason.choices, lookup="end_reason"),
    )
    default_sort = "window"
    template_name = "vaccination/plain_list.html"
    empty_title = _("Nobody is booked yet")
    export_name = "pemesanan"


class QueueHistory(ListPage):
    """Everybody who came to a session, with what became of them."""

    title = _("Everybody who came")
    columns = (
        Column("number", _("Number"), "number", numeric=True, sort="number"),
        Column("person", _("Person"), lambda row: pseudonym(row.recipient_id), exported=False),
        Column("lane", _("Way"), "get_lane_display", sort="lane"),
        Column("arrived", _("Arrived"), "arrived_at", sort="arrived_at"),
        Column("called", _("Called"), "called_at"),
        Column("state", _("State"), lambda row: VISIT_WORDS[row.state].label, sort="state"),
    )
    filters = (Filter.choice("state", _("State"), lambda: words(VISIT_WORDS), lookup="state"),)
    default_sort = "number"
    template_name = "vaccination/plain_list.html"
    empty_title = _("Nobody came yet")


class EventList(ListPage):
    """Adverse events of the actor's sessions."""

    title = _("Adverse events")
    columns = (
        Column(
            "case",
            _("Case"),
            lambda row: f"KIPI-{row.pk}",
            link=lambda row: reverse("vaccination:event", args=[row.pk]),
        ),
        Column("kind", _("What was seen"), "get_kind_display", sort="kind"),
        Column("serious", _("Serious"), "serious", sort="-serious"),
        Column("product", _("Vaccine"), "dose.product.name"),
        Column("lot", _("Lot"), "dose.lot_code", sort="dose__lot_code"),
        Column("outcome", _("How the person is"), "get_outcome_display"),
        Column("state", _("Follow-up"), lambda row: EVENT_WORDS[row.state].label, sort="state"),
        Column("due", _("Look again by"), "due_date", sort="due_date"),
    )
    search_fields = ("dose__lot_code",)
    search_label = _("Lot")
    filters = (
        Filter.flag("serious", _("Only serious ones"), lookup="serious"),
        Filter.choice("state", _("Follow-up"), lambda: words(EVENT_WORDS), lookup="state"),
    )
    template_name = "vaccination/plain_list.html"
    empty_title = _("No adverse event is on record")
    export_name = "kipi"


class StockList(ListPage):
    """Doses by place and lot, what expires first first."""

    title = _("Doses in stock")
    introduction = _("What expires first stands first and is given first.")
    columns = (
        Column(
            "lot",
            _("Lot"),
            "lot.code",
            sort="lot__code",
            link=lambda row: reverse("vaccination:balance", args=[row.pk]),
        ),
        Column("product", _("Vaccine"), "lot.vaccine.product.name", sort="lot__vaccine__product__name"),
        Column("location", _("Where"), "location.name", sort="location__name"),
        Column("expires", _("Not to be used from"), "lot.expires_date", sort="lot__expires_date"),
        Column("fitness", _("May be given"), lambda row: FITNESS_WORDS[row.fitness].label),
        Column("on_hand", _("Here"), "on_hand", numeric=True, sort="on_hand"),
        Column("arriving", _("Arriving"), "arriving", numeric=True),
        Column("committed", _("Promised"), "committed", numeric=True),
        Column("left", _("Free"), "left", numeric=True),
    )
    search_fields = ("lot__code", "location__name")
    search_label = _("Lot or place")
    filters = (
        Filter.choice("product", _("Vaccine"), product_choices, lookup="lot__vaccine__product__code"),
        Filter.choice("fitness", _("May be given"), lambda: words(FITNESS_WORDS), lookup="fitness"),
        Filter.flag(
            "soon",
            _("Expires within 30 days"),
            apply=lambda rows, _on: rows.filter(
                lot__expires_date__gt=localdate(), lot__expires_date__lte=localdate() + SOON
            ),
        ),
    )
    default_sort = "expires"
    template_name = "vaccination/stock.html"
    empty_title = _("No doses yet")
    empty_text = _("Receive a lot, or wait for a shipment that is on its way to you.")
    export_name = "stok-vaksin"


class LotList(ListPage):
    """Every lot the network knows."""

    title = _("Lots")
    columns = (
        Column(
            "code",
            _("Lot"),
            "lot.code",
            sort="lot__code",
            link=lambda row: reverse("vaccination:lot", args=[row.pk]) if row.mine else "",
        ),
        Column("product", _("Vaccine"), "product.name", sort="product__name"),
        Column("owner", _("Owner"), "owner.name", sort="owner__name"),
        Column("expires", _("Not to be used from"), "lot.expires_date", sort="lot__expires_date"),
        Column("vial", _("Doses in a vial"), "doses_per_vial", numeric=True),
        Column("vvm", _("Vial monitor, stage"), "vvm_stage", numeric=True),
        Column("state", _("Recalled"), lambda row: row.get_recall_reason_display() or None, sort="state"),
    )
    search_fields = ("lot__code",)
    search_label = _("Lot")
    filters = (
        Filter.choice("product", _("Vaccine"), product_choices, lookup="product__code"),
        Filter.flag(
            "recalled", _("Only recalled ones"), apply=lambda rows, _on: rows.filter(state="recalled")
        ),
    )
    default_sort = "expires"
    template_name = "vaccination/plain_list.html"
    empty_title = _("No lot yet")
    export_name = "lot-vaksin"


class RecallList(ListPage):
    """Every dose of a lot with its person and place: whom a recall must reach."""

    title = _("Doses of the lot")
    columns = (
        Column("dose", _("Dose record"), "pk", numeric=True),
        Column("person", _("Person"), lambda row: pseudonym(row.recipient_id), exported=False),
        Column("given", _("Given"), "given_at", sort="given_at"),
        Column("site", _("Site"), "site.name", sort="site__name"),
        Column("number", _("Dose"), "number", numeric=True),
        Column(
            "events",
            _("Adverse events"),
            "event_count",
            numeric=True,
            sort="event_count",
        ),
    )
    search_fields = ("site__name",)
    search_label = _("Site")
    default_sort = "given"
    template_name = "vaccination/lot.html"
    empty_title = _("No dose of this lot was given")
    export_name = "dosis-lot"


class ShipmentList(ListPage):
    """Doses on their way."""

    title = _("Shipments on their way")
    columns = (
        Column("lot", _("Lot"), "lot.code", sort="lot__code"),
        Column("product", _("Vaccine"), "lot.vaccine.product.name"),
        Column("source", _("From"), "source.name"),
        Column("target", _("To"), "target.name", sort="target__name"),
        Column("doses", _("Doses"), lambda row: row.quantity - row.received, numeric=True),
        Column("arrives", _("Arrives by"), "arrives_date", sort="arrives_date"),
        Column(
            "receive",
            _("Arrived?"),
            lambda _row: _("Receive"),
            link=lambda row: reverse("vaccination:receive_shipment", args=[row.pk]),
            exported=False,
        ),
    )
    search_fields = ("lot__code", "target__name")
    search_label = _("Lot or place")
    default_sort = "arrives"
    template_name = "vaccination/plain_list.html"
    empty_title = _("Nothing is on its way")
    export_name = "kiriman-vaksin"


class PlanList(ListPage):
    """Supply plans."""

    title = _("Supply plans")
    introduction = _("A plan advises; doses move when you approve a line.")
    columns = (
        Column(
            "proposed",
            _("Proposed"),
            "proposed_at",
            sort="proposed_at",
            link=lambda row: reverse("vaccination:plan", args=[row.pk]),
        ),
        Column("store", _("From"), "store.name"),
        Column("starts", _("First day"), "starts_date", sort="starts_date"),
        Column("days", _("Days"), "days", numeric=True),
        Column("doses", _("Doses"), lambda row: row.effect.get("doses"), numeric=True),
        Column("avoided", _("Expiry avoided"), lambda row: row.effect.get("expiring_avoided"), numeric=True),
        Column("lines", _("Lines"), "line_count", numeric=True),
        Column("undecided", _("Still to decide"), "undecided", numeric=True),
    )
    template_name = "vaccination/plans.html"
    empty_title = _("No plan yet")
    empty_text = _("Propose one for the sessions of the coming days.")


class LineList(ListPage):
    """Lines of a supply plan."""

    title = _("Supply plan")
    columns = (
        Column("day", _("Arrives by"), "arrives_date", sort=("arrives_date", "target__name")),
        Column("target", _("To"), "target.name", sort="target__name"),
        Column("product", _("Vaccine"), "lot.product.name", shown=False),
        Column("lot", _("Lot"), "lot.lot.code", sort="lot__lot__code"),
        Column("expires", _("Not to be used from"), "lot.lot.expires_date"),
        Column("doses", _("Doses"), "doses", numeric=True, sort="doses"),
        Column("why", _("Why"), lambda row: "; ".join(line_reasons(row.reasons))),
        Column("state", _("State"), lambda row: LINE_WORDS[row.state].label, sort="state"),
    )
    search_fields = ("target__name", "lot__lot__code")
    search_label = _("Site or lot")
    filters = (Filter.choice("state", _("State"), lambda: words(LINE_WORDS), lookup="state"),)
    default_sort = "day"
    template_name = "vaccination/plan.html"
    row_template = "vaccination/_line_card.html"
    page_size = 30
    empty_title = _("The plan moves nothing")
    empty_text = _("Either every session has what it needs, or the store has nothing that fits.")
    export_name = "rencana-pasokan"


class CorrectionList(ListPage):
    """Requests to put a record right."""

    title = _("Corrections")
    introduction = _("Each has an owner and a day by which it is decided. What was wrong stays on record.")
    columns = (
        Column(
            "case",
            _("Case"),
            lambda row: f"K-{row.pk}",
            link=lambda row: reverse("vaccination:correction", args=[row.pk]),
        ),
        Column("kind", _("What is wrong"), "get_kind_display", sort="kind"),
        Column("owner", _("Owner"), "owner.name", sort="owner__name"),
        Column("opened", _("Asked for"), "opened_at", sort="opened_at"),
        Column("due", _("Decide by"), "due_date", sort="due_date"),
        Column("state", _("State"), lambda row: CORRECTION_WORDS[row.state].label, sort="state"),
        Column("reference", _("Reference"), "reference"),
    )
    search_fields = ("reference",)
    search_label = _("Reference")
    filters: ClassVar = (
        Filter.choice("kind", _("What is wrong"), CorrectionKind.choices, lookup="kind"),
        Filter.choice("state", _("State"), lambda: words(CORRECTION_WORDS), lookup="state"),
        Filter.flag(
            "late",
            _("Only those past their day"),
            apply=lambda rows, _on: rows.filter(state="open", due_date__lt=localdate()),
        ),
    )
    template_name = "vaccination/corrections.html"
    empty_title = _("Nothing to correct")
    export_name = "koreksi"


def city_choices() -> list[tuple[str, str]]:
    """Cities and the regency by name."""
    return [(city_name(place), city_name(place)) for place in places_of_kind(Kind.CITY)]


def _percent(share: float | None) -> str | None:
    """Whole per cent, as the page writes it; nothing for an unknown share."""
    return f"{share:.0%}" if share is not None else None


def _best_share(row: Any) -> float | None:
    """What is known best of residents with a first dose: as published, or else as on record."""
    share: float | None = row.published_share if row.published_share is not None else row.first_share
    return share


class CoverageList(ListPage):
    """Kelurahan with the doses of their residents beside the doses given in them."""

    title = _("Vaccination coverage")
    columns = (
        Column("code", _("Area code (Kemendagri)"), "code", shown=False),
        Column("name", _("Kelurahan"), "name", sort=True),
        Column("city", _("City"), "city"),
        Column("target", _("Target"), "target", numeric=True, sort=True),
        Column("published", _("Published, dose 1"), "published_first", numeric=True),
        Column("published_2", _("Published, dose 2"), "published_second", numeric=True),
        Column(
            "published_share",
            _("Share"),
            lambda row: _percent(row.published_share),
            numeric=True,
            exported=False,
        ),
        Column("first", _("Residents, dose 1"), "first", numeric=True, sort=True),
        Column("second", _("Residents, dose 2"), "second", numeric=True, sort=True),
        Column("given_first", _("Given here, dose 1"), "given_first", numeric=True, sort=True),
        Column("given_second", _("Given here, dose 2"), "given_second", numeric=True, sort=True),
        Column("share_1", _("Share of residents with dose 1"), _best_share, shown=False, sort=True),
        Column("share_2", _("Share of residents with dose 2"), "second_share", shown=False, sort=True),
    )
    search_fields = ("name",)
    search_label = _("Kelurahan")
    filters = (
        Filter.choice("city", _("City"), city_choices, lookup="city"),
        Filter.flag(
            "low",
            _("Only below half of the target"),
            apply=lambda rows, _on: [
                each for each in rows if (each.published_share or each.first_share or 1) < 0.5
            ],
        ),
    )
    default_sort = "share_1"
    template_name = "vaccination/situation.html"
    page_size = 25
    empty_title = _("No figures yet")
    export_name = "cakupan-vaksinasi"
