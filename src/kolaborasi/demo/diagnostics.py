"""Load the demonstration's testing network: generated labs, two weeks of specimens, and work for each account."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np
from django.db import transaction
from django.utils import translation
from django.utils.timezone import localdate

from kolaborasi.common.actors import Actor
from kolaborasi.demo import names
from kolaborasi.demo.accounts import DEMO, DemoAccount, open_account
from kolaborasi.demo.labs import PREPARATION_MINUTES, GeneratedLab, generated_labs
from kolaborasi.demo.offers import SEED
from kolaborasi.demo.queries import account_of, user_of
from kolaborasi.demo.specimens import Scene, play_bench, play_rounds
from kolaborasi.diagnostics import facts, services
from kolaborasi.diagnostics.models import Lab
from kolaborasi.diagnostics.queries import assays, labs, results_to_validate
from kolaborasi.diagnostics.services import Entry, KitRow, LabRow, MachineRow
from kolaborasi.partners.models import PartnerKind, Site, SiteKind
from kolaborasi.partners.queries import actor_of, all_partners, open_sites
from kolaborasi.partners.services import appoint, enrol, open_site
from kolaborasi.people.models import User
from kolaborasi.places.models import Place
from kolaborasi.places.queries import places_of_kind
from kolaborasi.places.rules import Kind
from kolaborasi.stock.models import Item

HISTORY_DAYS = 13
PER_DAY = 48
"""Swabs of a day of the demonstration: enough for every chart, few enough to load in a moment."""
HISTORY_LABS = 12
LABS_PER_DAY = 2
POSITIVE = 0.34
"""Positivity of the seven days to 20 July 2021, about; sources differ between 29 and 34.8 per cent."""
HOURS = {"government": 30.0, "campus": 16.0, "research": 18.0, "private": 13.0, "hospital": 15.0}
"""Hours from receipt to result by kind of lab, in the middle; assumed."""
NETWORK_VALIDATOR = DemoAccount("validator-jejaring", "Validator Jejaring Contoh 1", "", "", "")
RESIDENCES = 24
AHEAD = timedelta(days=4)
"""Labs offer today and the three days after it."""


@dataclass(frozen=True)
class Network:
    """What loading did: whether it was new, how many labs there are and what they offer together on a Monday."""

    fresh: bool
    labs: int
    offered: int


def load_testing(*, now: datetime, seed: int = SEED) -> Network:
    """Load the testing network unless it is there, all or nothing.

    Raises:
        Partner.DoesNotExist: the demonstration city and its hospitals are not loaded.
    """
    with transaction.atomic(), translation.override("id"):
        facts.load_assays()
        fresh = not labs().exists()
        made = generated_labs(seed)
        if fresh:
            _fill(made, now, seed)
        return Network(fresh, labs().count(), sum(each.offer for each in made))


def _fill(made: Sequence[GeneratedLab], now: datetime, seed: int) -> None:
    kelurahan = list(places_of_kind(Kind.KELURAHAN, below="31"))
    mainland = [place for place in kelurahan if not place.code.startswith("31.01.")]
    home = next(place for place in mainland if place.code == names.SCENE_KELURAHAN)
    generator = np.random.default_rng([seed, 22])
    sites = _testing_sites(home, now)
    start = now - timedelta(days=HISTORY_DAYS + 1)
    own_fact = next(each for each in made if each.kind.partner == PartnerKind.CAMPUS)
    days = _days(localdate(start), localdate(now) + AHEAD)
    (own,) = services.load_labs(rows=[_row(own_fact, home, _kit(), days, start)], by=DEMO, now=start)
    services.receive_kits(
        lab=own,
        item=_kit(),
        lot="KIT-CONTOH-SEGERA",
        expires_date=localdate(now) + timedelta(days=10),
        reactions=480,
        by=DEMO,
        now=start,
    )
    scene = _scene(own, sites, mainland, now)
    play_rounds(scene)
    play_bench(scene)
    others = _others(made, own_fact, mainland, generator, now)
    _history(others[:HISTORY_LABS], scene, generator)
    _outage(others, scene)
    _waiting(scene)
    services.propose_dispatch(departs_at=now + timedelta(minutes=30), by=DEMO, now=now)


def _testing_sites(home: Place, now: datetime) -> list[Site]:
    """Collection points of one partner, the first where the demo accounts are; and a puskesmas for each kecamatan."""
    partner = enrol(
        name="Layanan Swab Contoh",
        kind=PartnerKind.CLINIC,
        legal_id="CONTOH-LAB-SWAB",
        place=home,
        by=DEMO,
        now=now,
    )
    around = [home, *places_of_kind(Kind.KELURAHAN, below="31.71").exclude(pk=home.pk)[:9:3]]
    points = [
        open_site(
            partner=partner,
            place=place,
            kind=SiteKind.COLLECTION,
            name=f"Titik Swab Contoh {number}",
            by=DEMO,
            now=now,
        )
        for number, place in enumerate(around, start=1)
    ]
    appoint(user=account("petugas-swab", now), partner=partner, role="partner_member", by=DEMO, now=now)
    couriers = enrol(
        name="Kurir Sampel Contoh",
        kind=PartnerKind.COMPANY,
        legal_id="CONTOH-LAB-KURIR",
        place=home,
        by=DEMO,
        now=now,
    )
    appoint(user=account("kurir-sampel", now), partner=couriers, role="courier", by=DEMO, now=now)
    return [*points, *_puskesmas(home, now)]


def _puskesmas(home: Place, now: datetime) -> list[Site]:
    """One for each kecamatan, which looks after its people; the demo account's own is among them."""
    known = open_sites(all_partners().get(legal_id="CONTOH-RS-PKM")).get()
    found = []
    for number, area in enumerate(places_of_kind(Kind.KECAMATAN, below="31"), start=1):
        if home.code.startswith(area.code):
            site = known
        else:
            partner = enrol(
                name=f"Puskesmas Contoh {area.name}",
                kind=PartnerKind.OTHER,
                legal_id=f"CONTOH-LAB-PKM{number:02d}",
                place=area,
                by=DEMO,
                now=now,
            )
            site = open_site(
                partner=partner, place=area, kind=SiteKind.PUSKESMAS, name=partner.name, by=DEMO, now=now
            )
        services.set_catchment(site=site, places=[area], by=DEMO, now=now)
        found.append(site)
    return found


