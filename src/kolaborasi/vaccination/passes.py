"""Secrets in links to a person's card and to a booking: sealed, not stored."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from uuid import UUID

from kolaborasi.people.vault import KeyMissing, Tampered, open_secret, seal_secret
from kolaborasi.vaccination.errors import CardLinkOver

PURPOSE, TICKET = "vaccination card link", "vaccination booking ticket"
PASS_LIFE = timedelta(days=14)
"""Long enough for a reminder, short enough that a lost telephone does not show a card for ever."""


def card_pass(recipient_id: UUID, *, now: datetime) -> str:
    """A pass to the card of a person, for a link; whoever has it may read the card and act on the booking."""
    return _seal(json.dumps([recipient_id.hex, int(now.timestamp())]), PURPOSE)


def card_link(recipient_id: UUID, *, now: datetime) -> str:
    """The path of the card a pass opens."""
    return f"/vaccination/m/{card_pass(recipient_id, now=now)}/"


def recipient_of_pass(text: str, *, now: datetime) -> UUID:
    """Whose card a pass opens.

    Raises:
        CardLinkOver: it is too old, changed or cut off.
    """
    try:
        who, made = json.loads(_open(text, PURPOSE))
    except (KeyMissing, Tampered, ValueError):
        raise CardLinkOver from None
    if now >= datetime.fromtimestamp(made, UTC) + PASS_LIFE:
        raise CardLinkOver
    return UUID(who)


def booking_ticket(booking_id: int) -> str:
    """What stands for the secret of a booking's own link where that is no longer known: on the card, for a QR code."""
    return _seal(str(booking_id), TICKET)


def booking_of_ticket(text: str) -> int | None:
    """The key of the booking a ticket is for; None when it is no ticket."""
    try:
        return int(_open(text, TICKET))
    except (KeyMissing, Tampered, ValueError):
        return None


def _seal(content: str, purpose: str) -> str:
    key_id, _colon, body = seal_secret(content, purpose).partition(":")
    return urlsafe_b64encode(bytes.fromhex(key_id + body)).rstrip(b"=").decode()


def _open(text: str, purpose: str) -> str:
    sealed = urlsafe_b64decode(text + "=" * (-len(text) % 4)).hex()
    return open_secret(f"{sealed[:8]}:{sealed[8:]}", purpose)
