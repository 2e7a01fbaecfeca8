"""The one place that reads the clock; verbs and queries are told the time."""

from __future__ import annotations

from datetime import UTC, datetime


def utc_now() -> datetime:
    """The present moment in UTC. For the edges only (views, API, command line, tasks)."""
    return datetime.now(UTC)
