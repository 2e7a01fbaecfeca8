"""Django application of the demo room."""

from django.apps import AppConfig


class DemoConfig(AppConfig):
    """The demo room."""

    name = "kolaborasi.demo"
    label = "demo"
    default_auto_field = "django.db.models.BigAutoField"
