"""Messages in templates."""

from __future__ import annotations

from django import template
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from kolaborasi.demo import queries
from kolaborasi.messages.models import Message
from kolaborasi.messages.rendering import Text

register = template.Library()
STATES: dict[str, str | Promise] = {
    "waiting": _("waiting to be sent"),
    "sent": _("taken from the outbox"),
    "dead": _("could not be sent"),
}


@register.filter
def text(message: Message) -> Text:
    """Subject and body of a message."""
    return queries.text_of(message)


@register.filter
def state_word(state: str) -> str:
    """State of a message in words."""
    return str(STATES.get(state, state))
