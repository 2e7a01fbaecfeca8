"""The day of a session as JSON: who is booked, the queue, check-in, screening, doses, vials, lists."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from ninja import Query, Router, Schema
from pydantic import Field, StrictBool, StrictInt

from kolaborasi.common.actors import Actor
from kolaborasi.common.clock import utc_now
from kolaborasi.common.errors import Refused
from kolaborasi.common.http.cursors import PageQuery, next_link, slice_of
from kolaborasi.common.http.examples import examples
from kolaborasi.common.http.writes import acting, documented
from kolaborasi.people.services import Identity
from kolaborasi.vaccination import queries, services
from kolaborasi.vaccination.api.access import lot_of, once, own_session, own_visit, recipient_of, there
from kolaborasi.vaccination.api.schemas import (
    BookingOut,
    DoseList,
    DoseOut,
    SessionBookingOut,
    SessionBookingPage,
    VialList,
    VialOut,
    VisitList,
    VisitOut,
)
from kolaborasi.vaccination.facts import questions
from kolaborasi.vaccination.imports import ListFile, import_list
from kolaborasi.vaccination.list_files import MOST_LINES, ListLine
from kolaborasi.vaccination.models import Route, Visit
from kolaborasi.vaccination.queries import work
from kolaborasi.vaccination.rules import NO_SHOW_AFTER
from kolaborasi.vaccination.services import PaperDose

router = Router()
PERSON = "8e03978e-40d5-43dd-bc93-6894a57f9324"
NAMED = {
    "recipient": PERSON,
    "name": "Warga Contoh",
    "nik": "",
    "passport": "CONTOH0001",
    "address": "",
    "phone": "",
}


LOOKED_AT = ("name", "nik", "passport", "address", "phone")


class WhoCame(Refused):
    """Somebody came neither with the link of a booking nor as a known person, or with both."""

    code = "who-came"

    def __init__(self) -> None:
        super().__init__(_("Send either the link of a booking or the id of a person."))


class CheckInIn(Schema):
    """Who came: with the secret of a booking's link (its QR code), or as a known person."""

    model_config = examples({"recipient": PERSON}, {"link": "0tXc1y5S0q0x5Wk1JkQJzQ"}, closed=True)

    link: str = Field("", max_length=300)
    recipient: UUID | None = None


class ScreenIn(Schema):
    """Answers to the questions of the screening, all of them."""

    model_config = examples(
        {"answers": dict.fromkeys(("fever", "contact"), False)},
        closed=True,
    )

    answers: dict[str, StrictBool] = Field(max_length=50)


class GiveIn(Schema):
    """A dose given to the person with this number in the queue."""

    model_config = examples({"lot": 44, "route": "IM-LA", "entry": "a2f1c8"}, closed=True)

    lot: StrictInt
    route: Route = Route.LEFT_ARM
    vial: StrictInt | None = None
    given_at: datetime | None = Field(None, description="For entries made later, at most a day ago.")
    entry: str = Field("", max_length=80, description="Chosen by the device: sent again it is one dose.")


class PaperLine(Schema):
    """A dose as the paper has it."""

    model_config = examples({"recipient": PERSON, "lot": 44, "given_at": "2021-07-13T02:00:00Z"}, closed=True)

    recipient: UUID
    lot: StrictInt
    given_at: datetime
    route: Route = Route.LEFT_ARM


class PaperIn(Schema):
    """The doses a session wrote on paper."""

    model_config = examples(
        {"doses": [{"recipient": PERSON, "lot": 44, "given_at": "2021-07-13T02:00:00Z"}]}, closed=True
    )

    doses: list[PaperLine] = Field(min_length=1, max_length=500)


class OpenVialIn(Schema):
    """A vial to open."""

    model_config = examples({"lot": 44}, closed=True)

    lot: StrictInt


class ListedIn(Schema):
    """A person of a list."""

    model_config = examples(
        {"name": "Warga Contoh", "passport": "CONTOH0001", "birth_date": "1990-05-17"}, closed=True
    )

    name: str = Field(min_length=1, max_length=120)
    birth_date: date
    nik: str = Field("", max_length=30)
    passport: str = Field("", max_length=30)
    phone: str = Field("", max_length=30)
    rw: int = Field(0, ge=0, le=999, strict=True)


