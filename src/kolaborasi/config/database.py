"""Which database this process uses: the one of `DATABASE_URL`, else the embedded one."""

from __future__ import annotations

import os
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
        reason = str(error).strip().splitlines()[0]
        raise DatabaseUnavailable(f"The database of DATABASE_URL does not answer: {reason}") from error
