"""Factories without surprises: each makes exactly what its name says, through the tables' own constraints."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import factory
from factory.django import DjangoModelFactory

from kolaborasi.aid.models import Cause, Item, Need, NeedLine, Offer
from kolaborasi.aid.states import NeedState
from kolaborasi.common.actors import Actor, Role
from kolaborasi.partners.models import Membership, Partner, PartnerKind, Site, SiteKind
from kolaborasi.partners.states import PartnerState
from kolaborasi.people.models import Person, User
from kolaborasi.people.services import Identity, register
from kolaborasi.places.models import Place, PlaceKind
from tests.conftest import NOW

TODAY = date(2021, 7, 12)


class ProvinceFactory(DjangoModelFactory[Place]):
    """One province: 31."""

    class Meta:
        model = Place
        django_get_or_create = ("code",)

    kind = PlaceKind.PROVINCE
    code = "31"
    name = "DKI Jakarta"
    search_name = "dki jakarta"


class CityFactory(ProvinceFactory):
    """One city: 31.71."""

    kind = PlaceKind.CITY
    code = "31.71"
    name = "Jakarta Pusat"
    search_name = "jakarta pusat"
    parent = factory.SubFactory(ProvinceFactory)


class KecamatanFactory(ProvinceFactory):
    """One kecamatan: 31.71.01."""

    kind = PlaceKind.KECAMATAN
    code = "31.71.01"
    name = "Gambir"
    search_name = "gambir"
    parent = factory.SubFactory(CityFactory)


class KelurahanFactory(DjangoModelFactory[Place]):
    """Another kelurahan each time: 31.71.01.1001, …1002, … a kilometre apart."""

    class Meta:
        model = Place
        django_get_or_create = ("code",)

    kind = PlaceKind.KELURAHAN
    code = factory.Sequence(lambda number: f"31.71.01.{1001 + number}")
    name = factory.LazyAttribute(lambda place: f"Kelurahan {place.code[-4:]}")
    search_name = factory.LazyAttribute(lambda place: place.name.lower())
    parent = factory.SubFactory(KecamatanFactory)
    # There and back again: those a test makes stay near each other, whatever the number it begins with.
    latitude = factory.Sequence(lambda number: -6.17 - min(number % 2000, 2000 - number % 2000) * 0.009)
    longitude = 106.82


class PartnerFactory(DjangoModelFactory[Partner]):
    """An active community."""

    class Meta:
        model = Partner

    name = factory.Sequence(lambda number: f"Komunitas Contoh {number}")
    kind = PartnerKind.COMMUNITY
    state = PartnerState.ACTIVE
    applied_at = NOW - timedelta(days=30)
    activated_at = NOW - timedelta(days=29)
    state_at = NOW - timedelta(days=29)


class SiteFactory(DjangoModelFactory[Site]):
    """An orphanage of a partner of its own."""

    class Meta:
        model = Site

    partner = factory.SubFactory(PartnerFactory)
    place = factory.SubFactory(KelurahanFactory)
    kind = SiteKind.ORPHANAGE
    name = factory.Sequence(lambda number: f"Panti Contoh {number}")
    opened_date = date(2021, 1, 1)


class UserFactory(DjangoModelFactory[User]):
    """An account without roles."""

    class Meta:
        model = User

    email = factory.Sequence(lambda number: f"warga.contoh.{number}@contoh.example")
    joined_at = NOW


class MembershipFactory(DjangoModelFactory[Membership]):
    """A role of an account."""

    class Meta:
        model = Membership

    user = factory.SubFactory(UserFactory)
    partner = factory.SubFactory(PartnerFactory)
    role = "partner_member"
    starts_date = date(2021, 1, 1)


class ItemFactory(DjangoModelFactory[Item]):
    """The staple food package."""

    class Meta:
        model = Item
        django_get_or_create = ("code",)

    code = "sembako"
    name_id, name_en = "Paket sembako", "Staple food package"
    unit_id, unit_en = "paket", "packages"
    basis = "household"
    reference_price = 200_000
    source = "test"


class NeedFactory(DjangoModelFactory[Need]):
    """A verified, open need of a kelurahan of its own."""

    class Meta:
        model = Need

    place = factory.SubFactory(KelurahanFactory)
    cause = Cause.INCOME
    households = 10
    people = 40
    state = NeedState.OPEN
    registered_at = NOW - timedelta(days=1)
    verified_at = NOW - timedelta(hours=1)


class NeedLineFactory(DjangoModelFactory[NeedLine]):
    """50 packages needed within two weeks."""

    class Meta:
        model = NeedLine

    need = factory.SubFactory(NeedFactory)
    item = factory.SubFactory(ItemFactory)
    needed_by_date = TODAY + timedelta(days=14)
    reported = 50
    limit = factory.SelfAttribute("reported")


class OfferFactory(DjangoModelFactory[Offer]):
    """50 packages offered by a partner."""

    class Meta:
        model = Offer

    item = factory.SubFactory(ItemFactory)
    place = factory.SubFactory(KelurahanFactory)
    partner = factory.SubFactory(PartnerFactory)
    available_date = TODAY
    reported = 50
    limit = factory.SelfAttribute("reported")
    registered_at = NOW


def person(**identity: Any) -> Person:
    """A registered person who is visibly made up."""
    known = {"name": "Warga Contoh", "email": "warga@contoh.example", **identity}
    return register(identity=Identity(**known), by=Actor.system("test"), now=NOW)


def staff(role: str, place_code: str | None = None, *, partner_id: int | None = None) -> Actor:
    """An account of its own with one role."""
    return Actor.user(UserFactory().pk, (Role(role, partner_id, place_code),))
