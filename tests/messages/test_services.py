"""The outbox: written with the verb, sent after it, retried, given up with a reason."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from uuid import UUID, uuid4

import pytest
from django.db import transaction

from kolaborasi.common.lifecycle import WrongState
from kolaborasi.messages.models import Message
from kolaborasi.messages.services import MOST_ATTEMPTS, NotInTransaction, deliver, enqueue, retry
from tests.conftest import NOW
from tests.factories import person

pytestmark = pytest.mark.django_db


class Gateway(HTTPServer):
    """A real web hook on loopback that remembers what it was sent and answers as it is told."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Take)
        self.taken: list[dict[str, str]] = []
        self.answer = 200

    @property
    def address(self) -> str:
        return f"json://127.0.0.1:{self.server_address[1]}/{{address}}"


class Take(BaseHTTPRequestHandler):
    server: Gateway

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.taken.append({"path": self.path, **body})
        self.send_response(self.server.answer)
        self.end_headers()

    def log_message(self, *words: object) -> None:
        """Be quiet."""


@pytest.fixture
def gateway(settings: object) -> Iterator[Gateway]:
    server = Gateway()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    settings.MESSAGE_GATEWAYS = {"email": server.address}  # type: ignore[attr-defined]
    yield server
    server.shutdown()
    server.server_close()


def waiting(recipient: UUID | None = None, **given: object) -> Message:
    with transaction.atomic():
        return enqueue(
            template="confirm_contact",
            recipient=recipient or person().pk,
            context={"code": "123456"},
            now=NOW,
            **given,  # type: ignore[arg-type]
        )


def test_message_is_sent_once_to_the_address_of_the_person(gateway: Gateway) -> None:
    message = waiting()
    assert deliver(now=NOW) == 1
    assert deliver(now=NOW) == 0
    message.refresh_from_db()
    assert (message.state, message.attempts, message.sent_at) == ("sent", 1, NOW)
    assert message.context == {}
    (taken,) = gateway.taken
    assert "warga@contoh.example" in taken["path"]
    assert "123456" in taken["message"]


def test_message_is_written_in_the_language_of_its_reader(gateway: Gateway) -> None:
    for language in ("id", "en"):
        waiting(language=language)
    deliver(now=NOW)
    indonesian, english = (taken["title"] for taken in gateway.taken)
    assert indonesian != english


def test_refused_message_is_tried_again_later_and_given_up_at_last(gateway: Gateway) -> None:
    gateway.answer = 500
    message, now = waiting(), NOW
    assert deliver(now=now) == 0
    message.refresh_from_db()
    assert (message.state, message.attempts) == ("waiting", 1)
    assert message.next_attempt_at == NOW + timedelta(minutes=1)
    assert deliver(now=NOW + timedelta(seconds=59)) == 0
    assert len(gateway.taken) == 1
    for _attempt in range(MOST_ATTEMPTS - 1):
        now += timedelta(days=1)
        deliver(now=now)
    message.refresh_from_db()
    assert (message.state, message.attempts) == ("dead", MOST_ATTEMPTS)
    assert message.reason == "the gateway refused the message"
    gateway.answer = 200
    retry(message=message, now=now)
    assert deliver(now=now) == 1


def test_message_to_nobody_known_is_kept_with_the_reason(gateway: Gateway) -> None:
    message = waiting(uuid4())
    assert deliver(now=NOW) == 0
    message.refresh_from_db()
    assert message.reason == "the person has no address in this channel"
    assert gateway.taken == []


def test_without_gateway_messages_stay_readable_in_the_outbox() -> None:
    message = waiting()
    assert deliver(now=NOW) == 1
    message.refresh_from_db()
    assert message.reason == "kept in the outbox: no gateway is set"
    assert message.context == {"code": "123456"}


def test_without_gateway_in_production_nothing_is_called_sent(settings: object) -> None:
    settings.PRODUCTION = True  # type: ignore[attr-defined]
    message = waiting()
    assert deliver(now=NOW) == 0
    message.refresh_from_db()
    assert (message.state, message.reason) == ("waiting", "KOLABORASI_GATEWAY_EMAIL is not set")


def test_sent_message_is_not_sent_again() -> None:
    message = waiting()
    deliver(now=NOW)
    with pytest.raises(WrongState):
        retry(message=message, now=NOW)


@pytest.mark.django_db(transaction=True)
def test_message_outside_a_transaction_is_refused() -> None:
    with pytest.raises(NotInTransaction):
        enqueue(template="confirm_contact", recipient=uuid4(), context={}, now=NOW)
    assert Message.objects.count() == 0
