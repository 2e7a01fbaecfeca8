"""Questions about tokens."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.db.models import Exists, OuterRef, QuerySet

from kolaborasi.api.errors import AccountUnknown, SecondFactorNeeded, TokenRefused
from kolaborasi.api.models import ApiToken
from kolaborasi.api.services import secret_hash
from kolaborasi.common.actors import Actor
from kolaborasi.partners.queries import actor_of
from kolaborasi.partners.second_factor import FACTORS, is_staff_role
from kolaborasi.people.models import User


@dataclass(frozen=True)
class Caller:
    """The account a program acts for, and what it may do."""

    user: User
    actor: Actor


def caller_of(secret: str, *, now: datetime) -> Caller:
    """The account behind a token, in two statements.

    Outside demo mode a token of an account with a staff role works only while the account has a second factor.

    Raises:
        TokenRefused: unknown, expired, revoked, or the account is closed.
        SecondFactorNeeded: a staff role without a second factor.
    """
    factor = Authenticator.objects.filter(user=OuterRef("user"), type__in=FACTORS)
    token = (
        ApiToken.objects.filter(secret_hash=secret_hash(secret), revoked_at__isnull=True, expires_at__gt=now)
        .filter(user__is_active=True)
        .select_related("user")
        .annotate(has_factor=Exists(factor))
        .first()
    )
    if token is None:
        raise TokenRefused
    actor = actor_of(token.user, now)
    if not (token.has_factor or settings.DEMO) and any(is_staff_role(role) for role in actor.roles):
        raise SecondFactorNeeded
    return Caller(token.user, actor)


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
