"""Who may call which verb of this room."""

from __future__ import annotations

from kolaborasi.common.permissions import SYSTEM, PermissionTable, role

COORDINATOR = role("coordinator")

TABLE = PermissionTable(
    "allocation",
    {
        "propose": (SYSTEM, COORDINATOR),
        "propose_beds": (SYSTEM, COORDINATOR),
        "approve": (SYSTEM, COORDINATOR),
        "reject": (SYSTEM, COORDINATOR),
        "expire": (SYSTEM,),
        "see_plans": (SYSTEM, COORDINATOR, role("verifier"), role("auditor")),
    },
)
"""A plan reaches across the city, so a coordinator of any area may decide; the verb of each line asks again."""
