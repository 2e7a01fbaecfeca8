"""The network of beds over HTTP: what cannot be promised twice, and how fast the rest is.

    python -m benchmarks.hospitals [--small]

The real site, with all its middleware, tokens, Idempotency-Keys, audit and events, is served by granian with 2 workers of
8 threads on 190 hospitals × 11 classes; the load generator shares the machine's cores with server and database.

one bed      16 callers offer 16 patients the same last bed, 20 times: one may get it.
one patient  8 callers ask for a bed for the same patient, 20 times: one referral may come of it.
creates      referrals of different patients, from 16 callers.
list         30 referrals with their beds, one caller; queries counted in this process.
city         the beds of the whole city in one answer, one caller.
rank + hold  all beds ranked for a new patient and the best one held, whole request, one caller; against a Django view
             without any middleware that does one indexed SELECT and one UPDATE, by turns.
board        the dispatcher's page with 2,000 open referrals; queries counted in this process.

Care v24.39.0 (Django REST on PostgreSQL, the same workers and threads, the same kind of machine) was measured before: see
`CARE`. fsync and synchronous_commit are on; the run refuses to start otherwise.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import socket
import statistics
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from threading import local
from typing import Any

from benchmarks.database import drop, prepare

RESULT = Path(__file__).parent / "results" / "hospitals.json"
HOSPITALS = 190
CALLERS = 16
ROUNDS = 20
OPEN_ON_BOARD = 2_000
CARE = {
    "one bed, double-booked of 20": 19,
    "one patient, duplicated of 20": 20,
    "creates, a second": 10.3,
    "list of 30, queries": 184,
    "city, ms": 2470.0,
    "city, requests": 141,
}
GOALS: dict[str, Callable[[float], bool]] = {
    "one bed, double-booked of 20": lambda value: value == 0,
    "one patient, duplicated of 20": lambda value: value == 0,
    "creates, a second": lambda value: value >= 200,
    "list of 30, queries": lambda value: value <= 6,
    "list of 30, ms": lambda value: value <= 30,
    "city, ms": lambda value: value < 50,
    "city, requests": lambda value: value == 1,
    "rank + hold p95 / bare p95": lambda value: value <= 3,
    "board of 2,000, queries": lambda value: value <= 8,
}


@dataclass(frozen=True)
class City:
    """What the benchmark acts on.

    Args:
        secret: token of a coordinator; `email` of the account.
        patients: ids of people nobody has referred yet, taken from the end.
        place: Kemendagri code of a kelurahan.
        pool: a pool with beds, for the bare view.
    """

    secret: str
    email: str
    patients: list[str]
    place: str
    pool: int


def build(patients: int) -> City:
    """190 hospitals × 11 classes, a coordinator with a token, and people."""
    from allauth.mfa.models import Authenticator

    from kolaborasi.api.services import issue_token
    from kolaborasi.common.actors import Actor
    from kolaborasi.common.clock import utc_now
    from kolaborasi.hospitals.models import BedPool
    from kolaborasi.hospitals.queries import classes_shown
    from kolaborasi.people import vault
    from kolaborasi.people.models import Person
    from kolaborasi.places.services import load_jakarta
    from tests.factories import MembershipFactory, UserFactory, person
    from tests.hospitals.factories import HospitalFactory

    now = utc_now()
    load_jakarta(by=Actor.system("benchmark"), now=now)
    hospitals = [_hospital(HospitalFactory, number) for number in range(HOSPITALS)]
    BedPool.objects.bulk_create(
        BedPool(
            hospital=hospital,
            bed_class=bed_class,
            staffed=400,
            reported=400,
            limit=400,
            observed_at=now,
            received_at=now,
            source="hospital",
        )
        for hospital in hospitals
        for bed_class in classes_shown()[:11]
    )
    user = UserFactory(person=person(email="petugas@contoh.example"))
    MembershipFactory(user=user, role="coordinator")
    Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data={"secret": "sealed"})
    secret = issue_token(user=user, name="benchmark", days=1, by=Actor.system("benchmark"), now=now).secret
    people = []
    for _number in range(patients):
        made = Person(registered_at=now)
        made.key_id, made.wrapped_key = vault.wrap(vault.new_person_key(), made.pk)
        people.append(made)
    Person.objects.bulk_create(people, batch_size=5_000)
    pool = BedPool.objects.order_by("pk")[100].pk
    return City(secret, user.email, [str(each.pk) for each in people], "31.71.06.1001", pool)


def _hospital(factory: Any, number: int) -> Any:
    from kolaborasi.places.models import Place
    from kolaborasi.places.queries import places_of_kind

    global _kelurahan
    _kelurahan = _kelurahan or list(places_of_kind("kelurahan"))
    place: Place = _kelurahan[(number * 7) % len(_kelurahan)]
    return factory(site__place=place)


_kelurahan: list[Any] = []


class Caller:
    """Calls the API as one account, each thread over a connection of its own."""

    def __init__(self, port: int, secret: str) -> None:
        self.port, self.secret, self.own = port, secret, local()

    def ask(self, method: str, address: str, body: Any = None) -> tuple[int, Any]:
        """Status and JSON of one answer; every write has a key of its own."""
        connection = getattr(self.own, "connection", None)
        if connection is None:
            connection = self.own.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        headers = {"Authorization": f"Bearer {self.secret}", "Content-Type": "application/json"}
        if method == "POST":
            headers["Idempotency-Key"] = str(uuid.uuid4())
        content = json.dumps(body) if body is not None else None
        try:
            connection.request(method, address, content, headers)
            answer = connection.getresponse()
        except http.client.RemoteDisconnected:
            # The server closes connections that were idle; the key makes the second try safe.
            connection.close()
            connection.request(method, address, content, headers)
            answer = connection.getresponse()
        text = answer.read()
        return answer.status, json.loads(text) if text else None


def free_port() -> int:
    """A port nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def serve(port: int) -> subprocess.Popen[bytes]:
    """The site in two processes of eight threads, ready to answer."""
    command = [
        *(sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port)),
        *("--workers", "2", "--blocking-threads", "8", "--no-ws", "--log-level", "error"),
        "benchmarks.hospital_site:application",
    ]
    server = subprocess.Popen(
        command, env={**os.environ, "PYTHONPATH": os.getcwd()}, stdout=subprocess.DEVNULL
    )
    for _try in range(300):
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1):
                return server
        except OSError:
            time.sleep(0.1)
    server.terminate()
    raise SystemExit("the server did not start")


