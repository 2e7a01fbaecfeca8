"""A lab's own page and the acts of its manager: machines, shifts, kits, what it offers each day, down and back."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kolaborasi.common import clock
from kolaborasi.common.errors import NotFound, NotPermitted
from kolaborasi.common.pages import IdempotentForm, confirm, submit
from kolaborasi.diagnostics import queries, services
from kolaborasi.diagnostics.forms.labs import (
    DownForm,
    JoinForm,
    KitsForm,
    MachineForm,
    OffersForm,
    ShiftsForm,
)
from kolaborasi.diagnostics.models import Lab
from kolaborasi.diagnostics.queries import lab_desk, work
from kolaborasi.diagnostics.states import LabState
from kolaborasi.diagnostics.views.access import actor_of, may, own_lab, require_role
from kolaborasi.diagnostics.views.office_lists import LabList

ADMIN_VERBS = ("add_machine", "set_shifts", "offer_days", "set_machine_service", "receive_kits", "verify_lab")


@login_required
@never_cache
@require_safe
def labs(request: HttpRequest) -> HttpResponseBase:
    """Labs of the areas of an official: state, backlog, oldest specimen, turnaround, capacity used."""
    actor = actor_of(request)
    require_role(actor, "coordinator", "verifier", "auditor")
    codes = [role.place_code for role in actor.roles if role.name in ("coordinator", "verifier", "auditor")]
    rows = lab_desk.seen_labs(lab_desk.lab_rows(clock.utc_now(), localdate()), codes)
    return LabList(request, rows).response()


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def lab(request: HttpRequest, pk: int) -> HttpResponse:
    """What a lab has, can do and offers; a POST changes the offers."""
    found = _seen_lab(request, pk)
    actor, today = actor_of(request), localdate()
    if request.method == "POST" and not may(actor, "offer_days", found.site):
        raise NotPermitted
    days = lab_desk.offered_days(found, today)
    form = OffersForm(request.POST if request.method == "POST" else None, days=days)

    def write() -> int:
        if form.offers:
            services.offer_days(lab=found, offers=form.offers, by=actor, now=clock.utc_now())
        return found.pk

    response = submit(
        request,
        form,
        scope=f"diagnostics.offer_days/{pk}",
        write=write,
        success_url=reverse("diagnostics:lab", args=[pk]),
        template="diagnostics/lab.html",
        context={
            "title": found.site.name,
            "lab": found,
            "works": found.state in (LabState.ACTIVE, LabState.DOWN),
            "machines": list(queries.machines(found)),
            "shifts": list(lab_desk.shifts(found)),
            "kits": list(lab_desk.kits_on_hand(found)),
            "today": today,
            "may": {verb for verb in ADMIN_VERBS if may(actor, verb, found.site)},
            "act_form": IdempotentForm(),
        },
    )
    if request.method == "POST" and response.status_code < 400:
        messages.success(request, _("Saved. Dispatch plans with these numbers from now on."))
    return response


def _seen_lab(request: HttpRequest, pk: int) -> Lab:
    """A lab of one's own or of one's area.

    Raises:
        NotFound, NotPermitted.
    """
    found = work.lab(pk)
    if found is None:
        raise NotFound(_("There is no such lab. Look for it in the list of labs."))
    actor = actor_of(request)
    audits = actor.has_role("auditor", place_code=found.site.place.code)
    if not audits and not any(may(actor, verb, found.site) for verb in ("lab_down", "verify_lab")):
        raise NotPermitted
    return found


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def join(request: HttpRequest) -> HttpResponse:
    """A site of one's partner joins as a lab; the health office verifies it."""
    actor = actor_of(request)
    require_role(actor, "partner_admin")
    sites = list(lab_desk.sites_without_lab(actor))
    form = JoinForm(request.POST if request.method == "POST" else None, sites=sites)

    def write() -> int:
        clean = form.cleaned_data
        return services.register_lab(
            site=form.chosen,
            biosafety=clean["biosafety"],
            mobile=clean["mobile"],
            preparation_minutes=clean["preparation_minutes"],
            by=actor,
            now=clock.utc_now(),
        ).pk

    return submit(
        request,
        form,
        scope="diagnostics.register_lab",
        write=write,
        success_url=lambda made: reverse("diagnostics:lab", args=[made]),
        template="diagnostics/lab_join.html",
        context={
            "title": _("Join the testing network"),
            "button": _("Join"),
            "sites": sites,
            "back_url": reverse("diagnostics:home"),
        },
    )


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def verify(request: HttpRequest, pk: int) -> HttpResponse:
    """The health office has seen the lab."""
    found = own_lab(request, pk, "verify_lab")
    return _confirmed(
        request,
        found,
        title=_("Verify this lab?"),
        consequence=_("Confirm that you have seen it: from now on it may offer days and get specimens."),
        button=_("Verify the lab"),
        scope="verify_lab",
        write=lambda _form: services.verify_lab(lab=found, by=actor_of(request), now=clock.utc_now()).pk,
    )


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def down(request: HttpRequest, pk: int) -> HttpResponse:
    """The lab cannot read specimens now."""
    found = own_lab(request, pk, "lab_down")
    return _confirmed(
        request,
        found,
        title=_("Is the lab down?"),
        consequence=_(
            "Nothing new is sent here. What was not picked up goes to other labs; what waits inside is planned anew."
        ),
        button=_("The lab is down"),
        scope="lab_down",
        form_class=DownForm,
        write=lambda form: (
            services.lab_down(
                lab=found, reason=form.cleaned_data["reason"], by=actor_of(request), now=clock.utc_now()
            ).pk
        ),
    )


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def back(request: HttpRequest, pk: int) -> HttpResponse:
    """The lab works again."""
    found = own_lab(request, pk, "lab_back")
    return _confirmed(
        request,
        found,
        title=_("Does the lab work again?"),
        consequence=_(
            "The next dispatch may send specimens here. Check what you offer for the days to come."
        ),
        button=_("The lab works"),
        scope="lab_back",
        write=lambda _form: services.lab_back(lab=found, by=actor_of(request), now=clock.utc_now()).pk,
    )


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def close(request: HttpRequest, pk: int) -> HttpResponse:
    """The lab leaves the network."""
    found = own_lab(request, pk, "close_lab")
    return _confirmed(
        request,
        found,
        title=_("Close this lab?"),
        consequence=_("It leaves the network and cannot come back under this entry. This cannot be undone."),
        button=_("Close the lab"),
        scope="close_lab",
        write=lambda _form: services.close_lab(lab=found, by=actor_of(request), now=clock.utc_now()).pk,
    )


