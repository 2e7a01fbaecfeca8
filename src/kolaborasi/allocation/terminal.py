"""Plans on the terminal: coverage before and after as tables, the whole of it as CSV. Speaks English, as all commands."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table

from kolaborasi.allocation.queries import KelurahanChange

WORST = 15
Numbers = Mapping[str, Any]


def show_effect(console: Console, before: Numbers, after: Numbers, baseline: Numbers) -> None:
    """Print how open needs are covered now, with the plan, and with first come, first served; item by item."""
    table = Table(title="Coverage of open needs", box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 0, 0, 1))
    for heading in ("item", "", "promised", "least", "without", "Gini", "km/unit"):
        table.add_column(heading, justify="left" if heading in ("item", "") else "right", no_wrap=True)
    for item, now in before["items"].items():
        for label, effect in (
            ("now", now),
            ("plan", after["items"][item]),
            ("first come", baseline["items"][item]),
        ):
            table.add_row(
                item if label == "now" else f"  needs {now['needed']:,}" if label == "plan" else "",
                label,
                f"{effect['promised']:,} ({effect['promised'] / effect['needed']:.0%})",
                f"{effect['least']:.0%}",
                str(effect["without_help"]),
                f"{effect['gini']:.2f}" if effect["promised"] else "–",
                _per_unit(now, effect),
                end_section=label == "first come",
            )
    console.print(table)
    console.print(
        "least: coverage of the least covered place; without: places without help; first come: first come,"
        " first served; distances are estimated.",
        style="dim",
        highlight=False,
    )


def _per_unit(before: Numbers, after: Numbers) -> str:
    units = after["promised"] - before["promised"]
    return f"{after['kilometres'] / units:.1f}" if units else "–"


def show_certificate(console: Console, certificate: Numbers) -> None:
    """Print in a sentence how good the plan is proven to be."""
    if not certificate["tiers_optimal"]:
        console.print("The plan is good, but it is not proven that no plan covers the least covered better.")
        return
    pairs = f"Proven over all {certificate['eligible_pairs']:,} pairs: no plan covers the least covered better, and none "
    saves = f"saves more than {max(certificate['relative_gap'], 0.0001):.2%} of the travel time."
    console.print(
        f"{pairs}that covers them as well {saves if certificate['cost_gap'] else 'needs less travel time.'}"
    )


def show_kelurahan(
    console: Console, item: str, changes: Sequence[KelurahanChange], *, whole: bool = False
) -> None:
    """Print coverage per kelurahan, the least covered with the plan first; the worst ones unless `whole`."""
    shown = changes if whole else changes[:WORST]
    left_out = len(changes) - len(shown)
    table = Table(
        title=f"{item}: coverage per kelurahan, least covered first",
        show_footer=True,
        box=box.SIMPLE_HEAD,
        pad_edge=False,
    )
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
