"""Verbs of the hospitals room: one call, one transaction, one audit entry, one event."""

from kolaborasi.hospitals.services.ambulances import (
    add_ambulance,
    arrive,
    cancel_ambulance,
    dispatch_ambulance,
    give_back_ride,
    pick_up,
    request_ambulance,
)
from kolaborasi.hospitals.services.beds import Imported, ReportRow, import_reports, report_beds
from kolaborasi.hospitals.services.history import refresh_acceptance
from kolaborasi.hospitals.services.imports import BedImport, Review, confirm_name, dismiss_name, import_beds
from kolaborasi.hospitals.services.isolation import end_isolation, follow_up, open_isolation
from kolaborasi.hospitals.services.loading import load_hospitals
from kolaborasi.hospitals.services.offers import (
    accept,
    decline,
    expire_offers,
    offer,
    refer_and_offer,
    transfer,
    withdraw_offer,
)
from kolaborasi.hospitals.services.oxygen import (
    lose_cylinder,
    plan_refill,
    register_cylinders,
    return_cylinders,
    send_cylinders,
    use_cylinders,
)
from kolaborasi.hospitals.services.referrals import Request, cancel_referral, reassess, refer
from kolaborasi.hospitals.services.registry import (
    HospitalFacts,
    agree_beds,
    answer_conversion,
    ask_conversion,
    change_hospital,
    join_network,
    leave_network,
    pause_network,
    register_hospital,
    resume_network,
)
from kolaborasi.hospitals.services.stays import admit, depart, discharge, move_bed, record_death, turn_away

__all__ = [
    "BedImport",
    "HospitalFacts",
    "Imported",
    "ReportRow",
    "Request",
    "Review",
    "accept",
    "add_ambulance",
    "admit",
    "agree_beds",
    "answer_conversion",
    "arrive",
    "ask_conversion",
    "cancel_ambulance",
    "cancel_referral",
    "change_hospital",
    "confirm_name",
    "decline",
    "depart",
    "discharge",
    "dismiss_name",
    "dispatch_ambulance",
    "end_isolation",
    "expire_offers",
    "follow_up",
    "give_back_ride",
    "import_beds",
    "import_reports",
    "join_network",
    "leave_network",
    "load_hospitals",
    "lose_cylinder",
    "move_bed",
    "offer",
    "open_isolation",
    "pause_network",
    "pick_up",
    "plan_refill",
    "reassess",
    "record_death",
    "refer",
    "refer_and_offer",
    "refresh_acceptance",
    "register_cylinders",
    "register_hospital",
    "report_beds",
    "request_ambulance",
    "resume_network",
    "return_cylinders",
    "send_cylinders",
    "transfer",
    "turn_away",
    "use_cylinders",
    "withdraw_offer",
]
