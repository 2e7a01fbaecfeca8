"""Testing sites, slots, orders, bookings and rapid tests as JSON."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Schema
from pydantic import AwareDatetime, Field, StrictInt

from kolaborasi.common.actors import Actor
from kolaborasi.common.clock import utc_now
from kolaborasi.common.http.cursors import PageQuery, next_link, slice_of
from kolaborasi.common.http.examples import examples
from kolaborasi.common.http.writes import acting, documented
from kolaborasi.diagnostics import queries, services
from kolaborasi.diagnostics.api.access import (
    NotAmongYours,
    changed,
    made,
    may,
    own_site,
    seen_order,
    testing_site,
)
from kolaborasi.diagnostics.api.schemas.network import (
    SlotList,
    SlotOut,
    SlotPage,
    TestingSiteOut,
    TestingSitePage,
)
from kolaborasi.diagnostics.api.schemas.specimens import AT, AntigenOut, AntigenPage, OrderOut, OrderPage
from kolaborasi.diagnostics.models import Booking, Order, Priority, Reason
from kolaborasi.diagnostics.rules.assays import Outcome
from kolaborasi.diagnostics.services import Subject, Wish
from kolaborasi.diagnostics.states import OrderState
from kolaborasi.messages.models import Channel
from kolaborasi.people.rules import Sex
from kolaborasi.places.api import CodeGiven

router = Router()
OLDEST, NEWEST = dt.date(1900, 1, 1), dt.date(2100, 1, 1)
PLACE = {"scheme": "kemendagri", "code": "31.71.03.1001"}
CARD = {"name": "Warga Contoh", "birth_date": "1990-07-01", "sex": "female", "email": "warga@contoh.example"}


class SubjectIn(Schema):
    """Who is tested, as their card says; kept apart, encrypted, and in no answer."""

    model_config = examples(CARD, closed=True)

    name: str = Field(min_length=1, max_length=120)
    birth_date: dt.date = Field(ge=OLDEST, le=NEWEST)
    sex: Sex
    nik: str = Field("", max_length=20, description="Finds somebody who is known; empty for foreigners.")
    phone: str = Field("", max_length=30)
    email: str = Field("", max_length=120)

    def subject(self) -> Subject:
        """The plain values."""
        return Subject(**self.model_dump())


class WishIn(Schema):
    """What is ordered."""

    model_config = examples({"site": 41, "reason": "contact", "residence": PLACE}, closed=True)

    site: StrictInt
    reason: Reason
    priority: Priority = Priority.ROUTINE
    channel: Channel = Field(Channel.EMAIL, description="How the person wants to be told.")
    residence: CodeGiven | None = Field(None, description="Kelurahan or RW; not an address.")

    def wish(self, **more: Any) -> Wish:
        """The plain values.

        Raises:
            TestingSiteUnknown, UnknownArea.
        """
        return Wish(
            reason=self.reason,
            site=testing_site(self.site),
            priority=self.priority,
            channel=self.channel,
            residence=self.residence.place() if self.residence else None,
            **more,
        )


class TestOrderIn(Schema):
    """A test for somebody whose card was seen."""

    model_config = examples(
        {"subject": CARD, "wish": {"site": 41, "reason": "contact", "residence": PLACE}}, closed=True
    )

    subject: SubjectIn
    wish: WishIn
    confirms: StrictInt | None = Field(None, description="The rapid test that this PCR is to confirm.")


class OwnOrderIn(Schema):
    """A test for oneself; the card is checked at the site."""

    model_config = examples(
        {"birth_date": "1990-07-01", "sex": "female", "wish": {"site": 41, "reason": "contact"}}, closed=True
    )

    birth_date: dt.date = Field(ge=OLDEST, le=NEWEST)
    sex: Sex
    wish: WishIn


class SlotsIn(Schema):
    """Slots of equal length from one moment to another."""

    model_config = examples(
        {
            "starts_at": "2021-07-13T01:00:00Z",
            "ends_at": "2021-07-13T05:00:00Z",
            "minutes": 20,
            "places": 6,
        },
        closed=True,
    )

    starts_at: AwareDatetime
    ends_at: AwareDatetime
    minutes: int = Field(ge=5, le=1440, strict=True)
    places: int = Field(ge=0, le=10_000, strict=True)


class BookIn(Schema):
    """A slot to take."""

    model_config = examples({"slot": 7}, closed=True)

    slot: StrictInt


class RapidTestIn(Schema):
    """A rapid test that was done."""

    model_config = examples(
        {"subject": CARD, "site": 41, "brand": "Antigen Contoh", "outcome": "positive", "tested_at": AT},
        closed=True,
    )

    subject: SubjectIn
    site: StrictInt
    brand: str = Field(min_length=1, max_length=80)
    outcome: Outcome
    tested_at: AwareDatetime
    residence: CodeGiven | None = None


class SlotQuery(Schema):
    """Which slots."""

    site: int | None = Field(None, description="Only of this site.")


class OrderQuery(Schema):
    """Which orders."""

    site: int | None = Field(None, description="Of a site the caller works at; the caller's own when absent.")
    state: OrderState | None = None


class RapidTestQuery(Schema):
    """Which rapid tests."""

    site: int = Field(description="A site the caller works at.")


@router.get("/testing-sites", response=TestingSitePage, summary="List sites where people are tested")
def list_testing_sites(
    request: HttpRequest, response: HttpResponse, page: Query[PageQuery]
) -> dict[str, Any]:
    """Open sites of active partners."""
    part = slice_of(queries.testing_sites(), order=("name", "pk"), page=page)
    items = [TestingSiteOut.of(each) for each in part.rows]
    return {"items": items, "next": next_link(request, response, part.cursor)}


@router.get("/slots", response=SlotPage, summary="List free slots")
def list_test_slots(
    request: HttpRequest, response: HttpResponse, asked: Query[SlotQuery], page: Query[PageQuery]
) -> dict[str, Any]:
    """Slots that have not begun and have a place left, the soonest first."""
    site = testing_site(asked.site) if asked.site is not None else None
    found = queries.slots(utc_now(), site=site)
    part = slice_of(found, order=("starts_at", "pk"), page=page, question=asked.dict())
    items = [SlotOut.of(each) for each in part.rows]
    return {"items": items, "next": next_link(request, response, part.cursor)}


@router.post(
    "/testing-sites/{site_id}/slots",
    response={201: SlotList},
    summary="Open slots",
    openapi_extra=documented(verb="diagnostics.open_slots", needs_key=True),
)
def open_test_slots(request: HttpRequest, site_id: int, payload: SlotsIn) -> HttpResponse:
    """Slots that are there already get the new number of places."""

    def make(actor: Actor) -> tuple[SlotList, str]:
        slots = services.open_slots(site=testing_site(site_id), by=actor, now=utc_now(), **payload.dict())
        return SlotList(items=[SlotOut.of(each) for each in slots]), f"/slots?site={site_id}"

    return made(request, content=payload.dict(), make=make)


@router.get("/orders", response=OrderPage, summary="List test orders")
def list_test_orders(
    request: HttpRequest, response: HttpResponse, asked: Query[OrderQuery], page: Query[PageQuery]
) -> dict[str, Any]:
    """The caller's own orders, or those of a site they work at; the newest first."""
    actor = acting(request)
    if asked.site is None:
        found = queries.own_orders(actor)
    else:
        found = queries.orders().filter(site=own_site(asked.site, actor))
    if asked.state:
        found = found.filter(state=asked.state)
    part = slice_of(found, order=("-ordered_at", "-pk"), page=page, question=asked.dict())
    items = [OrderOut.of(each) for each in part.rows]
    return {"items": items, "next": next_link(request, response, part.cursor)}


