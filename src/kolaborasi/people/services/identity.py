"""Who somebody is, and how it is closed, opened and indexed: what all verbs of the room share."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.timezone import localdate

from kolaborasi.common.actors import Actor
from kolaborasi.people import rules, vault
from kolaborasi.people.errors import (
    AlreadyRegistered,
    NotAContact,
    NotAKk,
    NotANik,
    NotAPassport,
    PersonErased,
)
from kolaborasi.people.models import (
    IndexKind,
    Person,
    PersonIndex,
    User,
)


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


def lock(person: Person) -> Person:
    """The person's row, locked against other verbs on it; foreign keys to it may still be written.

    Raises:
        PersonErased: nothing can be read or written any more.
    """
    locked = Person.objects.select_for_update(no_key=True).get(pk=person.pk)
    if locked.erased_at is not None:
        raise PersonErased
    return locked


def key_of(person: Person) -> bytes:
    """The person's own key, opened with the platform's; raises PersonErased when it was destroyed."""
    if person.wrapped_key is None or person.key_id is None:
        raise PersonErased
    return vault.unwrap(bytes(person.wrapped_key), person.key_id, person.pk)


def normal_values(values: Mapping[str, str], now: datetime) -> dict[str, str]:
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


def close_fields(person: Person, key: bytes, values: Mapping[str, str]) -> None:
    """Encrypt values into the fields of an unsaved or locked person; an empty text clears its field."""
    for field, text in values.items():
        setattr(person, field, vault.close(key, text, person.pk, field) if text else None)


def open_fields(person: Person, key: bytes, fields: Collection[str]) -> dict[str, str]:
    """Decrypt fields; those that are not known of the person are left out."""
    closed = {field: getattr(person, field) for field in fields}
    return {
        field: vault.open_(key, bytes(ciphertext), person.pk, field)
        for field, ciphertext in closed.items()
        if ciphertext is not None
    }


def index(person: Person, values: Mapping[str, str]) -> None:
    """Store the keyed hashes by which the person can be found."""
    PersonIndex.objects.bulk_create(index_rows(person, values))


def index_rows(person: Person, values: Mapping[str, str]) -> list[PersonIndex]:
    """Keyed hashes of the values that can be searched, one for each platform key in use."""
    return [
        PersonIndex(person=person, kind=kind, key_id=key_id, digest=digest)
        for kind in IndexKind.values
        if values.get(kind)
        for key_id, digest in vault.digests(kind, values[kind]).items()
    ]


@contextmanager
def one_per_nik() -> Iterator[None]:
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


def owns(by: Actor, account: User) -> bool:
    """Whether the actor is the holder of the account."""
    return by.user_id is not None and by.user_id == account.pk


def is_self(by: Actor, person: Person) -> bool:
    """Whether the actor's account belongs to the person."""
    return by.user_id is not None and User.objects.filter(pk=by.user_id, person=person).exists()


def subject_of(person: Person) -> tuple[str, object]:
    """How audit and events name the person."""
    return ("people.person", person.pk)
