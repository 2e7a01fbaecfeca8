"""`kolaborasi vaccination …`: sessions, lists, stock, supply plans, recalls, certificates, numbers, keys."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click
from django.utils import translation
from django.utils.timezone import localdate

from kolaborasi.common.actors import Actor
from kolaborasi.common.clock import utc_now
from kolaborasi.common.errors import NotFound, Refused
from kolaborasi.common.terminal import print_table

if TYPE_CHECKING:
    from kolaborasi.vaccination.models import SupplyLine, VaccineLot

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
DAY = click.DateTime(["%Y-%m-%d"])
OPERATOR = Actor.system("command-line")
BATCH = 1_000

acting = click.option("--as", "email", required=True, help="E-mail address of the account that acts.")


class _Verb(click.Command):
    """A command whose refusals become one line and exit code 1."""

    def invoke(self, context: click.Context) -> object:
        """Run the command."""
        try:
            return super().invoke(context)
        except Refused as error:
            raise click.ClickException(str(error)) from error


def _actor(email: str) -> Actor:
    from kolaborasi.partners.queries import account_by_email, actor_of

    return actor_of(account_by_email(email))


@click.group()
@click.pass_context
def vaccination(context: click.Context) -> None:
    """Vaccination: sessions, doses, plans and certificates."""
    # The command line speaks English throughout; reasons are translated where a page shows them.
    context.with_resource(translation.override("en"))


@vaccination.command("load-products")
def load_products_command() -> None:
    """Bring the vaccines and their schedules to the reference data."""
    from kolaborasi.vaccination.facts import load_products

    click.echo(f"{load_products()} products with their schedules.")


@vaccination.command("load-published", cls=_Verb)
def load_published_command() -> None:
    """Bring in the doses per kelurahan that the city published for 31 July 2021."""
    from kolaborasi.vaccination.facts import load_published

    click.echo(f"{load_published(by=OPERATOR, now=utc_now()):,} figures.")


@vaccination.command("build-facts")
@click.argument("workbook", type=FILE)
@click.option("--out", type=FOLDER, help="Where to write; the package's own facts folder by default.")
def build_facts_command(workbook: Path, out: Path | None) -> None:
    """Make the table of published doses per kelurahan from the city's WORKBOOK."""
    from kolaborasi.vaccination.build import FACTS_FOLDER, build_facts

    try:
        written = build_facts(workbook, out or FACTS_FOLDER)
    except ValueError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{written.name}  {written.stat().st_size:,} bytes")


@vaccination.command("sessions", cls=_Verb)
@click.option("--within", default="", help="Kemendagri code of an area.")
@click.option("--limit", type=click.IntRange(1), default=50, show_default=True)
def sessions_command(within: str, limit: int) -> None:
    """List the sessions that take people, with places and doses left."""
    from kolaborasi.vaccination import queries

    found = queries.bookable_sessions(utc_now(), area=within or None)[:limit]
    rows = [
        (
            *(each.pk, each.date, each.site.name, each.kind, each.product.code),
            *(each.places_left, each.doses_left),  # type: ignore[attr-defined]  # annotated
        )
        for each in found
    ]
    print_table(("session", "date", "site", "kind", "product", "places", "doses"), rows)


@vaccination.command("change-session", cls=_Verb)
@click.argument("session", type=int)
@click.option("--vaccinators", type=click.IntRange(1, 1_000), required=True)
@click.option("--minutes", type=click.IntRange(1, 120), required=True, help="For a dose.")
@acting
def change_session_command(session: int, vaccinators: int, minutes: int, email: str) -> None:
    """Say how many vaccinators come to SESSION and how long a dose takes; bookings and quotas stay."""
    from kolaborasi.vaccination import queries
    from kolaborasi.vaccination.services import change_session

    found = queries.session_by_id(session)
    if found is None:
        raise NotFound("There is no such session. See: kolaborasi vaccination sessions")
    change_session(
        session=found, vaccinators=vaccinators, minutes_per_dose=minutes, by=_actor(email), now=utc_now()
    )
    click.echo(f"Session {session}: {vaccinators} vaccinators, {minutes} minutes for a dose.")


