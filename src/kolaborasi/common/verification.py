"""What `kolaborasi verify` reports: one check, the rows it read, the rows that do not add up."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Check:
    """One recomputation.

    Args:
        name: what was recomputed, in words.
        rows: how many rows were read.
        faults: one line for each row that does not add up; empty when all is well.
    """

    name: str
    rows: int
    faults: list[str] = field(default_factory=list)
