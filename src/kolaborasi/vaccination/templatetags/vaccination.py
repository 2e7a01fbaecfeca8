"""Words and small parts of the vaccination pages."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django import template
from django.utils.timezone import localtime

from kolaborasi.places.models import Place
from kolaborasi.vaccination import labels
from kolaborasi.vaccination.navigation import tabs

register = template.Library()


@register.filter
def session_word(value: str) -> labels.Word:
    """The state of a session in words."""
    return labels.SESSION_WORDS[value]


@register.filter
def visit_word(value: str) -> labels.Word:
    """Where somebody in the queue is, in words."""
    return labels.VISIT_WORDS[value]


@register.filter
def booking_word(value: str) -> labels.Word:
    """The state of a booking in words."""
    return labels.BOOKING_WORDS[value]


@register.filter
def line_word(value: str) -> labels.Word:
    """The state of a line of a supply plan in words."""
    return labels.LINE_WORDS[value]


@register.filter
def correction_word(value: str) -> labels.Word:
    """The state of a correction in words."""
    return labels.CORRECTION_WORDS[value]


@register.filter
def event_word(value: str) -> labels.Word:
    """The state of the follow-up of an adverse event in words."""
    return labels.EVENT_WORDS[value]


@register.filter
def channel_word(value: str) -> str:
    """How somebody comes to a session, in words."""
    return str(labels.CHANNEL_LABELS[value])


@register.filter
def why_not(code: str) -> str:
    """Why a booking was refused, by the code of the refusal or fault, and what to do."""
    return str(labels.REFUSAL_WORDS.get(code, labels.OTHER_REFUSAL))


@register.filter
def pseudonym(value: UUID) -> str:
    """What a person is called without a name."""
    return labels.pseudonym(value)


@register.filter
def whereabouts(place: Place | None) -> str:
    """`Kelurahan Cikini`."""
    return labels.place_name(place) if place is not None else ""


@register.filter
def clock(moment: datetime | None) -> str:
    """The hour and minute in the city."""
    return localtime(moment).strftime("%H.%M") if moment else ""


@register.filter
def degrees(tenths: int) -> str:
    """Tenths of a degree as `5,3 °C`."""
    return labels.degrees(tenths)


@register.filter
def unlocalized(value: float) -> str:
    """A coordinate of a drawing: with a point, whatever the language."""
    return f"{value:g}"


@register.inclusion_tag("vaccination/_tabs.html", takes_context=True)
def vaccination_tabs(context: dict[str, Any]) -> dict[str, Any]:
    """The pages of the programme that the visitor may open."""
    request = context["request"]
    return {"tabs": tabs(request.actor, request.path)}
