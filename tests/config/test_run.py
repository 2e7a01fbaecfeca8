"""The main job, run as somebody runs it."""

from __future__ import annotations

import os
import signal
import socket
import time
import urllib.request
from pathlib import Path

import psutil
import psycopg
import pytest
from psycopg import sql

from kolaborasi.config.embedded import EmbeddedServer
from tests.config.commands import assert_one_line, run, start
from tests.config.conftest import City, CopyHome
from tests.config.test_run_failures import closed_port

READY_SECONDS = 90


pytestmark = pytest.mark.xdist_group("city")


def counts(home: Path) -> dict[str, int]:
    """Rows of every table of the city."""
    server = EmbeddedServer(home)
    url = server.acquire()
    try:
        with psycopg.connect(url) as connection:
            query = "SELECT table_name FROM information_schema.tables WHERE table_schema = 'kolaborasi'"
            tables = [name for (name,) in connection.execute(query)]
            count = sql.SQL("SELECT count(*) FROM kolaborasi.{}")
            return {
                name: connection.execute(count.format(sql.Identifier(name))).fetchone()[0]  # type: ignore[index]
                for name in tables
            }
    finally:
        server.stop()


def test_two_at_once_make_one_city(city: City) -> None:
    assert sorted("there already" in output for output in city.outputs) == [False, True]
    found = counts(city.home)
    assert (found["hospitals_hospital"], found["aid_need"], found["allocation_proposal"]) == (195, 487, 1)


def test_once_shows_needs_offers_and_coverage_before_and_after(city: City) -> None:
    output = next(output for output in city.outputs if "there already" not in output)
    assert "loaded: 124 partners; 39,019 isolation packages needed by the estimate, 23,411 offered" in output
    assert "all 267" in output
    assert "0 (0%)   23,411 (60%)" in output
    assert "Proven over all" in output
    table = (city.home / "coverage-paket-isoman.csv").read_text().splitlines()
    assert len(table) == 268


def test_second_run_starts_from_what_is_there(home: Path) -> None:
    before = counts(home)
    done = run(home, "run", "--once")
    assert done.returncode == 0, done.stderr
    assert "there already: 124 partners" in done.stdout
    assert "made before; nothing has changed since" in done.stdout
    assert counts(home) == before
    assert (before["aid_need"], before["allocation_proposal"]) == (487, 1)


def test_served_city_answers_and_stops_with_all_its_processes(home: Path) -> None:
    port = closed_port()
    served = start(home, "run", "--port", str(port))
    try:
        wait_until_served(port)
        for page in ("", "demo/", "demo/outbox/", "aid/", "readyz"):
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/{page}", timeout=20) as answer:
                assert answer.status == 200
        children = psutil.Process(served.pid).children(recursive=True)
        assert len([child for child in children if "granian" in " ".join(child.cmdline())]) == 3
    finally:
        served.send_signal(signal.SIGTERM)
        output, errors = served.communicate(timeout=30)
    assert served.returncode == 0, errors
    assert f"http://127.0.0.1:{port}/demo/" in output
    assert "koordinator@contoh.invalid" in output
    assert not [child for child in children if child.is_running() and child.status() != psutil.STATUS_ZOMBIE]
    assert not listening(port)


def test_city_ends_when_its_web_server_does(home: Path) -> None:
    port = closed_port()
    served = start(home, "run", "--port", str(port))
    try:
        wait_until_served(port)
        web = next(
            child for child in psutil.Process(served.pid).children() if "granian" in " ".join(child.cmdline())
        )
        os.kill(web.pid, signal.SIGKILL)
        output, errors = served.communicate(timeout=40)
    finally:
        served.kill()
    assert served.returncode == 1, output
    assert errors.startswith("kolaborasi: the web server stopped by itself (exit code -9); see ")
    assert len(errors.strip().splitlines()) == 1
    # Killed outright, the web server could not take its own workers along; they end on their own.
    for _attempt in range(50):
        if not listening(port):
            break
        time.sleep(0.2)


def test_command_killed_outright_takes_its_processes_along(home: Path) -> None:
    port = closed_port()
    served = start(home, "run", "--port", str(port))
    try:
        wait_until_served(port)
        children = psutil.Process(served.pid).children()
    finally:
        served.kill()
        served.communicate(timeout=30)
    gone, alive = psutil.wait_procs(children, timeout=30)
    assert (len(gone), alive) == (2, [])
    again = run(home, "run", "--once")
    assert again.returncode == 0, again.stderr
    assert not listening(port)


def test_city_is_not_loaded_into_a_real_one(tmp_path: Path, copy_home: CopyHome) -> None:
    home = copy_home(tmp_path)
    done = run(home, "partners", "enrol", "Pemerintah Nyata")
    assert done.returncode == 0, done.stderr
    line = assert_one_line(run(home, "run", "--once"))
    assert "holds partners that are not demonstration data" in line


def wait_until_served(port: int) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5) as answer:
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.2)
    raise AssertionError("the city was not served in time")


def listening(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
