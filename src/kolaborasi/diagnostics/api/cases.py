"""Notices of positive results, close contacts and catchments as JSON."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Schema
from pydantic import Field, StrictInt

from kolaborasi.common.actors import Actor
from kolaborasi.common.clock import utc_now
from kolaborasi.common.http.cursors import PageQuery, next_link, slice_of
from kolaborasi.common.http.examples import examples
from kolaborasi.common.http.writes import Written, acting, documented, write_once
from kolaborasi.diagnostics import queries, services
from kolaborasi.diagnostics.api.access import changed, made, seen_notice, testing_site
from kolaborasi.diagnostics.api.schemas.bench import ContactList, ContactOut, NoticeOut, NoticePage, ToldOut
from kolaborasi.diagnostics.api.schemas.network import TestingSiteOut
from kolaborasi.diagnostics.api.schemas.specimens import OrderOut
from kolaborasi.diagnostics.permissions import TABLE
from kolaborasi.messages.models import Channel
from kolaborasi.people.rules import Sex
from kolaborasi.people.services import Identity
from kolaborasi.places.api import CodeGiven

router = Router()


class ContactIn(Schema):
    """Somebody who was close to a person with a positive result."""

    model_config = examples(
        {"name": "Warga Contoh", "email": "warga@contoh.example", "channel": "email"}, closed=True
    )

    name: str = Field(min_length=1, max_length=120)
    phone: str = Field("", max_length=30)
    email: str = Field("", max_length=120)
    channel: Channel = Channel.EMAIL


class ContactOrderIn(Schema):
    """A contact takes the offered test."""

    model_config = examples(
        {"token": "kZ0l…", "birth_date": "1990-07-01", "sex": "female", "site": 41}, closed=True
    )

    token: str = Field(min_length=1, max_length=100, description="Last part of the link that was sent.")
    birth_date: dt.date = Field(ge=dt.date(1900, 1, 1), le=dt.date(2100, 1, 1))
    sex: Sex
    site: StrictInt


class CatchmentIn(Schema):
    """Areas a puskesmas looks after."""

    model_config = examples({"places": [{"scheme": "kemendagri", "code": "31.71.03"}]}, closed=True)

    places: list[CodeGiven] = Field(min_length=1, max_length=3000)


@router.get("/notices", response=NoticePage, summary="List notices of positive results")
def list_notices(
    request: HttpRequest, response: HttpResponse, page: Query[PageQuery], unheard: bool = False
) -> dict[str, Any]:
    """Those to the caller's puskesmas; with `unheard`, for coordinators, those nobody looks after."""
    actor = acting(request)
    if unheard:
        TABLE.require(actor, "tell_contacts")
        found = queries.unheard_notices()
    else:
        found = queries.notices_of(actor)
    part = slice_of(found, order=("-made_at", "-pk"), page=page, question={"unheard": unheard})
    items = [NoticeOut.of(each) for each in part.rows]
    return {"items": items, "next": next_link(request, response, part.cursor)}


@router.get("/notices/{notice_id}", response=NoticeOut, summary="Read one notice")
def get_notice(request: HttpRequest, notice_id: int) -> NoticeOut:
    """A notice to the caller's puskesmas."""
    return NoticeOut.of(seen_notice(notice_id, acting(request)))


@router.post(
    "/notices/{notice_id}/seen",
    response=NoticeOut,
    summary="Say that the puskesmas cares for the person",
    openapi_extra=documented(verb="diagnostics.see_notice", if_match=True),
)
def see_notice(request: HttpRequest, notice_id: int) -> HttpResponse:
    """Twice is once."""
    actor = acting(request)
    return changed(
        request,
        load=lambda: seen_notice(notice_id, actor),
        act=lambda notice, by: services.see_notice(notice=notice, by=by, now=utc_now()),
        show=NoticeOut.of,
    )


@router.get(
    "/notices/{notice_id}/contacts", response=ContactList, summary="List the close contacts of a case"
)
def list_contacts(request: HttpRequest, notice_id: int) -> ContactList:
    """Whether they were told and ordered a test."""
    found = queries.contacts_of(seen_notice(notice_id, acting(request)))
    return ContactList(items=[ContactOut.of(each) for each in found])


@router.post(
    "/notices/{notice_id}/contacts",
    response={201: ContactOut},
    summary="List a close contact",
    openapi_extra=documented(verb="diagnostics.list_contact", needs_key=True),
)
def list_contact(request: HttpRequest, notice_id: int, payload: ContactIn) -> HttpResponse:
    """Name and contact are kept apart, encrypted, and in no answer."""

    def make(actor: Actor) -> tuple[ContactOut, str]:
        identity = Identity(name=payload.name, phone=payload.phone, email=payload.email)
        contact = services.list_contact(
            notice=seen_notice(notice_id, actor),
            identity=identity,
            channel=payload.channel,
            by=actor,
            now=utc_now(),
        )
        return ContactOut.of(contact), f"/notices/{notice_id}/contacts"

    return made(request, content=payload.dict(), make=make)


@router.post(
    "/notices/{notice_id}/tell-contacts",
    response=ToldOut,
    summary="Tell the listed contacts and offer them a test",
    openapi_extra=documented(verb="diagnostics.tell_contacts"),
)
def tell_contacts(request: HttpRequest, notice_id: int) -> HttpResponse:
    """They are never told whom they were close to."""
    actor = acting(request)

    def write() -> Written:
        told = services.tell_contacts(notice=seen_notice(notice_id, actor), by=actor, now=utc_now())
        return Written(ToldOut(told=len(told)))

    return write_once(request, write=write)


@router.post(
    "/contact-orders",
    response={201: OrderOut},
    summary="Take the test offered to a close contact",
    openapi_extra=documented(verb="diagnostics.order_for_contact", needs_key=True),
)
def order_for_contact(request: HttpRequest, payload: ContactOrderIn) -> HttpResponse:
    """With the secret of the link that was sent."""

    def make(actor: Actor) -> tuple[OrderOut, str]:
        order = services.order_for_contact(
            token=payload.token,
            birth_date=payload.birth_date,
            sex=payload.sex,
            site=testing_site(payload.site),
            by=actor,
            now=utc_now(),
        )
        return OrderOut.of(queries.orders().get(pk=order.pk)), ""

    return made(request, content=payload.dict(), make=make)


@router.post(
    "/testing-sites/{site_id}/catchment",
    response=TestingSiteOut,
    summary="Say which areas a puskesmas looks after",
    openapi_extra=documented(verb="diagnostics.set_catchment"),
)
def set_catchment(request: HttpRequest, site_id: int, payload: CatchmentIn) -> HttpResponse:
    """An area has one, the last that was said."""
    actor = acting(request)

    def write() -> Written:
        site = testing_site(site_id)
        places = [each.place() for each in payload.places]
        services.set_catchment(site=site, places=places, by=actor, now=utc_now())
        return Written(TestingSiteOut.of(site))

    return write_once(request, content=payload.dict(), write=write)
