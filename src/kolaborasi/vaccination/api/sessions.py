"""Sessions as JSON: find, read, plan, open, change quotas, close, call off."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Schema
from pydantic import Field, StrictInt

from kolaborasi.common.actors import Actor
from kolaborasi.common.clock import utc_now
from kolaborasi.common.http.conditional import require_match
from kolaborasi.common.http.cursors import PageQuery, next_link, slice_of
from kolaborasi.common.http.examples import examples
from kolaborasi.common.http.writes import Written, acting, documented, write_once
from kolaborasi.partners.models import Partner
from kolaborasi.partners.queries import partner_by_id
from kolaborasi.places.api import CodeGiven
from kolaborasi.vaccination import queries, services
from kolaborasi.vaccination.api.access import NotThere, once, own_session, product_of, require_carer, there
from kolaborasi.vaccination.api.schemas import SessionOut, SessionPage, SessionWholeOut, WindowOut
from kolaborasi.vaccination.models import ChannelChoice, Session, SessionKind
from kolaborasi.vaccination.queries import work
from kolaborasi.vaccination.rules import Channel, Window
from kolaborasi.vaccination.services import Parts
from kolaborasi.vaccination.services.sessions import locked_session
from kolaborasi.vaccination.states import SessionState

router = Router()
MOST_PEOPLE = 10_000
FIRST_DAY, LAST_DAY = datetime.date(2000, 1, 1), datetime.date(2100, 1, 1)


class SessionQuery(Schema):
    """Which sessions."""

    within: str = Field(
        "", max_length=17, pattern=r"^[0-9./]*$", description="Kemendagri code of the area the site lies in."
    )
    product: str = Field("", max_length=30, pattern=r"^[a-z0-9-]*$")
    date: datetime.date | None = Field(None, ge=FIRST_DAY, le=LAST_DAY)
    kind: SessionKind | None = None


class OwnSessionQuery(Schema):
    """Which of the caller's sessions."""

    state: SessionState | None = None


class WindowIn(Schema):
    """A time window with the people each channel may send into it."""

    model_config = examples(
        {
            "starts_at": "2021-07-13T08:00:00+07:00",
            "ends_at": "2021-07-13T10:00:00+07:00",
            "quotas": {"booking": 20, "walk-in": 4},
        },
        closed=True,
    )

    starts_at: datetime.datetime
    ends_at: datetime.datetime
    quotas: dict[Channel, int] = Field(min_length=1)

    def window(self) -> Window:
        """The window as plain values."""
        return Window(self.starts_at, self.ends_at, self.quotas)


class PartsIn(Schema):
    """Which partner has which part; the site's own partner is its owner."""

    model_config = examples({"facility": 2, "vaccinator": 2, "stock_owner": 3}, closed=True)

    facility: StrictInt
    vaccinator: StrictInt
    stock_owner: StrictInt
    registrar: StrictInt | None = None
    sponsor: StrictInt | None = None


class SessionIn(Schema):
    """A session to plan."""

    model_config = examples(
        {
            "site": 5,
            "kind": "fixed",
            "product": "coronavac",
            "date": "2021-07-13",
            "parts": {"facility": 2, "vaccinator": 2, "stock_owner": 3},
            "windows": [
                {
                    "starts_at": "2021-07-13T08:00:00+07:00",
                    "ends_at": "2021-07-13T10:00:00+07:00",
                    "quotas": {"booking": 20},
                }
            ],
            "vaccinators": 2,
        },
        closed=True,
    )

    site: StrictInt
    kind: SessionKind
    product: str = Field(max_length=30)
    date: datetime.date = Field(ge=FIRST_DAY, le=LAST_DAY)
    parts: PartsIn
    windows: list[WindowIn] = Field(min_length=1, max_length=48)
    vaccinators: int = Field(ge=1, le=1_000, strict=True)
    minutes_per_dose: int = Field(5, ge=1, le=120, strict=True)
    residents_of: CodeGiven | None = Field(None, description="Only residents of this area may come.")


