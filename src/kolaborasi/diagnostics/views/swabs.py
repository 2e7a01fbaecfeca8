"""A list of swabs handed in at a collection site: a spreadsheet or CSV, reported row by row."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from kolaborasi.common import clock
from kolaborasi.common.errors import Refused
from kolaborasi.common.pages import submit
from kolaborasi.diagnostics import services
from kolaborasi.diagnostics.errors import FileRefused
from kolaborasi.diagnostics.forms.swabs import SwabListForm
from kolaborasi.diagnostics.instruments.swabs import NEEDED, OPTIONAL, read_swabs
from kolaborasi.diagnostics.models import Priority, Reason, SpecimenType
from kolaborasi.diagnostics.services import Swabbed
from kolaborasi.diagnostics.views.access import actor_of, own_site
from kolaborasi.messages.models import Channel
from kolaborasi.partners.models import Site

REPORT = "diagnostics.swabs"
MOST_SWABS = 2000
"""Rows of a list at once, as over the API."""


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def hand_in(request: HttpRequest, pk: int) -> HttpResponse:
    """Hand a list of swabs in; what is wrong with it is said row by row."""
    site, post = own_site(request, pk, "import_swabs"), request.method == "POST"
    form = SwabListForm(request.POST if post else None, request.FILES if post else None)
    details: dict[str, Any] = {}

    def write() -> dict[str, Any]:
        try:
            done = _handed_in(request, site, form)
        except Refused as error:
            details.update(error.details)
            raise
        return {"site": pk, "specimens": len(done.specimens), "refused": done.refused}

    def onwards(done: dict[str, Any]) -> str:
        request.session[REPORT] = done
        return reverse("diagnostics:hand_in", args=[pk])

    # Shown once: after the list, on the page it was sent from.
    done = request.session.pop(REPORT, None) if not post else None
    response = submit(
        request,
        form,
        scope=f"diagnostics.import_swabs/{pk}",
        write=write,
        success_url=onwards,
        template="diagnostics/hand_in.html",
        context={
            "title": _("Hand in a list of swabs"),
            "site": site,
            "details": details,
            "done": done if done and done["site"] == pk else None,
            "words": _words(),
        },
    )
    if post and response.status_code in (204, 302):
        messages.success(request, _specimens_text(request.session[REPORT]["specimens"]))
    return response


def _handed_in(request: HttpRequest, site: Site, form: SwabListForm) -> Swabbed:
    file = form.cleaned_data["file"]
    swabs, unread = read_swabs(file.read(), name=file.name, site=site)
    if len(swabs) + len(unread) > MOST_SWABS:
        raise FileRefused(_("A list has at most 2,000 swabs. Send a longer one in parts."))
    return services.import_swabs(
        swabs=swabs,
        unread=unread,
        partly=form.cleaned_data["partly"],
        by=actor_of(request),
        now=clock.utc_now(),
    )


def _words() -> list[tuple[str, list[tuple[str, Any]]]]:
    """Columns that take one of a few words, with what each means."""
    headings = {**NEEDED, **OPTIONAL}
    choices = {"reason": Reason, "kind": SpecimenType, "priority": Priority, "channel": Channel}
    return [(" / ".join(headings[column]), list(words.choices)) for column, words in choices.items()]


def _specimens_text(number: int) -> str:
    return ngettext(
        "%(number)s swab was taken in. It waits for the courier.",
        "%(number)s swabs were taken in. They wait for the courier.",
        number,
    ) % {"number": number}
