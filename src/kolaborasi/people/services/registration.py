"""Verbs that make and correct a person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from kolaborasi.audit.services import record, record_many
from kolaborasi.common.actors import Actor
from kolaborasi.events.services import emit, emit_many
from kolaborasi.people import rules, vault
from kolaborasi.people.models import (
    IDENTITY_FIELDS,
    Contact,
    ContactChannel,
    IndexKind,
    Person,
    PersonIndex,
    User,
)
from kolaborasi.people.permissions import TABLE
from kolaborasi.people.services.identity import (
    Identity,
    close_fields,
    index,
    index_rows,
    is_self,
    key_of,
    lock,
    normal_values,
    one_per_nik,
    owns,
    subject_of,
)


def register(*, identity: Identity, by: Actor, now: datetime) -> Person:
    """Register a person with a key of their own.

    Args:
        identity: as typed; numbers and contacts are brought into their normal form.

    Raises:
        NotPermitted: NIK, KK or passport given by somebody who is no staff.
        NotANik, NotAKk, NotAPassport, NotAContact: a value cannot be what it claims to be.
        AlreadyRegistered: another person has this NIK or passport.
    """
    TABLE.require(by, "register_numbers" if identity.nik or identity.kk or identity.passport else "register")
    values = normal_values({field: text for field, text in asdict(identity).items() if text}, now)
    key = vault.new_person_key()
    person = Person(registered_at=now)
    person.key_id, person.wrapped_key = vault.wrap(key, person.pk)
    close_fields(person, key, values)
    with one_per_nik():
        person.save(force_insert=True)
        index(person, values)
        record(
            verb="people.register",
            subject=subject_of(person),
            by=by,
            now=now,
            detail={"fields": sorted(values)},
        )
        emit(name="people.registered", subject=subject_of(person), now=now)
    return person


def register_many(*, identities: Sequence[Identity], by: Actor, now: datetime) -> list[Person]:
    """`register` of many persons in a fixed number of statements, all or none; in the order given.

    Raises:
        NotPermitted, NotANik, NotAKk, NotAPassport, NotAContact: as in `register`.
        AlreadyRegistered: one of them is known, or two have the same NIK or passport.
    """
    numbers = any(each.nik or each.kk or each.passport for each in identities)
    TABLE.require(by, "register_numbers" if numbers else "register")
    people, rows, subjects = [], [], []
    for identity in identities:
        values = normal_values({field: text for field, text in asdict(identity).items() if text}, now)
        key = vault.new_person_key()
        person = Person(registered_at=now)
        person.key_id, person.wrapped_key = vault.wrap(key, person.pk)
        close_fields(person, key, values)
        people.append(person)
        rows += index_rows(person, values)
        subjects.append((*subject_of(person), {"fields": sorted(values)}))
    with one_per_nik():
        Person.objects.bulk_create(people, batch_size=1000)
        PersonIndex.objects.bulk_create(rows, batch_size=2000)
        record_many(verb="people.register", subjects=subjects, by=by, now=now)
        emit_many(
            name="people.registered", subjects=[(*subject_of(person), {}) for person in people], now=now
        )
    return people


def register_account(*, account: User, by: Actor, now: datetime) -> Person:
    """Give an account the person it belongs to; the one it has when it has one.

    Must be called once the account's e-mail is proved: a person registered earlier who confirmed the same address, or
    of whom nothing but the address is known, becomes the account's, so that one human stays one person.

    Raises:
        NotPermitted: `by` is neither the account's owner nor the system.
    """
    if not owns(by, account):
        TABLE.require(by, "register_account")
    with transaction.atomic():
        locked = User.objects.select_for_update(no_key=True).get(pk=account.pk)
        if locked.person is None:
            locked.person = _met_before(locked.email) or register(
                identity=Identity(email=locked.email), by=by, now=now
            )
            locked.save(update_fields=["person"])
            record(verb="people.register_account", subject=("people.user", locked.pk), by=by, now=now)
            emit(name="people.account_registered", subject=("people.user", locked.pk), now=now)
        account.person = locked.person
    return locked.person


def correct(*, person: Person, changes: Mapping[str, str], by: Actor, now: datetime) -> None:
    """Change identity fields; an empty text clears one. A changed contact is no longer confirmed.

    Everybody may correct their own name, address and contacts; NIK, KK and passport only staff.

    Raises:
        NotPermitted, PersonErased, NotANik, NotAKk, NotAContact, AlreadyRegistered.
    """
    unknown = set(changes) - set(IDENTITY_FIELDS)
    if unknown:
        raise ValueError(f"no identity fields: {sorted(unknown)}")
    with one_per_nik():
        locked = lock(person)
        if not (is_self(by, locked) and not {"nik", "kk", "passport"} & set(changes)):
            TABLE.require(by, "correct")
        values = normal_values(changes, now)
        close_fields(locked, key_of(locked), values)
        locked.save(update_fields=list(changes))
        PersonIndex.objects.filter(person=locked, kind__in=changes).delete()
        index(locked, values)
        Contact.objects.filter(person=locked, channel__in=changes).delete()
        record(
            verb="people.correct",
            subject=subject_of(person),
            by=by,
            now=now,
            detail={"fields": sorted(changes)},
        )
        emit(name="people.corrected", subject=subject_of(person), now=now)


def _met_before(email: str) -> Person | None:
    """The first person without an account who confirmed this address, or of whom only the address is known."""
    digests = vault.digests(IndexKind.EMAIL, rules.normal_email(email)).values()
    only_email = Q(**{f"{field}__isnull": True for field in IDENTITY_FIELDS if field != "email"})
    confirmed = Q(contacts__channel=ContactChannel.EMAIL, contacts__confirmed_at__isnull=False)
    found = Person.objects.filter(
        only_email | confirmed,
        index_rows__kind=IndexKind.EMAIL,
        index_rows__digest__in=digests,
        account__isnull=True,
    )
    return found.order_by("registered_at", "pk").first()
