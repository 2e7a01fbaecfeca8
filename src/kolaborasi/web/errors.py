"""Error pages: what happened, what to do next, the request id; nothing about a person."""

from __future__ import annotations

import sys
from dataclasses import dataclass

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from kolaborasi.common.errors import Refused

Text = str | Promise


@dataclass(frozen=True)
class Explanation:
    """One error in words: title, what happened, what to do next."""

    title: Text
    text: Text
    advice: tuple[Text, ...]


EXPLANATIONS = {
    400: Explanation(
        _("This request could not be read"),
        _("Something in the address or in the form is not as it should be."),
        (
            _("Go back and correct what you typed."),
            _("If you followed a link, ask for it again: it may be cut off."),
        ),
    ),
    403: Explanation(
        _("You may not open this"),
        _("Your account has no role for this page or this act."),
        (
            _("Sign in with an account that has the role."),
            _("Ask the administrator of your organisation for the role."),
        ),
    ),
    404: Explanation(
        _("This page was not found"),
        _("It may have moved, been withdrawn, or the address may be incomplete."),
        (_("Check the address."), _("Begin at the home page, or search the list of needs.")),
    ),
    409: Explanation(
        _("This has changed in the meantime"),
        _("Somebody else was faster. Nothing of yours was changed."),
        (_("Load the page again to see how it stands now."),),
    ),
    422: Explanation(
        _("This could not be done"),
        _("Nothing was changed."),
        (_("Go back, change what is named here and send it again."),),
    ),
    429: Explanation(
        _("Too many attempts in a short time"),
        _("To keep accounts safe, nothing more is accepted from here for a moment."),
        (
            _("Wait five minutes, then try once more."),
            _("If you forgot your password, ask for a new one instead."),
        ),
    ),
    500: Explanation(
        _("Something went wrong on our side"),
        _("The error was recorded. Nothing you sent was half saved."),
        (_("Try again in a few minutes."), _("If it stays, report it with the number below.")),
    ),
    503: Explanation(
        _("The service is not available for a moment"),
        _("The database does not answer. Nothing you sent was half saved."),
        (_("Try again in a minute. Your form keeps what you typed if you go back."),),
    ),
}


def error_page(request: HttpRequest, status: int, text: Text = "") -> HttpResponse:
    """The page of a status, or a notice alone for htmx.

    Args:
        text: replaces the general sentence; a translatable sentence without personal data.
    """
    explanation = EXPLANATIONS[status if status in EXPLANATIONS else (422 if status < 500 else 500)]
    context = {
        "status": status,
        "title": explanation.title,
        "text": text or explanation.text,
        "advice": explanation.advice,
        "request_id": getattr(request, "id", ""),
    }
    # With a broken server the layout must not ask the database who is signed in.
    whole = "web/error_bare.html" if status >= 500 else "web/error.html"
    partial = bool(getattr(request, "htmx", False))
    content = render_to_string(
        "web/_error.html" if partial else whole, context, request if status < 500 else None
    )
    response = HttpResponse(content, status=status)
    response["Cache-Control"] = "no-store"
    if status == 503:
        response["Retry-After"] = "30"
    return response


def refused(request: HttpRequest, error: Refused) -> HttpResponse:
    """The page of a refusal nobody caught, with its status and its sentence."""
    return error_page(request, error.status, error.message)


def broken(request: HttpRequest) -> HttpResponse:
    """The page of an unexpected error: 503 when the database does not answer, else 500."""
    error = sys.exc_info()[1]
    return error_page(request, 503 if isinstance(error, OperationalError | InterfaceError) else 500)
