"""The bench: what waits, plates and pools, starting and reading a run, files of machines and lab systems."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.timezone import localdate, localtime
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from kolaborasi.common import clock
from kolaborasi.common.errors import NotFound, Refused
from kolaborasi.common.pages import IdempotentForm, confirm, submit
from kolaborasi.diagnostics import queries, services
from kolaborasi.diagnostics.forms.bench import (
    FailForm,
    MachineForm,
    PlateFileForm,
    PlateForm,
    PoolForm,
    ReadingsForm,
    ResultFileForm,
)
from kolaborasi.diagnostics.forms.collection import moment_or
from kolaborasi.diagnostics.hl7 import message_text
from kolaborasi.diagnostics.models import Assay, Lab, Machine, Pool, Run
from kolaborasi.diagnostics.queries import plates
from kolaborasi.diagnostics.services import Entered
from kolaborasi.diagnostics.states import RunState
from kolaborasi.diagnostics.views.access import actor_of, own_lab, said_at, seen_run
from kolaborasi.diagnostics.views.lists import QueueList, RunList
from kolaborasi.stock.models import Balance, Lot

UNDER_WAY = (RunState.PLANNED, RunState.RUNNING)
REPORT = "diagnostics.import"
MOST_TYPED = 900
"""Fields of a form the server takes, less those of the form itself."""


@login_required
@never_cache
@require_safe
def bench(request: HttpRequest, pk: int) -> HttpResponseBase:
    """What waits for a run, the plates under way, and whether pools would save tests."""
    lab = own_lab(request, pk)
    return QueueList(
        request,
        plates.queue(lab),
        lab=lab,
        numbers=plates.numbers(lab),
        runs=list(queries.runs(lab).filter(state__in=UNDER_WAY)),
        advice=queries.pool_advice(lab, clock.utc_now()),
    ).response()


@login_required
@never_cache
@require_safe
def runs(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Every plate of a lab."""
    lab = own_lab(request, pk)
    return RunList(request, queries.runs(lab), lab=lab).response()


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def prepare(request: HttpRequest, pk: int) -> HttpResponse:
    """Fill a plate: the machine first, then what is in its positions; proposed from what waits."""
    lab, now = own_lab(request, pk), clock.utc_now()
    machines = list(queries.machines(lab).filter(in_service=True))
    machine = _chosen(request, machines)
    if machine is None:
        return _choose_machine(request, lab, machines)
    assays, kits = list(queries.assays()), list(queries.kit_lots(lab, localdate(now)))
    pools = list(plates.open_pools(lab))
    kit, assay = _first_open(kits, [each for each in assays if each.pooled or not pools])
    form = PlateForm(
        request.POST if request.method == "POST" else None,
        machine=machine,
        assays=assays,
        kits=kits,
        pools=pools,
        initial={
            "plate": f"{machine.name}-{localtime(now):%Y%m%d-%H%M}",
            "kit": kit,
            "assay": assay,
            "filling": plates.proposed_filling(lab, machine) if request.method != "POST" else "",
        },
    )
    return submit(
        request,
        form,
        scope=f"diagnostics.prepare_run/{pk}",
        write=lambda: _prepare(request, lab, machine, form).pk,
        success_url=lambda run: reverse("diagnostics:run", args=[run]),
        template="diagnostics/prepare.html",
        context={"title": _("Prepare a plate"), "lab": lab, "machine": machine},
    )


def _first_open(kits: Sequence[Balance], assays: Sequence[Assay]) -> tuple[int | None, int | None]:
    """The lot that expires first and the assay it is the kit of."""
    by_item = {assay.kit_id: assay.pk for assay in assays if assay.kit_id}
    fits = ((each.lot_id, by_item[each.lot.item_id]) for each in kits if each.lot.item_id in by_item)
    return next(fits, (None, assays[0].pk if assays else None))


def _chosen(request: HttpRequest, machines: list[Machine]) -> Machine | None:
    asked = request.GET.get("machine", "")
    if not asked and len(machines) == 1:
        return machines[0]
    return next((each for each in machines if str(each.pk) == asked), None)


def _choose_machine(request: HttpRequest, lab: Lab, machines: list[Machine]) -> HttpResponse:
    context = {
        "title": _("Prepare a plate"),
        "lab": lab,
        "machines": machines,
        "form": MachineForm(None, machines=machines),
    }
    return render(request, "diagnostics/choose_machine.html", context)


