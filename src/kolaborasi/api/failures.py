"""Every way a request can fail, as a problem document."""

from __future__ import annotations

import traceback
from typing import Any

import structlog
from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError

from kolaborasi.common.errors import Refused
from kolaborasi.common.http import problems
from kolaborasi.common.http.validation import field_errors

log = structlog.get_logger("kolaborasi.api")
CODES = {"CSRF check Failed": "csrf-failed", "Cannot parse request body": "unreadable-body"}


def install(api: NinjaAPI) -> None:
    """Let the API answer every error with a problem document."""
    answers: dict[type[Exception], Any] = {
        Refused: problems.refusal,
        ValidationError: _invalid,
        HttpError: _http_error,
        Http404: _not_found,
        Exception: broken,
    }
    for kind, answer in answers.items():
        api.add_exception_handler(kind, answer)


def broken(request: HttpRequest, error: Exception) -> HttpResponse:
    """An error nobody expected: logged by kind and place, answered without a word of it."""
    unavailable = isinstance(error, OperationalError | InterfaceError)
    route = request.resolver_match.route if request.resolver_match else ""
    # Database errors quote the values of the row, so production logs go without the message.
    said = {} if settings.PRODUCTION else {"message": str(error)}
    frames = [
        f"{frame.filename}:{frame.lineno} {frame.name}"
        for frame in traceback.extract_tb(error.__traceback__)[-8:]
    ]
    log.error("failed", route=route, kind=type(error).__name__, frames=frames, **said)
    return problems.problem(request, 503 if unavailable else 500)


def _invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    errors = field_errors(error.errors)
    return problems.problem(request, 422, detail=errors[0]["detail"], errors=errors)


def _http_error(request: HttpRequest, error: HttpError) -> HttpResponse:
    code = next((code for message, code in CODES.items() if error.message.startswith(message)), "")
    return problems.problem(request, error.status_code, code=code)


def _not_found(request: HttpRequest, error: Http404) -> HttpResponse:
    return problems.problem(request, 404)