def body_of(city: City, patient: str) -> dict[str, Any]:
    """A severely ill adult."""
    return {
        "patient": patient,
        "place": {"scheme": "kemendagri", "code": city.place},
        "signs": {"spo2": 90, "pneumonia": True},
    }


def created(caller: Caller, city: City, count: int) -> list[int]:
    """Referrals of that many new patients, one after the other."""
    made = []
    for _number in range(count):
        status, answer = caller.ask("POST", "/api/v1/hospitals/referrals", body_of(city, city.patients.pop()))
        assert status == 201, answer
        made.append(int(answer["id"]))
    return made


def one_bed(caller: Caller, city: City, workers: ThreadPoolExecutor) -> int:
    """How many of the last beds were promised more than once."""
    from kolaborasi.hospitals.models import BedPool, Placement

    pools = list(BedPool.objects.filter(bed_class="icu-np").order_by("pk")[:ROUNDS])
    BedPool.objects.filter(pk__in=[pool.pk for pool in pools]).update(staffed=1, reported=1, limit=1)
    double = 0
    for pool in pools:
        referrals = created(caller, city, CALLERS)
        answers = list(
            workers.map(
                lambda pk, pool=pool: caller.ask(
                    "POST", f"/api/v1/hospitals/referrals/{pk}/offers", {"pools": [pool.pk]}
                )[0],
                referrals,
            )
        )
        assert sorted(answers) == [200] + [422] * (CALLERS - 1), answers
        double += Placement.objects.filter(pool=pool, state="held").count() != 1
    return double


def one_patient(caller: Caller, city: City, workers: ThreadPoolExecutor) -> int:
    """How many patients got more than one active referral."""
    from kolaborasi.hospitals.models import Referral

    doubled = 0
    for _round in range(ROUNDS):
        patient = city.patients.pop()
        bodies = [body_of(city, patient)] * 8
        answers = list(
            workers.map(lambda body: caller.ask("POST", "/api/v1/hospitals/referrals", body)[0], bodies)
        )
        assert sorted(answers) == [201] + [409] * 7, answers
        doubled += Referral.objects.filter(patient=patient).count() != 1
    return doubled


def creates(caller: Caller, city: City, workers: ThreadPoolExecutor, count: int) -> dict[str, float]:
    """Referrals a second from 16 callers, and the 95th percentile of one."""
    bodies = [body_of(city, city.patients.pop()) for _number in range(count)]

    def create(body: dict[str, Any]) -> float:
        started = time.perf_counter()
        status, answer = caller.ask("POST", "/api/v1/hospitals/referrals", body)
        assert status == 201, answer
        return time.perf_counter() - started

    started = time.perf_counter()
    times = list(workers.map(create, bodies))
    seconds = time.perf_counter() - started
    return {"creates, a second": count / seconds, "creates, p95 ms": percentile(times, 95)}


def percentile(seconds: Sequence[float], share: int) -> float:
    """A percentile in milliseconds."""
    return statistics.quantiles(seconds, n=100)[share - 1] * 1000


def timed(act: Callable[[], tuple[int, Any]], times: int, wanted: int = 200) -> list[float]:
    """Seconds of each call."""
    found = []
    for _time in range(times):
        started = time.perf_counter()
        status, answer = act()
        found.append(time.perf_counter() - started)
        assert status == wanted, (status, answer)
    return found


