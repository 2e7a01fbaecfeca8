"""A session's day: the list of sessions, its desk, who comes in, who is called, and its end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kolaborasi.common import clock
from kolaborasi.common.errors import NotFound
from kolaborasi.common.pages import IdempotentForm, confirm, submit
from kolaborasi.partners.queries import partner_by_id
from kolaborasi.people.services import Identity
from kolaborasi.places.queries import place_by_code
from kolaborasi.places.rules import Scheme
from kolaborasi.vaccination import queries, services
from kolaborasi.vaccination.forms.site import CheckInForm, EntryForm, WalkInForm, typed
from kolaborasi.vaccination.models import Session
from kolaborasi.vaccination.queries import work
from kolaborasi.vaccination.queries.supply import fefo
from kolaborasi.vaccination.rules import NO_SHOW_AFTER
from kolaborasi.vaccination.states import SessionState
from kolaborasi.vaccination.views.access import (
    actor_of,
    acts_in,
    kelurahan,
    known_recipient,
    own_session,
    require_role,
)
from kolaborasi.vaccination.views.lists import BookingList, QueueHistory, SessionList

HANDS = ("partner_admin", "partner_member", "coordinator")
SOON = timedelta(minutes=30)


@login_required
@never_cache
@require_safe
def sessions(request: HttpRequest) -> HttpResponseBase:
    """Sessions the actor has a part in; today's stand apart above the list."""
    actor = actor_of(request)
    require_role(actor, *HANDS)
    short = {pk: (promised, doses) for pk, promised, doses in queries.shortfalls(clock.utc_now())}
    return SessionList(
        request, work.nearest_first(work.sessions_for(actor), localdate()), shortfalls=short
    ).response()


@login_required
@never_cache
@require_safe
def desk(request: HttpRequest, pk: int) -> HttpResponse:
    """What a session has to do now: call the next one, give, watch, discard what is open too long."""
    session, now = own_session(request, pk), clock.utc_now()
    vials = list(work.open_vials(session))
    context = {
        "session": session,
        "now": now,
        "numbers": work.numbers_of(session),
        "queue": list(queries.queue_of(session)),
        "observed": [(dose, max(0, _minutes(dose.observe_until, now))) for dose in work.observed_in(session)],
        "vials": [(vial, max(0, _minutes(vial.discard_at, now))) for vial in vials],
        "urgent": [vial for vial in vials if vial.discard_at <= now + SOON],
        "stock": list(queries.balances_of(session.location)),
        "lots": list(fefo(session.location, session.product, session.date)),
        "short": next((each for each in queries.shortfalls(now) if each[0] == session.pk), None),
        "act_form": IdempotentForm(),
        "may_change": acts_in(actor_of(request), session, "change_quota"),
    }
    return render(request, "vaccination/desk.html", context)


