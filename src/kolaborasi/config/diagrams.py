"""Diagrams of every lifecycle, generated from the tables in the rooms' `states.py`.

python -m kolaborasi.config.diagrams docs/states
"""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path
from typing import Any

from kolaborasi.common.lifecycle import Lifecycle

PACKAGE = Path(__file__).parent.parent


def lifecycles() -> dict[str, Lifecycle[Any]]:
    """Every lifecycle of every room, by the name of its noun."""
    found = {}
    for path in sorted(PACKAGE.glob("*/states.py")):
        module = import_module(f"kolaborasi.{path.parent.name}.states")
        for value in vars(module).values():
            if isinstance(value, Lifecycle):
                found[f"{path.parent.name}-{value.name.replace(' ', '-')}"] = value
    return found


def page(name: str, lifecycle: Lifecycle[Any]) -> str:
    """A Markdown page with the lifecycle as a Mermaid state diagram."""
    room = name.split("-")[0]
    lines = [
        f"# Life of a {lifecycle.name}",
        "",
        f"Generated from `src/kolaborasi/{room}/states.py` by `make states`; do not edit.",
        "",
        "```mermaid",
        "stateDiagram-v2",
        f"    [*] --> {_id(lifecycle.start)}",
    ]
    for event, table in lifecycle.moves.items():
        lines += [f"    {_id(before)} --> {_id(after)} : {event}" for before, after in table.items()]
    lines += [f"    {_id(state)} --> [*]" for state in lifecycle.final_states()]
    return "\n".join([*lines, "```", ""])


def write(folder: Path) -> list[Path]:
    """Write a page for each lifecycle; returns the paths."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, lifecycle in lifecycles().items():
        path = folder / f"{name}.md"
        path.write_text(page(name, lifecycle), encoding="utf-8")
        written.append(path)
    return written


def _id(state: str) -> str:
    return str(state).replace("-", "_")


if __name__ == "__main__":
    write(Path(sys.argv[1]))
