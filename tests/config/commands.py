"""The real command in a process and home of its own, as somebody types it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

COMMAND = Path(sys.executable).parent / "kolaborasi"
TIMEOUT_SECONDS = 240


def environment(home: Path, **values: str) -> dict[str, str]:
    """Environment without anything the test run has set, and these values."""
    ours = ("KOLABORASI_", "DATABASE_", "DJANGO_", "PYTEST_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return {**kept, "KOLABORASI_HOME": str(home), "COLUMNS": "120", **values}


def run(home: Path, *arguments: str, **values: str) -> subprocess.CompletedProcess[str]:
    """Run the command to its end."""
    return subprocess.run(
        [str(COMMAND), *arguments],
        env=environment(home, **values),
        capture_output=True,
        text=True,
        timeout=TIMEOUT_SECONDS,
        stdin=subprocess.DEVNULL,
    )


def start(home: Path, *arguments: str, **values: str) -> subprocess.Popen[str]:
    """Start the command; the caller ends it."""
    return subprocess.Popen(
        [str(COMMAND), *arguments],
        env=environment(home, **values),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        stdin=subprocess.DEVNULL,
    )


def assert_one_line(done: subprocess.CompletedProcess[str]) -> str:
    """The one line of a failure; fails when there are more, or a traceback, or a zero exit code."""
    assert done.returncode != 0, done.stdout
    lines = done.stderr.strip().splitlines()
    assert len(lines) == 1, done.stderr
    assert lines[0].startswith("kolaborasi: ")
    assert "Traceback" not in done.stdout
    return lines[0]
