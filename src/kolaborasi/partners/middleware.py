"""Who acts in a request, and no staff role without a second factor."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _

from kolaborasi.common.actors import Actor
from kolaborasi.partners.queries import actor_of
from kolaborasi.partners.second_factor import is_staff_role, next_step, was_given, without_staff_roles
from kolaborasi.people.models import User

OPEN_ROUTES = ("accounts/", "static/", "language", "healthz", "readyz", "metrics")
"""Beginnings of routes that staff reach before they have given a second factor."""


class SecondFactorNeeded(JsonResponse):
    """The API's refusal (RFC 9457 problem details) of a session that lacks its second factor."""

    def __init__(self) -> None:
        problem = {
            "type": "about:blank",
            "title": _("Second factor needed"),
            "status": 403,
            "code": "second-factor-needed",
            "detail": _("Your role needs a second factor. Set it up under your account and sign in with it."),
        }
        super().__init__(problem, status=403, content_type="application/problem+json")


@dataclass(frozen=True)
class Standing:
    """Who a request is from.

    Args:
        actor: with staff roles only when the second factor was given.
        lacks_factor: a staff role was left out for want of it.
    """

    actor: Actor
    lacks_factor: bool


def standing_of(request: HttpRequest) -> Standing:
    """Who a request is from; one statement for a signed-in user, none for a visitor."""
    if not request.user.is_authenticated:
        return Standing(Actor.visitor(), lacks_factor=False)
    user = request.user
    actor = actor_of(user)
    if not any(is_staff_role(role) for role in actor.roles) or was_given(request, user):
        return Standing(actor, lacks_factor=False)
    return Standing(without_staff_roles(actor), lacks_factor=True)


class ActorMiddleware:
    """Sets `request.actor`, worked out when first asked for, and sends staff to their second factor."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        """Wrap the rest of the request's way."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Attach the standing and the actor."""
        standing = SimpleLazyObject(lambda: standing_of(request))
        request.standing = standing  # type: ignore[attr-defined]
        request.actor = SimpleLazyObject(lambda: standing.actor)  # type: ignore[attr-defined]
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        """Before a page of the platform: the way to the second factor; before the API: a refusal."""
        route = request.resolver_match.route if request.resolver_match else ""
        if route.startswith(OPEN_ROUTES) or not request.standing.lacks_factor:  # type: ignore[attr-defined]
            return None
        if route.startswith("api/"):
            return SecondFactorNeeded()
        back = {"next": request.get_full_path()} if request.method == "GET" else {}
        address = next_step(cast(User, request.user))
        return redirect(f"{address}?{urlencode(back)}" if back else address)
