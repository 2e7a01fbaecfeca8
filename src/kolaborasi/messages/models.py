"""The outbox of messages."""

from __future__ import annotations

from django.db import models

from kolaborasi.messages.states import MessageState


class Channel(models.TextChoices):
    """How a person is reached."""

    EMAIL = "email"
    SMS = "sms"
    WHATSAPP = "whatsapp"


class Message(models.Model):
    """One message to one person; the address is looked up when it is sent and never stored here."""

    created_at = models.DateTimeField()
    recipient = models.UUIDField()
    channel = models.CharField(max_length=10, choices=Channel.choices)
    template = models.CharField(max_length=60)
    language = models.CharField(max_length=5, default="id")
    context = models.JSONField(default=dict)
    state = models.CharField(max_length=10, default=MessageState.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_attempt_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=200, blank=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["next_attempt_at"], condition=models.Q(state="waiting"), name="message_waiting_next"
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=[state.value for state in MessageState]),
                name="message_state_is_known",
            ),
            models.CheckConstraint(
                condition=models.Q(state="sent", sent_at__isnull=False) | ~models.Q(state="sent"),
                name="message_sent_has_a_time",
            ),
        ]
