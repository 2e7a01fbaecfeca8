"""The receiving side: what is coming, what arrived, and its own needs."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kolaborasi.aid import queries, services
from kolaborasi.aid.errors import InstitutionElsewhere
from kolaborasi.aid.forms import CodeForm, NeedForm, QuantityForm, ReceiptForm, ReleaseForm, WithdrawForm
from kolaborasi.aid.models import Cause, Need, NeedLine, Pledge
from kolaborasi.aid.navigation import RECEIVING
from kolaborasi.aid.rules import NeedFault
from kolaborasi.aid.states import DeliveryState, PledgeStatus
from kolaborasi.aid.views.access import (
    actor_of,
    line_of,
    own_person,
    received_need,
    receives,
    require_role,
    scanned,
    shown_at,
)
from kolaborasi.aid.views.following import DELIVERABLE, code_used_up, deliver_with
from kolaborasi.aid.views.lists import IncomingList, OwnNeedList
from kolaborasi.commitments.errors import TooMuchDelivered
from kolaborasi.common import clock
from kolaborasi.common.errors import NotFound, NotPermitted
from kolaborasi.common.pages import IdempotentForm, braked, confirm, submit
from kolaborasi.people.services import LookReason, look
from kolaborasi.places.models import Place, PlaceKind
from kolaborasi.places.services import ensure_rw

ACKNOWLEDGEABLE = (*DELIVERABLE, PledgeStatus.AWAITING_RECIPIENT)
FEW = 4
NEED_FIELDS = {
    NeedFault.NOBODY: "people",
    NeedFault.FEWER_PEOPLE_THAN_HOUSEHOLDS: "people",
    NeedFault.TOO_MANY_PEOPLE: "people",
    NeedFault.PAST_DATE: "needed_by_date",
    NeedFault.QUANTITY: "quantity",
    NeedFault.TOO_FAR_AHEAD: "needed_by_date",
    NeedFault.NO_HOUSEHOLDS: "households",
    NeedFault.PLACE_TOO_WIDE: "where",
    NeedFault.TOO_MANY_UNITS: "quantity",
    InstitutionElsewhere.code: "where",
}


@login_required
@never_cache
@require_safe
def mine(request: HttpRequest) -> HttpResponseBase:
    """What is coming to my places and institutions, and their needs."""
    actor = actor_of(request)
    require_role(actor, *RECEIVING)
    own = queries.needs_of(actor)
    listing = IncomingList(
        request,
        queries.pledges_to(actor),
        needs=list(own[:FEW]),
        need_count=own.count(),
        overdue_count=queries.pledges_overdue(actor, today=localdate()).count(),
    )
    return listing.response()


@login_required
@never_cache
@require_safe
def own_needs(request: HttpRequest) -> HttpResponseBase:
    """All needs of my places and institutions."""
    actor = actor_of(request)
    require_role(actor, *RECEIVING)
    return OwnNeedList(request, queries.needs_of(actor)).response()


def _pledge(pk: int) -> Pledge:
    pledge = queries.pledge(pk)
    if pledge is None:
        raise NotFound(_("There is no such promise."))
    return pledge


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def receive(request: HttpRequest, pk: int) -> HttpResponse:
    """Say what arrived: for the receiving side; the helper is led to the page of their own promise."""
    pledge, actor = _pledge(pk), actor_of(request)
    if receives(actor, pledge.need_line.need):
        return _acknowledge(request, pledge)
    if actor.user_id is None:
        return redirect_to_login(request.get_full_path())
    if queries.owns(actor, pledge):
        return redirect("aid:own_pledge_deliver", pk=pk)
    raise NotPermitted


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@braked
def receive_by_code(request: HttpRequest, ticket: str) -> HttpResponse:
    """The recipient's QR code was scanned: hand over with its code. Nobody without its address can try codes."""
    pledge = scanned(ticket)
    if request.method != "POST" and receives(actor_of(request), pledge.need_line.need):
        return redirect("aid:receive", pk=pledge.pk)
    return _by_code(request, pledge, ticket)


def _acknowledge(request: HttpRequest, pledge: Pledge) -> HttpResponse:
    deliveries = list(queries.deliveries_of(pledge))
    waiting = next((each for each in deliveries if each.state == "reported"), None)
    rest = pledge.quantity - pledge.delivered
    form = ReceiptForm(
        request.POST if request.method == "POST" else None,
        initial={"received": waiting.quantity if waiting else rest},
    )

    def write() -> int:
        with shown_at({TooMuchDelivered.code: "received"}):
            return services.acknowledge(
                pledge=pledge,
                received=form.cleaned_data["received"],
                close=not form.cleaned_data["more"],
                by=actor_of(request),
                now=clock.utc_now(),
            ).pk

    context = _receipt_page(pledge, deliveries, rest)
    return submit(
        request,
        form,
        scope=f"aid.acknowledge/{pledge.pk}",
        write=write,
        success_url=reverse("aid:receive", args=[pledge.pk]),
        template="aid/receive.html",
        context=context,
    )


