"""Pages of bed plans: the list, one plan with its lines, the decisions."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from kolaborasi.allocation import bed_reasons, queries, reasons, services
from kolaborasi.allocation.models import BedLine, BedLineKindChoice, LineStateChoice, Proposal
from kolaborasi.allocation.permissions import TABLE
from kolaborasi.allocation.views import PlanList, actor_of, decide, found_plan, page_of
from kolaborasi.common import clock
from kolaborasi.common.pages import Column, Filter, ListPage, confirm
from kolaborasi.hospitals.labels import class_label, place_name, pseudonym


class BedPlanList(PlanList):
    """All bed plans, newest first."""

    title = _("Plans of beds")
    introduction = _(
        "A plan proposes who goes to which bed, who moves, and which hospitals should convert beds. Nothing is asked "
        "of a hospital before a coordinator approves it."
    )
    empty_text = _("A plan needs somebody who waits for a bed, or a class that is nearly full.")
    export_name = "bed-plans"
    template_name = "allocation/bed_plan_list.html"


def subject(line: BedLine) -> str:
    """Whom or what a line is about: a patient under the pseudonym, or so many beds to convert."""
    if line.referral is None:
        return gettext("%(beds)s beds to convert") % {"beds": reasons.number(line.beds)}
    return pseudonym(line.referral.patient_id)


def severity(line: BedLine) -> str:
    """How ill the patient is; empty for beds to convert."""
    return str(line.referral.get_severity_display()) if line.referral else ""


def origin(line: BedLine) -> str:
    """Where the patient is: a hospital for a transfer, else the kelurahan."""
    if line.leaves is not None:
        return str(line.leaves.pool.hospital.site.name)
    return place_name(line.referral.place) if line.referral else ""


class BedLineList(ListPage):
    """Lines of one bed plan, with a tick box for each that is still to be decided."""

    title = _("Lines of the plan")
    columns = (
        Column("subject", _("Patient"), subject, template="allocation/_bed_subject.html"),
        Column("kind", _("What"), "get_kind_display", sort=("kind", "id")),
        Column("severity", _("Severity"), severity, sort=("-referral__severity", "id")),
        Column("from", _("From"), origin),
        Column(
            "hospital",
            _("To"),
            "hospital.site.name",
            sort="hospital__site__name",
            template="allocation/_bed_to.html",
        ),
        Column("bed_class", _("Bed class"), lambda line: class_label(line.bed_class), shown=False),
        Column("minutes", _("Minutes (estimated)"), sort="minutes", numeric=True),
        Column("why", _("Why"), bed_reasons.why, template="allocation/_why.html"),
        Column(
            "state", _("State"), "get_state_display", sort="state", template="allocation/_bed_line_state.html"
        ),
        Column("refusal", _("Why refused"), bed_reasons.refusal, shown=False),
        Column("decided_at", _("Decided"), shown=False),
    )
    search_fields = ("hospital__site__name", "referral__place__name")
    search_label = _("Hospital or place")
    filters = (
        Filter.choice("kind", _("What"), BedLineKindChoice.choices),
        Filter.choice("state", _("State"), LineStateChoice.choices),
    )
    page_size = 20
    empty_title = _("This plan has no lines")
    export_name = "bed-plan-lines"
    template_name = "allocation/bed_proposal.html"


@login_required
@require_safe
def plans(request: HttpRequest) -> HttpResponseBase:
    """All bed plans."""
    actor = actor_of(request)
    # Lines speak of patients, so that only those who decide see them.
    TABLE.require(actor, "propose_beds")
    return BedPlanList(request, queries.bed_proposals(), may_plan=True).response()


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def make(request: HttpRequest) -> HttpResponse:
    """Make a new bed plan."""
    actor = actor_of(request)
    TABLE.require(actor, "propose_beds")
    return confirm(
        request,
        title=gettext("Make a new plan of beds?"),
        consequence=gettext(
            "Everybody who waits and every bed left are matched as they are now. No hospital is asked before you approve "
            "it."
        ),
        button=gettext("Make the plan"),
        scope="allocation.propose_beds",
        write=lambda form: services.propose_beds(by=actor, now=clock.utc_now()).pk,
        success_url=lambda pk: reverse("allocation:bed_proposal", args=[pk]),
        back_url=reverse("allocation:bed_list"),
    )


@login_required
@require_safe
def proposal(request: HttpRequest, pk: int) -> HttpResponseBase:
    """One bed plan: what it changes, its lines."""
    actor = actor_of(request)
    # Lines speak of patients, so that only those who decide see them.
    TABLE.require(actor, "propose_beds")
    found, now = found_plan(pk, queries.bed_proposal_by_id), clock.utc_now()
    is_over = found.expires_at <= now
    return BedLineList(
        request,
        queries.bed_lines_of(found),
        proposal=found,
        effects=_effects(found),
        may_decide=TABLE.allows(actor, "approve") and not is_over and bool(found.open_count),  # type: ignore[attr-defined]
        is_over=is_over,
        page=page_of(found),
    ).response()


def _effects(found: Proposal) -> list[tuple[Any, dict[str, Any]]]:
    """Without a plan, first come first served, and with the plan: who waits, who is placed, how far."""
    return [
        (_("When made"), found.before),
        (_("Plan"), found.after),
        (_("First come"), found.baseline),
    ]


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def approve(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask, then approve the chosen lines one by one and say what became of them."""
    return decide(request, pk, "approve", queries.bed_proposal_by_id, queries.open_bed_lines_of)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def reject(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask, then reject the chosen lines."""
    return decide(request, pk, "reject", queries.bed_proposal_by_id, queries.open_bed_lines_of)
