"""Which database this process uses: the one of `DATABASE_URL`, else the embedded one."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg

from kolaborasi.config.embedded import DatabaseUnavailable, EmbeddedServer

SETTINGS = "kolaborasi.config.settings"


def connect() -> None:
    """Name the settings and the database of this process; starts the embedded server when no other is named.

    Must run before Django's settings are read.

    Raises:
        DatabaseUnavailable: the embedded server cannot be started.
    """
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", SETTINGS)
    if not os.environ.get("DATABASE_URL"):
        home = Path(os.environ.get("KOLABORASI_HOME", ".kolaborasi")).resolve()
        os.environ["DATABASE_URL"] = EmbeddedServer(home).acquire()


def create_schema() -> None:
    """Make the city's schema unless it is there.

    Raises:
        DatabaseUnavailable: the server of `DATABASE_URL` does not answer.
    """
    from django.conf import settings

    try:
        with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True, connect_timeout=10) as connection:
            name = psycopg.sql.Identifier(settings.SCHEMA)
            connection.execute(psycopg.sql.SQL("CREATE SCHEMA IF NOT EXISTS {}").format(name))
    except psycopg.OperationalError as error:
        raise _unanswered(error) from error


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """Let one process at a time set the city up: a second one waits and finds it done.

    Raises:
        DatabaseUnavailable: the server of `DATABASE_URL` does not answer.
    """
    from django.conf import settings

    try:
        connection = psycopg.connect(os.environ["DATABASE_URL"], autocommit=True, connect_timeout=10)
    except psycopg.OperationalError as error:
        raise _unanswered(error) from error
    # Closed without a word: when the server has died meanwhile, the lock went with it.
    with closing(connection):
        connection.execute(
            "SELECT pg_advisory_lock(hashtext('kolaborasi.run'), hashtext(%s))", [settings.SCHEMA]
        )
        yield


def _unanswered(error: psycopg.OperationalError) -> DatabaseUnavailable:
    reason = str(error).strip().splitlines()[0]
    return DatabaseUnavailable(f"The database of DATABASE_URL does not answer: {reason}")
