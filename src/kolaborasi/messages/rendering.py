"""Text of a message from its template, in the language of the one who gets it."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation

from kolaborasi.messages.models import Message


@dataclass(frozen=True)
class Text:
    """Subject and body, plain text."""

    subject: str
    body: str


def render(message: Message) -> Text:
    """The message as its reader sees it. Links in it begin with the public address of the city."""
    context = {**message.context, "address": settings.PUBLIC_ADDRESS}
    with translation.override(message.language):
        text = render_to_string(f"messages/{message.template}.txt", context).strip()
    subject, _separator, body = text.partition("\n")
    return Text(subject.strip(), body.strip())
