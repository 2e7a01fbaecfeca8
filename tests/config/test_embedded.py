"""The embedded server: shared, stopped by the last, started again after whatever killed it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from kolaborasi.config.embedded import DatabaseUnavailable, EmbeddedServer, binaries

PROGRAM = """
import sys, time
from pathlib import Path
from kolaborasi.config.embedded import EmbeddedServer
print(EmbeddedServer(Path(sys.argv[1])).acquire(), flush=True)
sys.stdin.read()
"""


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "home"
    yield folder
    EmbeddedServer(folder).stop()


def user(home: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(home)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


def url_of(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def end(process: subprocess.Popen[str]) -> None:
    process.communicate("", timeout=30)


def server_pid(home: Path) -> int:
    return int((home / "postgres" / "postmaster.pid").read_text().split()[0])


def answers(url: str) -> bool:
    try:
        with psycopg.connect(url, connect_timeout=2) as connection:
            return connection.execute("SELECT 1").fetchone() == (1,)
    except psycopg.OperationalError:
        return False


def test_server_is_shared_and_stopped_by_the_last_process(home: Path) -> None:
    first, second = user(home), user(home)
    url, same = url_of(first), url_of(second)
    assert url == same
    end(first)
    assert answers(url)
    end(second)
    assert not answers(url)


def test_server_survives_a_killed_process_and_is_taken_over(home: Path) -> None:
    killed = user(home)
    url = url_of(killed)
    killed.kill()
    killed.wait()
    assert answers(url)
    heir = user(home)
    assert url_of(heir) == url
    end(heir)
    assert not answers(url)


def test_killed_server_is_started_again_with_its_data(home: Path) -> None:
    first = user(home)
    url = url_of(first)
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 7 AS number")
    os.kill(server_pid(home), signal.SIGKILL)
    wait_for(lambda: not answers(url))
    second = user(home)
    again = url_of(second)
    with psycopg.connect(again) as connection:
        assert connection.execute("SELECT number FROM kept").fetchone() == (7,)
    end(first)
    end(second)


@pytest.mark.parametrize("content", ["", "not a number\n", "{living}\n/tmp\n0\n5432\n"])
def test_stale_pid_file_does_not_stop_the_start(home: Path, content: str) -> None:
    end(starting(home))
    # The number of a killed server may by now belong to any other program: here to this test.
    (home / "postgres" / "postmaster.pid").write_text(content.format(living=os.getpid()))
    again = user(home)
    assert answers(url_of(again))
    end(again)


def starting(home: Path) -> subprocess.Popen[str]:
    process = user(home)
    assert url_of(process)
    return process


def test_first_start_interrupted_in_the_middle_is_begun_anew(home: Path) -> None:
    (home / "postgres.new" / "cluster").mkdir(parents=True)
    (home / "postgres.new" / "cluster" / "PG_VERSION").write_text("18")
    process = user(home)
    assert answers(url_of(process))
    end(process)
    assert not (home / "postgres.new").exists()


def test_server_listens_on_loopback_and_asks_for_the_password(home: Path) -> None:
    process = user(home)
    url = url_of(process)
    addresses = {
        connection.laddr.ip for connection in psutil.Process(server_pid(home)).net_connections(kind="inet")
    }
    assert addresses == {"127.0.0.1"}
    password = (home / "postgres.password").read_text()
    assert not answers(url.replace(password, "wrong"))
    assert (home / "postgres.password").stat().st_mode & 0o077 == 0
    end(process)


def test_no_mode_of_a_parent_folder_is_changed(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    process = user(closed / "home")
    assert answers(url_of(process))
    end(process)
    assert closed.stat().st_mode & 0o777 == 0o700


def test_server_takes_300_connections_and_keeps_utc(home: Path) -> None:
    process = user(home)
    with psycopg.connect(url_of(process)) as connection:
        shown = [connection.execute(f"SHOW {name}").fetchone() for name in ("max_connections", "timezone")]
    assert shown == [("300",), ("UTC",)]
    end(process)


def test_durable_server_keeps_what_it_acknowledged(home: Path) -> None:
    server = EmbeddedServer(home)
    with psycopg.connect(server.acquire()) as connection:
        shown = [connection.execute(f"SHOW {name}").fetchone() for name in ("fsync", "synchronous_commit")]
    assert shown == [("on",), ("on",)]


def test_home_that_cannot_be_made_is_one_clear_line(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("")
    with pytest.raises(DatabaseUnavailable, match="cannot be kept under") as refusal:
        EmbeddedServer(file / "home").acquire()
    assert "\n" not in str(refusal.value)


def test_programs_are_those_of_postgresql_18() -> None:
    version = subprocess.run([binaries() / "postgres", "--version"], capture_output=True, text=True).stdout
    assert "PostgreSQL) 18" in version


def wait_for(true: object, seconds: float = 10) -> None:
    deadline = time.monotonic() + seconds
    while not true():  # type: ignore[operator]
        assert time.monotonic() < deadline
        time.sleep(0.1)
