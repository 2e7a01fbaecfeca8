"""The supply plan: proposed, explained, and decided line by line."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kolaborasi.common import clock
from kolaborasi.common.errors import NotFound, NotPermitted, Refused
from kolaborasi.common.pages import IdempotentForm, submit
from kolaborasi.vaccination import services
from kolaborasi.vaccination.forms.plan import SupplyForm
from kolaborasi.vaccination.queries import work
from kolaborasi.vaccination.views.access import actor_of, require_role
from kolaborasi.vaccination.views.lists import LineList, PlanList


@login_required
@never_cache
@require_safe
def plans(request: HttpRequest) -> Any:
    """Supply plans, the newest first."""
    require_role(actor_of(request), "coordinator")
    return PlanList(request, work.supply_plans()).response()


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def propose(request: HttpRequest) -> HttpResponse:
    """Let the optimiser propose which doses go where; nothing moves before a line is approved."""
    require_role(actor_of(request), "coordinator")
    form = SupplyForm(
        request.POST if request.method == "POST" else None, initial={"start": localdate() + timedelta(days=1)}
    )

    def write() -> int:
        given = {name: form.cleaned_data[name] for name in ("store", "start", "days")}
        return int(services.propose_supply(**given, by=actor_of(request), now=clock.utc_now()).pk)

    return submit(
        request,
        form,
        scope="vaccination.propose_supply",
        write=write,
        success_url=lambda pk: reverse("vaccination:plan", args=[pk]),
        context={
            "title": _("Propose a supply plan"),
            "introduction": _(
                "It weighs who is due, who waits, who has no dose yet, what expires first and how far it is. You decide"
                " line by line."
            ),
            "button": _("Propose"),
            "back_url": reverse("vaccination:plans"),
        },
    )


@login_required
@never_cache
@require_safe
def plan(request: HttpRequest, pk: int) -> Any:
    """One plan: what it would reach, and its lines with their reasons."""
    require_role(actor_of(request), "coordinator")
    found = work.supply_plans().filter(pk=pk).first()
    if found is None:
        raise NotFound(_("There is no such plan. Look for it in the list of plans."))
    context = {"plan": found, "act_form": IdempotentForm()}
    return LineList(request, work.plan_lines(found), **context).response()


@login_required
@never_cache
@require_POST
def decide(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """Approve a line, which sends its doses, or reject it."""
    actor, line = actor_of(request), work.line_by_id(pk)
    if line is None or name not in ("approve", "reject"):
        raise NotFound(_("There is no such line of a plan."))
    verb = services.approve_supply_line if name == "approve" else services.reject_supply_line
    try:
        verb(line=line, by=actor, now=clock.utc_now())
    except (NotPermitted, NotFound):
        raise
    except Refused as refusal:
        messages.error(request, gettext("Could not be sent: %(why)s") % {"why": refusal})
    else:
        messages.success(
            request, _("The doses are on their way.") if name == "approve" else _("The line is rejected.")
        )
    return redirect(f"{reverse('vaccination:plan', args=[line.plan_id])}#line-{pk}")


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def approve_all(request: HttpRequest, pk: int) -> HttpResponse:
    """Approve what was not decided yet, line by line with the same verb; lines that cannot be sent say why."""
    require_role(actor_of(request), "coordinator")
    found = work.supply_plans().filter(pk=pk).first()
    if found is None:
        raise NotFound(_("There is no such plan. Look for it in the list of plans."))
    lines = list(work.plan_lines(found).filter(state__in=["proposed", "refused"]))
    if request.method != "POST":
        context = {
            "title": _("Approve every open line?"),
            "consequence": _(
                "Their doses are sent on their way. Lines that can no longer be sent stay and say why."
            ),
            "button": _("Approve them"),
            "back_url": reverse("vaccination:plan", args=[pk]),
            "form": IdempotentForm(),
        }
        return render(request, "web/confirm.html", context)
    sent = 0
    for line in lines:
        try:
            services.approve_supply_line(line=line, by=actor_of(request), now=clock.utc_now())
            sent += 1
        except NotPermitted:
            raise
        except Refused:
            continue
    done = ngettext("%(sent)s line was sent.", "%(sent)s lines were sent.", sent)
    messages.success(request, done % {"sent": sent})
    return redirect("vaccination:plan", pk)
