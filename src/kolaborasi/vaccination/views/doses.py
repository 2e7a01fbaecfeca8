"""One person at a session: screening, dose, observation; adverse events; opened vials."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.timezone import get_current_timezone, localtime
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kolaborasi.common import clock
from kolaborasi.common.errors import NotFound
from kolaborasi.common.pages import IdempotentForm, confirm, submit
from kolaborasi.vaccination import queries, services
from kolaborasi.vaccination.errors import NobodyWithNumber
from kolaborasi.vaccination.forms.site import (
    CheckInForm,
    DoseForm,
    EntryForm,
    EventForm,
    FollowUpForm,
    ScreeningForm,
    VialForm,
    key_of,
)
from kolaborasi.vaccination.models import AdverseKind, Dose, Outcome, Route, Session, Visit
from kolaborasi.vaccination.queries import work
from kolaborasi.vaccination.rules import Fitness
from kolaborasi.vaccination.states import AdverseState, SessionState, VisitState
from kolaborasi.vaccination.views.access import actor_of, own_session, own_visit, require_role
from kolaborasi.vaccination.views.lists import EventList

SCREENING = (VisitState.WAITING, VisitState.CALLED)


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def visit(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """Somebody whose turn it is: the questions, then one press for the dose. Their name is shown, and the look kept."""
    found = own_visit(request, pk, number)
    asking = found.state in SCREENING or (
        request.GET.get("again") == "1" and found.state == VisitState.SCREENED
    )
    if asking:
        return _screening(request, found)
    return _dose(request, found)


def _person(request: HttpRequest, found: Visit) -> dict[str, Any]:
    recipient = found.recipient
    seen = services.see_recipients(
        session=found.session, recipients=[recipient], by=actor_of(request), now=clock.utc_now()
    )
    past = list(queries.doses_of(recipient))
    return {
        "session": found.session,
        "visit": found,
        "known": seen.get(recipient.pk, {}),
        "recipient": recipient,
        "past": past,
        "may": queries.may_have(recipient, found.session.product, found.session.date),
        "back_url": reverse("vaccination:desk", args=[found.session_id]),
        "title": gettext("Number %(number)s") % {"number": found.number},
    }


def _screening(request: HttpRequest, found: Visit) -> HttpResponse:
    form = ScreeningForm(request.POST if request.method == "POST" else None)
    here = reverse("vaccination:visit", args=[found.session_id, found.number])

    def write() -> str:
        screening = services.screen(
            visit=found, answers=form.answers(), by=actor_of(request), now=clock.utc_now()
        )
        return str(screening.outcome)

    return submit(
        request,
        form,
        scope=f"vaccination.screen/{found.pk}",
        write=write,
        success_url=here,
        template="vaccination/screening.html",
        context=_person(request, found),
    )


def _dose(request: HttpRequest, found: Visit) -> HttpResponse:
    user_id = actor_of(request).user_id
    form = DoseForm(
        request.POST if request.method == "POST" else None, session=found.session, user_id=user_id
    )
    desk = reverse("vaccination:desk", args=[found.session_id])
    return submit(
        request,
        form,
        scope=f"vaccination.give_dose/{found.pk}",
        write=lambda: give(request, found, form),
        success_url=f"{desk}?given={found.number}",
        template="vaccination/dose.html",
        context={
            **_person(request, found),
            "screening": getattr(found, "screening", None),
            "fit": Fitness.FIT,
        },
    )


def give(request: HttpRequest, found: Visit, form: Any) -> int:
    """Record the dose a form holds; sent again with the same key, it is the first one."""
    clean = form.cleaned_data
    dose = services.give_dose(
        visit=found,
        lot=clean["lot"].lot.vaccine,
        vial=clean["vial"],
        route=Route(clean["route"]),
        given_at=form.moment(),
        entry_key=key_of(form),
        by=actor_of(request),
        now=clock.utc_now(),
    )
    return int(dose.pk)


def _told(request: HttpRequest, response: HttpResponse, sentence: Any) -> HttpResponse:
    if request.method == "POST" and response.status_code in (204, 302):
        messages.success(request, sentence)
    return response


@login_required
@never_cache
@require_POST
def enter(request: HttpRequest, pk: int) -> HttpResponse:
    """Screening and dose of a number in one go: what a device sends that had no connection, or quick hands."""
    session = own_session(request, pk)
    form = EntryForm(request.POST, session=session, user_id=actor_of(request).user_id)
    page = reverse("vaccination:entry", args=[pk])
    return submit(
        request,
        form,
        scope=f"vaccination.enter/{pk}",
        write=lambda: _enter(request, session, form),
        success_url=lambda number: f"{page}?given={number}",
        template="vaccination/entry.html",
        context={
            "session": session,
            "check_in_form": CheckInForm(auto_id="check_in_%s"),
            "queue": list(queries.queue_of(session)),
            "open": session.state == SessionState.OPEN,
        },
    )


def _enter(request: HttpRequest, session: Session, form: EntryForm) -> int:
    found = queries.visit_by_number(session, form.cleaned_data["number"])
    if found is None:
        raise NobodyWithNumber(form.cleaned_data["number"])
    if found.state in SCREENING:
        services.screen(visit=found, answers=form.answers(), by=actor_of(request), now=clock.utc_now())
        found = queries.visit_by_number(session, found.number) or found
    give(request, found, form)
    return int(found.number)


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def leave(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """Somebody goes home without a dose."""
    found = own_visit(request, pk, number)
    back = reverse("vaccination:desk", args=[pk])
    return confirm(
        request,
        title=_("Goes home without a dose?"),
        consequence=_(
            "Place and dose are free for others. If no dose was left, the booking is counted as not served."
        ),
        button=_("Goes home"),
        scope=f"vaccination.leave_queue/{found.pk}",
        write=lambda form: services.leave_queue(visit=found, by=actor_of(request), now=clock.utc_now()).pk,
        success_url=back,
        back_url=reverse("vaccination:visit", args=[pk, number]),
    )


def _dose_of(session: Session, pk: int) -> Dose:
    found = work.dose_of_session(session, pk)
    if found is None:
        raise NotFound(_("There is no such dose in this session. Go back to the desk."))
    return found


@login_required
@never_cache
@require_POST
def observed(request: HttpRequest, pk: int, dose_pk: int) -> HttpResponse:
    """The observation of somebody is over and they are well."""
    session = own_session(request, pk)
    dose, desk = _dose_of(session, dose_pk), reverse("vaccination:desk", args=[pk])
    return submit(
        request,
        IdempotentForm(request.POST),
        scope=f"vaccination.end_observation/{dose_pk}",
        write=lambda: services.end_observation(dose=dose, by=actor_of(request), now=clock.utc_now()).pk,
        success_url=desk,
        context={"title": _("Observation"), "back_url": desk},
    )


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def report_event(request: HttpRequest, pk: int, dose_pk: int) -> HttpResponse:
    """Report something untoward after a dose."""
    session = own_session(request, pk)
    dose, now = _dose_of(session, dose_pk), localtime(clock.utc_now())
    form = EventForm(
        request.POST if request.method == "POST" else None,
        initial={"onset_date": now.date(), "onset_time": now.time().replace(second=0, microsecond=0)},
    )

    def write() -> int:
        clean = form.cleaned_data
        minute = datetime.combine(clean["onset_date"], clean["onset_time"], tzinfo=get_current_timezone())
        # The minute of the dose counts as after it; a minute that has not begun is the verb's to refuse.
        begun = max(minute, min(minute.replace(second=59), clock.utc_now()))
        event = services.report_adverse_event(
            dose=dose,
            kind=AdverseKind(clean["kind"]),
            onset_at=begun,
            serious=clean["serious"],
            outcome=Outcome(clean["outcome"]),
            by=actor_of(request),
            now=clock.utc_now(),
        )
        return int(event.pk)

    response = submit(
        request,
        form,
        scope=f"vaccination.report_adverse_event/{dose_pk}",
        write=write,
        success_url=lambda event: reverse("vaccination:event", args=[event]),
        context={
            "title": _("Something happened after the dose"),
            "introduction": _("Help the person first; the report can wait a minute. It names nobody."),
            "button": _("Report"),
            "back_url": reverse("vaccination:desk", args=[pk]),
        },
    )
    return _told(request, response, _("The report is on record and will be followed up."))


@login_required
@never_cache
@require_safe
def events(request: HttpRequest) -> HttpResponseBase:
    """Adverse events of the actor's sessions, serious ones first."""
    actor = actor_of(request)
    require_role(actor, "partner_admin", "partner_member", "coordinator")
    return EventList(request, work.events_for(actor)).response()


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def event(request: HttpRequest, pk: int) -> HttpResponse:
    """One adverse event: what is known, and how the person is now."""
    found = work.events_for(actor_of(request)).filter(pk=pk).first()
    if found is None:
        raise NotFound(_("There is no such case among those of your sessions."))
    form = FollowUpForm(
        request.POST if request.method == "POST" else None, initial={"outcome": found.outcome}
    )

    def write() -> int:
        verb = (
            services.close_adverse_event if form.cleaned_data["close"] else services.follow_up_adverse_event
        )
        outcome = Outcome(form.cleaned_data["outcome"])
        return int(verb(event=found, outcome=outcome, by=actor_of(request), now=clock.utc_now()).pk)

    response = submit(
        request,
        form,
        scope=f"vaccination.follow_up/{pk}",
        write=write,
        success_url=reverse("vaccination:event", args=[pk]),
        template="vaccination/event.html",
        context={
            "title": gettext("Case KIPI-%(number)s") % {"number": pk},
            "event": found,
            "closed": found.state == AdverseState.CLOSED,
        },
    )
    return _told(request, response, _("The follow-up is on record."))


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def open_vial(request: HttpRequest, pk: int) -> HttpResponse:
    """Open a vial and start its clock."""
    session = own_session(request, pk)
    form = VialForm(request.POST if request.method == "POST" else None, session=session)
    desk = reverse("vaccination:desk", args=[pk])

    def write() -> int:
        lot = form.cleaned_data["lot"].lot.vaccine
        return int(services.open_vial(session=session, lot=lot, by=actor_of(request), now=clock.utc_now()).pk)

    return submit(
        request,
        form,
        scope=f"vaccination.open_vial/{pk}",
        write=write,
        success_url=desk,
        context={
            "title": _("Open a vial"),
            "introduction": _("Its clock starts now. What is left when it runs out is written off."),
            "button": _("Open it"),
            "back_url": desk,
        },
    )


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def discard_vial(request: HttpRequest, pk: int, vial_pk: int) -> HttpResponse:
    """Close a vial; what is left in it is written off."""
    session = own_session(request, pk)
    vial, desk = work.vial_of_session(session, vial_pk), reverse("vaccination:desk", args=[pk])
    if vial is None:
        raise NotFound(_("There is no such vial in this session. Go back to the desk."))
    return confirm(
        request,
        title=_("Discard this vial?"),
        consequence=_("What is left in it is written off as left in an opened vial. This cannot be undone."),
        button=_("Discard"),
        scope=f"vaccination.discard_vial/{vial_pk}",
        write=lambda form: services.discard_vial(vial=vial, by=actor_of(request), now=clock.utc_now()).pk,
        success_url=desk,
        back_url=desk,
    )
