"""Load the demonstration's hospitals: real ones with generated beds, and small scenes for those who work with them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from django.db import transaction
from django.utils import translation

from kolaborasi.common.actors import Actor
from kolaborasi.demo import beds as generated_beds
from kolaborasi.demo import names
from kolaborasi.demo.accounts import DEMO, DemoAccount, open_account
from kolaborasi.demo.city import MARK
from kolaborasi.demo.offers import SEED
from kolaborasi.demo.queries import account_of, user_of
from kolaborasi.hospitals import services
from kolaborasi.hospitals.classes import BedClass
from kolaborasi.hospitals.facts import jakarta_hospitals
from kolaborasi.hospitals.models import Hospital
from kolaborasi.hospitals.queries import hospitals, pools_of
from kolaborasi.hospitals.rules import AgeGroup, BedCount, Checkup, Severity, Signs, Wish, severity_of
from kolaborasi.hospitals.services import ReportRow, Request
from kolaborasi.partners.models import Partner, PartnerKind, Site, SiteKind
from kolaborasi.partners.queries import actor_of, all_partners
from kolaborasi.partners.services import appoint, appoint_official, enrol, open_site
from kolaborasi.people.models import Person, User
from kolaborasi.people.services import Identity, register
from kolaborasi.places.models import Place
from kolaborasi.places.queries import places_of_kind
from kolaborasi.places.rules import Kind

WAITING = 36
ISOLATING = 14
STALE_SHARE = 0.12
"""Share of counts that are too old to rely on, so that the page has some to mark; assumed."""
AMBULANCES = 6
CYLINDERS = 24


@dataclass(frozen=True)
class Network:
    """What loading did: whether it was new, the hospitals of the network and all that are known."""

    fresh: bool
    joined: int
    known: int


def load_network(*, now: datetime, seed: int = SEED) -> Network:
    """Load the hospitals of Jakarta with generated beds unless they are there, all or nothing.

    Raises:
        Partner.DoesNotExist: the demonstration city is not loaded.
    """
    with transaction.atomic(), translation.override("id"):
        fresh = not hospitals().exists()
        if fresh:
            _fill(now, seed)
        joined = hospitals().filter(network="joined").count()
        return Network(fresh, joined, hospitals().count())


def _fill(now: datetime, seed: int) -> None:
    known = services.load_hospitals(by=DEMO, now=now)
    by_fact = {(each.registry_code or "", each.site.name): each for each in known}
    chosen = generated_beds.joined(jakarta_hospitals())
    rows = generated_beds.generated(chosen, seed)
    network = [by_fact[each.registry_code, each.name] for each in chosen]
    _join(network, rows, now)
    _report(network, rows, now, seed)
    _scenes(network, now)


def _join(network: Sequence[Hospital], rows: Sequence[generated_beds.Beds], now: datetime) -> None:
    agreed: dict[int, dict[BedClass, int]] = {}
    for row in rows:
        agreed.setdefault(row.hospital, {})[row.bed_class] = row.staffed
    starts = (now - timedelta(days=60)).date()
    for position, hospital in enumerate(network):
        services.join_network(hospital=hospital, beds=agreed[position], starts_date=starts, by=DEMO, now=now)


def _report(
    network: Sequence[Hospital], rows: Sequence[generated_beds.Beds], now: datetime, seed: int
) -> None:
    """Counts of the last days for isolation and ICU, and the newest of every class."""
    generator = np.random.default_rng([seed, 12])
    counted = (*generated_beds.ISOLATION_CLASSES, *generated_beds.ICU_CLASSES)
    history = [row for row in rows if row.bed_class in counted]
    reports = [
        _row(network, generated_beds.on_day(row, day), now + timedelta(days=day, hours=-6))
        for day in range(generated_beds.DAYS[0][0], 0)
        for row in history
    ]
    for row in rows:
        old = generator.random() < STALE_SHARE
        minutes = generator.uniform(500, 1100) if old else generator.uniform(4, 55)
        reports.append(_row(network, row, now - timedelta(minutes=float(minutes))))
    services.import_reports(rows=reports, source="hospital", by=DEMO, now=now)


def _row(network: Sequence[Hospital], row: generated_beds.Beds, observed_at: datetime) -> ReportRow:
    count = BedCount(
        staffed=row.staffed,
        occupied=row.occupied,
        waiting_outside=row.waiting_outside,
        waiting_inside=row.waiting_inside,
    )
    return ReportRow(0, network[row.hospital].pk, row.bed_class, count, observed_at)


def _scenes(network: Sequence[Hospital], now: datetime) -> None:
    kelurahan = {place.code: place for place in places_of_kind(Kind.KELURAHAN)}
    home = kelurahan[names.SCENE_KELURAHAN]
    own = _own_hospital(network)
    puskesmas = _site("Puskesmas Contoh Menteng", SiteKind.PUSKESMAS, "CONTOH-RS-PKM", home, now)
    post = _site("Pos Ambulans Contoh", SiteKind.OTHER, "CONTOH-RS-AGD", home, now)
    filler = _site("Pengisian Oksigen Contoh", SiteKind.OTHER, "CONTOH-RS-OKS", home, now)
    _appoint("rumah-sakit", own.site.partner, "partner_admin", now)
    _appoint("puskesmas", puskesmas.partner, "partner_member", now)
    city = all_partners().get(legal_id=MARK)
    appoint_official(
        user=_account("petugas-rujukan", now), partner=city, role="coordinator", by=DEMO, now=now
    )
    dispatcher = _actor("petugas-rujukan", now)
    for number in range(1, AMBULANCES + 1):
        services.add_ambulance(partner=post.partner, call_sign=f"AGD {100 + number}", by=DEMO, now=now)
    _queue(list(kelurahan.values()), puskesmas, dispatcher, now)
    _patients(own, home, dispatcher, now)
    _isolating(puskesmas, home, now)
    _oxygen(own, filler, now)


def _own_hospital(network: Sequence[Hospital]) -> Hospital:
    """The hospital the demo account works for: one of the province, whose name is the shortest; it keeps free beds."""
    able = [each for each in network if each.ownership == "province" and each.ventilator]
    return min(able, key=lambda each: (len(each.site.name), each.pk))


def _site(name: str, kind: str, legal_id: str, place: Place, now: datetime) -> Site:
    partner = enrol(name=name, kind=PartnerKind.OTHER, legal_id=legal_id, place=place, by=DEMO, now=now)
    return open_site(partner=partner, place=place, kind=kind, name=name, by=DEMO, now=now)


def _account(key: str, now: datetime) -> User:
    account: DemoAccount | None = account_of(key)
    if account is None:
        raise ValueError(f"no demo account {key}")
    return user_of(account) or open_account(account, now)


def _appoint(key: str, partner: Partner, role: str, now: datetime) -> None:
    appoint(user=_account(key, now), partner=partner, role=role, by=DEMO, now=now)


def _actor(key: str, now: datetime) -> Actor:
    return actor_of(_account(key, now), now)


def _person(number: int, now: datetime) -> Person:
    return register(identity=Identity(name=f"Pasien Contoh {number}"), by=DEMO, now=now)


def _queue(places: Sequence[Place], puskesmas: Site, dispatcher: Actor, now: datetime) -> None:
    """Patients who wait, of every severity, asked for by hotline and puskesmas over the last two days."""
    generator = np.random.default_rng([SEED, 13])
    signs = (
        Signs(spo2=88, breaths=32, pneumonia=True),
        Signs(pneumonia=True, spo2=95),
        Signs(spo2=91, pneumonia=True),
        Signs(ventilation=True, spo2=80),
        Signs(spo2=97),
    )
    spread = sorted(places, key=lambda place: place.code)[3 :: max(1, len(places) // WAITING)][:WAITING]
    for number, place in enumerate(spread, start=1):
        seen = signs[number % len(signs)]
        age = AgeGroup.ELDER if number % 3 == 0 else AgeGroup.ADULT
        severity, reasons = severity_of(seen, age)
        asked = Request(
            place=place,
            source="puskesmas" if number % 4 == 0 else "hotline",
            wish=Wish(severity=severity, age=age, ventilator=seen.ventilation, dialysis=number % 11 == 0),
            reasons=reasons,
            requester=puskesmas if number % 4 == 0 else None,
            on_behalf=number % 5 == 0,
            spo2=seen.spo2,
            breaths=seen.breaths,
        )
        at = now - timedelta(minutes=float(generator.uniform(10, 2000)))
        services.refer(patient=_person(300 + number, now), request=asked, by=dispatcher, now=at)


def _patients(own: Hospital, home: Place, dispatcher: Actor, now: datetime) -> None:
    """At the demo account's hospital: an offer to answer, a patient on the way and one in a bed."""
    pool = next(
        (each for each in pools_of(own) if each.bed_class == BedClass.ISOLATION and each.left >= 3), None
    )
    if pool is None:
        return
    for number, steps in enumerate((0, 1, 2), start=1):
        asked = Request(
            place=home,
            source="hotline",
            wish=Wish(severity=Severity.MODERATE, age=AgeGroup.ADULT),
            reasons=severity_of(Signs(pneumonia=True), AgeGroup.ADULT)[1],
            spo2=95,
        )
        patient = _person(400 + number, now)
        referral = services.refer(
            patient=patient, request=asked, by=dispatcher, now=now - timedelta(hours=steps)
        )
        placement = services.offer(
            referral=referral, pools=[pool], by=dispatcher, now=now, answer_time=timedelta(minutes=120)
        )
        if steps:
            services.accept(placement=placement, by=dispatcher, now=now)
        if steps == 2:
            services.admit(referral=referral, by=dispatcher, now=now)
        if steps == 1:
            services.request_ambulance(
                patient=patient,
                place=home,
                severity=Severity.MODERATE,
                referral=referral,
                by=dispatcher,
                now=now,
            )


def _isolating(puskesmas: Site, home: Place, now: datetime) -> None:
    """A daily list of which half is done today."""
    worker = _actor("puskesmas", now)
    for number in range(1, ISOLATING + 1):
        case = services.open_isolation(
            person=_person(500 + number, now),
            place=home,
            puskesmas=puskesmas,
            age=AgeGroup.ELDER if number % 4 == 0 else AgeGroup.ADULT,
            at_risk=number % 4 == 0,
            by=worker,
            now=now - timedelta(days=2),
        )
        services.follow_up(case=case, checkup=Checkup(spo2=97), by=worker, now=now - timedelta(days=1))
        if number % 2:
            services.follow_up(case=case, checkup=Checkup(spo2=96), by=worker, now=now)


def _oxygen(own: Hospital, filler: Site, now: datetime) -> None:
    serials = [f"O2-CONTOH-{number:03d}" for number in range(1, CYLINDERS + 1)]
    services.register_cylinders(owner=own.site, serials=serials, by=DEMO, now=now)
    manager = _actor("rumah-sakit", now)
    services.use_cylinders(site=own.site, serials=serials[:14], by=manager, now=now)
    services.plan_refill(filler=filler, date=now.date(), total=150, each=10, by=DEMO, now=now)
