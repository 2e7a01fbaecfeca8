"""Single tubes of a lab: a result typed in without a plate, tubes destroyed after their results."""

from __future__ import annotations

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
from kolaborasi.common.pages import confirm, submit
from kolaborasi.diagnostics import services
from kolaborasi.diagnostics.errors import FileRefused
from kolaborasi.diagnostics.forms.bench import DisposeForm, ResultForm
from kolaborasi.diagnostics.forms.collection import moment_or
from kolaborasi.diagnostics.models import Lab
from kolaborasi.diagnostics.services import Entry
from kolaborasi.diagnostics.views.access import actor_of, own_lab, said_at, seen_pool


class EntryRefused(Refused):
    """The one result that was typed cannot be taken in; said at the barcode it is of."""

    code = "row-refused"

    def __init__(self, message: str) -> None:
        super().__init__(message, details={"field": "barcode"})


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def enter(request: HttpRequest, pk: int) -> HttpResponse:
    """Type one result in; somebody else validates it."""
    lab, here = own_lab(request, pk, "enter_results"), reverse("diagnostics:enter_result", args=[pk])
    form = ResultForm(request.POST if request.method == "POST" else None)
    response = submit(
        request,
        form,
        scope=f"diagnostics.enter_results/{pk}",
        write=lambda: _entered(request, lab, form),
        success_url=here,
        template="diagnostics/enter.html",
        context={"title": _("Type a result in"), "button": _("Record the result"), "lab": lab},
    )
    if request.method == "POST" and response.status_code in (204, 302):
        messages.success(request, _("The result is recorded. Somebody else must validate it."))
    return response


def _entered(request: HttpRequest, lab: Lab, form: ResultForm) -> int:
    clean, now = form.cleaned_data, clock.utc_now()
    entry = Entry(1, clean["barcode"], clean["outcome"], moment_or(clean["resulted_at"], now))
    try:
        return services.enter_results(
            lab=lab, entries=[entry], source="hand", by=actor_of(request), now=now
        ).results
    except FileRefused as error:
        raise EntryRefused(error.details["rows"][0]["message"]) from None


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def dispose(request: HttpRequest, pk: int) -> HttpResponse:
    """Destroy tubes that were read; their results stay."""
    lab, back = own_lab(request, pk, "dispose"), reverse("diagnostics:bench", args=[pk])

    def write(form: DisposeForm) -> int:
        with said_at("scans"):
            return len(
                services.dispose(
                    lab=lab,
                    barcodes=form.cleaned_data["scans"],
                    by=actor_of(request),
                    now=clock.utc_now(),
                )
            )

    def onwards(number: int) -> str:
        text = ngettext("%(number)s tube is destroyed.", "%(number)s tubes are destroyed.", number)
        messages.success(request, text % {"number": number})
        return back

    return confirm(
        request,
        title=_("Destroy tubes?"),
        consequence=_("Only tubes with a validated result. They cannot be read again; results stay."),
        button=_("Destroy"),
        scope=f"diagnostics.dispose/{pk}",
        write=write,  # type: ignore[arg-type]
        success_url=onwards,
        back_url=back,
        form_class=DisposeForm,
    )


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def dissolve(request: HttpRequest, pk: int) -> HttpResponse:
    """Throw a mixture away: its specimens are read alone or in another pool."""
    found = seen_pool(request, pk)
    back = reverse("diagnostics:pool", args=[found.lab_id])
    response = confirm(
        request,
        title=_("Dissolve this pool?"),
        consequence=_("The mixture is thrown away; the tubes stay and wait for another run."),
        button=_("Dissolve the pool"),
        scope=f"diagnostics.dissolve_pool/{pk}",
        write=lambda _form: services.dissolve_pool(pool=found, by=actor_of(request), now=clock.utc_now()).pk,
        success_url=back,
        back_url=back,
    )
    if request.method == "POST" and response.status_code in (204, 302):
        messages.success(request, _("The pool is dissolved. Its specimens wait at the bench."))
    return response
