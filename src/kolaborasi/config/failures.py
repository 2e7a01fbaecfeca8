"""Errors outside any view: a page for people, a problem document below `/api/`."""

from __future__ import annotations

import sys

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from kolaborasi.api.failures import broken
from kolaborasi.common.http.problems import problem
from kolaborasi.web import views

API = "/api/"


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponseBase:
    """Status 400."""
    return problem(request, 400) if request.path.startswith(API) else views.bad_request(request, exception)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponseBase:
    """Status 403."""
    return problem(request, 403) if request.path.startswith(API) else views.forbidden(request, exception)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponseBase:
    """Status 404."""
    return problem(request, 404) if request.path.startswith(API) else views.not_found(request, exception)


def server_error(request: HttpRequest) -> HttpResponseBase:
    """Status 500, or 503 when the database does not answer."""
    error = sys.exc_info()[1]
    if request.path.startswith(API) and isinstance(error, Exception):
        return broken(request, error)
    return views.server_error(request)
