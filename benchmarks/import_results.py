"""Results of a lab system taken in at once, against one by one: 45,000 of them, the real peak day.

    python -m benchmarks.import_results [--small] [--output FILE]

set-based    `diagnostics.services.import_results_csv` of one file with two Ct values a row: reading, checks row by row,
             results, Ct values, events, states, audit, in one transaction.
one by one   the same verb with files of one row; its rate is measured on 300 rows and all of 45,000 are reckoned from it.

Both meet a table with the specimens of the day. fsync and synchronous_commit are on; the run refuses to start otherwise.
"""

from __future__ import annotations

import argparse
import json
import time
from datetime import timedelta
from pathlib import Path

from benchmarks.database import drop, prepare

RESULT = Path(__file__).parent / "results" / "import_results.json"
GOAL = 20.0
ONE_BY_ONE = 300


def specimens(number: int):  # type: ignore[no-untyped-def]
    """A lab that has received so many specimens, and somebody who works there."""
    from kolaborasi.diagnostics import services
    from kolaborasi.diagnostics.models import Order, Specimen
    from kolaborasi.people.models import Person
    from tests.conftest import NOW
    from tests.diagnostics.factories import BORN, SYSTEM, collection_site, lab, staff_of

    place, site = lab(), collection_site()
    people = Person.objects.bulk_create(
        [Person(key_id="bench", wrapped_key=b"bench", registered_at=NOW) for _each in range(number)], 5000
    )
    orders = Order.objects.bulk_create(
        [
            Order(
                person=each,
                birth_date=BORN,
                sex="female",
                reason="suspect",
                site=site,
                state="collected",
                ordered_at=NOW,
            )
            for each in people
        ],
        5000,
    )
    labels = []
    while len(labels) < number:
        size = min(5000, number - len(labels))
        labels += services.issue_labels(site=site, number=size, by=SYSTEM, now=NOW)
    Specimen.objects.bulk_create(
        [
            Specimen(
                label=label,
                order=order,
                kind="np-swab",
                priority="routine",
                site=site,
                lab=place,
                state="received",
                collected_at=NOW,
                received_at=NOW,
                keeps_until=NOW + timedelta(hours=72),
                late_at=NOW + timedelta(hours=48),
            )
            for label, order in zip(labels, orders, strict=True)
        ],
        5000,
    )
    return place, staff_of(place.site.partner), [label.barcode for label in labels]


def file_of(barcodes: list[str]) -> bytes:
    """Our CSV; every seventh is positive."""
    rows = [
        f"{barcode},{'positive' if number % 7 == 0 else 'negative'},2021-07-12T11:00+07:00,24.1,31.5"
        for number, barcode in enumerate(barcodes)
    ]
    return "\n".join(["barcode,result,resulted_at,ct_N1,ct_N2", *rows]).encode()


def measure(number: int, single: int) -> dict[str, object]:
    """Seconds and rates of both ways."""
    from kolaborasi.diagnostics import services
    from kolaborasi.diagnostics.models import Ct, Result, Specimen
    from tests.conftest import NOW

    place, by, barcodes = specimens(number + single)
    now = NOW + timedelta(hours=2)
    started = time.perf_counter()
    for barcode in barcodes[:single]:
        services.import_results_csv(lab=place, content=file_of([barcode]), by=by, now=now)
    one = (time.perf_counter() - started) / single
    started = time.perf_counter()
    done = services.import_results_csv(lab=place, content=file_of(barcodes[single:]), by=by, now=now)
    together = time.perf_counter() - started
    found = (Result.objects.count(), Ct.objects.count(), Specimen.objects.filter(state="resulted").count())
    if done.results != number or found != (number + single, 2 * (number + single), number + single):
        raise SystemExit(f"results are missing: {found}")
    return {
        "results": number,
        "set-based seconds": round(together, 2),
        "one by one seconds": round(one * number, 1),
        "times faster": round(one * number / together, 1),
    }


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", action="store_true")
    parser.add_argument("--output", type=Path, default=RESULT)
    options = parser.parse_args()
    prepare()
    try:
        found = measure(*((3_000, 100) if options.small else (45_000, ONE_BY_ONE)))
    finally:
        drop()
    print(json.dumps(found, indent=2))
    if not options.small:
        options.output.parent.mkdir(exist_ok=True)
        options.output.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
        if found["times faster"] < GOAL:  # type: ignore[operator]
            raise SystemExit(f"{found['times faster']} times faster; {GOAL} is wanted")


if __name__ == "__main__":
    main()
