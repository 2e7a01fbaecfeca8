"""Ambulances: who waits for one, which is sent, where it is."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from kolaborasi.common import clock
from kolaborasi.common.errors import NotFound
from kolaborasi.common.pages import IdempotentForm, confirm, submit
from kolaborasi.hospitals import queries, services
from kolaborasi.hospitals.forms import DispatchForm
from kolaborasi.hospitals.models import AmbulanceRequest
from kolaborasi.hospitals.permissions import TABLE
from kolaborasi.hospitals.queries.work import ambulances_for, partner_ids, rides_of
from kolaborasi.hospitals.views.access import actor_of, require_role
from kolaborasi.hospitals.views.acts import Act
from kolaborasi.hospitals.views.lists import RideList

ACTS = {
    "pick-up": Act(
        services.pick_up,
        _("Is the patient on board?"),
        _("A bed that is held is theirs without a time limit from now on."),
        _("Patient on board"),
    ),
    "arrive": Act(
        services.arrive,
        _("Has the ambulance arrived?"),
        _("It is free for the next patient. The hospital admits the patient itself."),
        _("Arrived"),
    ),
    "give-back": Act(
        services.give_back_ride,
        _("Can the ambulance not drive after all?"),
        _("The patient waits for another one, in the old place."),
        _("Give it back"),
    ),
    "cancel": Act(
        services.cancel_ambulance,
        _("Is no ambulance needed any more?"),
        _("The request ends."),
        _("End the request"),
    ),
}


@login_required
@never_cache
@require_safe
def ambulances(request: HttpRequest) -> HttpResponseBase:
    """Requests under way, and the ambulances that are free."""
    actor = actor_of(request)
    require_role(actor, "coordinator", "partner_admin", "partner_member")
    free = set(queries.free_ambulances().values_list("pk", flat=True))
    own = [each for each in ambulances_for(actor) if each.pk in free]
    return RideList(request, rides_of(actor), free=own, act_form=IdempotentForm()).response()


def _seen_ride(request: HttpRequest, pk: int) -> AmbulanceRequest:
    """A request the actor may send an ambulance to, or whose ambulance is theirs.

    Raises:
        NotFound: there is none, or it is somebody else's.
    """
    ride, actor = queries.ride_by_id(pk), actor_of(request)
    partner = ride.ambulance.partner_id if ride and ride.ambulance else None
    if ride is None or not (
        TABLE.allows(actor, "dispatch_ambulance", place_code=ride.place.code, partner_id=partner)
        or (partner is None and ambulances_for(actor).exists() and partner_ids(actor))
    ):
        raise NotFound(_("There is no such ambulance request among those you may see."))
    return ride


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def dispatch(request: HttpRequest, pk: int) -> HttpResponse:
    """Send an ambulance."""
    ride, actor = _seen_ride(request, pk), actor_of(request)
    free = set(queries.free_ambulances().values_list("pk", flat=True))
    choices = {each.pk: each for each in ambulances_for(actor) if each.pk in free}
    form = DispatchForm(
        request.POST if request.method == "POST" else None,
        ambulances=[(each.pk, each.call_sign) for each in choices.values()],
    )

    def write() -> int:
        chosen = choices[form.cleaned_data["ambulance"]]
        return services.dispatch_ambulance(ride=ride, ambulance=chosen, by=actor, now=clock.utc_now()).pk

    return submit(
        request,
        form,
        scope=f"hospitals.dispatch_ambulance/{pk}",
        write=write,
        success_url=reverse("hospitals:ambulances"),
        context={
            "title": _("Send an ambulance"),
            "button": _("Send it"),
            "back_url": reverse("hospitals:ambulances"),
        },
    )


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def act(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """Say where an ambulance is."""
    ride, chosen = _seen_ride(request, pk), ACTS.get(name)
    if chosen is None:
        raise NotFound(_("There is no such page. Go back and try again."))

    def write(_form: Any) -> int:
        return int(chosen.verb(ride=ride, by=actor_of(request), now=clock.utc_now()).pk)

    back = reverse("hospitals:ambulances")
    return confirm(
        request,
        title=chosen.title,
        consequence=chosen.consequence,
        button=chosen.button,
        scope=f"hospitals.ride-{name}/{pk}",
        write=write,
        success_url=back,
        back_url=back,
    )
