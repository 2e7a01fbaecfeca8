"""Planning sessions: partners, windows and quotas, and the list of an RT, RW or employer."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from kolaborasi.common import clock
from kolaborasi.common.errors import NotFound, NotPermitted, Refused
from kolaborasi.common.pages import submit
from kolaborasi.partners.queries import partner_by_id
from kolaborasi.places.queries import place_by_code
from kolaborasi.places.rules import Scheme
from kolaborasi.vaccination import services
from kolaborasi.vaccination.forms.plan import ChangeForm, CollectiveForm, QuotaForm, SessionForm
from kolaborasi.vaccination.imports import import_list, read_list
from kolaborasi.vaccination.labels import CHANNEL_LABELS, fallback_words
from kolaborasi.vaccination.models import Session, SessionKind
from kolaborasi.vaccination.permissions import allows_any
from kolaborasi.vaccination.queries import work
from kolaborasi.vaccination.rules import FALLBACK
from kolaborasi.vaccination.services.supply import session_partners
from kolaborasi.vaccination.states import SessionState
from kolaborasi.vaccination.views.access import actor_of, kelurahan, known_session, own_session, require_role

PLANNING = ("partner_admin", "partner_member", "coordinator")


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def plan(request: HttpRequest) -> HttpResponse:
    """Plan a session; nobody can book before it is opened."""
    actor = actor_of(request)
    require_role(actor, *PLANNING)
    areas = [(place.code, f"{place.name} ({place.parent.name})") for place in kelurahan() if place.parent]
    form = SessionForm(
        request.POST if request.method == "POST" else None,
        actor=actor,
        areas=areas,
        initial={"day": localdate()},
    )
    response = submit(
        request,
        form,
        scope="vaccination.plan_session",
        write=lambda: _plan(request, form),
        success_url=lambda pk: reverse("vaccination:desk", args=[pk]),
        template="vaccination/plan_session.html",
        context={"title": _("Plan a session"), "back_url": reverse("vaccination:sessions")},
    )
    return _told(request, response, _("The session is planned. Send doses to it, then open it."))


def _plan(request: HttpRequest, form: SessionForm) -> int:
    clean = form.cleaned_data
    area = clean["residents_of"]
    session = services.plan_session(
        site=clean["site"],
        kind=SessionKind(clean["kind"]),
        product=clean["product"],
        day=clean["day"],
        parts=form.parts(),
        windows=form.windows(),
        vaccinators=clean["vaccinators"],
        minutes_per_dose=clean["minutes_per_dose"],
        residents_of=place_by_code(Scheme.KEMENDAGRI, area) if area else None,
        by=actor_of(request),
        now=clock.utc_now(),
    )
    return int(session.pk)


def _told(request: HttpRequest, response: HttpResponse, sentence: Any) -> HttpResponse:
    if request.method == "POST" and response.status_code in (204, 302):
        messages.success(request, sentence)
    return response


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def quotas(request: HttpRequest, pk: int) -> HttpResponse:
    """Windows and quotas of a session, who its partners are, and how quotas fall back to each other."""
    session = own_session(request, pk)
    form = QuotaForm(request.POST if request.method == "POST" else None, quotas=work.quotas_of(session))

    def write() -> int:
        by, now = actor_of(request), clock.utc_now()
        changes = form.changes()
        for quota, people in changes:
            services.change_quota(quota=quota, people=people, by=by, now=now)
        return len(changes)

    response = submit(
        request,
        form,
        scope=f"vaccination.change_quota/{pk}",
        write=write,
        success_url=reverse("vaccination:quotas", args=[pk]),
        template="vaccination/quotas.html",
        context={
            "title": _("Windows, quotas and partners"),
            "session": session,
            "fallback": [(CHANNEL_LABELS[channel], fallback_words(channel)) for channel in FALLBACK],
            "open": session.state in (SessionState.PLANNED, SessionState.OPEN),
            "back_url": reverse("vaccination:desk", args=[pk]),
        },
    )
    return _told(request, response, _("The quotas are changed."))


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def change(request: HttpRequest, pk: int) -> HttpResponse:
    """Say that more or fewer vaccinators come."""
    session = own_session(request, pk)
    names = ("vaccinators", "minutes_per_dose")
    form = ChangeForm(
        request.POST if request.method == "POST" else None,
        initial={name: getattr(session, name) for name in names},
    )
    back = reverse("vaccination:quotas", args=[pk])

    def write() -> int:
        clean = {name: form.cleaned_data[name] for name in names}
        services.change_session(session=session, **clean, by=actor_of(request), now=clock.utc_now())
        return int(session.pk)

    response = submit(
        request,
        form,
        scope=f"vaccination.change_session/{pk}",
        write=write,
        success_url=back,
        context={
            "title": _("Change the session"),
            "introduction": _(
                "Bookings stay. Another day, site or vaccine is another session: call this one off, so that its people"
                " are told."
            ),
            "button": _("Change"),
            "back_url": back,
        },
    )
    return _told(request, response, _("The session is changed."))


def _bookable(request: HttpRequest, pk: int) -> Session:
    """A session whose lists the actor may book.

    Raises:
        NotPermitted: neither head of the RW, nor of its partners, nor coordinator.
    """
    session = known_session(pk)
    area = session.residents_of.code if session.residents_of else session.site.place.code
    actor, partners = actor_of(request), session_partners(session)
    if not allows_any(actor, "book_collective", place_code=area, partner_ids=partners):
        raise NotPermitted
    return session


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def collective(request: HttpRequest, pk: int) -> HttpResponse:
    """Book the list of an RT, RW or employer from a spreadsheet, with a word on every line."""
    session = _bookable(request, pk)
    sent = request.method == "POST"
    form = CollectiveForm(request.POST if sent else None, request.FILES if sent else None)
    context: dict[str, Any] = {
        "title": _("Book a list"),
        "session": session,
        "form": form,
        "back_url": reverse("vaccination:desk", args=[pk]),
    }
    if sent and form.is_valid():
        try:
            context["report"] = _load(request, session, form)
        except (NotPermitted, NotFound):
            raise
        except Refused as refusal:
            form.add_error("file", str(refusal))
    # The report has names in it for whoever sent the list; it is shown once and kept nowhere.
    status = 422 if sent and form.errors else 200
    return render(request, "vaccination/collective.html", context, status=status)


def _load(request: HttpRequest, session: Session, form: CollectiveForm) -> Any:
    by, file = actor_of(request), form.cleaned_data["file"]
    voucher = next(iter(sorted(work.partner_ids(by))), None) if form.cleaned_data["vouched"] else None
    return import_list(
        session=session,
        file=read_list(file.read(), name=file.name),
        load_rest=form.cleaned_data["load_rest"],
        vouched_by=partner_by_id(voucher) if voucher else None,
        by=by,
        now=clock.utc_now(),
    )
