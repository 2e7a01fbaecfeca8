"""What all tests share: a database copied from one template, the real data folder, a fixed moment."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import psycopg
import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connections
from django.test import TransactionTestCase
from psycopg import sql

SOURCE = Path(__file__).parent.parent / "src" / "kolaborasi"
SERVER = os.environ["DATABASE_URL"]
NOW = datetime(2021, 7, 12, 3, 0, tzinfo=UTC)


@pytest.fixture
def now() -> datetime:
    """10:00 in Jakarta on the day the wave peaked."""
    return NOW


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Folder of the real data files; the test is skipped, loudly, where it is absent."""
    given = os.environ.get("KOLABORASI_SHARED_DATA")
    folder = Path(given) if given else Path(__file__).parents[2] / "shared" / "data"
    if not folder.is_dir():
        pytest.skip(f"REAL DATA IS ABSENT: {folder} (set KOLABORASI_SHARED_DATA)")
    return folder


@pytest.fixture(scope="session")
def django_db_modify_db_settings() -> None:
    """Names are given by `django_db_setup` below."""


@pytest.fixture(scope="session")
def django_db_setup(django_db_blocker: pytest.FixtureRequest, worker_database: str) -> Iterator[None]:
    """Every worker works on its own copy of the template."""
    _copy(worker_database)
    _use(worker_database)
    yield
    _drop(worker_database)


@pytest.fixture(scope="session")
def worker_database(django_db_blocker: pytest.FixtureRequest) -> str:
    """Name of this worker's database; makes the template when it is not there yet."""
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        _make_template()
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    return f"uji_{worker}_{os.getpid()}"


@cache
def _template() -> str:
    digest = hashlib.sha256()
    facts = [path for path in SOURCE.glob("places/facts/*") if path.is_file()]
    for path in sorted([*SOURCE.glob("*/migrations/*.py"), *facts]):
        digest.update(path.read_bytes())
    return f"uji_template_{digest.hexdigest()[:16]}"


def _execute(*statements: sql.Composed) -> None:
    with psycopg.connect(SERVER, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement)


def _make_template() -> None:
    name = _template()
    with psycopg.connect(SERVER, autocommit=True) as connection:
        # One worker makes it, the others wait.
        connection.execute("SELECT pg_advisory_lock(20210712)")
        known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone()
        if known:
            return
        unfinished = f"{name}_new"
        _drop(unfinished)
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(unfinished)))
        _use(unfinished)
        with connections["default"].cursor() as cursor:
            cursor.execute(f"CREATE SCHEMA {settings.SCHEMA}")
        call_command("migrate", verbosity=0, interactive=False)
        connections.close_all()
        connection.execute(
            sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(unfinished), sql.Identifier(name))
        )


def _use(name: str) -> None:
    connections.close_all()
    connections["default"].settings_dict["NAME"] = name


def _copy(name: str) -> None:
    _drop(name)
    _execute(
        sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(_template()))
    )


def _drop(name: str) -> None:
    connections.close_all()
    _execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def _start_afresh(self: TransactionTestCase) -> None:
    # Django would truncate every table, which the append-only tables rightly refuse.
    _copy(connections["default"].settings_dict["NAME"])


TransactionTestCase._fixture_teardown = _start_afresh  # type: ignore[method-assign]
