"""Who may call which verb of this room."""

from __future__ import annotations

from kolaborasi.common.permissions import ANYONE, SIGNED_IN, SYSTEM, PermissionTable, role

COORDINATOR = role("coordinator")
VERIFIER = role("verifier")

TABLE = PermissionTable(
    "people",
    {
        "register": (ANYONE,),
        "register_many": (ANYONE,),
        # A number can be registered once: a stranger could learn who is registered, or take somebody's number.
        "register_numbers": (SYSTEM, COORDINATOR, VERIFIER, role("rw_head")),
        "register_account": (SYSTEM, SIGNED_IN),
        "correct": (SYSTEM, COORDINATOR, VERIFIER),
        "request_code": (ANYONE,),
        "confirm_contact": (ANYONE,),
        "vouch_for_contact": (SYSTEM,),
        "look": (COORDINATOR, VERIFIER, role("courier"), role("rw_head")),
        # A programme asks its own table first whether the actor cares for the person.
        "look_for_care": (SYSTEM, SIGNED_IN),
        "look_at_many_for_care": (SYSTEM, SIGNED_IN),
        # A program compares, nobody sees.
        "look_to_match": (SYSTEM, COORDINATOR, VERIFIER, role("rw_head")),
        "erase": (SYSTEM, COORDINATOR),
        "rewrap": (SYSTEM,),
    },
)
