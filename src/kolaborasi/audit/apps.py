"""Django application of the audit room."""

from django.apps import AppConfig


class AuditConfig(AppConfig):
    """The audit room."""

    name = "kolaborasi.audit"
    label = "audit"
    default_auto_field = "django.db.models.BigAutoField"
