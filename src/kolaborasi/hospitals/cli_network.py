"""`kolaborasi hospitals …` about the network: agreements, pauses, conversions of beds, names to review."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import click
from django.utils.timezone import localdate

from kolaborasi.common.clock import utc_now
from kolaborasi.common.errors import NotFound
from kolaborasi.common.terminal import print_table
from kolaborasi.hospitals.classes import BedClass
from kolaborasi.hospitals.cli import Verb, acting, actor, bed_class_of, hospital_of, hospitals

if TYPE_CHECKING:
    from kolaborasi.hospitals.models import NameInQuestion


def _beds(counts: tuple[str, ...]) -> dict[BedClass, int]:
    found = {}
    for each in counts:
        name, _equals, number = each.partition("=")
        if not number.isascii() or not number.isdigit() or len(number) > 5:
            raise click.BadParameter(f"{each}: write CLASS=BEDS", param_hint="beds")
        found[bed_class_of(name)] = int(number)
    return found


BEDS = click.argument("beds", nargs=-1, required=True, metavar="CLASS=BEDS …")
HOSPITAL = click.argument("hospital", type=int)


@hospitals.command("join", cls=Verb)
@HOSPITAL
@BEDS
@click.option("--from", "starts", type=click.DateTime(["%Y-%m-%d"]), help="First day; today when left out.")
@acting
def join_command(hospital: int, beds: tuple[str, ...], starts: datetime | None, email: str) -> None:
    """Take HOSPITAL into the network by an agreement, for example: icu=4 isolation-np=20"""
    from kolaborasi.hospitals.services import join_network

    day = starts.date() if starts else localdate()
    join_network(
        hospital=hospital_of(hospital), beds=_beds(beds), starts_date=day, by=actor(email), now=utc_now()
    )
    click.echo(f"Hospital {hospital} is in the network from {day}.")


@hospitals.command("agree", cls=Verb)
@HOSPITAL
@BEDS
@acting
def agree_command(hospital: int, beds: tuple[str, ...], email: str) -> None:
    """Change the agreement of HOSPITAL from today on; classes not named stay."""
    from kolaborasi.hospitals.services import agree_beds

    agree_beds(hospital=hospital_of(hospital), beds=_beds(beds), by=actor(email), now=utc_now())
    click.echo(f"The agreement of hospital {hospital} is changed.")


def _part(name: str, words: str, text: str) -> None:
    @hospitals.command(name, cls=Verb, help=words)
    @HOSPITAL
    @acting
    def command(hospital: int, email: str) -> None:
        from kolaborasi.hospitals import services

        verb = getattr(services, f"{name}_network")
        verb(hospital=hospital_of(hospital), by=actor(email), now=utc_now())
        click.echo(f"Hospital {hospital} {text}.")


_part("pause", "Let HOSPITAL take no new patients for a while.", "takes no new patients")
_part("resume", "Let HOSPITAL take new patients again.", "takes new patients again")
_part("leave", "Take HOSPITAL out of the network.", "has left the network")


@hospitals.command("conversions")
def conversions_command() -> None:
    """List requests to convert beds that nobody has answered."""
    from kolaborasi.hospitals import queries

    rows = [
        (each.pk, each.hospital_id, each.hospital.site.name, each.bed_class, each.beds)
        for each in queries.open_conversions()
    ]
    print_table(("request", "hospital", "name", "class", "beds"), rows)


@hospitals.command("ask-conversion", cls=Verb)
@HOSPITAL
@click.argument("bed_class", metavar="CLASS")
@click.argument("beds", type=int)
@acting
def ask_conversion_command(hospital: int, bed_class: str, beds: int, email: str) -> None:
    """Ask HOSPITAL to turn ordinary beds into BEDS beds of CLASS."""
    from kolaborasi.hospitals.services import ask_conversion

    asked = ask_conversion(
        hospital=hospital_of(hospital),
        bed_class=bed_class_of(bed_class),
        beds=beds,
        by=actor(email),
        now=utc_now(),
    )
    click.echo(f"Request {asked.pk}: hospital {hospital} is asked for {beds} beds of {bed_class}.")


@hospitals.command("answer-conversion", cls=Verb)
@click.argument("request", type=int)
@click.option("--agree/--decline", required=True)
@acting
def answer_conversion_command(request: int, agree: bool, email: str) -> None:
    """Say for the hospital whether it converts the beds of REQUEST."""
    from kolaborasi.hospitals import queries
    from kolaborasi.hospitals.services import answer_conversion

    found = queries.conversion_by_id(request)
    if found is None:
        raise NotFound("There is no such request. See: kolaborasi hospitals conversions")
    answer_conversion(request=found, agree=agree, by=actor(email), now=utc_now())
    click.echo(f"Request {request}: {'agreed' if agree else 'declined'}.")


@hospitals.command("names")
def names_command() -> None:
    """List names of files that wait for a person to say which hospital is meant."""
    from kolaborasi.hospitals import queries

    rows = [
        (each.pk, each.name, each.city_code, each.likely_id or "-", each.waiting)  # type: ignore[attr-defined]  # annotated
        for each in queries.names_in_question()
    ]
    print_table(("name", "in the file", "city", "likely", "rows waiting"), rows)


@hospitals.command("confirm-name", cls=Verb)
@click.argument("name", type=int)
@HOSPITAL
@acting
def confirm_name_command(name: int, hospital: int, email: str) -> None:
    """Say that NAME of the list of names is HOSPITAL; the rows that waited are counted."""
    from kolaborasi.hospitals.services import confirm_name

    question = _question(name)
    confirm_name(
        hospital=hospital_of(hospital),
        name=question.name,
        city_code=question.city_code,
        by=actor(email),
        now=utc_now(),
    )
    click.echo(f"{question.name} is hospital {hospital}.")


@hospitals.command("dismiss-name", cls=Verb)
@click.argument("name", type=int)
@acting
def dismiss_name_command(name: int, email: str) -> None:
    """Say that NAME of the list of names is no hospital of the city."""
    from kolaborasi.hospitals.services import dismiss_name

    question = _question(name)
    dismiss_name(question=question, by=actor(email), now=utc_now())
    click.echo(f"{question.name} is no hospital of the city.")


def _question(pk: int) -> NameInQuestion:
    from kolaborasi.hospitals import queries

    found = queries.names_in_question().filter(pk=pk).first()
    if found is None:
        raise NotFound("Nobody asks about this name now. See: kolaborasi hospitals names")
    return found


@hospitals.command("move-bed", cls=Verb)
@click.argument("referral", type=int)
@click.argument("bed_class", metavar="CLASS")
@acting
def move_bed_command(referral: int, bed_class: str, email: str) -> None:
    """Move the patient of REFERRAL to a bed of another CLASS in the same hospital."""
    from kolaborasi.hospitals import queries
    from kolaborasi.hospitals.services import move_bed

    found = queries.referral_by_id(referral)
    by = actor(email)
    if found is None or not queries.may_see(found, by):
        raise NotFound("There is no such referral among those you may see.")
    here, wanted = queries.open_bed_of(found), bed_class_of(bed_class)
    pool = queries.pool_here(here, wanted) if here is not None else None
    if pool is None:
        raise NotFound(f"The hospital has no beds of {wanted}, or the patient lies in none.")
    move_bed(referral=found, pool=pool, by=by, now=utc_now())
    click.echo(f"Referral {referral}: moved to {wanted}.")
