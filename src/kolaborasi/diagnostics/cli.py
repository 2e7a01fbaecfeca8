"""`kolaborasi diagnostics …`: labs, files of results, dispatch, exports and indicators."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from django.utils import translation
from django.utils.timezone import localdate

from kolaborasi.common.actors import Actor
from kolaborasi.common.clock import utc_now
from kolaborasi.common.errors import NotFound, Refused
from kolaborasi.common.terminal import print_table

if TYPE_CHECKING:
    from kolaborasi.diagnostics.models import DispatchPlan, Lab, Run
    from kolaborasi.diagnostics.services import Entered
    from kolaborasi.partners.models import Site

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
DAY = click.DateTime(["%Y-%m-%d"])
OPERATOR = Actor.system("command-line")
CITY = "31"

acting = click.option("--as", "email", required=True, help="E-mail address of the account that acts.")
rest = click.option("--load-rest", is_flag=True, help="Take the good rows when others are wrong.")
period = click.option(
    "--days", type=click.IntRange(1, 400), default=14, show_default=True, help="Until today."
)


class Verb(click.Command):
    """A command whose refusals become lines on stderr and exit code 1; rows of a file are named one by one."""

    def invoke(self, context: click.Context) -> object:
        """Run the command."""
        try:
            return super().invoke(context)
        except Refused as error:
            _name_rows(error.details.get("rows", ()))
            raise click.ClickException(str(error)) from error


def _name_rows(rows: Sequence[Any]) -> None:
    for row in rows:
        click.echo(f"row {row['row']}: {row['message']} ({row['code']})", err=True)


def actor(email: str) -> Actor:
    """The actor of an account.

    Raises:
        NotFound: there is no such account.
    """
    from kolaborasi.partners.queries import account_by_email, actor_of

    return actor_of(account_by_email(email))


def lab_of(number: int) -> Lab:
    """A lab by its number.

    Raises:
        NotFound.
    """
    from kolaborasi.diagnostics import queries

    found = queries.labs().filter(pk=number).first()
    if found is None:
        raise NotFound("There is no such lab. See: kolaborasi diagnostics labs")
    return found


def _site(number: int) -> Site:
    from kolaborasi.diagnostics.queries.work import testing_site

    found = testing_site(number)
    if found is None:
        raise NotFound("Nobody is tested at this site.")
    return found


def _run(number: int) -> Run:
    from kolaborasi.diagnostics import queries

    found = queries.run(number)
    if found is None:
        raise NotFound("There is no such run.")
    return found


def _plan(number: int) -> DispatchPlan:
    from kolaborasi.diagnostics import queries

    found = queries.plan(number)
    if found is None:
        raise NotFound("There is no such plan. See: kolaborasi diagnostics plans")
    return found


@click.group()
@click.pass_context
def diagnostics(context: click.Context) -> None:
    """Labs, specimens and results."""
    # The command line speaks English throughout; reasons are translated where a page shows them.
    context.with_resource(translation.override("en"))


@diagnostics.command("load-assays")
def load_assays_command() -> None:
    """Bring the assays that come with the platform, and their kits, into the database."""
    from kolaborasi.diagnostics.facts import load_assays

    click.echo(f"{load_assays()} assays known.")


@diagnostics.command("labs", cls=Verb)
@click.option("--state", help="registered, active, down or closed.")
@click.option("--place", default="", help="Only labs in this area, by its Kemendagri code.")
def labs_command(state: str | None, place: str) -> None:
    """List labs with what they offer today and what waits in them."""
    from kolaborasi.diagnostics import queries

    today = localdate()
    found = queries.labs().filter(site__place__code__startswith=place).order_by("site__name", "pk")
    days = {day.lab_id: day for day in queries.lab_days(today, today + timedelta(days=1))}
    waiting = {each.lab_id: each for each in queries.backlog(utc_now())}
    rows = []
    for lab in found.filter(state=state) if state else found:
        day, load = days.get(lab.pk), waiting[lab.pk]
        rows.append(
            (
                lab.pk,
                lab.site.name,
                lab.kind.value,
                lab.state,
                day.reported if day else 0,
                day.left if day else 0,
                load.waiting,
                "-" if load.oldest_hours is None else round(load.oldest_hours, 1),
            )
        )
    print_table(("lab", "name", "kind", "state", "offered", "left", "waiting", "oldest h"), rows)


@diagnostics.command("offer", cls=Verb)
@click.argument("lab", type=int)
@click.argument("offers", nargs=-1, required=True, metavar="DATE=SPECIMENS …")
@acting
def offer_command(lab: int, offers: tuple[str, ...], email: str) -> None:
    """Offer days of LAB to the network, for example: 2021-07-13=300 2021-07-14=0"""
    from kolaborasi.diagnostics.services import offer_days

    wanted: dict[date, int] = {}
    for each in offers:
        day, _sign, number = each.partition("=")
        try:
            wanted[date.fromisoformat(day)] = int(number)
        except ValueError:
            raise click.BadParameter(f"{each}: write DATE=SPECIMENS", param_hint="offers") from None
    made = offer_days(lab=lab_of(lab), offers=wanted, by=actor(email), now=utc_now())
    print_table(("date", "offered", "possible"), [(row.date, row.reported, row.derived) for row in made])


@diagnostics.command("down", cls=Verb)
@click.argument("lab", type=int)
@click.argument("reason")
@acting
def down_command(lab: int, reason: str, email: str) -> None:
    """Say that LAB cannot read specimens: machine, reagents, staff, contamination, power or other."""
    from kolaborasi.diagnostics.models.labs import DownReason
    from kolaborasi.diagnostics.services import lab_down

    if reason not in DownReason.values:
        raise click.BadParameter(f"one of {', '.join(DownReason.values)}", param_hint="reason")
    lab_down(lab=lab_of(lab), reason=reason, by=actor(email), now=utc_now())
    click.echo(f"Lab {lab} is down; what waits there goes elsewhere with the next round.")


@diagnostics.command("back", cls=Verb)
@click.argument("lab", type=int)
@acting
def back_command(lab: int, email: str) -> None:
    """Say that LAB works again."""
    from kolaborasi.diagnostics.services import lab_back

    lab_back(lab=lab_of(lab), by=actor(email), now=utc_now())
    click.echo(f"Lab {lab} works again.")


@diagnostics.command("labels", cls=Verb)
@click.argument("site", type=int)
@click.argument("number", type=click.IntRange(1, 5000))
@acting
def labels_command(site: int, number: int, email: str) -> None:
    """Issue NUMBER new barcodes to SITE, one a line."""
    from kolaborasi.diagnostics.services import issue_labels

    for label in issue_labels(site=_site(site), number=number, by=actor(email), now=utc_now()):
        click.echo(label.barcode)


@diagnostics.command("import-swabs", cls=Verb)
@click.argument("site", type=int)
@click.argument("file", type=FILE)
@rest
@acting
def import_swabs_command(site: int, file: Path, load_rest: bool, email: str) -> None:
    """Take a list of swabs taken at SITE in, a spreadsheet or CSV (columns in docs/diagnostics-files.md)."""
    from kolaborasi.diagnostics.instruments.swabs import read_swabs
    from kolaborasi.diagnostics.services import import_swabs

    swabs, unread = read_swabs(file.read_bytes(), name=file.name, site=_site(site))
    done = import_swabs(swabs=swabs, unread=unread, partly=load_rest, by=actor(email), now=utc_now())
    _name_rows(done.refused)
    click.echo(f"{file.name}: {len(done.specimens)} swabs taken in, {len(done.refused)} rows refused.")


@diagnostics.command("ask-for-pcr", cls=Verb)
@click.argument("test", type=int)
@acting
def ask_for_pcr_command(test: int, email: str) -> None:
    """Order PCR for the person of the rapid test TEST, at the same site."""
    from kolaborasi.diagnostics.queries.desk import antigen_test
    from kolaborasi.diagnostics.services import ask_for_pcr

    found = antigen_test(test)
    if found is None:
        raise NotFound("There is no such rapid test.")
    order = ask_for_pcr(test=found, by=actor(email), now=utc_now())
    click.echo(f"Order {order.pk} waits for a swab.")


@diagnostics.command("discard", cls=Verb)
@click.argument("barcode")
@click.argument("reason")
@acting
def discard_command(barcode: str, reason: str, email: str) -> None:
    """Say that a specimen gives no result: lost, leaked, expired, unsatisfactory, mixed-up or cancelled."""
    from kolaborasi.diagnostics.models import DiscardReason
    from kolaborasi.diagnostics.services import discard

    if reason not in DiscardReason.values:
        raise click.BadParameter(f"one of {', '.join(DiscardReason.values)}", param_hint="reason")
    done = discard(barcode=barcode, reason=reason, by=actor(email), now=utc_now())
    click.echo(f"{done.label.barcode} is discarded; its person waits for another swab.")


@diagnostics.command("dissolve-pool", cls=Verb)
@click.argument("pool", type=int)
@acting
def dissolve_pool_command(pool: int, email: str) -> None:
    """Throw the mixture POOL away; its specimens wait for another run."""
    from kolaborasi.diagnostics.queries.bench import pool_of
    from kolaborasi.diagnostics.services import dissolve_pool

    found = pool_of(pool)
    if found is None:
        raise NotFound("There is no such pool.")
    dissolve_pool(pool=found, by=actor(email), now=utc_now())
    click.echo(f"Pool {pool} is dissolved.")


@diagnostics.command("specimen", cls=Verb)
@click.argument("barcode")
def specimen_command(barcode: str) -> None:
    """Say where a specimen is and what happened to it."""
    from kolaborasi.diagnostics import queries

    found = queries.specimen(barcode)
    if found is None:
        raise NotFound("No specimen has this barcode.")
    at = found.lab.site.name if found.lab else found.site.name
    click.echo(f"{found.label.barcode}: {found.state}, {at}")
    rows = [
        (each.kind, each.at.isoformat(timespec="minutes"), each.site.name if each.site else "")
        for each in queries.events_of(found)
    ]
    print_table(("event", "at", "site"), rows)


@diagnostics.command("import-plate", cls=Verb)
@click.argument("run", type=int)
@click.argument("file", type=FILE)
@click.option("--ended-at", type=click.DateTime(["%Y-%m-%dT%H:%M:%S"]), help="City time; now when left out.")
@acting
def import_plate_command(run: int, file: Path, ended_at: datetime | None, email: str) -> None:
    """Read RUN from the export of its machine (Bio-Rad CFX, Applied Biosystems QuantStudio)."""
    from django.utils.timezone import make_aware

    from kolaborasi.diagnostics.services import import_plate_file

    now = utc_now()
    ended = make_aware(ended_at) if ended_at else now
    done = import_plate_file(
        run=_run(run), content=file.read_bytes(), ended_at=ended, by=actor(email), now=now
    )
    click.echo(f"Run {done.pk} ({done.plate}) is read; its results wait for a second person.")


@diagnostics.command("import-hl7", cls=Verb)
@click.argument("lab", type=int)
@click.argument("file", type=FILE)
@rest
@acting
def import_hl7_command(lab: int, file: Path, load_rest: bool, email: str) -> None:
    """Take results of LAB in from HL7 v2.5.1 ORU^R01 messages."""
    from kolaborasi.diagnostics.hl7 import message_text
    from kolaborasi.diagnostics.services import import_hl7

    text = message_text(file.read_bytes())
    _say(file, import_hl7(lab=lab_of(lab), text=text, partly=load_rest, by=actor(email), now=utc_now()))


@diagnostics.command("import-results", cls=Verb)
@click.argument("lab", type=int)
@click.argument("file", type=FILE)
@rest
@acting
def import_results_command(lab: int, file: Path, load_rest: bool, email: str) -> None:
    """Take results of LAB in from a CSV file (layouts in docs/diagnostics-files.md)."""
    from kolaborasi.diagnostics.services import import_results_csv

    content = file.read_bytes()
    _say(
        file,
        import_results_csv(
            lab=lab_of(lab), content=content, partly=load_rest, by=actor(email), now=utc_now()
        ),
    )


def _say(file: Path, done: Entered) -> None:
    _name_rows(done.refused)
    click.echo(f"{file.name}: {done.results} results taken in, {len(done.refused)} rows refused.")


@diagnostics.command("propose-dispatch", cls=Verb)
@click.option("--in", "minutes", type=click.IntRange(0, 1440), default=30, show_default=True, help="Minutes.")
@acting
def propose_dispatch_command(minutes: int, email: str) -> None:
    """Plan the round that leaves in some minutes; a coordinator approves it."""
    from kolaborasi.diagnostics.services import propose_dispatch

    now = utc_now()
    plan = propose_dispatch(departs_at=now + timedelta(minutes=minutes), by=actor(email), now=now)
    _show_plan(plan)


@diagnostics.command("approve-dispatch", cls=Verb)
@click.argument("plan", type=int)
@acting
def approve_dispatch_command(plan: int, email: str) -> None:
    """Turn PLAN into manifests."""
    from kolaborasi.diagnostics.services import approve_dispatch

    done = approve_dispatch(plan=_plan(plan), by=actor(email), now=utc_now())
    for line, code in done.refused:
        click.echo(f"line {line.pk}: {code}", err=True)
    click.echo(f"Plan {plan}: {len(done.consignments)} manifests, {len(done.refused)} lines refused.")


@diagnostics.command("reject-dispatch", cls=Verb)
@click.argument("plan", type=int)
@acting
def reject_dispatch_command(plan: int, email: str) -> None:
    """Decide that PLAN is not carried out."""
    from kolaborasi.diagnostics.services import reject_dispatch

    reject_dispatch(plan=_plan(plan), by=actor(email), now=utc_now())
    click.echo(f"Plan {plan} is not carried out.")


@diagnostics.command("plans", cls=Verb)
@click.option("--limit", type=click.IntRange(1), default=20, show_default=True)
def plans_command(limit: int) -> None:
    """List dispatch plans, the newest first, beside fixed contracts."""
    from kolaborasi.diagnostics import queries

    rows = [
        (
            plan.pk,
            plan.departs_at.isoformat(timespec="minutes"),
            plan.state,
            f"{plan.planned} of {plan.waiting}",
            plan.expected.get("median_hours", "-"),
            plan.expected.get("p95_hours", "-"),
            plan.baseline.get("median_hours", "-"),
            plan.baseline.get("p95_hours", "-"),
        )
        for plan in queries.plans()[:limit]
    ]
    print_table(("plan", "leaves", "state", "planned", "median", "p95", "fixed", "fixed p95"), rows)


def _show_plan(plan: DispatchPlan) -> None:
    from kolaborasi.diagnostics import queries

    rows = [
        (line.pk, line.origin.name, line.lab.site.name, line.quantity, line.travel_minutes)
        for line in queries.plan_lines(plan)
    ]
    print_table(("line", "from", "to", "specimens", "minutes"), rows)
    click.echo(
        f"Plan {plan.pk}: {plan.planned} of {plan.waiting} specimens; median "
        f"{plan.expected.get('median_hours', '-')} h, p95 {plan.expected.get('p95_hours', '-')} h; with fixed contracts "
        f"{plan.baseline.get('median_hours', '-')} h and {plan.baseline.get('p95_hours', '-')} h."
    )


@diagnostics.command("export", cls=Verb)
@click.argument("lab", type=int)
@click.option("--first", type=DAY, required=True, help="First day of validation.")
@click.option("--last", type=DAY, required=True, help="The day after the last.")
@click.option("--fhir", is_flag=True, help="A FHIR R4 bundle instead of CSV.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Standard output when left out.")
@acting
def export_command(
    lab: int, first: datetime, last: datetime, fhir: bool, out: Path | None, email: str
) -> None:
    """Write the results of LAB as CSV; pseudonymous, and on record."""
    from kolaborasi.diagnostics import queries, services
    from kolaborasi.diagnostics.fhir import results_bundle

    found = lab_of(lab)
    rows = services.export_results(
        lab=found, first=first.date(), last=last.date(), by=actor(email), now=utc_now()
    )
    target = out.open("w", encoding="utf-8", newline="") if out else sys.stdout
    try:
        if fhir:
            json.dump(results_bundle(found, first.date(), last.date()), target, ensure_ascii=False, indent=1)
        else:
            writer = csv.writer(target)
            writer.writerow(queries.COLUMNS)
            writer.writerows(rows)
    finally:
        if out:
            target.close()


@diagnostics.command("indicators", cls=Verb)
@period
@click.option("--by", type=click.Choice(["collection", "report"]), default="collection", show_default=True)
def indicators_command(days: int, by: str) -> None:
    """Positivity by day of collection or of report, the testing rate, and turnaround by lab."""
    from kolaborasi.diagnostics import queries
    from kolaborasi.diagnostics.queries.indicators import population

    until = localdate() + timedelta(days=1)
    first = until - timedelta(days=days)
    found = queries.positivity(first, until, queries.DateOf(by))
    share = [(day.date, day.results, day.positive, _share(day.positivity)) for day in found]
    print_table((f"day of {by}", "results", "positive", "positivity"), share)
    rate = queries.persons_tested(until, population=population(CITY))
    per_1000 = "-" if rate.per_1000 is None else f"{rate.per_1000:.2f}"
    click.echo(f"Seven days to {until}: {rate.persons} persons, {per_1000} per 1,000 (WHO: 1).")
    click.echo(f"Read by partners, not the government: {_share(queries.partner_share(first, until))}")
    rows = [
        (each.lab_id, each.name, each.kind, each.results, round(each.median, 1), round(each.p95, 1))
        for each in queries.turnaround(first, until)
    ]
    print_table(("lab", "name", "kind", "results", "median h", "p95 h"), rows)


def _share(part: float | None) -> str:
    return "-" if part is None else f"{part:.1%}"


from kolaborasi.diagnostics import cli_specimens  # noqa: E402, F401  # adds its commands to the group
