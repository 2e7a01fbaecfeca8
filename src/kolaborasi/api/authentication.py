"""Who an API request is from: a token, a session, or nobody in particular."""

from __future__ import annotations

import hashlib
import hmac
import threading
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from ninja.security import HttpBearer, SessionAuth
from ninja.throttling import SimpleRateThrottle

from kolaborasi.api.queries import caller_of
from kolaborasi.common.actors import Actor, ActorKind
from kolaborasi.common.clock import utc_now
from kolaborasi.common.http.writes import acting

SAFE = ("GET", "HEAD", "OPTIONS")


class Token(HttpBearer):
    """`Authorization: Bearer kol_…`; needs no CSRF token, since no browser sends it by itself."""

    def authenticate(self, request: HttpRequest, token: str) -> Any:
        """Make the request one of the token's account.

        Raises:
            TokenRefused, SecondFactorNeeded.
        """
        caller = caller_of(token, now=utc_now())
        request.user = caller.user
        request.actor = caller.actor  # type: ignore[attr-defined]
        return caller.user


class Session(SessionAuth):
    """The session of a browser, with a CSRF token on writes."""

    def _get_key(self, request: HttpRequest) -> str | None:
        return super()._get_key(request) if request.user.is_authenticated else None


def visitor(request: HttpRequest) -> Actor:
    """Everybody else: what only some may do is refused by the verb."""
    return acting(request)


class VisitorWrites(threading.local, SimpleRateThrottle):
    """How often somebody who is not signed in may write; programs and members are not counted.

    Ninja keeps what it counts for a request on the throttle itself, so that each thread needs one of its own.
    """

    scope = "visitor-writes"

    def get_cache_key(self, request: HttpRequest) -> str | None:
        """Key of a visitor's address, which is not stored itself; None for whom nothing is counted."""
        if request.method in SAFE or acting(request).kind != ActorKind.VISITOR:
            return None
        address = str(self.get_ident(request)).encode()
        digest = hmac.new(settings.SECRET_KEY.encode(), address, hashlib.sha256).hexdigest()
        return f"api_{self.scope}_{digest[:32]}"
