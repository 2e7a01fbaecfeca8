"""Who acts: passed to every verb as `by=`."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class ActorKind(StrEnum):
    """How an actor is known."""

    USER = "user"
    VISITOR = "visitor"
    SYSTEM = "system"


@dataclass(frozen=True)
class Role:
    """What a membership lets a person be.

    Args:
        name: the role word, for example `verifier`.
        partner_id: the partner the person acts for.
        place_code: area the role is limited to (a code and all below it); None for everywhere.
    """

    name: str
    partner_id: int | None = None
    place_code: str | None = None

    def covers(self, place_code: str | None) -> bool:
        """Whether the role reaches a place: the area itself or anything below it."""
        if self.place_code is None:
            return True
        if place_code is None:
            return False
        below = place_code.startswith((f"{self.place_code}.", f"{self.place_code}/"))
        return place_code == self.place_code or below


@dataclass(frozen=True)
class Actor:
    """The one who acts, with the roles they hold at this moment.

    Args:
        kind: user, visitor or system.
        id: stable reference without personal data (`7`, `pledge-link`, `expiry`).
        roles: what the actor may be; empty for visitors.
    """

    kind: ActorKind
    id: str
    roles: tuple[Role, ...] = ()

    @classmethod
    def user(cls, user_id: int, roles: tuple[Role, ...] = ()) -> Actor:
        """A signed-in person."""
        return cls(ActorKind.USER, str(user_id), roles)

    @classmethod
    def visitor(cls, reference: str = "public") -> Actor:
        """Somebody who is not signed in; the reference names the way they came, never the person."""
        return cls(ActorKind.VISITOR, reference)

    @classmethod
    def system(cls, task: str) -> Actor:
        """A task of the platform itself."""
        return cls(ActorKind.SYSTEM, task)

    @property
    def reference(self) -> str:
        """How the audit names this actor, for example `user:7`."""
        return f"{self.kind}:{self.id}"

    @property
    def user_id(self) -> int | None:
        """Primary key of the account, None for visitors and the system."""
        return int(self.id) if self.kind == ActorKind.USER else None

    def has_role(self, *names: str, place_code: str | None = None, partner_id: int | None = None) -> bool:
        """Whether a role of one of these names reaches the place and the partner given."""
        return any(
            role.name in names
            and (place_code is None or role.covers(place_code))
            and (partner_id is None or role.partner_id == partner_id)
            for role in self.roles
        )
