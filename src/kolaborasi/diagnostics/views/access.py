"""What a request may see and do: sites, labs, orders, specimens, runs and results of the one who asks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from kolaborasi.common import clock
from kolaborasi.common.actors import Actor
from kolaborasi.common.errors import NotFound, NotPermitted, Refused
from kolaborasi.diagnostics import queries, services
from kolaborasi.diagnostics.errors import (
    BarcodeUnknown,
    BarcodeUsed,
    NeverReceived,
    NotABarcode,
    WrongLab,
)
from kolaborasi.diagnostics.models import Consignment, Lab, Order, Pool, Result, Run, Specimen
from kolaborasi.diagnostics.permissions import TABLE, may_discard
from kolaborasi.diagnostics.queries import work
from kolaborasi.diagnostics.queries.bench import pool_of
from kolaborasi.partners.models import Site


class ScanRefused(Refused):
    """A barcode that cannot be used here."""

    def __init__(self, error: Refused, field: str) -> None:
        super().__init__(error.message, code=error.code, details={**error.details, "field": field})


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


def may(actor: Actor, verb: str, site: Site) -> bool:
    """Whether the actor may do a verb at a site; its place must be loaded."""
    return TABLE.allows(actor, verb, place_code=site.place.code, partner_id=site.partner_id)


def own_site(request: HttpRequest, pk: int, verb: str = "order_test") -> Site:
    """A testing site the actor works at or coordinates.

    Raises:
        NotFound: there is none.
        NotPermitted: it is somebody else's.
    """
    site = work.testing_site(pk)
    if site is None:
        raise NotFound(_("Nobody is tested at this site. Choose one from the list."))
    if not may(actor_of(request), verb, site):
        raise NotPermitted
    return site


def own_lab(request: HttpRequest, pk: int, verb: str = "prepare_run") -> Lab:
    """A lab where the actor may do the verb.

    Raises:
        NotFound: there is none.
        NotPermitted: it is somebody else's.
    """
    lab = work.lab(pk)
    if lab is None:
        raise NotFound(_("There is no such lab. Look for it in the list of labs."))
    if not may(actor_of(request), verb, lab.site):
        raise NotPermitted
    return lab


def seen_order(request: HttpRequest, pk: int) -> Order:
    """An order of a site the actor works at or coordinates.

    Raises:
        NotFound: there is none, or it is somebody else's, which is not told apart.
    """
    order = queries.order(pk)
    if order is None or not may(actor_of(request), "order_test", order.site):
        raise NotFound(_("There is no such order at your site."))
    return order


def seen_specimen(request: HttpRequest, pk: int) -> Specimen:
    """A specimen that was taken at a site of the actor, is in their lab, or which they answer for on its way.

    Raises:
        NotFound: there is none, or it is somebody else's, which is not told apart.
    """
    specimen, actor = queries.specimens().filter(pk=pk).first(), actor_of(request)
    if specimen is not None:
        taken = may(actor, "order_test", specimen.site)
        held = specimen.lab is not None and may(actor, "receive", specimen.lab.site)
        if taken or held or may_discard(actor, specimen):
            return specimen
    raise NotFound(_("There is no such specimen among those you may see."))


def seen_manifest(request: HttpRequest, pk: int) -> Consignment:
    """A manifest of a courier's own, one that nobody carries yet, or any for a coordinator of its place.

    Raises:
        NotFound: there is none, or it is somebody else's, which is not told apart.
    """
    found, actor = queries.consignment(pk), actor_of(request)
    if found is not None:
        carries = actor.has_role("courier") and found.courier_id in (None, actor.user_id)
        coordinates = actor.has_role("coordinator", place_code=found.origin.place.code)
        if carries or coordinates or may(actor, "order_test", found.origin):
            return found
    raise NotFound(_("There is no such manifest among those you may see."))


def seen_run(request: HttpRequest, pk: int) -> Run:
    """A run of a lab the actor works at.

    Raises:
        NotFound: there is none, or it is another lab's, which is not told apart.
    """
    run = queries.run(pk)
    if run is None or not may(actor_of(request), "prepare_run", run.lab.site):
        raise NotFound(_("There is no such plate in your lab."))
    return run


def seen_pool(request: HttpRequest, pk: int) -> Pool:
    """A pool of a lab the actor works at.

    Raises:
        NotFound: there is none, or it is another lab's, which is not told apart.
    """
    pool = pool_of(pk)
    if pool is None or not may(actor_of(request), "dissolve_pool", pool.lab.site):
        raise NotFound(_("There is no such pool in your lab."))
    return pool


def seen_result(request: HttpRequest, pk: int) -> Result:
    """A result of a lab the actor works at.

    Raises:
        NotFound: there is none, or it is another lab's, which is not told apart.
    """
    result = queries.result(pk)
    if result is None or not may(actor_of(request), "validate_results", result.lab.site):
        raise NotFound(_("There is no such result in your lab."))
    return result


@contextmanager
def said_at(field: str) -> Iterator[None]:
    """Say a refusal of a scanned barcode at the field it was scanned into, so that nothing else typed is lost.

    Raises:
        ScanRefused: the barcode cannot be used, with the verb's own sentence.
    """
    try:
        yield
    except (NotABarcode, BarcodeUnknown, BarcodeUsed, NeverReceived, WrongLab) as error:
        raise ScanRefused(error, field) from None


def show_identity(request: HttpRequest, order: Order, *, back_url: str, title: Any) -> HttpResponse:
    """Name and contact of the person of an order on a page of its own; the look is on record.

    Raises:
        NotPermitted: neither who takes the swab nor who cares for the person.
    """
    known = services.see_person(order=order, by=actor_of(request), now=clock.utc_now())
    context = {"title": title, "known": known, "person": order.person, "back_url": back_url}
    return render(request, "diagnostics/identity.html", context)
