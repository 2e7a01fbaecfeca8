"""Lifecycles of a proposal and of its lines."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from kolaborasi.common.lifecycle import Lifecycle


class ProposalState(StrEnum):
    """Where a proposal is; follows from its lines by `event_of`."""

    PROPOSED = "proposed"
    PARTLY = "partly-approved"
    APPROVED = "approved"
    REJECTED = "rejected"
    EXPIRED = "expired"


PROPOSAL = Lifecycle(
    name="proposal",
    start=ProposalState.PROPOSED,
    moves={
        "approve some": {
            ProposalState.PROPOSED: ProposalState.PARTLY,
            ProposalState.PARTLY: ProposalState.PARTLY,
        },
        "approve all": {
            ProposalState.PROPOSED: ProposalState.APPROVED,
            ProposalState.PARTLY: ProposalState.APPROVED,
        },
        "reject": {ProposalState.PROPOSED: ProposalState.REJECTED},
        "expire": {ProposalState.PROPOSED: ProposalState.EXPIRED},
    },
)


class BedLineKind(StrEnum):
    """What a line of a bed plan proposes."""

    PLACEMENT = "placement"
    TRANSFER = "transfer"
    CONVERSION = "conversion"


class LineState(StrEnum):
    """Where one line of a proposal is."""

    PROPOSED = "proposed"
    APPROVED = "approved"
    REFUSED = "refused"
    REJECTED = "rejected"
    EXPIRED = "expired"


LINE = Lifecycle(
    name="proposal line",
    start=LineState.PROPOSED,
    moves={
        "approve": {LineState.PROPOSED: LineState.APPROVED},
        "refuse": {LineState.PROPOSED: LineState.REFUSED},
        "reject": {LineState.PROPOSED: LineState.REJECTED},
        "expire": {LineState.PROPOSED: LineState.EXPIRED},
    },
)


@dataclass(frozen=True)
class LineCounts:
    """How many lines of a proposal are in which state."""

    proposed: int = 0
    approved: int = 0
    refused: int = 0
    rejected: int = 0
    expired: int = 0

    @property
    def total(self) -> int:
        """All lines."""
        return self.proposed + self.approved + self.refused + self.rejected + self.expired


def event_of(counts: LineCounts) -> str | None:
    """What has happened to a proposal whose lines stand like this; None while nothing is approved and some are open."""
    if counts.approved:
        return "approve all" if counts.approved == counts.total else "approve some"
    if counts.proposed:
        return None
    return "expire" if counts.expired else "reject"