def _confirmed(request: HttpRequest, found: Lab, *, scope: str, **page: Any) -> HttpResponse:
    address = reverse("diagnostics:lab", args=[found.pk])
    return confirm(
        request, scope=f"diagnostics.{scope}/{found.pk}", success_url=address, back_url=address, **page
    )


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def add_machine(request: HttpRequest, pk: int) -> HttpResponse:
    """Add a PCR machine."""
    found = own_lab(request, pk, "add_machine")
    form = MachineForm(request.POST if request.method == "POST" else None)
    return _form_page(
        request,
        found,
        form,
        scope="add_machine",
        write=lambda: (
            services.add_machine(
                lab=found,
                **{
                    name: form.cleaned_data[name]
                    for name in ("name", "model", "wells", "run_minutes", "targets")
                },
                by=actor_of(request),
                now=clock.utc_now(),
            ).pk
        ),
        title=_("Add a machine"),
        button=_("Add"),
    )


@login_required
@never_cache
@require_POST
def machine_service(request: HttpRequest, pk: int, machine_pk: int) -> HttpResponse:
    """Switch a machine on or off; what the lab can do follows."""
    found = own_lab(request, pk, "set_machine_service")
    machine = lab_desk.machine(found, machine_pk)
    if machine is None:
        raise NotFound(_("There is no such machine in this lab."))
    form = IdempotentForm(request.POST)
    return submit(
        request,
        form,
        scope=f"diagnostics.set_machine_service/{machine_pk}",
        write=lambda: (
            services.set_machine_service(
                machine=machine,
                in_service=request.POST.get("in_service") == "yes",
                by=actor_of(request),
                now=clock.utc_now(),
            ).pk
        ),
        success_url=reverse("diagnostics:lab", args=[pk]),
    )


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def shifts(request: HttpRequest, pk: int) -> HttpResponse:
    """Say anew when the lab works."""
    found = own_lab(request, pk, "set_shifts")
    form = ShiftsForm(request.POST if request.method == "POST" else None, shifts=list(lab_desk.shifts(found)))

    def write() -> int:
        services.set_shifts(lab=found, shifts=form.shifts, by=actor_of(request), now=clock.utc_now())
        return found.pk

    return _form_page(
        request,
        found,
        form,
        scope="set_shifts",
        write=write,
        title=_("Shifts"),
        button=_("Save"),
        template="diagnostics/lab_shifts.html",
    )


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def receive_kits(request: HttpRequest, pk: int) -> HttpResponse:
    """Book kits that arrived."""
    found = own_lab(request, pk, "receive_kits")
    form = KitsForm(request.POST if request.method == "POST" else None, items=list(lab_desk.kit_items()))
    return _form_page(
        request,
        found,
        form,
        scope="receive_kits",
        write=lambda: (
            services.receive_kits(
                lab=found,
                item=form.kit,
                lot=form.cleaned_data["lot"],
                expires_date=form.cleaned_data["expires_date"],
                reactions=form.cleaned_data["reactions"],
                by=actor_of(request),
                now=clock.utc_now(),
            ).pk
        ),
        title=_("Kits that arrived"),
        button=_("Book them in"),
    )


def _form_page(
    request: HttpRequest, found: Lab, form: IdempotentForm, *, scope: str, write: Any, **page: Any
) -> HttpResponse:
    address = reverse("diagnostics:lab", args=[found.pk])
    template = page.pop("template", "web/form.html")
    context = {"back_url": address, "lab": found, **page}
    return submit(
        request,
        form,
        scope=f"diagnostics.{scope}/{found.pk}",
        write=write,
        success_url=address,
        template=template,
        context=context,
    )
