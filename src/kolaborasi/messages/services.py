"""Verbs of the outbox: enqueue, deliver, retry."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import structlog
from django.db import connection, transaction
from django.utils import translation

from kolaborasi.messages.gateways import GatewayFailed, GatewayMissing, send
from kolaborasi.messages.models import Channel, Message
from kolaborasi.messages.rendering import render
from kolaborasi.messages.states import MESSAGE, MessageState

FIRST_RETRY = timedelta(minutes=1)
MOST_ATTEMPTS = 8
log = structlog.get_logger()


class NotInTransaction(RuntimeError):
    """A message outside its verb's transaction could tell of something that was rolled back."""


def enqueue(
    *,
    template: str,
    recipient: UUID,
    context: dict[str, Any],
    now: datetime,
    channel: str = Channel.EMAIL,
    language: str | None = None,
) -> Message:
    """Put a message in the outbox, in the transaction of the verb that causes it.

    Args:
        template: name of `messages/<template>.txt`; its first line is the subject.
        recipient: pseudonymous id of the person.
        context: values for the template that name nobody.
        language: of the text; the one in use when absent.

    Raises:
        NotInTransaction: no transaction is open.
    """
    letter = Letter(recipient, context, channel, language)
    return enqueue_many(template=template, letters=[letter], now=now)[0]


@dataclass(frozen=True)
class Letter:
    """One of many messages of the same kind; fields as in `enqueue`."""

    recipient: UUID
    context: dict[str, Any]
    channel: str = Channel.EMAIL
    language: str | None = None


def enqueue_many(*, template: str, letters: Iterable[Letter], now: datetime) -> list[Message]:
    """`enqueue` of many messages in one statement.

    Raises:
        NotInTransaction: no transaction is open.
    """
    if not connection.in_atomic_block:
        raise NotInTransaction(template)
    return Message.objects.bulk_create(
        [
            Message(
                created_at=now,
                recipient=letter.recipient,
                channel=letter.channel,
                template=template,
                language=letter.language or translation.get_language() or "id",
                context=letter.context,
                next_attempt_at=now,
            )
            for letter in letters
        ],
        batch_size=1000,
    )


def deliver(*, now: datetime, limit: int = 100) -> int:
    """Send what is due; returns how many were sent.

    Each message has a transaction of its own, so that a crash repeats at most the one being sent.
    """
    sent = 0
    for _turn in range(limit):
        with transaction.atomic():
            message = (
                Message.objects.select_for_update(skip_locked=True)
                .filter(state=MessageState.WAITING, next_attempt_at__lte=now)
                .order_by("next_attempt_at", "id")
                .first()
            )
            if message is None:
                break
            sent += _attempt(message, now)
    return sent


def retry(*, message: Message, now: datetime) -> None:
    """Let a message be tried again, also a dead one.

    Raises:
        WrongState: it was sent.
    """
    with transaction.atomic():
        locked = Message.objects.select_for_update().get(pk=message.pk)
        locked.state = MESSAGE.move(locked.state, "retry")
        locked.attempts, locked.next_attempt_at, locked.reason = 0, now, ""
        locked.save(update_fields=["state", "attempts", "next_attempt_at", "reason"])


def _attempt(message: Message, now: datetime) -> bool:
    message.attempts += 1
    try:
        message.reason = send(message.recipient, message.channel, render(message))
    except (GatewayFailed, GatewayMissing) as error:
        _postpone(message, str(error), now)
    else:
        message.state, message.sent_at = MESSAGE.move(message.state, "send"), now
        if not message.reason:
            # Links and codes in it are secrets of the reader from now on.
            message.context = {}
    message.save(update_fields=["state", "attempts", "next_attempt_at", "reason", "sent_at", "context"])
    return message.state == MessageState.SENT


def _postpone(message: Message, reason: str, now: datetime) -> None:
    message.reason = reason[:200]
    if message.attempts >= MOST_ATTEMPTS:
        message.state = MESSAGE.move(message.state, "give up")
        log.warning("message.dead", message=message.pk, channel=message.channel)
        return
    message.state = MESSAGE.move(message.state, "retry")
    message.next_attempt_at = now + FIRST_RETRY * 2 ** (message.attempts - 1)
