"""Lifecycles of sessions, lots, visits, waiting, doses, adverse events, corrections and plan lines."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from kolaborasi.commitments.states import CommitmentState
from kolaborasi.common.lifecycle import Lifecycle


class SessionState(StrEnum):
    """Where a session is: planned, taking bookings and people, over, or called off."""

    PLANNED = "planned"
    OPEN = "open"
    CLOSED = "closed"
    CANCELLED = "cancelled"


SESSION = Lifecycle(
    name="session",
    start=SessionState.PLANNED,
    moves={
        "open": {SessionState.PLANNED: SessionState.OPEN},
        "close": {SessionState.OPEN: SessionState.CLOSED},
        "cancel": {
            SessionState.PLANNED: SessionState.CANCELLED,
            SessionState.OPEN: SessionState.CANCELLED,
        },
    },
)


class LotState(StrEnum):
    """Whether a lot may be given at all; a quarantine stops it at one place only."""

    RELEASED = "released"
    RECALLED = "recalled"


LOT = Lifecycle(
    name="lot",
    start=LotState.RELEASED,
    moves={"recall": {LotState.RELEASED: LotState.RECALLED}},
)


class VisitState(StrEnum):
    """Where somebody who came to a session is."""

    WAITING = "waiting"
    CALLED = "called"
    SCREENED = "screened"
    DONE = "done"
    LEFT = "left"


VISIT = Lifecycle(
    name="visit",
    start=VisitState.WAITING,
    moves={
        "call": {VisitState.WAITING: VisitState.CALLED},
        "screen": {
            VisitState.WAITING: VisitState.SCREENED,
            VisitState.CALLED: VisitState.SCREENED,
            VisitState.SCREENED: VisitState.SCREENED,
        },
        "finish": {
            VisitState.CALLED: VisitState.DONE,
            VisitState.SCREENED: VisitState.DONE,
        },
        "leave": {
            VisitState.WAITING: VisitState.LEFT,
            VisitState.CALLED: VisitState.LEFT,
            VisitState.SCREENED: VisitState.LEFT,
        },
    },
)


class WaitingState(StrEnum):
    """Where a wish on the waiting list is."""

    WAITING = "waiting"
    OFFERED = "offered"
    BOOKED = "booked"
    LEFT = "left"


WAITING = Lifecycle(
    name="waiting wish",
    start=WaitingState.WAITING,
    moves={
        "offer": {WaitingState.WAITING: WaitingState.OFFERED},
        "accept": {WaitingState.OFFERED: WaitingState.BOOKED},
        "lapse": {WaitingState.OFFERED: WaitingState.WAITING},
        "leave": {WaitingState.WAITING: WaitingState.LEFT, WaitingState.OFFERED: WaitingState.LEFT},
    },
)


class DoseState(StrEnum):
    """Whether a dose record stands; a wrong one is marked, never deleted."""

    GIVEN = "given"
    IN_ERROR = "entered-in-error"


DOSE = Lifecycle(
    name="dose",
    start=DoseState.GIVEN,
    moves={"void": {DoseState.GIVEN: DoseState.IN_ERROR}},
)


class AdverseState(StrEnum):
    """Where the follow-up of an adverse event is."""

    REPORTED = "reported"
    FOLLOWED = "followed"
    CLOSED = "closed"


ADVERSE = Lifecycle(
    name="adverse event",
    start=AdverseState.REPORTED,
    moves={
        "follow up": {
            AdverseState.REPORTED: AdverseState.FOLLOWED,
            AdverseState.FOLLOWED: AdverseState.FOLLOWED,
        },
        "close": {AdverseState.REPORTED: AdverseState.CLOSED, AdverseState.FOLLOWED: AdverseState.CLOSED},
    },
)


class CorrectionState(StrEnum):
    """Where a request to correct a record is."""

    OPEN = "open"
    RESOLVED = "resolved"
    REJECTED = "rejected"


CORRECTION = Lifecycle(
    name="correction",
    start=CorrectionState.OPEN,
    moves={
        "resolve": {CorrectionState.OPEN: CorrectionState.RESOLVED},
        "reject": {CorrectionState.OPEN: CorrectionState.REJECTED},
    },
)


class LineState(StrEnum):
    """Where a line of a supply plan is."""

    PROPOSED = "proposed"
    APPROVED = "approved"
    REJECTED = "rejected"
    REFUSED = "refused"


SUPPLY_LINE = Lifecycle(
    name="supply line",
    start=LineState.PROPOSED,
    moves={
        "approve": {LineState.PROPOSED: LineState.APPROVED, LineState.REFUSED: LineState.APPROVED},
        "reject": {LineState.PROPOSED: LineState.REJECTED, LineState.REFUSED: LineState.REJECTED},
        "refuse": {LineState.PROPOSED: LineState.REFUSED, LineState.REFUSED: LineState.REFUSED},
    },
)


class BookingStatus(StrEnum):
    """What a booking is called on pages; derived, never stored."""

    OFFERED = "offered"
    BOOKED = "booked"
    ARRIVED = "arrived"
    VACCINATED = "vaccinated"
    CANCELLED = "cancelled"
    NO_SHOW = "no-show"
    NOT_SERVED = "not-served"
    LAPSED = "lapsed"


@dataclass(frozen=True)
class BookingFacts:
    """What the status of a booking follows from."""

    state: str
    end_reason: str
    arrived: bool


ENDED_BECAUSE = {
    "no-show": BookingStatus.NO_SHOW,
    "no-dose": BookingStatus.NOT_SERVED,
}


def booking_status(booking: BookingFacts) -> BookingStatus:
    """The one word for where a booking is."""
    if booking.state == CommitmentState.RELEASED:
        return ENDED_BECAUSE.get(booking.end_reason, BookingStatus.CANCELLED)
    if booking.state == CommitmentState.CONFIRMED:
        return BookingStatus.ARRIVED if booking.arrived else BookingStatus.BOOKED
    return {
        CommitmentState.HELD: BookingStatus.OFFERED,
        CommitmentState.FULFILLED: BookingStatus.VACCINATED,
        CommitmentState.EXPIRED: BookingStatus.LAPSED,
    }[CommitmentState(booking.state)]
