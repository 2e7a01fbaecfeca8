"""The demonstration city: whole, once, and visibly fictitious."""

from __future__ import annotations

from datetime import datetime

import pytest
from django.db import models

from kolaborasi.aid.facts import load_items
from kolaborasi.aid.models import Delivery, Need, NeedLine, Offer, Pledge
from kolaborasi.common.actors import Actor
from kolaborasi.demo.accounts import ACCOUNTS
from kolaborasi.demo.city import MARK, RealCity, load_city
from kolaborasi.messages.models import Message
from kolaborasi.partners.models import Partner
from kolaborasi.partners.queries import actor_of
from kolaborasi.people.models import User
from kolaborasi.places.services import load_jakarta
from tests.factories import PartnerFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _jakarta(db: None, now: datetime) -> None:
    load_jakarta(by=Actor.system("test"), now=now)
    load_items()


def units(model: type[models.Model], **conditions: object) -> int:
    return int(model._default_manager.filter(**conditions).aggregate(sum=models.Sum("reported"))["sum"])


def test_city_holds_the_estimated_needs_and_the_published_totals(now: datetime) -> None:
    loaded = load_city(now=now)
    assert (loaded.fresh, loaded.estimated, loaded.offered) == (True, 39_019, 23_411)
    assert Need.objects.filter(estimated=True, state="open").count() == 267
    assert units(NeedLine, item__code="paket-isoman") == 39_019
    assert units(Offer, item__code="paket-isoman") == 23_411
    assert units(Offer, item__code="sembako") == 375_745
    assert units(Offer, item__code="makanan-siap-saji") == 154_411
    assert units(NeedLine, item__code="makanan-siap-saji") == round(154_411 * 194 / 131)
    donors = Partner.objects.filter(legal_id__regex=r"^CONTOH-\d{3}$")
    assert (donors.count(), donors.filter(kind="aggregator").count()) == (98, 6)
    assert Offer.objects.exclude(person=None).values("person").distinct().count() == 12


def test_loading_again_changes_nothing(now: datetime) -> None:
    load_city(now=now)
    before = [model.objects.count() for model in (Need, Offer, Partner, Pledge, User, Message)]
    assert load_city(now=now).fresh is False
    assert [model.objects.count() for model in (Need, Offer, Partner, Pledge, User, Message)] == before


def test_city_is_not_loaded_beside_a_real_one(now: datetime) -> None:
    PartnerFactory(name="Bukan Contoh")
    with pytest.raises(RealCity):
        load_city(now=now)
    assert Partner.objects.filter(legal_id=MARK).count() == 0
    assert (User.objects.count(), Need.objects.count()) == (0, 0)


def test_same_seed_makes_the_same_city(now: datetime) -> None:
    from kolaborasi.demo.offers import gifts

    load_city(now=now)
    warehouses = 14_046
    expected = sorted(gift.quantity for gift in gifts(23_411 - warehouses) if gift.item == "paket-isoman")
    social = Partner.objects.get(legal_id="CONTOH-DINSOS")
    offers = Offer.objects.filter(item__code="paket-isoman").exclude(partner=social)
    assert sorted(offers.values_list("reported", flat=True)) == expected
    assert sum(Offer.objects.filter(partner=social).values_list("reported", flat=True)) == warehouses


def test_every_role_has_an_account_without_password_and_something_to_do(now: datetime) -> None:
    load_city(now=now)
    roles = {}
    for account in ACCOUNTS:
        user = User.objects.get(email=account.email)
        assert not user.has_usable_password()
        roles[account.key] = {role.name for role in actor_of(user, now).roles}
    # The others are appointed, and tested, with the network or programme they work in.
    assert {key: found for key, found in roles.items() if found} == {
        "ketua-rw": {"rw_head"},
        "panti": {"partner_member"},
        "agregator": {"partner_admin"},
        "kurir": {"courier", "partner_member"},
        "verifikator": {"verifier"},
        "koordinator": {"coordinator"},
        "auditor": {"auditor"},
    }
    assert Need.objects.filter(state="submitted").count() == 2
    states = [
        (each.state, each.handed_over_at is not None, each.delivered)
        for each in Pledge.objects.order_by("pk")
    ]
    assert states == [
        ("confirmed", True, 0),
        ("confirmed", False, 0),
        ("held", False, 0),
        ("confirmed", False, 120),
    ]
    assert Delivery.objects.get().received == 120
    assert Message.objects.count() == 2


def test_everybody_and_everything_is_visibly_made_up(now: datetime) -> None:
    load_city(now=now)
    assert all("Contoh" in name for name in Partner.objects.values_list("name", flat=True))
    assert all(email.endswith("@contoh.invalid") for email in User.objects.values_list("email", flat=True))
