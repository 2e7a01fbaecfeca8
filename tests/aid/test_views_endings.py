"""What pages say when the day of a promise has passed, or when all of a need has arrived."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils.timezone import localdate

from kolaborasi.aid import services
from kolaborasi.aid.models import Need, NeedLine, Pledge
from kolaborasi.aid.photos import Photo
from kolaborasi.aid.states import NeedState
from kolaborasi.common.actors import Actor
from kolaborasi.common.clock import utc_now
from tests.aid.pages import fill, helper, member, promised, signed_in, text_of
from tests.factories import KelurahanFactory, NeedLineFactory

pytestmark = pytest.mark.django_db


def head_of(line: NeedLine) -> Client:
    """The head of the place of a line, signed in."""
    return signed_in(member("rw_head", place=line.need.place))


def numbers(line: NeedLine) -> tuple[int, int, int]:
    line.refresh_from_db()
    return line.reported, line.committed, line.delivered


def late(line: NeedLine, quantity: int = 10) -> Pledge:
    """A promise whose day was yesterday."""
    pledge, _token = promised(line, quantity)
    Pledge.objects.filter(pk=pledge.pk).update(deliver_date=localdate() - timedelta(days=1))
    pledge.refresh_from_db()
    return pledge


def test_promise_whose_day_has_passed_is_marked_and_given_back_after_being_asked() -> None:
    line = NeedLineFactory(reported=50)
    coming, _token = promised(line)
    pledge = late(line)
    client, address = head_of(line), f"/aid/receive/{pledge.pk}/release/"
    page = text_of(client.get("/aid/mine/"))
    assert "Hari 1 janji sudah lewat" in page
    assert (page.count("Harinya sudah lewat"), address in page) == (1, True)
    assert f"/aid/receive/{coming.pk}/release/" not in page
    asked = text_of(client.get(address))
    assert "Berikan janji ini kepada orang lain?" in asked
    assert 'value="did-not-come"' in asked
    assert client.post(address, fill()).status_code == 422
    assert numbers(line) == (50, 20, 0)
    form = fill(reason="did-not-come")
    for _press in range(2):
        assert client.post(address, form)["Location"] == "/aid/mine/"
    assert numbers(line) == (50, 10, 0)
    assert Pledge.objects.get(pk=pledge.pk).end_reason == "did-not-come"
    assert "Harinya sudah lewat" not in text_of(client.get("/aid/mine/"))


def test_promise_that_was_reported_is_not_marked(tmp_path: Path, settings: Any) -> None:
    settings.MEDIA_ROOT = tmp_path
    line = NeedLineFactory(reported=50)
    pledge = late(line)
    picture = Photo(b"jpeg", "jpg")
    services.report_delivery(pledge=pledge, quantity=10, photo=picture, by=Actor.visitor(), now=utc_now())
    client = head_of(line)
    page = text_of(client.get("/aid/mine/"))
    assert "sudah lewat" not in page
    response = client.post(f"/aid/receive/{pledge.pk}/release/", fill(reason="other"))
    assert response.context["refusal"].code == "wrong-state"
    assert numbers(line) == (50, 10, 0)


def test_promise_is_not_given_back_before_its_day_or_by_others() -> None:
    line = NeedLineFactory(reported=50)
    coming, _token = promised(line)
    response = head_of(line).post(f"/aid/receive/{coming.pk}/release/", fill(reason="other"))
    assert (response.status_code, response.context["refusal"].code) == (422, "not-overdue")
    address = f"/aid/receive/{late(line).pk}/release/"
    foreign = signed_in(member("rw_head", place=KelurahanFactory()))
    for client, status in ((Client(), 302), (signed_in(helper()), 403), (foreign, 403)):
        assert client.post(address, fill(reason="other")).status_code == status
    assert numbers(line) == (50, 20, 0)


@pytest.mark.parametrize("state", [NeedState.OPEN, NeedState.WITHDRAWN])
def test_need_is_called_met_once_all_of_it_has_arrived(state: NeedState) -> None:
    line = NeedLineFactory(reported=10)
    pledge, token = promised(line)
    client = head_of(line)
    sentence = "Semua yang diminta tempat ini sudah tiba."
    pages = (f"/aid/needs/{line.need_id}/", f"/aid/p/{token}/")
    assert [sentence in text_of(client.get(page)) for page in pages] == [False, False]
    client.post(f"/aid/receive/{pledge.pk}/", fill(received=10))
    reason = "other" if state == NeedState.WITHDRAWN else ""
    Need.objects.filter(pk=line.need_id).update(state=state, state_reason=reason)
    assert [sentence in text_of(client.get(page)) for page in pages] == [True, True]
    assert "Terpenuhi" in text_of(client.get("/aid/mine/needs/"))
