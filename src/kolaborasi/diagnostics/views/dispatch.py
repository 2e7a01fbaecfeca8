"""Pages of the coordinator: dispatch plans, late results, slots of sites, catchments of puskesmas."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from kolaborasi.common import clock
from kolaborasi.common.errors import NotFound
from kolaborasi.common.pages import confirm, submit
from kolaborasi.diagnostics import queries, services
from kolaborasi.diagnostics.forms.office import CatchmentForm, RoundForm, SlotsForm
from kolaborasi.diagnostics.models import DispatchPlan
from kolaborasi.diagnostics.permissions import TABLE
from kolaborasi.diagnostics.queries import office
from kolaborasi.diagnostics.states import PlanState
from kolaborasi.diagnostics.views.access import actor_of, own_site, require_role
from kolaborasi.diagnostics.views.office_lists import CatchmentList, LateList, LineList, PlanList, SlotList

SEES_PLANS = ("coordinator", "auditor")


@login_required
@never_cache
@require_safe
def plans(request: HttpRequest) -> HttpResponseBase:
    """What waits at the sites, and the plans that were made."""
    actor = actor_of(request)
    require_role(actor, *SEES_PLANS)
    waiting = queries.waiting_at_sites()
    return PlanList(
        request,
        queries.plans(),
        waiting=waiting[:10],
        total=office.total_waiting(waiting),
        may_plan=TABLE.allows(actor, "propose_dispatch"),
    ).response()


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def propose(request: HttpRequest) -> HttpResponse:
    """Plan a courier round; nothing moves until somebody approves."""
    actor = actor_of(request)
    require_role(actor, "coordinator")
    form = RoundForm(request.POST if request.method == "POST" else None)

    def write() -> int:
        now = clock.utc_now()
        departs_at = form.cleaned_data["departs_at"] or now + timedelta(minutes=1)
        return services.propose_dispatch(departs_at=departs_at, by=actor, now=now).pk

    return submit(
        request,
        form,
        scope="diagnostics.propose_dispatch",
        write=write,
        success_url=lambda pk: reverse("diagnostics:plan", args=[pk]),
        context={
            "title": _("Plan a courier round"),
            "introduction": _(
                "Every waiting specimen is sent where its result is expected soonest, within what labs offered. You"
                " see the plan before anything moves."
            ),
            "button": _("Make the plan"),
            "back_url": reverse("diagnostics:plans"),
        },
    )


def _plan(request: HttpRequest, pk: int) -> DispatchPlan:
    require_role(actor_of(request), *SEES_PLANS)
    found = queries.plan(pk)
    if found is None:
        raise NotFound(_("There is no such plan. Look for it in the list."))
    return found


@login_required
@never_cache
@require_safe
def plan(request: HttpRequest, pk: int) -> HttpResponseBase:
    """One plan: what it brings against fixed contracts, and every line with what speaks for it."""
    found, now = _plan(request, pk), clock.utc_now()
    open_ = found.state == PlanState.PROPOSED and found.expires_at > now
    return LineList(
        request,
        queries.plan_lines(found),
        plan=found,
        decidable=open_ and TABLE.allows(actor_of(request), "approve_dispatch"),
        over=found.state == PlanState.PROPOSED and not open_,
        left=found.waiting - found.planned,
    ).response()


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def approve(request: HttpRequest, pk: int) -> HttpResponse:
    """Turn a plan into manifests."""
    found = _plan(request, pk)

    def write(_form: Any) -> list[int]:
        done = services.approve_dispatch(plan=found, by=actor_of(request), now=clock.utc_now())
        return [len(done.consignments), len(done.refused)]

    def onwards(made: list[int]) -> str:
        manifests, refused = made
        text = ngettext("%(number)s manifest was made.", "%(number)s manifests were made.", manifests)
        messages.success(request, text % {"number": manifests})
        if refused:
            text = ngettext(
                "%(number)s line was refused because the world moved on; its specimens wait for the next round.",
                "%(number)s lines were refused because the world moved on; their specimens wait for the next round.",
                refused,
            )
            messages.warning(request, text % {"number": refused})
        return reverse("diagnostics:plan", args=[pk])

    return confirm(
        request,
        title=_("Approve this plan?"),
        consequence=_("Couriers see their manifests at once, and the labs' places are promised."),
        button=_("Approve"),
        scope=f"diagnostics.approve_dispatch/{pk}",
        write=write,
        success_url=onwards,
        back_url=reverse("diagnostics:plan", args=[pk]),
    )


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def reject(request: HttpRequest, pk: int) -> HttpResponse:
    """Decide that a plan is not carried out."""
    found = _plan(request, pk)
    address = reverse("diagnostics:plan", args=[pk])
    return confirm(
        request,
        title=_("Reject this plan?"),
        consequence=_("Nothing moves; the specimens wait for another plan. This cannot be undone."),
        button=_("Reject"),
        scope=f"diagnostics.reject_dispatch/{pk}",
        write=lambda _form: (
            services.reject_dispatch(plan=found, by=actor_of(request), now=clock.utc_now()).pk
        ),
        success_url=address,
        back_url=address,
    )


@login_required
@never_cache
@require_safe
def late(request: HttpRequest) -> HttpResponseBase:
    """The alarm: results that should be there and are not."""
    actor = actor_of(request)
    require_role(actor, *office.OFFICIALS)
    rows = office.late_in_areas(actor, clock.utc_now())
    return LateList(request, rows).response()


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def slots(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Times of a site: what is booked of each, and a form to open more."""
    site, now = own_site(request, pk, "open_slots"), clock.utc_now()
    form = SlotsForm(request.POST if request.method == "POST" else None)
    form.initial["day"] = localdate() + timedelta(days=1)

    def write() -> int:
        made = 0
        for starts_at, ends_at in form.periods():
            opened = services.open_slots(
                site=site,
                starts_at=starts_at,
                ends_at=ends_at,
                minutes=form.cleaned_data["minutes"],
                places=form.cleaned_data["places"],
                by=actor_of(request),
                now=now,
            )
            made += len(opened)
        return made

    page = SlotList(request, office.site_slots(site, now), site=site, form=form)
    if request.method != "POST":
        return page.response()
    response = submit(
        request,
        form,
        scope=f"diagnostics.open_slots/{pk}",
        write=write,
        success_url=reverse("diagnostics:slots", args=[pk]),
        template="diagnostics/slots.html",
        context={"list": page, "site": site},
    )
    if response.status_code < 400:
        messages.success(request, _("The times are open for booking."))
    return response


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def catchments(request: HttpRequest) -> HttpResponseBase:
    """Which puskesmas looks after which area."""
    actor = actor_of(request)
    require_role(actor, *office.OFFICIALS)
    changes = actor.has_role("coordinator")
    sites = list(office.puskesmas(actor)) if changes else []
    form = CatchmentForm(
        request.POST if request.method == "POST" else None,
        sites=sites,
        areas=list(office.areas(actor)) if changes else [],
    )

    def write() -> int:
        services.set_catchment(site=form.puskesmas, places=[form.place], by=actor, now=clock.utc_now())
        return form.puskesmas.pk

    unheard = queries.unheard_notices().count()
    page = CatchmentList(request, office.catchments(actor), form=form if sites else None, unheard=unheard)
    if request.method != "POST":
        return page.response()
    require_role(actor, "coordinator")
    return submit(
        request,
        form,
        scope="diagnostics.set_catchment",
        write=write,
        success_url=reverse("diagnostics:catchments"),
        template="diagnostics/catchments.html",
        context={"list": page, "unheard": unheard},
    )