def rank_and_hold(caller: Caller, city: City, per_turn: int) -> dict[str, float]:
    """The 95th percentiles of placing a patient and of the bare view, by turns."""
    place: list[float] = []
    bare: list[float] = []

    def put() -> tuple[int, Any]:
        body = {**body_of(city, city.patients.pop()), "most": 3}
        return caller.ask("POST", "/api/v1/hospitals/placements", body)

    timed(put, 10, 201)
    timed(lambda: caller.ask("GET", f"/bare/{city.pool}"), 10)
    for _turn in range(5):
        place += timed(put, per_turn, 201)
        bare += timed(lambda: caller.ask("GET", f"/bare/{city.pool}"), per_turn)
    return {
        "rank + hold p50 ms": percentile(place, 50),
        "rank + hold p95 ms": percentile(place, 95),
        "bare p50 ms": percentile(bare, 50),
        "bare p95 ms": percentile(bare, 95),
        "rank + hold p95 / bare p95": percentile(place, 95) / percentile(bare, 95),
    }


def counted(city: City) -> dict[str, float]:
    """Queries of the list and of the board, in this process."""
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    from kolaborasi.hospitals.models import Referral
    from kolaborasi.hospitals.states import OPEN
    from kolaborasi.people.models import User

    with CaptureQueriesContext(connection) as queries:
        answer = Client().get(
            "/api/v1/hospitals/referrals?limit=30", headers={"Authorization": f"Bearer {city.secret}"}
        )
    assert len(answer.json()["items"]) == 30
    browser = Client()
    browser.force_login(User.objects.get(email=city.email))
    session = browser.session
    session["account_authentication_methods"] = [{"method": "mfa", "type": "totp", "at": time.time()}]
    session["account_authentication_methods_user"] = str(User.objects.get(email=city.email).pk)
    session.save()
    browser.get("/hospitals/board/")
    with CaptureQueriesContext(connection) as board:
        page = browser.get("/hospitals/board/")
    assert page.status_code == 200, page.status_code
    rows = Referral.objects.filter(state__in=list(OPEN)).count()
    assert rows >= OPEN_ON_BOARD, rows
    return {
        "list of 30, queries": len(queries),
        "board, open referrals": rows,
        "board of 2,000, queries": len(board),
    }


def fill_board(city: City) -> None:
    """Open referrals up to the board's 2,000, in bulk."""
    from kolaborasi.common.clock import utc_now
    from kolaborasi.hospitals.models import Referral
    from kolaborasi.hospitals.states import OPEN
    from kolaborasi.places.models import Place

    missing = OPEN_ON_BOARD - Referral.objects.filter(state__in=list(OPEN)).count()
    place, now = Place.objects.get(code=city.place), utc_now()
    Referral.objects.bulk_create(
        Referral(
            patient_id=city.patients.pop(),
            place=place,
            source="hotline",
            severity=1 + number % 4,
            age_group="adult",
            requested_at=now - timedelta(minutes=number),
            state_at=now,
        )
        for number in range(missing)
    )


def measure(small: bool) -> dict[str, float]:
    """Everything, with fewer operations when `small`."""
    count, per_turn, calls = (200, 20, 20) if small else (1_000, 60, 100)
    city = build(patients=ROUNDS * (CALLERS + 1) + count * 4 + per_turn * 5 + 2_600)
    port = free_port()
    server = serve(port)
    caller = Caller(port, city.secret)
    result: dict[str, float] = {}
    try:
        with ThreadPoolExecutor(CALLERS) as workers:
            list(workers.map(lambda _call: caller.ask("GET", "/api/v1/hospitals/network"), range(64)))
            result["one bed, double-booked of 20"] = one_bed(caller, city, workers)
            result["one patient, duplicated of 20"] = one_patient(caller, city, workers)
            rates = [creates(caller, city, workers, count) for _turn in range(3)]
            for name in rates[0]:
                result[name] = statistics.median(each[name] for each in rates)
        fill_board(city)
        _analyze()
        address = "/api/v1/hospitals/referrals?limit=30"
        result["list of 30, ms"] = percentile(timed(lambda: caller.ask("GET", address), calls), 50)
        result["city, requests"] = 1
        result["city, ms"] = percentile(timed(lambda: caller.ask("GET", "/api/v1/hospitals/beds"), calls), 50)
        result |= rank_and_hold(caller, city, per_turn)
    finally:
        server.terminate()
        server.wait(20)
    return result | counted(city)


def _analyze() -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def show(result: dict[str, float]) -> None:
    """The table: what was measured, what Care did, whether the goal is met."""
    print(f"{'':34}{'here':>12}{'Care':>12}   goal")
    for name, value in result.items():
        care = f"{CARE[name]:,}" if name in CARE else ""
        goal = "" if name not in GOALS else "met" if GOALS[name](value) else "MISSED"
        print(f"{name:34}{value:12,.2f}{care:>12}   {goal}")


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
    show(result)
    if not small:
        kept = {"here": {name: round(value, 3) for name, value in result.items()}, "Care v24.39.0": CARE}
        RESULT.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
