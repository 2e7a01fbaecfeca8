"""`kolaborasi partners …`: what must be done before anybody holds a role."""

from __future__ import annotations

import click

from kolaborasi.common.actors import Actor
from kolaborasi.common.clock import utc_now

SHELL = Actor.system("shell")


@click.group()
def partners() -> None:
    """Partners and the roles of their people."""


@partners.command()
@click.argument("name")
@click.option("--kind", default="government", show_default=True, help="Kind of organisation.")
@click.option("--legal-id", default="", help="Its legal id.")
def enrol(name: str, kind: str, legal_id: str) -> None:
    """Take a partner in as active, for example the city's own body."""
    from kolaborasi.partners import services
    from kolaborasi.partners.models import PartnerKind

    if kind not in PartnerKind.values:
        raise click.BadParameter(f"one of {', '.join(PartnerKind.values)}", param_hint="--kind")
    partner = services.enrol(name=name, kind=kind, legal_id=legal_id, by=SHELL, now=utc_now())
    click.echo(f"Partner {partner.pk}: {partner.name}")


@partners.command()
@click.argument("email")
@click.argument("role")
@click.option("--partner", "partner_id", type=int, required=True, help="Number of the partner.")
@click.option("--place", "place_code", default="", help="Code of the area the role is limited to.")
def appoint(email: str, role: str, partner_id: int, place_code: str) -> None:
    """Give an account a role, for example the first coordinator."""
    from kolaborasi.partners import queries, services
    from kolaborasi.partners.states import CITY_ROLES, RoleName
    from kolaborasi.places.queries import place_by_unmarked_code

    if role not in set(RoleName):
        raise click.BadParameter(f"one of {', '.join(RoleName)}", param_hint="ROLE")
    user, partner = queries.account_by_email(email), queries.partner_by_id(partner_id)
    if partner is None:
        raise click.BadParameter(f"there is no partner {partner_id}", param_hint="--partner")
    place = place_by_unmarked_code(place_code) if place_code else None
    if role in CITY_ROLES:
        made = services.appoint_official(
            user=user, partner=partner, role=role, place=place, by=SHELL, now=utc_now()
        )
    else:
        made = services.appoint(user=user, partner=partner, role=role, by=SHELL, now=utc_now())
    click.echo(f"Membership {made.pk}: {role} at {partner.name}")