class ListIn(Schema):
    """The list of an RT, RW or employer."""

    model_config = examples(
        {"people": [{"name": "Warga Contoh", "passport": "CONTOH0001", "birth_date": "1990-05-17"}]},
        closed=True,
    )

    people: list[ListedIn] = Field(min_length=1, max_length=MOST_LINES)
    load_rest: StrictBool = Field(False, description="Book the sound lines although others are refused.")


class LineProblemOut(Schema):
    """A line that was refused."""

    model_config = examples({"line": 2, "column": "nik", "reason": "…"})

    line: int
    column: str
    reason: str


class ListOut(Schema):
    """What became of a list."""

    model_config = examples(
        {"loaded": False, "size": 12, "fine": 11, "problems": [{"line": 2, "column": "nik", "reason": "…"}]}
    )

    loaded: bool = Field(description="False: nobody was booked.")
    size: int
    fine: int = Field(description="Lines that were booked, or could be.")
    problems: list[LineProblemOut]


class NoShowsIn(Schema):
    """How long after their window people no longer count as late."""

    model_config = examples({"after_minutes": 60}, closed=True)

    after_minutes: int = Field(NO_SHOW_AFTER.seconds // 60, ge=0, le=1_440, strict=True)


class CountOut(Schema):
    """How many it was."""

    model_config = examples({"count": 3})

    count: int


class IdentityOut(Schema):
    """Who somebody is, for those who receive them; each look is on record."""

    model_config = examples(NAMED)

    recipient: UUID
    name: str
    nik: str
    passport: str
    address: str = Field(description="For home visits only.")
    phone: str = Field(description="For home visits only.")


class IdentityList(Schema):
    """Who is in the queue."""

    model_config = examples({"items": [NAMED]})

    items: list[IdentityOut]


class QuestionOut(Schema):
    """A question of the screening."""

    model_config = examples({"code": "fever", "effect": "defer", "text": "Fever of 37.5 °C or more today?"})

    code: str
    effect: str = Field(description="What a yes means: defer, exclude or longer.")
    text: str


class QuestionList(Schema):
    """The questions of the screening in the order they are asked."""

    model_config = examples({"items": [{"code": "fever", "effect": "defer", "text": "…"}]})

    items: list[QuestionOut]


@router.get("/screening", response=QuestionList, summary="Read the questions of the screening")
def list_screening_questions(request: HttpRequest) -> QuestionList:
    """In the language of the request."""
    return QuestionList(
        items=[QuestionOut(code=each.code, effect=each.effect, text=each.text) for each in questions()]
    )


@router.get("/sessions/{session_id}/bookings", response=SessionBookingPage, summary="List who is booked")
def list_session_bookings(
    request: HttpRequest, response: HttpResponse, session_id: int, page: Query[PageQuery]
) -> dict[str, Any]:
    """Bookings of a session by window."""
    found = queries.bookings_of_session(own_session(session_id, acting(request)))
    order = ("quota__slot__starts_at", "pk")
    part = slice_of(found, order=order, page=page, question={"session": session_id})
    items = [
        SessionBookingOut(**BookingOut.of(each).model_dump(), recipient=each.recipient_id)
        for each in part.rows
    ]
    return {"items": items, "next": next_link(request, response, part.cursor)}


@router.get("/sessions/{session_id}/queue", response=VisitList, summary="Read the queue of a session")
def get_queue(request: HttpRequest, session_id: int) -> VisitList:
    """Who is in the queue, by number."""
    found = queries.queue_of(own_session(session_id, acting(request)))
    return VisitList(items=[VisitOut.of(each) for each in found])


@router.get("/sessions/{session_id}/vials", response=VialList, summary="List opened vials of a session")
def list_open_vials(request: HttpRequest, session_id: int) -> VialList:
    """The one to discard first first."""
    found = work.open_vials(own_session(session_id, acting(request)))
    return VialList(items=[VialOut.of(each) for each in found])


@router.get("/sessions/{session_id}/observed", response=DoseList, summary="List who is still watched")
def list_observed(request: HttpRequest, session_id: int) -> DoseList:
    """The first to go home first."""
    found = work.observed_in(own_session(session_id, acting(request))).select_related("product")
    return DoseList(items=[DoseOut.of(each) for each in found])


@router.post(
    "/sessions/{session_id}/identities",
    response=IdentityList,
    summary="Look at the names of who is booked or in the queue",
    openapi_extra=documented(verb="vaccination.see_recipients"),
)
def see_queue_names(request: HttpRequest, session_id: int) -> HttpResponse:
    """A write, because each look is on record."""

    def act(actor: Actor) -> IdentityList:
        session = own_session(session_id, actor)
        people = queries.expected_in(session)
        seen = services.see_recipients(session=session, recipients=people, by=actor, now=utc_now())
        return IdentityList(
            items=[
                IdentityOut(recipient=pk, **{name: values.get(name, "") for name in LOOKED_AT})
                for pk, values in seen.items()
            ]
        )

    return once(request, None, act)


@router.post(
    "/sessions/{session_id}/check-ins",
    response={201: VisitOut},
    summary="Check somebody in",
    openapi_extra=documented(verb="vaccination.check_in"),
)
def check_in(request: HttpRequest, session_id: int, payload: CheckInIn) -> HttpResponse:
    """A number in the queue, with a booking or as a walk-in."""

    def act(actor: Actor) -> VisitOut:
        if bool(payload.link) == (payload.recipient is not None):
            raise WhoCame
        session = own_session(session_id, actor)
        visit = services.check_in(
            session=session,
            booking=queries.booking_by_link(payload.link) if payload.link else None,
            recipient=recipient_of(payload.recipient) if payload.recipient else None,
            by=actor,
            now=utc_now(),
        )
        return VisitOut.of(visit)

    return once(request, payload, act, status=201)


@router.post(
    "/sessions/{session_id}/call",
    response=VisitList,
    summary="Call the next one",
    openapi_extra=documented(verb="vaccination.call_next"),
)
def call_next(request: HttpRequest, session_id: int) -> HttpResponse:
    """Whose turn it is; an empty list when nobody waits."""

    def act(actor: Actor) -> VisitList:
        called = services.call_next(session=own_session(session_id, actor), by=actor, now=utc_now())
        return VisitList(items=[VisitOut.of(called)] if called else [])

    return once(request, None, act)


@router.post(
    "/sessions/{session_id}/queue/{number}/screening",
    response=VisitOut,
    summary="Keep the answers of the screening",
    openapi_extra=documented(verb="vaccination.screen"),
)
def screen_visit(request: HttpRequest, session_id: int, number: int, payload: ScreenIn) -> HttpResponse:
    """Somebody who is not fit leaves the queue, and their slot and dose go back."""

    def act(actor: Actor) -> VisitOut:
        visit = own_visit(session_id, number, actor)
        services.screen(visit=visit, answers=payload.answers, by=actor, now=utc_now())
        return VisitOut.of(_again(visit))

    return once(request, payload, act)


@router.post(
    "/sessions/{session_id}/queue/{number}/leave",
    response=VisitOut,
    summary="Say that somebody went away without a dose",
    openapi_extra=documented(verb="vaccination.leave_queue"),
)
def leave_queue(request: HttpRequest, session_id: int, number: int) -> HttpResponse:
    """Their slot and dose go back."""

    def act(actor: Actor) -> VisitOut:
        visit = own_visit(session_id, number, actor)
        services.leave_queue(visit=visit, by=actor, now=utc_now())
        return VisitOut.of(_again(visit))

    return once(request, None, act)


@router.post(
    "/sessions/{session_id}/queue/{number}/dose",
    response={201: VisitOut},
    summary="Record a dose",
    openapi_extra=documented(verb="vaccination.give_dose"),
)
def give_dose(request: HttpRequest, session_id: int, number: int, payload: GiveIn) -> HttpResponse:
    """One unit of its lot moves to the person; the same entry sent again is one dose."""

    def act(actor: Actor) -> VisitOut:
        visit = own_visit(session_id, number, actor)
        vial = there(work.vial_of_session(visit.session, payload.vial)) if payload.vial else None
        dose = services.give_dose(
            visit=visit,
            lot=lot_of(payload.lot),
            vial=vial,
            route=payload.route,
            given_at=payload.given_at,
            entry_key=payload.entry,
            by=actor,
            now=utc_now(),
        )
        return VisitOut.of(_again(visit), dose)

    return once(request, payload, act, status=201)


@router.post(
    "/sessions/{session_id}/paper",
    response={201: DoseList},
    summary="Record the doses of a paper list",
    openapi_extra=documented(verb="vaccination.record_doses", needs_key=True),
)
def record_paper_doses(request: HttpRequest, session_id: int, payload: PaperIn) -> HttpResponse:
    """All lines or none."""

    def act(actor: Actor) -> DoseList:
        people = queries.recipients_by_id([each.recipient for each in payload.doses])
        lots = {pk: lot_of(pk) for pk in {each.lot for each in payload.doses}}
        rows = [
            PaperDose(there(people.get(each.recipient)), lots[each.lot], each.given_at, each.route)
            for each in payload.doses
        ]
        session = own_session(session_id, actor)
        doses = services.record_doses(session=session, rows=rows, by=actor, now=utc_now())
        return DoseList(items=[DoseOut.of(each) for each in doses])

    return once(request, payload, act, status=201, needs_key=True)


@router.post(
    "/sessions/{session_id}/list",
    response=ListOut,
    summary="Book the list of an RT, RW or employer",
    openapi_extra=documented(verb="vaccination.book_collective", needs_key=True),
)
def book_list(request: HttpRequest, session_id: int, payload: ListIn) -> HttpResponse:
    """A line that is refused stops all of them unless the rest is asked for."""

    def act(actor: Actor) -> ListOut:
        lines = [
            ListLine(
                number,
                Identity(name=each.name, nik=each.nik, passport=each.passport, phone=each.phone),
                each.birth_date,
                each.rw,
            )
            for number, each in enumerate(payload.people, start=1)
        ]
        report = import_list(
            session=there(queries.session_by_id(session_id)),
            file=ListFile(lines=lines, size=len(lines)),
            by=actor,
            now=utc_now(),
            load_rest=payload.load_rest,
        )
        problems = [
            LineProblemOut(line=each.line, column=each.column, reason=each.reason) for each in report.problems
        ]
        return ListOut(loaded=report.loaded, size=report.size, fine=report.fine, problems=problems)

    return once(request, payload, act, needs_key=True)


@router.post(
    "/sessions/{session_id}/no-shows",
    response=CountOut,
    summary="Mark who did not come",
    openapi_extra=documented(verb="vaccination.mark_no_shows"),
)
def mark_no_shows(request: HttpRequest, session_id: int, payload: NoShowsIn) -> HttpResponse:
    """Their slots and doses go back."""

    def act(actor: Actor) -> CountOut:
        ended = services.mark_no_shows(
            session=own_session(session_id, actor),
            after=timedelta(minutes=payload.after_minutes),
            by=actor,
            now=utc_now(),
        )
        return CountOut(count=len(ended))

    return once(request, payload, act)


@router.post(
    "/sessions/{session_id}/vials",
    response={201: VialOut},
    summary="Open a vial",
    openapi_extra=documented(verb="vaccination.open_vial", needs_key=True),
)
def open_vial(request: HttpRequest, session_id: int, payload: OpenVialIn) -> HttpResponse:
    """Its clock starts."""

    def act(actor: Actor) -> VialOut:
        session = own_session(session_id, actor)
        return VialOut.of(
            services.open_vial(session=session, lot=lot_of(payload.lot), by=actor, now=utc_now())
        )

    return once(request, payload, act, status=201, needs_key=True)


@router.post(
    "/sessions/{session_id}/vials/{vial_id}/discard",
    response=VialOut,
    summary="Discard what is left in a vial",
    openapi_extra=documented(verb="vaccination.discard_vial"),
)
def discard_vial(request: HttpRequest, session_id: int, vial_id: int) -> HttpResponse:
    """The rest is written off as left in an opened vial."""

    def act(actor: Actor) -> VialOut:
        vial = there(work.vial_of_session(own_session(session_id, actor), vial_id))
        return VialOut.of(services.discard_vial(vial=vial, by=actor, now=utc_now()))

    return once(request, None, act)


def _again(visit: Visit) -> Visit:
    visit.refresh_from_db()
    return visit
