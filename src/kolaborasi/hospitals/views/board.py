"""The dispatcher's board: who waits, in fair order; it brings itself up to date."""

from __future__ import annotations

import hashlib

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponseNotModified
from django.http.response import HttpResponseBase
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from kolaborasi.common import clock
from kolaborasi.hospitals import queries
from kolaborasi.hospitals.views.access import actor_of, require_role
from kolaborasi.hospitals.views.lists import BoardList


@login_required
@never_cache
@require_safe
def board(request: HttpRequest) -> HttpResponseBase:
    """Referrals on their way to a bed. Asked again by htmx with the version it shows, it answers 304 when nothing changed."""
    actor = actor_of(request)
    require_role(actor, "coordinator")
    tag = ""
    if getattr(request, "htmx", False):
        tag = version_tag(request)
        if request.headers.get("If-None-Match") == tag:
            unchanged = HttpResponseNotModified()
            unchanged["ETag"] = tag
            return unchanged
    rows = queries.visible_to(queries.board(), actor)
    response = BoardList(request, rows, waiting=queries.queue_counts(), tag=tag).response()
    if tag:
        response["ETag"] = tag
    return response


def version_tag(request: HttpRequest) -> str:
    """Names what the board shows: its referrals, who looks, the question, and the minute, since waiting times are shown."""
    now = clock.utc_now()
    parts = (
        *queries.board_version(),
        actor_of(request).reference,
        request.GET.urlencode(),
        get_language(),
        int(now.timestamp() // 60),
    )
    return f'"{hashlib.sha256(repr(parts).encode()).hexdigest()[:32]}"'
