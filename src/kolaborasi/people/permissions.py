"""Who may call which verb of this room."""

from __future__ import annotations

from kolaborasi.common.permissions import ANYONE, SIGNED_IN, SYSTEM, PermissionTable, role

COORDINATOR = role("coordinator")
VERIFIER = role("verifier")

TABLE = PermissionTable(
    "people",
    {
        "register": (ANYONE,),
        "register_account": (SYSTEM, SIGNED_IN),
        "correct": (SYSTEM, COORDINATOR, VERIFIER),
        "request_code": (ANYONE,),
        "confirm_contact": (ANYONE,),
        "vouch_for_contact": (SYSTEM,),
        "look": (COORDINATOR, VERIFIER, role("courier"), role("rw_head")),
        "erase": (SYSTEM, COORDINATOR),
        "rewrap": (SYSTEM,),
    },
)
