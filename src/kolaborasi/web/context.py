"""What every template knows."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from kolaborasi.web.navigation import navigation


def site(request: HttpRequest) -> dict[str, Any]:
    """Navigation, the other languages, demo mode, tile address, source address; no query."""
    return {
        "navigation": navigation(getattr(request, "actor", None), request.path),
        "languages": settings.LANGUAGES,
        "demo": settings.DEMO,
        "map_tiles": settings.MAP_TILES,
        "source_address": settings.SOURCE_ADDRESS,
        "request_id": getattr(request, "id", ""),
    }
