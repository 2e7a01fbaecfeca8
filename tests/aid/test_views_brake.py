"""Nobody without an account sends forms without end: promises hold units, and codes can be guessed."""

from __future__ import annotations

import pytest
from django.test import Client

from kolaborasi.aid.models import Pledge
from kolaborasi.aid.views.access import receipt_ticket
from kolaborasi.messages.models import Message
from tests.aid.pages import fill, helper, promised, signed_in, soon, text_of, visitor_form
from tests.factories import NeedLineFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kolaborasi.common.pages.brake.RATE", "3/h")


def test_fourth_promise_of_an_address_is_refused_with_the_time_to_wait() -> None:
    line = NeedLineFactory(reported=500)
    address = f"/aid/needs/{line.need_id}/pledges"
    for number in range(3):
        form = visitor_form(line) | {"email": f"warga.{number}@contoh.example"}
        assert Client().post(address, form).status_code == 302
    response = Client().post(address, visitor_form(line) | {"email": "warga.4@contoh.example"})
    assert response.status_code == 429
    assert "Terlalu banyak formulir" in text_of(response)
    line.refresh_from_db()
    assert (Pledge.objects.count(), Message.objects.count(), line.committed) == (3, 3, 15)
    # Reading goes on, and so does another address.
    assert Client().get(address).status_code == 200
    assert Client(REMOTE_ADDR="192.0.2.7").post(address, visitor_form(line)).status_code == 302


def test_signed_in_helper_is_not_counted() -> None:
    line, client = NeedLineFactory(reported=500), signed_in(helper())
    for _number in range(5):
        form = fill(line=line.pk, quantity=1, deliver_date=soon())
        assert client.post(f"/aid/needs/{line.need_id}/pledges", form).status_code == 302
    assert Pledge.objects.count() == 5


def test_tries_of_codes_are_counted_together() -> None:
    pledge, token = promised(NeedLineFactory())
    addresses = [f"/aid/p/{token}/deliver/", f"/aid/r/{receipt_ticket(pledge)}/"]
    statuses = [
        Client().post(addresses[number % 2], fill(code="AAAAAA", quantity=10)).status_code
        for number in range(5)
    ]
    assert statuses == [422, 422, 422, 429, 429]
    pledge.refresh_from_db()
    assert pledge.wrong_codes == 3