def _prepare(request: HttpRequest, lab: Lab, machine: Machine, form: PlateForm) -> Run:
    clean = form.cleaned_data
    kit: Lot | None = form.kits[clean["kit"]].lot if clean["kit"] else None
    with said_at("filling"):
        return services.prepare_run(
            lab=lab,
            machine=machine,
            assay=form.assays[clean["assay"]],
            plate=clean["plate"].strip(),
            filled=clean["filling"],
            by=actor_of(request),
            now=clock.utc_now(),
            kit_lot=kit,
        )


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def pool(request: HttpRequest, pk: int) -> HttpResponse:
    """Mix specimens into one tube; how many is explained from the share of positives."""
    lab, now = own_lab(request, pk), clock.utc_now()
    form = PoolForm(request.POST if request.method == "POST" else None)
    response = submit(
        request,
        form,
        scope=f"diagnostics.make_pool/{pk}",
        write=lambda: _mix(request, lab, form).pk,
        success_url=reverse("diagnostics:pool", args=[pk]),
        template="diagnostics/pool.html",
        context={
            "title": _("Pools"),
            "lab": lab,
            "advice": queries.pool_advice(lab, now),
            "pools": list(plates.open_pools(lab)),
        },
    )
    if request.method == "POST" and response.status_code in (204, 302):
        messages.success(request, _("The pool is made. Put it on a plate like a specimen."))
    return response


def _mix(request: HttpRequest, lab: Lab, form: PoolForm) -> Pool:
    with said_at("scans"):
        return services.make_pool(
            lab=lab, barcodes=form.cleaned_data["scans"], by=actor_of(request), now=clock.utc_now()
        )


@login_required
@never_cache
@require_safe
def run(request: HttpRequest, pk: int) -> HttpResponse:
    """A plate: its map, and what can be done with it now."""
    found = seen_run(request, pk)
    wells = list(queries.wells(found))
    context = {
        "title": found.plate,
        "run": found,
        "lab": found.lab,
        "wells": wells,
        "map": plates.plate_map(wells, found.machine.wells),
        "targets": found.assay.rule.targets,
        "act_form": IdempotentForm(),
    }
    return render(request, "diagnostics/run.html", context)


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def read(request: HttpRequest, pk: int) -> HttpResponse:
    """Type the Ct values of a plate in."""
    found, now = seen_run(request, pk), clock.utc_now()
    _require_running(request, found)
    wells, targets = list(queries.wells(found)), list(found.assay.rule.targets)
    if len(wells) * len(targets) > MOST_TYPED:
        messages.info(request, _("This plate is too large to be typed in. Use the machine's file."))
        return redirect("diagnostics:read_file", pk)
    form = ReadingsForm(request.POST if request.method == "POST" else None, wells=wells, targets=targets)
    return _read_page(
        request,
        found,
        form,
        "diagnostics/read.html",
        lambda: services.read_run(
            run=found,
            readings=form.readings(),
            ended_at=moment_or(form.cleaned_data["ended_at"], now),
            by=actor_of(request),
            now=now,
        ),
    )


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def read_file(request: HttpRequest, pk: int) -> HttpResponse:
    """Read a plate from the export of its machine; what is wrong with it is said line by line."""
    found, now = seen_run(request, pk), clock.utc_now()
    _require_running(request, found)
    post = request.method == "POST"
    form = PlateFileForm(request.POST if post else None, request.FILES if post else None)
    return _read_page(
        request,
        found,
        form,
        "diagnostics/read_file.html",
        lambda: services.import_plate_file(
            run=found,
            content=form.cleaned_data["file"].read(),
            ended_at=moment_or(form.cleaned_data["ended_at"], now),
            by=actor_of(request),
            now=now,
        ),
    )


def _require_running(request: HttpRequest, found: Run) -> None:
    # A form sent a second time gets its first answer, so a plate that was read is refused by the verb.
    if request.method != "POST" and found.state != RunState.RUNNING:
        raise NotFound(_("This plate is not in the machine, so it cannot be read. Open it and look."))


