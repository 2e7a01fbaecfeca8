"""Couriers: rounds, a manifest, what is picked up and what is brought back."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from kolaborasi.common import clock
from kolaborasi.common.actors import Actor
from kolaborasi.common.pages import confirm, submit
from kolaborasi.diagnostics import queries, services
from kolaborasi.diagnostics.errors import NotOnManifest
from kolaborasi.diagnostics.forms.collection import moment_or
from kolaborasi.diagnostics.forms.scans import BringBackForm, ManifestForm
from kolaborasi.diagnostics.models import Consignment
from kolaborasi.diagnostics.permissions import may_discard
from kolaborasi.diagnostics.queries.specimens import OPEN_STATES
from kolaborasi.diagnostics.states import AT_LAB, SpecimenState
from kolaborasi.diagnostics.views.access import ScanRefused, actor_of, require_role, said_at, seen_manifest
from kolaborasi.diagnostics.views.lists import ManifestList


@login_required
@never_cache
@require_safe
def rounds(request: HttpRequest) -> HttpResponseBase:
    """Manifests a courier carries or may take; for coordinators all of their area."""
    actor = actor_of(request)
    require_role(actor, "courier", "coordinator")
    return ManifestList(request, _rounds_of(actor)).response()


def _rounds_of(actor: Actor) -> Any:
    if not actor.has_role("coordinator"):
        return queries.courier_manifests(actor)
    codes = [role.place_code for role in actor.roles if role.name == "coordinator"]
    open_ones = queries.consignments().filter(state__in=OPEN_STATES)
    if None in codes:
        return open_ones
    reach = Q(pk__in=[])
    for code in codes:
        reach |= Q(origin__place__code=code) | Q(origin__place__code__startswith=f"{code}.")
    return open_ones.filter(reach)


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def manifest(request: HttpRequest, pk: int) -> HttpResponse:
    """What a manifest carries; scanned or ticked when it is picked up. What is left waits for the next round."""
    found, now, actor = seen_manifest(request, pk), clock.utc_now(), actor_of(request)
    # What the lab does with a tube once it has it is none of the courier's business.
    specimens = [
        each for each in queries.manifest(found) if not (found.picked_up_at and each.state in AT_LAB)
    ]
    form = ManifestForm(
        request.POST if request.method == "POST" else None,
        barcodes=[each.label.barcode for each in specimens],
    )
    strangers: list[str] = []

    def write() -> int:
        try:
            with said_at("scans"):
                return services.pick_up(
                    consignment=found,
                    barcodes=form.barcodes,
                    at=moment_or(form.cleaned_data["at"], now),
                    by=actor_of(request),
                    now=now,
                ).pk
        except NotOnManifest as error:
            strangers.extend(error.details["barcodes"])
            raise ScanRefused(error, "scans") from None

    response = submit(
        request,
        form,
        scope=f"diagnostics.pick_up/{pk}",
        write=write,
        success_url=reverse("diagnostics:manifest", args=[pk]),
        template="diagnostics/manifest.html",
        context={
            "title": _("Manifest"),
            "manifest": found,
            "specimens": specimens,
            "strangers": strangers,
            "carries": _carries(actor),
            "on_the_way": [each for each in specimens if each.state == SpecimenState.IN_TRANSIT],
            "open": found.state in OPEN_STATES,
            "mine": {each.pk for each in specimens if found.picked_up_at and may_discard(actor, each)},
        },
    )
    if request.method == "POST" and response.status_code in (204, 302):
        messages.success(request, _("Picked up. Keep the specimens cool on the way."))
    return response


def _carries(actor: Actor) -> bool:
    return actor.has_role("courier", "coordinator")


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def bring_back(request: HttpRequest, pk: int) -> HttpResponse:
    """What could not be delivered goes back to where it was taken."""
    found: Consignment = seen_manifest(request, pk)
    return confirm(
        request,
        title=_("Were the specimens brought back to the site?"),
        consequence=_("They wait there for another round. The lab's place for them is given back."),
        button=_("They are back"),
        scope=f"diagnostics.bring_back/{pk}",
        write=lambda form: len(
            services.bring_back(
                consignment=found,
                at=moment_or(form.cleaned_data["at"], clock.utc_now()),
                by=actor_of(request),
                now=clock.utc_now(),
            )
        ),
        success_url=reverse("diagnostics:rounds"),
        back_url=reverse("diagnostics:manifest", args=[pk]),
        form_class=BringBackForm,
    )
