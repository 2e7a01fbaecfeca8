"""One's own promise on pages: confirm, hand over, report, cancel; and nobody else's."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from kolaborasi.aid.labels import PLEDGE_STEPS
from kolaborasi.aid.models import Delivery, Need, NeedLine, Pledge
from kolaborasi.aid.rules import MOST_WRONG_CODES
from kolaborasi.aid.states import DeliveryState, NeedState
from kolaborasi.commitments.states import CommitmentState
from kolaborasi.common.clock import utc_now
from tests.aid.pages import (
    fill,
    helper,
    link_in_outbox,
    member,
    photo,
    promised,
    signed_in,
    soon,
    text_of,
    visitor_form,
)
from tests.factories import NeedLineFactory, PartnerFactory
from tests.support import assert_same_queries

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def media(tmp_path: Path, settings: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def held(client: Client) -> str:
    """Address of the page of a promise that waits for its confirmation."""
    line = NeedLineFactory()
    client.post(f"/aid/needs/{line.need_id}/pledges", visitor_form(line, quantity=10))
    return link_in_outbox()


def numbers(line: NeedLine) -> tuple[int, int, int]:
    line.refresh_from_db()
    return line.reported, line.committed, line.delivered


def headed() -> bytes:
    """A photo that ends where its picture begins."""
    content = photo().read()
    return content[: content.index(b"\xff\xda") + 14]


def test_held_promise_offers_the_confirmation(client: Client, held: str) -> None:
    response = client.get(held)
    assert (response.status_code, "no-store" in response["Cache-Control"]) == (200, True)
    assert "Konfirmasi janji saya" in text_of(response)
    assert Pledge.objects.get().state == CommitmentState.HELD


def test_confirmation_is_a_post_and_can_be_pressed_twice(client: Client, held: str) -> None:
    assert client.get(f"{held}confirm/").status_code == 302
    assert Pledge.objects.get().state == CommitmentState.HELD
    form = fill()
    for _press in range(2):
        response = client.post(f"{held}confirm/", form)
        assert (response.status_code, response["Location"]) == (302, held)
    assert Pledge.objects.get().state == CommitmentState.CONFIRMED
    page = text_of(client.get(held))
    assert "Terima kasih. Janji Anda berlaku." in page
    assert "Konfirmasi janji saya" not in page


def test_confirmation_too_late_says_so_and_offers_another(client: Client, held: str) -> None:
    Pledge.objects.update(held_until=utc_now() - timedelta(minutes=1))
    response = client.post(f"{held}confirm/", fill())
    assert response.status_code == 422
    assert response.context["refusal"].code == "hold-expired"
    assert Pledge.objects.get().state == CommitmentState.HELD


def test_whole_way_to_delivered_with_the_code() -> None:
    line = NeedLineFactory(reported=50)
    pledge, token = promised(line, 10)
    client, address = Client(), f"/aid/p/{token}/"
    assert client.get(address).context["current"] == 2
    client.post(f"{address}hand-over/", fill())
    response = client.get(address)
    assert "Dalam perjalanan" in text_of(response)
    # The step that is marked says the same as the badge.
    assert str(PLEDGE_STEPS[response.context["current"] - 1]) == "Dalam perjalanan"
    form = fill(quantity=10, code=f" {pledge.receipt_code.lower()} ", photo=photo())
    response = client.post(f"{address}deliver/", form)
    assert (response.status_code, response["Location"]) == (302, address)
    assert numbers(line) == (50, 10, 10)
    page = text_of(client.get(address))
    assert "Terima kasih atas bantuan Anda. Bantuan sudah tiba." in page
    assert "deliver/" not in page


def test_photo_alone_waits_for_the_recipient() -> None:
    line = NeedLineFactory(reported=50)
    _pledge, token = promised(line, 10)
    client = Client()
    assert client.post(f"/aid/p/{token}/deliver/", fill(quantity=10, photo=photo())).status_code == 302
    assert Delivery.objects.get().state == DeliveryState.REPORTED
    assert numbers(line) == (50, 10, 0)
    assert "Menunggu penerima" in text_of(client.get(f"/aid/p/{token}/"))


@pytest.mark.parametrize("demo", [True, False])
def test_demonstration_leads_on_to_the_receiving_side(settings: Any, demo: bool) -> None:
    settings.DEMO = demo
    pledge, token = promised(NeedLineFactory(), 10)
    client, button = Client(), f'name="next" value="/aid/receive/{pledge.pk}/"'
    for page in (f"/aid/p/{token}/", f"/aid/p/{token}/deliver/"):
        assert (button in text_of(client.get(page))) == demo
    client.post(f"/aid/p/{token}/deliver/", fill(quantity=10, photo=photo()))
    assert (button in text_of(client.get(f"/aid/p/{token}/"))) == demo


def test_part_with_the_code_leaves_the_rest_promised_or_gives_it_back() -> None:
    line = NeedLineFactory(reported=50)
    pledge, token = promised(line, 10)
    address = f"/aid/p/{token}/"
    Client().post(f"{address}deliver/", fill(quantity=4, code=pledge.receipt_code))
    assert numbers(line) == (50, 10, 4)
    assert "Diserahkan sebagian" in text_of(Client().get(address))
    Client().post(f"{address}deliver/", fill(quantity=3, code=pledge.receipt_code, close="on"))
    assert numbers(line) == (50, 7, 7)


def test_delivery_sent_twice_counts_once() -> None:
    line = NeedLineFactory(reported=50)
    pledge, token = promised(line, 10)
    form = fill(quantity=4, code=pledge.receipt_code)
    first = Client().post(f"/aid/p/{token}/deliver/", form)
    second = Client().post(f"/aid/p/{token}/deliver/", form)
    assert first["Location"] == second["Location"]
    assert numbers(line) == (50, 10, 4)
    assert Delivery.objects.count() == 1


def test_wrong_code_is_counted_although_nothing_else_changes() -> None:
    line = NeedLineFactory(reported=50)
    pledge, token = promised(line, 10)
    response = Client().post(f"/aid/p/{token}/deliver/", fill(quantity=10, code="AAAAAA"))
    assert response.status_code == 422
    assert list(response.context["form"].errors) == ["code"]
    pledge.refresh_from_db()
    assert (pledge.wrong_codes, Delivery.objects.count(), numbers(line)) == (1, 0, (50, 10, 0))


def test_photo_is_unpacked_only_after_the_code_was_checked() -> None:
    line = NeedLineFactory(reported=50)
    pledge, token = promised(line, 10)
    broken = headed()
    address = f"/aid/p/{token}/deliver/"

    def send(code: str) -> Any:
        sent = SimpleUploadedFile("serah-terima.jpg", broken, "image/jpeg")
        return Client().post(address, fill(quantity=10, code=code, photo=sent))

    # The header is whole, the picture is not: whoever gets as far as unpacking it is told so.
    assert list(send("AAAAAA").context["form"].errors) == ["code"]
    assert list(send(pledge.receipt_code).context["form"].errors) == ["photo"]
    pledge.refresh_from_db()
    assert (pledge.wrong_codes, Delivery.objects.count(), numbers(line)) == (1, 0, (50, 10, 0))


def test_photo_for_a_promise_that_is_over_is_not_unpacked() -> None:
    line = NeedLineFactory(reported=50)
    _pledge, token = promised(line, 10)
    Client().post(f"/aid/p/{token}/cancel/", fill(reason="mistake"))
    broken = SimpleUploadedFile("serah-terima.jpg", headed(), "image/jpeg")
    response = Client().post(f"/aid/p/{token}/deliver/", fill(quantity=10, photo=broken))
    assert response.status_code == 422
    assert list(response.context["form"].errors) == ["__all__"]


def test_code_is_dead_after_five_wrong_tries() -> None:
    line = NeedLineFactory(reported=50)
    pledge, token = promised(line, 10)
    address = f"/aid/p/{token}/deliver/"
    for _try in range(MOST_WRONG_CODES):
        Client().post(address, fill(quantity=10, code="AAAAAA"))
    assert Client().post(address, fill(quantity=10, code=pledge.receipt_code)).status_code == 422
    assert numbers(line) == (50, 10, 0)


@pytest.mark.parametrize("name", ["bukan-foto.jpg", "kosong.jpg"])
def test_file_that_is_no_photo_is_refused_and_the_rest_is_kept(name: str) -> None:
    _pledge, token = promised(NeedLineFactory(), 10)
    content = b"<script>" if name.startswith("bukan") else b""
    form = fill(quantity=7, photo=SimpleUploadedFile(name, content, "image/jpeg"))
    response = Client().post(f"/aid/p/{token}/deliver/", form)
    assert response.status_code == 422
    assert list(response.context["form"].errors) == ["photo"]
    assert response.context["form"]["quantity"].value() == "7"
    assert Delivery.objects.count() == 0


@pytest.mark.parametrize(
    ("wrong", "field"),
    [({"quantity": 11}, "quantity"), ({"quantity": 0}, "quantity"), ({"photo": ""}, "photo")],
)
def test_wrong_delivery_is_refused_at_its_field(wrong: dict[str, Any], field: str) -> None:
    line = NeedLineFactory(reported=50)
    _pledge, token = promised(line, 10)
    response = Client().post(f"/aid/p/{token}/deliver/", {**fill(quantity=10, photo=photo()), **wrong})
    assert response.status_code == 422
    assert list(response.context["form"].errors) == [field]
    assert (Delivery.objects.count(), numbers(line)) == (0, (50, 10, 0))


def test_cancelling_asks_first_and_gives_the_units_back() -> None:
    line = NeedLineFactory(reported=50)
    pledge, token = promised(line, 10)
    client, address = Client(), f"/aid/p/{token}/"
    assert "Tarik kembali janji ini?" in text_of(client.get(f"{address}cancel/"))
    assert numbers(line) == (50, 10, 0)
    assert client.post(f"{address}cancel/", fill()).status_code == 422
    assert numbers(line) == (50, 10, 0)
    form = fill(reason="cannot-bring")
    for _press in range(2):
        assert client.post(f"{address}cancel/", form)["Location"] == address
    assert numbers(line) == (50, 0, 0)
    pledge.refresh_from_db()
    assert (pledge.state, pledge.end_reason) == (CommitmentState.RELEASED, "cannot-bring")
    page = text_of(client.get(address))
    assert "Ternyata saya tidak dapat mengantarnya" in page
    assert f"/aid/needs/{line.need_id}/pledges?line={line.pk}" in page


def test_need_that_is_over_is_told_to_the_helper() -> None:
    line = NeedLineFactory(reported=50)
    _pledge, token = promised(line, 10)
    client, address = Client(), f"/aid/p/{token}/"
    sentence = "Tempat ini tidak lagi meminta bantuan ini."
    assert sentence not in text_of(client.get(address))
    Need.objects.filter(pk=line.need_id).update(state=NeedState.WITHDRAWN, state_reason="other")
    page = text_of(client.get(address))
    assert sentence in page
    # What was promised may still be brought, or taken back.
    assert f"{address}deliver/" in page
    client.post(f"{address}cancel/", fill(reason="not-wanted"))
    page = text_of(client.get(address))
    assert f"/aid/needs/{line.need_id}/pledges" not in page
    assert 'class="button" href="/aid/"' in page


def test_delivered_promise_cannot_be_cancelled() -> None:
    line = NeedLineFactory(reported=50)
    pledge, token = promised(line, 10)
    Client().post(f"/aid/p/{token}/deliver/", fill(quantity=10, code=pledge.receipt_code))
    response = Client().post(f"/aid/p/{token}/cancel/", fill(reason="mistake"))
    assert response.status_code == 422
    assert numbers(line) == (50, 10, 10)


@pytest.mark.parametrize("step", ["", "confirm/", "hand-over/", "deliver/", "cancel/"])
def test_unknown_link_opens_nothing(client: Client, step: str) -> None:
    assert client.get(f"/aid/p/tidak-ada-janji-ini/{step}").status_code == 404


@pytest.mark.parametrize("step", ["", "hand-over/", "deliver/", "cancel/"])
def test_promise_of_somebody_else_is_not_found_by_number(step: str) -> None:
    line = NeedLineFactory(reported=50)
    pledge, _token = promised(line, 10)
    for client in (Client(), signed_in(helper()), signed_in(member("partner_member"))):
        address = f"/aid/my-pledges/{pledge.pk}/{step}"
        form = fill(reason="mistake", quantity=10, code=pledge.receipt_code)
        assert client.get(address).status_code == 404
        if step:
            assert client.post(address, form).status_code == 404
    pledge.refresh_from_db()
    assert (pledge.state, pledge.handed_over_at, numbers(line)) == (
        CommitmentState.CONFIRMED,
        None,
        (50, 10, 0),
    )


def test_my_promises_are_mine_and_my_partners() -> None:
    line, partner = NeedLineFactory(reported=500), PartnerFactory()
    user = member("partner_member", partner=partner)
    client = signed_in(user)
    for giver in ("me", f"partner:{partner.pk}"):
        client.post(
            f"/aid/needs/{line.need_id}/pledges",
            fill(line=line.pk, quantity=4, deliver_date=soon(), giver=giver),
        )
    promised(line, 3)
    shown = [pledge.quantity for pledge in client.get("/aid/my-pledges/").context["list"].page]
    assert shown == [4, 4]
    assert Client().get("/aid/my-pledges/")["Location"] == "/accounts/login/?next=/aid/my-pledges/"


def test_my_promises_ask_the_same_number_of_queries_for_any_number_of_rows() -> None:
    client = signed_in(helper())
    line = NeedLineFactory(reported=500)

    def add_row() -> None:
        client.post(f"/aid/needs/{line.need_id}/pledges", fill(line=line.pk, quantity=1, deliver_date=soon()))

    assert_same_queries(6, ask=lambda: client.get("/aid/my-pledges/"), add_row=add_row)
