"""Verbs on persons: register, correct, request_code, confirm_contact, look, erase, rewrap."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.timezone import localdate

from kolaborasi.audit.services import record, record_many
from kolaborasi.common.actors import Actor
from kolaborasi.events.services import emit
from kolaborasi.messages.services import enqueue
from kolaborasi.people import rules, vault
from kolaborasi.people.errors import (
    AlreadyRegistered,
    NoContact,
    NotAContact,
    NotAKk,
    NotANik,
    NotAPassport,
    PersonErased,
    TooManyCodes,
    WrongCode,
)
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


@dataclass(frozen=True)
class Identity:
    """What is known of who somebody is; empty for what is not."""

    name: str = ""
    nik: str = ""
    kk: str = ""
    passport: str = ""
    phone: str = ""
    email: str = ""
    address: str = ""
    note: str = ""


class LookReason(StrEnum):
    """Why somebody needed to see who a person is; the only words about it that the audit keeps."""

    DELIVERY = "delivery"
    VERIFICATION = "verification"
    DUPLICATE_CHECK = "duplicate-check"
    COMPLAINT = "complaint"
    SUBJECT_REQUEST = "subject-request"
    CARE = "care"
    CERTIFICATE = "certificate"


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
    values = _normal({field: text for field, text in asdict(identity).items() if text}, now)
    key = vault.new_person_key()
    person = Person(registered_at=now)
    person.key_id, person.wrapped_key = vault.wrap(key, person.pk)
    _close_fields(person, key, values)
    with _one_per_nik():
        person.save(force_insert=True)
        _index(person, values)
        record(
            verb="people.register",
            subject=_subject(person),
            by=by,
            now=now,
            detail={"fields": sorted(values)},
        )
        emit(name="people.registered", subject=_subject(person), now=now)
    return person


def register_account(*, account: User, by: Actor, now: datetime) -> Person:
    """Give an account the person it belongs to; the one it has when it has one.

    Must be called once the account's e-mail is proved: a person registered earlier who confirmed the same address, or
    of whom nothing but the address is known, becomes the account's, so that one human stays one person.

    Raises:
        NotPermitted: `by` is neither the account's owner nor the system.
    """
    if not _owns(by, account):
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
    with _one_per_nik():
        locked = _lock(person)
        if not (_is_self(by, locked) and not {"nik", "kk", "passport"} & set(changes)):
            TABLE.require(by, "correct")
        values = _normal(changes, now)
        _close_fields(locked, _key(locked), values)
        locked.save(update_fields=list(changes))
        PersonIndex.objects.filter(person=locked, kind__in=changes).delete()
        _index(locked, values)
        Contact.objects.filter(person=locked, channel__in=changes).delete()
        record(
            verb="people.correct",
            subject=_subject(person),
            by=by,
            now=now,
            detail={"fields": sorted(changes)},
        )
        emit(name="people.corrected", subject=_subject(person), now=now)


def request_code(*, person: Person, channel: str, by: Actor, now: datetime) -> None:
    """Send a six-digit code to a contact; only its keyed hash is kept.

    Args:
        channel: message channel: `email`, `sms` or `whatsapp`.

    Raises:
        PersonErased: nothing can be sent.
        NoContact: the person has no such contact.
        TooManyCodes: one was sent less than a minute ago, or the tries of the day are used up.
    """
    TABLE.require(by, "request_code")
    contact_channel = contact_of(channel)
    code = f"{secrets.randbelow(10**6):06d}"
    with transaction.atomic():
        locked = _lock(person)
        if getattr(locked, contact_channel) is None:
            raise NoContact
        contact = Contact.objects.filter(person=locked, channel=contact_channel).first()
        history = rules.next_code(_history(contact) if contact else None, now)
        if history is None:
            raise TooManyCodes
        contact = contact or Contact(person=locked, channel=contact_channel)
        contact.window_started_at, contact.attempts = history.window_started_at, history.attempts
        contact.sent_at, contact.expires_at = history.sent_at, history.expires_at
        contact.code_digest = vault.code_digest(locked.pk, contact_channel, code)
        contact.save()
        enqueue(
            template="confirm_contact", recipient=locked.pk, channel=channel, context={"code": code}, now=now
        )
        record(
            verb="people.request_code", subject=_subject(person), by=by, now=now, detail={"channel": channel}
        )
        emit(name="people.code_requested", subject=_subject(person), now=now, data={"channel": channel})


def confirm_contact(*, person: Person, channel: str, code: str, by: Actor, now: datetime) -> None:
    """Confirm a contact with the code that was sent to it.

    Must be called outside any transaction: a wrong try is kept although the verb refuses.

    Raises:
        WrongCode: not the code, too late, or tried too often.
    """
    TABLE.require(by, "confirm_contact")
    contact_channel = contact_of(channel)
    with transaction.atomic(durable=True):
        locked = _lock(person)
        contact = Contact.objects.filter(person=locked, channel=contact_channel).first()
        right = contact is not None and _try(contact, code, now)
        if contact is not None and right:
            contact.confirmed_at, contact.code_digest = now, None
            contact.save(update_fields=["confirmed_at", "code_digest"])
            _tell_confirmed(locked, contact_channel, "people.confirm_contact", by, now)
    if not right:
        raise WrongCode


def vouch_for_contact(*, person: Person, channel: str, by: Actor, now: datetime) -> None:
    """Take a contact as confirmed, because a part of the platform has proved it in another way (account e-mail).

    Raises:
        NotPermitted: `by` is not the system.
        NoContact: the person has no such contact.
    """
    TABLE.require(by, "vouch_for_contact")
    contact_channel = contact_of(channel)
    with transaction.atomic():
        locked = _lock(person)
        if getattr(locked, contact_channel) is None:
            raise NoContact
        Contact.objects.update_or_create(
            person=locked,
            channel=contact_channel,
            defaults={"confirmed_at": now, "code_digest": None, "sent_at": now, "expires_at": now},
            create_defaults={
                "confirmed_at": now,
                "sent_at": now,
                "expires_at": now,
                "window_started_at": now,
            },
        )
        _tell_confirmed(locked, contact_channel, "people.vouch_for_contact", by, now)


def look(
    *, person: Person, fields: Collection[str], by: Actor, now: datetime, reason: LookReason
) -> dict[str, str]:
    """Decrypt identity fields for a role that needs them; the look is on record, what was seen is not.

    Returns:
        Text by field name; fields that are not known of the person are left out.

    Raises:
        NotPermitted: the actor's roles do not need it and it is not themselves.
        PersonErased: nothing is left to see.
    """
    unknown = set(fields) - set(IDENTITY_FIELDS)
    if unknown:
        raise ValueError(f"no identity fields: {sorted(unknown)}")
    with transaction.atomic():
        fresh = Person.objects.get(pk=person.pk)
        if not _is_self(by, fresh):
            TABLE.require(by, "look")
        return _seen(fresh, fields, by, now, reason)


def look_for_care(*, person: Person, fields: Collection[str], by: Actor, now: datetime) -> dict[str, str]:
    """`look` for a health programme, which must have asked its own table whether the actor cares for this person.

    Raises:
        NotPermitted: nobody is signed in.
        PersonErased: nothing is left to see.
    """
    TABLE.require(by, "look_for_care")
    unknown = set(fields) - set(IDENTITY_FIELDS)
    if unknown:
        raise ValueError(f"no identity fields: {sorted(unknown)}")
    with transaction.atomic():
        fresh = Person.objects.get(pk=person.pk)
        return _seen(fresh, fields, by, now, LookReason.CARE)


def look_at_many_for_care(
    *,
    people: Iterable[Person],
    fields: Collection[str],
    by: Actor,
    now: datetime,
    reason: LookReason = LookReason.CARE,
) -> dict[UUID, dict[str, str]]:
    """`look_for_care` of many persons in three statements, each look on record.

    Returns:
        For each person who is not erased: text by field name, without fields that are not known.

    Raises:
        NotPermitted: nobody is signed in.
    """
    TABLE.require(by, "look_at_many_for_care")
    unknown = set(fields) - set(IDENTITY_FIELDS)
    if unknown:
        raise ValueError(f"no identity fields: {sorted(unknown)}")
    with transaction.atomic():
        wanted = {person.pk for person in people}
        known = Person.objects.filter(pk__in=wanted).only("wrapped_key", "key_id", "erased_at", *fields)
        seen = {
            person.pk: _open_fields(person, _key(person), fields)
            for person in known
            if person.erased_at is None
        }
        detail = {"fields": sorted(fields), "reason": LookReason(reason).value}
        subjects: list[tuple[str, object, dict[str, Any]]] = [("people.person", pk, detail) for pk in seen]
        record_many(verb="people.look", subjects=subjects, by=by, now=now)
        # Each look is on record; that many were looked at is one event, or thousands would tell nobody anything.
        emit(name="people.looked", subject=("people.people", len(seen)), now=now, data=detail)
    return seen


def erase(*, person: Person, by: Actor, now: datetime) -> None:
    """Destroy a person's key, identity, index and contacts, and close their account; cannot be undone.

    The id stays, so that counts, movements and the audit chain stay true of somebody unknown.

    Raises:
        NotPermitted: neither the person themselves nor a coordinator.
        PersonErased: it was done before.
    """
    with transaction.atomic():
        locked = _lock(person)
        if not _is_self(by, locked):
            TABLE.require(by, "erase")
        for field in IDENTITY_FIELDS:
            setattr(locked, field, None)
        locked.wrapped_key, locked.key_id, locked.erased_at = None, None, now
        locked.save()
        PersonIndex.objects.filter(person=locked).delete()
        Contact.objects.filter(person=locked).delete()
        _close_account(locked)
        record(verb="people.erase", subject=_subject(person), by=by, now=now)
        emit(name="people.erased", subject=_subject(person), now=now)


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
            key = _key(person)
            rows += _index_rows(person, _open_fields(person, key, IndexKind.values))
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


def contact_of(channel: str) -> str:
    """The contact a message channel uses: `email`, or `phone` for SMS and WhatsApp."""
    return {"email": ContactChannel.EMAIL, "sms": ContactChannel.PHONE, "whatsapp": ContactChannel.PHONE}[
        channel
    ].value


@contextmanager
def _one_per_nik() -> Iterator[None]:
    """A transaction in which a second person with the same NIK or passport is refused in words."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        if "person_one_per_nik" in str(error):
            raise AlreadyRegistered from error
        if "person_one_per_passport" in str(error):
            raise AlreadyRegistered("passport") from error
        raise


