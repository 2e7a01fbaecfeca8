"""Messages to those who promised."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from kolaborasi.aid.labels import need_title
from kolaborasi.aid.models import Pledge
from kolaborasi.messages.models import Channel
from kolaborasi.messages.services import enqueue
from kolaborasi.people.models import Person


def channel_of(person: Person) -> Channel:
    """How a person is reached: by e-mail when there is one."""
    return Channel.EMAIL if person.email is not None else Channel.SMS


def tell(pledge: Pledge, template: str, *, now: datetime, **context: Any) -> None:
    """Send the giver of a pledge a message about it; a partner has its own pages and gets none.

    Args:
        template: name of the message.
        context: further values of it, which name nobody.
    """
    person = pledge.person
    if person is None or person.erased_at is not None:
        return
    line = pledge.need_line
    enqueue(
        template=template,
        recipient=person.pk,
        channel=channel_of(person),
        context={
            "quantity": pledge.quantity - pledge.delivered,
            "item": line.item.name_id,
            "item_en": line.item.name_en,
            "place": need_title(line.need),
            "day": pledge.deliver_date.isoformat(),
            **context,
        },
        now=now,
    )