class ChangeQuotaIn(Schema):
    """Places of a channel in a window."""

    model_config = examples({"window": 31, "channel": "booking", "people": 25}, closed=True)

    window: StrictInt
    channel: ChannelChoice
    people: int = Field(ge=0, le=MOST_PEOPLE, strict=True)


class ChangeSessionIn(Schema):
    """How many people a session can take."""

    model_config = examples({"vaccinators": 3, "minutes_per_dose": 5}, closed=True)

    vaccinators: int = Field(ge=1, le=1_000, strict=True)
    minutes_per_dose: int = Field(ge=1, le=120, strict=True)


@router.get("/sessions", response=SessionPage, summary="List sessions that take people")
def list_sessions(
    request: HttpRequest, response: HttpResponse, asked: Query[SessionQuery], page: Query[PageQuery]
) -> dict[str, Any]:
    """Open sessions from today on with the places and doses that are left, soonest first."""
    found = queries.bookable_sessions(utc_now(), area=asked.within or None)
    if asked.product:
        found = found.filter(product__code=asked.product)
    if asked.date:
        found = found.filter(date=asked.date)
    if asked.kind:
        found = found.filter(kind=asked.kind)
    part = slice_of(found, order=("date", "pk"), page=page, question=asked.dict())
    items = [SessionOut.of(each) for each in part.rows]
    return {"items": items, "next": next_link(request, response, part.cursor)}


@router.get("/sessions/mine", response=SessionPage, summary="List the caller's sessions")
def list_own_sessions(
    request: HttpRequest, response: HttpResponse, asked: Query[OwnSessionQuery], page: Query[PageQuery]
) -> dict[str, Any]:
    """Sessions the caller's partners have a part in, or that the caller coordinates; the newest first."""
    actor = acting(request)
    require_carer(actor)
    found = work.sessions_for(actor)
    if asked.state:
        found = found.filter(state=asked.state)
    part = slice_of(found, order=("-date", "-pk"), page=page, question=asked.dict())
    items = [SessionOut.of(each) for each in part.rows]
    return {"items": items, "next": next_link(request, response, part.cursor)}


@router.get("/sessions/{session_id}", response=SessionWholeOut, summary="Read one session")
def get_session(request: HttpRequest, session_id: int) -> SessionWholeOut:
    """A session with its windows, quotas and partners. Planned ones are for those who make them."""
    found = there(queries.session_by_id(session_id))
    if found.state == SessionState.PLANNED and not acting(request).roles:
        raise NotThere
    return shown(session_id)


@router.post(
    "/sessions",
    response={201: SessionWholeOut},
    summary="Plan a session",
    openapi_extra=documented(verb="vaccination.plan_session", needs_key=True),
)
def plan_session(request: HttpRequest, payload: SessionIn) -> HttpResponse:
    """Nobody can book before it is opened."""

    def act(actor: Actor) -> SessionWholeOut:
        parts = payload.parts
        made = services.plan_session(
            site=there(work.open_sites().filter(pk=payload.site).first()),
            kind=payload.kind,
            product=product_of(payload.product),
            day=payload.date,
            parts=Parts(
                facility=_partner(parts.facility),
                vaccinator=_partner(parts.vaccinator),
                stock_owner=_partner(parts.stock_owner),
                registrar=_partner(parts.registrar) if parts.registrar else None,
                sponsor=_partner(parts.sponsor) if parts.sponsor else None,
            ),
            windows=[each.window() for each in payload.windows],
            vaccinators=payload.vaccinators,
            minutes_per_dose=payload.minutes_per_dose,
            residents_of=payload.residents_of.place() if payload.residents_of else None,
            by=actor,
            now=utc_now(),
        )
        return shown(made.pk)

    return once(
        request,
        payload,
        act,
        status=201,
        location=lambda made: f"/api/v1/vaccination/sessions/{made.id}",
        needs_key=True,
    )


