"""What a request may see: needs, pledges and the areas of the one who asks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, cast

from django.core.signing import BadSignature, Signer
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from kolaborasi.aid import queries
from kolaborasi.aid.models import Need, NeedLine, Pledge
from kolaborasi.aid.permissions import TABLE
from kolaborasi.aid.states import NeedState
from kolaborasi.common.actors import Actor
from kolaborasi.common.errors import NotFound, NotPermitted, Refused
from kolaborasi.people.models import Person


def actor_of(request: HttpRequest) -> Actor:
    """The one who asks."""
    return cast(Actor, request.actor)  # type: ignore[attr-defined]


def own_person(request: HttpRequest) -> Person | None:
    """The person of the account that is signed in."""
    return queries.person_of(actor_of(request).user_id)


def partner_ids(actor: Actor) -> set[int]:
    """Partners the actor may promise for."""
    names = ("partner_admin", "partner_member")
    return {role.partner_id for role in actor.roles if role.name in names and role.partner_id}


def require_role(actor: Actor, *names: str) -> None:
    """Refuse whoever has none of the roles.

    Raises:
        NotPermitted: they have none.
    """
    if not actor.has_role(*names):
        raise NotPermitted


def receives(actor: Actor, need: Need) -> bool:
    """Whether the actor is on the receiving side of a need."""
    return TABLE.allows(
        actor, "see_receipt_codes", place_code=need.place.code, partner_id=institution_of(need)
    )


def institution_of(need: Need) -> int | None:
    """The partner whose institution a need is for."""
    return need.institution.partner_id if need.institution else None


def visible_need(request: HttpRequest, pk: int) -> Need:
    """A need the visitor may see: public ones, and those of their own places.

    Raises:
        NotFound: there is none, or it waits for a check or was not accepted and is not theirs.
    """
    need = queries.need(pk)
    public = need is not None and (need.state == NeedState.OPEN or need.verified_at is not None)
    if need is None or not (public or receives(actor_of(request), need)):
        raise NotFound(_("There is no such need. Look for it in the list of open needs."))
    return need


def received_need(request: HttpRequest, pk: int) -> Need:
    """A need of the actor's own places and institutions.

    Raises:
        NotFound: there is no such need.
        NotPermitted: it is somebody else's.
    """
    need = visible_need(request, pk)
    if not receives(actor_of(request), need):
        raise NotPermitted
    return need


def line_of(need: Need, pk: int) -> NeedLine:
    """A line of a need.

    Raises:
        NotFound: the need has no such line.
    """
    line = queries.line(pk)
    if line is None or line.need_id != need.pk:
        raise NotFound(_("This need has no such item."))
    return line


@dataclass(frozen=True)
class Followed:
    """A pledge on the page of the one who made it.

    Args:
        address: of that page: by secret link, or by number for its account.
    """

    pledge: Pledge
    address: str

    def step(self, name: str) -> str:
        """Address of an act on it, for example `cancel`."""
        return f"{self.address}{name}/"


def followed(request: HttpRequest, *, token: str = "", pk: int = 0) -> Followed:
    """The pledge of a secret link, or one's own by its number.

    Raises:
        PledgeUnknown, NotFound: there is none, or it is somebody else's, which is not told apart.
    """
    if token:
        return Followed(queries.pledge_by_token(token), reverse("aid:follow", args=[token]))
    pledge = queries.pledge(pk)
    if pledge is None or not queries.owns(actor_of(request), pledge):
        raise NotFound(_("There is no such promise among yours."))
    return Followed(pledge, reverse("aid:own_pledge", args=[pk]))


def receipt_ticket(pledge: Pledge) -> str:
    """What the QR code of a pledge carries in its address: unguessable, and another one once the code is another."""
    return _signer(pledge).sign(str(pledge.pk))


def scanned(ticket: str) -> Pledge:
    """The pledge whose QR code was scanned.

    Raises:
        NotFound: no QR code of the receiving side says this; without one nobody may try codes.
    """
    number = ticket.partition(".")[0]
    pledge = (
        queries.pledge(int(number)) if number.isascii() and number.isdigit() and len(number) < 19 else None
    )
    try:
        if pledge is not None and _signer(pledge).unsign(ticket):
            return pledge
    except BadSignature:
        pass
    raise NotFound(_("This address is incomplete or too old. Let the recipient show you the QR code again."))


def _signer(pledge: Pledge) -> Signer:
    return Signer(salt=f"kolaborasi.aid.receipt.{pledge.receipt_code}", sep=".")


@contextmanager
def shown_at(fields: Mapping[Any, str]) -> Iterator[None]:
    """Let a refusal be shown at a field of the form.

    Args:
        fields: field by the refusal's code or by one of its faults.
    """
    try:
        yield
    except Refused as error:
        for key in (error.code, *error.details.get("faults", ())):
            if key in fields:
                error.details.setdefault("field", fields[key])
        raise
