"""The life of a promise, walked through every state and event."""

from __future__ import annotations

import itertools

import pytest

from kolaborasi.commitments.states import COMMITMENT, CommitmentState
from kolaborasi.common.lifecycle import WrongState

ALLOWED = {
    ("held", "confirm"): "confirmed",
    ("held", "release"): "released",
    ("held", "expire"): "expired",
    ("confirmed", "release"): "released",
    ("confirmed", "fulfil"): "fulfilled",
    ("confirmed", "deliver part"): "confirmed",
}


@pytest.mark.parametrize(("state", "event"), [*itertools.product(CommitmentState, COMMITMENT.moves)])
def test_commitment_moves_only_as_the_table_says(state: CommitmentState, event: str) -> None:
    after = ALLOWED.get((state.value, event))
    if after:
        assert COMMITMENT.move(state, event) == after
    else:
        with pytest.raises(WrongState):
            COMMITMENT.move(state, event)


def test_commitment_ends_fulfilled_released_or_expired() -> None:
    assert set(COMMITMENT.final_states()) == {"fulfilled", "released", "expired"}
