"""Load the demonstration city: accounts, partners, needs, offers and a few promises under way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from django.db import transaction
from django.utils import translation
from django.utils.timezone import localdate

from kolaborasi.aid.models import Cause
from kolaborasi.aid.queries import items
from kolaborasi.aid.rules import PEOPLE_PER_HOUSEHOLD, LineWish
from kolaborasi.aid.services import import_needs, import_offers
from kolaborasi.aid.services.needs import NeedRow
from kolaborasi.aid.services.offers import OfferRow
from kolaborasi.common.errors import Refused
from kolaborasi.demo import names
from kolaborasi.demo.accounts import ACCOUNTS, DEMO, open_account
from kolaborasi.demo.estimates import KelurahanEstimate, jakarta_estimates
from kolaborasi.demo.offers import (
    ISOLATION_SHARE,
    ORGANISATIONS,
    PERSONS,
    SEED,
    WAREHOUSE_SHARE,
    gifts,
    parts,
    rw_needs,
)
from kolaborasi.demo.scenes import play
from kolaborasi.partners.models import Partner, PartnerKind
from kolaborasi.partners.queries import all_partners
from kolaborasi.partners.services import enrol
from kolaborasi.people.models import Person
from kolaborasi.people.services import Identity, register
from kolaborasi.places import facts
from kolaborasi.places.models import Place
from kolaborasi.places.queries import places_of_kind
from kolaborasi.places.rules import Kind, rw_code
from kolaborasi.places.services import ensure_rws

MARK = "CONTOH-KOTA"
"""Legal id of the demonstration city's government: tells that the city is loaded."""

WAREHOUSES = (
    ("Gudang Contoh Gunung Sahari", "31.71.03.1005"),
    ("Gudang Contoh Bangun Daya 2", "31.75.10.1008"),
    ("Gudang Contoh Cipayung", "31.75.10.1001"),
)
"""The three warehouses of the social service (desain.beritajakarta.id/read/95985) by the kelurahan they stand in; that
Bangun Daya 2 stands in Ceger is our reading of its address."""


class RealCity(Refused):
    """The database already holds partners that are no demonstration."""

    code = "real-city"

    def __init__(self) -> None:
        super().__init__(
            "This database holds partners that are not demonstration data; the demonstration city is not loaded"
            " into it. Set DATABASE_URL or KOLABORASI_HOME to another one."
        )


@dataclass(frozen=True)
class Loaded:
    """What loading did.

    Args:
        fresh: False when the city was there already and nothing was written.
        needs, offers, partners: rows there are now.
        packages: isolation packages needed by the estimate, and offered.
    """

    fresh: bool
    partners: int
    estimated: int
    offered: int


def load_city(*, now: datetime, seed: int = SEED) -> Loaded:
    """Load the demonstration city unless it is there, all or nothing.

    Raises:
        RealCity: there are partners of another kind.
    """
    estimates = jakarta_estimates()
    needed = sum(estimate.need.packages for estimate in estimates)
    offered = int(needed * ISOLATION_SHARE)
    with transaction.atomic(), translation.override("id"):
        known = all_partners()
        fresh = not known.filter(legal_id=MARK).exists()
        if fresh:
            if known.exists():
                raise RealCity
            _fill(estimates, offered, now, seed)
        # Hospitals, labs and their helpers are counted where they are loaded.
        own = all_partners().filter(legal_id__startswith="CONTOH")
        own = own.exclude(legal_id__startswith="CONTOH-RS").exclude(legal_id__startswith="CONTOH-LAB")
        return Loaded(fresh, own.count(), needed, offered)


def _fill(estimates: list[KelurahanEstimate], offered: int, now: datetime, seed: int) -> None:
    kelurahan = {place.code: place for place in places_of_kind(Kind.KELURAHAN)}
    city = enrol(name=names.CITY, kind=PartnerKind.GOVERNMENT, legal_id=MARK, by=DEMO, now=now)
    users = {account.key: open_account(account, now) for account in ACCOUNTS}
    donors = _organisations(kelurahan, now, seed)
    persons = [_person(number, now) for number in range(1, PERSONS + 1)]
    _isolation_needs(estimates, kelurahan, now)
    scene = play(city=city, aggregator=donors[0], users=users, kelurahan=kelurahan, now=now)
    _rw_needs(kelurahan, scene.institution_meals, now, seed)
    _offers(donors, persons, kelurahan, offered, now, seed)


