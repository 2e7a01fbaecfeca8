"""Who may call which verb of this room."""

from __future__ import annotations

from kolaborasi.common.permissions import SIGNED_IN, SYSTEM, PermissionTable, role
from kolaborasi.partners.states import RoleName

COORDINATOR = role(RoleName.COORDINATOR, in_place=True)
ADMIN = role(RoleName.PARTNER_ADMIN, of_partner=True)

TABLE = PermissionTable(
    "partners",
    {
        "apply": (SIGNED_IN,),
        "enrol": (SYSTEM, COORDINATOR),
        "activate": (SYSTEM, COORDINATOR),
        "decline": (COORDINATOR,),
        "pause": (ADMIN, COORDINATOR),
        "resume": (ADMIN, COORDINATOR),
        "freeze": (COORDINATOR,),
        "unfreeze": (SYSTEM, COORDINATOR),
        "leave": (ADMIN, COORDINATOR),
        "open_site": (SYSTEM, ADMIN, COORDINATOR),
        "close_site": (ADMIN, COORDINATOR),
        "appoint": (SYSTEM, ADMIN, COORDINATOR),
        "appoint_official": (SYSTEM, COORDINATOR),
        "dismiss": (SYSTEM, ADMIN, COORDINATOR),
        "dismiss_official": (SYSTEM, COORDINATOR),
        "agree": (SYSTEM, COORDINATOR),
    },
)