@router.get("/orders/{order_id}", response=OrderOut, summary="Read one test order")
def get_test_order(request: HttpRequest, order_id: int) -> OrderOut:
    """An order of the caller's own or of their site."""
    return OrderOut.of(seen_order(order_id, acting(request)))


@router.post(
    "/orders",
    response={201: OrderOut},
    summary="Order a test for somebody whose card was seen",
    openapi_extra=documented(verb="diagnostics.order_test", needs_key=True),
)
def order_test(request: HttpRequest, payload: TestOrderIn) -> HttpResponse:
    """NIK, name, birth date and sex must belong together, and to the one known by the NIK."""

    def make(actor: Actor) -> tuple[OrderOut, str]:
        own_site(payload.wish.site, actor)
        confirmed = None
        if payload.confirms is not None:
            confirmed = queries.antigen_tests().filter(pk=payload.confirms, site=payload.wish.site).first()
            if confirmed is None:
                raise NotAmongYours
        order = services.order_test(
            subject=payload.subject.subject(),
            wish=payload.wish.wish(confirms=confirmed),
            by=actor,
            now=utc_now(),
        )
        return _shown(order), f"/orders/{order.pk}"

    return made(request, content=payload.dict(), make=make)


@router.post(
    "/own-orders",
    response={201: OrderOut},
    summary="Order a test for oneself",
    openapi_extra=documented(verb="diagnostics.order_own_test", needs_key=True),
)
def order_own_test(request: HttpRequest, payload: OwnOrderIn) -> HttpResponse:
    """The card is checked at the site."""

    def make(actor: Actor) -> tuple[OrderOut, str]:
        order = services.order_own_test(
            birth_date=payload.birth_date,
            sex=payload.sex,
            wish=payload.wish.wish(),
            by=actor,
            now=utc_now(),
        )
        return _shown(order), f"/orders/{order.pk}"

    return made(request, content=payload.dict(), make=make)


