"""Booking in three steps, with or without an account; the waiting list; the link to one's card."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kolaborasi.common import clock
from kolaborasi.common.errors import NotFound
from kolaborasi.common.pages import IdempotentForm, braked, submit
from kolaborasi.partners.models import Partner
from kolaborasi.partners.queries import partner_by_id
from kolaborasi.people.models import Person
from kolaborasi.places.models import Place
from kolaborasi.places.queries import places_of_kind
from kolaborasi.places.rules import Kind
from kolaborasi.vaccination import queries, services
from kolaborasi.vaccination.forms.resident import ApplicantForm, HomeForm, OwnWaitForm, PapersForm, WaitForm
from kolaborasi.vaccination.models import Session, SessionKind, Slot
from kolaborasi.vaccination.passes import card_link
from kolaborasi.vaccination.permissions import WORKERS
from kolaborasi.vaccination.queries import residents
from kolaborasi.vaccination.queries.people import history_of
from kolaborasi.vaccination.rules import Channel
from kolaborasi.vaccination.services.asking import channel_for
from kolaborasi.vaccination.views.access import actor_of, kelurahan, known_session
from kolaborasi.vaccination.views.holders import OPENED, Holder, booker, shown_at

STEPS = (_("Time"), _("Who you are"), _("Confirm"))
FIELDS = {
    "not-a-nik": "nik",
    "nik-does-not-fit": "nik",
    "no-papers": "nik",
    "not-a-passport": "passport",
    "number-of-somebody-else": "nik",
    "too-many-asked": "phone",
}


@never_cache
@require_safe
def times(request: HttpRequest, pk: int) -> HttpResponse:
    """First step: a time of a session."""
    session, now, holder = known_session(pk), clock.utc_now(), booker(request)
    context = {
        "title": _("Choose a time"),
        "session": session,
        "rooms": rooms_for(session, holder, now),
        "holder": holder,
        "steps": STEPS,
    }
    return render(request, "vaccination/times.html", context)


def rooms_for(session: Session, holder: Holder | None, now: Any) -> list[queries.SlotRoom]:
    """Windows that are not over with the places for somebody: of a returner's when they had a dose.

    Who a visitor is is not known yet, so that they see the larger of both.
    """
    by_channel = [queries.rooms_of(session, channel=channel, now=now) for channel in _channels(holder)]
    rooms = [max(same, key=lambda room: room.left) for same in zip(*by_channel, strict=True)]
    return [room for room in rooms if room.ends_at > now]


def _channels(holder: Holder | None) -> Sequence[Channel]:
    if holder is None:
        return (Channel.BOOKING, Channel.RETURNING)
    return (channel_for(len(history_of(holder.recipient)) + 1),)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@braked
def who(request: HttpRequest, pk: int, slot_pk: int) -> HttpResponse:
    """Second step: who comes. Somebody whose card is known books at once; anybody else confirms by a message."""
    session, holder = known_session(pk), booker(request)
    slot = residents.slot_by_id(session, slot_pk)
    if slot is None:
        raise NotFound(_("This session has no such time. Choose another one."))
    context = {
        "title": _("Who is vaccinated?"),
        "session": session,
        "slot": slot,
        "holder": holder,
        "steps": STEPS[:2] if holder else STEPS,
        "back_url": reverse("vaccination:times", args=[pk]),
    }
    if holder is not None:
        return _book_own(request, holder, slot, context)
    return _ask(request, slot, context)


def _book_own(request: HttpRequest, holder: Holder, slot: Slot, context: dict[str, Any]) -> HttpResponse:
    recipient = holder.recipient
    form: IdempotentForm = IdempotentForm(*_sent(request))
    if slot.session.kind == SessionKind.HOME:
        form = HomeForm(*_sent(request), known=bool(recipient.person.address))

    def write() -> int:
        address = form.cleaned_data.get("address", "")
        if address:
            services.give_address(
                recipient=recipient, address=address, by=actor_of(request), now=clock.utc_now()
            )
        channel = channel_for(len(history_of(recipient)) + 1)
        made = services.book(
            recipient=recipient, slot=slot, channel=channel, by=actor_of(request), now=clock.utc_now()
        )
        return made.booking.pk

    return submit(
        request,
        form,
        scope=f"vaccination.book/{slot.pk}/{recipient.pk}",
        write=write,
        success_url=f"{holder.address}booking/",
        template="vaccination/who.html",
        context=context,
    )


def _ask(request: HttpRequest, slot: Slot, context: dict[str, Any]) -> HttpResponse:
    at_home = slot.session.kind == SessionKind.HOME
    form = ApplicantForm(*_sent(request), **_about(request), at_home=at_home)

    def write() -> int | None:
        with shown_at(_fields(form)):
            if form.voucher is not None:
                return _book_by_word(request, form, slot)
            applicant = form.applicant(account_person(request))
            services.ask_to_book(applicant=applicant, slot=slot, by=actor_of(request), now=clock.utc_now())
        return None

    return submit(
        request,
        form,
        scope=f"vaccination.ask/{slot.pk}",
        write=write,
        success_url=_after_asking,
        template="vaccination/who.html",
        context=context,
    )


def _book_by_word(request: HttpRequest, form: ApplicantForm, slot: Slot) -> int:
    """Enrol somebody without papers on the word of the actor's partner, and book at once."""
    by, now = actor_of(request), clock.utc_now()
    recipient = services.enrol(
        identity=form.identity,
        birth_date=form.cleaned_data["birth_date"],
        residence=form.residence_place,
        vouched_by=form.voucher,
        by=by,
        now=now,
    )
    return services.book(recipient=recipient, slot=slot, by=by, now=now).booking.pk


