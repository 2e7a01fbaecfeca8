"""My card: doses, when the next is due, booking, wish, the certificate and what was asked to be put right."""

from __future__ import annotations

from datetime import timedelta
from textwrap import shorten
from typing import Any

from babel.dates import format_date
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.utils.timezone import localdate
from django.utils.translation import get_language
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from kolaborasi.common import clock
from kolaborasi.common.errors import NotFound
from kolaborasi.common.pages import IdempotentForm, braked, confirm, submit
from kolaborasi.vaccination import queries, services
from kolaborasi.vaccination.certificates import paper
from kolaborasi.vaccination.certificates.paper import Paper
from kolaborasi.vaccination.errors import CardLinkOver
from kolaborasi.vaccination.forms.resident import CorrectionForm
from kolaborasi.vaccination.queries import residents
from kolaborasi.vaccination.queries.people import doses_of
from kolaborasi.vaccination.services import Issued
from kolaborasi.vaccination.views.access import actor_of
from kolaborasi.vaccination.views.holders import OPENED, Holder, card_holder, known_holder

REMEMBERED = timedelta(days=730)
MOST_PLACES = 3
"""Doses with their site; more would not fit on the page."""


@never_cache
@require_safe
def card_by_link(request: HttpRequest, key: str) -> HttpResponse:
    """A card opened by its link; a link that is over leads to a new one."""
    try:
        return _show(request, known_holder(request, key))
    except CardLinkOver as error:
        context = {"title": _("This link is over"), "sentence": error}
        return render(request, "vaccination/link_over.html", context, status=error.status)


@login_required
@never_cache
@require_safe
def card(request: HttpRequest) -> HttpResponse:
    """The card of the account; without one, how to get it."""
    holder = card_holder(request)
    if holder is None:
        return render(request, "vaccination/no_card.html", {"title": _("My vaccination card")})
    return _show(request, holder)


