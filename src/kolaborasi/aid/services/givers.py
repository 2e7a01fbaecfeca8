"""Who stands behind a pledge, so that nobody proves a delivery of their own."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from kolaborasi.aid.errors import SecondPersonNeeded
from kolaborasi.aid.models import Pledge
from kolaborasi.aid.permissions import TABLE
from kolaborasi.common.actors import Actor
from kolaborasi.partners.queries import actor_of
from kolaborasi.people.models import User

GIVING_ROLES = ("partner_admin", "partner_member", "courier")


def refuse_giver(pledge: Pledge, by: Actor) -> None:
    """Let nobody acknowledge what they or their partner promised.

    Raises:
        SecondPersonNeeded: the actor is the giver.
    """
    if _is_giver(pledge, by):
        raise SecondPersonNeeded


def refuse_own_code(pledge: Pledge, by: Actor, now: datetime) -> None:
    """Let no code prove a delivery whose giver can read that code: giver and receiving side are one.

    Raises:
        SecondPersonNeeded: they are.
    """
    need = pledge.need_line.need
    partner_id = need.institution.partner_id if need.institution else None
    here: dict[str, Any] = {"place_code": need.place.code, "partner_id": partner_id}
    reads_codes = TABLE.allows(by, "see_receipt_codes", **here)
    if (reads_codes and _is_giver(pledge, by)) or (
        pledge.partner_id is not None and pledge.partner_id == partner_id
    ):
        raise SecondPersonNeeded
    account = (
        User.objects.filter(person_id=pledge.person_id, is_active=True).first() if pledge.person_id else None
    )
    if account is not None and TABLE.allows(actor_of(account, now), "see_receipt_codes", **here):
        raise SecondPersonNeeded


def _is_giver(pledge: Pledge, by: Actor) -> bool:
    if pledge.partner_id is not None:
        return any(role.partner_id == pledge.partner_id for role in by.roles if role.name in GIVING_ROLES)
    if by.user_id is None or pledge.person_id is None:
        return False
    return User.objects.filter(pk=by.user_id, person_id=pledge.person_id).exists()
