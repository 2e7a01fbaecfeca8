"""`kolaborasi <noun> <verb>`: the same verbs on the command line."""

from __future__ import annotations

import sys
from importlib import import_module

import click

ROOMS = {
    "aid": ("aid", "Needs, pledges and deliveries."),
    "api": ("api", "Tokens for programs that act for an account."),
    "demo": ("demo", "The demonstration city."),
    "diagnostics": ("diagnostics", "Labs, specimens and results."),
    "hospitals": ("hospitals", "Hospitals, beds and referrals."),
    "partners": ("partners", "Partners and the roles of their people."),
    "people": ("people", "Persons and their keys."),
    "places": ("places", "Administrative areas and published counts."),
    "plan": ("allocation", "Match open needs with offers; by default nothing is written."),
    "texts": ("web", "Translations of the interface."),
    "vaccination": ("vaccination", "Sessions, doses, supply plans and certificates."),
}
"""Room and purpose by the name of its command; the purpose stands here so that `--help` needs no database."""

WITHOUT_DATABASE = ("texts",)


class Rooms(click.Group):
    """Commands of the rooms, imported when called, after the database is known."""

    def list_commands(self, context: click.Context) -> list[str]:
        """Own commands and those of the rooms."""
        return sorted([*super().list_commands(context), *ROOMS])

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        """The command of that name, or the room's group."""
        if name not in ROOMS:
            return super().get_command(context, name)
        if name not in WITHOUT_DATABASE:
            set_up()
        command: click.Command = getattr(import_module(f"kolaborasi.{ROOMS[name][0]}.cli"), name)
        return command

    def format_commands(self, context: click.Context, formatter: click.HelpFormatter) -> None:
        """The list of commands with their purposes."""
        purposes = {name: command.get_short_help_str(80) for name, command in self.commands.items()}
        purposes |= {name: purpose for name, (_room, purpose) in ROOMS.items()}
        with formatter.section("Commands"):
            formatter.write_dl(sorted(purposes.items()))


def set_up() -> None:
    """Connect this process and load Django."""
    from kolaborasi.config.database import connect

    connect()
    import django

    from kolaborasi.web.catalogue import compile_all

    compile_all(only_stale=True)
    django.setup()


@click.group(cls=Rooms)
@click.version_option(package_name="kolaborasi")
def kolaborasi() -> None:
    """Kolaborasi: partners give, needs are met, nothing is promised twice."""


@kolaborasi.command(context_settings={"ignore_unknown_options": True}, add_help_option=False)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def manage(arguments: tuple[str, ...]) -> None:
    """Run a management command of Django."""
    set_up()
    from django.core.management import execute_from_command_line

    execute_from_command_line(["kolaborasi manage", *arguments])


@kolaborasi.command()
def migrate() -> None:
    """Bring the database to the tables of this version."""
    set_up()
    from django.core.management import call_command

    from kolaborasi.config.database import create_schema

    create_schema()
    call_command("migrate", interactive=False, verbosity=0)
    click.echo("The database is up to date.")


@kolaborasi.command()
@click.option("--once", is_flag=True, help="Set up, load and plan, then end instead of serving.")
@click.option(
    "--port", type=click.IntRange(1, 65535), default=8000, show_default=True, help="Port of the site."
)
@click.option("--all", "whole", is_flag=True, help="Show every kelurahan, not only the least covered.")
def run(once: bool, port: int, whole: bool) -> None:
    """Set up everything, load real Jakarta, plan, and serve the demonstration city."""
    from kolaborasi.config.run import run

    run(once=once, port=port, whole=whole)


@kolaborasi.command()
def verify() -> None:
    """Recompute every balance, counter and hash; exit 1 with the exact rows when something does not add up."""
    set_up()
    from kolaborasi.config.verification import report

    if not report():
        sys.exit(1)


def main() -> None:
    """Entry point: whatever goes wrong outside is one line on stderr and a non-zero exit code."""
    try:
        kolaborasi(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except click.exceptions.Exit as ended:
        sys.exit(ended.exit_code)
    except click.Abort:
        sys.exit(130)
    except Exception as error:
        from kolaborasi.config.reasons import one_line

        sentence = one_line(error)
        if sentence is None:
            raise
        click.echo(f"kolaborasi: {sentence}", err=True)
        sys.exit(1)
