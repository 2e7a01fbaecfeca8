"""Verbs on visits: check in, call the next one, screen, leave."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from kolaborasi.commitments import services as commitments
from kolaborasi.commitments.states import OPEN, CommitmentState
from kolaborasi.common.actors import Actor
from kolaborasi.common.lifecycle import WrongState
from kolaborasi.vaccination.errors import AlreadyHere, AnswersMissing, WrongSession
from kolaborasi.vaccination.facts import questions
from kolaborasi.vaccination.models import (
    Booking,
    EndReason,
    Recipient,
    Screening,
    Session,
    Visit,
    WaitingWish,
)
from kolaborasi.vaccination.permissions import require_any
from kolaborasi.vaccination.queries.supply import doses_to_give
from kolaborasi.vaccination.rules import (
    Channel,
    Fitness,
    Waiting,
    fitness,
    next_in_queue,
    observation_minutes,
)
from kolaborasi.vaccination.services.endings import end_booking
from kolaborasi.vaccination.services.record import mark
from kolaborasi.vaccination.services.sessions import locked_session, require_open
from kolaborasi.vaccination.services.supply import session_partners
from kolaborasi.vaccination.services.waiting import accept_offer
from kolaborasi.vaccination.states import VISIT, VisitState, WaitingState

OVER = _("This booking is over. Let the person wait as a walk-in.")


def check_in(
    *,
    session: Session,
    by: Actor,
    now: datetime,
    booking: Booking | None = None,
    recipient: Recipient | None = None,
) -> Visit:
    """Give somebody who came a number in the queue: with their booking, or as a walk-in.

    Args:
        booking, recipient: exactly one; a recipient with a booking in this session comes with it.

    Raises:
        NotPermitted: nobody of the session's partners, or coordinator.
        SessionNotOpen: it takes nobody.
        WrongSession: the booking is for another session.
        WrongState, HoldExpired: the booking is over, or was not confirmed in time.
        AlreadyHere: they are in the queue.
    """
    require_any(by, "check_in", place_code=session.site.place.code, partner_ids=session_partners(session))
    if (booking is None) == (recipient is None):
        raise ValueError("somebody comes with a booking or as a recipient")
    with transaction.atomic():
        locked = locked_session(session)
        require_open(locked)
        who = booking.recipient_id if booking else recipient.pk  # type: ignore[union-attr]
        booking = booking or Booking.objects.filter(recipient=who, session=session, state__in=OPEN).first()
        if booking is not None:
            _require_comes_here(booking, session)
            if booking.state == CommitmentState.HELD:
                # Who stands at the door needs no link to say that they come.
                _take_up(booking, by, now)
        here = Visit.objects.filter(session=session, recipient=who).exclude(state=VisitState.LEFT).first()
        if here is not None:
            raise AlreadyHere(here.number)
        visit = _next_visit(locked, booking, who, now)
        mark(
            verb="check_in",
            event="checked_in",
            subject=("vaccination.visit", visit.pk),
            by=by,
            now=now,
            session=session.pk,
            number=visit.number,
        )
    return visit


def call_next(*, session: Session, by: Actor, now: datetime) -> Visit | None:
    """Call the one whose turn it is by `rules.next_in_queue`; None when nobody waits.

    Raises:
        NotPermitted: nobody of the session's partners, or coordinator.
        SessionNotOpen: it is over.
    """
    require_any(by, "call_next", place_code=session.site.place.code, partner_ids=session_partners(session))
    with transaction.atomic():
        require_open(locked_session(session))
        queue = [
            Waiting(visit.number, Channel(visit.lane), visit.arrived_at, visit.due_at)
            for visit in Visit.objects.filter(session=session, state=VisitState.WAITING)
        ]
        chosen = next_in_queue(queue, calls_since_walk_in=_calls_since_walk_in(session), now=now)
        if chosen is None:
            return None
        visit = Visit.objects.select_for_update(no_key=True).get(session=session, number=chosen.number)
        visit.state, visit.called_at = VISIT.move(visit.state, "call"), now
        visit.save(update_fields=["state", "called_at"])
        mark(
            verb="call_next",
            event="called",
            subject=("vaccination.visit", visit.pk),
            by=by,
            now=now,
            number=visit.number,
        )
    return visit


def screen(*, visit: Visit, answers: Mapping[str, bool], by: Actor, now: datetime) -> Screening:
    """Keep the answers of the screening and what they come to; asked again, the last answers count.

    Somebody who is deferred or may not have this product leaves the queue, and their slot and dose go back.

    Raises:
        NotPermitted: nobody of the session's partners, or coordinator.
        AnswersMissing: a question has no answer.
        WrongState: the visit is over.
    """
    session = visit.session
    require_any(by, "screen", place_code=session.site.place.code, partner_ids=session_partners(session))
    asked = {question.code: question.effect for question in questions()}
    missing = [code for code in asked if code not in answers]
    if missing:
        raise AnswersMissing(missing)
    kept = {code: bool(answers[code]) for code in asked}
    outcome = fitness(
        kept,
        defers=[code for code, effect in asked.items() if effect == "defer"],
        excludes=[code for code, effect in asked.items() if effect == "exclude"],
    )
    minutes = observation_minutes(
        standard=session.product.observation_minutes,
        answers=kept,
        longer=[code for code, effect in asked.items() if effect == "longer"],
    )
    with transaction.atomic():
        locked = Visit.objects.select_for_update(no_key=True).get(pk=visit.pk)
        locked.state = VISIT.move(locked.state, "screen")
        screening, _new = Screening.objects.update_or_create(
            visit=locked,
            defaults={
                "answers": kept,
                "outcome": outcome,
                "observation_minutes": minutes,
                "at": now,
                "by_id": by.user_id,
            },
        )
        if outcome != Fitness.FIT:
            _leave(locked, EndReason.DEFERRED, now)
        locked.save(update_fields=["state", "ended_at"])
        mark(
            verb="screen",
            event="screened",
            subject=("vaccination.visit", visit.pk),
            by=by,
            now=now,
        )
    return screening


def leave_queue(*, visit: Visit, by: Actor, now: datetime) -> Visit:
    """Somebody went away without a dose; their slot and dose go back.

    When no dose that may be given is left in the session, a booking counts as not served.

    Raises:
        NotPermitted: nobody of the session's partners, or coordinator.
        WrongState: the visit is over.
    """
    session = visit.session
    require_any(by, "leave_queue", place_code=session.site.place.code, partner_ids=session_partners(session))
    with transaction.atomic():
        locked = Visit.objects.select_for_update(no_key=True).get(pk=visit.pk)
        here, _with_arriving = doses_to_give(session.location, session.date)
        _leave(locked, EndReason.LEFT if here else EndReason.NO_DOSE, now)
        locked.save(update_fields=["state", "ended_at"])
        mark(verb="leave_queue", event="queue_left", subject=("vaccination.visit", visit.pk), by=by, now=now)
    return locked


def _leave(visit: Visit, reason: EndReason, now: datetime) -> None:
    visit.state, visit.ended_at = VISIT.move(visit.state, "leave"), now
    if visit.booking is not None and visit.booking.state in OPEN:
        end_booking(visit.booking, reason=reason, now=now)


def _require_comes_here(booking: Booking, session: Session) -> None:
    fresh = Booking.objects.select_for_update(no_key=True).get(pk=booking.pk)
    if fresh.session_id != session.pk:
        raise WrongSession(session=fresh.session_id)
    booking.state = fresh.state
    if fresh.state not in OPEN:
        raise WrongState(OVER, details={"state": fresh.state})


def _take_up(booking: Booking, by: Actor, now: datetime) -> None:
    if WaitingWish.objects.filter(booking=booking, state=WaitingState.OFFERED).exists():
        accept_offer(booking=booking, by=by, now=now)
    else:
        commitments.confirm(booking, now=now)


def _next_visit(session: Session, booking: Booking | None, who: object, now: datetime) -> Visit:
    last = Visit.objects.filter(session=session).aggregate(last=Max("number"))["last"] or 0
    return Visit.objects.create(
        session=session,
        recipient_id=who,
        booking=booking,
        number=last + 1,
        lane=booking.channel if booking else Channel.WALK_IN,
        arrived_at=now,
        due_at=booking.quota.slot.starts_at if booking else now,
    )


def _calls_since_walk_in(session: Session) -> int:
    lanes = (
        Visit.objects.filter(session=session, called_at__isnull=False)
        .order_by("-called_at", "-number")
        .values_list("lane", flat=True)
    )
    calls = 0
    for lane in lanes[:20]:
        if lane == Channel.WALK_IN:
            break
        calls += 1
    return calls
