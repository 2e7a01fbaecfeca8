"""What follows a dose as JSON: end of the observation, adverse events."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema
from pydantic import Field, StrictBool

from kolaborasi.common.actors import Actor
from kolaborasi.common.clock import utc_now
from kolaborasi.common.http.examples import examples
from kolaborasi.common.http.writes import acting, documented
from kolaborasi.vaccination import services
from kolaborasi.vaccination.api.access import once, own_session, require_carer, there
from kolaborasi.vaccination.api.schemas import DoseOut, EventList, EventOut
from kolaborasi.vaccination.models import AdverseEvent, AdverseKind, Dose, Outcome
from kolaborasi.vaccination.queries import work

router = Router()
MOST_EVENTS = 500


class ReportEventIn(Schema):
    """Something untoward after a dose; it need not be caused by it."""

    model_config = examples(
        {"kind": "fever", "onset_at": "2021-07-13T08:00:00Z", "serious": False}, closed=True
    )

    kind: AdverseKind
    onset_at: datetime
    serious: StrictBool
    outcome: Outcome = Outcome.UNKNOWN


class OutcomeIn(Schema):
    """How the person is."""

    model_config = examples({"outcome": "recovered"}, closed=True)

    outcome: Outcome = Field(description="A case is closed with a known one.")


@router.post(
    "/sessions/{session_id}/doses/{dose_id}/go-home",
    response=DoseOut,
    summary="End the observation of somebody",
    openapi_extra=documented(verb="vaccination.end_observation"),
)
def end_observation(request: HttpRequest, session_id: int, dose_id: int) -> HttpResponse:
    """After 15 or 30 minutes."""

    def act(actor: Actor) -> DoseOut:
        dose = _dose(session_id, dose_id, actor)
        return DoseOut.of(services.end_observation(dose=dose, by=actor, now=utc_now()))

    return once(request, None, act)


@router.post(
    "/sessions/{session_id}/doses/{dose_id}/adverse-events",
    response={201: EventOut},
    summary="Report an adverse event",
    openapi_extra=documented(verb="vaccination.report_adverse_event", needs_key=True),
)
def report_adverse_event(
    request: HttpRequest, session_id: int, dose_id: int, payload: ReportEventIn
) -> HttpResponse:
    """A serious one alerts the coordinators at once."""

    def act(actor: Actor) -> EventOut:
        made = services.report_adverse_event(
            dose=_dose(session_id, dose_id, actor), **payload.dict(), by=actor, now=utc_now()
        )
        return EventOut.of(made)

    return once(request, payload, act, status=201, needs_key=True)


@router.get("/adverse-events", response=EventList, summary="List adverse events")
def list_adverse_events(request: HttpRequest) -> EventList:
    """Of the caller's sessions: serious open ones first, then by the day they are due; at most 500."""
    actor = acting(request)
    require_carer(actor)
    return EventList(items=[EventOut.of(each) for each in work.events_for(actor)[:MOST_EVENTS]])


@router.post(
    "/adverse-events/{event_id}/follow-up",
    response=EventOut,
    summary="Follow an adverse event up",
    openapi_extra=documented(verb="vaccination.follow_up_adverse_event"),
)
def follow_up_adverse_event(request: HttpRequest, event_id: int, payload: OutcomeIn) -> HttpResponse:
    """The next look is due again."""
    return _changed(request, event_id, payload, services.follow_up_adverse_event)


@router.post(
    "/adverse-events/{event_id}/close",
    response=EventOut,
    summary="Close an adverse event with its outcome",
    openapi_extra=documented(verb="vaccination.close_adverse_event"),
)
def close_adverse_event(request: HttpRequest, event_id: int, payload: OutcomeIn) -> HttpResponse:
    """What became of the person must be known."""
    return _changed(request, event_id, payload, services.close_adverse_event)


def _dose(session_id: int, dose_id: int, actor: Actor) -> Dose:
    return there(work.dose_of_session(own_session(session_id, actor), dose_id))


def _changed(request: HttpRequest, event_id: int, payload: OutcomeIn, verb: Any) -> HttpResponse:
    def act(actor: Actor) -> EventOut:
        event: AdverseEvent = there(work.events_for(actor).filter(pk=event_id).first())
        return EventOut.of(verb(event=event, outcome=payload.outcome, by=actor, now=utc_now()))

    return once(request, payload, act)
