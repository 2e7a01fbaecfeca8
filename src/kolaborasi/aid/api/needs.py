"""Needs as JSON: list, read, register, verify, reject, withdraw, change."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from enum import StrEnum
from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from ninja import Query, Router, Schema
from pydantic import Field, StrictInt

from kolaborasi.aid import queries, services
from kolaborasi.aid.api.schemas import NeedOut, NeedPage
from kolaborasi.aid.labels import RejectReason, WithdrawReason
from kolaborasi.aid.models import Cause, Need, NeedLine
from kolaborasi.aid.permissions import TABLE
from kolaborasi.aid.rules import MOST_UNITS, LineWish
from kolaborasi.aid.states import NeedState
from kolaborasi.common.actors import Actor
from kolaborasi.common.clock import utc_now
from kolaborasi.common.errors import NotFound, NotPermitted
from kolaborasi.common.http.conditional import require_match
from kolaborasi.common.http.cursors import PageQuery, next_link, slice_of
from kolaborasi.common.http.examples import examples
from kolaborasi.common.http.writes import Written, acting, documented, write_once
from kolaborasi.places.api import CodeGiven, place_of_words
from kolaborasi.places.rules import Scheme

router = Router()


class NeedUnknown(NotFound):
    """There is no such need, or the caller may not see it."""

    code = "need-unknown"

    def __init__(self) -> None:
        super().__init__(_("There is no such need. It may have been met or withdrawn; look in the list."))


class InstitutionUnknown(NotFound):
    """The institution is none of the caller's, or it is closed."""

    code = "institution-unknown"

    def __init__(self) -> None:
        super().__init__(_("You act for no open institution with this number. Choose one of your own."))


class Sort(StrEnum):
    """Order of the list of needs."""

    NEWEST = "newest"
    MOST_NEEDED = "most-needed"


ORDERS = {
    Sort.NEWEST: ("-registered_at", "-pk"),
    Sort.MOST_NEEDED: ("-still_needed", "-pk"),
}


class NeedQuery(Schema):
    """Which needs."""

    state: NeedState = Field(
        NeedState.OPEN,
        description="The public sees open needs; the receiving side and verifiers all their own.",
    )
    within: str = Field("", max_length=17, description="Code of an area they lie in.")
    scheme: Scheme | None = Field(None, description="Scheme of `within`; needed with it.")
    item: str = Field("", max_length=40, description="Code of an item they ask for.")
    cause: Cause | None = None
    unmet: bool = Field(False, description="Only those that something can still be promised to.")
    sort: Sort = Sort.NEWEST


class LineIn(Schema):
    """One item that is needed."""

    model_config = examples({"item": "sembako", "quantity": 50, "needed_by_date": "2021-07-26"}, closed=True)

    item: str = Field(max_length=40, description="Code of an item.")
    quantity: int = Field(ge=1, le=MOST_UNITS, strict=True)
    needed_by_date: date


class NeedIn(Schema):
    """A need to register."""

    model_config = examples(
        {
            "place": {"scheme": "kemendagri", "code": "31.71.03.1001"},
            "cause": "isolation",
            "households": 50,
            "people": 200,
            "lines": [{"item": "sembako", "quantity": 50, "needed_by_date": "2021-07-26"}],
        },
        closed=True,
    )

    place: CodeGiven
    institution: StrictInt | None = Field(
        None, description="Site of the caller's partner, when it is for one."
    )
    cause: Cause
    households: int = Field(ge=0, le=MOST_UNITS, strict=True)
    people: int = Field(ge=0, le=MOST_UNITS, strict=True)
    lines: list[LineIn] = Field(max_length=50)


class RejectIn(Schema):
    """Why a need is not accepted: a choice, so that nobody is described in somebody's own words."""

    model_config = examples({"reason": "duplicate"}, closed=True)

    reason: RejectReason


class WithdrawIn(Schema):
    """Why a need is over."""

    model_config = examples({"reason": "helped-otherwise"}, closed=True)

    reason: WithdrawReason


class QuantityIn(Schema):
    """How much is needed now."""

    model_config = examples({"quantity": 60}, closed=True)

    quantity: int = Field(ge=1, le=MOST_UNITS, strict=True)


@router.get("/needs", response=NeedPage, summary="List needs")
def list_needs(
    request: HttpRequest, response: HttpResponse, asked: Query[NeedQuery], page: Query[PageQuery]
) -> dict[str, Any]:
    """Open needs for everybody; those in other states for their receiving side and verifiers."""
    actor = acting(request)
    found = _asked_for(queries.listed(_visible(asked.state, actor)), asked)
    part = slice_of(found, order=ORDERS[asked.sort], page=page, question=asked.dict())
    return {
        "items": [NeedOut.of(need, inside=_is_inside(need, actor)) for need in part.rows],
        "next": next_link(request, response, part.cursor),
    }


@router.get("/needs/{need_id}", response=NeedOut, summary="Read one need")
def get_need(request: HttpRequest, need_id: int) -> NeedOut:
    """A need with its lines and the three numbers; one that was never verified only for its own side."""
    return shown(need_id, acting(request))


