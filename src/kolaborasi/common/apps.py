"""Django application of the common room."""

from django.apps import AppConfig


class CommonConfig(AppConfig):
    """Common ground."""

    name = "kolaborasi.common"
    label = "common"
    default_auto_field = "django.db.models.BigAutoField"
