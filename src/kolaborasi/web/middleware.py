"""What happens around every request: its id, its log line, security headers, and refusals turned into pages."""

from __future__ import annotations

import re
import time
import traceback
import uuid
from collections.abc import Callable
from urllib.parse import urlsplit

import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from kolaborasi.common.errors import Refused
from kolaborasi.web.errors import refused

log = structlog.get_logger("kolaborasi.request")
GIVEN_ID = re.compile(r"[A-Za-z0-9-]{8,64}")


def content_security_policy(tiles: str = "") -> str:
    """The policy of all pages: nothing inline, nothing from elsewhere but map tiles where a city has set them.

    Args:
        tiles: tile address of `settings.MAP_TILES`, such as `https://tiles.example/{z}/{x}/{y}.png`.
    """
    parts = urlsplit(tiles.replace("{s}", "*"))
    tile_host = f" {parts.scheme}://{parts.netloc}" if parts.netloc else ""
    return "; ".join(
        [
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            f"img-src 'self' data: blob:{tile_host}",
            "font-src 'self'",
            "connect-src 'self'",
            "manifest-src 'self'",
            "worker-src 'self'",
            "form-action 'self'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        ]
    )


class RequestMiddleware:
    """Request id in, headers and one log line out."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        self.headers = {
            "Content-Security-Policy": content_security_policy(settings.MAP_TILES),
            "Permissions-Policy": "camera=(self), geolocation=(self), microphone=(), payment=(), usb=()",
        }

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer with the id in header and log; the log names the route, never the address asked for."""
        request.id = request_id(request)  # type: ignore[attr-defined]
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request.id)  # type: ignore[attr-defined]
        started = time.perf_counter()
        response = self.get_response(request)
        for name, value in self.headers.items():
            response.headers.setdefault(name, value)
        response["X-Request-ID"] = request.id  # type: ignore[attr-defined]
        milliseconds = round((time.perf_counter() - started) * 1000, 1)
        log.info(
            "request",
            method=request.method,
            route=_route(request),
            status=response.status_code,
            ms=milliseconds,
        )
        return response

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """A refusal becomes its page or partial; anything else is logged by kind and place, and left to the 500 page."""
        if isinstance(error, Refused):
            return refused(request, error)
        log.error(
            "failed", route=_route(request), kind=type(error).__name__, frames=_frames(error), **_said(error)
        )
        return None


def request_id(request: HttpRequest) -> str:
    """The id a proxy gave in X-Request-ID when it looks like one, else a new one."""
    given = request.headers.get("X-Request-ID", "")
    return given if GIVEN_ID.fullmatch(given) else uuid.uuid4().hex


def _route(request: HttpRequest) -> str:
    """The pattern that matched (`aid/needs/<int:pk>/`), without the values in it."""
    return request.resolver_match.route if request.resolver_match else ""


def _frames(error: Exception) -> list[str]:
    """Where it happened, innermost last."""
    return [
        f"{frame.filename}:{frame.lineno} {frame.name}"
        for frame in traceback.extract_tb(error.__traceback__)[-8:]
    ]


def _said(error: Exception) -> dict[str, str]:
    """The error's message, kept out of production logs: database errors quote the values of the row."""
    return {} if settings.PRODUCTION else {"message": str(error)}
