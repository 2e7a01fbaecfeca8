"""A dispatch plan from live rows: 45,000 specimens that wait at 300 sites, 120 labs that offer three days.

    python -m benchmarks.dispatch_live [--small] [--output FILE]

draft     `diagnostics.planning.draft`: reading specimens, labs, machines, shifts, days and kits, the optimum, the same
          with fixed contracts, the lines.
propose   `diagnostics.services.propose_dispatch`: the same, written.
approve   `diagnostics.services.approve_dispatch`: every line promised to its lab, every specimen tied to its manifest.

Seconds of wall time. fsync and synchronous_commit are on; the run refuses to start otherwise.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.database import drop, prepare

RESULT = Path(__file__).parent / "results" / "dispatch_live.json"
GOAL = 5.0
"""Seconds of a draft."""


def city(specimens: int, sites: int, labs: int) -> None:
    """Rows of a generated city; what waits was swabbed over the last 24 hours."""
    from kolaborasi.diagnostics import services
    from kolaborasi.diagnostics.models import Label, Order, Specimen
    from kolaborasi.diagnostics.rules.barcodes import barcode_of
    from kolaborasi.diagnostics.rules.capacity import ShiftFacts
    from kolaborasi.diagnostics.services import KitRow, LabRow, MachineRow
    from kolaborasi.partners.models import Site
    from kolaborasi.people.models import Person
    from tests.conftest import NOW
    from tests.diagnostics.factories import BORN, SYSTEM, assay
    from tests.factories import TODAY, PartnerFactory, SiteFactory

    rng = np.random.default_rng(2021)
    partner, kit = PartnerFactory(kind="campus"), assay().kit
    if kit is None:
        raise SystemExit("the assay has no kit")

    def site(kind: str, number: int) -> Site:
        north, east = rng.uniform([-6.35, 106.70], [-6.10, 106.95])
        made: Site = SiteFactory(
            kind=kind, name=f"{kind} {number}", partner=partner, latitude=north, longitude=east
        )
        return made

    def row(number: int) -> LabRow:
        machines = int(rng.integers(1, 5))
        shifts = [ShiftFacts(day, 7 * 60, 960, machines) for day in range(7)]
        return LabRow(
            site=site("lab", number),
            biosafety=2,
            machines=[MachineRow(f"M{each}", "CFX96", 96, 90) for each in range(machines)],
            shifts=shifts,
            kits=[KitRow(kit, f"LOT{number}", TODAY + timedelta(days=200), 100_000)],
            offers={TODAY + timedelta(days=day): machines * 500 for day in range(3)},
        )

    services.load_labs(rows=[row(number) for number in range(labs)], by=SYSTEM, now=NOW)
    where = [site("collection", number) for number in range(sites)]
    people = Person.objects.bulk_create(
        [Person(key_id="bench", wrapped_key=b"bench", registered_at=NOW) for _each in range(specimens)], 5000
    )
    chosen = [where[int(each)] for each in rng.integers(0, sites, specimens)]
    ages = rng.integers(0, 24, specimens)
    priorities = rng.choice(["urgent", "high", "routine"], specimens, p=[0.10, 0.25, 0.65])
    orders = Order.objects.bulk_create(
        [
            Order(
                person=person,
                birth_date=BORN,
                sex="female",
                reason="suspect",
                site=place,
                state="collected",
                ordered_at=NOW,
            )
            for person, place in zip(people, chosen, strict=True)
        ],
        5000,
    )
    labels = Label.objects.bulk_create(
        [
            Label(barcode=barcode_of(number), site=place, issued_at=NOW)
            for number, place in enumerate(chosen, start=500_000_000)
        ],
        5000,
    )
    Specimen.objects.bulk_create(
        [
            Specimen(
                label=label,
                order=order,
                kind="np-swab",
                priority=str(priority),
                site=place,
                collected_at=NOW - timedelta(hours=int(age)),
                keeps_until=NOW + timedelta(hours=72 - int(age)),
                late_at=NOW + timedelta(hours=48),
            )
            for label, order, place, age, priority in zip(
                labels, orders, chosen, ages, priorities, strict=True
            )
        ],
        5000,
    )


def timed(name: str, work: Callable[[], Any]) -> tuple[float, Any]:
    """Seconds of wall time, told at once, and what came out."""
    started = time.perf_counter()
    found = work()
    seconds = time.perf_counter() - started
    print(f"{name}: {seconds:.2f} s", flush=True)
    return seconds, found


def measure(specimens: int, sites: int, labs: int) -> dict[str, object]:
    """All numbers of one run."""
    from kolaborasi.diagnostics import services
    from kolaborasi.diagnostics.models import Specimen
    from kolaborasi.diagnostics.planning import draft
    from tests.conftest import NOW
    from tests.diagnostics.factories import SYSTEM

    timed("city", lambda: city(specimens, sites, labs))
    departs = NOW + timedelta(minutes=30)
    seconds, made = timed("draft", lambda: draft(departs_at=departs))
    proposing, plan = timed(
        "propose", lambda: services.propose_dispatch(departs_at=departs, by=SYSTEM, now=NOW)
    )
    approving, done = timed("approve", lambda: services.approve_dispatch(plan=plan, by=SYSTEM, now=NOW))
    tied = Specimen.objects.filter(consignment__isnull=False).count()
    promised = sum(each.quantity for each in done.consignments)
    if made.waiting != specimens or tied != promised or tied != plan.planned - _lost(done):
        raise SystemExit(f"{specimens} wait, {plan.planned} planned, {promised} promised, {tied} tied")
    return {
        "specimens": specimens,
        "planned": plan.planned,
        "lines": len(made.lines),
        "draft seconds": round(seconds, 2),
        "propose seconds": round(proposing, 2),
        "approve seconds": round(approving, 2),
        "expected": plan.expected,
        "fixed contracts": plan.baseline,
    }


def _lost(done: Any) -> int:
    return sum(line.quantity for line, _code in done.refused)


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", action="store_true")
    parser.add_argument("--output", type=Path, default=RESULT)
    options = parser.parse_args()
    prepare()
    try:
        found = measure(*((4_500, 60, 24) if options.small else (45_000, 300, 120)))
    finally:
        drop()
    print(json.dumps(found, indent=2))
    if not options.small:
        options.output.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
        if found["draft seconds"] > GOAL:  # type: ignore[operator]
            raise SystemExit(f"missed: {GOAL} s")


if __name__ == "__main__":
    main()