def _row(made: GeneratedLab, place: Place, kit: Item, days: Sequence[date], now: datetime) -> LabRow:
    """A lab on a site of a partner of its own, with kits for ten days of full work."""
    partner = enrol(
        name=made.name, kind=made.kind.partner, legal_id=made.legal_id, place=place, by=DEMO, now=now
    )
    site = open_site(partner=partner, place=place, kind=made.kind.site, name=made.name, by=DEMO, now=now)
    lot, expires = f"KIT-{made.legal_id}", localdate(now) + timedelta(days=240)
    return LabRow(
        site=site,
        biosafety=made.biosafety,
        mobile=made.kind.mobile,
        preparation_minutes=PREPARATION_MINUTES,
        machines=[
            MachineRow(f"PCR {number}", *machine) for number, machine in enumerate(made.machines, start=1)
        ],
        shifts=made.shifts,
        kits=[KitRow(kit, lot, expires, 10 * made.able(0) + 2000)],
        offers={day: min(made.offer, made.able(day.weekday())) for day in days},
    )


def _kit() -> Item:
    kit = assays().get(code="cdc-n1-n2").kit
    if kit is None:
        raise ValueError("the assay has no kit")
    return kit


def _days(first: date, end: date) -> list[date]:
    return [first + timedelta(days=number) for number in range((end - first).days)]


def account(key: str, now: datetime) -> User:
    """The user of a demo account, opened when the city was loaded before the account existed."""
    found = account_of(key)
    if found is None:
        raise ValueError(f"no demo account {key}")
    return user_of(found) or open_account(found, now)


