"""Django application of the api room."""

from django.apps import AppConfig


class ApiConfig(AppConfig):
    """The api room."""

    name = "kolaborasi.api"
    label = "api"
    default_auto_field = "django.db.models.BigAutoField"
