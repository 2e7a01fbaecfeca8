"""`kolaborasi aid …`: needs, pledges, deliveries; the same verbs as the pages call."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click
from django.utils import translation

from kolaborasi.common.actors import Actor
from kolaborasi.common.clock import utc_now
from kolaborasi.common.errors import NotFound, NotPermitted, Refused
from kolaborasi.common.terminal import print_table
from kolaborasi.places.errors import BrokenRows
from kolaborasi.places.rules import Scheme

if TYPE_CHECKING:
    from kolaborasi.aid.models import Delivery, Need, NeedLine, Pledge

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
DAY = click.DateTime(["%Y-%m-%d"])
OPERATOR = Actor.system("command-line")
acting = click.option("--as", "email", required=True, help="E-mail address of the account that acts.")


@click.group()
@click.pass_context
def aid(context: click.Context) -> None:
    """Needs, pledges and deliveries."""
    # The command line speaks English throughout; pages translate the same sentences.
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


class _Verb(click.Command):
    """A command whose refusals become one line and exit code 1."""

    def invoke(self, context: click.Context) -> object:
        """Run the command."""
        try:
            return super().invoke(context)
        except Refused as error:
            raise _Refusal(error) from error


def _actor(email: str) -> Actor:
    from kolaborasi.aid import queries
    from kolaborasi.partners.queries import actor_of

    return actor_of(queries.account(email))


@aid.command(cls=_Verb)
@click.option("--load", is_flag=True, help="First bring the packages to the reference data of this version.")
def items(load: bool) -> None:
    """List the packages the programme knows."""
    from kolaborasi.aid import facts, queries

    if load:
        facts.load_items()

    rows = [
        (item.code, item.name, item.unit, item.basis, item.reference_price or "-") for item in queries.items()
    ]
    print_table(("code", "name", "unit", "for one", "rupiah"), rows)


@aid.command(cls=_Verb)
@click.option("--item", default="", help="Only needs that ask for this item, by its code.")
@click.option("--place", default="", help="Only needs in this area, by its Kemendagri code.")
@click.option("--open", "uncovered", is_flag=True, help="Only needs that still lack something.")
@click.option("--limit", type=click.IntRange(1), default=50, show_default=True)
def needs(item: str, place: str, uncovered: bool, limit: int) -> None:
    """List open needs, the least helped first."""
    from django.db.models import F, Q

    from kolaborasi.aid import queries

    found = queries.listed(queries.public_needs())
    found = queries.within(found, place) if place else found
    found = queries.asking_for(found, item) if item else found
    found = found.filter(Q(still_needed__gt=0)) if uncovered else found
    shown = list(found.order_by(F("share"), "pk")[:limit])
    print_table(
        ("need", "area", "place", "needed", "promised", "delivered", "by"),
        [_need_row(need) for need in shown],
    )
    if len(shown) == limit:
        click.echo(f"The first {limit}; see more with --limit.")


def _need_row(need: Need) -> tuple[object, ...]:
    from kolaborasi.aid.labels import need_title

    found: dict[str, object] = vars(need)
    numbers = (found["needed"], found["committed"], found["delivered"], found["soonest"])
    return (need.pk, need.place.code, need_title(need), *numbers)


@aid.command(cls=_Verb)
@click.argument("number", type=int)
def need(number: int) -> None:
    """Show one need with its lines."""
    from kolaborasi.aid.labels import need_title, need_whereabouts

    found = _need(number)
    estimated = ", estimated" if found.estimated else ""
    click.echo(f"Need {found.pk}: {need_title(found)}, {need_whereabouts(found)} ({found.place.code})")
    click.echo(
        f"{found.get_cause_display()}; {found.households} households, {found.people} people{estimated}"
    )
    click.echo(f"State: {found.state}")
    rows = [_line_row(line) for line in found.lines.all()]
    print_table(("line", "item", "needed", "promised", "delivered", "left", "by"), rows)


def _line_row(line: NeedLine) -> tuple[object, ...]:
    numbers = (line.reported, line.committed, line.delivered, line.left)
    return (line.pk, line.item.code, *numbers, line.needed_by_date)


def _need(number: int) -> Need:
    from kolaborasi.aid import queries

    found = queries.need(number)
    if found is None:
        raise NotFound("There is no such need. See: kolaborasi aid needs")
    return found


@aid.command(cls=_Verb)
@click.argument("line", type=int)
@click.option("--quantity", type=int, required=True, help="Units to promise.")
@click.option("--day", type=DAY, required=True, help="Day of delivery, YYYY-MM-DD.")
@click.option(
    "--partner", "partner_id", type=int, help="Number of the partner that promises; else the account itself."
)
@acting
def pledge(line: int, quantity: int, day: datetime, partner_id: int | None, email: str) -> None:
    """Promise units of LINE (see: kolaborasi aid need)."""
    from kolaborasi.aid import queries, services
    from kolaborasi.aid.services.pledges import Donor

    by, wanted = _actor(email), queries.line(line)
    if wanted is None:
        raise NotFound("There is no such line. See: kolaborasi aid need")
    partner = next((each for each in queries.partners_of(by) if each.pk == partner_id), None)
    if partner_id and partner is None:
        raise NotPermitted("The account does not act for this partner.")
    person = None if partner else queries.person_of(by.user_id)
    if partner is None and person is None:
        raise NotPermitted("The account's e-mail address is not confirmed yet.")
    made = services.pledge(
        need_line=wanted,
        donor=Donor(partner=partner, person=person),
        quantity=quantity,
        deliver_date=day.date(),
        by=by,
        now=utc_now(),
    )
    click.echo(f"Pledge {made.pledge.pk}: {quantity} for need {wanted.need_id}, {made.pledge.state}")


@aid.command(cls=_Verb)
@click.argument("number", type=int)
@click.option(
    "--reject", "reason", default="", help="Do not accept it, for this reason (a word of the list)."
)
@acting
def verify(number: int, reason: str, email: str) -> None:
    """Verify a need, so that it becomes public, or reject it with --reject."""
    from kolaborasi.aid import services
    from kolaborasi.aid.labels import RejectReason

    by, found = _actor(email), _need(number)
    if reason and reason not in RejectReason.values:
        raise click.BadParameter(f"one of {', '.join(RejectReason.values)}", param_hint="--reject")
    if reason:
        changed = services.reject_need(need=found, reason=reason, by=by, now=utc_now())
    else:
        changed = services.verify_need(need=found, by=by, now=utc_now())
    click.echo(f"Need {changed.pk}: {changed.state}")


@aid.command(cls=_Verb)
@click.argument("number", type=int)
@click.option("--quantity", type=int, required=True, help="Units handed over or received.")
@click.option("--code", default="", help="The recipient's code: counts as delivered at once.")
@click.option("--photo", type=FILE, help="Photo of the hand-over, by the helper's own account.")
@click.option("--close", is_flag=True, help="Nothing more will come; the rest can be promised again.")
@acting
def deliver(number: int, quantity: int, code: str, photo: Path | None, close: bool, email: str) -> None:
    """Report a delivery of a pledge by code or photo; without either, acknowledge it as the receiving side."""
    from kolaborasi.aid import queries, services

    by, found = _actor(email), queries.pledge(number)
    if found is None:
        raise NotFound("There is no such pledge.")
    now = utc_now()
    if code:
        made = services.acknowledge_by_code(
            pledge=found, code=code, quantity=quantity, close=close, by=by, now=now
        )
    elif photo is not None:
        made = _report(found, quantity, photo, by, now)
    else:
        made = services.acknowledge(pledge=found, received=quantity, close=close, by=by, now=now)
    click.echo(f"Delivery {made.pk} of pledge {number}: {made.state}, {made.received or made.quantity}")


def _report(pledge: Pledge, quantity: int, photo: Path, by: Actor, now: datetime) -> Delivery:
    from kolaborasi.aid import queries, services
    from kolaborasi.aid.photos import read_photo

    if not queries.owns(by, pledge):
        raise NotPermitted("The pledge is not of this account.")
    with photo.open("rb") as file:
        # The picture is unpacked by the verb, so the file stays open until it is done.
        picture = read_photo(file, size=photo.stat().st_size)
        return services.report_delivery(pledge=pledge, quantity=quantity, photo=picture, by=by, now=now)


@aid.command(cls=_Verb)
def expire() -> None:
    """End pledges that were not confirmed in time; the worker does it by itself."""
    from kolaborasi.aid import services

    total = 0
    while ended := services.expire_pledges(by=OPERATOR, now=utc_now()):
        total += len(ended)
    click.echo(f"{total} pledges expired")


@aid.command("import-needs", cls=_Verb)
@click.argument("file", type=FILE)
@click.option(
    "--scheme", type=click.Choice([Scheme.KEMENDAGRI.value, Scheme.BPS.value]), help="Whose area codes."
)
@click.option("--estimated", is_flag=True, help="Pages say that the numbers are estimates.")
@click.option("--skip-bad", is_flag=True, help="Load the sound rows although others are broken.")
@click.option("--dry-run", is_flag=True, help="Report without writing.")
@click.option(
    "--as", "email", default="", help="Account of a coordinator; else the operator of this machine."
)
def import_needs(
    file: Path, scheme: str | None, estimated: bool, skip_bad: bool, dry_run: bool, email: str
) -> None:
    """Load verified needs from CSV: code, cause, households, people, item, quantity, needed_by and perhaps rw."""
    from kolaborasi.aid import services

    done = services.import_needs_file(
        path=file,
        scheme=Scheme(scheme) if scheme else None,
        estimated=estimated,
        skip_bad=skip_bad,
        dry_run=dry_run,
        by=_actor(email) if email else OPERATOR,
        now=utc_now(),
    )
    for problem in done.skipped:
        click.echo(str(problem), err=True)
    skipped = len({problem.line for problem in done.skipped})
    ending = "; nothing was written (--dry-run)" if dry_run else ""
    click.echo(
        f"{file.name} ({done.scheme}): {done.rows} rows; {done.needs} needs with {done.lines} lines, "
        f"{skipped} rows skipped{ending}."
    )


@aid.command(cls=_Verb)
@click.option("--item", default="", help="Only this item, by its code.")
def coverage(item: str) -> None:
    """Needed, promised and delivered by kelurahan, the least covered first."""
    from kolaborasi.aid import queries

    rows = sorted(
        queries.coverage_by_kelurahan(item=item or None), key=lambda row: row.coverage.committed_share
    )
    shown = [
        (
            row.code,
            row.name,
            row.coverage.needed,
            row.coverage.committed,
            row.coverage.delivered,
            f"{int(row.coverage.committed_share * 100)}%",
        )
        for row in rows
    ]
    print_table(("area", "kelurahan", "needed", "promised", "delivered", "share"), shown)


@aid.command(cls=_Verb)
@click.option("--load", "path", type=FILE, help="First add or change the sub-programmes of this TOML file.")
@click.option(
    "--reference", is_flag=True, help="First bring sub-programmes to the reference data of this version."
)
def programmes(path: Path | None, reference: bool) -> None:
    """List the sub-programmes with their indicators."""
    from kolaborasi.aid import facts, queries, services
    from kolaborasi.aid.programme_files import read_programmes

    if reference:
        facts.load_programmes()
    for definition in read_programmes(path) if path else []:
        services.define_programme(definition=definition, by=OPERATOR, now=utc_now())
    rows = [
        (of.code, of.name, each.indicator.label_en, each.value)
        for of in queries.programmes()
        for each in queries.indicator_values(of)
    ]
    print_table(("code", "name", "indicator", "value"), rows)


@aid.command("load-households", cls=_Verb)
@click.argument("path", type=FILE)
@click.option("--programme", "code", required=True, help="Code of the sub-programme.")
@click.option("--place", required=True, help="Kemendagri code of the place the list is of.")
@click.option("--source", required=True, help="rw, institution, verifier, city, ministry or partner.")
@click.option("--as-of", "as_of", type=DAY, required=True, help="Day of the list.")
@click.option("--skip-bad", is_flag=True, help="Load the sound rows although others are broken.")
@acting
def load_households(
    path: Path, code: str, place: str, source: str, as_of: datetime, skip_bad: bool, email: str
) -> None:
    """Take in a list of households from CSV or a workbook."""
    from kolaborasi.aid import queries, services
    from kolaborasi.aid.models import RollSource
    from kolaborasi.aid.roll_files import read_roll

    where = queries.place(place)
    if where is None:
        raise NotFound("There is no place with this code.")
    if source not in RollSource.values:
        raise click.BadParameter(f"one of {', '.join(RollSource.values)}", param_hint="--source")
    now = utc_now()
    report = services.register_roll(
        programme=queries.programme(code),
        source=RollSource(source),
        place=where,
        as_of_date=as_of.date(),
        file=read_roll(path.read_bytes(), name=path.name, today=now.date()),
        by=_actor(email),
        now=now,
        skip_bad=skip_bad,
    )
    for problem in report.skipped:
        click.echo(str(problem), err=True)
    roll = report.roll
    click.echo(
        f"List {roll.pk} ({roll.state}): {report.new} new households, {report.known} known, {report.waiting} wait for"
        f" a verifier, {roll.skipped} of {roll.rows} rows left out."
    )
