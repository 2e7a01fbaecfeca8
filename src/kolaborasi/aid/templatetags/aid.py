"""Words and small parts of the aid pages."""

from __future__ import annotations

from typing import Any

from django import template
from django.urls import reverse
from django.utils.timezone import localdate

from kolaborasi.aid import labels, queries
from kolaborasi.aid.models import Delivery, Need, Pledge
from kolaborasi.aid.navigation import tabs
from kolaborasi.aid.rules import MOST_WRONG_CODES
from kolaborasi.aid.states import need_status
from kolaborasi.aid.views.access import receipt_ticket
from kolaborasi.places.models import Place

register = template.Library()


@register.filter
def place_name(place: Place) -> str:
    """`RW 012 Cikini`, `Kelurahan Cikini`."""
    return labels.place_name(place)


@register.filter
def place_above(place: Place) -> str:
    """The areas a place lies in."""
    return labels.place_above(place)


@register.filter
def need_title(need: Need) -> str:
    """The institution's or the place's name."""
    return labels.need_title(need)


@register.filter
def need_whereabouts(need: Need) -> str:
    """Where a need is, below its title."""
    return labels.need_whereabouts(need)


@register.filter
def need_word(need: Need) -> labels.Word:
    """Where a need read by `queries.needs()` is, in words."""
    return labels.NEED_WORDS[need_status(need.state, needed=need.needed, delivered=need.delivered)]  # type: ignore[attr-defined]


@register.filter
def pledge_word(pledge: Pledge) -> labels.Word:
    """The status of a pledge in words."""
    return labels.PLEDGE_WORDS[queries.status(pledge)]


@register.filter
def overdue(pledge: Pledge) -> bool:
    """Whether the day of a promise has passed without a word."""
    return queries.overdue(pledge, today=localdate())


@register.filter
def code_used_up(pledge: Pledge) -> bool:
    """Whether the receipt code no longer counts."""
    return pledge.wrong_codes >= MOST_WRONG_CODES


@register.filter
def delivery_word(delivery: Delivery) -> labels.Word:
    """The state of a delivery in words."""
    return labels.DELIVERY_WORDS[delivery.state]


@register.filter
def reason(value: str) -> str:
    """A stored reason in words."""
    return labels.reason_label(value)


@register.inclusion_tag("aid/_tabs.html", takes_context=True)
def aid_tabs(context: dict[str, Any]) -> dict[str, Any]:
    """The pages of the programme that the visitor may open."""
    request = context["request"]
    return {"tabs": tabs(request.actor, request.path)}


@register.simple_tag(takes_context=True)
def receipt_link(context: dict[str, Any], pledge: Pledge) -> str:
    """What the QR code of a pledge opens on the helper's phone: the receipt form with the code filled in."""
    address = reverse("aid:receive_by_code", args=[receipt_ticket(pledge)])
    return str(context["request"].build_absolute_uri(f"{address}?code={pledge.receipt_code}"))
