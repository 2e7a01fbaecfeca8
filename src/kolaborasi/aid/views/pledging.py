"""Promising help: one form, one verb."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from kolaborasi.aid import queries, services
from kolaborasi.aid.errors import TooManyUnconfirmed
from kolaborasi.aid.forms import SOON, PledgeForm
from kolaborasi.aid.models import Need, NeedLine
from kolaborasi.aid.rules import PledgeFault
from kolaborasi.aid.services.pledges import Donor
from kolaborasi.aid.states import NeedState
from kolaborasi.aid.views.access import actor_of, own_person, shown_at, visible_need
from kolaborasi.commitments.errors import NotEnoughLeft
from kolaborasi.common import clock
from kolaborasi.common.pages import braked, submit

STEPS = (_("What and when"), _("Who you are"), _("Confirm"))
FIELDS = {
    NotEnoughLeft.code: "quantity",
    PledgeFault.QUANTITY: "quantity",
    PledgeFault.PAST_DATE: "deliver_date",
    PledgeFault.TOO_FAR_AHEAD: "deliver_date",
    PledgeFault.AFTER_NEEDED: "deliver_date",
    PledgeFault.NO_NAME: "name",
    PledgeFault.NO_CONTACT: "email",
    TooManyUnconfirmed.code: "email",
}


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@braked
def pledge(request: HttpRequest, pk: int) -> HttpResponse:
    """Promise part or all of a line; over what is left: the form again with what is left and the nearest needs."""
    need = visible_need(request, pk)
    actor, person, today = actor_of(request), own_person(request), localdate()
    lines = list(need.lines.all())
    form = PledgeForm(
        request.POST if request.method == "POST" else None,
        lines=lines if request.method == "POST" else [line for line in lines if line.left] or lines,
        partners=queries.partners_of(actor),
        known=person is not None,
        today=today,
    )
    wanted = _wanted_line(request, lines)
    form.initial["giver"], form.initial["deliver_date"] = "me", _usual_day(wanted, today)
    form.initial["line"] = wanted.pk if wanted else None

    def write() -> dict[str, int]:
        chosen = queries.line(int(form.cleaned_data["line"]))
        assert chosen is not None  # noqa: S101 - the form offers lines of this need only
        with shown_at(FIELDS):
            made = services.pledge(
                need_line=chosen,
                donor=Donor(
                    partner=form.partner,
                    person=None if form.partner else person,
                    identity=None if form.partner else form.identity,
                    named=form.cleaned_data["named"],
                ),
                quantity=form.cleaned_data["quantity"],
                deliver_date=form.cleaned_data["deliver_date"],
                by=actor,
                now=clock.utc_now(),
            )
        return {"pledge": made.pledge.pk}

    return submit(
        request,
        form,
        scope=f"aid.pledge/{pk}",
        write=write,
        success_url=lambda made: _onwards(need, made, known=form.known),
        template="aid/pledge.html",
        context=_context(need, lines, wanted, form),
    )


def _wanted_line(request: HttpRequest, lines: list[NeedLine]) -> NeedLine | None:
    """The line of `?line=` or of the form; the only one, or the first with something left."""
    asked = request.POST.get("line") or request.GET.get("line", "")
    by_number = {str(line.pk): line for line in lines}
    return by_number.get(asked) or next((line for line in lines if line.left), lines[0] if lines else None)


def _usual_day(line: NeedLine | None, today: date) -> date:
    soon = today + SOON
    return min(soon, max(today, line.needed_by_date)) if line else soon


def _onwards(need: Need, made: dict[str, int], *, known: bool) -> str:
    if known:
        return reverse("aid:own_pledge", args=[made["pledge"]])
    return reverse("aid:pledged", args=[need.pk])


def _context(need: Need, lines: list[NeedLine], wanted: NeedLine | None, form: PledgeForm) -> dict[str, Any]:
    return {
        "title": _("Promise help"),
        "need": need,
        "lines": lines,
        "wanted": wanted,
        "steps": STEPS[:2] if form.known else STEPS,
        "takes_help": need.state == NeedState.OPEN and any(line.left for line in lines),
        # Asked only by the page that shows a refusal or a need that is over.
        "nearest": lambda: queries.nearest_open_lines(wanted) if wanted else [],
    }


@require_safe
def pledged(request: HttpRequest, pk: int) -> HttpResponse:
    """After a visitor's promise: a link was sent that confirms it."""
    context = {
        "title": _("One step is left: confirm"),
        "need": visible_need(request, pk),
        "demo": settings.DEMO,
    }
    return render(request, "aid/pledged.html", {**context, "steps": STEPS})
