"""`kolaborasi hospitals …`: make and load the facts, import beds."""

from __future__ import annotations

from pathlib import Path

import click
from django.utils import translation

from kolaborasi.common.actors import Actor
from kolaborasi.common.clock import utc_now
from kolaborasi.common.errors import Refused

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
OPERATOR = Actor.system("command-line")


@click.group()
@click.pass_context
def hospitals(context: click.Context) -> None:
    """Hospitals, beds and referrals."""
    # The command line speaks English throughout; reasons are translated where a page shows them.
    context.with_resource(translation.override("en"))


@hospitals.command("build-facts")
@click.argument("folder", type=FOLDER)
@click.option("--out", type=FOLDER, help="Where to write; the package's own facts folder by default.")
def build_facts_command(folder: Path, out: Path | None) -> None:
    """Make the table of Jakarta's hospitals from the published files in FOLDER."""
    from kolaborasi.hospitals.build import FACTS_FOLDER, build_facts

    try:
        written = build_facts(folder, out or FACTS_FOLDER)
    except (FileNotFoundError, ValueError) as error:
        raise click.ClickException(str(error)) from error
    for path in written:
        click.echo(f"{path.name}  {path.stat().st_size:,} bytes")


@hospitals.command("load-jakarta")
def load_jakarta_command() -> None:
    """Register the hospitals of Jakarta that come with the platform."""
    from kolaborasi.hospitals.facts import jakarta_hospitals
    from kolaborasi.hospitals.services import load_hospitals

    new = load_hospitals(by=OPERATOR, now=utc_now())
    click.echo(f"{len(jakarta_hospitals())} hospitals known, {len(new)} of them new.")


@hospitals.command("import-beds")
@click.argument("file", type=FILE)
def import_beds_command(file: Path) -> None:
    """Import beds: a scraped day of SIRANAP, or a plain CSV; the columns tell which."""
    from kolaborasi.hospitals.services import import_beds
    from kolaborasi.hospitals.siranap import NotUnderstood, read_plain, read_snapshot

    now = utc_now()
    try:
        read, source = read_snapshot(file), "siranap"
    except NotUnderstood:
        try:
            read, source = read_plain(file, read_at=now), "file"
        except NotUnderstood as error:
            raise click.ClickException(f"{file.name} has no column: {error}.") from error
    try:
        done = import_beds(file=read, source=source, by=OPERATOR, now=now)
    except Refused as error:
        raise click.ClickException(str(error)) from error
    for problem in done.problems:
        click.echo(str(problem), err=True)
    for review in done.reviews:
        likely = f"hospital {review.hospital}?" if review.hospital else "no hospital like it is known"
        click.echo(f"to review: line {review.line}, {review.name} ({review.city}): {likely}")
    click.echo(
        f"{file.name}: {done.rows} rows; {done.taken} counts taken, {done.repeated} known already, "
        f"{done.silent} rows without a number, {len(done.reviews)} to review, {len(done.problems)} refused."
    )