def _lock(person: Person) -> Person:
    """The person's row, locked against other verbs on it; foreign keys to it may still be written."""
    locked = Person.objects.select_for_update(no_key=True).get(pk=person.pk)
    if locked.erased_at is not None:
        raise PersonErased
    return locked


def _seen(
    person: Person, fields: Collection[str], by: Actor, now: datetime, reason: LookReason
) -> dict[str, str]:
    key = _key(person)
    detail = {"fields": sorted(fields), "reason": LookReason(reason).value}
    record(verb="people.look", subject=_subject(person), by=by, now=now, detail=detail)
    emit(name="people.looked", subject=_subject(person), now=now, data=detail)
    return _open_fields(person, key, fields)


def _key(person: Person) -> bytes:
    if person.wrapped_key is None or person.key_id is None:
        raise PersonErased
    return vault.unwrap(bytes(person.wrapped_key), person.key_id, person.pk)


def _normal(values: Mapping[str, str], now: datetime) -> dict[str, str]:
    """Values in the form they are stored and compared in."""
    normal = {field: text.strip() for field, text in values.items()}
    today = localdate(now)
    for field, text in normal.items():
        if not text:
            continue
        try:
            if field == "nik":
                normal[field] = rules.read_nik(text, today=today).digits
            elif field == "kk":
                normal[field] = rules.read_kk(text, today=today).digits
            elif field == "passport":
                normal[field] = rules.normal_passport(text)
            elif field == "phone":
                normal[field] = rules.normal_phone(text)
            elif field == "email":
                normal[field] = rules.normal_email(text)
        except rules.NotANumber as error:
            if field == "passport":
                raise NotAPassport from None
            raise (NotANik if field == "nik" else NotAKk)(error.fault) from None
        except rules.NotAnAddress:
            raise NotAContact(field) from None
    return normal


