"""Words and small parts of the hospital pages."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django import template
from django.utils.timezone import localtime

from kolaborasi.common.clock import utc_now
from kolaborasi.hospitals import labels
from kolaborasi.hospitals.models import Referral
from kolaborasi.hospitals.navigation import tabs
from kolaborasi.hospitals.ranking import Ranked
from kolaborasi.hospitals.rules import Service
from kolaborasi.places.models import Place

register = template.Library()


@register.filter
def bed_class(value: str) -> str:
    """A bed class in words."""
    return labels.class_label(value)


@register.filter
def short_class(value: str) -> str:
    """A bed class in few letters."""
    return labels.short_class(value)


@register.filter
def service(value: Service) -> str:
    """A service in words."""
    return str(labels.SERVICE_LABELS[value])


@register.filter
def referral_word(value: str) -> labels.Word:
    """The state of a referral in words."""
    return labels.REFERRAL_WORDS[value]


@register.filter
def severity_word(value: int) -> labels.Word:
    """A severity in words."""
    return labels.SEVERITY_WORDS[value]


@register.filter
def answer_word(value: str) -> labels.Word:
    """A hospital's answer in words."""
    return labels.ANSWER_WORDS[value]


@register.filter
def network_word(value: str) -> labels.Word:
    """A hospital's part in the network in words."""
    return labels.NETWORK_WORDS[value]


@register.filter
def ride_word(value: str) -> labels.Word:
    """The state of an ambulance request in words."""
    return labels.RIDE_WORDS[value]


@register.filter
def isolation_word(value: str) -> labels.Word:
    """The state of an isolation in words."""
    return labels.ISOLATION_WORDS[value]


@register.filter
def reason_word(value: str) -> str:
    """A stored reason in words."""
    return str(labels.REASONS.get(value, value))


@register.filter
def pseudonym(value: UUID) -> str:
    """What a person is called without a name."""
    return labels.pseudonym(value)


@register.filter
def whereabouts(place: Place) -> str:
    """`Kelurahan Cikini`."""
    return labels.place_name(place)


@register.filter
def needs_in_words(referral: Referral) -> list[str]:
    """What the patient needs beside a bed."""
    return [str(label) for name, label in labels.NEED_LABELS if getattr(referral, name)]


@register.filter
def criteria(referral: Referral) -> list[str]:
    """The criteria the severity follows from, in words."""
    return [str(labels.SEVERITY_REASONS.get(each, each)) for each in referral.severity_reasons]


@register.filter
def ranked_reasons(bed: Ranked) -> list[str]:
    """Why a bed stands where it does in the order."""
    return labels.ranked_reasons(bed)


@register.filter
def counted(observed_at: datetime | None) -> str:
    """How long ago beds were counted."""
    return labels.age_since(observed_at, utc_now())


@register.filter
def clock(moment: datetime | None) -> str:
    """The hour and minute in the city, for a time of today or tomorrow."""
    return localtime(moment).strftime("%H.%M") if moment else ""


@register.filter
def unlocalized(value: float) -> str:
    """A coordinate of a drawing: with a point, whatever the language."""
    return f"{value:g}"


@register.inclusion_tag("hospitals/_tabs.html", takes_context=True)
def hospital_tabs(context: dict[str, Any]) -> dict[str, Any]:
    """The pages of the programme that the visitor may open."""
    request = context["request"]
    return {"tabs": tabs(request.actor, request.path)}
