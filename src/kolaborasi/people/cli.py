"""`kolaborasi people …`."""

from __future__ import annotations

import click

from kolaborasi.common.actors import Actor
from kolaborasi.common.clock import utc_now


@click.group()
def people() -> None:
    """Persons and their keys."""


@people.command()
def rewrap() -> None:
    """Move every person to the newest key of KOLABORASI_PEOPLE_KEYS; afterwards the old key may go."""
    from kolaborasi.people import services

    total = 0
    while moved := services.rewrap(by=Actor.system("rewrap"), now=utc_now()):
        total += moved
        click.echo(f"{total} moved")
    click.echo(f"All persons stand on the newest key; {total} were moved.")
