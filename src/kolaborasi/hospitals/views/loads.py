"""Files of beds: sent by coordinators, reported row by row, kept on record."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from kolaborasi.common import clock
from kolaborasi.common.errors import NotFound
from kolaborasi.common.pages import submit
from kolaborasi.hospitals import queries, services
from kolaborasi.hospitals.bed_files import PLAIN_EXAMPLE, read_bed_file
from kolaborasi.hospitals.errors import RowsRefused
from kolaborasi.hospitals.forms_membership import BedFileForm
from kolaborasi.hospitals.permissions import TABLE
from kolaborasi.hospitals.views.access import actor_of
from kolaborasi.hospitals.views.lists import LoadList
from kolaborasi.places.problems import Problem


@login_required
@never_cache
@require_safe
def loads(request: HttpRequest) -> HttpResponseBase:
    """Files of beds that were loaded, the newest first."""
    TABLE.require(actor_of(request), "see_loads")
    return LoadList(request, queries.bed_loads()).response()


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Send a file of beds; what is wrong with it is said row by row."""
    actor = actor_of(request)
    TABLE.require(actor, "import_beds")
    post = request.method == "POST"
    form = BedFileForm(
        request.POST if post else None, request.FILES if post else None, hospitals=list(queries.hospitals())
    )
    problems: list[Problem] = []

    def write() -> int:
        sent, now = form.cleaned_data["file"], clock.utc_now()
        read, source = read_bed_file(
            sent.read(), name=sent.name, read_at=now, code=form.cleaned_data["hospital"]
        )
        partly = form.cleaned_data["partly"]
        try:
            done = services.import_beds(
                file=read, source=source, name=sent.name, partly=partly, by=actor, now=now
            )
        except RowsRefused as error:
            problems.extend(error.problems)
            raise
        return done.load.pk if done.load else 0

    return submit(
        request,
        form,
        scope="hospitals.import_beds",
        write=write,
        success_url=lambda pk: reverse("hospitals:load", args=[pk]),
        template="hospitals/load_new.html",
        context={"title": _("Load a file of beds"), "problems": problems, "example": PLAIN_EXAMPLE},
    )


@login_required
@never_cache
@require_safe
def load(request: HttpRequest, pk: int) -> HttpResponse:
    """What became of every row of a file."""
    TABLE.require(actor_of(request), "see_loads")
    found = queries.bed_load_by_id(pk)
    if found is None:
        raise NotFound(_("There is no such file. Look for it in the list of files."))
    context: dict[str, Any] = {"load": found, "held": list(queries.held_rows_of(found))}
    return render(request, "hospitals/load.html", context)