@vaccination.command("import-list", cls=_Verb)
@click.argument("session", type=int)
@click.argument("file", type=FILE)
@click.option("--rest", is_flag=True, help="Book the sound lines although others are refused.")
@acting
def import_list_command(session: int, file: Path, rest: bool, email: str) -> None:
    """Book the people of an RT, RW or employer (xlsx or CSV in FILE) into SESSION."""
    from kolaborasi.places.errors import UnreadableFile
    from kolaborasi.vaccination import queries
    from kolaborasi.vaccination.imports import import_list, read_list

    found = queries.session_by_id(session)
    if found is None:
        raise NotFound("There is no such session. See: kolaborasi vaccination sessions")
    try:
        read = read_list(file.read_bytes(), name=file.name)
    except UnreadableFile as error:
        raise click.ClickException(str(error)) from error
    report = import_list(session=found, file=read, by=_actor(email), now=utc_now(), load_rest=rest)
    for problem in report.problems:
        click.echo(str(problem), err=True)
    if report.loaded:
        click.echo(f"{len(report.booked)} of {report.size} people booked into session {session}.")
        return
    raise click.ClickException(
        f"Nobody was booked: {report.size - report.fine} of {report.size} lines are refused. Correct them, or book "
        f"the other {report.fine} with --rest."
    )


@vaccination.command("stock", cls=_Verb)
@click.option("--product", default="", help="Only this product.")
@click.option("--limit", type=click.IntRange(1), default=100, show_default=True)
def stock_command(product: str, limit: int) -> None:
    """List doses by lot and place, what expires first first."""
    from kolaborasi.vaccination import queries

    found = queries.stock_everywhere(product)
    rows = [
        (
            *(each.lot_id, each.lot.code, each.lot.vaccine.product.code, each.lot.expires_date),
            *(each.lot.vaccine.state, each.location_id, each.location.name),
            *(each.on_hand, each.arriving, each.committed),
        )
        for each in found[:limit]
    ]
    header = ("lot", "code", "product", "expires", "state", "place", "name", "on hand", "coming", "promised")
    print_table(header, rows)


@vaccination.command("recall", cls=_Verb)
@click.argument("lot", type=int)
@click.option("--reason", required=True, help="quality, safety, cold-chain or documents.")
@acting
def recall_command(lot: int, reason: str, email: str) -> None:
    """Recall LOT, give its bookings other lots, and say where it is and how many people had it."""
    from kolaborasi.vaccination import queries
    from kolaborasi.vaccination.models import RecallReason
    from kolaborasi.vaccination.services import give_other_lots, recall_lot

    if reason not in RecallReason.values:
        raise click.BadParameter(f"one of {', '.join(RecallReason.values)}", param_hint="--reason")
    found, by, now = _lot(lot), _actor(email), utc_now()
    recalled = recall_lot(lot=found, reason=RecallReason(reason), by=by, now=now)
    moved = give_other_lots(lot=recalled, by=by, now=now)
    click.echo(f"Lot {lot} is recalled: {len(queries.doses_of_lot(recalled))} people had a dose of it.")
    click.echo(f"Bookings: {len(moved.moved)} count on another lot now, {len(moved.left)} have no dose.")
    places = queries.where_lot_is(recalled)
    print_table(
        ("place", "name", "doses"), [(each.location_id, each.location.name, each.on_hand) for each in places]
    )


@vaccination.command("give-other-lots", cls=_Verb)
@click.argument("lot", type=int)
@acting
def give_other_lots_command(lot: int, email: str) -> None:
    """Give the bookings that still count on the recalled LOT another one, once doses have come."""
    from kolaborasi.vaccination.services import give_other_lots

    done = give_other_lots(lot=_lot(lot), by=_actor(email), now=utc_now())
    click.echo(f"Bookings: {len(done.moved)} count on another lot now, {len(done.left)} have no dose.")


def _lot(pk: int) -> VaccineLot:
    from kolaborasi.vaccination.queries.work import lot_by_id

    found = lot_by_id(pk)
    if found is None:
        raise NotFound("There is no such lot. See: kolaborasi vaccination stock")
    return found


@vaccination.group("supply")
def supply_group() -> None:
    """Supply plans: which doses go to which session."""


