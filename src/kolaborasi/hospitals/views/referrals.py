"""Referrals: ask for a bed, follow one, offer it to hospitals, move a patient."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kolaborasi.common import clock
from kolaborasi.common.errors import NotPermitted
from kolaborasi.common.pages import IdempotentForm, submit
from kolaborasi.hospitals import queries, services
from kolaborasi.hospitals.forms import NeedsForm, OfferForm, ReferralForm, SignsForm
from kolaborasi.hospitals.forms_membership import MoveForm
from kolaborasi.hospitals.labels import HAPPENINGS, REASONS
from kolaborasi.hospitals.models import Placement, Referral
from kolaborasi.hospitals.models.choices import ReferralSource
from kolaborasi.hospitals.patients import patient_of
from kolaborasi.hospitals.permissions import TABLE
from kolaborasi.hospitals.queries import Happening
from kolaborasi.hospitals.queries.work import referrals_with_beds, referring_sites
from kolaborasi.hospitals.rules import AgeGroup, Severity
from kolaborasi.hospitals.services import Request
from kolaborasi.hospitals.states import ACTIVE, Answer, ReferralState
from kolaborasi.hospitals.views.access import (
    actor_of,
    kelurahan,
    require_role,
    seen_referral,
    show_identity,
    works_at,
)
from kolaborasi.hospitals.views.lists import ReferralList
from kolaborasi.partners.models import Site, SiteKind
from kolaborasi.people.services import Identity

MOST_SHOWN = 12
SOURCES = {SiteKind.HOSPITAL: ReferralSource.HOSPITAL, SiteKind.PUSKESMAS: ReferralSource.PUSKESMAS}


@login_required
@never_cache
@require_safe
def mine(request: HttpRequest) -> HttpResponseBase:
    """Referrals of the actor's own partners and areas."""
    actor = actor_of(request)
    require_role(actor, "coordinator", "partner_admin", "partner_member")
    rows = queries.visible_to(referrals_with_beds(), actor)
    return ReferralList(request, rows).response()


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Ask for a bed: puskesmas, ambulance, hospital, or the hotline on behalf of a caller."""
    actor = actor_of(request)
    sites, hotline = referring_sites(actor), actor.has_role("coordinator")
    if not sites and not hotline:
        raise NotPermitted(_("Beds are asked for by puskesmas, hospitals, ambulance posts and the hotline."))
    form = ReferralForm(
        request.POST if request.method == "POST" else None, sites=sites, hotline=hotline, places=kelurahan()
    )
    return submit(
        request,
        form,
        scope="hospitals.refer",
        write=lambda: _refer(request, form).pk,
        success_url=lambda pk: reverse("hospitals:referral", args=[pk]),
        template="hospitals/referral_new.html",
        context={
            "title": _("Ask for a bed"),
            "button": _("Ask for a bed"),
            "back_url": reverse("hospitals:board" if hotline else "hospitals:referrals"),
        },
    )


def _refer(request: HttpRequest, form: ReferralForm) -> Referral:
    clean, now, site = form.cleaned_data, clock.utc_now(), form.site
    identity = Identity(name=clean["name"], phone=clean["phone"], nik=clean["nik"])
    asked = Request(
        place=form.places[clean["place"]],
        source=_source(site),
        wish=form.wish(),
        reasons=form.reasons(),
        requester=site,
        on_behalf=clean.get("on_behalf", False),
        pregnant=clean["pregnant"],
        pcr=clean["pcr"],
        spo2=clean["spo2"],
        breaths=clean["breaths"],
    )
    return services.refer(patient=patient_of(identity, now), request=asked, by=actor_of(request), now=now)


def _source(site: Site | None) -> ReferralSource:
    return (
        ReferralSource.HOTLINE if site is None else SOURCES.get(SiteKind(site.kind), ReferralSource.AMBULANCE)
    )


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def referral(request: HttpRequest, pk: int) -> HttpResponse:
    """One referral: how ill, where offered, what happened, the same for both ends; for dispatchers the beds that fit."""
    found = seen_referral(request, pk)
    form = OfferForm(request.POST if request.method == "POST" else None)

    def write() -> int:
        asked = [int(each) for each in form.cleaned_data["pool"]]
        return services.offer(
            referral=found,
            pools=asked,
            answer_time=timedelta(minutes=form.cleaned_data["minutes"]),
            by=actor_of(request),
            now=clock.utc_now(),
        ).pk

    return submit(
        request,
        form,
        scope=f"hospitals.offer/{pk}",
        write=write,
        success_url=reverse("hospitals:referral", args=[pk]),
        template="hospitals/referral.html",
        context=_page(request, found),
    )


def _page(request: HttpRequest, found: Referral) -> dict[str, Any]:
    actor, now = actor_of(request), clock.utc_now()
    placements = list(queries.placements_of(found))
    held = next((each for each in placements if each.state in ("held", "confirmed")), None)
    dispatches = TABLE.allows(actor, "offer", place_code=found.place.code)
    waits = found.state == ReferralState.REQUESTED
    ranked = queries.ranked_beds_of(found, now, most=MOST_SHOWN) if dispatches and waits else []
    pools = queries.named_pools([bed.pool for bed in ranked]) if ranked else {}
    return {
        "referral": found,
        "placements": placements,
        "held": held,
        "happenings": _in_words(queries.timeline(found), placements),
        "dispatches": dispatches,
        "waits": waits,
        "ranked": [(bed, pools[bed.pool]) for bed in ranked],
        "queued": _queued(found),
        "acts": acts_of(request, found, held, dispatches),
        "act_form": IdempotentForm(),
        "now": now,
    }


def _queued(found: Referral) -> list[Any]:
    pools = queries.named_pools(found.ask_next) if found.ask_next else {}
    return [pools[pk] for pk in found.ask_next if pk in pools]


def acts_of(request: HttpRequest, found: Referral, held: Placement | None, dispatches: bool) -> set[str]:
    """What the actor may do with a referral in its present state, by name of the act."""
    actor = actor_of(request)
    at_hospital = held is not None and works_at(actor, held.pool.hospital, "admit")
    requester = found.requester.partner_id if found.requester else None
    at_requester = TABLE.allows(actor, "refer", place_code=found.place.code, partner_id=requester)
    either = at_hospital or at_requester or dispatches
    state, acts = found.state, set()
    if either and state in ACTIVE:
        acts |= {"reassess", "death"} | ({"cancel"} if state != ReferralState.ADMITTED else set())
    if held is not None and held.answer == Answer.PENDING and (at_hospital or dispatches):
        acts |= {"accept", "decline"} | ({"withdraw"} if dispatches else set())
    if state == ReferralState.ACCEPTED and either:
        acts |= {"depart", "ambulance"}
    if state in (ReferralState.ACCEPTED, ReferralState.IN_TRANSIT) and at_hospital:
        acts |= {"admit", "turn-away"}
    if state == ReferralState.ADMITTED and at_hospital:
        acts |= {"discharge", "transfer", "move"}
    return acts


def _in_words(happenings: list[Happening], placements: list[Placement]) -> list[dict[str, Any]]:
    names: dict[int, Any] = {each.pk: each.pool.hospital.site.name for each in placements}
    return [
        {
            "at": each.at,
            "text": HAPPENINGS.get(each.verb, each.verb)
            % {
                "hospital": names.get(each.detail.get("placement", 0), _("a hospital")),
                "reason": REASONS.get(str(each.detail.get("reason", "")), ""),
            },
        }
        for each in happenings
    ]


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def reassess(request: HttpRequest, pk: int) -> HttpResponse:
    """Judge anew how ill the patient is; the place in the queue follows."""
    found = seen_referral(request, pk)
    form = SignsForm(
        request.POST if request.method == "POST" else None,
        initial={"spo2": found.spo2, "breaths": found.breaths, "ventilation": found.needs_ventilator},
    )

    def write() -> int:
        severity, reasons = form.severity(AgeGroup(found.age_group))
        return services.reassess(
            referral=found,
            severity=severity,
            reasons=reasons,
            spo2=form.cleaned_data["spo2"],
            breaths=form.cleaned_data["breaths"],
            ventilator=form.cleaned_data["ventilation"],
            by=actor_of(request),
            now=clock.utc_now(),
        ).pk

    return submit(
        request,
        form,
        scope=f"hospitals.reassess/{pk}",
        write=write,
        success_url=reverse("hospitals:referral", args=[pk]),
        context={
            "title": _("How ill is the patient now?"),
            "introduction": _("Say all you see; the severity follows from it. The waiting time is kept."),
            "button": _("Save"),
            "back_url": reverse("hospitals:referral", args=[pk]),
        },
    )


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def transfer(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask for a bed in another hospital for a patient who lies in one of the network."""
    found = seen_referral(request, pk)
    held = queries.open_bed_of(found)
    if held is None or not works_at(actor_of(request), held.pool.hospital, "refer"):
        raise NotPermitted
    form = NeedsForm(
        request.POST if request.method == "POST" else None,
        initial={
            "age": found.age_group,
            "dialysis": found.needs_dialysis,
            "pregnant": found.pregnant,
            "pcr": found.pcr,
        },
    )

    def write() -> int:
        clean, site = form.cleaned_data, held.pool.hospital.site
        asked = Request(
            place=site.place,
            source=ReferralSource.HOSPITAL,
            wish=form.wish(),
            reasons=form.reasons(),
            requester=site,
            from_hospital=held.pool.hospital,
            pregnant=clean["pregnant"],
            pcr=clean["pcr"],
            spo2=clean["spo2"],
            breaths=clean["breaths"],
        )
        return services.refer(
            patient=found.patient, request=asked, by=actor_of(request), now=clock.utc_now()
        ).pk

    return submit(
        request,
        form,
        scope=f"hospitals.transfer/{pk}",
        write=write,
        success_url=lambda made: reverse("hospitals:referral", args=[made]),
        context={
            "title": _("Transfer to another hospital"),
            "introduction": _("The patient keeps the present bed until they arrive in the next one."),
            "button": _("Ask for a bed"),
            "back_url": reverse("hospitals:referral", args=[pk]),
        },
    )


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def move(request: HttpRequest, pk: int) -> HttpResponse:
    """Move a patient to a bed of another class in the same hospital, up or down."""
    found = seen_referral(request, pk)
    held = queries.open_bed_of(found)
    if held is None or not works_at(actor_of(request), held.pool.hospital, "move_bed"):
        raise NotPermitted
    held.referral = found
    pools = queries.other_beds_here(held) if found.state == ReferralState.ADMITTED else []
    form = MoveForm(request.POST if request.method == "POST" else None, pools=pools)

    def write() -> int:
        return services.move_bed(
            referral=found, pool=form.cleaned_data["pool"], by=actor_of(request), now=clock.utc_now()
        ).pk

    response = submit(
        request,
        form,
        scope=f"hospitals.move_bed/{pk}",
        write=write,
        success_url=reverse("hospitals:referral", args=[pk]),
        template="hospitals/move.html",
        context={
            "title": _("Move to another class of bed"),
            "button": _("Move the patient"),
            "back_url": reverse("hospitals:referral", args=[pk]),
            "referral": found,
            "held": held,
            "pools": pools,
        },
    )
    if request.method == "POST" and response.status_code in (204, 302):
        messages.success(request, _("The patient has another bed; the one before is free."))
    return response


@login_required
@never_cache
@require_POST
def identity(request: HttpRequest, pk: int) -> HttpResponse:
    """Name and contact of the patient, for whoever cares for them; the look is on record."""
    found = seen_referral(request, pk)
    title = _("Name and contact of the patient")
    back = reverse("hospitals:referral", args=[pk])
    return show_identity(request, found.patient, back_url=back, title=title)


@login_required
@never_cache
@require_POST
def ambulance(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask for an ambulance to the bed that is held."""
    found = seen_referral(request, pk)
    form = IdempotentForm(request.POST)

    def write() -> int:
        held = queries.open_bed_of(found)
        requester = found.requester.partner if found.requester else None
        if held is not None and works_at(actor_of(request), held.pool.hospital, "request_ambulance"):
            requester = held.pool.hospital.site.partner
        return services.request_ambulance(
            patient=found.patient,
            place=found.place,
            severity=Severity(found.severity),
            referral=found,
            requester=requester,
            by=actor_of(request),
            now=clock.utc_now(),
        ).pk

    return submit(
        request,
        form,
        scope=f"hospitals.request_ambulance/{pk}",
        write=write,
        success_url=reverse("hospitals:ambulances"),
        template="hospitals/referral.html",
        context=_page(request, found),
    )
