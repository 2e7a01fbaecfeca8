"""Who may call which verb of this room."""

from __future__ import annotations

from kolaborasi.common.permissions import SYSTEM, PermissionTable, role

TABLE = PermissionTable(
    "exchange",
    {
        # A programme signs after asking its own table.
        "sign": (SYSTEM,),
        "sign_many": (SYSTEM,),
        "revoke": (SYSTEM,),
        "rotate_key": (SYSTEM, role("coordinator")),
    },
)
