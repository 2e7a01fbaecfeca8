"""One's own booking: see it, confirm it, move it, cancel it, keep it in a calendar."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from kolaborasi.commitments.states import CommitmentState
from kolaborasi.common import clock
from kolaborasi.common.pages import IdempotentForm, braked, confirm, submit
from kolaborasi.vaccination import queries, services
from kolaborasi.vaccination.forms.resident import MoveForm
from kolaborasi.vaccination.labels import slot_words
from kolaborasi.vaccination.models import Booking
from kolaborasi.vaccination.queries import residents
from kolaborasi.vaccination.services.asking import channel_for, is_offer
from kolaborasi.vaccination.states import BookingFacts, booking_status
from kolaborasi.vaccination.views.access import actor_of, known_session
from kolaborasi.vaccination.views.holders import Own, own_booking

STEPS = (_("Booked"), _("Confirmed"), _("Vaccinated"))


@never_cache
@require_safe
def booking(request: HttpRequest, token: str = "", key: str = "") -> HttpResponse:
    """Where a booking is, its QR code, and what can be done with it."""
    return render(request, "vaccination/booking.html", _page(request, own_booking(request, token, key)))


def _page(request: HttpRequest, own: Own) -> dict[str, Any]:
    found = own.booking
    held = found.state == CommitmentState.HELD
    arrived = residents.has_arrived(found)
    facts = BookingFacts(state=found.state, end_reason=found.end_reason, arrived=arrived)
    link = reverse("vaccination:booking", args=[own.ticket])
    return {
        "title": _("Your vaccination"),
        "own": own,
        "booking": found,
        "slot": found.quota.slot,
        "session": found.session,
        "status": booking_status(facts),
        "held": held,
        "offered": held and is_offer(found),
        "late": held and found.held_until is not None and found.held_until <= clock.utc_now(),
        "can_change": not arrived and found.state in (CommitmentState.HELD, CommitmentState.CONFIRMED),
        "steps": STEPS,
        "link": f"{settings.PUBLIC_ADDRESS.rstrip('/')}{link}",
        "form": IdempotentForm(),
    }


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@braked
def confirm_own(request: HttpRequest, token: str = "", key: str = "") -> HttpResponse:
    """The booking stands, or the offered place is taken."""
    own = own_booking(request, token, key)

    def write() -> int:
        made = services.confirm_booking(booking=own.booking, by=actor_of(request), now=clock.utc_now())
        return made.pk

    return _act(request, own, "confirm", write, _("Your booking stands. See you there!"))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@braked
def send_card(request: HttpRequest, token: str = "", key: str = "") -> HttpResponse:
    """Send the link to the card to the contact on record: the booking's own link does not open it."""
    own = own_booking(request, token, key)

    def write() -> int:
        services.send_card(booking=own.booking, by=actor_of(request), now=clock.utc_now())
        return own.booking.pk

    return _act(request, own, "card", write, _("The link to your card was sent to the contact we know."))


def _act(request: HttpRequest, own: Own, name: str, write: Any, thanks: Any) -> HttpResponse:
    """One button on the page of a booking; refused, the page again with the reason."""
    if request.method != "POST":
        return redirect(own.address)
    form = IdempotentForm(request.POST)
    response = submit(
        request,
        form,
        scope=f"vaccination.{name}/{own.booking.pk}",
        write=write,
        success_url=own.address,
        template="vaccination/booking.html",
        context={**_page(request, own), "form": form},
    )
    if response.status_code < 400:
        messages.success(request, thanks)
    return response


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@braked
def cancel(request: HttpRequest, token: str = "", key: str = "") -> HttpResponse:
    """Give slot and dose back: asked first."""
    own = own_booking(request, token, key)

    def write(_form: IdempotentForm) -> int:
        by, now = actor_of(request), clock.utc_now()
        return services.cancel_booking(booking=own.booking, by=by, now=now).pk

    return confirm(
        request,
        title=_("Cancel this booking?"),
        consequence=_(
            "Somebody else gets the time and the dose at once. You can book again as long as places are free."
        ),
        button=_("Cancel the booking"),
        scope=f"vaccination.cancel/{own.booking.pk}",
        write=write,
        success_url=own.card or own.address,
        back_url=own.address,
    )


