"""`kolaborasi api …`: tokens for programs."""

from __future__ import annotations

import click

from kolaborasi.common.actors import Actor
from kolaborasi.common.clock import utc_now

SHELL = Actor.system("shell")


@click.group()
def api() -> None:
    """Tokens for programs that act for an account."""


@api.command()
@click.option("--for", "email", required=True, help="E-mail address of the account.")
@click.option("--name", default="command line", show_default=True, help="What the token is for.")
@click.option("--days", default=90, show_default=True, help="How long it lives, at most 365.")
def token(email: str, name: str, days: int) -> None:
    """Issue a token and print it; it cannot be shown again."""
    from kolaborasi.api import queries, services

    issued = services.issue_token(user=queries.account(email), name=name, days=days, by=SHELL, now=utc_now())
    click.echo(issued.secret)
    click.echo(f"Token {issued.token.pk} ends on {issued.token.expires_at:%Y-%m-%d}. Keep it now.", err=True)


@api.command()
@click.option("--for", "email", required=True, help="E-mail address of the account.")
@click.argument("number", type=int)
def revoke(email: str, number: int) -> None:
    """End the token with this number."""
    from kolaborasi.api import queries, services
    from kolaborasi.common.errors import NotFound

    found = queries.tokens_of(queries.account(email)).filter(pk=number).first()
    if found is None:
        raise NotFound(f"The account has no token {number}.")
    services.revoke_token(token=found, by=SHELL, now=utc_now())
    click.echo(f"Token {number} is revoked.")
