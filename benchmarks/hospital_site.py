"""The site the hospitals benchmark serves: the platform as it is, and beside it the barest Django view there can be.

Run by granian in processes of its own; `benchmarks.hospitals` prepares the database and sets the environment.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kolaborasi.config.settings")

import django
from django.conf import settings

django.setup()

from django.core.handlers.wsgi import WSGIHandler  # noqa: E402
from django.db import connection, transaction  # noqa: E402
from django.http import HttpRequest, JsonResponse  # noqa: E402
from django.urls import include, path  # noqa: E402

platform = WSGIHandler()
middleware, settings.MIDDLEWARE = settings.MIDDLEWARE, []
without_middleware = WSGIHandler()
settings.MIDDLEWARE = middleware
settings.ROOT_URLCONF = "benchmarks.hospital_site"


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Requests below /bare/ meet no middleware at all; all others the whole platform."""
    handler = without_middleware if environ["PATH_INFO"].startswith("/bare/") else platform
    answer: Iterable[bytes] = handler(environ, start_response)
    return answer


def bare(request: HttpRequest, pool: int) -> JsonResponse:
    """One indexed SELECT and one UPDATE, in one transaction, in hand-written SQL."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT id, staffed FROM hospitals_bedpool WHERE id = %s", [pool])
        found = cursor.fetchone()
        cursor.execute(
            "UPDATE hospitals_bedpool SET waiting_inside = waiting_inside + 1 WHERE id = %s", [pool]
        )
    return JsonResponse({"pool": found[0]})


urlpatterns = [path("bare/<int:pool>", bare), path("", include("kolaborasi.config.urls"))]
