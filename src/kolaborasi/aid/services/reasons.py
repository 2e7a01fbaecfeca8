"""Reasons are words of a list, so that nobody is described in somebody's own words."""

from __future__ import annotations

from django.db.models import TextChoices

from kolaborasi.aid.errors import UnknownReason


def known_reason(reasons: type[TextChoices], reason: str) -> str:
    """The reason, when it is one of the list.

    Raises:
        UnknownReason: it is not.
    """
    if reason not in reasons.values:
        raise UnknownReason(list(reasons.values))
    return str(reason)
