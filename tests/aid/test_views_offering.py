"""Offers on pages: goods for wherever they are needed most, and what became of them."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.utils.timezone import localdate

from kolaborasi.aid import services
from kolaborasi.aid.models import Offer
from kolaborasi.common.clock import utc_now
from kolaborasi.partners.states import PartnerState
from tests.aid.pages import fill, helper, member, signed_in, soon, text_of
from tests.factories import (
    ItemFactory,
    KelurahanFactory,
    NeedLineFactory,
    OfferFactory,
    PartnerFactory,
    staff,
)
from tests.support import assert_same_queries

pytestmark = pytest.mark.django_db


def offer_form(**values: Any) -> dict[str, Any]:
    known = {
        "item": ItemFactory().pk,
        "quantity": 30,
        "place": KelurahanFactory().pk,
        "available_date": localdate().isoformat(),
    }
    return fill(**{**known, **values})


def test_helper_offers_once_however_often_the_form_is_sent() -> None:
    user = helper()
    client, form = signed_in(user), offer_form(until_date=soon())
    for _press in range(2):
        assert client.post("/aid/offers/new", form)["Location"] == "/aid/offers/"
    offer = Offer.objects.get()
    assert (offer.person, offer.partner, offer.reported, offer.left) == (user.person, None, 30, 30)


def test_member_offers_for_the_partner() -> None:
    partner = PartnerFactory()
    client = signed_in(member("partner_member", partner=partner))
    assert client.post("/aid/offers/new", offer_form(giver=f"partner:{partner.pk}")).status_code == 302
    assert Offer.objects.get().partner == partner


def test_frozen_partner_offers_nothing() -> None:
    partner = PartnerFactory(state=PartnerState.FROZEN, reason="complaint")
    client = signed_in(member("partner_member", partner=partner))
    response = client.post("/aid/offers/new", offer_form(giver=f"partner:{partner.pk}"))
    assert response.status_code == 422
    assert "dibekukan" in text_of(response)
    assert Offer.objects.count() == 0


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"quantity": 0}, "quantity"),
        ({"item": 987654}, "item"),
        ({"place": ""}, "place"),
        ({"available_date": "2020-01-01"}, "available_date"),
        ({"until_date": "2020-01-01"}, "until_date"),
        ({"giver": "partner:1"}, None),
    ],
)
def test_wrong_offer_is_named(wrong: dict[str, Any], field: str | None) -> None:
    response = signed_in(helper()).post("/aid/offers/new", offer_form(**wrong))
    if field is None:
        # Without partners there is nobody else to give; the foreign word is not read at all.
        assert Offer.objects.get().partner is None
        return
    assert response.status_code == 422
    assert list(response.context["form"].errors) == [field]
    assert Offer.objects.count() == 0


def test_offers_are_for_signed_in_people() -> None:
    for address in ("/aid/offers/", "/aid/offers/new"):
        assert Client().get(address)["Location"] == f"/accounts/login/?next={address}"


def test_offers_show_what_became_of_each() -> None:
    partner = PartnerFactory()
    offer = OfferFactory(partner=partner, reported=50)
    OfferFactory()
    line = NeedLineFactory()
    services.pledge_by_plan(
        need_line=line,
        offer=offer,
        quantity=20,
        deliver_date=localdate(),
        by=staff("coordinator"),
        now=utc_now(),
    )
    response = signed_in(member("partner_member", partner=partner)).get("/aid/offers/")
    found = response.context["list"].page
    assert [(each.pk, each.committed) for each in found] == [(offer.pk, 20)]
    assert f"/aid/my-pledges/{offer.pledges.get().pk}/" in text_of(response)


def test_offers_ask_the_same_number_of_queries_for_any_number_of_rows() -> None:
    partner = PartnerFactory()
    client = signed_in(member("partner_member", partner=partner))

    def add_row() -> None:
        services.pledge_by_plan(
            need_line=NeedLineFactory(),
            offer=OfferFactory(partner=partner),
            quantity=2,
            deliver_date=localdate(),
            by=staff("coordinator"),
            now=utc_now(),
        )

    assert_same_queries(7, ask=lambda: client.get("/aid/offers/"), add_row=add_row)


def test_withdrawing_asks_first_and_keeps_what_is_promised() -> None:
    partner = PartnerFactory()
    offer = OfferFactory(partner=partner, reported=50, committed=20)
    client = signed_in(member("partner_member", partner=partner))
    address = f"/aid/offers/{offer.pk}/withdraw/"
    assert "Tarik kembali penawaran ini?" in text_of(client.get(address))
    assert client.post(address, fill()).status_code == 302
    offer.refresh_from_db()
    assert (offer.reported, offer.committed, offer.left) == (20, 20, 0)


def test_offer_of_somebody_else_is_not_withdrawn() -> None:
    offer = OfferFactory(reported=50)
    for client in (signed_in(helper()), signed_in(member("partner_member"))):
        assert client.post(f"/aid/offers/{offer.pk}/withdraw/", fill()).status_code == 404
    offer.refresh_from_db()
    assert offer.reported == 50
