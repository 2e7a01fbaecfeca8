"""Lifecycle of a partner, the roles memberships give, and when a role counts."""

from __future__ import annotations

from enum import StrEnum

from kolaborasi.common.lifecycle import Lifecycle


class PartnerState(StrEnum):
    """How far a partner is with the city."""

    APPLIED = "applied"
    ACTIVE = "active"
    PAUSED = "paused"
    FROZEN = "frozen"
    LEFT = "left"


PARTNER = Lifecycle(
    name="partner",
    start=PartnerState.APPLIED,
    moves={
        "activate": {PartnerState.APPLIED: PartnerState.ACTIVE},
        "decline": {PartnerState.APPLIED: PartnerState.LEFT},
        "pause": {PartnerState.ACTIVE: PartnerState.PAUSED},
        "resume": {PartnerState.PAUSED: PartnerState.ACTIVE},
        "freeze": {PartnerState.ACTIVE: PartnerState.FROZEN, PartnerState.PAUSED: PartnerState.FROZEN},
        "unfreeze": {PartnerState.FROZEN: PartnerState.ACTIVE},
        "leave": {
            PartnerState.ACTIVE: PartnerState.LEFT,
            PartnerState.PAUSED: PartnerState.LEFT,
            PartnerState.FROZEN: PartnerState.LEFT,
        },
    },
)


class RoleName(StrEnum):
    """What a membership lets a person be."""

    COORDINATOR = "coordinator"
    VERIFIER = "verifier"
    AUDITOR = "auditor"
    RW_HEAD = "rw_head"
    PARTNER_ADMIN = "partner_admin"
    PARTNER_MEMBER = "partner_member"
    COURIER = "courier"


CITY_ROLES = frozenset({RoleName.COORDINATOR, RoleName.VERIFIER, RoleName.AUDITOR, RoleName.RW_HEAD})
"""Roles only a government partner gives."""

STAFF_ROLES = frozenset(RoleName) - {RoleName.RW_HEAD, RoleName.PARTNER_MEMBER}
"""Roles that need a second factor."""

ROLES_COUNT: dict[PartnerState, frozenset[RoleName]] = {
    PartnerState.APPLIED: frozenset(),
    PartnerState.ACTIVE: frozenset(RoleName),
    # What was promised before must still be handed over and recorded, so a partner's own people keep their roles.
    PartnerState.PAUSED: frozenset(RoleName) - CITY_ROLES,
    PartnerState.FROZEN: frozenset(RoleName) - CITY_ROLES,
    PartnerState.LEFT: frozenset(),
}
"""Which roles count while the partner is in a state."""