def _close_fields(person: Person, key: bytes, values: Mapping[str, str]) -> None:
    for field, text in values.items():
        setattr(person, field, vault.close(key, text, person.pk, field) if text else None)


def _open_fields(person: Person, key: bytes, fields: Collection[str]) -> dict[str, str]:
    closed = {field: getattr(person, field) for field in fields}
    return {
        field: vault.open_(key, bytes(ciphertext), person.pk, field)
        for field, ciphertext in closed.items()
        if ciphertext is not None
    }


def _index(person: Person, values: Mapping[str, str]) -> None:
    PersonIndex.objects.bulk_create(_index_rows(person, values))


def _index_rows(person: Person, values: Mapping[str, str]) -> list[PersonIndex]:
    return [
        PersonIndex(person=person, kind=kind, key_id=key_id, digest=digest)
        for kind in IndexKind.values
        if values.get(kind)
        for key_id, digest in vault.digests(kind, values[kind]).items()
    ]


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


def _history(contact: Contact) -> rules.CodeHistory:
    return rules.CodeHistory(contact.window_started_at, contact.sent_at, contact.expires_at, contact.attempts)


def _try(contact: Contact, code: str, now: datetime) -> bool:
    """Count a try and say whether the code was right."""
    if contact.code_digest is None or not rules.may_try(_history(contact), now):
        return False
    contact.attempts += 1
    contact.save(update_fields=["attempts"])
    return vault.is_code(bytes(contact.code_digest), contact.person_id, contact.channel, code.strip())


def _tell_confirmed(person: Person, channel: str, verb: str, by: Actor, now: datetime) -> None:
    record(verb=verb, subject=_subject(person), by=by, now=now, detail={"channel": channel})
    emit(name="people.contact_confirmed", subject=_subject(person), now=now, data={"channel": channel})


def _close_account(person: Person) -> None:
    account = User.objects.filter(person=person).first()
    if account is None:
        return
    account.email, account.is_active = f"erased-{account.pk}@erased.invalid", False
    account.set_unusable_password()
    account.save(update_fields=["email", "is_active", "password"])
    EmailAddress.objects.filter(user=account).delete()
    Authenticator.objects.filter(user=account).delete()


def _owns(by: Actor, account: User) -> bool:
    return by.user_id is not None and by.user_id == account.pk


def _is_self(by: Actor, person: Person) -> bool:
    return by.user_id is not None and User.objects.filter(pk=by.user_id, person=person).exists()


def _subject(person: Person) -> tuple[str, object]:
    return ("people.person", person.pk)
