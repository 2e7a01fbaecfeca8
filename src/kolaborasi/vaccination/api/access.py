"""What a caller may see: sessions they have a part in, stores they keep, people they care for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from ninja import Schema

from kolaborasi.common.actors import Actor
from kolaborasi.common.errors import NotFound, NotPermitted
from kolaborasi.common.http.writes import Written, acting, write_once
from kolaborasi.stock.models import Location
from kolaborasi.vaccination import queries
from kolaborasi.vaccination.models import Product, Recipient, Session, VaccineLot, Visit
from kolaborasi.vaccination.permissions import allows_any
from kolaborasi.vaccination.queries import work
from kolaborasi.vaccination.queries.people import recipient_by_id
from kolaborasi.vaccination.services.supply import session_partners

CARERS = ("coordinator", "verifier", "partner_admin", "partner_member")
Row = TypeVar("Row")


class NotThere(NotFound):
    """There is no such entry, or the caller may not see it."""

    code = "not-there"

    def __init__(self) -> None:
        super().__init__(_("There is no such entry among those you may see. Look for it in the list."))


def there(row: Row | None) -> Row:
    """The row.

    Raises:
        NotThere: it is None.
    """
    if row is None:
        raise NotThere
    return row


def require_carer(actor: Actor) -> None:
    """Do nothing for people who work for a partner, verify or coordinate.

    Raises:
        NotPermitted: none of these.
    """
    if not actor.has_role(*CARERS):
        raise NotPermitted


def own_session(pk: int, actor: Actor, verb: str = "check_in") -> Session:
    """A session the caller may do a verb in.

    Raises:
        NotThere: there is none.
        NotPermitted: it is somebody else's.
    """
    found = there(queries.session_by_id(pk))
    if not allows_any(actor, verb, place_code=found.site.place.code, partner_ids=session_partners(found)):
        raise NotPermitted
    return found


def own_visit(session_id: int, number: int, actor: Actor) -> Visit:
    """Somebody in the queue of such a session.

    Raises:
        NotThere, NotPermitted.
    """
    return there(queries.visit_by_number(own_session(session_id, actor), number))


def recipient_of(pk: UUID) -> Recipient:
    """A recipient.

    Raises:
        NotThere: there is none.
    """
    return there(recipient_by_id(pk))


def product_of(code: str) -> Product:
    """A product.

    Raises:
        NotThere: there is none.
    """
    return there(queries.products().filter(code=code).first())


def lot_of(pk: int) -> VaccineLot:
    """A lot.

    Raises:
        NotThere: there is none.
    """
    return there(work.lot_by_id(pk))


def location_of(pk: int) -> Location:
    """A place that keeps doses.

    Raises:
        NotThere: there is none.
    """
    return there(queries.location_by_id(pk))


def once(
    request: HttpRequest,
    payload: Schema | None,
    act: Callable[[Actor], Schema],
    *,
    status: int = 200,
    location: Callable[[Any], str] | None = None,
    needs_key: bool = False,
) -> HttpResponse:
    """Do an act of the caller once for each Idempotency-Key and answer what it made.

    Args:
        location: address of what was made.
    """
    actor = acting(request)

    def write() -> Written:
        body = act(actor)
        return Written(body, status, location(body) if location else "")

    return write_once(request, content=payload.dict() if payload else None, write=write, needs_key=needs_key)
