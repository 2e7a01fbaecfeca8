"""The processes of a served city: web server and worker, started as children and stopped by their own pids."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

GRACE_SECONDS = 10
READY_SECONDS = 60
COMMAND_LINE = "from kolaborasi.cli import main; main()"


class CannotServe(Exception):
    """The city cannot be served; the message is one line that says what to do."""


def require_free_port(port: int) -> None:
    """Refuse a port somebody listens on, or that this user may not take.

    Raises:
        CannotServe: it cannot be had.
    """
    with socket.socket() as probe:
        # Without it a port whose last connections are still closing would count as occupied.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise CannotServe(
                f"port {port} cannot be used ({error.strerror}). Stop the program that holds it or choose another:"
                " kolaborasi run --port N"
            ) from error


def web_server(port: int, workers: int = 2) -> list[str]:
    """Command of the web server, on the loopback address alone."""
    return [
        *(sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port)),
        *(
            "--workers",
            str(workers),
            "--no-ws",
            "--log-level",
            "warning",
            "kolaborasi.config.wsgi:application",
        ),
    ]


def worker() -> list[str]:
    """Command of the worker: periodic tasks and the queue."""
    return [
        *(sys.executable, "-c", COMMAND_LINE, "manage", "procrastinate", "worker", "--concurrency", "2"),
        *("--delete-jobs", "successful", "--shutdown-graceful-timeout", "5"),
    ]


class Children:
    """Child processes that live and end together.

    Args:
        logs: folder for what each of them writes.
    """

    def __init__(self, logs: Path) -> None:
        self.logs = logs
        self.running: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, name: str, command: Sequence[str]) -> None:
        """Start one, in a session of its own so that Ctrl-C reaches us first.

        Raises:
            OSError: its log cannot be written.
        """
        self.logs.mkdir(parents=True, exist_ok=True)
        with self.log_of(name).open("wb") as log:
            child = subprocess.Popen(
                [*_ended_with_its_parent(), *command],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.running[name] = child

    def log_of(self, name: str) -> Path:
        """File with what a child writes."""
        return self.logs / f"{name}.log"

    def require_alive(self) -> None:
        """Refuse when one has ended by itself.

        Raises:
            CannotServe: naming the process, its exit code and its log.
        """
        for name, child in self.running.items():
            if child.poll() is not None:
                raise CannotServe(
                    f"the {name} stopped by itself (exit code {child.returncode}); see {self.log_of(name)}"
                )

    def stop(self) -> None:
        """Ask each to end, then make it."""
        for child in self.running.values():
            if child.poll() is None:
                child.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + GRACE_SECONDS
        for child in self.running.values():
            try:
                child.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()


def _ended_with_its_parent() -> list[str]:
    """Command prefix by which a child is ended also when this process is killed and cannot end it."""
    setpriv = shutil.which("setpriv")
    return [setpriv, "--pdeathsig", "TERM", "--"] if setpriv else []


def wait_until_ready(address: str, children: Children) -> None:
    """Return once the first page answers.

    Raises:
        CannotServe: a child ended, or there is no answer in time.
    """
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        children.require_alive()
        try:
            with urllib.request.urlopen(f"{address}/readyz", timeout=5) as answer:  # noqa: S310 - our own address
                if answer.status == 200:
                    return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise CannotServe(f"no answer from {address} within {READY_SECONDS} seconds; see {children.logs}.")


def stop_on_signals() -> None:
    """Make SIGTERM end this process as Ctrl-C does, so that its children are stopped with it."""

    def end(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, end)
    if os.getppid() == 1:
        # Started in the background by a shell without job control, SIGINT is ignored unless asked for.
        signal.signal(signal.SIGINT, signal.default_int_handler)
