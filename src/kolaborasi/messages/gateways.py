"""Ways out: one apprise address for each channel."""

from __future__ import annotations

from urllib.parse import quote
from uuid import UUID

import apprise
from django.conf import settings
from django.utils.module_loading import import_string

from kolaborasi.messages.rendering import Text


class GatewayMissing(Exception):
    """No gateway is set for the channel, or the person has no address in it."""


class GatewayFailed(Exception):
    """The gateway did not take the message."""


def send(recipient: UUID, channel: str, text: Text) -> str:
    """Give a message to the channel's gateway; returns a remark for the outbox.

    Outside production a channel without a gateway keeps its messages in the outbox, where they can be read.

    Raises:
        GatewayMissing: nothing to send with or to.
        GatewayFailed: the gateway refused.
    """
    address = import_string(settings.MESSAGE_ADDRESS_BOOK)(recipient, channel)
    if not address:
        raise GatewayMissing("the person has no address in this channel")
    gateway = settings.MESSAGE_GATEWAYS.get(channel)
    if not gateway:
        if settings.PRODUCTION:
            raise GatewayMissing(f"KOLABORASI_GATEWAY_{channel.upper()} is not set")
        return "kept in the outbox: no gateway is set"
    service = apprise.Apprise()
    if not service.add(gateway.replace("{address}", quote(address, safe=""))):
        raise GatewayMissing(f"KOLABORASI_GATEWAY_{channel.upper()} is not an address apprise knows")
    if not service.notify(title=text.subject, body=text.body):
        raise GatewayFailed("the gateway refused the message")
    return ""
