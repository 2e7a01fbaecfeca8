"""`kolaborasi verify`: every check of every room, with what it read."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Console
from rich.table import Table

from kolaborasi.aid import verification as aid
from kolaborasi.audit import queries as audit
from kolaborasi.commitments import queries as commitments
from kolaborasi.common.verification import Check
from kolaborasi.diagnostics import verification as diagnostics
from kolaborasi.hospitals import verification as hospitals
from kolaborasi.people import queries as people
from kolaborasi.stock import queries as stock
from kolaborasi.vaccination import verification as vaccination


def checks() -> Iterator[Check]:
    """All checks, in the order of the laws."""
    yield from commitments.checks()
    yield from stock.checks()
    yield from aid.checks()
    yield from vaccination.checks()
    yield from diagnostics.checks()
    yield from hospitals.checks()
    yield from audit.checks()
    yield from people.checks()


def report(console: Console | None = None) -> bool:
    """Print every check with its row count and each fault; returns whether all adds up."""
    console = console or Console()
    table = Table("check", "rows", "faults", title="kolaborasi verify")
    faults: list[str] = []
    for check in checks():
        table.add_row(check.name, f"{check.rows:,}", str(len(check.faults)))
        faults += check.faults
    console.print(table)
    for fault in faults:
        console.print(fault, style="red", markup=False, highlight=False)
    return not faults
