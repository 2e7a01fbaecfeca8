"""A full disk, a dead database, an occupied port: one clear line, exit code ≠ 0, nothing half done."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from kolaborasi.config.embedded import EmbeddedServer
from tests.config.commands import assert_one_line, run
from tests.config.conftest import CopyHome

pytestmark = pytest.mark.xdist_group("city")


def closed_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def occupied() -> Iterator[int]:
    """A port somebody listens on."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield int(listener.getsockname()[1])


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 30 MB of its own; skipped, loudly, where it cannot be mounted."""
    if os.geteuid() != 0 or not sys.platform.startswith("linux"):
        pytest.skip("FULL DISK NOT TESTED: mounting a small tmpfs needs root on Linux")
    folder = tmp_path / "disk"
    folder.mkdir()
    if subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=30m", "tmpfs", folder], capture_output=True
    ).returncode:
        pytest.skip("FULL DISK NOT TESTED: a tmpfs cannot be mounted here")
    yield folder
    EmbeddedServer(folder / "home").stop()
    subprocess.run(["umount", "-l", folder], check=True)


def resize(folder: Path, size: str) -> None:
    subprocess.run(["mount", "-o", f"remount,size={size}", folder], check=True)


def test_occupied_port_is_refused_before_any_work(tmp_path: Path, occupied: int) -> None:
    done = run(tmp_path / "home", "run", "--port", str(occupied))
    assert f"port {occupied} cannot be used (Address already in use)" in assert_one_line(done)
    assert not (tmp_path / "home").exists()


@pytest.mark.parametrize("command", [("run", "--once"), ("migrate",), ("verify",), ("plan", "aid")])
def test_dead_database_is_one_line(tmp_path: Path, command: tuple[str, ...]) -> None:
    address = f"postgresql://nobody@127.0.0.1:{closed_port()}/none"
    line = assert_one_line(run(tmp_path, *command, DATABASE_URL=address))
    assert "Connection refused" in line
    assert "does not answer" in line


def test_database_without_tables_is_one_line(tmp_path: Path) -> None:
    home = tmp_path / "home"
    address = EmbeddedServer(home).acquire()
    try:
        assert "run `kolaborasi migrate` first" in assert_one_line(run(home, "verify", DATABASE_URL=address))
    finally:
        EmbeddedServer(home).stop()


def test_refusals_speak_english_on_the_command_line(tmp_path: Path, copy_home: CopyHome) -> None:
    line = assert_one_line(run(copy_home(tmp_path), "plan", "aid"))
    assert line.startswith("kolaborasi: There is nothing to plan")


def test_run_is_refused_in_production(tmp_path: Path) -> None:
    line = assert_one_line(run(tmp_path / "home", "run", "--once", KOLABORASI_MODE="production"))
    assert "`kolaborasi run` is for demonstrations" in line
    assert not (tmp_path / "home").exists()


def test_disk_too_small_for_a_database_leaves_none_and_a_larger_one_works(small_disk: Path) -> None:
    line = assert_one_line(run(small_disk / "home", "run", "--once"))
    assert "No space left on device" in line
    assert not (small_disk / "home" / "postgres").exists()
    resize(small_disk, "400m")
    assert run(small_disk / "home", "migrate").returncode == 0


def test_disk_that_fills_while_loading_leaves_no_half_city(small_disk: Path, copy_home: CopyHome) -> None:
    resize(small_disk, "600m")
    home = copy_home(small_disk)
    # The server runs on, so that the disk fills while the city is written and not before.
    address = EmbeddedServer(home).acquire()
    used = sum(path.stat().st_blocks * 512 for path in home.rglob("*") if path.is_file())
    resize(small_disk, str(used + 1_000_000))
    line = assert_one_line(run(home, "run", "--once", DATABASE_URL=address))
    assert line.startswith("kolaborasi: the disk of the database is full: ")
    assert "No space left on device" in line
    resize(small_disk, "600m")
    with psycopg.connect(EmbeddedServer(home).acquire()) as connection:
        for table in ("partners_partner", "people_user", "aid_need", "audit_auditentry"):
            rows = connection.execute(f"SELECT count(*) FROM kolaborasi.{table} WHERE {WRITTEN[table]}")
            assert rows.fetchone() == (0,), table
    done = run(home, "run", "--once")
    assert done.returncode == 0, done.stderr
    assert "loaded: 124 partners" in done.stdout


WRITTEN = {
    "partners_partner": "true",
    "people_user": "true",
    "aid_need": "true",
    "audit_auditentry": "verb NOT LIKE 'places.%'",
}
"""What a half loaded city would have left in each table."""
