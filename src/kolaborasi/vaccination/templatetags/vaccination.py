"""Words and small parts of the vaccination pages."""

from __future__ import annotations

import hashlib
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

from django import template
from django.contrib.staticfiles import finders
from django.templatetags.static import static
from django.utils.timezone import localtime

from kolaborasi.common.errors import Refused
from kolaborasi.places.models import Place
from kolaborasi.vaccination import labels
from kolaborasi.vaccination.models import SupplyLine
from kolaborasi.vaccination.navigation import tabs
from kolaborasi.vaccination.queries.residents import named_products
from kolaborasi.vaccination.rules import DoseFault, Eligibility

register = template.Library()
DRAWN_WITH = (
    "web/kolaborasi.css",
    "vaccination/vaccination.css",
    "vaccination/offline.js",
    "web/page.js",
    "django_htmx/htmx-2.min.js",
)
"""What the page needs that opens without a connection."""


@register.simple_tag
@cache
def keep_name() -> str:
    """Name of the browser's cache for that page: another one as soon as a release changes what it is drawn with."""
    found = (finders.find(name) for name in DRAWN_WITH)
    content = b"".join(Path(path).read_bytes() for path in found if path)
    return f"vaccination-entry-{hashlib.sha256(content).hexdigest()[:12]}"


@register.simple_tag
def drawn_with() -> list[str]:
    """Addresses of what that page is drawn with."""
    return [static(name) for name in DRAWN_WITH]


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
def earliest(refusal: Refused) -> date | None:
    """The day from which what was refused is possible; None when there is none."""
    text = refusal.details.get("earliest_date")
    return date.fromisoformat(text) if text else None


@register.filter
def fitting(refusal: Refused) -> list[tuple[str, str]]:
    """Codes and names of the vaccines that fit when this one does not."""
    if DoseFault.TOO_EARLY in refusal.details.get("faults", ()):
        return []
    return named_products(refusal.details.get("products", ()))


@register.filter
def session_kind(value: str) -> str:
    """How a session reaches people, in words."""
    return labels.kind_label(value)


@register.filter
def unlocalized(value: float) -> str:
    """A coordinate of a drawing: with a point, whatever the language."""
    return f"{value:g}"


@register.filter
def eligibility_words(may: Eligibility) -> str:
    """Why somebody may not have a dose, and from when."""
    return labels.eligibility_words(may)


@register.filter
def reasons(line: SupplyLine) -> list[str]:
    """Whom the doses of a line of a supply plan are for."""
    return labels.line_reasons(line.reasons)


@register.filter
def identity_fields(names: str) -> list[str]:
    """Names of identity fields, joined by commas, in words."""
    return [str(labels.IDENTITY_LABELS.get(name, name)) for name in names.split(",")]


@register.filter
def added_up(parts: dict[str, int]) -> int:
    """The sum of a count by kind."""
    return sum(parts.values())


@register.filter
def refusal_word(code: str) -> str:
    """Why a line of a supply plan could not be sent."""
    return str(labels.LINE_REFUSALS.get(code, code))


@register.inclusion_tag("vaccination/_tabs.html", takes_context=True)
def vaccination_tabs(context: dict[str, Any]) -> dict[str, Any]:
    """The pages of the programme that the visitor may open."""
    request = context["request"]
    return {"tabs": tabs(request.actor, request.path)}
