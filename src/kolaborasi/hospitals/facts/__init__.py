"""Facts that come with the room: bed classes with foreign codes, which bed may stand in for which, Jakarta's hospitals."""

from __future__ import annotations

import csv
import io
from importlib import resources


def read_table(name: str) -> list[dict[str, str]]:
    """Rows of a facts table; lines that begin with `#` name its source and are skipped."""
    text = resources.files(__name__).joinpath(name).read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    return list(csv.DictReader(io.StringIO("\n".join(lines))))
