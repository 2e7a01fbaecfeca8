"""Words and small parts of the diagnostics pages."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django import template

from kolaborasi.common.clock import utc_now
from kolaborasi.diagnostics import words
from kolaborasi.diagnostics.models import DispatchLine, Order, Shift
from kolaborasi.diagnostics.navigation import tabs
from kolaborasi.diagnostics.queries.own import ticket_of
from kolaborasi.diagnostics.rules.capacity import DayCapacity
from kolaborasi.places.models import Place

register = template.Library()


@register.filter
def specimen_word(value: str) -> words.Word:
    """The state of a specimen in words."""
    return words.specimen_word(value)


@register.filter
def outcome_word(value: str) -> words.Word:
    """An outcome in words."""
    return words.outcome_word(value)


@register.filter
def result_word(value: str) -> words.Word:
    """Whether a result counts, in words."""
    return words.result_word(value)


@register.filter
def run_kind(value: str) -> str:
    """The badge of a run's state."""
    return words.RUN_KINDS[value]


@register.filter
def lab_kind(value: str) -> str:
    """The badge of a lab's state."""
    return words.LAB_KINDS[value]


@register.filter
def priority_kind(value: str) -> str:
    """The badge of a priority."""
    return words.PRIORITY_KINDS[value]


@register.filter
def failure_word(value: str) -> str:
    """Why a run failed, in words."""
    return str(words.FAILURES.get(value, value))


@register.filter
def scan_word(value: str) -> str:
    """Why a scan was not taken in, in words."""
    return str(words.REFUSED_SCANS.get(value, value))


@register.filter
def reading(values: Mapping[str, float | None] | None, target: str) -> float | None:
    """The Ct of a target among a well's readings."""
    return (values or {}).get(target)


@register.filter
def pseudonym(value: UUID) -> str:
    """What a person is called without a name."""
    return words.pseudonym(value)


@register.filter
def whereabouts(place: Place) -> str:
    """`Kelurahan Cikini`."""
    return words.place_name(place)


@register.filter
def age(moment: datetime | None) -> str:
    """How long ago something happened, or until it does."""
    return words.length_in_words(abs(utc_now() - moment)) if moment else ""


@register.filter
def past(moment: datetime) -> bool:
    """Whether a moment is over."""
    return moment < utc_now()


@register.filter
def called(names: Mapping[UUID, str], person_id: UUID) -> str:
    """The name of a person whose look is on record, else what they are called without."""
    return names.get(person_id) or words.pseudonym(person_id)


@register.filter
def clock(moment: datetime | None) -> str:
    """The hour and minute in the city, for a time of today."""
    return words.hour(moment) if moment else ""


@register.filter
def slot_span(starts_at: datetime, ends_at: datetime) -> str:
    """Day and hours of a slot."""
    return words.slot_words(starts_at, ends_at)


@register.filter
def slot_start(moment: datetime | None) -> str:
    """Day and hour a slot begins."""
    return words.slot_words(moment, moment).partition("–")[0] if moment else ""


@register.filter
def limit_words(capacity: DayCapacity) -> str:
    """Why a lab cannot read more on a day."""
    return words.limit_words(capacity)


@register.filter
def shift_words(shift: Shift) -> str:
    """A shift in words."""
    return words.shift_words(shift)


@register.filter
def plan_kind(value: str) -> str:
    """The badge of a plan's state."""
    return words.PLAN_KINDS[value]


@register.filter
def line_hours(line: DispatchLine) -> str:
    """How long after their arrival specimens of a line are read."""
    return words.length_in_words(line.results_at - line.arrives_at)


@register.filter
def refusal_words(code: str) -> str:
    """Why a line was refused, in words."""
    return str(words.REFUSALS.get(code, code))


@register.filter
def hidden_count(value: int | None, smallest: int) -> str:
    """A count, or that it is hidden."""
    return f"<{smallest}" if value is None else words.count_words(value)


@register.filter
def day_month(value: date) -> str:
    """`12/7` for the axis of a drawing."""
    return f"{value.day}/{value.month}"


@register.filter
def unlocalized(value: float) -> str:
    """A coordinate of a drawing: with a point, whatever the language."""
    return f"{value:g}"


@register.filter
def ticket(order: Order) -> str:
    """The secret part of the link to one's own order."""
    return ticket_of(order.pk)


@register.inclusion_tag("diagnostics/_tabs.html", takes_context=True)
def diagnostics_tabs(context: dict[str, Any], current: str = "") -> dict[str, Any]:
    """The pages of the programme that the visitor may open; `current` names the tab of a page below it."""
    request = context["request"]
    return {"tabs": tabs(request.actor, request.path, current)}
