"""`kolaborasi plan <programme>`: plan, store, approve."""

from __future__ import annotations

from pathlib import Path

import click
from django.utils.timezone import localdate
from rich.console import Console
from rich.progress import Progress

from kolaborasi.common.actors import Actor
from kolaborasi.common.clock import utc_now

SHELL = Actor.system("command-line")
RULES = click.Choice(["bands", "units", "none"])


@click.group()
def plan() -> None:
    """Match open needs with offers; without --store or --approve nothing is written."""


@plan.command()
@click.option(
    "--dry-run", "mode", flag_value="dry-run", default=True, help="Plan and show; write nothing (default)."
)
@click.option(
    "--store", "mode", flag_value="store", help="Store the plan as a proposal for a coordinator to decide."
)
@click.option("--approve", "mode", flag_value="approve", help="Store the plan and approve all of its lines.")
@click.option(
    "--fairness", type=RULES, default="bands", show_default=True, help="Order among needs of one item."
)
@click.option(
    "--bands", type=click.IntRange(1, 1000), default=10, show_default=True, help="Bands of coverage."
)
@click.option("--seed", type=int, default=0, show_default=True, help="Same data and seed, same plan.")
@click.option("--item", default="paket-isoman", show_default=True, help="Item of the table per kelurahan.")
@click.option("--all", "whole", is_flag=True, help="Show every kelurahan, not only the least covered.")
@click.option(
    "--csv", "file", type=click.Path(dir_okay=False, path_type=Path), help="Write the table to a file too."
)
def aid(mode: str, fairness: str, bands: int, seed: int, item: str, whole: bool, file: Path | None) -> None:
    """Plan open needs and offers of aid: least covered first, then the shortest ways."""
    from kolaborasi.allocation import queries, services, terminal
    from kolaborasi.allocation.draft import draft
    from kolaborasi.optimisation import Fairness, FairnessRule

    console, now = Console(), utc_now()
    rule = Fairness(rule=FairnessRule(fairness), bands=bands)
    made = draft(today=localdate(now), fairness=rule, seed=seed)
    changes = queries.changes_by_kelurahan(item, [(line.need_line_id, line.quantity) for line in made.lines])
    terminal.show_effect(console, made.before, made.after, made.baseline)
    terminal.show_kelurahan(console, item, changes, whole=whole)
    terminal.show_certificate(console, made.certificate)
    if file is not None:
        terminal.write_kelurahan(file, item, changes)
        console.print(f"Written: {file}", markup=False, highlight=False)
    if mode == "dry-run":
        console.print(
            f"{len(made.lines):,} lines; nothing was stored (--store keeps the plan, --approve carries it out)."
        )
        return
    proposal = services.propose(by=SHELL, now=now, planned=made)
    console.print(f"Proposal {proposal.pk} stored with {len(made.lines):,} lines.")
    if mode == "approve":
        _approve(console, proposal.pk)


@plan.command()
@click.option(
    "--dry-run", "mode", flag_value="dry-run", default=True, help="Plan and show; write nothing (default)."
)
@click.option(
    "--store", "mode", flag_value="store", help="Store the plan as a proposal for a coordinator to decide."
)
@click.option("--approve", "mode", flag_value="approve", help="Store the plan and approve all of its lines.")
@click.option(
    "--target",
    type=click.FloatRange(0, 1, min_open=True),
    default=0.85,
    show_default=True,
    help="Share of beds above which the plan looks elsewhere first and proposes to convert beds.",
)
def hospitals(mode: str, target: float) -> None:
    """Plan everybody who waits for a bed and every bed left: severest first, then the shortest ways."""
    from kolaborasi.allocation import services
    from kolaborasi.allocation.bed_draft import draft_beds
    from kolaborasi.common.errors import Refused

    console, now = Console(), utc_now()
    try:
        made = draft_beds(now=now, target=target)
    except Refused as error:
        raise click.ClickException(str(error)) from error
    kinds: dict[str, int] = {}
    for line in made.lines:
        kinds[line.kind] = kinds.get(line.kind, 0) + line.beds
    rows = (
        ("before", made.before),
        ("first come, first served", made.baseline),
        ("with the plan", made.after),
    )
    for name, effect in rows:
        longest = effect["longest_minutes"]
        console.print(
            f"{name}: {effect['placed']:,} placed, {effect['waiting']:,} waiting"
            + (
                "" if longest is None else f", {effect['mean_minutes']} minutes on average, {longest} at most"
            ),
            highlight=False,
        )
    console.print(
        ", ".join(f"{kind}: {beds:,} beds" for kind, beds in sorted(kinds.items())), highlight=False
    )
    if mode == "dry-run":
        console.print(
            f"{len(made.lines):,} lines; nothing was stored (--store keeps the plan, --approve carries it out)."
        )
        return
    proposal = services.propose_beds(by=SHELL, now=now, planned=made)
    console.print(f"Proposal {proposal.pk} stored with {len(made.lines):,} lines.")
    if mode == "approve":
        _approve(console, proposal.pk)


