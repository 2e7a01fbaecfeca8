"""Stores, sites and lots of the demonstration's vaccination programme: who owns what, where, of which kind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.utils.timezone import localdate

from kolaborasi.demo import names
from kolaborasi.demo.accounts import DEMO
from kolaborasi.partners.models import Partner, PartnerKind, Site, SiteKind
from kolaborasi.partners.services import enrol, open_site
from kolaborasi.places.models import Place
from kolaborasi.places.services import ensure_rw
from kolaborasi.stock.models import Location
from kolaborasi.stock.services import site_location
from kolaborasi.vaccination import queries, services
from kolaborasi.vaccination.models import Product, SessionKind, VaccineLot

LEGAL = "VAKSIN-CONTOH"
"""Begins the legal id of every partner made here."""

PARTNERS = (
    ("dinas", "Dinas Kesehatan Contoh", PartnerKind.GOVERNMENT),
    ("klinik", "Klinik Contoh Menteng", PartnerKind.CLINIC),
    ("rumah-sakit", "Rumah Sakit Vaksinasi Contoh", PartnerKind.HOSPITAL),
    ("kampus", "Kampus Vaksinasi Contoh", PartnerKind.CAMPUS),
    ("perusahaan", "Perusahaan Vaksinasi Contoh", PartnerKind.COMPANY),
    ("aplikasi", "Aplikasi Pendaftaran Contoh", PartnerKind.COMPANY),
    ("komunitas", "Komunitas RW Contoh 5", PartnerKind.COMMUNITY),
)


@dataclass(frozen=True)
class SiteFact:
    """A site and how its sessions are made, as in 2021 with owner, facility and vaccinator apart.

    Args:
        owner, facility: partners by key; the facility also sends the vaccinators.
        code: kelurahan it stands in.
        product, people: given there, and places of a window.
        residents: whether only residents of the kelurahan may come.
        half: 0 for the whole day, 1 for the morning, 2 for the afternoon.
    """

    key: str
    name: str
    owner: str
    facility: str
    kind: SessionKind
    code: str
    product: str
    people: int = 8
    residents: bool = False
    half: int = 0
    sponsor: str = ""


SITES = (
    SiteFact("sentra", "Sentra Vaksinasi Contoh Menteng", "klinik", "klinik", SessionKind.FIXED, "31.71.06.1001", "coronavac", 12),
    SiteFact("rumah-sakit", "Sentra Vaksinasi Rumah Sakit Contoh", "rumah-sakit", "rumah-sakit", SessionKind.FIXED, "31.74.06.1003", "comirnaty"),
    SiteFact("kampus", "Sentra Vaksinasi Kampus Contoh", "kampus", "rumah-sakit", SessionKind.FIXED, "31.73.02.1002", "astrazeneca"),
    SiteFact("gelanggang", "Gelanggang Remaja Contoh", "dinas", "klinik", SessionKind.MASS, "31.75.09.1001", "coronavac", 40),
    SiteFact("kantor", "Aula Perusahaan Contoh", "perusahaan", "rumah-sakit", SessionKind.WORKPLACE, "31.74.07.1001", "bbibp-corv", sponsor="perusahaan"),
    SiteFact("mobil-pagi", "Mobil Vaksin Contoh 1, taman pagi", "dinas", "klinik", SessionKind.MOBILE, "31.72.04.1001", "astrazeneca", residents=True, half=1, sponsor="aplikasi"),
    SiteFact("mobil-siang", "Mobil Vaksin Contoh 1, taman siang", "dinas", "klinik", SessionKind.MOBILE, "31.75.06.1001", "astrazeneca", residents=True, half=2, sponsor="aplikasi"),
    SiteFact("rw", "Balai RW Contoh 5", "komunitas", "klinik", SessionKind.COMMUNITY, "31.71.06.1001", "coronavac", 10, residents=True),
    SiteFact("rumah", "Kunjungan Rumah Contoh", "klinik", "klinik", SessionKind.HOME, "31.71.06.1001", "coronavac", 2),
)  # fmt: skip
STORES = (
    ("pusat", "Gudang Vaksin Kota Contoh", "31.71.03.1005"),
    ("selatan", "Gudang Vaksin Contoh Selatan", "31.74.06.1003"),
    ("timur", "Gudang Vaksin Contoh Timur", "31.75.09.1001"),
)
LOTS = (
    ("sinovac", "CTH-SV-101", "coronavac", 150, 10),
    ("sinovac-dekat", "CTH-SV-088", "coronavac", 9, 10),
    ("sinovac-tarik", "CTH-SV-077", "coronavac", 90, 2),
    ("az", "CTH-AZ-201", "astrazeneca", 70, 10),
    ("az-dekat", "CTH-AZ-180", "astrazeneca", 5, 8),
    ("pfizer", "CTH-PF-301", "comirnaty", 60, 6),
    ("sinopharm", "CTH-SP-401", "bbibp-corv", 200, 1),
    ("moderna", "CTH-MD-501", "moderna", 80, 14),
)
"""Key, code, product, days until expiry, doses per vial (packs seen in a district store)."""

DOSES = 3_000
"""Of each lot at the city's store; invented."""

