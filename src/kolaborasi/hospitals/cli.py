"""`kolaborasi hospitals …`: beds, reports, referrals, the board, files of beds, the facts."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from django.utils import translation
from django.utils.timezone import localdate

from kolaborasi.common.actors import Actor
from kolaborasi.common.clock import utc_now
from kolaborasi.common.errors import NotFound, Refused
from kolaborasi.common.terminal import print_table
from kolaborasi.hospitals.classes import BedClass

if TYPE_CHECKING:
    from kolaborasi.hospitals.models import Hospital

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
COUNT = re.compile(r"([a-z0-9-]+)=(\d{1,5})/(\d{1,5})")
OPERATOR = Actor.system("command-line")


acting = click.option("--as", "email", required=True, help="E-mail address of the account that acts.")


class Verb(click.Command):
    """A command whose refusals become one line and exit code 1."""

    def invoke(self, context: click.Context) -> object:
        """Run the command."""
        try:
            return super().invoke(context)
        except Refused as error:
            raise click.ClickException(str(error)) from error


def actor(email: str) -> Actor:
    """The account of an e-mail address with its roles."""
    from kolaborasi.partners.queries import account_by_email, actor_of

    return actor_of(account_by_email(email))


def bed_class_of(text: str) -> BedClass:
    """A bed class by its code; says which there are when it is none."""
    try:
        return BedClass(text)
    except ValueError:
        known = ", ".join(each.value for each in BedClass)
        raise click.ClickException(f"{text} is no bed class. Known: {known}.") from None


def hospital_of(pk: int) -> Hospital:
    """A hospital by its number.

    Raises:
        NotFound: there is none.
    """
    from kolaborasi.hospitals import queries

    found = queries.hospital_by_id(pk)
    if found is None:
        raise NotFound("There is no such hospital. See: kolaborasi hospitals beds")
    return found


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


@hospitals.command("import-beds", cls=Verb)
@click.argument("file", type=FILE)
@click.option(
    "--hospital", "code", default="", help="Registry code of the hospital of a JSON message that names none."
)
@click.option("--all-or-nothing", is_flag=True, help="Load nothing when a row is wrong.")
def import_beds_command(file: Path, code: str, all_or_nothing: bool) -> None:
    """Import beds: a scraped day of SIRANAP, a message of the national API as JSON, or a plain CSV."""
    from kolaborasi.hospitals.bed_files import read_bed_file
    from kolaborasi.hospitals.errors import RowsRefused
    from kolaborasi.hospitals.services import import_beds

    now = utc_now()
    read, source = read_bed_file(file.read_bytes(), name=file.name, read_at=now, code=code)
    try:
        done = import_beds(
            file=read, source=source, name=file.name, partly=not all_or_nothing, by=OPERATOR, now=now
        )
    except RowsRefused as error:
        for problem in error.problems:
            click.echo(str(problem), err=True)
        raise
    for problem in done.problems:
        click.echo(str(problem), err=True)
    for review in done.reviews:
        likely = f"hospital {review.hospital}?" if review.hospital else "no hospital like it is known"
        click.echo(f"held back: line {review.line}, {review.name} ({review.city}): {likely}")
    click.echo(
        f"{file.name}: {done.rows} rows; {done.taken} counts taken, {done.repeated} known already, "
        f"{done.silent} rows without a number, {len(done.reviews)} held back, {len(done.problems)} refused."
    )


@hospitals.command("beds", cls=Verb)
@click.option("--class", "bed_class", help="Only this class, for example isolation-np.")
@click.option("--place", default="", help="Only hospitals in this area, by its Kemendagri code.")
@click.option("--near", help="Kemendagri code of a kelurahan: the nearest hospitals first.")
@click.option("--free", "only_free", is_flag=True, help="Only hospitals with a free bed.")
@click.option("--limit", type=click.IntRange(1), default=50, show_default=True)
def beds_command(bed_class: str | None, place: str, near: str | None, only_free: bool, limit: int) -> None:
    """List free beds by hospital and class, with the age of each count."""
    from kolaborasi.hospitals.labels import age_since
    from kolaborasi.hospitals.queries.availability import availability, from_point
    from kolaborasi.places.queries import place_by_code
    from kolaborasi.places.rules import Scheme, shore_of

    now = utc_now()
    rows = availability(now)
    if bed_class:
        bed_class_of(bed_class)
        rows = [found for each in rows if (found := each.of_class(bed_class)) is not None]
    if place:
        rows = [each for each in rows if each.place_code.startswith(place)]
    if only_free:
        rows = [each for each in rows if each.left > 0]
    if near:
        here = place_by_code(Scheme.KEMENDAGRI, near)
        if here.latitude is not None and here.longitude is not None:
            rows = from_point(rows, here.latitude, here.longitude, now, shore_of(here.code))
        rows.sort(key=lambda each: (each.minutes is None, each.minutes or 0.0))
    else:
        rows.sort(key=lambda each: (-each.left, each.name))
    lines = [
        (
            each.pk,
            each.name,
            line.bed_class,
            line.left,
            "-" if line.free_only else f"{line.occupied}/{line.staffed}",
            "age unknown" if line.age_unknown else age_since(line.observed_at, now),
            "old" if line.stale else "",
            "-" if each.minutes is None else round(each.minutes),
        )
        for each in rows
        for line in each.lines
    ]
    print_table(("hospital", "name", "class", "free", "in use", "counted", "", "minutes"), lines[:limit])
    if len(lines) > limit:
        click.echo(f"The first {limit} of {len(lines)}; see more with --limit.")


@hospitals.command("report", cls=Verb)
@click.argument("hospital", type=int)
@click.argument("counts", nargs=-1, required=True, metavar="CLASS=OCCUPIED/STAFFED …")
@acting
def report_command(hospital: int, counts: tuple[str, ...], email: str) -> None:
    """Report the beds of HOSPITAL counted just now, for example: isolation-np=18/20 icu=4/4"""
    from kolaborasi.hospitals.rules import BedCount
    from kolaborasi.hospitals.services import report_beds

    found = hospital_of(hospital)
    parsed = {}
    for each in counts:
        match = COUNT.fullmatch(each)
        if match is None:
            raise click.BadParameter(f"{each}: write CLASS=OCCUPIED/STAFFED", param_hint="counts")
        parsed[bed_class_of(match[1])] = BedCount(staffed=int(match[3]), occupied=int(match[2]))
    now = utc_now()
    made = report_beds(
        hospital=found, counts=parsed, observed_at=now, source="hospital", by=actor(email), now=now
    )
    click.echo(f"Hospital {found.pk}: {len(made)} counts taken.")


@hospitals.command("refer", cls=Verb)
@click.option("--place", required=True, help="Kemendagri code of the kelurahan where the patient is.")
@click.option("--name", required=True, prompt="Name of the patient", help="Asked for when left out.")
@click.option("--phone", default="")
@click.option("--nik", default="", help="Finds somebody who is known.")
@click.option(
    "--age", "age_group", type=click.Choice(["neonate", "infant", "child", "adult", "elder"]), default="adult"
)
@click.option("--spo2", type=int, help="Oxygen saturation in room air, per cent.")
@click.option("--breaths", type=int, help="A minute.")
@click.option("--pneumonia", is_flag=True)
@click.option("--distress", is_flag=True, help="Cannot finish a sentence.")
@click.option("--ventilation", is_flag=True, help="Cannot breathe alone.")
@click.option("--on-behalf", is_flag=True, help="For a caller without a telephone.")
@acting
def refer_command(
    place: str, name: str, phone: str, nik: str, age_group: str, on_behalf: bool, email: str, **seen: Any
) -> None:
    """Ask for a bed for a patient, as the hotline does; how ill they are follows from the signs."""
    from django.db import transaction

    from kolaborasi.hospitals.patients import patient_of
    from kolaborasi.hospitals.rules import AgeGroup, Signs, Wish, severity_of
    from kolaborasi.hospitals.services import Request, refer
    from kolaborasi.people.services import Identity
    from kolaborasi.places.queries import place_by_code
    from kolaborasi.places.rules import Scheme

    signs, age = Signs(**seen), AgeGroup(age_group)
    severity, reasons = severity_of(signs, age)
    asked = Request(
        place=place_by_code(Scheme.KEMENDAGRI, place),
        source="hotline",
        wish=Wish(severity=severity, age=age, ventilator=signs.ventilation),
        reasons=reasons,
        on_behalf=on_behalf,
        spo2=signs.spo2,
        breaths=signs.breaths,
    )
    now = utc_now()
    with transaction.atomic():
        patient = patient_of(Identity(name=name, phone=phone, nik=nik), now)
        made = refer(patient=patient, request=asked, by=actor(email), now=now)
    # The name typed is not printed again: terminals keep what they show.
    click.echo(f"Referral {made.pk}: {severity.name.lower()}, waiting for a bed")


@hospitals.command("board", cls=Verb)
@click.option("--limit", type=click.IntRange(1), default=30, show_default=True)
def board_command(limit: int) -> None:
    """List patients on their way to a bed, in the order they are helped."""
    from kolaborasi.hospitals import queries
    from kolaborasi.hospitals.labels import age_since, pseudonym

    now = utc_now()
    rows = [
        (
            each.pk,
            pseudonym(each.patient_id),
            each.get_severity_display(),
            each.state,
            each.place.code,
            age_since(each.requested_at, now),
            "; ".join(bed.pool.hospital.site.name for bed in each.beds),  # type: ignore[attr-defined]  # prefetched
        )
        for each in queries.board()[:limit]
    ]
    print_table(("referral", "patient", "severity", "state", "area", "asked for", "hospital"), rows)
    waiting = sum(each.waiting for each in queries.queue_counts())
    click.echo(f"{waiting} wait for a bed.")


@hospitals.command("network", cls=Verb)
@click.option("--date", "day", type=click.DateTime(["%Y-%m-%d"]), help="Today when left out.")
def network_command(day: datetime | None) -> None:
    """Say how many of the known hospitals are in the network, and how full it is."""
    from kolaborasi.hospitals import queries

    on = day.date() if day else localdate()
    size = queries.network_size(on)
    click.echo(f"{on}: {size.joined} of {size.known} known hospitals, {size.paused} more paused.")
    rows = [
        (
            row.bed_class,
            row.occupied,
            row.given,
            f"{row.share:.0%}" if row.given else "-",
            row.left,
            row.stale,
        )
        for row in queries.occupancy(utc_now())
    ]
    print_table(("class", "occupied", "staffed", "share", "free", "old counts"), rows)


from kolaborasi.hospitals import cli_network  # noqa: E402, F401  # adds its commands to the group
