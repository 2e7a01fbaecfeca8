"""The life of a promise."""

from __future__ import annotations

from enum import StrEnum

from kolaborasi.common.lifecycle import Lifecycle


class CommitmentState(StrEnum):
    """Where a promise is."""

    HELD = "held"
    CONFIRMED = "confirmed"
    FULFILLED = "fulfilled"
    RELEASED = "released"
    EXPIRED = "expired"


COMMITMENT = Lifecycle(
    name="commitment",
    start=CommitmentState.HELD,
    moves={
        "confirm": {CommitmentState.HELD: CommitmentState.CONFIRMED},
        "deliver part": {CommitmentState.CONFIRMED: CommitmentState.CONFIRMED},
        "fulfil": {CommitmentState.CONFIRMED: CommitmentState.FULFILLED},
        "release": {
            CommitmentState.HELD: CommitmentState.RELEASED,
            CommitmentState.CONFIRMED: CommitmentState.RELEASED,
        },
        "expire": {CommitmentState.HELD: CommitmentState.EXPIRED},
    },
)
OPEN = (CommitmentState.HELD, CommitmentState.CONFIRMED)
