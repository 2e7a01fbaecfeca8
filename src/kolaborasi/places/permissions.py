"""Who may call which verb of this room."""

from __future__ import annotations

from kolaborasi.common.permissions import SIGNED_IN, SYSTEM, PermissionTable, role

# No place is given when asking, so only coordinators of the whole city pass.
_LOADERS = (SYSTEM, role("coordinator", in_place=True))

TABLE = PermissionTable(
    "places",
    {
        "load_areas": _LOADERS,
        "import_counts": _LOADERS,
        "load_jakarta": _LOADERS,
        "ensure_rw": (SYSTEM, SIGNED_IN),
        "ensure_rws": (SYSTEM, SIGNED_IN),
    },
)
