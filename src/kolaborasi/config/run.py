"""`kolaborasi run`: set up everything, plan, serve the demonstration city."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from rich import box
from rich.console import Console
from rich.table import Table

from kolaborasi.config.processes import (
    CannotServe,
    Children,
    require_free_port,
    stop_on_signals,
    wait_until_ready,
    web_server,
    worker,
)

ITEM = "paket-isoman"


@dataclass
class Steps:
    """Says what is being done and how long each part took."""

    console: Console
    started: float = field(default_factory=time.perf_counter)
    took: list[tuple[str, float]] = field(default_factory=list)

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """One part of the work, with a spinner on a terminal."""
        begun = time.perf_counter()
        with self.console.status(f"{name} …"):
            yield
        seconds = time.perf_counter() - begun
        self.took.append((name, seconds))
        self.console.print(f"[green]✓[/green] {name} [dim]{seconds:.1f} s[/dim]", highlight=False)

    def total(self) -> float:
        """Seconds since the first step began."""
        return time.perf_counter() - self.started


def run(*, once: bool, port: int, whole: bool = False) -> None:
    """Do the main job.

    Args:
        once: end after the plan is shown instead of serving.
        port: of the web server, on the loopback address.
        whole: show every kelurahan, not only the least covered.

    Raises:
        CannotServe: another mode is set, the port is occupied, or a process ended by itself.
        DatabaseUnavailable: no database.
    """
    console = Console()
    mode = os.environ.setdefault("KOLABORASI_MODE", "demo")
    if mode != "demo":
        raise CannotServe(
            f"`kolaborasi run` is for demonstrations, and KOLABORASI_MODE is {mode}. Unset it first."
        )
    if not once:
        require_free_port(port)
    stop_on_signals()
    address = f"http://127.0.0.1:{port}"
    os.environ.setdefault("KOLABORASI_ADDRESS", address)
    steps = Steps(console)
    _connect(steps)
    from kolaborasi.config.database import one_at_a_time

    with one_at_a_time():
        _migrate(steps)
        _load(steps)
        _plan(steps, whole=whole)
    if once:
        console.print(f"Done in {steps.total():.1f} s. `kolaborasi run` serves it.", highlight=False)
    else:
        _serve(steps, port, address)


def _connect(steps: Steps) -> None:
    from kolaborasi.config.database import connect

    with steps.step("Database"):
        connect()
        import django

        from kolaborasi.web.catalogue import compile_all

        compile_all(only_stale=True)
        django.setup()


def _migrate(steps: Steps) -> None:
    from django.core.management import call_command

    from kolaborasi.config.database import create_schema

    with steps.step("Tables"):
        create_schema()
        call_command("migrate", interactive=False, verbosity=0)


def _load(steps: Steps) -> None:
    from kolaborasi.aid.facts import load_items
    from kolaborasi.common.actors import Actor
    from kolaborasi.common.clock import utc_now
    from kolaborasi.demo.city import load_city
    from kolaborasi.demo.diagnostics import load_testing
    from kolaborasi.demo.hospitals import load_network
    from kolaborasi.demo.vaccination import load_programme
    from kolaborasi.places.queries import places_of_kind
    from kolaborasi.places.rules import Kind
    from kolaborasi.places.services import load_jakarta

    with steps.step("Real Jakarta: areas, codes, population, Covid-19 counts"):
        if not places_of_kind(Kind.KELURAHAN, below="31").exists():
            load_jakarta(by=Actor.system("run"), now=utc_now())
        load_items()
    with steps.step("Demonstration city: needs estimated from counts, generated offers"):
        loaded = load_city(now=utc_now())
    with steps.step("Hospitals: the real ones, with generated beds and patients"):
        network = load_network(now=utc_now())
    with steps.step("Testing: generated labs, two weeks of specimens"):
        testing = load_testing(now=utc_now())
    with steps.step("Vaccination: products with their rules, generated people, sessions and doses"):
        programme = load_programme(now=utc_now())
    state = "loaded" if loaded.fresh else "there already"
    steps.console.print(
        f"  {state}: {loaded.partners} partners; {loaded.estimated:,} isolation packages needed by the estimate, "
        f"{loaded.offered:,} offered (docs/estimates.md).",
        highlight=False,
    )
    steps.console.print(
        f"  {network.joined} of {network.known} known hospitals are in the network; their beds are generated.",
        highlight=False,
    )
    steps.console.print(
        f"  {testing.labs} generated labs offer {testing.offered:,} specimens a day, those of the busiest day.",
        highlight=False,
    )
    steps.console.print(
        f"  {programme.sessions} vaccination sessions take people; {programme.doses} generated doses are on record.",
        highlight=False,
    )


def _plan(steps: Steps, *, whole: bool) -> None:
    from django.conf import settings

    from kolaborasi.allocation import queries, terminal
    from kolaborasi.allocation.refresh import current_proposal
    from kolaborasi.common.actors import Actor
    from kolaborasi.common.clock import utc_now

    with steps.step("Plan: least covered first, then the shortest ways"):
        proposal, fresh = current_proposal(by=Actor.system("run"), now=utc_now())
        if proposal is not None:
            changes = queries.changes_by_kelurahan(ITEM, queries.units_by_line(proposal))
    if proposal is None:
        steps.console.print("  nothing to plan: no open need and offer of the same item.")
        return
    terminal.show_effect(steps.console, proposal.before, proposal.after, proposal.baseline)
    terminal.show_kelurahan(steps.console, ITEM, changes, whole=whole)
    terminal.show_certificate(steps.console, proposal.certificate)
    file = settings.HOME / f"coverage-{ITEM}.csv"
    terminal.write_kelurahan(file, ITEM, changes)
    state = "made now" if fresh else "made before; nothing has changed since"
    steps.console.print(
        f"Proposal {proposal.pk} ({state}); a coordinator decides it at /posko/plans/{proposal.pk}/.",
        highlight=False,
    )
    steps.console.print(f"Every kelurahan: {file}", markup=False, highlight=False)


def _serve(steps: Steps, port: int, address: str) -> None:
    from django.conf import settings

    children = Children(settings.HOME / "logs")
    try:
        with steps.step("Web server and worker"):
            children.start("web server", web_server(port))
            children.start("worker", worker())
            wait_until_ready(address, children)
        _show_doors(steps, address, settings.HOME / "logs")
        while True:
            time.sleep(0.5)
            children.require_alive()
    except KeyboardInterrupt:
        steps.console.print("Stopping.")
    finally:
        children.stop()


def _show_doors(steps: Steps, address: str, logs: Path) -> None:
    from django.utils import translation

    from kolaborasi.demo.accounts import ACCOUNTS

    table = Table("role", "what there is to do", title="Demo accounts", box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("address", no_wrap=True)
    with translation.override("en"):
        for account in ACCOUNTS:
            table.add_row(str(account.role), str(account.task), account.email)
    steps.console.print(table)
    steps.console.print(f"[bold]{address}/[/bold]  the site", highlight=False)
    steps.console.print(
        f"[bold]{address}/demo/[/bold]  sign in as any of these with one click", highlight=False
    )
    steps.console.print(f"[bold]{address}/demo/outbox/[/bold]  every outgoing message", highlight=False)
    steps.console.print(f"{logs}/  what the processes write", markup=False, highlight=False)
    steps.console.print(f"First page after {steps.total():.1f} s. Ctrl-C stops everything.", highlight=False)
