"""The verifier's desk: needs of the own area, deliveries without an answer."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from kolaborasi.aid import services
from kolaborasi.aid.models import Need
from kolaborasi.aid.photos import Photo
from kolaborasi.aid.states import NeedState
from kolaborasi.common.actors import Actor
from kolaborasi.common.clock import utc_now
from kolaborasi.places.models import Place
from tests.aid.pages import fill, helper, member, promised, rw_place, signed_in, text_of
from tests.factories import KelurahanFactory, NeedLineFactory
from tests.support import assert_same_queries

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def demonstration(settings: Any, tmp_path: Path) -> None:
    """Staff without a second factor, as the demonstration has them."""
    settings.DEMO = True
    settings.MEDIA_ROOT = tmp_path


def waiting_need(place: Place | None = None) -> Need:
    extra = {"need__place": place} if place else {}
    return NeedLineFactory(need__state=NeedState.SUBMITTED, need__verified_at=None, **extra).need


def verifier_of(need: Need) -> Client:
    return signed_in(member("verifier", place=need.place))


def test_queue_shows_what_waits_in_the_own_area() -> None:
    need, elsewhere = waiting_need(), waiting_need()
    NeedLineFactory(need__place=need.place)
    found = verifier_of(need).get("/aid/verify/").context["list"].page
    assert [each.pk for each in found] == [need.pk]
    everywhere = signed_in(member("coordinator")).get("/aid/verify/").context["list"].page
    assert [each.pk for each in everywhere] == [need.pk, elsewhere.pk]


def test_queue_is_for_verifiers() -> None:
    assert Client().get("/aid/verify/").status_code == 302
    assert signed_in(helper()).get("/aid/verify/").status_code == 403
    assert signed_in(member("rw_head", place=KelurahanFactory())).get("/aid/verify/").status_code == 403


def test_verifier_without_a_second_factor_is_sent_to_it(settings: Any) -> None:
    settings.DEMO = False
    need = waiting_need()
    response = verifier_of(need).post(f"/aid/verify/{need.pk}/", fill())
    assert response.status_code == 302
    assert response["Location"].startswith("/accounts/")
    assert Need.objects.get().state == NeedState.SUBMITTED


def test_queue_asks_the_same_number_of_queries_for_any_number_of_rows() -> None:
    client = signed_in(member("coordinator"))
    assert_same_queries(6, ask=lambda: client.get("/aid/verify/"), add_row=waiting_need)


def test_verified_need_becomes_public_and_can_be_pressed_twice() -> None:
    need = waiting_need()
    client, form = verifier_of(need), fill()
    assert "Paket sembako" in text_of(client.get(f"/aid/verify/{need.pk}/"))
    for _press in range(2):
        assert client.post(f"/aid/verify/{need.pk}/", form)["Location"] == "/aid/verify/"
    assert Need.objects.get().state == NeedState.OPEN
    assert Client().get(f"/aid/needs/{need.pk}/").status_code == 200


def test_same_items_asked_for_above_and_below_are_shown_to_the_verifier() -> None:
    rw = rw_place()
    need, above = waiting_need(rw), NeedLineFactory(need__place=rw.parent).need
    twice = "Barang yang sama diminta di tempat ini"
    client = signed_in(member("verifier", place=rw.parent))
    page = text_of(client.get(f"/aid/verify/{need.pk}/"))
    assert twice in page
    assert f'href="/aid/needs/{above.pk}/"' in page
    alone = waiting_need()
    assert twice not in text_of(verifier_of(alone).get(f"/aid/verify/{alone.pk}/"))


def test_need_verified_by_somebody_else_says_so() -> None:
    need = waiting_need()
    client = verifier_of(need)
    client.post(f"/aid/verify/{need.pk}/", fill())
    response = client.post(f"/aid/verify/{need.pk}/", fill())
    assert response.status_code == 422


def test_rejection_needs_a_reason() -> None:
    need = waiting_need()
    client, address = verifier_of(need), f"/aid/verify/{need.pk}/reject/"
    assert "Tidak menerima kebutuhan ini?" in text_of(client.get(address))
    assert client.post(address, fill()).status_code == 422
    assert Need.objects.get().state == NeedState.SUBMITTED
    assert client.post(address, fill(reason="duplicate")).status_code == 302
    assert (Need.objects.get().state, Need.objects.get().state_reason) == (NeedState.REJECTED, "duplicate")


def test_verifier_of_another_area_changes_nothing() -> None:
    need = waiting_need()
    foreign = signed_in(member("verifier", place=KelurahanFactory()))
    for client in (foreign, signed_in(helper())):
        assert client.get(f"/aid/verify/{need.pk}/").status_code == 403
        assert client.post(f"/aid/verify/{need.pk}/", fill()).status_code == 403
        assert client.post(f"/aid/verify/{need.pk}/reject/", fill(reason="other")).status_code == 403
    assert Need.objects.get().state == NeedState.SUBMITTED
    assert foreign.get("/aid/verify/987654/").status_code == 404


def test_deliveries_without_an_answer_are_listed_after_three_days() -> None:
    line = NeedLineFactory()
    for days in (1, 4):
        pledge, _token = promised(line, 5)
        services.report_delivery(
            pledge=pledge,
            quantity=5,
            photo=Photo(b"jpeg", "jpg"),
            by=Actor.visitor(),
            now=utc_now() - timedelta(days=days),
        )
    client = verifier_of(line.need)
    assert client.get("/aid/verify/").context["late"] == 1
    found = client.get("/aid/verify/deliveries/").context["list"].page
    assert [each.pledge_id for each in found] == [pledge.pk]


def test_deliveries_without_an_answer_ask_the_same_number_of_queries() -> None:
    line = NeedLineFactory(reported=500)
    client = verifier_of(line.need)

    def add_row() -> None:
        pledge, _token = promised(line, 5)
        past = utc_now() - timedelta(days=4)
        services.report_delivery(
            pledge=pledge, quantity=5, photo=Photo(b"jpeg", "jpg"), by=Actor.visitor(), now=past
        )

    assert_same_queries(5, ask=lambda: client.get("/aid/verify/deliveries/"), add_row=add_row)
