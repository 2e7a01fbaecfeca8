"""Tokens: issued to their owner, good for what the account may do, and for no longer than they live."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from click.testing import CliRunner
from django.db import connection

from kolaborasi.api import queries, services
from kolaborasi.api.cli import api as commands
from kolaborasi.api.errors import AccountUnknown, SecondFactorNeeded, TokenLifeTooLong, TokenRefused
from kolaborasi.api.models import ApiToken
from kolaborasi.audit.models import AuditEntry
from kolaborasi.common.actors import Actor
from kolaborasi.common.clock import utc_now
from kolaborasi.common.errors import NotPermitted
from kolaborasi.events.models import Event
from kolaborasi.people.models import User
from tests.api.conftest import Api, factor_of
from tests.conftest import NOW
from tests.factories import MembershipFactory, UserFactory

SYSTEM = Actor.system("test")


def _issued(user: User, **more: Any) -> services.IssuedToken:
    return services.issue_token(
        **{"user": user, "name": "mesin", "days": 7, "by": SYSTEM, "now": NOW, **more}
    )


def test_issued_token_is_stored_as_a_hash_and_on_record() -> None:
    user = UserFactory()
    issued = _issued(user)
    assert issued.secret.startswith("kol_")
    assert len(issued.secret) == 47
    with connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(api_apitoken)::text FROM api_apitoken")
        assert issued.secret not in cursor.fetchone()[0]
    assert issued.token.expires_at == NOW + timedelta(days=7)
    entry = AuditEntry.objects.get(verb="api.issue_token")
    assert (entry.actor, entry.detail) == ("system:test", {"user": user.pk})
    assert Event.objects.filter(name="api.token_issued").count() == 1


def test_issue_token_for_another_account_is_not_permitted() -> None:
    owner, other = UserFactory(), UserFactory()
    with pytest.raises(NotPermitted):
        _issued(owner, by=Actor.user(other.pk))
    with pytest.raises(NotPermitted):
        _issued(owner, by=Actor.visitor())
    assert ApiToken.objects.count() == 0
    assert _issued(owner, by=Actor.user(owner.pk)).token.user_id == owner.pk


@pytest.mark.parametrize("days", [0, 366])
def test_issue_token_with_no_such_life_is_refused(days: int) -> None:
    with pytest.raises(TokenLifeTooLong):
        _issued(UserFactory(), days=days)
    assert ApiToken.objects.count() == 0


def test_token_works_until_it_expires() -> None:
    issued = _issued(UserFactory())
    assert queries.caller_of(issued.secret, now=NOW).user == issued.token.user
    with pytest.raises(TokenRefused):
        queries.caller_of(issued.secret, now=NOW + timedelta(days=7))


def test_token_that_is_revoked_works_no_more() -> None:
    issued = _issued(UserFactory())
    services.revoke_token(token=issued.token, by=SYSTEM, now=NOW)
    again = services.revoke_token(token=issued.token, by=SYSTEM, now=NOW + timedelta(hours=1))
    assert again.revoked_at == NOW
    assert AuditEntry.objects.filter(verb="api.revoke_token").count() == 1
    with pytest.raises(TokenRefused):
        queries.caller_of(issued.secret, now=NOW)


def test_revoke_token_of_another_account_is_not_permitted() -> None:
    issued = _issued(UserFactory())
    with pytest.raises(NotPermitted):
        services.revoke_token(token=issued.token, by=Actor.user(UserFactory().pk), now=NOW)
    issued.token.refresh_from_db()
    assert issued.token.revoked_at is None


def test_token_of_a_closed_account_works_no_more() -> None:
    issued = _issued(UserFactory(is_active=False))
    with pytest.raises(TokenRefused):
        queries.caller_of(issued.secret, now=NOW)


def test_token_of_staff_works_only_with_a_second_factor() -> None:
    user = MembershipFactory(role="coordinator").user
    issued = _issued(user)
    with pytest.raises(SecondFactorNeeded):
        queries.caller_of(issued.secret, now=NOW)
    factor_of(user)
    assert [role.name for role in queries.caller_of(issued.secret, now=NOW).actor.roles] == ["coordinator"]


def test_token_of_a_partner_member_needs_no_second_factor() -> None:
    user = MembershipFactory(role="partner_member").user
    assert [role.name for role in queries.caller_of(_issued(user).secret, now=NOW).actor.roles] == [
        "partner_member"
    ]


def test_request_with_an_unknown_token_is_refused_even_where_none_is_needed() -> None:
    response = Api("kol_unknown").get("/aid/needs")
    assert response.status_code == 401
    assert response["WWW-Authenticate"] == 'Bearer realm="kolaborasi"'
    assert response.json()["code"] == "token-refused"


def test_request_of_staff_without_second_factor_is_refused() -> None:
    user = MembershipFactory(role="verifier").user
    response = Api(_issued(user, now=utc_now()).secret).get("/aid/needs")
    assert response.status_code == 403
    assert response.json()["code"] == "second-factor-needed"


def test_command_issues_a_token_that_works_and_revokes_it() -> None:
    UserFactory(email="mesin@contoh.example")
    done = CliRunner().invoke(commands, ["token", "--for", "Mesin@contoh.example", "--days", "2"])
    assert done.exit_code == 0, done.output
    secret = done.stdout.strip()
    assert Api(secret).get("/aid/pledges").status_code == 200
    number = ApiToken.objects.get().pk
    assert f"Token {number} ends on" in done.stderr
    done = CliRunner().invoke(commands, ["revoke", "--for", "mesin@contoh.example", str(number)])
    assert done.stdout == f"Token {number} is revoked.\n"
    assert Api(secret).get("/aid/pledges").status_code == 401


def test_command_for_an_unknown_account_issues_nothing() -> None:
    done = CliRunner().invoke(commands, ["token", "--for", "siapa@contoh.example"])
    assert isinstance(done.exception, AccountUnknown)
    assert ApiToken.objects.count() == 0
