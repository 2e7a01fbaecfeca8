"""Who may open the demo pages: this machine, in demo mode."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from ipaddress import ip_address

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase

View = Callable[..., HttpResponseBase]
PROXIED = ("X-Forwarded-For", "Forwarded", "X-Real-IP")


def is_from_here(request: HttpRequest) -> bool:
    """Whether the request comes from this machine itself: a loopback address, and no proxy in between."""
    try:
        near = ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False
    return near and not any(header in request.headers for header in PROXIED)


def demo_only(view: View) -> View:
    """Hide a page outside demo mode, and refuse it to other machines."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        if not settings.DEMO or settings.PRODUCTION:
            raise Http404
        if not is_from_here(request):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return guarded
