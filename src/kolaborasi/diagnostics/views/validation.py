"""The validator: a second person checks results, rejects or corrects them; what was said before stays visible."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import timedelta

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from kolaborasi.common import clock
from kolaborasi.common.pages import confirm, submit
from kolaborasi.common.pages.export import BYTE_ORDER_MARK, safe_cell
from kolaborasi.diagnostics import queries, services
from kolaborasi.diagnostics.errors import ResultsDecided
from kolaborasi.diagnostics.forms.results import CorrectForm, ExportForm, ValidateForm
from kolaborasi.diagnostics.models import Lab, Result
from kolaborasi.diagnostics.rules.assays import Outcome
from kolaborasi.diagnostics.states import ResultState
from kolaborasi.diagnostics.views.access import actor_of, may, own_lab, seen_result
from kolaborasi.diagnostics.views.lists import ResultList, ValidationList


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def validation(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Results that wait for a second person: tick those that are right."""
    lab, actor = own_lab(request, pk, "validate_results"), actor_of(request)
    form = ValidateForm(request.POST if request.method == "POST" else None)
    waiting = queries.results_to_validate(lab)
    page = ValidationList(request, waiting, lab=lab, form=form, me=actor.user_id)
    if request.method != "POST":
        return page.response()

    def write() -> int:
        chosen = list(waiting.filter(pk__in=form.cleaned_data["result"]))
        if len(chosen) < len(set(form.cleaned_data["result"])):
            raise ResultsDecided
        services.validate_results(results=chosen, by=actor, now=clock.utc_now())
        return len(chosen)

    response = submit(
        request,
        form,
        scope=f"diagnostics.validate_results/{pk}",
        write=write,
        success_url=lambda number: _validated(request, pk, number),
        template="diagnostics/validation.html",
        context={**page.context, "list": page},
    )
    return response


def _validated(request: HttpRequest, pk: int, number: int) -> str:
    text = ngettext(
        "%(number)s result is validated; the person is told.",
        "%(number)s results are validated; the persons are told.",
        number,
    )
    messages.success(request, text % {"number": number})
    return reverse("diagnostics:validation", args=[pk])


@login_required
@never_cache
@require_safe
def results(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Every result of a lab; the export of those that count."""
    lab, today = own_lab(request, pk, "validate_results"), localdate()
    rows = queries.results().filter(lab=lab)
    form = ExportForm(initial={"first": today - timedelta(days=6), "last": today})
    may_export = may(actor_of(request), "export_results", lab.site)
    return ResultList(request, rows, lab=lab, export_form=form if may_export else None).response()


@login_required
@never_cache
@require_safe
def export(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Validated results of some days as our documented CSV: codes, no names."""
    lab = own_lab(request, pk, "export_results")
    form = ExportForm(request.GET)
    if not form.is_valid():
        context = {"title": _("Export results"), "form": form, "lab": lab, "refusal": None}
        return render(request, "diagnostics/export.html", context, status=400)
    first, last = form.days
    rows = services.export_results(lab=lab, first=first, last=last, by=actor_of(request), now=clock.utc_now())
    response = StreamingHttpResponse(_lines(rows), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="hasil-{first}-{last - timedelta(days=1)}.csv"'
    response["Cache-Control"] = "no-store"
    return response


class _Line:
    """A file for `csv.writer` that hands the line back."""

    def write(self, text: str) -> str:
        return text


def _lines(rows: Iterator[tuple[object, ...]]) -> Iterator[str]:
    writer = csv.writer(_Line())
    yield BYTE_ORDER_MARK + writer.writerow(queries.COLUMNS)
    for row in rows:
        yield writer.writerow([safe_cell(value) for value in row])


@login_required
@never_cache
@require_safe
def result(request: HttpRequest, pk: int) -> HttpResponse:
    """One result with everything that was ever read in its specimen."""
    found, actor = seen_result(request, pk), actor_of(request)
    context = {
        "title": _("Result"),
        "result": found,
        "lab": found.lab,
        "specimen": found.specimen,
        "results": list(queries.results_of(found.specimen)),
        "waits": found.state == ResultState.PROPOSED,
        "own": found.entered_by_id is not None and found.entered_by_id == actor.user_id,
        "counts": found.state == ResultState.VALIDATED,
        "form": ValidateForm(None),
    }
    return render(request, "diagnostics/result_in_lab.html", context)


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def reject(request: HttpRequest, pk: int) -> HttpResponse:
    """A result is not accepted: the specimen is read again."""
    found = seen_result(request, pk)
    return confirm(
        request,
        title=_("Not accept this result?"),
        consequence=_("It stays on record and does not count; the specimen waits for another run."),
        button=_("Do not accept"),
        scope=f"diagnostics.reject_result/{pk}",
        write=lambda form: services.reject_result(result=found, by=actor_of(request), now=clock.utc_now()).pk,
        success_url=_queue_of(found.lab),
        back_url=reverse("diagnostics:lab_result", args=[pk]),
    )


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def correct(request: HttpRequest, pk: int) -> HttpResponse:
    """Replace a validated result; the old one stays visible, somebody else validates the new one."""
    found = seen_result(request, pk)
    form = CorrectForm(request.POST if request.method == "POST" else None, targets=_targets(found))

    def write() -> int:
        return services.correct_result(
            result=found,
            outcome=Outcome(form.cleaned_data["outcome"]),
            reason=form.cleaned_data["reason"],
            cts=form.cts(),
            by=actor_of(request),
            now=clock.utc_now(),
        ).pk

    return submit(
        request,
        form,
        scope=f"diagnostics.correct_result/{pk}",
        write=write,
        success_url=lambda new: reverse("diagnostics:lab_result", args=[new]),
        template="diagnostics/correct.html",
        context={
            "title": _("Correct this result"),
            "result": found,
            "button": _("Correct the result"),
            "back_url": reverse("diagnostics:lab_result", args=[pk]),
        },
    )


def _targets(found: Result) -> list[str]:
    return list(found.assay.rule.targets) if found.assay else [ct.target for ct in found.cts.all()]


def _queue_of(lab: Lab) -> str:
    return reverse("diagnostics:validation", args=[lab.pk])
