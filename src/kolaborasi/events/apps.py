"""Django application of the events room."""

from django.apps import AppConfig


class EventsConfig(AppConfig):
    """The events room."""

    name = "kolaborasi.events"
    label = "events"
    default_auto_field = "django.db.models.BigAutoField"
