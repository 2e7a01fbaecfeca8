"""The verifier's desk: needs to check, deliveries without an answer."""

from __future__ import annotations

from datetime import timedelta

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from kolaborasi.aid import queries, services
from kolaborasi.aid.forms import RejectForm
from kolaborasi.aid.models import Need
from kolaborasi.aid.navigation import CHECKING
from kolaborasi.aid.permissions import TABLE
from kolaborasi.aid.states import NeedState
from kolaborasi.aid.views.access import actor_of, require_role
from kolaborasi.aid.views.lists import VerifyList, WaitingDeliveryList
from kolaborasi.common import clock
from kolaborasi.common.errors import NotFound, NotPermitted
from kolaborasi.common.pages import IdempotentForm, confirm, submit

PATIENCE = timedelta(days=3)
"""How long the receiving side has to answer before a verifier looks."""


@login_required
@never_cache
@require_safe
def queue(request: HttpRequest) -> HttpResponseBase:
    """Needs of my area that wait for a check."""
    actor = actor_of(request)
    require_role(actor, *CHECKING)
    late = queries.deliveries_waiting(actor, before=clock.utc_now() - PATIENCE).count()
    return VerifyList(request, queries.needs_waiting(actor), late=late).response()


@login_required
@never_cache
@require_safe
def late_deliveries(request: HttpRequest) -> HttpResponseBase:
    """Deliveries of my area that the receiving side has not answered for days."""
    actor = actor_of(request)
    require_role(actor, *CHECKING)
    return WaitingDeliveryList(
        request, queries.deliveries_waiting(actor, before=clock.utc_now() - PATIENCE)
    ).response()


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def check(request: HttpRequest, pk: int) -> HttpResponse:
    """One need before it is public: what it says, what the place asks for already; verify it."""
    need = _need_to_check(request, pk)
    form = IdempotentForm(request.POST if request.method == "POST" else None)

    def write() -> int:
        return services.verify_need(need=need, by=actor_of(request), now=clock.utc_now()).pk

    response = submit(
        request,
        form,
        scope=f"aid.verify_need/{pk}",
        write=write,
        success_url=reverse("aid:verify"),
        template="aid/check.html",
        context={
            "title": _("Check this need"),
            "need": need,
            "lines": need.lines.all(),
            "population": queries.population_of(need.place),
            "others": [each for each in queries.nearby(need) if each.place_id == need.place_id],
            "overlapping": queries.overlapping_lines(need),
            "waits": need.state == NeedState.SUBMITTED,
        },
    )
    if response.status_code < 400 and request.method == "POST":
        messages.success(request, _("Verified. Everybody can see it and help now."))
    return response


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def reject(request: HttpRequest, pk: int) -> HttpResponse:
    """Do not accept a need: asked first, with a reason."""
    need = _need_to_check(request, pk)

    def write(form: IdempotentForm) -> int:
        reason = form.cleaned_data["reason"]
        return services.reject_need(need=need, reason=reason, by=actor_of(request), now=clock.utc_now()).pk

    return confirm(
        request,
        title=_("Not accept this need?"),
        consequence=_(
            "It does not become public. The one who registered it sees the reason and can register again."
        ),
        button=_("Do not accept it"),
        scope=f"aid.reject_need/{pk}",
        write=write,
        success_url=reverse("aid:verify"),
        back_url=reverse("aid:verify_need", args=[pk]),
        form_class=RejectForm,
    )


def _need_to_check(request: HttpRequest, pk: int) -> Need:
    need = queries.need(pk)
    if need is None:
        raise NotFound(_("There is no such need."))
    if not TABLE.allows(actor_of(request), "verify_need", place_code=need.place.code):
        raise NotPermitted
    return need
