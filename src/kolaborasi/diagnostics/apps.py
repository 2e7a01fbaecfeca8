"""Django application of the diagnostics room."""

from django.apps import AppConfig


class DiagnosticsConfig(AppConfig):
    """The diagnostics room."""

    name = "kolaborasi.diagnostics"
    label = "diagnostics"
    default_auto_field = "django.db.models.BigAutoField"
