"""Django application of the commitments room."""

from django.apps import AppConfig


class CommitmentsConfig(AppConfig):
    """The commitments room."""

    name = "kolaborasi.commitments"
    label = "commitments"
    default_auto_field = "django.db.models.BigAutoField"