def _read_page(
    request: HttpRequest, found: Run, form: IdempotentForm, template: str, verb: Callable[[], Run]
) -> HttpResponse:
    details: dict[str, Any] = {}

    def write() -> int:
        try:
            return verb().pk
        except Refused as error:
            details.update(error.details)
            raise

    onwards = reverse("diagnostics:run", args=[found.pk])
    context = {"title": _("Read the plate"), "run": found, "lab": found.lab, "back_url": onwards}
    response = submit(
        request,
        form,
        scope=f"diagnostics.read_run/{found.pk}",
        write=write,
        success_url=onwards,
        template=template,
        context={**context, "details": details},
    )
    if request.method == "POST" and response.status_code in (204, 302):
        messages.success(request, _("The plate is read. Somebody else must validate its results."))
    return response


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def start(request: HttpRequest, pk: int) -> HttpResponse:
    """The machine starts."""
    found = seen_run(request, pk)
    return _act(
        request,
        found,
        title=_("Start the run?"),
        consequence=_("The reactions of the kit are used up; the specimens are being read."),
        button=_("The machine runs"),
        name="start_run",
        write=lambda form: services.start_run(
            run=found, at=clock.utc_now(), by=actor_of(request), now=clock.utc_now()
        ),
    )


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """Give up a plate that was not started."""
    found = seen_run(request, pk)
    return _act(
        request,
        found,
        title=_("Give up this plate?"),
        consequence=_("Its specimens wait for another one. The name of the plate is used up."),
        button=_("Give it up"),
        name="cancel_run",
        write=lambda form: services.cancel_run(run=found, by=actor_of(request), now=clock.utc_now()),
    )


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def fail(request: HttpRequest, pk: int) -> HttpResponse:
    """The run cannot be read."""
    found = seen_run(request, pk)
    return _act(
        request,
        found,
        title=_("Mark the run as failed?"),
        consequence=_(
            "No result is taken from it; its specimens wait for another run. This cannot be undone."
        ),
        button=_("The run failed"),
        name="fail_run",
        form_class=FailForm,
        write=lambda form: services.fail_run(
            run=found, reason=form.cleaned_data["reason"], by=actor_of(request), now=clock.utc_now()
        ),
    )


def _act(
    request: HttpRequest, found: Run, *, name: str, write: Callable[[IdempotentForm], Run], **page: Any
) -> HttpResponse:
    back = reverse("diagnostics:run", args=[found.pk])
    return confirm(
        request,
        scope=f"diagnostics.{name}/{found.pk}",
        write=lambda form: write(form).pk,
        success_url=back,
        back_url=back,
        **page,
    )


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def take_in(request: HttpRequest, pk: int) -> HttpResponse:
    """Results of the lab's own system as CSV or HL7 v2; what is wrong with it is said row by row."""
    lab = own_lab(request, pk, "import_results_csv")
    post = request.method == "POST"
    form = ResultFileForm(request.POST if post else None, request.FILES if post else None)
    details: dict[str, Any] = {}

    def write() -> dict[str, Any]:
        try:
            entered = _taken_in(request, lab, form)
        except Refused as error:
            details.update(error.details)
            raise
        return {"lab": pk, "results": entered.results, "refused": entered.refused}

    def onwards(done: dict[str, Any]) -> str:
        request.session[REPORT] = done
        return reverse("diagnostics:take_in", args=[pk])

    # Shown once: after the file, on the page it was sent from.
    done = request.session.pop(REPORT, None) if not post else None
    response = submit(
        request,
        form,
        scope=f"diagnostics.import/{pk}",
        write=write,
        success_url=onwards,
        template="diagnostics/take_in.html",
        context={
            "title": _("Take in results"),
            "lab": lab,
            "details": details,
            "done": done if done and done["lab"] == pk else None,
        },
    )
    if post and response.status_code in (204, 302):
        messages.success(request, _results_text(request.session[REPORT]["results"]))
    return response


def _taken_in(request: HttpRequest, lab: Lab, form: ResultFileForm) -> Entered:
    content: bytes = form.cleaned_data["file"].read()
    common: dict[str, Any] = {
        "lab": lab,
        "by": actor_of(request),
        "now": clock.utc_now(),
        "partly": form.cleaned_data["partly"],
    }
    if content.removeprefix(b"\xef\xbb\xbf").lstrip()[:3] in (b"MSH", b"FHS", b"BHS"):
        return services.import_hl7(text=message_text(content), **common)
    return services.import_results_csv(content=content, **common)


def _results_text(number: int) -> str:
    return ngettext(
        "%(number)s result was taken in. Somebody else must validate it.",
        "%(number)s results were taken in. Somebody else must validate them.",
        number,
    ) % {"number": number}
