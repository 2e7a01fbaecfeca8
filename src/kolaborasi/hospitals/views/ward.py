"""A hospital's own page: report beds, answer offers, say who arrived and who left."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from kolaborasi.common import clock
from kolaborasi.common.errors import NotFound
from kolaborasi.common.pages import IdempotentForm, confirm, submit
from kolaborasi.hospitals import queries, services
from kolaborasi.hospitals.classes import WARDS
from kolaborasi.hospitals.errors import REPORT_SENTENCES, ReportRefused
from kolaborasi.hospitals.models import BedPool, Hospital
from kolaborasi.hospitals.models.beds import ReportSource
from kolaborasi.hospitals.report_form import ReportForm, stepped
from kolaborasi.hospitals.states import ConversionState, NetworkState
from kolaborasi.hospitals.views.access import actor_of, own_hospital, require_role, works_at

GIVING = (NetworkState.JOINED, NetworkState.PAUSED)


@login_required
@never_cache
@require_safe
def mine(request: HttpRequest) -> HttpResponseBase:
    """My hospital: straight to it when there is one, else a choice."""
    actor = actor_of(request)
    require_role(actor, "partner_admin", "partner_member")
    own = list(queries.hospitals_of(actor)[:50])
    if not own:
        raise NotFound(_("You work for no hospital. Ask its administrator to add your account."))
    if len(own) == 1:
        return redirect("hospitals:desk", own[0].pk)
    return render(request, "hospitals/mine.html", {"title": _("My hospitals"), "hospitals": own})


@login_required
@never_cache
@require_safe
def desk(request: HttpRequest, pk: int) -> HttpResponse:
    """What a hospital has to do now: offers to answer, patients on the way, patients in its beds, too few beds."""
    hospital, now = own_hospital(request, pk), clock.utc_now()
    pools = list(queries.pools_of(hospital).annotate(stale=queries.is_stale(now)))
    context = {
        "hospital": hospital,
        "pools": pools,
        "gives": hospital.network in GIVING,
        "offers": list(queries.offers_to(hospital, now)),
        "expected": list(queries.expected_in(hospital)),
        "patients": list(queries.patients_in(hospital)),
        "shortfalls": _shortfalls(pools),
        "conversions": list(queries.open_conversions(hospital)),
        "may_change": works_at(actor_of(request), hospital, "pause_network"),
        "act_form": IdempotentForm(),
    }
    return render(request, "hospitals/desk.html", context)


def _shortfalls(pools: Sequence[BedPool]) -> list[tuple[BedPool, list[Any]]]:
    """Classes that give fewer beds than are promised, each with the patients it concerns."""
    short = [pool for pool in pools if pool.committed > pool.reported]
    return [(pool, list(queries.patients_of_shortfall(pool))) for pool in short]


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def report(request: HttpRequest, pk: int) -> HttpResponse:
    """Report the beds of all classes at once; a plus or minus button only changes what is typed."""
    hospital = own_hospital(request, pk)
    data = request.POST if request.method == "POST" else None
    typed = stepped(data) if data is not None else None
    form = ReportForm(
        typed or data,
        pools=[pool for pool in queries.pools_of(hospital) if pool.bed_class not in WARDS],
        classes=queries.classes_shown(),
    )
    context = {
        "title": _("Report beds"),
        "hospital": hospital,
        "back_url": reverse("hospitals:desk", args=[pk]),
    }
    if typed is not None:
        return render(request, "hospitals/report.html", {"form": form, "stepped": True, **context})
    response = submit(
        request,
        form,
        scope=f"hospitals.report_beds/{pk}",
        write=lambda: _report(request, hospital, form),
        success_url=reverse("hospitals:desk", args=[pk]),
        template="hospitals/report.html",
        context=context,
    )
    if response.status_code in (204, 302) and request.method == "POST":
        messages.success(request, _("Thank you. Your beds are up to date."))
    return response


def _report(request: HttpRequest, hospital: Hospital, form: ReportForm) -> int:
    now = clock.utc_now()
    staff = works_at_own(request, hospital)
    try:
        made = services.report_beds(
            hospital=hospital,
            counts=form.counts(),
            observed_at=now,
            source=ReportSource.HOSPITAL if staff else ReportSource.COORDINATOR,
            by=actor_of(request),
            now=now,
        )
    except ReportRefused as error:
        sentences = {fault.value: text for fault, text in REPORT_SENTENCES.items()}
        form.explain(error.details["faults"], sentences)
        raise
    return len(made)


def works_at_own(request: HttpRequest, hospital: Hospital) -> bool:
    """Whether the actor is of the hospital itself, not a coordinator who was told by telephone."""
    partner_id = hospital.site.partner_id
    return actor_of(request).has_role("partner_admin", "partner_member", partner_id=partner_id)


PARTS = {
    "pause": (
        services.pause_network,
        _("Take no new patients for a while?"),
        _("Patients who lie in your beds or are on the way stay. You can take new ones again at any time."),
        _("Pause"),
    ),
    "resume": (
        services.resume_network,
        _("Take new patients again?"),
        _("Offers come in again at once. Report your beds first."),
        _("Take patients again"),
    ),
}


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def part(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """Pause the hospital's part in the network, or resume it."""
    hospital = own_hospital(request, pk)
    if name not in PARTS:
        raise NotFound(_("There is no such page. Go back and try again."))
    verb, title, consequence, button = PARTS[name]
    back = reverse("hospitals:desk", args=[pk])
    return confirm(
        request,
        title=title,
        consequence=consequence,
        button=button,
        scope=f"hospitals.{name}/{pk}",
        write=lambda form: verb(hospital=hospital, by=actor_of(request), now=clock.utc_now()).pk,
        success_url=back,
        back_url=back,
    )


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def conversion(request: HttpRequest, pk: int, conversion_pk: int, name: str) -> HttpResponse:
    """Say whether the hospital turns ordinary beds into network beds, as the city asks."""
    own_hospital(request, pk)
    asked = queries.conversion_by_id(conversion_pk)
    answered = asked is not None and asked.state != ConversionState.ASKED
    # A form sent a second time gets its first answer; another answer is refused by the verb.
    if asked is None or asked.hospital_id != pk or name not in ("agree", "decline"):
        raise NotFound(_("There is no such page. Go back and try again."))
    if answered and request.method != "POST":
        raise NotFound(_("This request was answered already."))
    back, agree = reverse("hospitals:desk", args=[pk]), name == "agree"
    return confirm(
        request,
        title=_("Convert the beds?") if agree else _("Do not convert the beds?"),
        consequence=_("They count once you report them.")
        if agree
        else _("The city then asks other hospitals."),
        button=_("We convert them") if agree else _("We cannot"),
        scope=f"hospitals.answer_conversion/{conversion_pk}",
        write=lambda form: (
            services.answer_conversion(
                request=asked, agree=agree, by=actor_of(request), now=clock.utc_now()
            ).pk
        ),
        success_url=back,
        back_url=back,
    )
