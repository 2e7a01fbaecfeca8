"""What a resident does as JSON: ask for a booking, the own record, bookings by their link, the waiting list."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Annotated

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from ninja import Router, Schema
from pydantic import AfterValidator, Field, StrictInt

from kolaborasi.common.actors import Actor
from kolaborasi.common.clock import utc_now
from kolaborasi.common.errors import NotPermitted, Refused
from kolaborasi.common.http.examples import examples
from kolaborasi.common.http.writes import acting, documented
from kolaborasi.common.names import LONGEST_NAME, plain_name
from kolaborasi.people.services import Identity
from kolaborasi.places.api import CodeGiven
from kolaborasi.vaccination import queries, services
from kolaborasi.vaccination.api.access import once, product_of, there
from kolaborasi.vaccination.api.schemas import BookedOut, BookingOut, DoneOut, RecipientOut, WishOut
from kolaborasi.vaccination.models import Booking, Recipient, Slot
from kolaborasi.vaccination.queries.residents import open_booking_of, wish_of
from kolaborasi.vaccination.rules import Channel
from kolaborasi.vaccination.services import Applicant

router = Router()
FIRST_DAY, LAST_DAY = datetime.date(1890, 1, 1), datetime.date(2100, 1, 1)
APPLICANT = {
    "name": "Warga Contoh",
    "passport": "CONTOH0001",
    "birth_date": "1990-05-17",
    "email": "warga@contoh.example",
    "residence": {"scheme": "kemendagri", "code": "31.71.03.1001"},
}


class NothingOnRecord(Refused):
    """The account's person is not known to the vaccination programme yet."""

    code = "nothing-on-record"

    def __init__(self) -> None:
        super().__init__(_("Nothing about you is on record yet. Ask for a booking with your number first."))


class ApplicantIn(Schema):
    """Who asks; the answer never says whether the number is known."""

    model_config = examples(APPLICANT, closed=True)

    name: Annotated[str, AfterValidator(plain_name)] = Field(min_length=1, max_length=LONGEST_NAME)
    birth_date: datetime.date = Field(ge=FIRST_DAY, le=LAST_DAY)
    nik: str = Field("", max_length=30)
    passport: str = Field("", max_length=30)
    phone: str = Field("", max_length=30)
    email: str = Field("", max_length=254)
    address: str = Field("", max_length=300, description="Where a home visit goes.")
    residence: CodeGiven | None = None

    def identity(self) -> Identity:
        """What they say of themselves."""
        return Identity(
            name=self.name,
            nik=self.nik,
            passport=self.passport,
            phone=self.phone,
            email=self.email,
            address=self.address,
        )

    def applicant(self) -> Applicant:
        """The one who asks, without an account."""
        place = self.residence.place() if self.residence else None
        return Applicant(self.identity(), self.birth_date, residence=place)


class AskIn(Schema):
    """A booking to ask for."""

    model_config = examples({"window": 31, "applicant": APPLICANT}, closed=True)

    window: StrictInt
    applicant: ApplicantIn


class AskToWaitIn(Schema):
    """A wish for the waiting list."""

    model_config = examples(
        {"place": {"scheme": "kemendagri", "code": "31.71.03.1001"}, "applicant": APPLICANT}, closed=True
    )

    place: CodeGiven
    product: str = Field("", max_length=30, description="Any product when absent.")
    applicant: ApplicantIn


class AskForCardIn(Schema):
    """Somebody who wants the link to their card."""

    model_config = examples(
        {"applicant": {"name": "Warga Contoh", "passport": "CONTOH0001", "birth_date": "1990-05-17"}},
        closed=True,
    )

    applicant: ApplicantIn


class OwnRecordOut(Schema):
    """What is on record of the account's person; null before the first booking."""

    model_config = examples({"record": None})

    record: RecipientOut | None


class BookIn(Schema):
    """A window of a session."""

    model_config = examples({"window": 31}, closed=True)

    window: StrictInt


class WaitIn(Schema):
    """An area to wait for a free time in."""

    model_config = examples({"place": {"scheme": "kemendagri", "code": "31.71.03.1001"}}, closed=True)

    place: CodeGiven
    product: str = Field("", max_length=30)


@router.post(
    "/requests",
    response={202: DoneOut},
    summary="Ask for a booking without an account",
    openapi_extra=documented(verb="vaccination.ask_to_book", needs_key=True),
)
def ask_to_book(request: HttpRequest, payload: AskIn) -> HttpResponse:
    """Held for an hour, until the link sent to the contact is followed. What became of it is told there only."""

    def act(actor: Actor) -> DoneOut:
        slot = _slot(payload.window)
        services.ask_to_book(applicant=payload.applicant.applicant(), slot=slot, by=actor, now=utc_now())
        return DoneOut()

    return once(request, payload, act, status=202, needs_key=True)


@router.post(
    "/waiting",
    response={202: DoneOut},
    summary="Ask for a place on the waiting list without an account",
    openapi_extra=documented(verb="vaccination.ask_to_wait", needs_key=True),
)
def ask_to_wait(request: HttpRequest, payload: AskToWaitIn) -> HttpResponse:
    """Offers go to the contact, in the order of asking."""

    def act(actor: Actor) -> DoneOut:
        services.ask_to_wait(
            applicant=payload.applicant.applicant(),
            place=payload.place.place(),
            product=product_of(payload.product) if payload.product else None,
            by=actor,
            now=utc_now(),
        )
        return DoneOut()

    return once(request, payload, act, status=202, needs_key=True)


