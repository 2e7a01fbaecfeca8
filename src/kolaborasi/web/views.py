"""Base pages: home, health, errors."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from kolaborasi.web import queries
from kolaborasi.web.errors import broken, error_page


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The first page: get help, give help, and how far the city is."""
    return render(request, "web/home.html", {"numbers": queries.home_numbers()})


@never_cache
@require_safe
def alive(request: HttpRequest) -> HttpResponse:
    """The process answers; asks nobody else."""
    return HttpResponse("ok\n", content_type="text/plain")


@never_cache
@require_safe
def ready(request: HttpRequest) -> JsonResponse:
    """Whether this process can do its work: the database answers and has the tables of this version."""
    reasons = queries.reasons_not_ready()
    return JsonResponse({"ready": not reasons, "reasons": reasons}, status=503 if reasons else 200)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Page of status 400."""
    return error_page(request, 400)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Page of status 403."""
    return error_page(request, 403)


def expired_form(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Page of a form whose secret is missing or old; says how to keep what was typed."""
    sentence = _(
        "This form was open for too long or your browser blocks cookies. Go back, load the page again and send it."
    )
    return error_page(request, 403, sentence)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Page of status 404."""
    return error_page(request, 404)


def too_many(request: HttpRequest) -> HttpResponse:
    """Page of status 429, when the account library counts too many attempts."""
    return error_page(request, 429)


def server_error(request: HttpRequest) -> HttpResponse:
    """Page of status 500, or 503 when the database does not answer."""
    return broken(request)