@router.post(
    "/needs",
    response={201: NeedOut},
    summary="Register a need",
    openapi_extra=documented(verb="aid.register_need", needs_key=True),
)
def register_need(request: HttpRequest, payload: NeedIn) -> HttpResponse:
    """Register what a place or an institution needs; it is public once a verifier has seen it."""
    actor = acting(request)

    def write() -> Written:
        place = payload.place.place()
        need = services.register_need(
            place=place,
            cause=payload.cause,
            households=payload.households,
            people=payload.people,
            lines=[LineWish(line.item, line.quantity, line.needed_by_date) for line in payload.lines],
            institution=_institution(actor, payload.institution),
            population=queries.population_of(place),
            by=actor,
            now=utc_now(),
        )
        return Written(shown(need.pk, actor), 201, f"/api/v1/aid/needs/{need.pk}")

    return write_once(request, content=payload.dict(), write=write, needs_key=True)


@router.post(
    "/needs/{need_id}/verify",
    response=NeedOut,
    summary="Verify a need",
    openapi_extra=documented(verb="aid.verify_need", if_match=True),
)
def verify_need(request: HttpRequest, need_id: int) -> HttpResponse:
    """Say that the need was seen: from now on it is public and takes promises."""
    return _change(
        request, need_id, None, lambda need, actor: services.verify_need(need=need, by=actor, now=utc_now())
    )


@router.post(
    "/needs/{need_id}/reject",
    response=NeedOut,
    summary="Reject a need",
    openapi_extra=documented(verb="aid.reject_need", if_match=True),
)
def reject_need(request: HttpRequest, need_id: int, payload: RejectIn) -> HttpResponse:
    """Do not accept a need that waits for a verifier."""
    return _change(
        request,
        need_id,
        payload,
        lambda need, actor: services.reject_need(need=need, reason=payload.reason, by=actor, now=utc_now()),
    )


@router.post(
    "/needs/{need_id}/withdraw",
    response=NeedOut,
    summary="Withdraw a need",
    openapi_extra=documented(verb="aid.withdraw_need", if_match=True),
)
def withdraw_need(request: HttpRequest, need_id: int, payload: WithdrawIn) -> HttpResponse:
    """End a need; what is promised already may still be delivered."""
    return _change(
        request,
        need_id,
        payload,
        lambda need, actor: services.withdraw_need(need=need, reason=payload.reason, by=actor, now=utc_now()),
    )


@router.post(
    "/needs/{need_id}/lines/{line_id}/change",
    response=NeedOut,
    summary="Say anew how much is needed",
    openapi_extra=documented(verb="aid.change_need", if_match=True),
)
def change_line(request: HttpRequest, need_id: int, line_id: int, payload: QuantityIn) -> HttpResponse:
    """Change the quantity of a line; below what is promised nothing new can be promised."""

    def change(need: Need, actor: Actor) -> object:
        line = next((line for line in need.lines.all() if line.pk == line_id), None)
        if line is None:
            raise NeedUnknown
        return services.change_need(line=line, quantity=payload.quantity, by=actor, now=utc_now())

    return _change(request, need_id, payload, change)


def shown(need_id: int, actor: Actor) -> NeedOut:
    """A need as the actor sees it.

    Raises:
        NeedUnknown: there is none, or it was never verified and is none of the actor's.
    """
    need = seen(need_id, actor)
    return NeedOut.of(need, inside=_is_inside(need, actor))


def seen(need_id: int, actor: Actor) -> Need:
    """A need the actor may see, with its lines; what was public once stays so, for those who promised.

    Raises:
        NeedUnknown: there is none, or it was never verified and is none of the actor's.
    """
    need = queries.need(need_id)
    if need is None:
        raise NeedUnknown
    own = actor.user_id is not None and need.registered_by_id == actor.user_id
    if need.verified_at is None and not own and not _is_inside(need, actor):
        raise NeedUnknown
    return need


def line_asking(need: Need, item: str) -> NeedLine:
    """The line of a need for an item.

    Raises:
        NotFound: the need does not ask for it.
    """
    for line in need.lines.all():
        if line.item.code == item:
            return line
    raise NotFound(_("This need does not ask for that item. See its lines."), code="item-not-needed")


def _visible(state: NeedState, actor: Actor) -> QuerySet[Need]:
    if state == NeedState.OPEN:
        return queries.public_needs()
    if not actor.roles:
        raise NotPermitted
    return queries.needs().filter(queries.received_by(actor), state=state)


def _asked_for(found: QuerySet[Need], asked: NeedQuery) -> QuerySet[Need]:
    if asked.within:
        found = queries.within(found, place_of_words(asked.within, asked.scheme).code)
    if asked.item:
        found = queries.asking_for(found, asked.item)
    if asked.cause:
        found = found.filter(cause=asked.cause)
    return found.filter(Q(still_needed__gt=0)) if asked.unmet else found


def _is_inside(need: Need, actor: Actor) -> bool:
    partner_id = need.institution.partner_id if need.institution else None
    return TABLE.allows(actor, "withdraw_need", place_code=need.place.code, partner_id=partner_id)


def _institution(actor: Actor, site_id: int | None) -> Any:
    if site_id is None:
        return None
    for site in queries.institutions_of(actor):
        if site.pk == site_id:
            return site
    raise InstitutionUnknown


def _change(
    request: HttpRequest, need_id: int, payload: Schema | None, change: Callable[[Need, Actor], object]
) -> HttpResponse:
    actor = acting(request)

    def write() -> Written:
        if request.headers.get("If-Match"):
            queries.lock_need(need_id)
        require_match(request, lambda: shown(need_id, actor))
        change(seen(need_id, actor), actor)
        return Written(shown(need_id, actor))

    return write_once(request, content=payload.dict() if payload else None, write=write)
