"""One's own promises: follow, confirm, hand over, report, cancel."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from kolaborasi.aid import queries, services
from kolaborasi.aid.forms import CancelForm, CodeForm, DeliveryForm
from kolaborasi.aid.labels import CURRENT_STEP, PLEDGE_STEPS, PLEDGE_WORDS
from kolaborasi.aid.models import Delivery, Pledge
from kolaborasi.aid.rules import MOST_WRONG_CODES
from kolaborasi.aid.states import PledgeStatus, need_status
from kolaborasi.aid.views.access import Followed, actor_of, followed, own_person, partner_ids, shown_at
from kolaborasi.aid.views.lists import PledgeList
from kolaborasi.commitments.errors import TooMuchDelivered
from kolaborasi.common import clock
from kolaborasi.common.pages import IdempotentForm, braked, confirm, submit

DELIVERABLE = (PledgeStatus.PROMISED, PledgeStatus.ON_THE_WAY, PledgeStatus.PARTLY_DELIVERED)
FIELDS = {
    "wrong-receipt-code": "code",
    "receipt-code-used-up": "code",
    TooMuchDelivered.code: "quantity",
    "no-proof": "photo",
    "not-a-photo": "photo",
}


def code_used_up(pledge: Pledge) -> bool:
    """Whether so many wrong codes were tried that even the right one no longer counts."""
    return pledge.wrong_codes >= MOST_WRONG_CODES


@login_required
@never_cache
@require_safe
def my_pledges(request: HttpRequest) -> HttpResponseBase:
    """Promises of the account and of the partners it acts for."""
    found = queries.pledges_of(own_person(request), partner_ids(actor_of(request)))
    return PledgeList(request, found).response()


@never_cache
@require_safe
def follow(request: HttpRequest, token: str = "", pk: int = 0) -> HttpResponse:
    """Where a promise is and what comes next."""
    mine = followed(request, token=token, pk=pk)
    return render(request, "aid/follow.html", _page(request, mine, token))


def _page(request: HttpRequest, mine: Followed, token: str) -> dict[str, Any]:
    status = queries.status(mine.pledge)
    need = queries.need(mine.pledge.need_line.need_id)
    assert need is not None  # noqa: S101 - a need with promises is never deleted
    return {
        "title": _("Your promise"),
        "mine": mine,
        "pledge": mine.pledge,
        "need": need,
        "need_status": need_status(need.state, needed=need.needed, delivered=need.delivered),  # type: ignore[attr-defined]
        "status": status,
        "word": PLEDGE_WORDS[status],
        "steps": PLEDGE_STEPS,
        "current": _step(status),
        "deliveries": list(queries.deliveries_of(mine.pledge)),
        "rest": mine.pledge.quantity - mine.pledge.delivered,
        "can_deliver": status in DELIVERABLE,
        "can_hand_over": status == PledgeStatus.PROMISED,
        "can_cancel": status in (*DELIVERABLE, PledgeStatus.UNCONFIRMED),
        "form": IdempotentForm(),
        "token": token,
        "link": request.build_absolute_uri(mine.address),
    }


def _step(status: PledgeStatus) -> int | None:
    """The step a promise stands at, as its badge says; past the last one when all are done."""
    coming = CURRENT_STEP.get(status)
    return coming if coming is None or coming > len(PLEDGE_STEPS) else coming - 1


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def confirm_pledge(request: HttpRequest, token: str = "", pk: int = 0) -> HttpResponse:
    """The promise stands."""
    return _act(request, token, pk, "confirm", services.confirm_pledge, _("Thank you. Your promise stands."))


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def hand_over(request: HttpRequest, token: str = "", pk: int = 0) -> HttpResponse:
    """The goods are on their way."""
    return _act(request, token, pk, "hand-over", services.hand_over, _("Noted: the goods are on their way."))


def _act(
    request: HttpRequest, token: str, pk: int, name: str, verb: Callable[..., Pledge], thanks: Any
) -> HttpResponse:
    """One button on the page of a promise; refused, the page again with the reason."""
    mine = followed(request, token=token, pk=pk)
    if request.method != "POST":
        return redirect(mine.address)
    form = IdempotentForm(request.POST)

    def write() -> int:
        return verb(pledge=mine.pledge, by=actor_of(request), now=clock.utc_now()).pk

    scope = f"aid.{name}/{mine.pledge.pk}"
    page = {**_page(request, mine, token), "form": form}
    response = submit(
        request,
        form,
        scope=scope,
        write=write,
        success_url=mine.address,
        template="aid/follow.html",
        context=page,
    )
    if response.status_code < 400:
        messages.success(request, thanks)
    return response


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def cancel_pledge(request: HttpRequest, token: str = "", pk: int = 0) -> HttpResponse:
    """Take the promise, or the rest of it, back: asked first."""
    mine = followed(request, token=token, pk=pk)

    def write(form: IdempotentForm) -> int:
        reason = form.cleaned_data["reason"]
        now = clock.utc_now()
        return services.cancel_pledge(pledge=mine.pledge, reason=reason, by=actor_of(request), now=now).pk

    return confirm(
        request,
        title=_("Take this promise back?"),
        consequence=_("What has not arrived yet can then be promised by others. This cannot be undone."),
        button=_("Take it back"),
        scope=f"aid.cancel/{mine.pledge.pk}",
        write=write,
        success_url=mine.address,
        back_url=mine.address,
        form_class=CancelForm,
    )


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@braked
def deliver(request: HttpRequest, token: str = "", pk: int = 0) -> HttpResponse:
    """Report what was handed over, with the recipient's code or a photo."""
    mine = followed(request, token=token, pk=pk)
    bound = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    form = DeliveryForm(
        bound[0], bound[1], initial={"quantity": mine.pledge.quantity - mine.pledge.delivered}
    )
    context = {
        "title": _("Report a delivery"),
        "code_used_up": code_used_up(mine.pledge),
        "pledge": mine.pledge,
        "need": mine.pledge.need_line.need,
        "back_url": mine.address,
        "button": _("Report it"),
    }
    return submit(
        request,
        form,
        scope=f"aid.deliver/{mine.pledge.pk}",
        write=lambda: deliver_with(form, mine.pledge, request).pk,
        success_url=mine.address,
        template="aid/deliver.html",
        context=context,
    )


def deliver_with(form: DeliveryForm | CodeForm, pledge: Pledge, request: HttpRequest) -> Delivery:
    """Report a delivery from a filled-in form: by code when there is one, else by photo."""
    clean, by, now = form.cleaned_data, actor_of(request), clock.utc_now()
    with shown_at(FIELDS):
        if clean["code"]:
            return services.acknowledge_by_code(
                pledge=pledge,
                code=clean["code"],
                quantity=clean["quantity"],
                photo=clean["photo"],
                close=clean["close"],
                by=by,
                now=now,
            )
        return services.report_delivery(
            pledge=pledge, quantity=clean["quantity"], photo=clean["photo"], by=by, now=now
        )
