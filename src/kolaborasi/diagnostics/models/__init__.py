"""Nouns of the diagnostics programme."""

from kolaborasi.diagnostics.models.bench import Assay, Pool, PoolMember, Run, Well, WellContent
from kolaborasi.diagnostics.models.dispatch import Consignment, DispatchLine, DispatchPlan
from kolaborasi.diagnostics.models.labs import Lab, LabDay, LabKind, Machine, Shift
from kolaborasi.diagnostics.models.orders import (
    AntigenTest,
    Booking,
    Order,
    Priority,
    Reason,
    SexChoice,
    Slot,
)
from kolaborasi.diagnostics.models.results import (
    CaseNotice,
    Catchment,
    CloseContact,
    Ct,
    OutcomeChoice,
    Result,
    ResultLink,
)
from kolaborasi.diagnostics.models.specimens import (
    DiscardReason,
    EventKind,
    Label,
    Specimen,
    SpecimenEvent,
    SpecimenType,
)

__all__ = [
    "AntigenTest",
    "Assay",
    "Booking",
    "CaseNotice",
    "Catchment",
    "CloseContact",
    "Consignment",
    "Ct",
    "DiscardReason",
    "DispatchLine",
    "DispatchPlan",
    "EventKind",
    "Lab",
    "LabDay",
    "LabKind",
    "Label",
    "Machine",
    "Order",
    "OutcomeChoice",
    "Pool",
    "PoolMember",
    "Priority",
    "Reason",
    "Result",
    "ResultLink",
    "Run",
    "SexChoice",
    "Shift",
    "Slot",
    "Specimen",
    "SpecimenEvent",
    "SpecimenType",
    "Well",
    "WellContent",
]
