"""Lifecycles: a hospital's part in the network, a referral, the answer to an offer, ambulances, cylinders."""

from __future__ import annotations

from enum import StrEnum

from kolaborasi.common.lifecycle import Lifecycle


class NetworkState(StrEnum):
    """Whether a known hospital gives beds to the network."""

    OUTSIDE = "outside"
    JOINED = "joined"
    PAUSED = "paused"
    LEFT = "left"


NETWORK = Lifecycle(
    name="network membership",
    start=NetworkState.OUTSIDE,
    moves={
        "join": {NetworkState.OUTSIDE: NetworkState.JOINED, NetworkState.LEFT: NetworkState.JOINED},
        "pause": {NetworkState.JOINED: NetworkState.PAUSED},
        "resume": {NetworkState.PAUSED: NetworkState.JOINED},
        "leave": {NetworkState.JOINED: NetworkState.LEFT, NetworkState.PAUSED: NetworkState.LEFT},
    },
)


class ReferralState(StrEnum):
    """Where a referral is."""

    REQUESTED = "requested"
    OFFERED = "offered"
    ACCEPTED = "accepted"
    IN_TRANSIT = "in-transit"
    ADMITTED = "admitted"
    DISCHARGED = "discharged"
    DIED = "died"
    TRANSFERRED = "transferred"
    CANCELLED = "cancelled"


WAITING = (ReferralState.REQUESTED, ReferralState.OFFERED)
"""No hospital has said yes."""
OPEN = (*WAITING, ReferralState.ACCEPTED, ReferralState.IN_TRANSIT)
"""The patient is not in a bed yet; at most one such referral per patient."""
ACTIVE = (*OPEN, ReferralState.ADMITTED)

_BEFORE_ADMISSION = tuple(OPEN)

REFERRAL = Lifecycle(
    name="referral",
    start=ReferralState.REQUESTED,
    moves={
        "offer": {ReferralState.REQUESTED: ReferralState.OFFERED},
        "ask the next": {ReferralState.OFFERED: ReferralState.OFFERED},
        "accept": {ReferralState.OFFERED: ReferralState.ACCEPTED},
        "wait again": {
            ReferralState.OFFERED: ReferralState.REQUESTED,
            ReferralState.ACCEPTED: ReferralState.REQUESTED,
            ReferralState.IN_TRANSIT: ReferralState.REQUESTED,
        },
        "depart": {ReferralState.ACCEPTED: ReferralState.IN_TRANSIT},
        "admit": {
            ReferralState.ACCEPTED: ReferralState.ADMITTED,
            ReferralState.IN_TRANSIT: ReferralState.ADMITTED,
        },
        "discharge": {ReferralState.ADMITTED: ReferralState.DISCHARGED},
        "transfer": {ReferralState.ADMITTED: ReferralState.TRANSFERRED},
        "die": dict.fromkeys((*_BEFORE_ADMISSION, ReferralState.ADMITTED), ReferralState.DIED),
        "cancel": dict.fromkeys(_BEFORE_ADMISSION, ReferralState.CANCELLED),
    },
)


class Answer(StrEnum):
    """What a hospital said to an offer; a placement carries it."""

    PENDING = "pending"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    UNANSWERED = "unanswered"
    WITHDRAWN = "withdrawn"


ANSWER = Lifecycle(
    name="offer",
    start=Answer.PENDING,
    moves={
        "accept": {Answer.PENDING: Answer.ACCEPTED},
        "decline": {Answer.PENDING: Answer.DECLINED},
        "run out of time": {Answer.PENDING: Answer.UNANSWERED},
        "withdraw": {Answer.PENDING: Answer.WITHDRAWN},
    },
)


class IsolationState(StrEnum):
    """Where a home isolation is."""

    OPEN = "open"
    REFERRED = "referred"
    RECOVERED = "recovered"
    DIED = "died"
    STOPPED = "stopped"


ISOLATION = Lifecycle(
    name="isolation",
    start=IsolationState.OPEN,
    moves={
        "refer": {IsolationState.OPEN: IsolationState.REFERRED},
        "return home": {IsolationState.REFERRED: IsolationState.OPEN},
        "recover": {
            IsolationState.OPEN: IsolationState.RECOVERED,
            IsolationState.REFERRED: IsolationState.RECOVERED,
        },
        "die": {IsolationState.OPEN: IsolationState.DIED, IsolationState.REFERRED: IsolationState.DIED},
        "stop": {
            IsolationState.OPEN: IsolationState.STOPPED,
            IsolationState.REFERRED: IsolationState.STOPPED,
        },
    },
)


class RideState(StrEnum):
    """Where an ambulance request is."""

    REQUESTED = "requested"
    DISPATCHED = "dispatched"
    PICKED_UP = "picked-up"
    ARRIVED = "arrived"
    CANCELLED = "cancelled"


ACTIVE_RIDES = (RideState.REQUESTED, RideState.DISPATCHED, RideState.PICKED_UP)

RIDE = Lifecycle(
    name="ambulance request",
    start=RideState.REQUESTED,
    moves={
        "dispatch": {RideState.REQUESTED: RideState.DISPATCHED},
        "give back": {RideState.DISPATCHED: RideState.REQUESTED},
        "pick up": {RideState.DISPATCHED: RideState.PICKED_UP},
        "arrive": {RideState.PICKED_UP: RideState.ARRIVED},
        "cancel": {RideState.REQUESTED: RideState.CANCELLED, RideState.DISPATCHED: RideState.CANCELLED},
    },
)


class CylinderState(StrEnum):
    """What is in a cylinder, or where it is being filled."""

    FULL = "full"
    EMPTY = "empty"
    AT_FILLER = "at-filler"
    LOST = "lost"


CYLINDER = Lifecycle(
    name="oxygen cylinder",
    start=CylinderState.FULL,
    moves={
        "use": {CylinderState.FULL: CylinderState.EMPTY},
        "send": {CylinderState.EMPTY: CylinderState.AT_FILLER},
        "return": {CylinderState.AT_FILLER: CylinderState.FULL},
        "lose": dict.fromkeys(
            (CylinderState.FULL, CylinderState.EMPTY, CylinderState.AT_FILLER), CylinderState.LOST
        ),
    },
)


class ConversionState(StrEnum):
    """What became of the request that a hospital turn ordinary beds into network beds."""

    ASKED = "asked"
    AGREED = "agreed"
    DECLINED = "declined"


CONVERSION = Lifecycle(
    name="conversion request",
    start=ConversionState.ASKED,
    moves={
        "agree": {ConversionState.ASKED: ConversionState.AGREED},
        "decline": {ConversionState.ASKED: ConversionState.DECLINED},
    },
)
