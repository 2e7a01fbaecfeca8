"""A test for oneself as JSON: book a place with or without an account, move it, give it back."""

from __future__ import annotations

import datetime as dt

from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema
from pydantic import Field, StrictInt

from kolaborasi.common.actors import Actor
from kolaborasi.common.clock import utc_now
from kolaborasi.common.http.examples import examples
from kolaborasi.common.http.writes import Written, acting, documented, write_once
from kolaborasi.diagnostics import queries, services
from kolaborasi.diagnostics.api.access import NotAmongYours, made
from kolaborasi.diagnostics.api.schemas.specimens import AT
from kolaborasi.diagnostics.models import Order, Reason, Slot
from kolaborasi.diagnostics.services.own import Asking
from kolaborasi.messages.models import Channel
from kolaborasi.people.rules import Sex
from kolaborasi.people.services import Identity
from kolaborasi.places.api import CodeGiven

router = Router()
BOOKED = {"order": 90, "state": "requested", "site": 41, "starts_at": AT, "ticket": "90-kZ0l…"}


class VisitorIn(Schema):
    """Name and contact of somebody without an account."""

    model_config = examples({"name": "Warga Contoh", "email": "warga@contoh.example"}, closed=True)

    name: str = Field(min_length=1, max_length=120)
    phone: str = Field("", max_length=30)
    email: str = Field("", max_length=120)


class OwnBookingIn(Schema):
    """A test for oneself and a place for it."""

    model_config = examples(
        {
            "slot": 7,
            "reason": "contact",
            "birth_date": "1990-07-01",
            "sex": "female",
            "visitor": {"name": "Warga Contoh", "email": "warga@contoh.example"},
        },
        closed=True,
    )

    slot: StrictInt
    reason: Reason
    birth_date: dt.date = Field(ge=dt.date(1900, 1, 1), le=dt.date(2100, 1, 1))
    sex: Sex
    residence: CodeGiven | None = None
    channel: Channel = Channel.EMAIL
    visitor: VisitorIn | None = Field(None, description="For callers without an account.")


class TicketIn(Schema):
    """The secret part of the link to one's own order."""

    model_config = examples({"ticket": "90-kZ0l…"}, closed=True)

    ticket: str = Field(min_length=1, max_length=120)


class RebookIn(TicketIn):
    """Another place for one's own order."""

    model_config = examples({"ticket": "90-kZ0l…", "slot": 8}, closed=True)

    slot: StrictInt


class OwnBookingOut(Schema):
    """One's own order; the ticket leads to it and is sent to the person too."""

    model_config = examples(BOOKED)

    order: int
    state: str
    site: int
    starts_at: dt.datetime | None = Field(description="Of the place; null when it was given back.")
    ticket: str

    @classmethod
    def of(cls, order: Order, slot: Slot | None, ticket: str) -> OwnBookingOut:
        """An order with its place."""
        return cls(
            order=order.pk,
            state=order.state,
            site=slot.site_id if slot else order.site_id,
            starts_at=slot.starts_at if slot else None,
            ticket=ticket,
        )


@router.post(
    "/own-bookings",
    response={201: OwnBookingOut},
    summary="Book a test for oneself",
    openapi_extra=documented(verb="diagnostics.book_own_test", needs_key=True),
)
def book_own_test(request: HttpRequest, payload: OwnBookingIn) -> HttpResponse:
    """Order and place, both or none; the card is checked at the site."""

    def make(actor: Actor) -> tuple[OwnBookingOut, str]:
        slot = _slot(payload.slot)
        asking = Asking(
            birth_date=payload.birth_date,
            sex=payload.sex,
            reason=payload.reason,
            residence=payload.residence.place() if payload.residence else None,
            channel=payload.channel,
            identity=Identity(**payload.visitor.model_dump()) if payload.visitor else None,
        )
        done = services.book_own_test(asking=asking, slot=slot, by=actor, now=utc_now())
        return OwnBookingOut.of(done.order, slot, done.ticket), ""

    return made(request, content=payload.dict(), make=make)


@router.post(
    "/own-bookings/move",
    response=OwnBookingOut,
    summary="Take another place for one's own test",
    openapi_extra=documented(verb="diagnostics.rebook"),
)
def rebook_own_test(request: HttpRequest, payload: RebookIn) -> HttpResponse:
    """The place booked before is given back."""
    actor = acting(request)

    def write() -> Written:
        slot = _slot(payload.slot)
        booking = services.rebook(ticket=payload.ticket, slot=slot, by=actor, now=utc_now())
        return Written(OwnBookingOut.of(booking.order, slot, payload.ticket))

    return write_once(request, content=payload.dict(), write=write)


@router.post(
    "/own-bookings/cancel",
    response=OwnBookingOut,
    summary="Cancel one's own test",
    openapi_extra=documented(verb="diagnostics.cancel_own"),
)
def cancel_own_test(request: HttpRequest, payload: TicketIn) -> HttpResponse:
    """The place is given back."""
    actor = acting(request)

    def write() -> Written:
        order = services.cancel_own(ticket=payload.ticket, by=actor, now=utc_now())
        return Written(OwnBookingOut.of(order, None, payload.ticket))

    return write_once(request, content=payload.dict(), write=write)


def _slot(pk: int) -> Slot:
    found = queries.slot(pk)
    if found is None:
        raise NotAmongYours
    return found