def _organisations(kelurahan: Mapping[str, Place], now: datetime, seed: int) -> list[Partner]:
    places = np.random.default_rng([seed, 3]).choice(sorted(kelurahan), ORGANISATIONS)
    return [
        enrol(
            name=names.organisation(number),
            kind=names.kind(number),
            legal_id=f"CONTOH-{number:03d}",
            place=kelurahan[str(code)],
            by=DEMO,
            now=now,
        )
        for number, code in enumerate(places, start=1)
    ]


def _person(number: int, now: datetime) -> Person:
    identity = Identity(name=f"Warga Contoh {100 + number}", email=f"warga{100 + number}@contoh.invalid")
    return register(identity=identity, by=DEMO, now=now)


def _isolation_needs(
    estimates: list[KelurahanEstimate], kelurahan: Mapping[str, Place], now: datetime
) -> None:
    by = localdate(now) + timedelta(days=14)
    rows = [
        NeedRow(
            place_id=kelurahan[estimate.code].pk,
            cause=Cause.ISOLATION,
            households=estimate.need.households,
            people=estimate.need.people,
            lines=(LineWish("paket-isoman", estimate.need.packages, by),),
        )
        for estimate in estimates
    ]
    import_needs(rows=rows, estimated=True, by=DEMO, now=now)


def _rw_needs(kelurahan: Mapping[str, Place], institution_meals: int, now: datetime, seed: int) -> None:
    households = [
        (place.code, place.households_2019)
        for place in facts.jakarta_places()
        if place.households_2019 and place.code != names.SCENE_KELURAHAN
    ]
    wanted = rw_needs(households, institution_meals, seed)
    places = ensure_rws(numbers={need.kelurahan: [need.number] for need in wanted}, by=DEMO, now=now)
    by = localdate(now) + timedelta(days=28)
    rows = [
        NeedRow(
            place_id=places[rw_code(need.kelurahan, need.number)].pk,
            cause=Cause.INCOME,
            households=need.households,
            people=need.households * PEOPLE_PER_HOUSEHOLD,
            lines=tuple(
                LineWish(item, quantity, by)
                for item, quantity in (("sembako", need.sembako), ("makanan-siap-saji", need.meals))
                if quantity
            ),
        )
        for need in wanted
    ]
    import_needs(rows=rows, estimated=False, by=DEMO, now=now)


def _offers(
    donors: list[Partner],
    persons: list[Person],
    kelurahan: Mapping[str, Place],
    offered: int,
    now: datetime,
    seed: int,
) -> None:
    of_code = {item.code: item.pk for item in items()}
    today = localdate(now)
    in_warehouses = int(offered * WAREHOUSE_SHARE)
    social = enrol(
        name=names.SOCIAL_SERVICE, kind=PartnerKind.GOVERNMENT, legal_id="CONTOH-DINSOS", by=DEMO, now=now
    )
    rows = [
        OfferRow(of_code["paket-isoman"], kelurahan[code].pk, units, today, partner_id=social.pk)
        for (_, code), units in zip(WAREHOUSES, parts(in_warehouses, np.ones(len(WAREHOUSES))), strict=True)
    ]
    homes = np.random.default_rng([seed, 4]).choice(sorted(kelurahan), PERSONS)
    for gift in gifts(offered - in_warehouses, seed):
        item = of_code[gift.item]
        if gift.donor < ORGANISATIONS:
            donor = donors[gift.donor]
            rows.append(OfferRow(item, _place_of(donor), gift.quantity, today, partner_id=donor.pk))
        else:
            number = gift.donor - ORGANISATIONS
            place = kelurahan[str(homes[number])]
            rows.append(OfferRow(item, place.pk, gift.quantity, today, person_id=persons[number].pk))
    import_offers(rows=rows, by=DEMO, now=now)


def _place_of(donor: Partner) -> int:
    if donor.place_id is None:
        raise ValueError("demo donors have a place")
    return donor.place_id
