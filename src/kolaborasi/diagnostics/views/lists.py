"""The lists of the staff pages: what they show, how they are searched, sorted and filtered."""

from __future__ import annotations

from typing import Any, ClassVar

from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from kolaborasi.common import clock
from kolaborasi.common.pages import Column, Filter, ListPage
from kolaborasi.diagnostics.models import Priority, Reason, SpecimenType
from kolaborasi.diagnostics.models.bench import RunStateChoice
from kolaborasi.diagnostics.models.results import OutcomeChoice, ResultStateChoice, Source
from kolaborasi.diagnostics.models.specimens import SpecimenStateChoice
from kolaborasi.diagnostics.queries.desk import on_day_of
from kolaborasi.diagnostics.words import place_name, pseudonym


def page_of(name: str) -> Any:
    """A function giving the address of a row's page."""
    return lambda row: reverse(f"diagnostics:{name}", args=[row.pk])


PRIORITY = Filter.choice("priority", _("Priority"), Priority.choices, lookup="priority")


class WaitingList(ListPage):
    """People who wait for a swab at a site."""

    title = _("Waiting for a swab")
    columns = (
        Column("person", _("Person"), lambda row: pseudonym(row.person_id)),
        Column("booked", _("Booked for"), "booked_at", sort="booked_at"),
        Column("reason", _("Why tested"), "get_reason_display"),
        Column("priority", _("Priority"), "get_priority_display"),
        Column("ordered", _("Ordered"), "ordered_at", sort="ordered_at"),
    )
    filters = (
        PRIORITY,
        Filter.choice("reason", _("Why tested"), Reason.choices, lookup="reason"),
        Filter.flag(
            "today",
            _("Only those booked for today"),
            apply=lambda rows, _on: rows.filter(on_day_of(clock.utc_now())),
        ),
    )
    page_size = 30
    template_name = "diagnostics/desk.html"
    row_template = "diagnostics/_waiting_card.html"
    empty_title = _("Nobody waits for a swab")
    empty_text = _("Orders of this site appear here, those booked for today first.")
    export_name = "antrean-swab"


class SiteSpecimenList(ListPage):
    """Specimens a site took."""

    title = _("Specimens of this site")
    columns = (
        Column("barcode", _("Barcode"), "label.barcode", sort="label__barcode", link=page_of("specimen")),
        Column("kind", _("Specimen"), "get_kind_display"),
        Column(
            "state",
            _("Where it is"),
            "get_state_display",
            sort="state",
            template="diagnostics/_specimen_state.html",
        ),
        Column("lab", _("Lab"), lambda row: row.lab.site.name if row.lab else None),
        Column("collected", _("Taken"), "collected_at", sort="collected_at"),
    )
    search_fields = ("label__barcode",)
    search_label = _("Barcode")
    filters = (
        Filter.choice("state", _("Where it is"), SpecimenStateChoice.choices, lookup="state"),
        PRIORITY,
    )
    default_sort = "-collected"
    template_name = "diagnostics/site_specimens.html"
    empty_title = _("No specimen yet")
    export_name = "spesimen"


class AntigenList(ListPage):
    """Rapid tests of a site, counted apart from PCR."""

    title = _("Rapid tests")
    columns = (
        Column("person", _("Person"), lambda row: pseudonym(row.person_id)),
        Column("tested", _("Tested"), "tested_at", sort="tested_at"),
        Column("brand", _("Brand"), "brand", sort="brand"),
        Column(
            "outcome",
            _("Result"),
            lambda row: OutcomeChoice(row.outcome).label,
            template="diagnostics/_antigen_outcome.html",
        ),
    )
    search_fields = ("brand",)
    search_label = _("Brand")
    filters: ClassVar[Any] = (
        Filter.choice(
            "outcome",
            _("Result"),
            [each for each in OutcomeChoice.choices if each[0] != OutcomeChoice.INCONCLUSIVE],
            lookup="outcome",
        ),
        Filter.flag(
            "open",
            _("Only positive ones without PCR"),
            apply=lambda rows, _on: rows.filter(outcome=OutcomeChoice.POSITIVE, asked=False),
        ),
    )
    default_sort = "-tested"
    template_name = "diagnostics/antigen.html"
    empty_title = _("No rapid test yet")
    empty_text = _("Record one: a positive one leads on to PCR.")
    export_name = "antigen"


class ManifestList(ListPage):
    """Manifests of couriers, the next to depart first."""

    title = _("Courier rounds")
    columns = (
        Column("departs", _("Departs"), "departs_at", sort="departs_at"),
        Column("origin", _("From"), "origin.name", sort="origin__name"),
        Column("lab", _("To"), "lab.site.name", sort="lab__site__name"),
        Column("carried", _("Specimens"), "carried", numeric=True),
        Column("picked_up", _("Picked up"), "picked_up_at"),
        Column("place", _("Place"), lambda row: place_name(row.origin.place)),
    )
    search_fields = ("origin__name", "lab__site__name")
    search_label = _("Site or lab")
    filters = (
        Filter.choice(
            "step",
            _("Step"),
            [("pick-up", _("to be picked up")), ("on-the-way", _("on the way"))],
            apply=lambda rows, step: rows.filter(picked_up_at__isnull=step == "pick-up"),
        ),
    )
    default_sort = "departs"
    page_size = 30
    template_name = "diagnostics/rounds.html"
    row_template = "diagnostics/_manifest_card.html"
    empty_title = _("No round waits for you")
    empty_text = _("Once the coordinator approves a dispatch plan, its manifests appear here.")
    export_name = "kurir"