def _show(request: HttpRequest, holder: Holder) -> HttpResponse:
    recipient, now = holder.recipient, clock.utc_now()
    wish = residents.wish_of(recipient)
    doses = list(doses_of(recipient))
    context = {
        "title": _("My vaccination card"),
        "holder": holder,
        "doses": doses,
        "next": residents.upcoming(recipient, localdate(now)),
        "today": localdate(now),
        "booking": residents.open_booking_of(recipient),
        "wish": wish,
        "position": queries.waiting_position(wish) if wish is not None else None,
        "certificate": residents.current_certificate(recipient),
        "corrections": list(residents.corrections_of(recipient)),
    }
    return render(request, "vaccination/card.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@braked
def certificate(request: HttpRequest, key: str = "") -> HttpResponse:
    """The certificate with its QR code; made on the first asking, and again when a dose was added."""
    holder = known_holder(request, key)
    form = IdempotentForm(request.POST if request.method == "POST" else None)
    valid = residents.current_certificate(holder.recipient) is not None
    issued = _issue(request, holder) if valid and request.method != "POST" else None
    context: dict[str, Any] = {
        "title": _("Vaccination certificate"),
        "holder": holder,
        "has_doses": doses_of(holder.recipient).exists(),
        "issued": issued,
        "code": mark_safe(paper.code_svg(issued.numeric)) if issued else "",  # noqa: S308 - segno draws modules only
    }
    return submit(
        request,
        form,
        scope=f"vaccination.certificate/{holder.recipient.pk}",
        write=lambda: _issue(request, holder).certificate.pk,
        success_url=f"{holder.address}certificate/",
        template="vaccination/certificate.html",
        context=context,
    )


def _issue(request: HttpRequest, holder: Holder) -> Issued:
    return services.issue_certificate(recipient=holder.recipient, by=actor_of(request), now=clock.utc_now())


@never_cache
@require_safe
def certificate_file(request: HttpRequest, ending: str, key: str = "") -> HttpResponse:
    """The certificate to print (SVG, PDF), for wallets (`.smart-health-card`), or as WHO DDCC:VS data (JSON).

    Raises:
        NotFound: none was made yet, or a dose was added since.
    """
    holder = known_holder(request, key)
    if residents.current_certificate(holder.recipient) is None:
        raise NotFound(_("There is no certificate yet. Make it on the page of your card."))
    issued = _issue(request, holder)
    if ending == "json":
        return _named(JsonResponse(issued.ddcc), ending)
    if ending == "smart-health-card":
        content = JsonResponse({"verifiableCredential": [issued.token]})
        content["Content-Type"] = "application/smart-health-card"
        return _named(content, ending)
    page = printed(issued)
    if ending == "pdf":
        return _named(HttpResponse(paper.pdf(page), content_type="application/pdf"), ending)
    return _named(HttpResponse(paper.svg(page), content_type="image/svg+xml"), ending)


def _named(response: HttpResponse, ending: str) -> HttpResponse:
    response["Content-Disposition"] = f'attachment; filename="vaksinasi.{ending}"'
    return response


def printed(issued: Issued) -> Paper:
    """What the printed certificate says, in the language of the page."""
    locale = (get_language() or "id").replace("-", "_")
    doses = [
        (
            _now("Dose %(number)s: %(product)s") % {"number": dose.number, "product": dose.brand},
            f"{format_date(dose.given_date, 'd MMMM y', locale)} · "
            + _now("lot %(lot)s") % {"lot": dose.lot},
            *(
                [shorten(dose.centre, 52, placeholder="…")]
                if dose.centre and len(issued.doses) <= MOST_PLACES
                else []
            ),
        )
        for dose in issued.doses
    ]
    address = settings.PUBLIC_ADDRESS.rstrip("/")
    return Paper(
        heading=(_now("Vaccination certificate"), "COVID-19"),
        holder=(
            (_now("Name"), issued.holder.name),
            (_now("Birth date"), format_date(issued.holder.birth_date, "d MMMM y", locale)),
        ),
        doses=doses,
        notes=(
            _now("SMART Health Card. Check it at"),
            f"{address}{reverse('verify')}",
            _now("Certificate %(rid)s") % {"rid": issued.certificate.rid},
        ),
        numeric=issued.numeric,
    )


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@braked
def correct(request: HttpRequest, key: str = "") -> HttpResponse:
    """Ask for a record to be put right."""
    holder, now = known_holder(request, key), clock.utc_now()
    form = CorrectionForm(
        *((request.POST,) if request.method == "POST" else ()),
        doses=list(doses_of(holder.recipient)),
        products=list(residents.products()),
        sites=list(residents.vaccinating_sites(localdate(now) - REMEMBERED)),
        today=localdate(now),
    )

    def write() -> int:
        dose = form.chosen_dose
        owner = residents.owner_of_correction(dose=dose, site=form.chosen_site)
        if owner is None:
            raise NotFound(
                _("No health office is registered that could decide. Ask at any vaccination site.")
            )
        made = services.open_correction(
            kind=form.cleaned_data["kind"],
            owner=owner,
            recipient=holder.recipient,
            dose=dose,
            said=form.said,
            by=actor_of(request),
            now=clock.utc_now(),
        )
        return made.pk

    response = submit(
        request,
        form,
        scope=f"vaccination.correct/{holder.recipient.pk}",
        write=write,
        success_url=f"{holder.address}#corrections",
        template="vaccination/correct.html",
        context={
            "title": _("Something is wrong with my card"),
            "button": _("Ask to put it right"),
            "holder": holder,
            "back_url": holder.address,
        },
    )
    if request.method == "POST" and response.status_code < 400:
        messages.success(request, _("Your request has an owner and a deadline now; see below."))
    return response


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def leave(request: HttpRequest, key: str = "") -> HttpResponse:
    """Leave the waiting list: asked first."""
    holder = known_holder(request, key)
    wish = residents.wish_of(holder.recipient)
    if wish is None:
        return redirect(holder.address)

    def write(_form: IdempotentForm) -> int:
        by, now = actor_of(request), clock.utc_now()
        return services.leave_waiting_list(wish=wish, by=by, now=now).pk

    return confirm(
        request,
        title=_("Leave the waiting list?"),
        consequence=_("Your place in the order is lost. You can join again behind the others."),
        button=_("Leave the waiting list"),
        scope=f"vaccination.leave/{wish.pk}",
        write=write,
        success_url=holder.address,
        back_url=holder.address,
    )


@never_cache
@require_safe
def book_with_link(request: HttpRequest, key: str) -> HttpResponse:
    """Look for a session to book with the card that was opened; this browser remembers the link for it."""
    known_holder(request, key)
    request.session[OPENED] = key
    request.session.set_expiry(60 * 60 if request.user.is_anonymous else None)
    return redirect("vaccination:list")
