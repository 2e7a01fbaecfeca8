"""Questions of the base pages."""

from __future__ import annotations

from django.db import Error, connection
from django.db.migrations.executor import MigrationExecutor

from kolaborasi.aid.queries import total_coverage
from kolaborasi.aid.rules import Coverage


def home_numbers() -> Coverage | None:
    """Needed, committed and delivered over all open needs, in one statement; None when nothing is needed."""
    coverage = total_coverage()
    return coverage if coverage.needed else None


def reasons_not_ready() -> list[str]:
    """Why this process cannot serve, in stable words: `database`, `migrations`; empty when it can."""
    try:
        executor = MigrationExecutor(connection)
        waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except Error:
        return ["database"]
    return ["migrations"] if waiting else []
