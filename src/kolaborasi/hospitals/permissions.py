"""Who may call which verb of this room."""

from __future__ import annotations

from kolaborasi.common.permissions import SYSTEM, PermissionTable, role

COORDINATOR = role("coordinator", in_place=True)
"""The dispatcher of an area or of the city."""
ADMIN = role("partner_admin", of_partner=True)
STAFF = (ADMIN, role("partner_member", of_partner=True))

TABLE = PermissionTable(
    "hospitals",
    {
        "register_hospital": (SYSTEM, COORDINATOR),
        "load_hospitals": (SYSTEM,),
        "change_hospital": (SYSTEM, COORDINATOR, ADMIN),
        "join_network": (SYSTEM, COORDINATOR),
        "pause_network": (COORDINATOR, ADMIN),
        "resume_network": (COORDINATOR, ADMIN),
        "leave_network": (COORDINATOR, ADMIN),
        "agree_beds": (SYSTEM, COORDINATOR),
        "ask_conversion": (SYSTEM, COORDINATOR),
        "answer_conversion": (COORDINATOR, ADMIN),
        "report_beds": (SYSTEM, COORDINATOR, *STAFF),
        "import_reports": (SYSTEM, COORDINATOR),
        "import_beds": (SYSTEM, COORDINATOR),
        "see_loads": (SYSTEM, COORDINATOR),
        "confirm_name": (SYSTEM, COORDINATOR),
        "dismiss_name": (SYSTEM, COORDINATOR),
        "refresh_acceptance": (SYSTEM,),
        "refer": (SYSTEM, COORDINATOR, *STAFF),
        "refer_and_offer": (SYSTEM, COORDINATOR),
        "offer": (SYSTEM, COORDINATOR),
        "transfer": (SYSTEM, COORDINATOR, *STAFF),
        "withdraw_offer": (COORDINATOR,),
        "accept": (COORDINATOR, *STAFF),
        "decline": (COORDINATOR, *STAFF),
        "expire_offers": (SYSTEM,),
        "reassess": (COORDINATOR, *STAFF),
        "depart": (COORDINATOR, *STAFF),
        "admit": (COORDINATOR, *STAFF),
        "turn_away": (COORDINATOR, *STAFF),
        "move_bed": (COORDINATOR, *STAFF),
        "discharge": (COORDINATOR, *STAFF),
        "record_death": (COORDINATOR, *STAFF),
        "cancel_referral": (COORDINATOR, *STAFF),
        "open_isolation": (SYSTEM, COORDINATOR, *STAFF),
        "follow_up": (COORDINATOR, *STAFF),
        "end_isolation": (COORDINATOR, *STAFF),
        "add_ambulance": (SYSTEM, COORDINATOR, ADMIN),
        "request_ambulance": (SYSTEM, COORDINATOR, *STAFF),
        "dispatch_ambulance": (COORDINATOR, *STAFF),
        "give_back_ride": (COORDINATOR, *STAFF),
        "pick_up": (COORDINATOR, *STAFF),
        "arrive": (COORDINATOR, *STAFF),
        "cancel_ambulance": (COORDINATOR, *STAFF),
        "register_cylinders": (SYSTEM, COORDINATOR, *STAFF),
        "use_cylinders": (COORDINATOR, *STAFF),
        "plan_refill": (SYSTEM, COORDINATOR),
        "send_cylinders": (COORDINATOR, *STAFF),
        "return_cylinders": (COORDINATOR, *STAFF),
        "lose_cylinder": (COORDINATOR, ADMIN),
        "see_patients": (COORDINATOR, *STAFF),
        "see_board": (SYSTEM, role("coordinator")),
    },
)
"""The partner of a verb is the one whose hospital, puskesmas or ambulance it concerns."""
