"""Oxygen cylinders: where they stand, what is empty, rounds to the filler and back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from kolaborasi.common import clock
from kolaborasi.common.errors import NotFound
from kolaborasi.common.pages import submit
from kolaborasi.hospitals import queries, services
from kolaborasi.hospitals.forms import RefillForm, SerialsForm
from kolaborasi.hospitals.models import RefillLine
from kolaborasi.hospitals.queries.work import cylinders_of_sites, fillers, rounds_with_lines
from kolaborasi.hospitals.views.access import actor_of, own_hospital, require_role, works_at


@login_required
@never_cache
@require_safe
def oxygen(request: HttpRequest) -> HttpResponseBase:
    """Cylinders: of my hospitals one by one, for coordinators where they all stand; the rounds to the filler."""
    actor = actor_of(request)
    require_role(actor, "coordinator", "partner_admin", "partner_member")
    dispatches = actor.has_role("coordinator")
    own = list(queries.hospitals_of(actor)[:20])
    cylinders = cylinders_of_sites([hospital.site_id for hospital in own])
    context = {
        "title": _("Oxygen"),
        "own": [(hospital, cylinders.get(hospital.site_id, [])) for hospital in own],
        "holders": queries.cylinders_by_holder() if dispatches else [],
        "rounds": [
            (each, [line for line in lines if _sends(request, line)]) for each, lines in rounds_with_lines(5)
        ],
        "dispatches": dispatches,
    }
    return render(request, "hospitals/oxygen.html", context)


def _sends(request: HttpRequest, line: RefillLine) -> bool:
    return works_at(actor_of(request), line.hospital, "send_cylinders")


def _serials(
    request: HttpRequest,
    *,
    title: Any,
    introduction: Any,
    button: Any,
    scope: str,
    verb: Callable[[list[str]], list[Any]],
) -> HttpResponse:
    """A form of numbers and one verb on them."""
    form = SerialsForm(request.POST if request.method == "POST" else None)
    back = reverse("hospitals:oxygen")
    response = submit(
        request,
        form,
        scope=scope,
        write=lambda: len(verb(form.cleaned_data["serials"])),
        success_url=back,
        context={"title": title, "introduction": introduction, "button": button, "back_url": back},
    )
    if request.method == "POST" and response.status_code in (204, 302):
        messages.success(request, _("Recorded."))
    return response


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def register(request: HttpRequest, pk: int) -> HttpResponse:
    """Take full cylinders of a hospital into the books."""
    site = own_hospital(request, pk).site
    return _serials(
        request,
        title=_("Register cylinders"),
        introduction=site.name,
        button=_("Register"),
        scope=f"hospitals.register_cylinders/{pk}",
        verb=lambda serials: services.register_cylinders(
            owner=site, serials=serials, by=actor_of(request), now=clock.utc_now()
        ),
    )


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def use(request: HttpRequest, pk: int) -> HttpResponse:
    """Record cylinders that are empty now."""
    site = own_hospital(request, pk).site
    return _serials(
        request,
        title=_("Record empty cylinders"),
        introduction=site.name,
        button=_("They are empty"),
        scope=f"hospitals.use_cylinders/{pk}",
        verb=lambda serials: services.use_cylinders(
            site=site, serials=serials, by=actor_of(request), now=clock.utc_now()
        ),
    )


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def plan(request: HttpRequest) -> HttpResponse:
    """Plan a drive to the filler: every hospital with empty cylinders gets its share."""
    require_role(actor_of(request), "coordinator")
    form = RefillForm(
        request.POST if request.method == "POST" else None, sites=list(fillers()), today=localdate()
    )

    def write() -> int:
        clean = form.cleaned_data
        return services.plan_refill(
            filler=form.sites[clean["filler"]],
            date=clean["date"],
            total=clean["total"],
            each=clean["each"],
            by=actor_of(request),
            now=clock.utc_now(),
        ).pk

    back = reverse("hospitals:oxygen")
    return submit(
        request,
        form,
        scope="hospitals.plan_refill",
        write=write,
        success_url=back,
        context={
            "title": _("Plan a refill round"),
            "introduction": _("Cylinders are shared one at a time, so that no hospital is left out."),
            "button": _("Plan it"),
            "back_url": back,
        },
    )


def _line(request: HttpRequest, pk: int) -> RefillLine:
    line = queries.refill_line_by_id(pk)
    if line is None or not works_at(actor_of(request), line.hospital, "send_cylinders"):
        raise NotFound(_("There is no such round for your hospital."))
    return line


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def send(request: HttpRequest, pk: int) -> HttpResponse:
    """Empty cylinders leave for the filler."""
    line = _line(request, pk)
    return _serials(
        request,
        title=_("Send empty cylinders"),
        introduction=_("%(hospital)s may send %(quota)s on this round; %(sent)s were sent.")
        % {"hospital": line.hospital.site.name, "quota": line.quota, "sent": line.sent},
        button=_("They left"),
        scope=f"hospitals.send_cylinders/{pk}",
        verb=lambda serials: services.send_cylinders(
            line=line, serials=serials, by=actor_of(request), now=clock.utc_now()
        ),
    )


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def bring_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Full cylinders come back, the same ones or others in their stead."""
    line = _line(request, pk)
    return _serials(
        request,
        title=_("Full cylinders came back"),
        introduction=_("%(sent)s were sent, %(returned)s came back so far.")
        % {"sent": line.sent, "returned": line.returned},
        button=_("They came back"),
        scope=f"hospitals.return_cylinders/{pk}",
        verb=lambda serials: services.return_cylinders(
            line=line, serials=serials, by=actor_of(request), now=clock.utc_now()
        ),
    )
