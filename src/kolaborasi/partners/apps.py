"""Django application of the partners room."""

from django.apps import AppConfig


class PartnersConfig(AppConfig):
    """The partners room."""

    name = "kolaborasi.partners"
    label = "partners"
    default_auto_field = "django.db.models.BigAutoField"
