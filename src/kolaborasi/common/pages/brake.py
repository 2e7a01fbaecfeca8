"""How often somebody who is not signed in may send forms, as the API's throttle does for its writes."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from django.http import HttpRequest, HttpResponse
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _
from ninja.throttling import SimpleRateThrottle

from kolaborasi.common.errors import Refused

View = Callable[..., HttpResponse]
RATE = "120/h"
SAFE = ("GET", "HEAD", "OPTIONS")


class TooOften(Refused):
    """One address sent more forms than people do."""

    code = "too-often"
    status = 429

    def __init__(self, *, minutes: int) -> None:
        super().__init__(
            _("Too many forms came from your connection. Try again in %(minutes)s minutes, or sign in.")
            % {"minutes": minutes},
            details={"minutes": minutes},
        )


class VisitorForms(SimpleRateThrottle):
    """Counts forms of visitors by their address, which is not stored itself; members are not counted."""

    scope = "visitor-forms"

    def get_cache_key(self, request: HttpRequest) -> str | None:
        """Key of a visitor's address; None for whom nothing is counted."""
        if request.method in SAFE or request.actor.user_id is not None:  # type: ignore[attr-defined]
            return None
        digest = salted_hmac(self.scope, str(self.get_ident(request)), algorithm="sha256").hexdigest()
        return f"pages_{self.scope}_{digest[:32]}"


def braked(view: View) -> View:
    """Let a view answer at most 120 forms an hour from one visitor's address.

    Raises:
        TooOften: more came.
    """

    @wraps(view)
    def counted(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        throttle = VisitorForms(RATE)
        if not throttle.allow_request(request):
            raise TooOften(minutes=int((throttle.wait() or 0) // 60) + 1)
        return view(request, *args, **kwargs)

    return counted