def _after_asking(booking_pk: int | None) -> str:
    if booking_pk is None:
        return reverse("vaccination:asked")
    who_ = residents.recipient_of_booking(booking_pk)
    return f"{card_link(who_, now=clock.utc_now())}booking/"


@require_safe
def asked(request: HttpRequest) -> HttpResponse:
    """Third step: the link in the message confirms; the same page for everybody, whoever is known."""
    waits = request.GET.get("for", "")
    title = {
        "waiting": _("A message is on its way"),
        "card": _("A message is on its way"),
    }.get(waits, _("One step is left: confirm"))
    context = {"title": title, "steps": STEPS, "demo": settings.DEMO, "waits": waits}
    return render(request, "vaccination/asked.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@braked
def wait(request: HttpRequest) -> HttpResponse:
    """Join the waiting list of an area."""
    holder = booker(request)
    areas = _areas()
    settings_: dict[str, Any] = {"areas": areas, "products": list(residents.products())}
    initial = {"area": request.GET.get("area", ""), "product": request.GET.get("product", "")}
    form: WaitForm | OwnWaitForm
    if holder is not None:
        form = OwnWaitForm(*_sent(request), initial=initial, **settings_)
    else:
        form = WaitForm(*_sent(request), initial=initial, **settings_, **_about(request, vouching=False))
    context = {
        "title": _("Join the waiting list"),
        "button": _("Join the waiting list"),
        "back_url": reverse("vaccination:list"),
        "holder": holder,
    }
    return submit(
        request,
        form,
        scope="vaccination.wait",
        write=_waiting(request, form, holder, {area.code: area for area in areas}),
        success_url=holder.address if holder else f"{reverse('vaccination:asked')}?for=waiting",
        template="vaccination/wait.html",
        context=context,
    )


def _waiting(
    request: HttpRequest, form: WaitForm | OwnWaitForm, holder: Holder | None, areas: dict[str, Place]
) -> Callable[[], None]:
    def write() -> None:
        clean, by, now = form.cleaned_data, actor_of(request), clock.utc_now()
        product = residents.products().filter(code=clean["product"]).first() if clean["product"] else None
        wish: dict[str, Any] = {"place": areas[clean["area"]], "product": product, "by": by, "now": now}
        if isinstance(form, OwnWaitForm):
            assert holder is not None  # noqa: S101 - this form is shown to holders of a card only
            services.join_waiting_list(recipient=holder.recipient, **wish)
            return
        with shown_at(_fields(form)):
            services.ask_to_wait(applicant=form.applicant(account_person(request)), **wish)

    return write


def _areas() -> list[Place]:
    """Cities, kecamatan and kelurahan, the widest first."""
    kinds = (Kind.CITY, Kind.KECAMATAN, Kind.KELURAHAN)
    return [
        place
        for kind in kinds
        for place in places_of_kind(kind).select_related("parent").order_by("name", "code")
    ]


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@braked
def ask_for_card(request: HttpRequest) -> HttpResponse:
    """Have the link to one's card sent to the contact on record."""
    form = PapersForm(*_sent(request))

    def write() -> None:
        with shown_at(FIELDS):
            services.ask_for_card(
                identity=form.identity,
                birth_date=form.cleaned_data["birth_date"],
                by=actor_of(request),
                now=clock.utc_now(),
            )

    return submit(
        request,
        form,
        scope="vaccination.card_link",
        write=write,
        success_url=f"{reverse('vaccination:asked')}?for=card",
        template="vaccination/card_link.html",
        context={
            "title": _("Have the link to your card sent"),
            "button": _("Send me the link"),
            "back_url": reverse("vaccination:list"),
        },
    )


@never_cache
@require_POST
def forget(request: HttpRequest) -> HttpResponse:
    """Book for somebody else than the one whose card was opened in this browser."""
    request.session.pop(OPENED, None)
    messages.success(request, _("This card is closed in this browser. You can book for somebody else now."))
    return redirect("vaccination:list")


def account_person(request: HttpRequest) -> Person | None:
    """The person of the account that is signed in."""
    return getattr(request.user, "person", None)


def _sent(request: HttpRequest) -> tuple[Any, ...]:
    return (request.POST,) if request.method == "POST" else ()


def _about(request: HttpRequest, *, vouching: bool = True) -> dict[str, Any]:
    """What the form of an applicant depends on."""
    return {
        "places": kelurahan(),
        "partners": _vouching(request) if vouching else [],
        "account_email": getattr(request.user, "email", "") if account_person(request) else "",
    }


def _vouching(request: HttpRequest) -> list[Partner]:
    """Partners for which the actor may say that somebody without papers is known to them."""
    roles = actor_of(request).roles
    keys = {role.partner_id for role in roles if role.name in WORKERS and role.partner_id}
    found = (partner_by_id(key) for key in sorted(keys))
    return [partner for partner in found if partner is not None]


def _fields(form: IdempotentForm) -> dict[str, str]:
    return FIELDS if "phone" in form.fields else {**FIELDS, "too-many-asked": ""}