@router.post(
    "/cards",
    response={202: DoneOut},
    summary="Ask for the link to one's card",
    openapi_extra=documented(verb="vaccination.ask_for_card", needs_key=True),
)
def ask_for_card(request: HttpRequest, payload: AskForCardIn) -> HttpResponse:
    """It goes to the contact on record."""

    def act(actor: Actor) -> DoneOut:
        services.ask_for_card(
            identity=payload.applicant.identity(),
            birth_date=payload.applicant.birth_date,
            by=actor,
            now=utc_now(),
        )
        return DoneOut()

    return once(request, payload, act, status=202, needs_key=True)


@router.get("/me", response=OwnRecordOut, summary="Read the own record")
def get_own_record(request: HttpRequest) -> OwnRecordOut:
    """Doses, what may come next, the booking and the place on the waiting list of the account's person."""
    user = acting(request).user_id
    if user is None:
        raise NotPermitted
    found = queries.recipient_of_account(user)
    return OwnRecordOut(record=RecipientOut.of(found, utc_now()) if found else None)


@router.post(
    "/me/bookings",
    response={201: BookedOut},
    summary="Book for oneself",
    openapi_extra=documented(verb="vaccination.book", needs_key=True),
)
def book_for_oneself(request: HttpRequest, payload: BookIn) -> HttpResponse:
    """A place in a window and a dose together."""

    def act(actor: Actor) -> BookedOut:
        recipient, now = _own(actor), utc_now()
        channel = Channel.RETURNING if queries.doses_of(recipient).exists() else Channel.BOOKING
        made = services.book(
            recipient=recipient, slot=_slot(payload.window), channel=channel, by=actor, now=now
        )
        return BookedOut(**BookingOut.of(_booking(made.token)).model_dump(), link=made.token)

    return once(request, payload, act, status=201, needs_key=True)


@router.post(
    "/me/booking/cancel",
    response=BookingOut,
    summary="Cancel the own booking",
    openapi_extra=documented(verb="vaccination.cancel_booking"),
)
def cancel_own_booking(request: HttpRequest) -> HttpResponse:
    """Slot and dose can be taken by others at once."""

    def act(actor: Actor) -> BookingOut:
        booking = there(open_booking_of(_own(actor)))
        return BookingOut.of(services.cancel_booking(booking=booking, by=actor, now=utc_now()))

    return once(request, None, act)


@router.post(
    "/me/waiting",
    response={201: WishOut},
    summary="Join the waiting list",
    openapi_extra=documented(verb="vaccination.join_waiting_list", needs_key=True),
)
def join_waiting_list(request: HttpRequest, payload: WaitIn) -> HttpResponse:
    """For the next free time in an area."""

    def act(actor: Actor) -> WishOut:
        wish = services.join_waiting_list(
            recipient=_own(actor),
            place=payload.place.place(),
            product=product_of(payload.product) if payload.product else None,
            by=actor,
            now=utc_now(),
        )
        return WishOut.of(wish, queries.waiting_position(wish))

    return once(request, payload, act, status=201, needs_key=True)


@router.post(
    "/me/waiting/leave",
    response=DoneOut,
    summary="Leave the waiting list",
    openapi_extra=documented(verb="vaccination.leave_waiting_list"),
)
def leave_waiting_list(request: HttpRequest) -> HttpResponse:
    """An offer that was not answered goes to the next one."""

    def act(actor: Actor) -> DoneOut:
        services.leave_waiting_list(wish=there(wish_of(_own(actor))), by=actor, now=utc_now())
        return DoneOut()

    return once(request, None, act)


@router.get("/bookings/{link}", response=BookingOut, summary="Read a booking by its link")
def get_booking(request: HttpRequest, link: str) -> BookingOut:
    """Who has the link may see and change the booking; nothing about the person is shown."""
    return BookingOut.of(_booking(link))


@router.post(
    "/bookings/{link}/confirm",
    response=BookingOut,
    summary="Confirm a booking, or take an offer",
    openapi_extra=documented(verb="vaccination.confirm_booking"),
)
def confirm_booking(request: HttpRequest, link: str) -> HttpResponse:
    """Before its time ends."""
    return _changed(
        request, link, lambda found, actor: services.confirm_booking(booking=found, by=actor, now=utc_now())
    )


@router.post(
    "/bookings/{link}/cancel",
    response=BookingOut,
    summary="Cancel a booking by its link",
    openapi_extra=documented(verb="vaccination.cancel_booking"),
)
def cancel_booking(request: HttpRequest, link: str) -> HttpResponse:
    """Slot and dose can be taken by others at once."""
    return _changed(
        request, link, lambda found, actor: services.cancel_booking(booking=found, by=actor, now=utc_now())
    )


@router.post(
    "/bookings/{link}/move",
    response=BookingOut,
    summary="Move a booking to another window",
    openapi_extra=documented(verb="vaccination.reschedule"),
)
def reschedule(request: HttpRequest, link: str, payload: BookIn) -> HttpResponse:
    """The old place stays until the new one is taken; the link stays the same."""
    return _changed(
        request,
        link,
        lambda found, actor: services.reschedule(
            booking=found, slot=_slot(payload.window), by=actor, now=utc_now()
        ),
        payload,
    )


def _own(actor: Actor) -> Recipient:
    if actor.user_id is None:
        raise NotPermitted
    found = queries.recipient_of_account(actor.user_id)
    if found is None:
        raise NothingOnRecord
    return found


def _slot(pk: int) -> Slot:
    return there(queries.window_by_id(pk))


def _booking(link: str) -> Booking:
    return queries.booking_by_link(link)


def _changed(
    request: HttpRequest,
    link: str,
    change: Callable[[Booking, Actor], object],
    payload: Schema | None = None,
) -> HttpResponse:
    def act(actor: Actor) -> BookingOut:
        change(_booking(link), actor)
        return BookingOut.of(_booking(link))

    return once(request, payload, act)
