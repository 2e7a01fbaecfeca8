"""What a caller may see and how a change is made: the same rows as on the pages, each change once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from ninja import Schema

from kolaborasi.common.actors import Actor
from kolaborasi.common.errors import NotFound, NotPermitted
from kolaborasi.common.http.conditional import require_match
from kolaborasi.common.http.writes import Written, acting, write_once
from kolaborasi.diagnostics import queries
from kolaborasi.diagnostics.models import (
    CaseNotice,
    Consignment,
    DispatchPlan,
    Lab,
    Order,
    Result,
    Run,
    Specimen,
)
from kolaborasi.diagnostics.permissions import TABLE, may_discard
from kolaborasi.diagnostics.queries import work
from kolaborasi.partners.models import Site

Row = TypeVar("Row", bound=Model)


class LabUnknown(NotFound):
    """There is no such lab."""

    code = "lab-unknown"

    def __init__(self) -> None:
        super().__init__(_("There is no such lab. Look for it in the list of labs."))


class TestingSiteUnknown(NotFound):
    """Nobody is tested there."""

    code = "testing-site-unknown"

    def __init__(self) -> None:
        super().__init__(_("Nobody is tested at this site. Choose one from the list."))


class NotAmongYours(NotFound):
    """There is no such thing, or it is somebody else's, which is not told apart."""

    code = "not-among-yours"

    def __init__(self) -> None:
        super().__init__(_("There is nothing with this number among what you may see."))


def may(actor: Actor, verb: str, site: Site) -> bool:
    """Whether the actor may do a verb at a site; its place must be loaded."""
    return TABLE.allows(actor, verb, place_code=site.place.code, partner_id=site.partner_id)


def lab_of(pk: int) -> Lab:
    """A lab; labs are public.

    Raises:
        LabUnknown.
    """
    found = work.lab(pk)
    if found is None:
        raise LabUnknown
    return found


def own_lab(pk: int, actor: Actor, verb: str = "prepare_run") -> Lab:
    """A lab where the actor may do a verb.

    Raises:
        LabUnknown, NotPermitted.
    """
    found = lab_of(pk)
    if not may(actor, verb, found.site):
        raise NotPermitted
    return found


def testing_site(pk: int) -> Site:
    """A site where people are tested; sites are public.

    Raises:
        TestingSiteUnknown.
    """
    found = work.testing_site(pk)
    if found is None:
        raise TestingSiteUnknown
    return found


def own_site(pk: int, actor: Actor, verb: str = "order_test") -> Site:
    """A testing site where the actor may do a verb.

    Raises:
        TestingSiteUnknown, NotPermitted.
    """
    found = testing_site(pk)
    if not may(actor, verb, found):
        raise NotPermitted
    return found


def seen_order(pk: int, actor: Actor) -> Order:
    """An order of the actor's own, or of a site they work at or coordinate.

    Raises:
        NotAmongYours.
    """
    found = queries.order(pk)
    if found is not None:
        person = queries.person_of(actor.user_id)
        own = person is not None and found.person_id == person.pk
        if own or may(actor, "order_test", found.site):
            return found
    raise NotAmongYours


def seen_specimen(barcode: str, actor: Actor) -> Specimen:
    """A specimen taken at a site of the actor, in their lab, or on their round.

    Raises:
        NotAmongYours.
    """
    found = queries.specimen(barcode)
    if found is not None:
        held = found.lab is not None and may(actor, "receive", found.lab.site)
        carried = found.consignment is not None and _carries(actor, found.consignment)
        if held or carried or may_discard(actor, found) or may(actor, "order_test", found.site):
            return found
    raise NotAmongYours


def seen_consignment(pk: int, actor: Actor) -> Consignment:
    """A manifest for a courier, or of the actor's site or lab.

    Raises:
        NotAmongYours.
    """
    found = queries.consignment(pk)
    if found is not None:
        ends = may(actor, "order_test", found.origin) or may(actor, "receive", found.lab.site)
        if ends or _carries(actor, found):
            return found
    raise NotAmongYours


def seen_plan(pk: int, actor: Actor) -> DispatchPlan:
    """A dispatch plan, for coordinators.

    Raises:
        NotPermitted, NotAmongYours.
    """
    TABLE.require(actor, "propose_dispatch")
    found = queries.plan(pk)
    if found is None:
        raise NotAmongYours
    return found


def seen_run(pk: int, actor: Actor) -> Run:
    """A run of the actor's lab.

    Raises:
        NotAmongYours.
    """
    found = queries.run(pk)
    if found is None or not may(actor, "prepare_run", found.lab.site):
        raise NotAmongYours
    return found


def seen_result(pk: int, actor: Actor) -> Result:
    """A result of the actor's lab.

    Raises:
        NotAmongYours.
    """
    found = queries.result(pk)
    if found is None or not may(actor, "validate_results", found.lab.site):
        raise NotAmongYours
    return found


def seen_notice(pk: int, actor: Actor) -> CaseNotice:
    """A notice to the actor's puskesmas, or of the place they coordinate.

    Raises:
        NotAmongYours.
    """
    found = queries.notice(pk)
    if found is not None:
        site = found.site
        place = site.place.code if site else None
        if TABLE.allows(
            actor, "list_contact", place_code=place, partner_id=site.partner_id if site else None
        ):
            return found
    raise NotAmongYours


def changed(
    request: HttpRequest,
    *,
    load: Callable[[], Row],
    act: Callable[[Row, Actor], Any],
    show: Callable[[Row], Schema],
    content: Any = None,
) -> HttpResponse:
    """Do a verb on a row once, unless If-Match names another version, and answer what the row is now."""
    actor = acting(request)

    def write() -> Written:
        found = load()
        if "If-Match" in request.headers:
            lock(found)
            require_match(request, lambda: show(load()))
        act(found, actor)
        return Written(show(load()))

    return write_once(request, content=content, write=write)


def made(request: HttpRequest, *, content: Any, make: Callable[[Actor], tuple[Schema, str]]) -> HttpResponse:
    """Make something once; the Idempotency-Key is needed.

    Args:
        make: calls the verb and answers the representation and its address below /api/v1/diagnostics.
    """
    actor = acting(request)

    def write() -> Written:
        body, address = make(actor)
        return Written(body, 201, f"/api/v1/diagnostics{address}" if address else "")

    return write_once(request, content=content, write=write, needs_key=True)


def lock(row: Model) -> None:
    """Lock a row until the transaction ends, so that its version stays the one compared."""
    type(row)._default_manager.select_for_update(no_key=True, of=("self",)).get(pk=row.pk)


def _carries(actor: Actor, found: Consignment) -> bool:
    coordinates = actor.has_role("coordinator", place_code=found.origin.place.code)
    return coordinates or (actor.has_role("courier") and found.courier_id in (None, actor.user_id))
