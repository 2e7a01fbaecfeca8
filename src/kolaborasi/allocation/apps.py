"""Django application of the allocation room."""

from django.apps import AppConfig


class AllocationConfig(AppConfig):
    """The allocation room."""

    name = "kolaborasi.allocation"
    label = "allocation"
    default_auto_field = "django.db.models.BigAutoField"
