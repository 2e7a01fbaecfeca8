"""People isolating at home: the daily list of a puskesmas, a follow-up, the end of an isolation."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kolaborasi.common import clock
from kolaborasi.common.errors import NotPermitted
from kolaborasi.common.pages import IdempotentForm, confirm, submit
from kolaborasi.hospitals import queries, services
from kolaborasi.hospitals.forms import EndIsolationForm, FollowUpForm, IsolationForm
from kolaborasi.hospitals.models import IsolationCase
from kolaborasi.hospitals.patients import patient_of
from kolaborasi.hospitals.rules import AgeGroup
from kolaborasi.hospitals.views.access import actor_of, kelurahan, require_role, seen_case, show_identity
from kolaborasi.hospitals.views.lists import IsolationList
from kolaborasi.people.services import Identity


@login_required
@never_cache
@require_safe
def isolation(request: HttpRequest) -> HttpResponseBase:
    """Today's list: who was not reached first. Coordinators see all puskesmas side by side."""
    actor, today = actor_of(request), localdate()
    require_role(actor, "coordinator", "partner_admin", "partner_member")
    sites = list(queries.puskesmas_of(actor))
    rows = queries.daily_list(today)
    rows = _of_areas(rows, actor) if actor.has_role("coordinator") else rows.filter(puskesmas__in=sites)
    context = {
        "sites": sites,
        "per_puskesmas": queries.follow_up_by_puskesmas(today) if actor.has_role("coordinator") else [],
        "today": today,
    }
    return IsolationList(request, rows, **context).response()


def _of_areas(rows: Any, actor: Any) -> Any:
    codes = [role.place_code for role in actor.roles if role.name == "coordinator"]
    if None in codes:
        return rows
    reach = Q(pk__in=[])
    for code in codes:
        reach |= Q(place__code=code) | Q(place__code__startswith=f"{code}.")
    return rows.filter(reach)


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Put somebody on the daily list."""
    actor = actor_of(request)
    sites = list(queries.puskesmas_of(actor))
    if not sites:
        raise NotPermitted(_("The daily list is kept by a puskesmas; your account works for none."))
    form = IsolationForm(request.POST if request.method == "POST" else None, sites=sites, places=kelurahan())
    return submit(
        request,
        form,
        scope="hospitals.open_isolation",
        write=lambda: _open(request, form).pk,
        success_url=reverse("hospitals:isolation"),
        context={
            "title": _("Add somebody who isolates at home"),
            "button": _("Add"),
            "back_url": reverse("hospitals:isolation"),
        },
    )


def _open(request: HttpRequest, form: IsolationForm) -> IsolationCase:
    clean, now = form.cleaned_data, clock.utc_now()
    identity = Identity(name=clean["name"], phone=clean["phone"], nik=clean["nik"])
    return services.open_isolation(
        person=patient_of(identity, now),
        place=form.places[clean["place"]],
        puskesmas=form.sites[clean["puskesmas"]],
        age=AgeGroup(clean["age"]),
        pregnant=clean["pregnant"],
        at_risk=clean["at_risk"],
        by=actor_of(request),
        now=now,
    )


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def follow_up(request: HttpRequest, pk: int) -> HttpResponse:
    """Record today's follow-up; a warning sign asks for a bed at once."""
    case = seen_case(request, pk)
    form = FollowUpForm(request.POST if request.method == "POST" else None)

    def write() -> int | None:
        _made, referral = services.follow_up(
            case=case, checkup=form.checkup(), by=actor_of(request), now=clock.utc_now()
        )
        return referral.pk if referral else None

    def onwards(referral: int | None) -> str:
        return reverse("hospitals:referral", args=[referral]) if referral else reverse("hospitals:isolation")

    response = submit(
        request,
        form,
        scope=f"hospitals.follow_up/{pk}",
        write=write,
        success_url=onwards,
        template="hospitals/follow_up.html",
        context={
            "title": _("Daily follow-up"),
            "case": case,
            "history": list(queries.follow_ups_of(case)[:14]),
            "button": _("Save the follow-up"),
            "back_url": reverse("hospitals:isolation"),
        },
    )
    if response.status_code in (204, 302) and request.method == "POST":
        raised = "/referrals/" in response.get("Location", response.get("HX-Redirect", ""))
        if raised:
            messages.warning(request, _("Warning signs were found: a bed was asked for at once."))
        else:
            messages.success(request, _("The follow-up is recorded."))
    return response


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def end(request: HttpRequest, pk: int) -> HttpResponse:
    """Take somebody off the list: asked first."""
    case = seen_case(request, pk)

    def write(form: IdempotentForm) -> int:
        outcome = form.cleaned_data["outcome"]
        return services.end_isolation(
            case=case, outcome=outcome, by=actor_of(request), now=clock.utc_now()
        ).pk

    return confirm(
        request,
        title=_("Take this person off the list?"),
        consequence=_("Nobody follows them up any more."),
        button=_("Take off the list"),
        scope=f"hospitals.end_isolation/{pk}",
        write=write,
        success_url=reverse("hospitals:isolation"),
        back_url=reverse("hospitals:follow_up", args=[pk]),
        form_class=EndIsolationForm,
    )


@login_required
@never_cache
@require_POST
def identity(request: HttpRequest, pk: int) -> HttpResponse:
    """Name and contact of somebody on the list, for the follow-up; the look is on record."""
    case = seen_case(request, pk)
    title, back = _("Name and contact"), reverse("hospitals:follow_up", args=[pk])
    return show_identity(request, case.person, back_url=back, title=title)
