"""Django application of the places room."""

from django.apps import AppConfig


class PlacesConfig(AppConfig):
    """The places room."""

    name = "kolaborasi.places"
    label = "places"
    default_auto_field = "django.db.models.BigAutoField"
