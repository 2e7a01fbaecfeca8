"""Plans on the terminal: coverage before and after as tables, the whole of it as CSV. Speaks English, as all commands."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from kolaborasi.allocation.queries import KelurahanChange

WORST = 15
Numbers = Mapping[str, Any]


def show_effect(console: Console, before: Numbers, after: Numbers, baseline: Numbers) -> None:
    """Print what a plan changes, item by item, beside what first come, first served would reach."""
    table = Table(
        title="Coverage of open needs, by item",
        caption="promised of needed; plan beside first come, first served",
    )
    for heading in ("item", "needed", "promised", "with plan"):
        table.add_column(heading, justify="left" if heading == "item" else "right")
    for heading in ("lines without help", "least covered", "Gini", "km per unit"):
        table.add_column(heading, justify="right")
    for item, now in before["items"].items():
        plan, first = after["items"][item], baseline["items"][item]
        table.add_row(
            item,
            f"{now['needed']:,}",
            f"{now['promised']:,}",
            f"{plan['promised']:,} ({plan['promised'] / plan['needed']:.0%})",
            f"{now['without_help']} → {plan['without_help']} ({first['without_help']})",
            f"{now['least']:.0%} → {plan['least']:.0%} ({first['least']:.0%})",
            f"{now['gini']:.2f} → {plan['gini']:.2f} ({first['gini']:.2f})",
            f"{_per_unit(now, plan):.1f} ({_per_unit(now, first):.1f})",
        )
    console.print(table)


def _per_unit(before: Numbers, after: Numbers) -> float:
    units = after["promised"] - before["promised"]
    return float(after["kilometres"] / units) if units else 0.0


def show_certificate(console: Console, certificate: Numbers) -> None:
    """Print in a sentence how good the plan is proven to be."""
    if not certificate["tiers_optimal"]:
        console.print("The plan is good, but it is not proven that no plan covers the least covered better.")
        return
    console.print(
        f"Proven over all {certificate['eligible_pairs']:,} pairs: no plan covers the least covered better, and none "
        f"that covers them alike travels more than {certificate['relative_gap']:.2%} less."
    )


def show_kelurahan(
    console: Console, item: str, changes: Sequence[KelurahanChange], *, whole: bool = False
) -> None:
    """Print coverage per kelurahan, the least covered with the plan first; the worst ones unless `whole`."""
    shown = changes if whole else changes[:WORST]
    left_out = len(changes) - len(shown)
    table = Table(title=f"{item}: coverage per kelurahan, least covered first", show_footer=True)
    needed, before, after = (
        sum(getattr(row, name) for row in changes) for name in ("needed", "before", "after")
    )
    table.add_column("code", footer="")
    table.add_column("kelurahan", footer=f"all {len(changes)}")
    table.add_column("needed", footer=f"{needed:,}", justify="right")
    table.add_column("before", footer=_share(before, needed), justify="right")
    table.add_column("after", footer=_share(after, needed), justify="right")
    for row in shown:
        table.add_row(
            row.code,
            row.name,
            f"{row.needed:,}",
            _share(row.before, row.needed),
            _share(row.after, row.needed),
        )
    if left_out:
        table.add_row("…", f"{left_out} better covered", "", "", "")
    console.print(table)


def _share(units: int, needed: int) -> str:
    return f"{units:,} ({units / needed:.0%})" if needed else "0"


def write_kelurahan(path: Path, item: str, changes: Sequence[KelurahanChange]) -> None:
    """Write coverage per kelurahan as CSV, whole or not at all.

    Raises:
        OSError: the file cannot be written.
    """
    unfinished = path.with_name(f".{path.name}.new")
    with unfinished.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["code", "kelurahan", "item", "needed", "before", "after"])
        writer.writerows([row.code, row.name, item, row.needed, row.before, row.after] for row in changes)
    unfinished.replace(path)
