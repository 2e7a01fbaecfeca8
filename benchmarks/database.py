"""A durable database of its own for benchmarks that need one."""

from __future__ import annotations

import os
from pathlib import Path


def prepare() -> None:
    """Start the benchmark server with `fsync` and `synchronous_commit` on, and bring a fresh schema to this version."""
    from kolaborasi.config.embedded import EmbeddedServer

    home = Path(os.environ.setdefault("KOLABORASI_HOME", str(Path(".kolaborasi-bench").resolve())))
    os.environ.setdefault("KOLABORASI_SCHEMA", f"bench_{os.getpid()}")
    if not os.environ.get("DATABASE_URL"):
        os.environ["DATABASE_URL"] = EmbeddedServer(home).acquire()
    os.environ["DJANGO_SETTINGS_MODULE"] = "kolaborasi.config.settings"
    import django

    django.setup()
    from django.core.management import call_command

    from kolaborasi.config.database import create_schema

    create_schema()
    call_command("migrate", interactive=False, verbosity=0)
    require_durable()


def require_durable() -> None:
    """Refuse to measure a server that would forget on a power cut."""
    from django.db import connection

    with connection.cursor() as cursor:
        for setting in ("fsync", "synchronous_commit"):
            cursor.execute(f"SHOW {setting}")
            if cursor.fetchone()[0] != "on":
                raise SystemExit(f"{setting} is off: these numbers would mean nothing")


def drop() -> None:
    """Remove the benchmark's schema."""
    from django.conf import settings
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(f"DROP SCHEMA {settings.SCHEMA} CASCADE")
