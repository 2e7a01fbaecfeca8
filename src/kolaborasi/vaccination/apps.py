"""Django application of the vaccination room."""

from django.apps import AppConfig


class VaccinationConfig(AppConfig):
    """The vaccination room."""

    name = "kolaborasi.vaccination"
    label = "vaccination"
    default_auto_field = "django.db.models.BigAutoField"
