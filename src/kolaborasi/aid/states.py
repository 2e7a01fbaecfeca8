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


class HouseholdState(StrEnum):
    """Where a household of the registry is."""

    CANDIDATE = "candidate"
    SETTLED = "settled"
    MERGED = "merged"


HOUSEHOLD = Lifecycle(
    name="household",
    start=HouseholdState.CANDIDATE,
    moves={
        "settle": {HouseholdState.CANDIDATE: HouseholdState.SETTLED},
        "merge": {HouseholdState.CANDIDATE: HouseholdState.MERGED},
    },
)


class RollState(StrEnum):
    """Where a list is: held back when it names more households than live there, checked by sample visits."""

    HELD_BACK = "held-back"
    LISTED = "listed"
    VERIFIED = "verified"
    RETURNED = "returned"


ROLL = Lifecycle(
    name="household list",
    start=RollState.LISTED,
    moves={
        "accept": {RollState.HELD_BACK: RollState.LISTED},
        "verify": {RollState.LISTED: RollState.VERIFIED},
        "return": {
            RollState.HELD_BACK: RollState.RETURNED,
            RollState.LISTED: RollState.RETURNED,
            RollState.VERIFIED: RollState.RETURNED,
        },
    },
)


class RollEntryState(StrEnum):
    """Where a household on a list is."""

    REVIEW = "review"
    LISTED = "listed"
    REMOVED = "removed"
    LAPSED = "lapsed"


ROLL_ENTRY = Lifecycle(
    name="household on a list",
    start=RollEntryState.REVIEW,
    moves={
        "settle": {RollEntryState.REVIEW: RollEntryState.LISTED},
        "remove": {
            RollEntryState.REVIEW: RollEntryState.REMOVED,
            RollEntryState.LISTED: RollEntryState.REMOVED,
        },
        "lapse": {RollEntryState.LISTED: RollEntryState.LAPSED},
        "renew": {
            RollEntryState.LISTED: RollEntryState.LISTED,
            RollEntryState.LAPSED: RollEntryState.LISTED,
        },
    },
)


class ResemblanceState(StrEnum):
    """What a person said of two households that look alike."""

    OPEN = "open"
    SAME = "same"
    DIFFERENT = "different"


RESEMBLANCE = Lifecycle(
    name="resemblance",
    start=ResemblanceState.OPEN,
    moves={
        "merge": {ResemblanceState.OPEN: ResemblanceState.SAME},
        "keep apart": {ResemblanceState.OPEN: ResemblanceState.DIFFERENT},
    },
)


class SuspensionState(StrEnum):
    """Where the suspension of a household is."""

    STANDING = "standing"
    APPEALED = "appealed"
    UPHELD = "upheld"
    LIFTED = "lifted"


SUSPENSION = Lifecycle(
    name="suspension",
    start=SuspensionState.STANDING,
    moves={
        "appeal": {SuspensionState.STANDING: SuspensionState.APPEALED},
        "uphold": {SuspensionState.APPEALED: SuspensionState.UPHELD},
        "grant": {SuspensionState.APPEALED: SuspensionState.LIFTED},
        "lift": {SuspensionState.STANDING: SuspensionState.LIFTED},
    },
)


class CashGiftState(StrEnum):
    """Where a promise of money is; confirmed means that the aggregator has it."""

    PROMISED = "promised"
    CONFIRMED = "confirmed"
    CANCELLED = "cancelled"


CASH_GIFT = Lifecycle(
    name="cash gift",
    start=CashGiftState.PROMISED,
    moves={
        # Money may come after all, and in several transfers.
        "confirm": {
            CashGiftState.PROMISED: CashGiftState.CONFIRMED,
            CashGiftState.CONFIRMED: CashGiftState.CONFIRMED,
            CashGiftState.CANCELLED: CashGiftState.CONFIRMED,
        },
        "cancel": {CashGiftState.PROMISED: CashGiftState.CANCELLED},
    },
)