def _scene(own: Lab, sites: Sequence[Site], places: Sequence[Place], now: datetime) -> Scene:
    for key, role in (
        ("analis", "partner_member"),
        ("validator", "partner_member"),
        ("kepala-lab", "partner_admin"),
    ):
        appoint(user=account(key, now), partner=own.site.partner, role=role, by=DEMO, now=now)
    keys = ("analis", "validator", "kurir-sampel", "petugas-swab", "warga")
    return Scene(
        lab=own,
        sites=list(sites),
        places=list(places[:: max(1, len(places) // RESIDENCES)]),
        home=own.site.place,
        actors={key: actor_of(account(key, now), now) for key in keys},
        courier=account("kurir-sampel", now),
        now=now,
    )


def _others(
    made: Sequence[GeneratedLab],
    own: GeneratedLab,
    places: Sequence[Place],
    generator: np.random.Generator,
    now: datetime,
) -> list[Lab]:
    """All other labs, spread over the city, in an order that mixes the kinds."""
    rest = [each for each in made if each is not own]
    where = generator.choice(len(places), len(rest), replace=False)
    mixed = sorted(range(len(rest)), key=lambda row: (rest[row].number, row))
    then, days = now - timedelta(days=HISTORY_DAYS + 1), _days(localdate(now), localdate(now) + AHEAD)
    rows = [_row(rest[row], places[int(where[row])], _kit(), days, then) for row in mixed]
    return services.load_labs(rows=rows, by=DEMO, now=then)


def _history(known: Sequence[Lab], scene: Scene, generator: np.random.Generator) -> None:
    """Swabs of the days before yesterday, read by a few labs a day: what indicators and charts show."""
    user = open_account(NETWORK_VALIDATOR, scene.now)
    for lab in known:
        appoint(user=user, partner=lab.site.partner, role="partner_member", by=DEMO, now=scene.now)
    validator = actor_of(user, scene.now)
    number = 0
    for day in range(HISTORY_DAYS, 1, -1):
        evening = scene.now - timedelta(days=day)
        swabs = [scene.swab(1000 + number + row, evening, generator) for row in range(PER_DAY)]
        number += PER_DAY
        done = services.import_swabs(swabs=scene.labelled(swabs, evening), by=DEMO, now=evening)
        barcodes = [each.label.barcode for each in done.specimens]
        for turn in range(LABS_PER_DAY):
            lab = known[(day * LABS_PER_DAY + turn) % len(known)]
            _read_at(lab, barcodes[turn::LABS_PER_DAY], evening, validator, scene.now, generator)


def _read_at(
    lab: Lab,
    barcodes: Sequence[str],
    evening: datetime,
    validator: Actor,
    now: datetime,
    generator: np.random.Generator,
) -> None:
    """A lab takes specimens in, reads them in one go and a second person validates them, as far as the day allows."""
    at = evening + timedelta(hours=float(generator.uniform(0.5, 3)))
    services.receive(lab=lab, barcodes=barcodes, at=at, by=DEMO, now=at)
    read_at = at + timedelta(hours=HOURS.get(lab.kind, 14.0) * float(generator.lognormal(0.0, 0.35)))
    if read_at >= now - timedelta(hours=2):
        return
    entries = [
        Entry(row, barcode, outcome, read_at, cts)
        for row, (barcode, (outcome, cts)) in enumerate(
            zip(barcodes, outcomes(len(barcodes), generator), strict=True), start=1
        )
    ]
    services.enter_results(lab=lab, entries=entries, source="file", by=DEMO, now=read_at)
    then = read_at + timedelta(minutes=40)
    services.validate_results(results=list(results_to_validate(lab)), by=validator, now=then)
    services.tell_results(lab=lab, by=DEMO, now=then + timedelta(minutes=2))


def outcomes(number: int, generator: np.random.Generator) -> Iterator[tuple[str, dict[str, float | None]]]:
    """Outcomes with Ct values of two targets and the control, drawn."""
    for positive in generator.random(number) < POSITIVE:
        ct = round(float(generator.uniform(16, 34)), 1)
        human = round(float(generator.uniform(24, 29)), 1)
        found = {"N1": ct, "N2": ct + 0.6} if positive else {"N1": None, "N2": None}
        yield ("positive" if positive else "negative"), {**found, "RP": human}


def _outage(others: Sequence[Lab], scene: Scene) -> None:
    """A lab went down this morning with specimens inside: the next round carries them elsewhere."""
    lab = others[HISTORY_LABS]
    then = scene.now - timedelta(hours=9)
    specimens = scene.taken(range(2000, 2014), then)
    barcodes = [each.label.barcode for each in specimens]
    services.receive(lab=lab, barcodes=barcodes, at=then + timedelta(hours=1), by=DEMO, now=scene.now)
    services.lab_down(lab=lab, reason="machine", by=DEMO, now=scene.now - timedelta(hours=3))


def _waiting(scene: Scene) -> None:
    """Swabs of the last hours that wait at their sites for the round to be decided."""
    scene.taken(range(2100, 2136), scene.now - timedelta(minutes=50))
