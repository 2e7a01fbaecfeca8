"""Django application of the aid room."""

from django.apps import AppConfig


class AidConfig(AppConfig):
    """The aid room."""

    name = "kolaborasi.aid"
    label = "aid"
    default_auto_field = "django.db.models.BigAutoField"
