"""Lifecycles of needs and deliveries, and the words a pledge is shown with."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from kolaborasi.commitments.states import CommitmentState
from kolaborasi.common.lifecycle import Lifecycle


class NeedState(StrEnum):
    """Where a need is."""

    SUBMITTED = "submitted"
    OPEN = "open"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


NEED = Lifecycle(
    name="need",
    start=NeedState.SUBMITTED,
    moves={
        "verify": {NeedState.SUBMITTED: NeedState.OPEN},
        "reject": {NeedState.SUBMITTED: NeedState.REJECTED},
        "withdraw": {NeedState.SUBMITTED: NeedState.WITHDRAWN, NeedState.OPEN: NeedState.WITHDRAWN},
    },
)


NEED_MET = "met"
"""What a need is called once all of it has arrived; derived, never stored."""


def need_status(state: str, *, needed: int, delivered: int) -> str:
    """The one word for where a need is: its state, or `met` when everything has arrived.

    Args:
        needed, delivered: units of all its lines.
    """
    served = state in (NeedState.OPEN, NeedState.WITHDRAWN) and 0 < needed <= delivered
    return NEED_MET if served else str(state)


class DeliveryState(StrEnum):
    """Where a delivery is: told by the helper, then acknowledged or disputed by the receiving side."""

    REPORTED = "reported"
    ACKNOWLEDGED = "acknowledged"
    DISPUTED = "disputed"


DELIVERY = Lifecycle(
    name="delivery",
    start=DeliveryState.REPORTED,
    moves={
        "acknowledge": {
            DeliveryState.REPORTED: DeliveryState.ACKNOWLEDGED,
            DeliveryState.DISPUTED: DeliveryState.ACKNOWLEDGED,
        },
        "dispute": {DeliveryState.REPORTED: DeliveryState.DISPUTED},
    },
)


class PledgeStatus(StrEnum):
    """What a pledge is called on pages; derived, never stored."""

    UNCONFIRMED = "unconfirmed"
    PROMISED = "promised"
    ON_THE_WAY = "on-the-way"
    AWAITING_RECIPIENT = "awaiting-recipient"
    PARTLY_DELIVERED = "partly-delivered"
    DELIVERED = "delivered"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


@dataclass(frozen=True)
class PledgeFacts:
    """What the status of a pledge follows from."""

    state: str
    quantity: int
    delivered: int
    handed_over: bool
    reported: bool


def pledge_status(pledge: PledgeFacts) -> PledgeStatus:
    """The one word for where a pledge is."""
    ended = {
        CommitmentState.HELD: PledgeStatus.UNCONFIRMED,
        CommitmentState.RELEASED: PledgeStatus.CANCELLED,
        CommitmentState.EXPIRED: PledgeStatus.EXPIRED,
    }
    if pledge.state in ended:
        return ended[CommitmentState(pledge.state)]
    if pledge.state == CommitmentState.FULFILLED and pledge.delivered == pledge.quantity:
        return PledgeStatus.DELIVERED
    if pledge.reported:
        return PledgeStatus.AWAITING_RECIPIENT
    if pledge.delivered:
        return PledgeStatus.PARTLY_DELIVERED
    return PledgeStatus.ON_THE_WAY if pledge.handed_over else PledgeStatus.PROMISED
