"""Real parallel database sessions: one thread, one connection each, started at the same moment."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

from django.db import OperationalError, connection

START_TIMEOUT_SECONDS = 120
CONNECT_SECONDS = 60


def together(calls: Sequence[Callable[[], Any]]) -> list[Any]:
    """Run all calls at once, each in a session of its own; results in order, an exception as its object."""
    barrier = Barrier(len(calls), timeout=START_TIMEOUT_SECONDS)

    def run(call: Callable[[], Any]) -> Any:
        try:
            _connect()
            barrier.wait()
            return call()
        except Exception as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=len(calls)) as pool:
        return list(pool.map(run, calls))


def _connect() -> None:
    """The sessions of the test before may still be ending, and the server has a most."""
    deadline = time.monotonic() + CONNECT_SECONDS
    while True:
        try:
            return connection.ensure_connection()
        except OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
