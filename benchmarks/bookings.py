"""Bookings a second through HTTP, on one hot session and spread over many, against hand-written SQL.

    python -m benchmarks.bookings [--small]

burst   20,000 attempts on 500 sessions of 20 through the verb, from parallel connections in two processes: exactly
        10,000 booked, each with a dose, none twice (the run fails otherwise).
book    `vaccination.services.book` behind a bare Django view, served by granian with 2 workers of 8 threads.
bare    the same endpoint shape with two conditional UPDATEs and one INSERT in hand-written SQL, same server.

Turns of book and bare alternate, so that both meet the same disk and the same load generator, which shares the
machine's cores with server and database. People without a contact are booked, so no message is written. Wanted: 200 a
second hot, 300 spread, and half of bare. pretix, measured on a machine like this: 7.6 orders a second on a hot quota.
fsync and synchronous_commit are on; the run refuses to start otherwise.
"""

from __future__ import annotations

import argparse
import http.client
import json
import multiprocessing
import os
import socket
import statistics
import subprocess
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from benchmarks.database import drop, prepare

RESULT = Path(__file__).parent / "results" / "bookings.json"
GOALS = {
    "hot book, a second": 200.0,
    "spread book, a second": 300.0,
    "hot book / bare": 0.5,
    "spread book / bare": 0.5,
}
CLIENTS = 16
TURNS = 3


@dataclass(frozen=True)
class Target:
    """A slot with the rows a booking in it counts against."""

    slot: int
    quota: int
    balance: int
    session: int


def make_people(count: int) -> list[str]:
    """Recipients in bulk, each with a key of their own as `people.register` makes them."""
    from datetime import date

    from kolaborasi.people import vault
    from kolaborasi.people.models import Person
    from kolaborasi.vaccination.models import Recipient
    from tests.conftest import NOW

    people = []
    for _person in range(count):
        person = Person(registered_at=NOW)
        person.key_id, person.wrapped_key = vault.wrap(vault.new_person_key(), person.pk)
        people.append(person)
    Person.objects.bulk_create(people, batch_size=5000)
    Recipient.objects.bulk_create(
        [
            Recipient(
                person=person,
                birth_date=date(1990, 1, 1),
                group="stage3",
                identified_by="nik",
                enrolled_at=NOW,
            )
            for person in people
        ],
        batch_size=5000,
    )
    return [str(person.pk) for person in people]


def make_sessions(count: int, places: int) -> list[Target]:
    """Open sessions with as many doses as places."""
    from kolaborasi.stock.models import Balance
    from kolaborasi.vaccination.models import SlotQuota
    from kolaborasi.vaccination.rules import Channel
    from tests.vaccination.factories import lot, session

    held, targets = lot(), []
    for _session in range(count):
        made = session(with_lot=held, doses=places, quotas={Channel.BOOKING: places}, vaccinators=10_000)
        quota = SlotQuota.objects.get(slot__session=made)
        balance = Balance.objects.get(location=made.location)
        targets.append(Target(quota.slot_id, quota.pk, balance.pk, made.pk))
    return targets


def attempt_all(work: list[tuple[str, int]]) -> Counter[str]:
    """Book every pair of person and slot from eight threads of this process, each with its own connection."""
    from django.db import connection

    from kolaborasi.common.actors import Actor
    from kolaborasi.common.errors import Refused
    from kolaborasi.vaccination import services
    from kolaborasi.vaccination.models import Recipient, Slot
    from tests.conftest import NOW

    def run(part: list[tuple[str, int]]) -> Counter[str]:
        outcomes: Counter[str] = Counter()
        try:
            for person, slot in part:
                try:
                    services.book(
                        recipient=Recipient(pk=person), slot=Slot(pk=slot), by=Actor.visitor(), now=NOW
                    )
                    outcomes["booked"] += 1
                except Refused as refusal:
                    outcomes[refusal.code] += 1
        finally:
            connection.close()
        return outcomes

    with ThreadPoolExecutor(8) as pool:
        return sum(pool.map(run, [work[turn::8] for turn in range(8)]), Counter())


def in_another_process(work: list[tuple[str, int]]) -> Counter[str]:
    """`attempt_all` after a fork: Django starts anew with connections of its own."""
    import django
    from django.db import connections

    django.setup()
    connections.close_all()
    return attempt_all(work)


