"""Verbs on tokens: issue_token, revoke_token."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from kolaborasi.api.errors import TokenLifeTooLong
from kolaborasi.api.models import ApiToken
from kolaborasi.api.permissions import TABLE
from kolaborasi.audit.services import record
from kolaborasi.common.actors import Actor, ActorKind
from kolaborasi.common.errors import NotPermitted
from kolaborasi.events.services import emit
from kolaborasi.people.models import User

PREFIX = "kol_"
"""Tells secret scanners and people what a token is."""

LONGEST_DAYS = 365


@dataclass(frozen=True)
class IssuedToken:
    """A token and its secret, which is not stored and cannot be shown again."""

    token: ApiToken
    secret: str


def issue_token(*, user: User, name: str, days: int, by: Actor, now: datetime) -> IssuedToken:
    """Give a program a secret to act for an account.

    Args:
        name: what it is for, so that its owner knows which one to revoke.
        days: how long it lives, 1 to 365.

    Raises:
        NotPermitted: neither the account's owner nor the system.
        TokenLifeTooLong: no such life.
    """
    _require_owner(user, by, "issue_token")
    if not 1 <= days <= LONGEST_DAYS:
        raise TokenLifeTooLong(LONGEST_DAYS)
    secret = PREFIX + secrets.token_urlsafe(32)
    with transaction.atomic():
        token = ApiToken.objects.create(
            user=user,
            name=name,
            secret_hash=secret_hash(secret),
            issued_at=now,
            expires_at=now + timedelta(days=days),
        )
        _tell("issue_token", "token_issued", token, by, now)
    return IssuedToken(token, secret)


def revoke_token(*, token: ApiToken, by: Actor, now: datetime) -> ApiToken:
    """End a token; it stays revoked from the first time.

    Raises:
        NotPermitted: neither the account's owner nor the system.
    """
    with transaction.atomic():
        locked = (
            ApiToken.objects.select_for_update(of=("self",), no_key=True)
            .select_related("user")
            .get(pk=token.pk)
        )
        _require_owner(locked.user, by, "revoke_token")
        if locked.revoked_at is None:
            locked.revoked_at = now
            locked.save(update_fields=["revoked_at"])
            _tell("revoke_token", "token_revoked", locked, by, now)
    return locked


def secret_hash(secret: str) -> str:
    """What is stored of a token's secret; plain SHA-256 is enough for 256 random bits."""
    return hashlib.sha256(secret.encode()).hexdigest()


def _require_owner(user: User, by: Actor, verb: str) -> None:
    TABLE.require(by, verb)
    if by.kind != ActorKind.SYSTEM and by.user_id != user.pk:
        raise NotPermitted


def _tell(verb: str, past: str, token: ApiToken, by: Actor, now: datetime) -> None:
    subject = ("api.token", token.pk)
    record(verb=f"api.{verb}", subject=subject, by=by, now=now, detail={"user": token.user_id})
    emit(name=f"api.{past}", subject=subject, now=now, data={"user": token.user_id})
