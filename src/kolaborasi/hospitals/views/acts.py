"""Acts on offers and referrals: each asks once and calls one verb."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from kolaborasi.common import clock
from kolaborasi.common.errors import NotFound
from kolaborasi.common.pages import IdempotentForm, confirm
from kolaborasi.hospitals import services
from kolaborasi.hospitals.forms import CancelForm, DeclineForm
from kolaborasi.hospitals.views.access import actor_of, back_to, seen_offer, seen_referral


@dataclass(frozen=True)
class Act:
    """A button and the page that asks before it is done.

    Args:
        verb: of `services`; called with the subject, `by`, `now` and, with a form of its own, `reason`.
        title: the question; `consequence` what will happen; `button` the verb.
    """

    verb: Callable[..., Any]
    title: Any
    consequence: Any
    button: Any
    form: type[IdempotentForm] = IdempotentForm


OFFER_ACTS = {
    "accept": Act(
        services.accept,
        _("Accept this patient?"),
        _("The bed is held until the ambulance has left with the patient."),
        _("Accept"),
    ),
    "decline": Act(
        services.decline,
        _("Decline this patient?"),
        _("The next hospital is asked at once. If there is none, the patient waits again in the same place."),
        _("Decline"),
        DeclineForm,
    ),
    "withdraw": Act(
        services.withdraw_offer,
        _("Take this offer back?"),
        _("The bed is free again; the next hospital in order is asked."),
        _("Take it back"),
    ),
}
REFERRAL_ACTS = {
    "depart": Act(
        services.depart,
        _("Has the ambulance left with the patient?"),
        _("The bed is then theirs without a time limit."),
        _("The ambulance has left"),
    ),
    "admit": Act(
        services.admit,
        _("Is the patient in the bed?"),
        _("The bed counts as in use until the patient leaves it."),
        _("Admitted"),
    ),
    "turn-away": Act(
        services.turn_away,
        _("Can the patient not be taken after all?"),
        _("The patient waits again, in the old place of the queue."),
        _("Turn away"),
        DeclineForm,
    ),
    "discharge": Act(
        services.discharge,
        _("Discharge this patient?"),
        _("The bed is free again and can be promised to somebody else."),
        _("Discharge"),
    ),
    "death": Act(
        services.record_death,
        _("Record that the patient died?"),
        _("Every bed and every open referral of the patient ends. This cannot be undone."),
        _("The patient died"),
    ),
    "cancel": Act(
        services.cancel_referral,
        _("Is no bed needed any more?"),
        _("A bed that is held is free again. The referral ends."),
        _("End the referral"),
        CancelForm,
    ),
}


GIVING_UP = ("decline", "turn-away")


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def act_on_offer(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """Answer an offer, or take it back."""
    placement = seen_offer(request, pk)
    return _act(request, OFFER_ACTS, name, {"placement": placement}, placement.referral, f"offer/{pk}")


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def act_on_referral(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """Say what became of the patient."""
    referral = seen_referral(request, pk)
    return _act(request, REFERRAL_ACTS, name, {"referral": referral}, referral, f"referral/{pk}")


def _act(
    request: HttpRequest,
    acts: dict[str, Act],
    name: str,
    subject: dict[str, Any],
    referral: Any,
    scope: str,
) -> HttpResponse:
    act = acts.get(name)
    if act is None:
        raise NotFound(_("There is no such page. Go back and try again."))

    def write(form: IdempotentForm) -> int:
        more = {"reason": form.cleaned_data["reason"]} if "reason" in form.fields else {}
        act.verb(**subject, **more, by=actor_of(request), now=clock.utc_now())
        return int(referral.pk)

    back = back_to(request, referral)
    if name in GIVING_UP and back == reverse("hospitals:referral", args=[referral.pk]):
        # Whoever says no for a hospital may no longer see the referral; a dispatcher may.
        back = back if _dispatches(request) else reverse("hospitals:mine")
    return confirm(
        request,
        title=act.title,
        consequence=act.consequence,
        button=act.button,
        scope=f"hospitals.{name}/{scope}",
        write=write,
        success_url=back,
        back_url=back,
        form_class=act.form,
    )


def _dispatches(request: HttpRequest) -> bool:
    return actor_of(request).has_role("coordinator")