def _receipt_page(pledge: Pledge, deliveries: list[Any], rest: int) -> dict[str, Any]:
    status = queries.status(pledge)
    return {
        "title": _("What arrived"),
        "pledge": pledge,
        "need": pledge.need_line.need,
        "status": status,
        "deliveries": deliveries,
        "rest": rest,
        "can_acknowledge": status in ACKNOWLEDGEABLE,
        "waiting": status == PledgeStatus.AWAITING_RECIPIENT,
        "code_used_up": code_used_up(pledge),
        "back_url": reverse("aid:mine"),
    }


def _by_code(request: HttpRequest, pledge: Pledge, ticket: str) -> HttpResponse:
    bound = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    rest = pledge.quantity - pledge.delivered
    form = CodeForm(bound[0], bound[1], initial={"code": request.GET.get("code", "")[:12], "quantity": rest})
    status = queries.status(pledge)
    context = {
        "title": _("Hand over with the recipient's code"),
        "pledge": pledge,
        "need": pledge.need_line.need,
        "can_deliver": status in ACKNOWLEDGEABLE and not code_used_up(pledge),
        "code_used_up": status in ACKNOWLEDGEABLE and code_used_up(pledge),
        "status": status,
        "button": _("It was handed over"),
    }
    return submit(
        request,
        form,
        scope=f"aid.receive/{pledge.pk}",
        write=lambda: deliver_with(form, pledge, request).pk,
        success_url=reverse("aid:received", args=[ticket]),
        template="aid/receive_by_code.html",
        context=context,
    )