def _minutes(until: Any, now: Any) -> int:
    return -int((now - until).total_seconds() // 60)


@login_required
@never_cache
@require_safe
def bookings(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Bookings of a session and what became of them."""
    session = own_session(request, pk)
    return BookingList(request, queries.bookings_of_session(session), **_back(session)).response()


@login_required
@never_cache
@require_safe
def came(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Everybody who came to a session."""
    session = own_session(request, pk)
    return QueueHistory(request, queries.visits_of(session), **_back(session)).response()


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def check_in(request: HttpRequest, pk: int) -> HttpResponse:
    """Give somebody who came a number: by the QR code of their booking, or by the number on their card."""
    session = own_session(request, pk)
    form = CheckInForm(request.POST if request.method == "POST" else None)
    desk_url = reverse("vaccination:desk", args=[pk])

    def write() -> int:
        token = form.token
        now, by = clock.utc_now(), actor_of(request)
        if token:
            booking = queries.booking_by_link(token)
            return services.check_in(session=session, booking=booking, by=by, now=now).number
        return services.check_in(
            session=session, recipient=known_recipient(form.paper), by=by, now=now
        ).number

    response = submit(
        request,
        form,
        scope=f"vaccination.check_in/{pk}",
        write=write,
        success_url=lambda number: f"{desk_url}?arrived={number}",
        template="vaccination/check_in.html",
        context={"title": _("Who has come?"), "session": session, "back_url": desk_url},
    )
    return _greet(request, response, _("The number in the queue is shown below."))


def _greet(request: HttpRequest, response: HttpResponse, sentence: Any) -> HttpResponse:
    if request.method == "POST" and response.status_code in (204, 302):
        messages.success(request, sentence)
    return response


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def walk_in(request: HttpRequest, pk: int) -> HttpResponse:
    """Take somebody who is on no record yet into the queue."""
    session = own_session(request, pk)
    form = WalkInForm(request.POST if request.method == "POST" else None)
    form.fields["residence"].choices = [  # type: ignore[attr-defined]
        ("", _("Outside the city or not known")),
        *((place.code, f"{place.name} ({place.parent.name})") for place in kelurahan() if place.parent),
    ]
    desk_url = reverse("vaccination:desk", args=[pk])
    return submit(
        request,
        form,
        scope=f"vaccination.walk_in/{pk}",
        write=lambda: _walk_in(request, session, form.cleaned_data),
        success_url=lambda number: f"{desk_url}?arrived={number}",
        context={
            "title": _("Somebody without a booking"),
            "introduction": _("Type what the card says. With a NIK that is on record, check in instead."),
            "button": _("Take into the queue"),
            "back_url": desk_url,
            "extra_head": True,
        },
    )


def _walk_in(request: HttpRequest, session: Session, clean: dict[str, Any]) -> int:
    by, now = actor_of(request), clock.utc_now()
    voucher = next(iter(sorted(work.partner_ids(by))), None) if clean["vouched"] else None
    code = clean["residence"]
    recipient = services.enrol(
        identity=Identity(**typed(clean, "name", "nik", "passport", "phone")),
        birth_date=clean["birth_date"],
        residence=place_by_code(Scheme.KEMENDAGRI, code) if code else None,
        vouched_by=partner_by_id(voucher) if voucher else None,
        card_seen=clean["card_seen"],
        by=by,
        now=now,
    )
    return services.check_in(session=session, recipient=recipient, by=by, now=now).number


@login_required
@never_cache
@require_POST
def call_next(request: HttpRequest, pk: int) -> HttpResponse:
    """Call the one whose turn it is."""
    session = own_session(request, pk)
    form = IdempotentForm(request.POST)
    desk_url = reverse("vaccination:desk", args=[pk])

    def write() -> int:
        visit = services.call_next(session=session, by=actor_of(request), now=clock.utc_now())
        return visit.number if visit is not None else 0

    def onwards(number: int) -> str:
        return reverse("vaccination:visit", args=[pk, number]) if number else f"{desk_url}?nobody=1"

    return submit(
        request,
        form,
        scope=f"vaccination.call_next/{pk}",
        write=write,
        success_url=onwards,
        context={"title": _("Call the next one"), "back_url": desk_url},
    )


@dataclass(frozen=True)
class Act:
    """A verb on a session and the page that asks before it is done."""

    verb: Callable[..., Any]
    title: Any
    consequence: Any
    button: Any
    done: Any


ACTS = {
    "open": Act(
        services.open_session,
        _("Open this session?"),
        _("People can book and come from now on, as many as there are doses and places."),
        _("Open the session"),
        _("The session is open."),
    ),
    "close": Act(
        services.close_session,
        _("Close this session?"),
        _("Nobody is taken any more. Every booking has an end and every dose a place, a person or a reason."),
        _("Close the session"),
        _("The session is closed."),
    ),
    "cancel": Act(
        services.cancel_session,
        _("Call this session off?"),
        _("The doses stay until you return them. This cannot be undone."),
        _("Call it off"),
        _("The session is called off; everybody who could be reached was told."),
    ),
    "no-shows": Act(
        lambda **given: services.mark_no_shows(after=NO_SHOW_AFTER, **given),
        _("Mark who did not come?"),
        _(
            "Bookings whose time ended an hour ago and whose people never came end; their doses are free again."
        ),
        _("Mark them"),
        _("Bookings of people who did not come have ended."),
    ),
}


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def act(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """Open, close or call a session off, or mark who did not come."""
    chosen = ACTS.get(name)
    if chosen is None:
        raise NotFound(_("There is no such page. Go back and try again."))
    session = own_session(request, pk)

    def write(_form: IdempotentForm) -> int:
        chosen.verb(session=session, by=actor_of(request), now=clock.utc_now())
        return int(session.pk)

    back = reverse("vaccination:desk", args=[pk])
    response = confirm(
        request,
        title=chosen.title,
        consequence=_called_off(session) if name == "cancel" else chosen.consequence,
        button=chosen.button,
        scope=f"vaccination.{name}/{pk}",
        write=write,
        success_url=back,
        back_url=back,
    )
    return _greet(request, response, chosen.done)


def _called_off(session: Session) -> str:
    """What calling a session off does to its bookings and doses."""
    people = work.open_bookings_of(session).count()
    ends = ngettext(
        "%(people)s booking ends, and the person is told.",
        "%(people)s bookings end, and the people are told.",
        people,
    )
    return f"{ends % {'people': people}} {ACTS['cancel'].consequence}"


@login_required
@never_cache
@require_safe
def entry(request: HttpRequest, pk: int) -> HttpResponse:
    """Screening and dose of any number, and check-in, on one page without a name: the page that is kept for bad times."""
    session = own_session(request, pk)
    form = EntryForm(session=session, user_id=actor_of(request).user_id)
    context = {
        "session": session,
        "form": form,
        "check_in_form": CheckInForm(auto_id="check_in_%s"),
        "queue": list(queries.queue_of(session)),
        "open": session.state == SessionState.OPEN,
    }
    return render(request, "vaccination/entry.html", context)


@require_safe
def worker(request: HttpRequest) -> HttpResponse:
    """The script that keeps the entry page of a session when the connection is lost; served where its pages are."""
    response = render(request, "vaccination/worker.js", content_type="text/javascript")
    response["Cache-Control"] = "no-cache"
    return response


def _back(session: Session) -> dict[str, Any]:
    return {
        "back_url": reverse("vaccination:desk", args=[session.pk]),
        "back_label": gettext("Session: %(site)s") % {"site": session.site.name},
    }
