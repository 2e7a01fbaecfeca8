"""Specimens of the demonstration account's own lab, in every state, moved by the verbs as people would."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

import numpy as np
from django.utils.timezone import localdate, localtime

from kolaborasi.common.actors import Actor
from kolaborasi.demo.accounts import DEMO, DOMAIN
from kolaborasi.diagnostics import services
from kolaborasi.diagnostics.models import Consignment, Lab, Machine, Run, Specimen
from kolaborasi.diagnostics.queries import (
    assays,
    bench_queue,
    kit_lots,
    machines,
    manifest,
    plate_proposal,
    results_to_validate,
    wells,
)
from kolaborasi.diagnostics.rules.assays import Readings
from kolaborasi.diagnostics.services import Filled, Subject, Swab, Wish
from kolaborasi.partners.models import Site
from kolaborasi.people.models import User
from kolaborasi.places.models import Place

REASONS = ("suspect", "suspect", "contact", "contact", "screening", "discharge", "travel")
PRIORITIES = ("routine", "routine", "routine", "high", "urgent")
POSITIVE: Readings = {"N1": 21.4, "N2": 22.1, "RP": 26.8}
NEGATIVE: Readings = {"N1": None, "N2": None, "RP": 25.9}
INCONCLUSIVE: Readings = {"N1": 38.4, "N2": None, "RP": 27.3}
NO_TEMPLATE: Readings = {"N1": None, "N2": None, "RP": None}


@dataclass(frozen=True)
class Scene:
    """Who and where: the own lab, testing sites (the first is the collection officer's), areas people live in."""

    lab: Lab
    sites: list[Site]
    places: list[Place]
    home: Place
    actors: Mapping[str, Actor]
    courier: User
    now: datetime

    def swab(self, number: int, at: datetime, generator: np.random.Generator | None = None) -> Swab:
        """A swab of a made-up person of that number within the hours before a moment; its label comes later."""
        draw = generator or np.random.default_rng(number)
        site = self.sites[int(draw.integers(0, len(self.sites)))]
        reason = REASONS[int(draw.integers(0, len(REASONS)))]
        wish = Wish(
            reason=reason,
            site=site,
            priority=PRIORITIES[int(draw.integers(0, len(PRIORITIES)))],
            residence=self.home if number % 9 == 0 else self.places[int(draw.integers(0, len(self.places)))],
        )
        minutes = float(draw.uniform(0, 45 if generator is None else 400))
        return Swab(number, subject(number), wish, "", "np-swab", at - timedelta(minutes=minutes))

    def labelled(self, swabs: Sequence[Swab], at: datetime) -> list[Swab]:
        """Swabs with labels from one roll."""
        labels = services.issue_labels(site=self.sites[0], number=len(swabs), by=DEMO, now=at)
        return [replace(swab, barcode=label.barcode) for swab, label in zip(swabs, labels, strict=True)]

    def taken(self, numbers: Sequence[int], at: datetime, *sites: Site) -> list[Specimen]:
        """Specimens of made-up people taken within the hour before a moment, at the given sites in turn."""
        swabs = [self.swab(number, at) for number in numbers]
        if sites:
            swabs = [
                replace(swab, wish=replace(swab.wish, site=sites[row % len(sites)]))
                for row, swab in enumerate(swabs)
            ]
        return services.import_swabs(swabs=self.labelled(swabs, at), by=DEMO, now=at).specimens


def subject(number: int) -> Subject:
    """Somebody visibly made up, the same for the same number."""
    sex = "female" if number % 2 else "male"
    born = date(1945 + (number * 7) % 70, 1 + number % 12, 1 + number % 28)
    return Subject(f"Pasien Swab Contoh {number}", born, sex, email=f"swab{number}@{DOMAIN}")


def play_rounds(scene: Scene) -> None:
    """Rounds to the own lab, the only one yet: received yesterday with a tube missing, on the way, and planned."""
    now = scene.now
    first, second, third = scene.sites[0], scene.sites[1], scene.sites[2]
    then = now - timedelta(hours=20)
    scene.taken(range(3000, 3030), then, first, second, third)
    for number, carried in enumerate(_round(scene, then)):
        barcodes = _barcodes(carried)
        _pick_up(scene, carried, barcodes, then + timedelta(minutes=40))
        # The last tube of the first manifest is not in the box.
        brought = barcodes[:-1] if number == 0 else barcodes
        at = then + timedelta(minutes=95)
        services.receive(
            lab=scene.lab, barcodes=brought, consignment=carried, at=at, by=scene.actors["analis"], now=at
        )
    spoilt = bench_queue(scene.lab).last()
    if spoilt is not None:
        services.discard(
            barcode=spoilt.label.barcode,
            reason="leaked",
            by=scene.actors["analis"],
            now=then + timedelta(hours=2),
        )
    later = now - timedelta(hours=2)
    scene.taken(range(3100, 3116), later, first, second)
    for number, carried in enumerate(_round(scene, later)):
        if number == 0:
            _pick_up(scene, carried, _barcodes(carried), later + timedelta(minutes=50))


def play_bench(scene: Scene) -> None:
    """A plate read and half of it validated, a plate in the machine, orders and slots, a resident's own result."""
    now, analyst = scene.now, scene.actors["analis"]
    machine = machines(scene.lab)[0]
    _own_result(scene)
    read = _run(scene, machine, "PLAT-CONTOH-1", 12, now - timedelta(hours=10))
    values = [POSITIVE, NEGATIVE, NEGATIVE, POSITIVE, INCONCLUSIVE, NEGATIVE]
    readings = {}
    for row, well in enumerate(wells(read)):
        by_content = {"positive": POSITIVE, "negative": NO_TEMPLATE}
        readings[well.position] = by_content.get(well.content, values[row % len(values)])
    ended = now - timedelta(hours=8)
    services.read_run(run=read, readings=readings, ended_at=ended, by=analyst, now=ended)
    waiting = list(results_to_validate(scene.lab))
    then = now - timedelta(hours=7)
    services.validate_results(results=waiting[:4], by=scene.actors["validator"], now=then)
    services.tell_results(lab=scene.lab, by=DEMO, now=then + timedelta(minutes=1))
    services.validate_results(
        results=waiting[4:6], by=scene.actors["validator"], now=now - timedelta(minutes=1)
    )
    _run(scene, machine, "PLAT-CONTOH-2", 6, now - timedelta(minutes=40))
    _desk(scene)


def _round(scene: Scene, at: datetime) -> list[Consignment]:
    """Propose a round that leaves half an hour later, and approve it for the demo courier."""
    plan = services.propose_dispatch(departs_at=at + timedelta(minutes=30), by=DEMO, now=at)
    done = services.approve_dispatch(plan=plan, courier=scene.courier, by=DEMO, now=at + timedelta(minutes=5))
    return sorted(done.consignments, key=lambda each: each.pk)


def _barcodes(carried: Consignment) -> list[str]:
    return [each.label.barcode for each in manifest(carried)]


def _pick_up(scene: Scene, carried: Consignment, barcodes: Sequence[str], at: datetime) -> None:
    courier = scene.actors["kurir-sampel"]
    services.pick_up(consignment=carried, barcodes=barcodes, at=at, by=courier, now=at)


def _run(scene: Scene, machine: Machine, plate: str, specimens: int, at: datetime) -> Run:
    """Prepare and start a plate with the first specimens of the queue."""
    proposed = plate_proposal(scene.lab, machine)
    tubes = [place for place in proposed if place.specimen is not None][:specimens]
    controls = [place for place in proposed if place.specimen is None]
    filled = [
        Filled(
            place.position, place.content, place.specimen.label.barcode if place.specimen is not None else ""
        )
        for place in (*tubes, *controls)
    ]
    lot = kit_lots(scene.lab, localdate(at))[0].lot
    run = services.prepare_run(
        lab=scene.lab,
        machine=machine,
        assay=assays().get(code="cdc-n1-n2"),
        plate=plate,
        filled=filled,
        kit_lot=lot,
        by=scene.actors["analis"],
        now=at,
    )
    return services.start_run(run=run, at=at, by=scene.actors["analis"], now=at)


def _own_result(scene: Scene) -> None:
    """The demo resident was tested two days ago and can read the result."""
    then, lab = scene.now - timedelta(days=2), scene.lab
    order = services.order_own_test(
        birth_date=date(1990, 7, 17),
        sex="male",
        wish=Wish(reason="contact", site=scene.sites[0], residence=scene.home),
        by=scene.actors["warga"],
        now=then,
    )
    label = services.issue_labels(site=order.site, number=1, by=DEMO, now=then)[0]
    services.collect(order=order, barcode=label.barcode, kind="np-swab", collected_at=then, by=DEMO, now=then)
    at = then + timedelta(hours=3)
    services.receive(lab=lab, barcodes=[label.barcode], at=at, by=DEMO, now=at)
    read_at = at + timedelta(hours=9)
    entry = services.Entry(1, label.barcode, "positive", read_at, {"N1": 24.1, "N2": 24.8, "RP": 26.0})
    services.enter_results(lab=lab, entries=[entry], source="file", by=DEMO, now=read_at)
    checked = read_at + timedelta(hours=1)
    results = list(results_to_validate(lab))
    services.validate_results(results=results, by=scene.actors["validator"], now=checked)
    services.tell_results(lab=lab, by=DEMO, now=checked + timedelta(minutes=2))


def _desk(scene: Scene) -> None:
    """At the collection officer's site: labels, slots of the next days, people who wait, rapid tests."""
    now, site = scene.now, scene.sites[0]
    services.issue_labels(site=site, number=24, by=DEMO, now=now)
    opens = localtime(now).replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    slots = []
    for day in range(3):
        begins = opens + timedelta(days=day)
        slots += services.open_slots(
            site=site,
            starts_at=begins,
            ends_at=begins + timedelta(hours=4),
            minutes=20,
            places=6,
            by=DEMO,
            now=now,
        )
    for number in range(3200, 3210):
        wish = Wish(reason=REASONS[number % len(REASONS)], site=site, residence=scene.home)
        order = services.order_test(
            subject=subject(number), wish=wish, by=DEMO, now=now - timedelta(hours=number % 5)
        )
        if number % 2:
            services.book(order=order, slot=slots[number % len(slots)], by=DEMO, now=now)
    for number in range(3300, 3306):
        services.record_antigen(
            subject=subject(number),
            site=site,
            brand="Antigen Contoh",
            outcome="positive" if number % 3 == 0 else "negative",
            tested_at=now - timedelta(hours=number % 7, minutes=5),
            residence=scene.home,
            by=DEMO,
            now=now,
        )