@never_cache
@require_safe
def move(request: HttpRequest, token: str = "", key: str = "") -> HttpResponse:
    """Choose another session: the same one, and those that are nearest to it."""
    own, now = own_booking(request, token, key), clock.utc_now()
    rows = residents.open_sessions(now)
    context = {
        "title": _("Move the booking"),
        "own": own,
        "booking": own.booking,
        "slot": own.booking.quota.slot,
        "session": own.booking.session,
        "rows": residents.nearest_sessions(rows, around=own.booking.session.site, now=now),
    }
    return render(request, "vaccination/move.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@braked
def move_to(request: HttpRequest, session_pk: int, token: str = "", key: str = "") -> HttpResponse:
    """Move a booking to a time of a session; the old one stays until the new one is taken."""
    own, session, now = own_booking(request, token, key), known_session(session_pk), clock.utc_now()
    channel = channel_for(own.booking.dose_number)
    rooms = queries.rooms_of(session, channel=channel, now=now)
    free = [(room.slot_id, slot_words(room)) for room in rooms if room.left > 0]
    form = MoveForm(*((request.POST,) if request.method == "POST" else ()), slots=free)

    def write() -> int:
        slot = residents.slot_by_id(session, int(form.cleaned_data["slot"]))
        assert slot is not None  # noqa: S101 - the form offers windows of this session only
        moved = services.reschedule(
            booking=own.booking, slot=slot, channel=channel, by=actor_of(request), now=clock.utc_now()
        )
        return moved.pk

    return submit(
        request,
        form,
        scope=f"vaccination.move/{own.booking.pk}/{session_pk}",
        write=write,
        success_url=own.address,
        template="vaccination/move_to.html",
        context={
            "title": _("Choose the new time"),
            "own": own,
            "session": session,
            "free": free,
            "back_url": f"{own.address}move/",
            "button": _("Move the booking"),
        },
    )


@never_cache
@require_safe
def calendar(request: HttpRequest, token: str = "", key: str = "") -> HttpResponse:
    """The booking as a calendar entry with a reminder the evening before (RFC 5545)."""
    found = own_booking(request, token, key).booking
    response = HttpResponse(
        calendar_entry(found, clock.utc_now()), content_type="text/calendar; charset=utf-8"
    )
    response["Content-Disposition"] = 'attachment; filename="vaksinasi.ics"'
    return response


def calendar_entry(found: Booking, now: datetime) -> str:
    """The lines of the entry; no name and no dose is in it, for calendars are shared."""
    slot, site = found.quota.slot, found.session.site
    where = ", ".join(part for part in (site.name, site.address, site.place.name) if part)
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Kolaborasi//Vaccination//EN",
        "BEGIN:VEVENT",
        f"UID:vaccination-{found.pk}@kolaborasi",
        f"DTSTAMP:{_utc(now)}",
        f"DTSTART:{_utc(slot.starts_at)}",
        f"DTEND:{_utc(slot.ends_at)}",
        f"SUMMARY:{_escaped(_now('Vaccination'))}",
        f"LOCATION:{_escaped(where)}",
        "BEGIN:VALARM",
        "ACTION:DISPLAY",
        f"DESCRIPTION:{_escaped(_now('Vaccination'))}",
        "TRIGGER:-PT14H",
        "END:VALARM",
        "END:VEVENT",
        "END:VCALENDAR",
    ]
    return "".join(f"{line}\r\n" for line in lines)


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def _escaped(text: str) -> str:
    for sign in ("\\", ";", ","):
        text = text.replace(sign, f"\\{sign}")
    return " ".join(text.split())
