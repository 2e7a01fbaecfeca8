"""The lifecycle of a partner, and which roles count in which state."""

from __future__ import annotations

import pytest

from kolaborasi.common.lifecycle import WrongState
from kolaborasi.partners.models import RoleChoice, StateChoice
from kolaborasi.partners.states import CITY_ROLES, PARTNER, ROLES_COUNT, STAFF_ROLES, PartnerState, RoleName

POSSIBLE = {
    "applied": {"activate": "active", "decline": "left"},
    "active": {"pause": "paused", "freeze": "frozen", "leave": "left"},
    "paused": {"resume": "active", "freeze": "frozen", "leave": "left"},
    "frozen": {"unfreeze": "active", "leave": "left"},
    "left": {},
}


@pytest.mark.parametrize("state", PartnerState)
def test_every_state_allows_exactly_its_events(state: PartnerState) -> None:
    found = {}
    for event in PARTNER.moves:
        try:
            found[event] = PARTNER.move(state, event).value
        except WrongState:
            continue
    assert found == POSSIBLE[state]


def test_only_left_is_final() -> None:
    assert PARTNER.final_states() == (PartnerState.LEFT,)


def test_staff_roles_are_all_but_rw_head_and_member() -> None:
    assert set(RoleName) - STAFF_ROLES == {RoleName.RW_HEAD, RoleName.PARTNER_MEMBER}


def test_frozen_partner_keeps_its_own_roles_and_no_role_of_the_city() -> None:
    assert ROLES_COUNT[PartnerState.FROZEN] == {
        RoleName.PARTNER_ADMIN,
        RoleName.PARTNER_MEMBER,
        RoleName.COURIER,
    }
    assert not ROLES_COUNT[PartnerState.FROZEN] & CITY_ROLES


def test_choices_for_people_are_the_states_and_roles() -> None:
    assert set(StateChoice.values) == set(PartnerState)
    assert set(RoleChoice.values) == set(RoleName)
