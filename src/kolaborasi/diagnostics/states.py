"""Lifecycles of labs, orders, specimens, runs, results and plans."""

from __future__ import annotations

from enum import StrEnum

from kolaborasi.common.lifecycle import Lifecycle


class LabState(StrEnum):
    """Whether the network may send specimens to a lab."""

    REGISTERED = "registered"
    ACTIVE = "active"
    DOWN = "down"
    CLOSED = "closed"


LAB = Lifecycle(
    name="lab",
    start=LabState.REGISTERED,
    moves={
        "verify": {LabState.REGISTERED: LabState.ACTIVE},
        "go down": {LabState.ACTIVE: LabState.DOWN},
        "come back": {LabState.DOWN: LabState.ACTIVE},
        "close": {
            LabState.REGISTERED: LabState.CLOSED,
            LabState.ACTIVE: LabState.CLOSED,
            LabState.DOWN: LabState.CLOSED,
        },
    },
)


class OrderState(StrEnum):
    """Where an order is: it waits for a swab, or a specimen answers it."""

    REQUESTED = "requested"
    COLLECTED = "collected"
    CANCELLED = "cancelled"


ORDER = Lifecycle(
    name="order",
    start=OrderState.REQUESTED,
    moves={
        "collect": {OrderState.REQUESTED: OrderState.COLLECTED},
        "collect again": {OrderState.COLLECTED: OrderState.REQUESTED},
        "cancel": {OrderState.REQUESTED: OrderState.CANCELLED},
    },
)


class SpecimenState(StrEnum):
    """How far a specimen is; with it goes where it is."""

    COLLECTED = "collected"
    IN_TRANSIT = "in-transit"
    RECEIVED = "received"
    RUNNING = "running"
    RESULTED = "resulted"
    VALIDATED = "validated"
    NOTIFIED = "notified"
    DISCARDED = "discarded"


SPECIMEN = Lifecycle(
    name="specimen",
    start=SpecimenState.COLLECTED,
    moves={
        "pick up": {
            SpecimenState.COLLECTED: SpecimenState.IN_TRANSIT,
            SpecimenState.RECEIVED: SpecimenState.IN_TRANSIT,
        },
        "bring back": {SpecimenState.IN_TRANSIT: SpecimenState.COLLECTED},
        "receive": {
            SpecimenState.COLLECTED: SpecimenState.RECEIVED,
            SpecimenState.IN_TRANSIT: SpecimenState.RECEIVED,
        },
        "start run": {SpecimenState.RECEIVED: SpecimenState.RUNNING},
        "abort run": {SpecimenState.RUNNING: SpecimenState.RECEIVED},
        "result": {
            SpecimenState.RECEIVED: SpecimenState.RESULTED,
            SpecimenState.RUNNING: SpecimenState.RESULTED,
        },
        "repeat": {
            SpecimenState.RUNNING: SpecimenState.RECEIVED,
            SpecimenState.RESULTED: SpecimenState.RECEIVED,
        },
        "validate": {SpecimenState.RESULTED: SpecimenState.VALIDATED},
        "notify": {SpecimenState.VALIDATED: SpecimenState.NOTIFIED},
        "correct": {
            SpecimenState.VALIDATED: SpecimenState.RESULTED,
            SpecimenState.NOTIFIED: SpecimenState.RESULTED,
        },
        "discard": {
            SpecimenState.COLLECTED: SpecimenState.DISCARDED,
            SpecimenState.IN_TRANSIT: SpecimenState.DISCARDED,
            SpecimenState.RECEIVED: SpecimenState.DISCARDED,
        },
    },
)

AT_LAB = (
    SpecimenState.RECEIVED,
    SpecimenState.RUNNING,
    SpecimenState.RESULTED,
    SpecimenState.VALIDATED,
    SpecimenState.NOTIFIED,
)
"""States in which a lab holds the specimen."""

UNREAD = (
    SpecimenState.COLLECTED,
    SpecimenState.IN_TRANSIT,
    SpecimenState.RECEIVED,
    SpecimenState.RUNNING,
)
"""States without a result."""

READ = (SpecimenState.VALIDATED, SpecimenState.NOTIFIED)
"""States with a result that counts."""


class RunState(StrEnum):
    """Where a run of a machine is."""

    PLANNED = "planned"
    RUNNING = "running"
    READ = "read"
    FAILED = "failed"
    CANCELLED = "cancelled"


RUN = Lifecycle(
    name="run",
    start=RunState.PLANNED,
    moves={
        "start": {RunState.PLANNED: RunState.RUNNING},
        "read": {RunState.RUNNING: RunState.READ},
        "fail": {RunState.RUNNING: RunState.FAILED},
        "cancel": {RunState.PLANNED: RunState.CANCELLED},
    },
)


class ResultState(StrEnum):
    """Whether a result counts."""

    PROPOSED = "proposed"
    VALIDATED = "validated"
    SUPERSEDED = "superseded"
    REJECTED = "rejected"


RESULT = Lifecycle(
    name="result",
    start=ResultState.PROPOSED,
    moves={
        "validate": {ResultState.PROPOSED: ResultState.VALIDATED},
        "reject": {ResultState.PROPOSED: ResultState.REJECTED},
        "supersede": {ResultState.VALIDATED: ResultState.SUPERSEDED},
    },
)


class PlanState(StrEnum):
    """Whether a dispatch plan was decided."""

    PROPOSED = "proposed"
    APPROVED = "approved"
    REJECTED = "rejected"
    EXPIRED = "expired"


PLAN = Lifecycle(
    name="dispatch plan",
    start=PlanState.PROPOSED,
    moves={
        "approve": {PlanState.PROPOSED: PlanState.APPROVED},
        "reject": {PlanState.PROPOSED: PlanState.REJECTED},
        "expire": {PlanState.PROPOSED: PlanState.EXPIRED},
    },
)


class LineState(StrEnum):
    """What became of a line of a plan."""

    PROPOSED = "proposed"
    APPROVED = "approved"
    REFUSED = "refused"
    DROPPED = "dropped"
