"""Reader of minimum-cost-flow problems in the DIMACS format.

Format: First DIMACS Implementation Challenge (1991), "The core experiments", section on minimum-cost flow.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from .errors import BadFile
from .flow import Network


def read_min_cost_flow(path: Path) -> Network:
    """The network in `path`. Lower bounds must be zero. Raises BadFile naming the line, OSError when unreadable."""
    size: tuple[int, int] | None = None
    supplies: dict[int, int] = {}
    arcs: list[tuple[int, int, int, int]] = []
    with path.open(encoding="ascii") as lines:
        for number, line in enumerate(lines, start=1):
            kind, *fields = line.split() or ["c"]
            if kind == "c":
                continue
            try:
                size = _read_line(kind, fields, size, supplies, arcs)
            except (ValueError, IndexError) as error:
                raise BadFile(f"{path.name}, line {number}: {error}.") from error
    return _network(path, size, supplies, arcs)


def _read_line(
    kind: str,
    fields: list[str],
    size: tuple[int, int] | None,
    supplies: dict[int, int],
    arcs: list[tuple[int, int, int, int]],
) -> tuple[int, int] | None:
    if kind == "p":
        if fields[0] != "min" or size is not None:
            raise ValueError("expected one problem line 'p min NODES ARCS'")
        return int(fields[1]), int(fields[2])
    if kind == "n":
        supplies[int(fields[0])] = int(fields[1])
    elif kind == "a":
        start, end, lower, capacity, cost = (int(value) for value in fields)
        if lower:
            raise ValueError("a lower bound above zero is not supported")
        arcs.append((start, end, capacity, cost))
    else:
        raise ValueError(f"unknown line type '{kind}'")
    return size


def _network(
    path: Path, size: tuple[int, int] | None, supplies: dict[int, int], arcs: list[tuple[int, int, int, int]]
) -> Network:
    if size is None:
        raise BadFile(f"{path.name} has no problem line.")
    nodes, count = size
    if len(arcs) != count:
        raise BadFile(f"{path.name} promises {count} arcs and has {len(arcs)}.")
    node_supplies = np.zeros(nodes, dtype=np.int64)
    table = np.array(arcs, dtype=np.int64).reshape(-1, 4)
    outside = [node for node in supplies if not 1 <= node <= nodes]
    if outside or (len(table) and not ((table[:, :2] >= 1) & (table[:, :2] <= nodes)).all()):
        raise BadFile(f"{path.name} names a node outside 1 to {nodes}.")
    for node, supply in supplies.items():
        node_supplies[node - 1] = supply
    return Network(
        starts=table[:, 0] - 1,
        ends=table[:, 1] - 1,
        capacities=table[:, 2].copy(),
        costs=table[:, 3].copy(),
        supplies=node_supplies,
    )
