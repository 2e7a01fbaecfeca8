"""Questions of the base pages."""

from __future__ import annotations

from django.db import Error, connection
from django.db.migrations.executor import MigrationExecutor


def home_numbers() -> dict[str, int] | None:
    """Needed, committed and delivered over all public needs; None when no programme tells them yet."""
    return None


def reasons_not_ready() -> list[str]:
    """Why this process cannot serve, in stable words: `database`, `migrations`; empty when it can."""
    try:
        executor = MigrationExecutor(connection)
        waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except Error:
        return ["database"]
    return ["migrations"] if waiting else []
