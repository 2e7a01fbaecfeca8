"""What has happened to a proposal follows from its lines."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kolaborasi.allocation.states import LINE, PROPOSAL, LineCounts, LineState, ProposalState, event_of

FEW = st.integers(0, 3)


@pytest.mark.parametrize(
    ("counts", "event"),
    [
        (LineCounts(proposed=3), None),
        (LineCounts(proposed=2, rejected=1), None),
        (LineCounts(proposed=1, approved=1), "approve some"),
        (LineCounts(approved=2, refused=1), "approve some"),
        (LineCounts(approved=3), "approve all"),
        (LineCounts(rejected=2, refused=1), "reject"),
        (LineCounts(expired=2, rejected=1), "expire"),
        (LineCounts(expired=2, approved=1), "approve some"),
    ],
)
def test_event_of_line_counts(counts: LineCounts, event: str | None) -> None:
    assert event_of(counts) == event


@given(FEW, FEW, FEW, FEW, FEW)
def test_event_is_always_one_the_first_state_knows(
    proposed: int, approved: int, refused: int, rejected: int, expired: int
) -> None:
    event = event_of(LineCounts(proposed, approved, refused, rejected, expired))
    if event is not None:
        assert PROPOSAL.move(ProposalState.PROPOSED, event) != ProposalState.PROPOSED


def test_line_is_decided_once() -> None:
    assert set(LINE.final_states()) == set(LineState) - {LineState.PROPOSED}
