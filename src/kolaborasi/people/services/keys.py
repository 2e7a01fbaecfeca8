"""Verbs on persons' keys: destroyed when a person is erased, wrapped anew when the platform's key changes."""

from __future__ import annotations

from datetime import datetime

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.db import transaction

from kolaborasi.audit.services import record
from kolaborasi.common.actors import Actor
from kolaborasi.events.services import emit
from kolaborasi.people import vault
from kolaborasi.people.models import (
    IDENTITY_FIELDS,
    Contact,
    IndexKind,
    Person,
    PersonIndex,
    User,
)
from kolaborasi.people.permissions import TABLE
from kolaborasi.people.services.identity import index_rows, is_self, key_of, lock, open_fields, subject_of


def erase(*, person: Person, by: Actor, now: datetime) -> None:
    """Destroy a person's key, identity, index and contacts, and close their account; cannot be undone.

    The id stays, so that counts, movements and the audit chain stay true of somebody unknown.

    Raises:
        NotPermitted: neither the person themselves nor a coordinator.
        PersonErased: it was done before.
    """
    with transaction.atomic():
        locked = lock(person)
        if not is_self(by, locked):
            TABLE.require(by, "erase")
        for field in IDENTITY_FIELDS:
            setattr(locked, field, None)
        locked.wrapped_key, locked.key_id, locked.erased_at = None, None, now
        locked.save()
        PersonIndex.objects.filter(person=locked).delete()
        Contact.objects.filter(person=locked).delete()
        _close_account(locked)
        record(verb="people.erase", subject=subject_of(person), by=by, now=now)
        emit(name="people.erased", subject=subject_of(person), now=now)


def rewrap(*, by: Actor, now: datetime, limit: int = 500) -> int:
    """Move up to `limit` persons to the newest platform key; returns how many. Repeat until it returns 0.

    The old key may leave `KOLABORASI_PEOPLE_KEYS` when nothing is left; index rows of keys that have left go too.

    Raises:
        NotPermitted: `by` is not the system.
        KeyMissing: a person's key was closed with a key that is not listed.
    """
    TABLE.require(by, "rewrap")
    keys = vault.platform_keys()
    with transaction.atomic():
        people = list(
            Person.objects.select_for_update(skip_locked=True, no_key=True)
            .filter(erased_at__isnull=True)
            .exclude(key_id=keys[0].id)
            .order_by("pk")[:limit]
        )
        rows = []
        for person in people:
            key = key_of(person)
            rows += index_rows(person, open_fields(person, key, IndexKind.values))
            person.key_id, person.wrapped_key = vault.wrap(key, person.pk)
        Person.objects.bulk_update(people, ["key_id", "wrapped_key"])
        PersonIndex.objects.exclude(key_id__in=[key.id for key in keys]).delete()
        PersonIndex.objects.filter(person__in=people).delete()
        PersonIndex.objects.bulk_create(rows)
        if people:
            detail = {"people": len(people)}
            record(verb="people.rewrap", subject=("people.key", keys[0].id), by=by, now=now, detail=detail)
            emit(name="people.rewrapped", subject=("people.key", keys[0].id), now=now, data=detail)
    return len(people)


def _close_account(person: Person) -> None:
    account = User.objects.filter(person=person).first()
    if account is None:
        return
    account.email, account.is_active = f"erased-{account.pk}@erased.invalid", False
    account.set_unusable_password()
    account.save(update_fields=["email", "is_active", "password"])
    EmailAddress.objects.filter(user=account).delete()
    Authenticator.objects.filter(user=account).delete()
