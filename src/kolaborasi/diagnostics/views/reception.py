"""The reception of a lab: what arrived is scanned against the manifest, differences are shown."""

from __future__ import annotations

from typing import Any

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
from kolaborasi.common.pages import submit
from kolaborasi.diagnostics import queries, services
from kolaborasi.diagnostics.forms.collection import moment_or
from kolaborasi.diagnostics.forms.scans import ManifestForm
from kolaborasi.diagnostics.models import Consignment, Lab
from kolaborasi.diagnostics.views.access import actor_of, own_lab, said_at
from kolaborasi.diagnostics.views.lists import ComingList

DONE = "diagnostics.received"
MOST_MISSING = 50


@login_required
@never_cache
@require_safe
def reception(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Manifests on their way to a lab, and specimens that went missing on it."""
    lab = own_lab(request, pk, "receive")
    missing = list(queries.still_with_courier(lab)[:MOST_MISSING])
    return ComingList(request, queries.coming_to(lab), lab=lab, missing=missing).response()


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def receive(request: HttpRequest, pk: int, manifest: int | None = None) -> HttpResponse:
    """Scan what arrived, against a manifest or without one."""
    lab, now = own_lab(request, pk, "receive"), clock.utc_now()
    # A form sent a second time gets its first answer, so a manifest that is over is refused by the verb.
    carried = _manifest_for(lab, manifest, over=request.method == "POST")
    specimens = list(queries.manifest(carried)) if carried else []
    form = ManifestForm(
        request.POST if request.method == "POST" else None,
        barcodes=[each.label.barcode for each in specimens],
    )

    def write() -> dict[str, Any]:
        with said_at("scans"):
            done = services.receive(
                lab=lab,
                barcodes=form.barcodes,
                at=moment_or(form.cleaned_data["at"], now),
                by=actor_of(request),
                now=now,
                consignment=carried,
            )
        return {
            "lab": pk,
            "taken": len(done.specimens),
            "missing": [each.label.barcode for each in done.missing],
            "unplanned": [each.label.barcode for each in done.unplanned],
            "refused": [list(each) for each in done.refused],
        }

    def onwards(done: dict[str, Any]) -> str:
        request.session[DONE] = done
        return reverse("diagnostics:received", args=[pk])

    return submit(
        request,
        form,
        scope=f"diagnostics.receive/{pk}/{manifest or 0}",
        write=write,
        success_url=onwards,
        template="diagnostics/receive.html",
        context={"title": _("Receive specimens"), "lab": lab, "manifest": carried, "specimens": specimens},
    )


def _manifest_for(lab: Lab, pk: int | None, *, over: bool) -> Consignment | None:
    if pk is None:
        return None
    rows = queries.consignments().filter(lab=lab) if over else queries.coming_to(lab)
    found = rows.filter(pk=pk).first()
    if found is None:
        raise NotFound(_("This manifest was received already, or goes to another lab."))
    return found


@login_required
@never_cache
@require_safe
def received(request: HttpRequest, pk: int) -> HttpResponse:
    """What the last scan took in, and where it differs from the manifest."""
    lab, done = own_lab(request, pk, "receive"), request.session.get(DONE)
    if not done or done["lab"] != pk:
        return redirect("diagnostics:reception", pk)
    title = _("Received")
    return render(request, "diagnostics/received.html", {"title": title, "lab": lab, "done": done})
