"""Questions about tokens."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db.models import QuerySet

from kolaborasi.api.errors import AccountUnknown, SecondFactorNeeded, TokenRefused
from kolaborasi.api.models import ApiToken
from kolaborasi.api.services import secret_hash
from kolaborasi.common.actors import Actor
from kolaborasi.common.rows import columns_of, made, prepared
from kolaborasi.partners.queries import actor_with, roles_statement, roles_values
from kolaborasi.partners.second_factor import FACTORS, is_staff_role
from kolaborasi.people.models import User


@dataclass(frozen=True)
class Caller:
    """The account a program acts for, and what it may do."""

    user: User
    actor: Actor


def caller_of(secret: str, *, now: datetime) -> Caller:
    """The account behind a token, in one statement.

    Outside demo mode a token of an account with a staff role works only while the account has a second factor.

    Raises:
        TokenRefused: unknown, expired, revoked, or the account is closed.
        SecondFactorNeeded: a staff role without a second factor.
    """
    with prepared() as cursor:
        values = [list(FACTORS), *roles_values(now), secret_hash(secret), now]
        cursor.execute(_CALLER.format(columns=columns_of(User, "account"), roles=_ROLES), values)
        rows = cursor.fetchall()
    if not rows:
        raise TokenRefused
    user, has_factor = made(User, rows[0][4:]), rows[0][3]
    actor = actor_with(user.pk, [row[:3] for row in rows if row[0] is not None])
    if not (has_factor or settings.DEMO) and any(is_staff_role(role) for role in actor.roles):
        raise SecondFactorNeeded
    return Caller(user, actor)


# Asked in every request of a program, where the ORM takes several times as long as the database.
_ROLES = roles_statement("account.id")
_CALLER = """
SELECT role.*, EXISTS (SELECT FROM mfa_authenticator factor WHERE factor.user_id = account.id AND factor.type = ANY(%s)),
       {columns}
FROM api_apitoken token
JOIN people_user account ON account.id = token.user_id AND account.is_active
LEFT JOIN LATERAL ({roles}) role ON true
WHERE token.secret_hash = %s AND token.revoked_at IS NULL AND token.expires_at > %s
"""


def tokens_of(user: User) -> QuerySet[ApiToken]:
    """Tokens of an account, newest first."""
    return ApiToken.objects.filter(user=user)


def account(email: str) -> User:
    """The open account of an e-mail address.

    Raises:
        AccountUnknown: there is none.
    """
    user = User.objects.filter(email=email.strip().lower(), is_active=True).first()
    if user is None:
        raise AccountUnknown
    return user
