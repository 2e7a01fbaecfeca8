"""Pages of people who want a test: where and when, book, change, cancel; what became of it."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kolaborasi.common import clock
from kolaborasi.common.errors import NotFound
from kolaborasi.common.pages import IdempotentForm, braked, confirm, submit
from kolaborasi.diagnostics import queries, services
from kolaborasi.diagnostics.forms.resident import BookForm, SlotForm
from kolaborasi.diagnostics.models import Order, Slot
from kolaborasi.diagnostics.navigation import open_tabs
from kolaborasi.diagnostics.queries.people import known_facts, person_of
from kolaborasi.diagnostics.states import OrderState, SpecimenState
from kolaborasi.diagnostics.views.access import actor_of
from kolaborasi.diagnostics.views.collection import kelurahan
from kolaborasi.diagnostics.views.public_lists import OwnOrderList, site_list
from kolaborasi.diagnostics.words import slot_words
from kolaborasi.partners.models import Site

STEPS = (_("Booked"), _("Swab taken"), _("At the lab"), _("Result sent"))
STEP_OF = {
    SpecimenState.COLLECTED: 2,
    SpecimenState.IN_TRANSIT: 2,
    SpecimenState.RECEIVED: 3,
    SpecimenState.RUNNING: 3,
    SpecimenState.RESULTED: 3,
    SpecimenState.VALIDATED: 3,
    SpecimenState.NOTIFIED: 5,
    SpecimenState.DISCARDED: 2,
}
"""The step that comes next, counted from 1; past the last one when all is done."""


@never_cache
@require_safe
def home(request: HttpRequest) -> HttpResponseBase:
    """Where one can be tested: sites with free places beside the map, and what else the visitor can do here."""
    pages = [tab for tab in open_tabs(actor_of(request)) if tab.about]
    return site_list(request, queries.sites_with_places(clock.utc_now()), pages=pages).response()


@require_safe
def points(request: HttpRequest) -> JsonResponse:
    """The filtered sites as points of the map."""
    found = site_list(request, queries.sites_with_places(clock.utc_now())).found
    return JsonResponse([_point(each) for each in found if each.at_latitude is not None], safe=False)


def _point(site: Any) -> dict[str, Any]:
    left = site.places_left
    return {
        "lat": site.at_latitude,
        "lon": site.at_longitude,
        "title": site.name,
        "text": ngettext("%(left)s free place", "%(left)s free places", left) % {"left": left},
        "href": reverse("diagnostics:site", args=[site.pk]),
        "kind": "good" if left else "open",
    }


@never_cache
@require_safe
def site(request: HttpRequest, pk: int) -> HttpResponse:
    """One site: its free slots by day."""
    found = _open_site(pk)
    slots = queries.bookable_slots(found, clock.utc_now())
    days = [(day, list(each)) for day, each in groupby(slots, key=lambda slot: localdate(slot.starts_at))]
    return render(
        request,
        "diagnostics/site.html",
        {"title": found.name, "site": found, "days": days, "today": localdate()},
    )


def _open_site(pk: int) -> Site:
    found = queries.testing_sites().filter(pk=pk).first()
    if found is None:
        raise NotFound(_("Nobody is tested at this site now. Choose another one from the list."))
    return found


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@braked
def book(request: HttpRequest, pk: int) -> HttpResponse:
    """Book a place for oneself; gone meanwhile: the form again with what is still free there."""
    slot = queries.slot(pk)
    if slot is None:
        raise NotFound(_("There is no such time. Choose one from the list."))
    actor, now = actor_of(request), clock.utc_now()
    person = person_of(actor.user_id)
    facts = known_facts(person) if person else None
    form = BookForm(
        request.POST if request.method == "POST" else None,
        places=kelurahan(),
        known=person is not None,
        initial={"birth_date": facts[0], "sex": facts[1]} if facts else None,
    )

    def write() -> int:
        asking = form.asking(get_language() or "id")
        return services.book_own_test(asking=asking, slot=slot, by=actor, now=now).order.pk

    return submit(
        request,
        form,
        scope=f"diagnostics.book/{pk}",
        write=write,
        success_url=lambda order: reverse("diagnostics:booking", args=[queries.ticket_of(order)]),
        template="diagnostics/book.html",
        context={
            "title": _("Book a test"),
            "slot": slot,
            "gone": slot.starts_at <= now or slot.limit <= slot.committed,
            "others": lambda: list(queries.bookable_slots(slot.site, now)[:6]),
            "button": _("Book"),
            "back_url": reverse("diagnostics:site", args=[slot.site_id]),
        },
    )


@never_cache
@require_safe
def booking(request: HttpRequest, ticket: str) -> HttpResponse:
    """One's own order: when and where, how far it is, and what can still be changed."""
    order = queries.order_by_ticket(ticket)
    return render(request, "diagnostics/booking.html", _own_page(request, order, ticket))


