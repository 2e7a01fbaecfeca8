"""All addresses, with those of demo mode."""

from __future__ import annotations

from django.urls import include, path

from kolaborasi.config.urls import (
    handler400,
    handler403,
    handler404,
    handler500,
    urlpatterns,
)

__all__ = ["handler400", "handler403", "handler404", "handler500", "urlpatterns"]
urlpatterns = [*urlpatterns, path("demo/", include("kolaborasi.demo.urls"))]
