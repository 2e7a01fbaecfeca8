"""`kolaborasi texts`: translations of the interface. Needs no database."""

from __future__ import annotations

import sys

import click

from kolaborasi.web import catalogue


@click.group()
def texts() -> None:
    """Translations of the interface."""


@texts.command("compile")
@click.option("--stale", is_flag=True, help="Only those older than their source.")
def compile_texts(stale: bool) -> None:
    """Compile the catalogue of every language."""
    for path in catalogue.compile_all(only_stale=stale):
        click.echo(f"Compiled {path.relative_to(catalogue.PACKAGE)}")


@texts.command()
def missing() -> None:
    """List texts without translation, fuzzy ones and those with other placeholders; exit 1 when there are any."""
    total = 0
    for path in sorted(catalogue.LOCALES.glob("*/LC_MESSAGES/django.po")):
        for fault in catalogue.faults(path):
            click.echo(f"{path.parent.parent.name}: {fault}")
            total += 1
    click.echo(f"{len(catalogue.texts())} texts, {total} faults")
    if total:
        sys.exit(1)
