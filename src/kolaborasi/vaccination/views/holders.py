"""Whose card and booking a request may see: by account, by the link to a card, by the link of a booking."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from kolaborasi.common import clock
from kolaborasi.common.errors import NotFound, Refused
from kolaborasi.vaccination import queries
from kolaborasi.vaccination.errors import CardLinkOver
from kolaborasi.vaccination.models import Booking, Recipient
from kolaborasi.vaccination.passes import booking_ticket, recipient_of_pass
from kolaborasi.vaccination.queries import residents
from kolaborasi.vaccination.queries.people import recipient_by_id
from kolaborasi.vaccination.views.access import actor_of

OPENED = "vaccination_card"
"""Key in the browser session of the link with which a card was opened to book for it."""


@dataclass(frozen=True)
class Holder:
    """Somebody whose card is shown.

    Args:
        address: of the card.
        by_link: opened by a link, not by the person's account.
    """

    recipient: Recipient
    address: str
    by_link: bool


@dataclass(frozen=True)
class Own:
    """A booking on the page of the one it is for.

    Args:
        address: of its page.
        card: address of the person's card; empty when the booking's own link is all there is.
        ticket: what its QR code says after `/vaccination/b/`.
    """

    booking: Booking
    address: str
    card: str
    ticket: str


def card_holder(request: HttpRequest, key: str = "") -> Holder | None:
    """The one whose card it is; None for an account that has no card yet.

    Raises:
        CardLinkOver: the link is too old or incomplete.
    """
    if key:
        found = recipient_by_id(recipient_of_pass(key, now=clock.utc_now()))
        if found is None:
            raise CardLinkOver
        return Holder(found, reverse("vaccination:card_by_link", args=[key]), by_link=True)
    user_id = actor_of(request).user_id
    own = queries.recipient_of_account(user_id) if user_id is not None else None
    return Holder(own, reverse("vaccination:card"), by_link=False) if own is not None else None


def known_holder(request: HttpRequest, key: str = "") -> Holder:
    """The one whose card it is.

    Raises:
        CardLinkOver: the link is too old or incomplete.
        NotFound: the account has no card.
    """
    holder = card_holder(request, key)
    if holder is None:
        raise NotFound(_("Your account has no vaccination card yet. Book a vaccination first."))
    return holder


def booker(request: HttpRequest) -> Holder | None:
    """For whom a booking is made at once: the account's own card, or one that was opened by its link to book."""
    own = card_holder(request)
    if own is not None:
        return own
    try:
        key = str(request.session.get(OPENED, ""))
        return card_holder(request, key) if key else None
    except CardLinkOver:
        del request.session[OPENED]
        return None


def own_booking(request: HttpRequest, token: str = "", key: str = "") -> Own:
    """The booking of a link, or the open one of a card.

    Raises:
        BookingUnknown, CardLinkOver, NotFound: there is none.
    """
    if token:
        booking = queries.booking_by_link(token)
        return Own(booking, reverse("vaccination:booking", args=[token]), "", token)
    holder = known_holder(request, key)
    found = residents.open_booking_of(holder.recipient)
    if found is None:
        raise NotFound(_("No booking is open. Your card shows what became of the last one."))
    return Own(found, f"{holder.address}booking/", holder.address, booking_ticket(found.pk))


@contextmanager
def shown_at(fields: Mapping[str, str]) -> Iterator[None]:
    """Let a refusal be shown at a field of the form.

    Args:
        fields: field by the refusal's code.
    """
    try:
        yield
    except Refused as error:
        if error.code in fields:
            error.details.setdefault("field", fields[error.code])
        raise


def with_words(refusal: Refused | None) -> dict[str, Any]:
    """Details of a refusal as a template shows them."""
    return dict(refusal.details) if refusal is not None else {}