@plan.command()
@click.option(
    "--dry-run", "mode", flag_value="dry-run", default=True, help="Plan and show; write nothing (default)."
)
@click.option(
    "--store", "mode", flag_value="store", help="Store the plan for a coordinator to decide, line by line."
)
@click.option("--from", "source", type=int, required=True, help="Place of the warehouse the doses come from.")
@click.option("--days", type=click.IntRange(1, 60), default=7, show_default=True)
def vaccination(mode: str, source: int, days: int) -> None:
    """Plan which doses go to which session: due second doses first, then bookings, then the least covered."""
    from django.db import transaction

    from kolaborasi.common.errors import Refused
    from kolaborasi.vaccination import queries
    from kolaborasi.vaccination.queries.work import plan_lines
    from kolaborasi.vaccination.services import propose_supply

    console, now = Console(), utc_now()
    store = queries.location_by_id(source)
    if store is None:
        raise click.ClickException("There is no such place. See: kolaborasi vaccination stock")
    try:
        with transaction.atomic():
            made = propose_supply(store=store, start=localdate(now), days=days, by=SHELL, now=now)
            lines = list(plan_lines(made))
            if mode == "dry-run":
                transaction.set_rollback(True)
    except Refused as error:
        raise click.ClickException(str(error)) from error
    for line in lines:
        why = ", ".join(f"{kind} {line.reasons.get(kind, 0)}" for kind in ("due", "booked", "resident"))
        console.print(
            f"{line.arrives_date}  {line.target.name}: {line.doses:,} of {line.lot.lot.code} ({why})",
            markup=False,
            highlight=False,
        )
    effect = made.effect
    console.print(
        f"{len(lines):,} lines, {effect['doses']:,} doses; {effect['expiring_avoided']:,} used before they expire, "
        f"{effect['expiring_left']:,} expire all the same.",
        highlight=False,
    )
    console.print(
        "Nothing was stored (--store keeps the plan)." if mode == "dry-run" else f"Plan {made.pk} stored.",
        highlight=False,
    )


@plan.command()
@click.option(
    "--dry-run", "mode", flag_value="dry-run", default=True, help="Plan and show; write nothing (default)."
)
@click.option("--store", "mode", flag_value="store", help="Store the plan for a coordinator to decide.")
@click.option("--approve", "mode", flag_value="approve", help="Store the plan and turn it into manifests.")
@click.option("--in", "minutes", type=click.IntRange(0, 1440), default=30, show_default=True, help="Minutes.")
def diagnostics(mode: str, minutes: int) -> None:
    """Plan which waiting specimens the round that leaves in some minutes carries to which lab."""
    from datetime import timedelta

    from kolaborasi.common.errors import Refused
    from kolaborasi.diagnostics.planning import draft
    from kolaborasi.diagnostics.services import approve_dispatch, propose_dispatch

    now = utc_now()
    leaves = now + timedelta(minutes=minutes)
    made = draft(departs_at=leaves)
    planned = sum(len(line.specimens) for line in made.lines)
    click.echo(f"{planned} of {made.waiting} waiting specimens in {len(made.lines)} lines.")
    for name, numbers in (("this plan", made.expected), ("fixed contracts", made.baseline)):
        hours = f"{numbers.get('median_hours', '-')} h, p95 {numbers.get('p95_hours', '-')} h"
        click.echo(f"{name}: {numbers.get('planned', 0):.0f} specimens, swab to result: median {hours}")
    if mode == "dry-run" or not made.lines:
        click.echo("Nothing was stored (--store keeps the plan, --approve carries it out).")
        return
    try:
        stored = propose_dispatch(departs_at=leaves, by=SHELL, now=now)
        click.echo(f"Plan {stored.pk} stored.")
        if mode == "approve":
            done = approve_dispatch(plan=stored, by=SHELL, now=now)
            click.echo(f"{len(done.consignments)} manifests, {len(done.refused)} lines refused.")
    except Refused as error:
        raise click.ClickException(str(error)) from error


@plan.command()
@click.argument("proposal", type=int)
def approve(proposal: int) -> None:
    """Carry out the undecided lines of a stored PROPOSAL, of aid or of beds; each may be refused."""
    _approve(Console(), proposal)


def _approve(console: Console, pk: int) -> None:
    """Approve all lines of a proposal with a progress bar, and count what was refused by reason."""
    from kolaborasi.allocation import queries, services

    proposal = queries.proposal_by_id(pk) or queries.bed_proposal_by_id(pk)
    if proposal is None:
        raise click.ClickException(f"There is no proposal {pk}.")
    approved, refused = 0, dict[str, int]()
    lines: list[services.AnyLine] = [
        *queries.open_lines_of(proposal),
        *queries.open_bed_lines_of(proposal),
    ]
    with Progress(console=console) as progress:
        task = progress.add_task("Approving", total=len(lines))
        for start in range(0, len(lines), 50):
            done = services.approve(lines=lines[start : start + 50], by=SHELL, now=utc_now())
            approved += len(done.approved)
            for _, code in done.refused:
                refused[code] = refused.get(code, 0) + 1
            progress.update(task, completed=start + 50)
    reasons = ", ".join(f"{code}: {count}" for code, count in sorted(refused.items())) or "none"
    console.print(f"Approved {approved:,} lines; refused: {reasons}.", highlight=False)