def burst(people: list[str], targets: list[Target], places: int) -> dict[str, float]:
    """Two attempts for each place; the numbers must come out exactly."""
    from django.db import connections

    from kolaborasi.commitments.queries import checks
    from kolaborasi.stock.models import Balance
    from kolaborasi.vaccination.models import Booking, SlotQuota

    work = [(person, targets[n % len(targets)].slot) for n, person in enumerate(people)]
    connections.close_all()
    context = multiprocessing.get_context("spawn")
    started = time.perf_counter()
    with context.Pool(2) as pool:
        parts = pool.map(in_another_process, [work[0::2], work[1::2]])
    seconds = time.perf_counter() - started
    outcomes = sum(parts, Counter())
    wanted = len(targets) * places
    assert outcomes == {"booked": wanted, "slot-full": len(people) - wanted}, outcomes
    slots = [target.quota for target in targets]
    assert set(SlotQuota.objects.filter(pk__in=slots).values_list("committed", flat=True)) == {places}
    balances = Balance.objects.filter(pk__in=[target.balance for target in targets])
    assert set(balances.values_list("committed", flat=True)) == {places}
    booked = Booking.objects.filter(quota__in=slots)
    assert booked.count() == booked.values("recipient").distinct().count() == wanted
    assert [fault for check in checks() for fault in check.faults] == []
    return {"burst attempts, a second": len(people) / seconds, "burst booked": wanted}


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def serve(port: int) -> subprocess.Popen[bytes]:
    """The site in two processes of eight threads, ready to answer."""
    command = [
        *(sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port)),
        *("--workers", "2", "--blocking-threads", "8", "--no-ws", "--log-level", "error"),
        "benchmarks.booking_site:application",
    ]
    server = subprocess.Popen(command, env={**os.environ, "PYTHONPATH": os.getcwd()})
    for _try in range(300):
        try:
            ask(http.client.HTTPConnection("127.0.0.1", port, timeout=5), "/nothing")
        except OSError:
            time.sleep(0.1)
        else:
            return server
    server.terminate()
    raise SystemExit("the server did not start")


def ask(connection: http.client.HTTPConnection, address: str) -> int:
    """Status of one answer."""
    connection.request("POST", address)
    answer = connection.getresponse()
    answer.read()
    return answer.status


def load(port: int, addresses: list[str]) -> tuple[float, float]:
    """Answers a second and the 99th percentile in milliseconds; every answer must be a booking."""

    def run(part: list[str]) -> list[float]:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        times = []
        for address in part:
            started = time.perf_counter()
            status = ask(connection, address)
            times.append(time.perf_counter() - started)
            assert status == 200, (status, address)
        return times

    started = time.perf_counter()
    with ThreadPoolExecutor(CLIENTS) as pool:
        times = [
            one for part in pool.map(run, [addresses[n::CLIENTS] for n in range(CLIENTS)]) for one in part
        ]
    seconds = time.perf_counter() - started
    return len(addresses) / seconds, statistics.quantiles(times, n=100)[98] * 1000


def measure_http(people: list[str], hot: Target, many: list[Target], per_turn: int) -> dict[str, float]:
    """Rates of both endpoints, hot and spread, by turns."""
    rest = iter(people)
    port = free_port()
    server = serve(port)
    rates: dict[str, list[tuple[float, float]]] = {}
    try:
        for turn in range(TURNS + 1):
            for name, targets in (("hot", [hot]), ("spread", many)):
                chosen = [
                    (person, targets[n % len(targets)]) for n, person in enumerate(islice(rest, 2 * per_turn))
                ]
                book = [f"/book/{person}/{target.slot}" for person, target in chosen[:per_turn]]
                bare = [
                    f"/bare/{person}/{target.quota}/{target.balance}/{target.session}"
                    for person, target in chosen[per_turn:]
                ]
                done = {"book": load(port, book), "bare": load(port, bare)}
                # The first turn warms connections and caches.
                for kind in done if turn else ():
                    rates.setdefault(f"{name} {kind}", []).append(done[kind])
    finally:
        server.terminate()
        server.wait(20)
    result = {
        f"{name}, a second": statistics.median(rate for rate, _p99 in each) for name, each in rates.items()
    }
    result |= {
        f"{name}, p99 ms": statistics.median(p99 for _rate, p99 in each) for name, each in rates.items()
    }
    for name in ("hot", "spread"):
        result[f"{name} book / bare"] = result[f"{name} book, a second"] / result[f"{name} bare, a second"]
    return result


def eligible(count: int) -> dict[str, float]:
    """Seconds for the list of everybody who may be vaccinated."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from kolaborasi.vaccination.queries import eligible_people
    from tests.vaccination.factories import DAY, product

    chosen = product()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    with CaptureQueriesContext(connection) as captured:
        started = time.perf_counter()
        found = eligible_people(chosen, DAY)
        seconds = time.perf_counter() - started
    assert len(captured) == 1
    assert len(found) >= count
    return {"eligible people": len(found), "eligible list, seconds": seconds}


def measure(small: bool) -> dict[str, Any]:
    """Everything, with fewer operations when `small`."""
    sessions, places, per_turn, crowd = (20, 20, 100, 1_000) if small else (500, 20, 1_000, 100_000)
    people = make_people(2 * sessions * places)
    targets = make_sessions(sessions, places)
    result = burst(people, targets, places)
    (hot,) = make_sessions(1, 100_000)
    many = make_sessions(50, 100_000)
    result |= measure_http(make_people((TURNS + 1) * 4 * per_turn), hot, many, per_turn)
    make_people(crowd)
    return result | eligible(crowd)


def main() -> None:
    """Measure, print, keep."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--small", action="store_true", help="fewer operations; the result file is left alone"
    )
    small = parser.parse_args().small
    prepare()
    try:
        result = measure(small)
    finally:
        drop()
    for name, value in result.items():
        goal = f"   goal: at least {GOALS[name]}" if name in GOALS else ""
        print(f"{name:28}{value:12,.2f}{goal}")
    if not small:
        RESULT.write_text(
            json.dumps({name: round(value, 3) for name, value in result.items()}, indent=1) + "\n"
        )


if __name__ == "__main__":
    main()
