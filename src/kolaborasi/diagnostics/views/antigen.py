"""Rapid tests of a collection site, and PCR asked for to confirm one."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from kolaborasi.common import clock
from kolaborasi.common.errors import NotFound
from kolaborasi.common.pages import submit
from kolaborasi.diagnostics import services
from kolaborasi.diagnostics.forms.collection import AntigenForm, ConfirmationForm, moment_or
from kolaborasi.diagnostics.queries import desk
from kolaborasi.diagnostics.rules.assays import Outcome
from kolaborasi.diagnostics.views.access import actor_of, may, own_site
from kolaborasi.diagnostics.views.collection import kelurahan
from kolaborasi.diagnostics.views.lists import AntigenList


@login_required
@never_cache
@require_safe
def tests(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Rapid tests of a site; positive ones can ask for PCR."""
    site = own_site(request, pk, "record_antigen")
    return AntigenList(request, desk.antigen_tests_of(site), site=site).response()


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def record(request: HttpRequest, pk: int) -> HttpResponse:
    """Record a rapid test; a positive one leads on to PCR."""
    site, now = own_site(request, pk, "record_antigen"), clock.utc_now()
    form = AntigenForm(request.POST if request.method == "POST" else None, places=kelurahan())
    listing = reverse("diagnostics:antigen", args=[pk])

    def write() -> list[int]:
        clean = form.cleaned_data
        made = services.record_antigen(
            subject=form.subject(),
            site=site,
            brand=clean["brand"],
            outcome=clean["outcome"],
            tested_at=moment_or(clean["tested_at"], now),
            residence=form.home,
            by=actor_of(request),
            now=now,
        )
        return [made.pk, int(made.outcome == Outcome.POSITIVE)]

    def onwards(made: list[int]) -> str:
        return reverse("diagnostics:ask_for_pcr", args=[made[0]]) if made[1] else listing

    return submit(
        request,
        form,
        scope=f"diagnostics.record_antigen/{pk}",
        write=write,
        success_url=onwards,
        template="diagnostics/antigen_new.html",
        context={"title": _("Record a rapid test"), "button": _("Record"), "back_url": listing},
    )


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def ask_for_pcr(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask for a PCR test of the person of a rapid test; on to the swab."""
    test = desk.antigen_test(pk)
    if test is None or not may(actor_of(request), "ask_for_pcr", test.site):
        raise NotFound(_("There is no such rapid test at your site."))
    form = ConfirmationForm(request.POST if request.method == "POST" else None)
    response = submit(
        request,
        form,
        scope=f"diagnostics.ask_for_pcr/{pk}",
        write=lambda: (
            services.ask_for_pcr(
                test=test,
                priority=form.cleaned_data["priority"],
                channel=form.cleaned_data["channel"],
                by=actor_of(request),
                now=clock.utc_now(),
            ).pk
        ),
        success_url=lambda order: reverse("diagnostics:collect", args=[order]),
        context={
            "title": _("Confirm by PCR?"),
            "introduction": _(
                "A positive rapid test is no confirmed case until PCR says so. The person need not be registered again."
            ),
            "button": _("Ask for PCR"),
            "back_url": reverse("diagnostics:antigen", args=[test.site_id]),
        },
    )
    if request.method == "POST" and response.status_code in (204, 302):
        messages.success(request, _("PCR is asked for. Take the swab now if the person is still here."))
    return response
