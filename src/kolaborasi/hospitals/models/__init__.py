"""Nouns of the hospitals room."""

from kolaborasi.hospitals.models.ambulances import Ambulance, AmbulanceRequest
from kolaborasi.hospitals.models.beds import BedPool, BedReport, ReportSource
from kolaborasi.hospitals.models.choices import (
    AgeGroupChoice,
    BedClassChoice,
    PcrState,
    ReferralSource,
    SeverityChoice,
)
from kolaborasi.hospitals.models.isolation import FollowUp, IsolationCase
from kolaborasi.hospitals.models.loads import BedLoad, HeldRow, RowOutcome
from kolaborasi.hospitals.models.oxygen import Cylinder, RefillLine, RefillRound
from kolaborasi.hospitals.models.referrals import BedMove, CancelReason, DeclineReason, Placement, Referral
from kolaborasi.hospitals.models.registry import (
    AgreedBeds,
    ConversionRequest,
    Hospital,
    HospitalClass,
    HospitalKind,
    HospitalName,
    NameInQuestion,
    NetworkPeriod,
    Ownership,
)

__all__ = [
    "AgeGroupChoice",
    "AgreedBeds",
    "Ambulance",
    "AmbulanceRequest",
    "BedClassChoice",
    "BedLoad",
    "BedMove",
    "BedPool",
    "BedReport",
    "CancelReason",
    "ConversionRequest",
    "Cylinder",
    "DeclineReason",
    "FollowUp",
    "HeldRow",
    "Hospital",
    "HospitalClass",
    "HospitalKind",
    "HospitalName",
    "IsolationCase",
    "NameInQuestion",
    "NetworkPeriod",
    "Ownership",
    "PcrState",
    "Placement",
    "Referral",
    "ReferralSource",
    "RefillLine",
    "RefillRound",
    "ReportSource",
    "RowOutcome",
    "SeverityChoice",
]
