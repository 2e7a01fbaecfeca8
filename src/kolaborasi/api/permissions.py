"""Who may call which verb of this room."""

from __future__ import annotations

from kolaborasi.common.permissions import SIGNED_IN, SYSTEM, PermissionTable

TABLE = PermissionTable("api", {"issue_token": (SYSTEM, SIGNED_IN), "revoke_token": (SYSTEM, SIGNED_IN)})
"""Signed-in people issue and revoke the tokens of their own account only."""