def _own_page(request: HttpRequest, order: Order, ticket: str) -> dict[str, Any]:
    specimens = sorted(order.specimens.all(), key=lambda each: each.collected_at)
    last = specimens[-1] if specimens else None
    booked = next(iter(order.open_bookings), None)  # type: ignore[attr-defined]
    return {
        "title": _("Your test"),
        "order": order,
        "ticket": ticket,
        "booked": booked,
        "specimen": last,
        "steps": STEPS,
        "current": STEP_OF[SpecimenState(last.state)] if last else 1 + bool(booked),
        "waits": order.state == OrderState.REQUESTED,
        "cancelled": order.state == OrderState.CANCELLED,
        "told": bool(last and last.state == SpecimenState.NOTIFIED),
        "own": _is_own(request, order),
        "again_form": IdempotentForm(),
        "link": request.build_absolute_uri(reverse("diagnostics:booking", args=[ticket])),
    }


def _is_own(request: HttpRequest, order: Order) -> bool:
    person = person_of(actor_of(request).user_id)
    return person is not None and person.pk == order.person_id


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@braked
def change(request: HttpRequest, ticket: str) -> HttpResponse:
    """Another time, at the same site or at another one."""
    order, now = queries.order_by_ticket(ticket), clock.utc_now()
    asked = request.GET.get("site", "")
    chosen = (
        queries.testing_sites().filter(pk=int(asked)).first() if asked.isascii() and asked.isdigit() else None
    )
    place = chosen or order.site
    slots = _offered(place, now)
    form = SlotForm(request.POST if request.method == "POST" else None, slots=slots)

    def write() -> int:
        return services.rebook(ticket=ticket, slot=form.chosen, by=actor_of(request), now=now).pk

    return submit(
        request,
        form,
        scope=f"diagnostics.rebook/{order.pk}",
        write=write,
        success_url=reverse("diagnostics:booking", args=[ticket]),
        template="diagnostics/change.html",
        context={
            "title": _("Choose another time"),
            "button": _("Take this time"),
            "slots": slots,
            "site": place,
            "sites": lambda: queries.sites_with_places(now).filter(places_left__gt=0),
            "back_url": reverse("diagnostics:booking", args=[ticket]),
        },
    )


def _offered(place: Site, now: Any) -> list[tuple[Slot, str]]:
    return [
        (slot, slot_words(slot.starts_at, slot.ends_at)) for slot in queries.bookable_slots(place, now)[:60]
    ]


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@braked
def cancel(request: HttpRequest, ticket: str) -> HttpResponse:
    """Cancel one's own test: asked first."""
    queries.order_by_ticket(ticket)
    back = reverse("diagnostics:booking", args=[ticket])
    return confirm(
        request,
        title=_("Cancel this test?"),
        consequence=_("Your place goes to somebody else. You can book again at any time."),
        button=_("Cancel the test"),
        scope=f"diagnostics.cancel_own/{ticket.partition('-')[0]}",
        write=lambda _form: services.cancel_own(ticket=ticket, by=actor_of(request), now=clock.utc_now()).pk,
        success_url=back,
        back_url=back,
    )


@login_required
@never_cache
@require_safe
def own_orders(request: HttpRequest) -> HttpResponseBase:
    """Tests of the account's person."""
    return OwnOrderList(request, queries.own_orders(actor_of(request))).response()


@login_required
@never_cache
@require_POST
def send_again(request: HttpRequest, ticket: str) -> HttpResponse:
    """Send the link to the result of one's own test again; the old one ends."""
    order = queries.order_by_ticket(ticket)
    form = IdempotentForm(request.POST)
    address = reverse("diagnostics:booking", args=[ticket])

    def write() -> int:
        told = services.tell_again(order=order, by=actor_of(request), now=clock.utc_now())
        return told.link.pk

    response = submit(
        request,
        form,
        scope=f"diagnostics.tell_again/{order.pk}",
        write=write,
        success_url=address,
        template="diagnostics/booking.html",
        context=_own_page(request, order, ticket),
    )
    if response.status_code < 400:
        messages.success(request, _("A new link was sent. The old one no longer works."))
    return response
