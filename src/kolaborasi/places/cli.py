"""`kolaborasi places …`: load areas, import counts, make the facts tables."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click
from django.utils import translation

from kolaborasi.common.actors import Actor
from kolaborasi.common.clock import utc_now
from kolaborasi.common.errors import Refused
from kolaborasi.places.errors import BrokenRows
from kolaborasi.places.problems import CountsReport, Problem
from kolaborasi.places.rules import Scheme

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
SCHEMES = click.Choice([Scheme.KEMENDAGRI.value, Scheme.BPS.value])
OPERATOR = Actor.system("command-line")
SHOWN = 50


@click.group()
@click.pass_context
def places(context: click.Context) -> None:
    """Administrative areas and published counts."""
    # The command line speaks English throughout; reasons are translated where a page shows them.
    context.with_resource(translation.override("en"))


class _Refusal(click.ClickException):
    """A refusal on the command line: each broken row, then one line, exit code 1."""

    def __init__(self, error: Refused) -> None:
        super().__init__(str(error))
        # Put into words here, in the language of the command, which has ended when this is shown.
        self.lines = [str(problem) for problem in error.problems] if isinstance(error, BrokenRows) else []

    def show(self, file: object = None) -> None:
        """Write the broken rows and the summary to the error stream."""
        for line in self.lines:
            click.echo(line, err=True)
        click.echo(f"Error: {self.message}", err=True)


@places.command()
@click.argument("file", type=FILE)
@click.option("--scheme", type=SCHEMES, help="Whose codes the file has; needed where both are possible.")
@click.option("--skip-bad", is_flag=True, help="Load the sound rows although others are broken.")
@click.option("--dry-run", is_flag=True, help="Report without writing.")
def load(file: Path, scheme: str | None, skip_bad: bool, dry_run: bool) -> None:
    """Load areas from CSV or GeoJSON."""
    from kolaborasi.places.services import load_areas

    try:
        report = load_areas(
            path=file,
            by=OPERATOR,
            now=utc_now(),
            scheme=Scheme(scheme) if scheme else None,
            skip_bad=skip_bad,
            dry_run=dry_run,
        )
    except Refused as error:
        raise _Refusal(error) from error
    _list_problems(report.skipped)
    click.echo(
        f"{file.name} ({report.scheme}): {report.read} rows; {report.created} areas created, {report.updated} updated, "
        f"{report.unchanged} unchanged, {_lines(report.skipped)} rows skipped{_dry(dry_run)}."
    )


@places.command("load-jakarta")
def load_jakarta_command() -> None:
    """Load the areas and figures of Jakarta that come with the platform."""
    from kolaborasi.places.services import load_jakarta

    report = load_jakarta(by=OPERATOR, now=utc_now())
    click.echo(
        f"Jakarta: {report.read} areas; {report.created} created, {report.updated} updated, {report.unchanged} unchanged."
    )


@places.command("import-counts")
@click.argument("file", type=FILE)
@click.option(
    "--date", "as_of", type=click.DateTime(["%Y-%m-%d"]), help="Date of the figures, if not in the name."
)
@click.option("--scheme", type=SCHEMES, default=Scheme.KEMENDAGRI.value, show_default=True)
@click.option("--skip-bad", is_flag=True, help="Import the sound rows although others are broken.")
@click.option("--dry-run", is_flag=True, help="Report without writing.")
def import_counts_command(
    file: Path, as_of: datetime | None, scheme: str, skip_bad: bool, dry_run: bool
) -> None:
    """Import an official workbook of counts per kelurahan."""
    from kolaborasi.places.services import import_counts

    try:
        report = import_counts(
            path=file,
            by=OPERATOR,
            now=utc_now(),
            as_of=as_of.date() if as_of else None,
            scheme=Scheme(scheme),
            skip_bad=skip_bad,
            dry_run=dry_run,
        )
    except Refused as error:
        raise _Refusal(error) from error
    _show_counts(report)
    click.echo(_counts_line(file, report) + f"{_dry(dry_run)}.")


@places.command("build-facts")
@click.argument("folder", type=FOLDER)
@click.option("--out", type=FOLDER, help="Where to write; the package's own facts folder by default.")
def build_facts_command(folder: Path, out: Path | None) -> None:
    """Make the facts tables from the published files in FOLDER (needs shapely, which the dev extra has)."""
    from kolaborasi.places.build import FACTS_FOLDER, build_facts

    try:
        written = build_facts(folder, out or FACTS_FOLDER)
    except (FileNotFoundError, ValueError, ImportError) as error:
        raise click.ClickException(str(error)) from error
    for path in written:
        click.echo(f"{path.name}  {path.stat().st_size:,} bytes")


def _list_problems(problems: list[Problem]) -> None:
    for problem in problems:
        click.echo(str(problem), err=True)


def _show_counts(report: CountsReport) -> None:
    for title, lines in (
        ("to review", report.reviews),
        ("notice", report.notices),
        ("disagreement", [str(d) for d in report.disagreements]),
    ):
        for line in lines[:SHOWN]:
            click.echo(f"{title}: {line}")
        if len(lines) > SHOWN:
            click.echo(f"{title}: … and {len(lines) - SHOWN} more")
    _list_problems(report.skipped)


def _counts_line(file: Path, report: CountsReport) -> str:
    sheets = ", ".join(f"{name} {rows}" for name, rows in report.sheets)
    return (
        f"{file.name} ({report.as_of}): rows {sheets}; {report.places} of places, {report.buckets} of buckets, "
        f"{report.totals} totals; {report.figures} figures, {len(report.reviews)} to review, "
        f"{len(report.disagreements)} disagreements, {_lines(report.skipped)} rows skipped"
    )


def _lines(problems: list[Problem]) -> int:
    return len({(problem.sheet, problem.line) for problem in problems})


def _dry(dry_run: bool) -> str:
    return "; nothing was written (--dry-run)" if dry_run else ""