AGO = timedelta(days=60)


@dataclass
class Network:
    """Everything the scenes use, by key."""

    partners: dict[str, Partner] = field(default_factory=dict)
    sites: dict[str, Site] = field(default_factory=dict)
    stores: dict[str, Location] = field(default_factory=dict)
    lots: dict[str, VaccineLot] = field(default_factory=dict)
    products: dict[str, Product] = field(default_factory=dict)
    home: Place | None = None


def open_network(kelurahan: Mapping[str, Place], now: datetime) -> Network:
    """Enrol the partners, open stores and sites, and take the lots into the city's store."""
    network = Network(products={product.code: product for product in queries.products()})
    for key, name, kind in PARTNERS:
        network.partners[key] = enrol(
            name=name, kind=kind, legal_id=f"{LEGAL}-{key}", place=kelurahan[names.SCENE_KELURAHAN], by=DEMO, now=now
        )  # fmt: skip
    for key, name, code in STORES:
        site = _site(network, "dinas", name, SiteKind.WAREHOUSE, kelurahan[code], now)
        network.stores[key] = site_location(site)
    for fact in SITES:
        site = _site(network, fact.owner, fact.name, SiteKind.VACCINATION, kelurahan[fact.code], now)
        network.sites[fact.key] = site
    network.home = ensure_rw(
        kelurahan=kelurahan[names.SCENE_KELURAHAN], number=names.SCENE_RW, by=DEMO, now=now
    )
    _lots(network, now)
    return network


def _site(network: Network, owner: str, name: str, kind: str, place: Place, now: datetime) -> Site:
    return open_site(
        partner=network.partners[owner], place=place, kind=kind, name=name, address="Jalan Contoh", by=DEMO, now=now
    )  # fmt: skip


def _lots(network: Network, now: datetime) -> None:
    """Lots were received weeks ago; a part of each went on to the district stores."""
    then, today = now - AGO, localdate(now)
    for key, code, product, days, per_vial in LOTS:
        lot = services.register_lot(
            product=network.products[product],
            code=code,
            expires_date=today + timedelta(days=days),
            doses_per_vial=per_vial,
            owner=network.partners["dinas"],
            by=DEMO,
            now=then,
        )
        network.lots[key] = lot
        services.receive_doses(lot=lot, location=network.stores["pusat"], doses=DOSES, by=DEMO, now=then)
    for key, store in (("sinovac", "selatan"), ("az", "timur"), ("pfizer", "selatan")):
        shipment = services.send_doses(
            lot=network.lots[key],
            source=network.stores["pusat"],
            target=network.stores[store],
            doses=400,
            arrives_date=localdate(then) + timedelta(days=1),
            by=DEMO,
            now=then,
        )
        services.receive_shipment(shipment=shipment, doses=400, by=DEMO, now=then + timedelta(days=1))