@supply_group.command("propose", cls=_Verb)
@click.argument("store", type=int)
@click.option("--starts", type=DAY, help="Today when left out.")
@click.option("--days", type=click.IntRange(1, 60), default=7, show_default=True)
@acting
def propose_command(store: int, starts: datetime | None, days: int, email: str) -> None:
    """Propose a plan for the sessions of the coming days from STORE (a place of `stock`)."""
    from kolaborasi.vaccination import queries
    from kolaborasi.vaccination.services import propose_supply

    place = queries.location_by_id(store)
    if place is None:
        raise NotFound("There is no such store. See: kolaborasi vaccination stock")
    start = starts.date() if starts else localdate()
    made = propose_supply(store=place, start=start, days=days, by=_actor(email), now=utc_now())
    effect = made.effect
    click.echo(
        f"Plan {made.pk}: {effect['doses']:,} doses; {effect['expiring_avoided']:,} used before they expire, "
        f"{effect['expiring_left']:,} expire all the same."
    )
    _show_lines(made.pk)


@supply_group.command("show", cls=_Verb)
@click.argument("plan", type=int)
def show_plan_command(plan: int) -> None:
    """List the lines of PLAN with their reasons."""
    _show_lines(plan)


@supply_group.command("approve", cls=_Verb)
@click.argument("plan", type=int)
@click.argument("lines", type=int, nargs=-1)
@click.option("--all", "every", is_flag=True, help="Every line that is not decided.")
@acting
def approve_command(plan: int, lines: tuple[int, ...], every: bool, email: str) -> None:
    """Send the doses of LINES of PLAN, each by the verb a person would have used."""
    from kolaborasi.vaccination.services import approve_supply_line

    by, sent = _actor(email), 0
    for line in _chosen(plan, lines, every):
        try:
            approve_supply_line(line=line, by=by, now=utc_now())
            sent += 1
        except Refused as refusal:
            click.echo(f"line {line.pk}: {refusal}", err=True)
    click.echo(f"{sent} lines approved.")


@supply_group.command("reject", cls=_Verb)
@click.argument("plan", type=int)
@click.argument("lines", type=int, nargs=-1)
@click.option("--all", "every", is_flag=True, help="Every line that is not decided.")
@acting
def reject_command(plan: int, lines: tuple[int, ...], every: bool, email: str) -> None:
    """Leave LINES of PLAN undone."""
    from kolaborasi.vaccination.services import reject_supply_line

    by, chosen = _actor(email), _chosen(plan, lines, every)
    for line in chosen:
        reject_supply_line(line=line, by=by, now=utc_now())
    click.echo(f"{len(chosen)} lines rejected.")


def _lines(plan: int) -> list[SupplyLine]:
    from kolaborasi.vaccination.queries import work

    found = work.supply_plans().filter(pk=plan).first()
    if found is None:
        raise NotFound("There is no such plan.")
    return list(work.plan_lines(found))


def _chosen(plan: int, lines: Sequence[int], every: bool) -> list[SupplyLine]:
    if bool(lines) == every:
        raise click.UsageError("Name lines, or ask for --all.")
    known = {line.pk: line for line in _lines(plan)}
    missing = [str(pk) for pk in lines if pk not in known]
    if missing:
        raise NotFound(f"Plan {plan} has no line {', '.join(missing)}.")
    undecided = [line for line in known.values() if line.state in ("proposed", "refused")]
    return undecided if every else [known[pk] for pk in lines]


def _show_lines(plan: int) -> None:
    rows = [
        (
            *(line.pk, line.arrives_date, line.target.name, line.lot.lot.code, line.doses),
            *(line.reasons.get(kind, 0) for kind in ("due", "booked", "resident")),
            *(line.state, line.refusal),
        )
        for line in _lines(plan)
    ]
    print_table(("line", "day", "to", "lot", "doses", "due", "booked", "residents", "state", ""), rows)


