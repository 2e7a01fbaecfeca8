"""Django application of the web room."""

from __future__ import annotations

import logging

from django.apps import AppConfig


class WebConfig(AppConfig):
    """The web room."""

    name = "kolaborasi.web"
    label = "web"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Silence Django's own request loggers: they write paths, and paths hold the secret of a follow link."""
        for name in ("django.request", "django.security.csrf", "django.security.DisallowedHost"):
            logging.getLogger(name).disabled = True