def queue_note(row: Any) -> str:
    """What a specimen at the bench waits for, in a word; empty for its turn."""
    if row.planned:
        return gettext("on a plate")
    if row.pooled:
        return gettext("in a pool")
    return gettext("to be read alone") if row.singly else ""


class QueueList(ListPage):
    """Specimens in a lab that wait for a run: codes, never names."""

    title = _("Waiting for a run")
    columns = (
        Column("barcode", _("Barcode"), "label.barcode", sort="label__barcode", link=page_of("specimen")),
        Column("priority", _("Priority"), "get_priority_display", template="diagnostics/_priority.html"),
        Column("kind", _("Specimen"), "get_kind_display", sort="kind"),
        Column(
            "waits",
            _("In the lab for"),
            "received_at",
            sort="received_at",
            template="diagnostics/_age.html",
        ),
        Column(
            "collected", _("Taken"), "collected_at", sort="collected_at", template="diagnostics/_age.html"
        ),
        Column("keeps", _("Keeps"), "keeps_until", sort="keeps_until", template="diagnostics/_keeps.html"),
        Column("repeats", _("Earlier runs"), "repeats", sort="repeats", numeric=True),
        Column("note", _("Note"), queue_note, template="diagnostics/_queue_note.html"),
    )
    search_fields = ("label__barcode",)
    search_label = _("Barcode")
    filters = (
        PRIORITY,
        Filter.choice("kind", _("Specimen"), SpecimenType.choices, lookup="kind"),
        Filter.flag(
            "again", _("Only those to be read again"), apply=lambda rows, _on: rows.filter(repeats__gt=0)
        ),
    )
    page_size = 50
    template_name = "diagnostics/bench.html"
    empty_title = _("Nothing waits for a run")
    empty_text = _("Specimens appear here once the reception scanned them.")
    export_name = "antrean-lab"


class ComingList(ManifestList):
    """Manifests on their way to a lab, the next to arrive first."""

    title = _("On the way to you")
    default_sort = ""
    template_name = "diagnostics/reception.html"
    row_template = "diagnostics/_coming_card.html"
    empty_title = _("No manifest is on its way")
    empty_text = _("What arrives without one can be scanned all the same.")
    export_name = "kedatangan"


class RunList(ListPage):
    """Plates of a lab, the newest first."""

    title = _("Plates")
    columns = (
        Column("plate", _("Plate"), "plate", sort="plate", link=page_of("run")),
        Column("assay", _("Assay"), "assay.name", sort="assay__name"),
        Column("machine", _("Machine"), "machine.name", sort="machine__name"),
        Column("state", _("State"), "get_state_display", template="diagnostics/_run_state.html"),
        Column("wells", _("Wells"), "well_count", numeric=True),
        Column("prepared", _("Prepared"), "prepared_at", sort="prepared_at"),
        Column("started", _("Started"), "started_at", sort="started_at"),
        Column("ended", _("Ended"), "ended_at", sort="ended_at"),
    )
    search_fields = ("plate", "machine__name")
    search_label = _("Plate or machine")
    filters = (Filter.choice("state", _("State"), RunStateChoice.choices, lookup="state"),)
    default_sort = "-prepared"
    template_name = "diagnostics/runs.html"
    empty_title = _("No plate yet")
    empty_text = _("Prepare one from what waits at the bench.")
    export_name = "plate"


class ResultList(ListPage):
    """Results a lab ever had, those that no longer count too."""

    title = _("All results")
    columns = (
        Column("barcode", _("Barcode"), "specimen.label.barcode", link=page_of("lab_result")),
        Column(
            "outcome",
            _("Result"),
            "get_outcome_display",
            sort="outcome",
            template="diagnostics/_outcome.html",
        ),
        Column("state", _("State"), "get_state_display", template="diagnostics/_result_state.html"),
        Column("source", _("How it came in"), "get_source_display"),
        Column("resulted", _("Read"), "resulted_at", sort="resulted_at"),
        Column("validated", _("Validated"), "validated_at", sort="validated_at"),
    )
    search_fields = ("specimen__label__barcode",)
    search_label = _("Barcode")
    filters = (
        Filter.choice("state", _("State"), ResultStateChoice.choices, lookup="state"),
        Filter.choice("outcome", _("Result"), OutcomeChoice.choices, lookup="outcome"),
    )
    default_sort = "-resulted"
    template_name = "diagnostics/results.html"
    empty_title = _("No result yet")


class ValidationList(ListPage):
    """Results that wait for a second person."""

    title = _("To be validated")
    columns = (
        Column("barcode", _("Barcode"), "specimen.label.barcode"),
        Column("outcome", _("Result"), "get_outcome_display", sort="outcome"),
        Column("collected", _("Taken"), "specimen.collected_at", sort="specimen__collected_at"),
        Column("resulted", _("Read"), "resulted_at", sort="resulted_at"),
    )
    search_fields = ("specimen__label__barcode", "well__run__plate")
    search_label = _("Barcode or plate")
    filters = (
        Filter.choice(
            "outcome",
            _("Result"),
            [each for each in OutcomeChoice.choices if each[0] != OutcomeChoice.INVALID],
            lookup="outcome",
        ),
        Filter.choice("source", _("How it came in"), Source.choices, lookup="source"),
    )
    default_sort = ""
    page_size = 50
    template_name = "diagnostics/validation.html"
    results_template = "diagnostics/_validation.html"
    empty_title = _("No result waits for validation")
    empty_text = _("Results appear here once a plate was read or a file taken in.")
    export_name = "validasi"