@never_cache
@require_safe
def received(request: HttpRequest, ticket: str) -> HttpResponse:
    """After a hand-over with a code: thanks, and how the need stands now."""
    pledge = scanned(ticket)
    if not queries.deliveries_of(pledge).filter(state=DeliveryState.ACKNOWLEDGED).exists():
        return redirect("aid:receive_by_code", ticket=ticket)
    return render(
        request,
        "aid/received.html",
        {"title": _("Thank you"), "need": pledge.need_line.need, "pledge": pledge},
    )


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def dispute(request: HttpRequest, pk: int) -> HttpResponse:
    """Say that what a helper reported did not arrive: asked first."""
    pledge = _pledge(pk)
    if not receives(actor_of(request), pledge.need_line.need):
        raise NotPermitted
    back = reverse("aid:receive", args=[pk])
    return confirm(
        request,
        title=_("Nothing of it arrived?"),
        consequence=_(
            "The delivery then does not count. The helper can report again; a verifier looks into it."
        ),
        button=_("It did not arrive"),
        scope=f"aid.dispute/{pk}",
        write=lambda form: services.dispute(pledge=pledge, by=actor_of(request), now=clock.utc_now()).pk,
        success_url=back,
        back_url=back,
    )


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def renew_code(request: HttpRequest, pk: int) -> HttpResponse:
    """Make a new receipt code: asked first, since the old one may be on paper."""
    pledge = _pledge(pk)
    if not receives(actor_of(request), pledge.need_line.need):
        raise NotPermitted
    back = reverse("aid:receive", args=[pk])
    return confirm(
        request,
        title=_("Make a new code?"),
        consequence=_("The old code and its QR code then no longer count. Show the helper the new one."),
        button=_("Make a new code"),
        scope=f"aid.renew_code/{pk}",
        write=lambda form: services.renew_code(pledge=pledge, by=actor_of(request), now=clock.utc_now()).pk,
        success_url=back,
        back_url=back,
    )


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def release(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a promise whose day has passed back to others: asked first, with a reason."""
    pledge = _pledge(pk)
    if not receives(actor_of(request), pledge.need_line.need):
        raise NotPermitted

    def write(form: IdempotentForm) -> int:
        reason, now = form.cleaned_data["reason"], clock.utc_now()
        return services.release_overdue(pledge=pledge, reason=reason, by=actor_of(request), now=now).pk

    return confirm(
        request,
        title=_("Give this promise back to others?"),
        consequence=_(
            "What has not arrived of it can then be promised by others, and the helper is told."
            " This cannot be undone."
        ),
        button=_("Give back to others"),
        scope=f"aid.release_overdue/{pk}",
        write=write,
        success_url=reverse("aid:mine"),
        back_url=reverse("aid:mine"),
        form_class=ReleaseForm,
    )


@login_required
@never_cache
@require_POST
def contact(request: HttpRequest, pk: int) -> HttpResponse:
    """Name and contact of the helper, for the hand-over; the look is on record."""
    pledge = _pledge(pk)
    if not receives(actor_of(request), pledge.need_line.need):
        raise NotPermitted
    known: dict[str, str] = {}
    if pledge.person is not None:
        fields = ("name", "phone", "email")
        known = look(
            person=pledge.person,
            fields=fields,
            by=actor_of(request),
            now=clock.utc_now(),
            reason=LookReason.DELIVERY,
        )
    context = {
        "title": _("Contact of the helper"),
        "pledge": pledge,
        "need": pledge.need_line.need,
        "known": known,
    }
    return render(request, "aid/contact.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def register(request: HttpRequest) -> HttpResponse:
    """Register a need; whoever has no place to speak for is told who does."""
    actor = actor_of(request)
    places, institutions = queries.places_of(actor), queries.institutions_of(actor)
    if not places and not institutions:
        if request.method == "POST":
            raise NotPermitted
        return render(request, "aid/who_registers.html", {"title": _("Register a need")})
    form = NeedForm(
        request.POST if request.method == "POST" else None,
        places=places,
        institutions=institutions,
        items=list(queries.items()),
        today=localdate(),
    )

    def write() -> int:
        with shown_at({**NEED_FIELDS, NeedFault.TOO_MANY_UNITS: form.quantity_field}):
            return _register(request, form).pk

    return submit(
        request,
        form,
        scope="aid.register_need",
        write=write,
        success_url=lambda pk: reverse("aid:need", args=[pk]),
        template="aid/register.html",
        context={"title": _("Register a need"), "back_url": reverse("aid:mine"), "button": _("Register")},
    )


def _register(request: HttpRequest, form: NeedForm) -> Need:
    clean, actor, now = form.cleaned_data, actor_of(request), clock.utc_now()
    return services.register_need(
        place=_place(form, actor, now),
        institution=form.institution,
        cause=Cause(clean["cause"]),
        households=clean["households"],
        people=clean["people"],
        lines=form.wishes,
        contact=own_person(request),
        population=queries.population_of(form.place),
        by=actor,
        now=now,
    )


def _place(form: NeedForm, actor: Any, now: Any) -> Place:
    number = form.cleaned_data.get("rw")
    if number and form.institution is None and form.place.kind == PlaceKind.KELURAHAN:
        return ensure_rw(kelurahan=form.place, number=number, by=actor, now=now)
    return form.place


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def change_line(request: HttpRequest, pk: int, line_pk: int) -> HttpResponse:
    """Say anew how much of an item is needed."""
    need = received_need(request, pk)
    line = line_of(need, line_pk)
    form = QuantityForm(
        request.POST if request.method == "POST" else None, initial={"quantity": line.reported}
    )

    def write() -> int:
        with shown_at(NEED_FIELDS):
            quantity = form.cleaned_data["quantity"]
            return services.change_need(
                line=line, quantity=quantity, by=actor_of(request), now=clock.utc_now()
            ).pk

    return submit(
        request,
        form,
        scope=f"aid.change_need/{line_pk}",
        write=write,
        success_url=reverse("aid:need", args=[pk]),
        template="aid/change_line.html",
        context=_change_page(need, line),
    )


def _change_page(need: Need, line: NeedLine) -> dict[str, Any]:
    return {
        "title": _("Change how much is needed"),
        "need": need,
        "line": line,
        "back_url": reverse("aid:need", args=[need.pk]),
        "button": _("Change it"),
    }


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """End a need: asked first."""
    need = received_need(request, pk)

    def write(form: IdempotentForm) -> int:
        reason = form.cleaned_data["reason"]
        return services.withdraw_need(need=need, reason=reason, by=actor_of(request), now=clock.utc_now()).pk

    return confirm(
        request,
        title=_("Withdraw this need?"),
        consequence=_("Nothing new can be promised then. What is promised already may still be brought."),
        button=_("Withdraw it"),
        scope=f"aid.withdraw_need/{pk}",
        write=write,
        success_url=reverse("aid:need", args=[pk]),
        back_url=reverse("aid:need", args=[pk]),
        form_class=WithdrawForm,
    )