@vaccination.command("coverage", cls=_Verb)
@click.option(
    "--by",
    type=click.Choice(["residence", "injection", "published"]),
    default="residence",
    show_default=True,
    help="Where people live, where doses were given, or as the city published it.",
)
@click.option("--date", "day", type=DAY, help="Today when left out.")
def coverage_command(by: str, day: datetime | None) -> None:
    """Print people with each dose by kelurahan as CSV, beside the target."""
    from kolaborasi.vaccination import queries

    read = {"residence": queries.coverage_by_residence, "injection": queries.coverage_by_injection}
    on = day.date() if day else localdate()
    areas = queries.published_coverage(on) if by == "published" else read[by](on)
    click.echo("code,name,target,first,second,third,share")
    for area in areas:
        share = area.share(area.first)
        shown = "" if share is None else f"{share:.4f}"
        target = "" if area.target is None else area.target
        click.echo(f'{area.code},"{area.name}",{target},{area.first},{area.second},{area.third},{shown}')


@vaccination.command("indicators", cls=_Verb)
@click.option("--days", type=click.IntRange(1, 366), default=7, show_default=True)
def indicators_command(days: int) -> None:
    """Say how bookings ended, what was lost, how long the stock lasts, and who is overdue."""
    from kolaborasi.vaccination import queries

    now, today = utc_now(), localdate()
    outcomes = queries.outcomes_of_bookings(today - timedelta(days=days), today + timedelta(days=1))
    lost = queries.wastage(now - timedelta(days=days), now)
    click.echo(
        f"bookings: {outcomes.booked}, vaccinated {outcomes.vaccinated}, did not come {outcomes.no_shows} "
        f"({outcomes.no_show_share:.0%}), not served for lack of a dose {outcomes.not_served}"
    )
    click.echo(f"doses given: {lost['given']}; lost: {lost['rate']:.1%} of given and lost")
    click.echo(
        f"second doses overdue: {len(queries.overdue_doses(today))}; dropout {queries.dropout(today):.0%}"
    )
    for session, promised, doses in queries.shortfalls(now):
        click.echo(f"session {session} promised {promised} doses and has {doses}")
    rows = [
        (product.code, doses, "-" if left is None else f"{left:.1f}")
        for product, doses, left in queries.stock_days(now)
    ]
    print_table(("product", "doses", "days they last"), rows)


@vaccination.group("certificates")
def certificates_group() -> None:
    """Certificates: issue in bulk, revoke."""


@certificates_group.command("issue", cls=_Verb)
@click.option("--limit", type=click.IntRange(1), default=100_000, show_default=True)
def issue_command(limit: int) -> None:
    """Issue certificates to everybody whose doses none shows, a thousand at a time."""
    from kolaborasi.vaccination import queries
    from kolaborasi.vaccination.services import issue_certificates

    due, issued = queries.recipients_without_certificate(limit), 0
    for start in range(0, len(due), BATCH):
        part = due[start : start + BATCH]
        issued += len(issue_certificates(recipients=part, by=OPERATOR, now=utc_now()))
    click.echo(f"{issued:,} certificates issued.")


@certificates_group.command("revoke", cls=_Verb)
@click.argument("rid")
@click.option("--reason", required=True, help="corrected, replaced, fraud or key.")
@acting
def revoke_command(rid: str, reason: str, email: str) -> None:
    """Let the certificate RID no longer hold."""
    from kolaborasi.vaccination import queries
    from kolaborasi.vaccination.models import RevokeReason
    from kolaborasi.vaccination.services import revoke_certificate

    if reason not in RevokeReason.values:
        raise click.BadParameter(f"one of {', '.join(RevokeReason.values)}", param_hint="--reason")
    found = queries.certificate_by_rid(rid)
    if found is None:
        raise NotFound("No certificate has this identifier.")
    revoke_certificate(certificate=found, reason=RevokeReason(reason), by=_actor(email), now=utc_now())
    click.echo(f"{rid} is on the revocation list.")


@vaccination.group("keys")
def keys_group() -> None:
    """Keys that certificates are signed with."""


@keys_group.command("rotate", cls=_Verb)
def rotate_command() -> None:
    """Sign with a new key from now on; the old one still checks what it signed."""
    from kolaborasi.exchange.services import rotate_key

    click.echo(f"New key: {rotate_key(by=OPERATOR, now=utc_now()).kid}")
