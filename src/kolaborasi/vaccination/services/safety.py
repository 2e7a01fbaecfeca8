"""Verbs on adverse events: report, follow up, close."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _

from kolaborasi.common.actors import Actor
from kolaborasi.common.errors import Refused
from kolaborasi.messages.services import enqueue
from kolaborasi.partners.models import Membership
from kolaborasi.partners.states import RoleName
from kolaborasi.vaccination.models import AdverseEvent, AdverseKind, Dose, Outcome
from kolaborasi.vaccination.permissions import require_any
from kolaborasi.vaccination.rules import FOLLOW_UP_DAYS
from kolaborasi.vaccination.services.endings import channel_to
from kolaborasi.vaccination.services.record import mark
from kolaborasi.vaccination.services.supply import session_partners
from kolaborasi.vaccination.states import ADVERSE

ALWAYS_SERIOUS = {AdverseKind.ANAPHYLAXIS, AdverseKind.SEIZURE, AdverseKind.CLOTTING}


class NoOutcome(Refused):
    """A case is closed with what became of the person."""

    code = "no-outcome"

    def __init__(self) -> None:
        super().__init__(_("Say what became of the person before closing the case."))


def report_adverse_event(
    *,
    dose: Dose,
    kind: AdverseKind,
    onset_at: datetime,
    serious: bool,
    by: Actor,
    now: datetime,
    outcome: Outcome = Outcome.UNKNOWN,
) -> AdverseEvent:
    """Report something untoward after a dose; a serious one alerts the coordinators at once.

    Args:
        serious: death, danger to life, hospital or lasting harm (ICH E2A); some kinds always are.

    Raises:
        NotPermitted: nobody of the session's partners, or coordinator.
        Refused: it began before the dose or in the future.
    """
    _require(dose, "report_adverse_event", by)
    if not dose.given_at <= onset_at <= now:
        raise Refused(
            _("It begins after the dose and not in the future. Check day and time."), code="bad-onset"
        )
    grave = serious or kind in ALWAYS_SERIOUS or outcome == Outcome.DIED
    with transaction.atomic():
        event = AdverseEvent.objects.create(
            dose=dose,
            kind=kind,
            onset_at=onset_at,
            serious=grave,
            outcome=outcome,
            reported_at=now,
            due_date=localdate(now) + timedelta(days=FOLLOW_UP_DAYS[grave]),
        )
        if grave:
            _alert(event, now)
        mark(
            verb="report_adverse_event",
            event="serious_adverse_event_reported" if grave else "adverse_event_reported",
            subject=("vaccination.adverse_event", event.pk),
            by=by,
            now=now,
            lot=dose.lot_id,
        )
    return event


def follow_up_adverse_event(
    *, event: AdverseEvent, outcome: Outcome, by: Actor, now: datetime
) -> AdverseEvent:
    """Write down how the person is; the next look is due again.

    Raises:
        NotPermitted, WrongState.
    """
    _require(event.dose, "follow_up_adverse_event", by)
    with transaction.atomic():
        locked = AdverseEvent.objects.select_for_update(no_key=True).get(pk=event.pk)
        locked.state = ADVERSE.move(locked.state, "follow up")
        grave = locked.serious or outcome == Outcome.DIED
        if grave and not locked.serious:
            _alert(locked, now)
        locked.outcome, locked.followed_at, locked.serious = outcome, now, grave
        locked.due_date = localdate(now) + timedelta(days=FOLLOW_UP_DAYS[grave])
        locked.save(update_fields=["state", "outcome", "followed_at", "due_date", "serious"])
        mark(
            verb="follow_up_adverse_event",
            event="adverse_event_followed",
            subject=("vaccination.adverse_event", event.pk),
            by=by,
            now=now,
        )
    return locked


def close_adverse_event(*, event: AdverseEvent, outcome: Outcome, by: Actor, now: datetime) -> AdverseEvent:
    """Close a case with its outcome.

    Raises:
        NotPermitted, WrongState.
        NoOutcome: what became of the person is not known.
    """
    _require(event.dose, "close_adverse_event", by)
    if outcome in {Outcome.UNKNOWN, Outcome.RECOVERING}:
        raise NoOutcome
    with transaction.atomic():
        locked = AdverseEvent.objects.select_for_update(no_key=True).get(pk=event.pk)
        locked.state = ADVERSE.move(locked.state, "close")
        locked.outcome, locked.followed_at = outcome, now
        locked.save(update_fields=["state", "outcome", "followed_at"])
        mark(
            verb="close_adverse_event",
            event="adverse_event_closed",
            subject=("vaccination.adverse_event", event.pk),
            by=by,
            now=now,
        )
    return locked


def _require(dose: Dose, verb: str, by: Actor) -> None:
    session = dose.session
    place = session.site.place.code if session else None
    partners = session_partners(session) if session else []
    require_any(by, verb, place_code=place, partner_ids=partners)


def _alert(event: AdverseEvent, now: datetime) -> None:
    """A message to every coordinator who can be reached: the number of the case, nothing about the person."""
    coordinators = Membership.objects.filter(
        role=RoleName.COORDINATOR, ends_date__isnull=True, user__is_active=True, user__person__isnull=False
    ).select_related("user__person")
    told = set()
    for membership in coordinators:
        person = membership.user.person
        channel = channel_to(person) if person else None
        if person is None or channel is None or person.pk in told:
            continue
        told.add(person.pk)
        enqueue(
            template="vaccination_serious_event",
            recipient=person.pk,
            channel=channel,
            context={"case": event.pk},
            now=now,
        )