@router.post(
    "/sessions/{session_id}/open",
    response=SessionWholeOut,
    summary="Open a session",
    openapi_extra=documented(verb="vaccination.open_session", if_match=True),
)
def open_session(request: HttpRequest, session_id: int) -> HttpResponse:
    """Let people book and come."""
    return _changed(
        request,
        session_id,
        None,
        lambda found, actor: services.open_session(session=found, by=actor, now=utc_now()),
    )


@router.post(
    "/sessions/{session_id}/quotas",
    response=SessionWholeOut,
    summary="Change the quota of a channel",
    openapi_extra=documented(verb="vaccination.change_quota", if_match=True),
)
def change_quota(request: HttpRequest, session_id: int, payload: ChangeQuotaIn) -> HttpResponse:
    """Below what is promised nothing new is promised."""

    def change(found: Session, actor: Actor) -> object:
        quotas = work.quotas_of(found).filter(slot=payload.window, channel=payload.channel)
        return services.change_quota(
            quota=there(quotas.first()), people=payload.people, by=actor, now=utc_now()
        )

    return _changed(request, session_id, payload, change)


@router.post(
    "/sessions/{session_id}/change",
    response=SessionWholeOut,
    summary="Change how many people a session can take",
    openapi_extra=documented(verb="vaccination.change_session", if_match=True),
)
def change_session(request: HttpRequest, session_id: int, payload: ChangeSessionIn) -> HttpResponse:
    """Bookings and quotas stay; another day, site or vaccine is another session."""
    return _changed(
        request,
        session_id,
        payload,
        lambda found, actor: services.change_session(
            session=found, **payload.dict(), by=actor, now=utc_now()
        ),
    )


@router.post(
    "/sessions/{session_id}/close",
    response=SessionWholeOut,
    summary="Close a session",
    openapi_extra=documented(verb="vaccination.close_session", if_match=True),
)
def close_session(request: HttpRequest, session_id: int) -> HttpResponse:
    """Every booking has an end and every dose a place, a person or a reason."""
    return _changed(
        request,
        session_id,
        None,
        lambda found, actor: services.close_session(session=found, by=actor, now=utc_now()),
    )


@router.post(
    "/sessions/{session_id}/cancel",
    response=SessionWholeOut,
    summary="Call a session off",
    openapi_extra=documented(verb="vaccination.cancel_session", if_match=True),
)
def cancel_session(request: HttpRequest, session_id: int) -> HttpResponse:
    """Every booking ends and its people are told; doses stay to be returned."""
    return _changed(
        request,
        session_id,
        None,
        lambda found, actor: services.cancel_session(session=found, by=actor, now=utc_now()),
    )


def shown(session_id: int) -> SessionWholeOut:
    """A session with its windows.

    Raises:
        NotThere: there is none.
    """
    session = there(queries.session_by_id(session_id))
    slots = session.slots.prefetch_related("quotas").order_by("starts_at", "pk")
    return SessionWholeOut(
        **SessionOut.of(session).model_dump(),
        location=session.location_id,
        facility=session.facility_id,
        vaccinator=session.vaccinator_id,
        stock_owner=session.stock_owner_id,
        registrar=session.registrar_id,
        sponsor=session.sponsor_id,
        windows=[WindowOut.of(slot) for slot in slots],
    )


def _partner(pk: int) -> Partner:
    return there(partner_by_id(pk))


def _changed(
    request: HttpRequest, session_id: int, payload: Schema | None, change: Callable[[Session, Actor], object]
) -> HttpResponse:
    actor = acting(request)

    def write() -> Written:
        found = own_session(session_id, actor)
        if request.headers.get("If-Match"):
            locked_session(found)
        require_match(request, lambda: shown(session_id))
        change(found, actor)
        return Written(shown(session_id))

    return write_once(request, content=payload.dict() if payload else None, write=write)