@router.post(
    "/orders/{order_id}/confirm-person",
    response=OrderOut,
    summary="Say that the card of somebody who ordered for themselves was seen",
    openapi_extra=documented(verb="diagnostics.confirm_person", if_match=True),
)
def confirm_person(request: HttpRequest, order_id: int, payload: SubjectIn) -> HttpResponse:
    """The order is of whom the card says."""
    return _change(
        request,
        order_id,
        payload,
        lambda order, actor: services.confirm_person(
            order=order, subject=payload.subject(), by=actor, now=utc_now()
        ),
    )


@router.post(
    "/orders/{order_id}/cancel",
    response=OrderOut,
    summary="Cancel a test order",
    openapi_extra=documented(verb="diagnostics.cancel_order", if_match=True),
)
def cancel_test_order(request: HttpRequest, order_id: int) -> HttpResponse:
    """A booked place is given back."""
    return _change(
        request,
        order_id,
        None,
        lambda order, actor: services.cancel_order(order=order, by=actor, now=utc_now()),
    )


@router.post(
    "/orders/{order_id}/book",
    response=OrderOut,
    summary="Book a slot",
    openapi_extra=documented(verb="diagnostics.book", if_match=True),
)
def book_slot(request: HttpRequest, order_id: int, payload: BookIn) -> HttpResponse:
    """The place booked before is given back."""

    def act(order: Order, actor: Actor) -> object:
        slot = queries.slot(payload.slot)
        if slot is None:
            raise NotAmongYours
        return services.book(order=order, slot=slot, by=actor, now=utc_now())

    return _change(request, order_id, payload, act)


@router.post(
    "/orders/{order_id}/cancel-booking",
    response=OrderOut,
    summary="Give a booked slot back",
    openapi_extra=documented(verb="diagnostics.cancel_booking", if_match=True),
)
def cancel_test_booking(request: HttpRequest, order_id: int) -> HttpResponse:
    """The order still waits for a swab."""

    def act(order: Order, actor: Actor) -> object:
        booking: Booking | None = next(iter(order.open_bookings), None)  # type: ignore[attr-defined]  # prefetched
        if booking is None:
            raise NotAmongYours
        return services.cancel_booking(booking=booking, by=actor, now=utc_now())

    return _change(request, order_id, None, act)


@router.get("/antigen-tests", response=AntigenPage, summary="List rapid tests of a site")
def list_antigen_tests(
    request: HttpRequest, response: HttpResponse, asked: Query[RapidTestQuery], page: Query[PageQuery]
) -> dict[str, Any]:
    """Counted apart from PCR; the newest first."""
    site = own_site(asked.site, acting(request), "record_antigen")
    found = queries.antigen_tests().filter(site=site)
    part = slice_of(found, order=("-tested_at", "-pk"), page=page, question=asked.dict())
    items = [AntigenOut.of(each) for each in part.rows]
    return {"items": items, "next": next_link(request, response, part.cursor)}


@router.post(
    "/antigen-tests",
    response={201: AntigenOut},
    summary="Record a rapid test",
    openapi_extra=documented(verb="diagnostics.record_antigen", needs_key=True),
)
def record_antigen(request: HttpRequest, payload: RapidTestIn) -> HttpResponse:
    """A positive one may be confirmed by an order with `confirms`."""

    def make(actor: Actor) -> tuple[AntigenOut, str]:
        test = services.record_antigen(
            subject=payload.subject.subject(),
            site=testing_site(payload.site),
            brand=payload.brand,
            outcome=payload.outcome,
            tested_at=payload.tested_at,
            residence=payload.residence.place() if payload.residence else None,
            by=actor,
            now=utc_now(),
        )
        return AntigenOut.of(test), ""

    return made(request, content=payload.dict(), make=make)


@router.post(
    "/antigen-tests/{test_id}/ask-for-pcr",
    response={201: OrderOut},
    summary="Order PCR for the person of a rapid test",
    openapi_extra=documented(verb="diagnostics.ask_for_pcr", needs_key=True),
)
def ask_for_pcr(request: HttpRequest, test_id: int) -> HttpResponse:
    """At the same site: who they are was confirmed then."""

    def make(actor: Actor) -> tuple[OrderOut, str]:
        test = queries.antigen_tests().filter(pk=test_id).first()
        if test is None or not may(actor, "ask_for_pcr", test.site):
            raise NotAmongYours
        order = services.ask_for_pcr(test=test, by=actor, now=utc_now())
        return _shown(order), f"/orders/{order.pk}"

    return made(request, content=None, make=make)


def _shown(order: Order) -> OrderOut:
    return OrderOut.of(queries.orders().get(pk=order.pk))


def _change(request: HttpRequest, order_id: int, payload: Schema | None, act: Any) -> HttpResponse:
    actor = acting(request)
    return changed(
        request,
        load=lambda: seen_order(order_id, actor),
        act=act,
        show=OrderOut.of,
        content=payload.dict() if payload else None,
    )
