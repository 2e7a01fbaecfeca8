"""Errors as problem details.

Source: RFC 9457, Problem Details for HTTP APIs.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.http import HttpRequest, HttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from ninja import Schema
from pydantic import ConfigDict, Field

from kolaborasi.common.actors import Actor, ActorKind
from kolaborasi.common.errors import NotPermitted, Refused

MEDIA_TYPE = "application/problem+json"
TYPES = "/api/v1/problems/"
"""Where each problem type is explained; the code follows."""

TITLES: dict[int, str | Promise] = {
    400: _("This request could not be read"),
    401: _("Sign in first"),
    403: _("You may not do this"),
    404: _("This was not found"),
    405: _("This address does not take that method"),
    409: _("This has changed in the meantime"),
    412: _("This is no longer as you saw it"),
    422: _("This could not be done"),
    429: _("Too many requests"),
    500: _("Something went wrong on our side"),
    503: _("The service is not available for a moment"),
}
DETAILS: dict[int, str | Promise] = {
    400: _("Something in the address or in the body is not as it should be. Correct it and send it again."),
    401: _("Send a valid token (Authorization: Bearer …) or sign in."),
    403: _("You may not do this. Sign in with a role that may."),
    404: _("Check the address, or begin at the list."),
    405: _("The Allow header names the methods that work here."),
    429: _("Wait as long as the Retry-After header says and send it again."),
    500: _("The error was recorded. Nothing you sent was half saved. Report it with the request id."),
    503: _("The database does not answer. Nothing you sent was half saved. Try again in a minute."),
}
CODES = {
    400: "bad-request",
    401: "not-signed-in",
    403: "not-permitted",
    404: "not-found",
    405: "method-not-allowed",
    409: "conflict",
    412: "changed-since",
    422: "invalid",
    429: "too-many-requests",
    500: "internal-error",
    503: "unavailable",
}


class FieldError(Schema):
    """One value that is not accepted."""

    place: str = Field(description="Where the value was sent: body, query, path, header, form or file.")
    pointer: str = Field(description="JSON pointer to the value in that place (RFC 6901 fragment).")
    detail: str = Field(description="What to do about it, in the language of the request.")


class Problem(Schema):
    """What went wrong and what to do next; further members explain the numbers of one problem type."""

    model_config = ConfigDict(
        extra="allow",
        json_schema_extra={
            "examples": [
                {
                    "type": f"{TYPES}not-enough-left",
                    "title": "This could not be done",
                    "status": 422,
                    "detail": "Only 12 left; 50 were asked for.",
                    "code": "not-enough-left",
                    "request_id": "0f3a5c4e8b1d4e6f9a7b2c3d4e5f6a7b",
                    "left": 12,
                    "asked": 50,
                }
            ]
        },
    )

    type: str = Field(description="Address that explains this type of problem.")
    title: str = Field(description="The type in a few words, in the language of the request.")
    status: int = Field(description="The HTTP status.")
    detail: str = Field(description="One sentence about this occurrence, saying what to do next.")
    code: str = Field(description="Short stable word for programs.")
    request_id: str = Field(default="", description="Names this request in the logs of the city.")
    errors: list[FieldError] | None = Field(default=None, description="The values that are not accepted.")


class NotSignedIn(Refused):
    """The act needs an account with a role, and the request came without one."""

    code = "not-signed-in"
    status = 401

    def __init__(self) -> None:
        super().__init__(DETAILS[401])


def problem(
    request: HttpRequest,
    status: int,
    *,
    code: str = "",
    detail: str | Promise = "",
    more: Mapping[str, Any] | None = None,
    errors: Sequence[Mapping[str, str]] | None = None,
) -> HttpResponse:
    """A problem document.

    Args:
        code: of the type; the general one of the status when absent.
        detail: sentence about this occurrence; the general one of the status when absent.
        more: further members; those named like a standard member are left out.
        errors: values that are not accepted.
    """
    body = document(status, code=code, detail=detail, more=more, request_id=getattr(request, "id", ""))
    if errors is not None:
        body["errors"] = list(errors)
    return response_of(body)


def document(
    status: int,
    *,
    code: str = "",
    detail: str | Promise = "",
    more: Mapping[str, Any] | None = None,
    request_id: str = "",
) -> dict[str, Any]:
    """The members of a problem, in the language in use."""
    code = code or CODES.get(status, "error")
    own = {
        "type": f"{TYPES}{code}",
        "title": str(TITLES.get(status) or HTTPStatus(status).phrase),
        "status": status,
        "detail": str(detail or DETAILS.get(status, "")),
        "code": code,
        "request_id": request_id,
    }
    return {**(more or {}), **own}


def response_of(body: Mapping[str, Any]) -> HttpResponse:
    """The answer that carries a problem."""
    response = HttpResponse(
        json.dumps(body, cls=DjangoJSONEncoder, ensure_ascii=False),
        status=body["status"],
        content_type=MEDIA_TYPE,
    )
    response["Cache-Control"] = "no-store"
    if body["status"] == 401:
        response["WWW-Authenticate"] = 'Bearer realm="kolaborasi"'
    if body["status"] == 503:
        response["Retry-After"] = "30"
    return response


def refusal(request: HttpRequest, error: Refused) -> HttpResponse:
    """The problem of a refused verb; a visitor who lacks a permission is asked to sign in."""
    return response_of(refusal_document(request, error))


def refusal_document(request: HttpRequest, error: Refused) -> dict[str, Any]:
    """The members of a refused verb's problem."""
    actor: Actor | None = getattr(request, "actor", None)
    if isinstance(error, NotPermitted) and (actor is None or actor.kind == ActorKind.VISITOR):
        error = NotSignedIn()
    return document(
        error.status,
        code=error.code,
        detail=error.message,
        more=error.details,
        request_id=getattr(request, "id", ""),
    )
