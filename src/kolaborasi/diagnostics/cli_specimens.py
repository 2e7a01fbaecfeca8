"""`kolaborasi diagnostics …` with tubes in hand: collect, pick-up, receive, validate."""

from __future__ import annotations

import sys
from datetime import datetime

import click
from django.utils.timezone import make_aware

from kolaborasi.common.clock import utc_now
from kolaborasi.common.errors import NotFound
from kolaborasi.diagnostics.cli import Verb, acting, actor, diagnostics, lab_of

scans = click.argument("barcodes", nargs=-1, required=True)
moment = click.option(
    "--at", type=click.DateTime(["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"]), help="City time; now when left out."
)


def _scanned(barcodes: tuple[str, ...]) -> list[str]:
    """Barcodes given, or those on standard input for `-`, separated by spaces or lines."""
    found = sys.stdin.read().split() if barcodes == ("-",) else list(barcodes)
    if not found:
        raise click.UsageError("There is no barcode on standard input.")
    return found


def _moment(at: datetime | None, now: datetime) -> datetime:
    return make_aware(at) if at else now


@diagnostics.command("collect", cls=Verb)
@click.argument("order", type=int)
@click.argument("barcode")
@click.option("--kind", default="np-swab", show_default=True, help="Kind of specimen.")
@moment
@acting
def collect_command(order: int, barcode: str, kind: str, at: datetime | None, email: str) -> None:
    """Say that a swab of ORDER was taken and its tube labelled with BARCODE."""
    from kolaborasi.diagnostics import queries, services

    found, now = queries.order(order), utc_now()
    if found is None:
        raise NotFound("There is no such order.")
    given = _scanned((barcode,))
    if len(given) != 1:
        raise click.UsageError("One order has one tube: give one barcode.")
    done = services.collect(
        order=found, barcode=given[0], kind=kind, collected_at=_moment(at, now), by=actor(email), now=now
    )
    click.echo(f"{done.label.barcode} is collected for order {order}.")


@diagnostics.command("pick-up", cls=Verb)
@click.argument("manifest", type=int)
@scans
@moment
@acting
def pick_up_command(manifest: int, barcodes: tuple[str, ...], at: datetime | None, email: str) -> None:
    """Say which tubes of MANIFEST the courier takes along; the others wait for the next round."""
    from kolaborasi.diagnostics import queries, services

    found, now = queries.consignment(manifest), utc_now()
    if found is None:
        raise NotFound("There is no such manifest.")
    planned = queries.manifest(found).count()
    services.pick_up(
        consignment=found, barcodes=_scanned(barcodes), at=_moment(at, now), by=actor(email), now=now
    )
    left = planned - queries.manifest(found).count()
    click.echo(f"Manifest {manifest} is picked up; {left} specimens stay at the site.")


@diagnostics.command("receive", cls=Verb)
@click.argument("lab", type=int)
@scans
@click.option("--manifest", type=int, help="What the courier brought them with.")
@moment
@acting
def receive_command(
    lab: int, barcodes: tuple[str, ...], manifest: int | None, at: datetime | None, email: str
) -> None:
    """Take tubes in at LAB; differences from the manifest are listed."""
    from kolaborasi.diagnostics import queries, services

    carried, now = queries.consignment(manifest) if manifest is not None else None, utc_now()
    if manifest is not None and carried is None:
        raise NotFound("There is no such manifest.")
    done = services.receive(
        lab=lab_of(lab),
        barcodes=_scanned(barcodes),
        at=_moment(at, now),
        by=actor(email),
        now=now,
        consignment=carried,
    )
    differences = [(each.label.barcode, "missing") for each in done.missing] + done.refused
    for barcode, why in differences:
        click.echo(f"{barcode}: {why}", err=True)
    taken = len(done.specimens) + len(done.unplanned)
    click.echo(
        f"{taken} taken in, {len(done.unplanned)} of them not on the manifest; {len(done.missing)} missing, "
        f"{len(done.refused)} refused."
    )


@diagnostics.command("validate", cls=Verb)
@click.argument("lab", type=int)
@scans
@acting
def validate_command(lab: int, barcodes: tuple[str, ...], email: str) -> None:
    """Say, as a second person, that the results of these tubes in LAB count."""
    from kolaborasi.diagnostics import queries, services
    from kolaborasi.diagnostics.services.journey import read_barcodes

    wanted = read_barcodes(_scanned(barcodes))
    found = list(queries.results_to_validate(lab_of(lab)).filter(specimen__label__barcode__in=wanted))
    missing = sorted(set(wanted) - {each.specimen.label.barcode for each in found})
    if missing:
        raise NotFound(f"No result waits for a second person for: {', '.join(missing)}. None was validated.")
    services.validate_results(results=found, by=actor(email), now=utc_now())
    click.echo(f"{len(found)} results validated.")
