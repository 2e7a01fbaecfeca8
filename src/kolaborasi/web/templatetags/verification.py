"""Words of the page that checks signed documents."""

from __future__ import annotations

from datetime import date

from django import template

from kolaborasi.diagnostics.models import OutcomeChoice
from kolaborasi.web.templatetags.kolaborasi import day

register = template.Library()


@register.filter
def outcome_label(value: str) -> str:
    """An outcome in words."""
    return str(OutcomeChoice(value).label)


@register.filter
def written_day(value: str) -> str:
    """A date as a card writes it (`2021-07-12`) in the form of the page; as it is when it is only a month or year."""
    try:
        return day(date.fromisoformat(value))
    except ValueError:
        return value
