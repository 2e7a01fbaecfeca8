"""Pages that links in messages lead to: a result behind the birth date, the test offered to a close contact."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from kolaborasi.common import clock
from kolaborasi.common.pages import braked, submit
from kolaborasi.diagnostics import queries, services
from kolaborasi.diagnostics.errors import LinkUnknown, WrongBirthDate
from kolaborasi.diagnostics.forms.resident import BirthDateForm, ContactForm
from kolaborasi.diagnostics.models import Result
from kolaborasi.diagnostics.paper import result_pdf, verify_link
from kolaborasi.diagnostics.rules.links import hashed
from kolaborasi.diagnostics.views.access import actor_of
from kolaborasi.diagnostics.views.collection import kelurahan
from kolaborasi.diagnostics.words import slot_words
from kolaborasi.places.models import Place

OPEN_FOR = timedelta(minutes=15)
"""How long a browser that gave the birth date sees the result: telephones are shared."""


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@braked
def result(request: HttpRequest, token: str) -> HttpResponse:
    """The result of a link: asked for the birth date first, then shown for a quarter of an hour."""
    now = clock.utc_now()
    if request.method == "POST":
        return _try(request, token, now)
    if _is_open(request, token, now):
        return _show(request, token, now)
    if not queries.link_is_known(token):
        raise LinkUnknown
    return render(request, "diagnostics/result_locked.html", _locked(BirthDateForm()))


def _try(request: HttpRequest, token: str, now: datetime) -> HttpResponse:
    form = BirthDateForm(request.POST)
    if form.is_valid():
        try:
            # Outside any transaction: a wrong try counts although the verb refuses.
            services.open_result(
                token=token, birth_date=form.cleaned_data["birth_date"], by=actor_of(request), now=now
            )
        except WrongBirthDate as error:
            form.add_error("birth_date", str(error))
        else:
            request.session[_key(token)] = now.timestamp()
            return redirect("diagnostics:result_of_link", token)
    return render(request, "diagnostics/result_locked.html", _locked(form), status=422)


def _locked(form: BirthDateForm) -> dict[str, Any]:
    return {"title": _("Your test result"), "form": form}


def _key(token: str) -> str:
    """What the session remembers: never the secret itself."""
    return f"diagnostics-result-{hashed(token)[:32]}"


def _is_open(request: HttpRequest, token: str, now: datetime) -> bool:
    opened = request.session.get(_key(token))
    return opened is not None and now.timestamp() - float(opened) < OPEN_FOR.total_seconds()


def _show(request: HttpRequest, token: str, now: datetime) -> HttpResponse:
    found = queries.result_by_link(token, now)
    code = services.result_document(result=found, now=now)
    context = {
        "title": _("Your test result"),
        "result": found,
        "document": queries.verified_result(code),
        "verify_link": verify_link(code, settings.PUBLIC_ADDRESS),
        "cts": list(found.cts.all()),
        "token": token,
        "corrected": _was_corrected(found),
    }
    return render(request, "diagnostics/result_shown.html", context)


def _was_corrected(found: Result) -> bool:
    return found.corrects_id is not None


@never_cache
@require_safe
def result_file(request: HttpRequest, token: str) -> HttpResponse:
    """The result as a signed PDF, for a browser that gave the birth date."""
    now = clock.utc_now()
    if not _is_open(request, token, now):
        return redirect("diagnostics:result_of_link", token)
    code = services.result_document(result=queries.result_by_link(token, now), now=now)
    content = result_pdf(queries.verified_result(code), code, settings.PUBLIC_ADDRESS)
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = 'attachment; filename="hasil-tes.pdf"'
    return response


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@braked
def contact(request: HttpRequest, token: str) -> HttpResponse:
    """A close contact takes the offered test; who was ill is never told."""
    if not queries.contact_link_is_known(token):
        raise LinkUnknown
    taken = queries.order_of_contact(token)
    if taken is not None and request.method != "POST":
        return redirect("diagnostics:booking", queries.ticket_of(taken.pk))
    places, now = kelurahan(), clock.utc_now()
    near = _near(request.GET.get("from", ""), places)
    # What was shown may be gone when the form comes: then it is refused with the new choice.
    slots = [
        (slot, f"{slot_words(slot.starts_at, slot.ends_at)}: {slot.site.name}")
        for slot in queries.soonest_slots(now, near)
    ]
    form = ContactForm(request.POST if request.method == "POST" else None, places=places, slots=slots)
    if request.method != "POST" and near is not None:
        form.initial["residence"] = near.code

    def write() -> int:
        return services.order_for_contact(
            token=token,
            birth_date=form.cleaned_data["birth_date"],
            sex=form.cleaned_data["sex"],
            site=form.chosen.site,
            slot=form.chosen,
            residence=form.home,
            by=actor_of(request),
            now=now,
        ).pk

    return submit(
        request,
        form,
        scope=f"diagnostics.contact/{hashed(token)[:16]}",
        write=write,
        success_url=lambda order: reverse("diagnostics:booking", args=[queries.ticket_of(order)]),
        template="diagnostics/contact.html",
        context={
            "title": _("You were close to somebody who tested positive"),
            "button": _("Book the test"),
            "slots": slots,
            "near": near,
            "places": places,
        },
    )


def _near(code: str, places: list[Place]) -> Place | None:
    return next((place for place in places if place.code == code), None)
