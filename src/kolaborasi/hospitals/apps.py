"""Django application of the hospitals room."""

from django.apps import AppConfig


class HospitalsConfig(AppConfig):
    """The hospitals room."""

    name = "kolaborasi.hospitals"
    label = "hospitals"
    default_auto_field = "django.db.models.BigAutoField"
