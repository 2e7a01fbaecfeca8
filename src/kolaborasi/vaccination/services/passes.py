"""The secret in links to a person's card: sealed, not stored, and good for some days."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from uuid import UUID

from kolaborasi.people.vault import KeyMissing, Tampered, open_secret, seal_secret
from kolaborasi.vaccination.errors import CardLinkOver

PURPOSE = "vaccination card link"
PASS_LIFE = timedelta(days=14)
"""Long enough for a reminder, short enough that a lost telephone does not show a card for ever."""


def card_pass(recipient_id: UUID, *, now: datetime) -> str:
    """A pass to the card of a person, for a link; whoever has it may read the card and act on the booking."""
    content = json.dumps([recipient_id.hex, int(now.timestamp())])
    key_id, _colon, body = seal_secret(content, PURPOSE).partition(":")
    return urlsafe_b64encode(bytes.fromhex(key_id + body)).rstrip(b"=").decode()


def card_link(recipient_id: UUID, *, now: datetime) -> str:
    """The path of the card a pass opens."""
    return f"/vaccination/m/{card_pass(recipient_id, now=now)}/"


def recipient_of_pass(text: str, *, now: datetime) -> UUID:
    """Whose card a pass opens.

    Raises:
        CardLinkOver: it is too old, changed or cut off.
    """
    try:
        sealed = urlsafe_b64decode(text + "=" * (-len(text) % 4)).hex()
        who, made = json.loads(open_secret(f"{sealed[:8]}:{sealed[8:]}", PURPOSE))
    except (KeyMissing, Tampered, ValueError):
        raise CardLinkOver from None
    if now >= datetime.fromtimestamp(made, UTC) + PASS_LIFE:
        raise CardLinkOver
    return UUID(who)
