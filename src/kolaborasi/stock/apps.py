"""Django application of the stock room."""

from django.apps import AppConfig


class StockConfig(AppConfig):
    """The stock room."""

    name = "kolaborasi.stock"
    label = "stock"
    default_auto_field = "django.db.models.BigAutoField"
