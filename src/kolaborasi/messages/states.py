"""The life of an outgoing message."""

from __future__ import annotations

from enum import StrEnum

from kolaborasi.common.lifecycle import Lifecycle


class MessageState(StrEnum):
    """Where a message is."""

    WAITING = "waiting"
    SENT = "sent"
    DEAD = "dead"


MESSAGE = Lifecycle(
    name="message",
    start=MessageState.WAITING,
    moves={
        "send": {MessageState.WAITING: MessageState.SENT},
        "retry": {MessageState.WAITING: MessageState.WAITING, MessageState.DEAD: MessageState.WAITING},
        "give up": {MessageState.WAITING: MessageState.DEAD},
    },
)
