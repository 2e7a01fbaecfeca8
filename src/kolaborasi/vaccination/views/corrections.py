"""The corrections desk: wrong numbers, missing doses, doses on somebody else's name."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.timezone import get_current_timezone, localdate
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kolaborasi.common import clock
from kolaborasi.common.errors import NotFound
from kolaborasi.common.pages import IdempotentForm, confirm, submit
from kolaborasi.people.services import look_for_care
from kolaborasi.vaccination import queries, services
from kolaborasi.vaccination.errors import CorrectionIncomplete
from kolaborasi.vaccination.forms.corrections import RESOLVING, OpenForm, RejectForm, said_of
from kolaborasi.vaccination.models import Correction, CorrectionKind, Recipient
from kolaborasi.vaccination.queries import work
from kolaborasi.vaccination.states import CorrectionState
from kolaborasi.vaccination.views.access import actor_of, known_recipient, require_role
from kolaborasi.vaccination.views.lists import CorrectionList

DESK = ("partner_admin", "partner_member", "coordinator", "verifier")
NOON = time(12)


@login_required
@never_cache
@require_safe
def corrections(request: HttpRequest) -> HttpResponseBase:
    """Requests the actor may decide, the most pressing first."""
    actor = actor_of(request)
    require_role(actor, *DESK)
    return CorrectionList(request, work.corrections_for(actor)).response()


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Ask for a record to be put right."""
    require_role(actor_of(request), *DESK)
    form = OpenForm(request.POST if request.method == "POST" else None)
    back = reverse("vaccination:corrections")
    response = submit(
        request,
        form,
        scope="vaccination.open_correction",
        write=lambda: _open(request, form.cleaned_data),
        success_url=back,
        context={"title": _("Ask for a correction"), "button": _("Ask for it"), "back_url": back},
    )
    return _told(request, response, _("The correction has an owner and a day by which it is decided."))


def _open(request: HttpRequest, clean: dict[str, Any]) -> int:
    recipient = known_recipient(clean["code"])
    doses = {dose.number: dose for dose in queries.doses_of(recipient)}
    correction = services.open_correction(
        kind=CorrectionKind(clean["kind"]),
        owner=clean["owner"],
        recipient=recipient,
        dose=doses.get(clean["dose_number"]) if clean["dose_number"] else None,
        reference=clean["reference"],
        by=actor_of(request),
        now=clock.utc_now(),
    )
    return int(correction.pk)


def _told(request: HttpRequest, response: HttpResponse, sentence: Any) -> HttpResponse:
    if request.method == "POST" and response.status_code in (204, 302):
        messages.success(request, sentence)
    return response


def own_correction(request: HttpRequest, pk: int) -> Correction:
    """A correction the actor may decide.

    Raises:
        NotFound: there is none, or it is somebody else's, which is not told apart.
    """
    actor = actor_of(request)
    require_role(actor, *DESK)
    found = work.corrections_for(actor).filter(pk=pk).first()
    if found is None:
        raise NotFound(_("There is no such correction among those you may decide."))
    return found


def _whose(correction: Correction) -> Recipient:
    recipient = correction.recipient or (correction.dose.recipient if correction.dose else None)
    if recipient is None:
        raise CorrectionIncomplete
    return recipient


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def correction(request: HttpRequest, pk: int) -> HttpResponse:
    """One correction: what is wrong, who decides by when, what became of it, and the form to put it right."""
    found = own_correction(request, pk)
    past = list(queries.doses_of(_whose(found)))
    initial = said_of(found, len(past) + 1) if found.kind == CorrectionKind.MISSING_DOSE else {}
    form = RESOLVING[found.kind](request.POST if request.method == "POST" else None, initial=initial)
    response = submit(
        request,
        form,
        scope=f"vaccination.resolve_correction/{pk}",
        write=lambda: _resolve(request, found, form.cleaned_data),
        success_url=reverse("vaccination:correction", args=[pk]),
        template="vaccination/correction.html",
        context={
            "title": gettext("Correction K-%(number)s") % {"number": pk},
            "correction": found,
            "recipient": _whose(found),
            "past": past,
            "open": found.state == CorrectionState.OPEN,
            "late": found.state == CorrectionState.OPEN and found.due_date < clock.utc_now().date(),
        },
    )
    return _told(
        request,
        response,
        _("The record is put right. Certificates that showed the wrong one no longer hold."),
    )


def _resolve(request: HttpRequest, found: Correction, clean: dict[str, Any]) -> int:
    by, now = actor_of(request), clock.utc_now()
    more: dict[str, Any]
    if found.kind == CorrectionKind.WRONG_IDENTITY:
        birth = clean["birth_date"]
        changes = {name: clean[name] for name in ("name", "nik", "passport") if clean[name]}
        more = {"changes": changes, "birth_date": birth.isoformat() if birth else ""}
    elif found.kind == CorrectionKind.MISATTRIBUTED_DOSE:
        more = {"right_recipient": known_recipient(clean["code"])}
    else:
        given_at = datetime.combine(clean["given_date"], NOON, tzinfo=get_current_timezone())
        dose = services.record_elsewhere(
            recipient=_whose(found),
            product=clean["product"],
            number=clean["number"],
            # Today's noon may be still to come; another day to come is the verb's to refuse.
            given_at=min(given_at, now) if clean["given_date"] == localdate(now) else given_at,
            lot_code=clean["lot_code"],
            by=by,
            now=now,
        )
        more = {"dose": dose}
    return int(services.resolve_correction(correction=found, by=by, now=now, **more).pk)


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def reject(request: HttpRequest, pk: int) -> HttpResponse:
    """Leave the record as it is."""
    found = own_correction(request, pk)
    back = reverse("vaccination:correction", args=[pk])

    def write(form: IdempotentForm) -> int:
        reference = form.cleaned_data["reference"]
        done = services.reject_correction(
            correction=found, reference=reference, by=actor_of(request), now=clock.utc_now()
        )
        return int(done.pk)

    return confirm(
        request,
        title=_("Leave the record as it is?"),
        consequence=_("The request is closed; the person can ask again with better papers."),
        button=_("Leave it"),
        scope=f"vaccination.reject_correction/{pk}",
        write=write,
        success_url=back,
        back_url=back,
        form_class=RejectForm,
    )


@login_required
@never_cache
@require_POST
def identity(request: HttpRequest, pk: int) -> HttpResponse:
    """Who it is about, for whoever decides; the look is on record."""
    person = _whose(own_correction(request, pk)).person
    fields = ("name", "nik", "passport", "phone", "email")
    known = look_for_care(person=person, fields=fields, by=actor_of(request), now=clock.utc_now())
    context = {
        "title": _("Who it is about"),
        "known": known,
        "back_url": reverse("vaccination:correction", args=[pk]),
    }
    return render(request, "vaccination/identity.html", context)
