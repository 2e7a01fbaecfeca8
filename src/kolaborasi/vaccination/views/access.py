"""What a request may see and do: sessions, stores and people of the one who asks."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import cast

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from kolaborasi.common.actors import Actor
from kolaborasi.common.errors import NotFound, NotPermitted
from kolaborasi.people import queries as people
from kolaborasi.places.models import Place
from kolaborasi.places.queries import places_of_kind
from kolaborasi.places.rules import Kind
from kolaborasi.vaccination import queries
from kolaborasi.vaccination.errors import NobodyKnown
from kolaborasi.vaccination.models import Recipient, Session, Visit
from kolaborasi.vaccination.permissions import allows_any
from kolaborasi.vaccination.queries.people import recipient_by_id
from kolaborasi.vaccination.services.supply import session_partners


def actor_of(request: HttpRequest) -> Actor:
    """The one who asks."""
    return cast(Actor, request.actor)  # type: ignore[attr-defined]


def require_role(actor: Actor, *names: str) -> None:
    """Refuse whoever has none of the roles.

    Raises:
        NotPermitted: they have none.
    """
    if not actor.has_role(*names):
        raise NotPermitted


def known_session(pk: int) -> Session:
    """A session.

    Raises:
        NotFound: there is none.
    """
    session = queries.session_by_id(pk)
    if session is None:
        raise NotFound(_("There is no such session. Look for it in the list of sessions."))
    return session


def acts_in(actor: Actor, session: Session, verb: str = "check_in") -> bool:
    """Whether the actor may do the verb in a session: people of its partners, and coordinators of its place."""
    return allows_any(actor, verb, place_code=session.site.place.code, partner_ids=session_partners(session))


def own_session(request: HttpRequest, pk: int, verb: str = "check_in") -> Session:
    """A session the actor has a part in or coordinates.

    Raises:
        NotFound: there is none.
        NotPermitted: it is somebody else's.
    """
    session = known_session(pk)
    if not acts_in(actor_of(request), session, verb):
        raise NotPermitted
    return session


def own_visit(request: HttpRequest, pk: int, number: int) -> Visit:
    """Somebody in the queue of a session the actor has a part in, by their number.

    Raises:
        NotFound: there is no such session or number.
        NotPermitted: it is somebody else's session.
    """
    session = own_session(request, pk)
    visit = queries.visit_by_number(session, number)
    if visit is None:
        raise NotFound(_("Nobody in this session has that number. Go back to the queue."))
    return visit


def known_recipient(paper: str) -> Recipient:
    """The recipient with a NIK or passport number, written with or without spaces.

    Raises:
        NobodyKnown: nobody has it.
    """
    bare = re.sub(r"[\s.-]", "", paper)
    person = people.find_by_nik(bare) or people.find_by_passport(bare)
    recipient = recipient_by_id(person) if person is not None else None
    if recipient is None:
        raise NobodyKnown
    return recipient


def kelurahan() -> Sequence[Place]:
    """All kelurahan by name, with their kecamatan."""
    return list(places_of_kind(Kind.KELURAHAN).select_related("parent").order_by("name", "code"))
