"""Who may call which verb: each room declares one table, everything else reads it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from importlib import import_module
from importlib.util import find_spec

from django.apps import apps

from kolaborasi.common.actors import Actor, ActorKind, Role
from kolaborasi.common.errors import NotPermitted


class Who(StrEnum):
    """Whom a grant is for, beside the holders of a role."""

    ANYONE = "anyone"
    SIGNED_IN = "signed-in"
    SYSTEM = "system"
    ROLE = "role"


@dataclass(frozen=True)
class Grant:
    """One way to be allowed a verb.

    Args:
        who: kind of actor.
        role: name of the role, for `Who.ROLE`.
        in_place: the role's area must cover the place of the subject.
        of_partner: the role must belong to the partner of the subject.
    """

    who: Who
    role: str = ""
    in_place: bool = False
    of_partner: bool = False

    def allows(self, actor: Actor, place_code: str | None, partner_id: int | None) -> bool:
        """Whether this grant lets the actor do it there.

        Without a place only roles for the whole city pass `in_place`; without a partner nobody passes `of_partner`.
        """
        if self.who == Who.ANYONE:
            return True
        if self.who == Who.SYSTEM:
            return actor.kind == ActorKind.SYSTEM
        if self.who == Who.SIGNED_IN:
            return actor.kind == ActorKind.USER
        return any(self._matches(role, place_code, partner_id) for role in actor.roles)

    def _matches(self, role: Role, place_code: str | None, partner_id: int | None) -> bool:
        if role.name != self.role:
            return False
        if self.in_place and not role.covers(place_code):
            return False
        return not self.of_partner or (partner_id is not None and role.partner_id == partner_id)

    def __str__(self) -> str:
        limits = [word for word, on in (("in place", self.in_place), ("of partner", self.of_partner)) if on]
        name = self.role if self.who == Who.ROLE else self.who.value
        return f"{name} ({', '.join(limits)})" if limits else name


ANYONE = Grant(Who.ANYONE)
SIGNED_IN = Grant(Who.SIGNED_IN)
SYSTEM = Grant(Who.SYSTEM)


def role(name: str, *, in_place: bool = False, of_partner: bool = False) -> Grant:
    """A grant to the holders of a role, limited to its area or its partner when asked."""
    return Grant(Who.ROLE, name, in_place=in_place, of_partner=of_partner)


class PermissionTable:
    """A room's verbs and who may call them. A verb that is not listed is allowed to nobody.

    Args:
        room: name of the room.
        grants: for each verb (a function of the room's `services`) the ways to be allowed it.
    """

    def __init__(self, room: str, grants: Mapping[str, tuple[Grant, ...]]) -> None:
        self.room = room
        self.grants = dict(grants)

    def allows(
        self, actor: Actor, verb: str, *, place_code: str | None = None, partner_id: int | None = None
    ) -> bool:
        """Whether the actor may call the verb on a subject of that place and partner.

        Raises:
            KeyError: the table does not list the verb, which is a mistake in the code.
        """
        return any(grant.allows(actor, place_code, partner_id) for grant in self.grants[verb])

    def require(
        self, actor: Actor, verb: str, *, place_code: str | None = None, partner_id: int | None = None
    ) -> None:
        """Do nothing when the actor may call the verb there.

        Raises:
            NotPermitted: they may not.
            KeyError: the table does not list the verb, which is a mistake in the code.
        """
        if not self.allows(actor, verb, place_code=place_code, partner_id=partner_id):
            raise NotPermitted

    def rows(self) -> list[tuple[str, str]]:
        """Verb and who may call it, in words; for the generated matrix."""
        return [(verb, ", ".join(str(grant) for grant in grants)) for verb, grants in self.grants.items()]

    def role_names(self) -> set[str]:
        """Every role word the table uses."""
        return {grant.role for grants in self.grants.values() for grant in grants if grant.who == Who.ROLE}


def tables() -> list[PermissionTable]:
    """The tables of all rooms, found as `TABLE` in each installed room's `permissions` module, by room name."""
    found = []
    for app in apps.get_app_configs():
        module = f"{app.name}.permissions"
        if app.name.startswith("kolaborasi.") and app.name != "kolaborasi.common" and find_spec(module):
            found.append(import_module(module).TABLE)
    return sorted(found, key=lambda table: table.room)
