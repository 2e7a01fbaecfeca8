"""Django application of the messages room."""

from django.apps import AppConfig


class MessagesConfig(AppConfig):
    """The messages room; its label differs because Django's own flash messages took the short one."""

    name = "kolaborasi.messages"
    label = "outbox_messages"
    default_auto_field = "django.db.models.BigAutoField"
