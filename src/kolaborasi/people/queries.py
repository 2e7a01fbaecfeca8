"""Questions about persons; only `address_of` and `published_names` answer with personal values."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from uuid import UUID

from django.db.models import Exists, OuterRef, Q

from kolaborasi.common.verification import Check
from kolaborasi.people import rules, vault
from kolaborasi.people.models import Contact, IndexKind, Person, PersonIndex
from kolaborasi.people.services import contact_of


def address_of(person_id: UUID, channel: str) -> str | None:
    """Where the outbox reaches a person, at the moment of sending; None when erased or not known.

    Args:
        channel: `email`, `sms` or `whatsapp`.
    """
    person = Person.objects.filter(pk=person_id, erased_at__isnull=True).first()
    field = contact_of(channel)
    ciphertext = getattr(person, field) if person else None
    if person is None or ciphertext is None or person.wrapped_key is None or person.key_id is None:
        return None
    key = vault.unwrap(bytes(person.wrapped_key), person.key_id, person.pk)
    return vault.open_(key, bytes(ciphertext), person.pk, field)


def find_by_nik(nik: str) -> UUID | None:
    """The person registered under a NIK, or None."""
    return next(iter(_found(IndexKind.NIK, rules.bare_digits(nik))), None)


def find_many_by_nik(niks: Collection[str]) -> dict[str, UUID]:
    """The persons registered under some NIK of sixteen digits, by NIK, in one query; unknown ones are left out."""
    by_digest = {digest: nik for nik in niks for digest in vault.digests(IndexKind.NIK, nik).values()}
    rows = PersonIndex.objects.filter(kind=IndexKind.NIK, digest__in=list(by_digest))
    return {by_digest[bytes(digest)]: person for digest, person in rows.values_list("digest", "person_id")}


def find_by_passport(passport: str) -> UUID | None:
    """The person registered under a passport, or None; also when the text can be no passport number."""
    try:
        return next(iter(_found(IndexKind.PASSPORT, rules.normal_passport(passport))), None)
    except rules.NotANumber:
        return None


def find_by_kk(kk: str) -> list[UUID]:
    """The persons registered under a family card, by id."""
    return _found(IndexKind.KK, rules.bare_digits(kk))


def find_by_phone(phone: str) -> list[UUID]:
    """The persons with a telephone number; a family may share one."""
    try:
        return _found(IndexKind.PHONE, rules.normal_phone(phone))
    except rules.NotAnAddress:
        return []


def find_by_email(email: str) -> list[UUID]:
    """The persons with an e-mail address, by id."""
    try:
        return _found(IndexKind.EMAIL, rules.normal_email(email))
    except rules.NotAnAddress:
        return []


def contact_digests(*, email: str = "", phone: str = "") -> list[bytes]:
    """The blind index of contacts under every platform key, sorted; of one that cannot be a contact, nothing.

    For programmes that must let nobody else act on the same contact at the same moment.
    """
    found: set[bytes] = set()
    for kind, text, normal in (
        (IndexKind.EMAIL, email, rules.normal_email),
        (IndexKind.PHONE, phone, rules.normal_phone),
    ):
        try:
            found.update(vault.digests(kind, normal(text)).values() if text else ())
        except rules.NotAnAddress:
            continue
    return sorted(found)


def published_names(person_ids: Collection[UUID]) -> list[str]:
    """Names of persons who asked to be named in public, in alphabetical order; the caller has kept their wish.

    Persons who were erased or never told a name are left out.
    """
    found = Person.objects.filter(pk__in=person_ids, erased_at__isnull=True, name__isnull=False)
    names = []
    for person in found:
        if person.name is not None and person.wrapped_key is not None and person.key_id is not None:
            key = vault.unwrap(bytes(person.wrapped_key), person.key_id, person.pk)
            names.append(vault.open_(key, bytes(person.name), person.pk, "name"))
    return sorted(names)


def is_confirmed(person_id: UUID, channel: str) -> bool:
    """Whether the contact of a message channel is confirmed as it stands."""
    return Contact.objects.filter(
        person_id=person_id, channel=contact_of(channel), confirmed_at__isnull=False
    ).exists()


def waiting_for_new_key() -> int:
    """How many persons `rewrap` has still to move."""
    return Person.objects.filter(erased_at__isnull=True).exclude(key_id=vault.platform_keys()[0].id).count()


def checks() -> Iterator[Check]:
    """Whether every person's key opens with a listed platform key, and every number and contact is indexed."""
    known = [key.id for key in vault.platform_keys()]
    living = Person.objects.filter(erased_at__isnull=True)
    lost = living.exclude(key_id__in=known).values_list("pk", "key_id")
    yield Check(
        "keys of persons", living.count(), [f"person {pk}: its key {key} is not listed" for pk, key in lost]
    )
    yield Check("index of persons", PersonIndex.objects.count(), list(_index_faults()))


def _index_faults() -> Iterator[str]:
    for kind in IndexKind.values:
        indexed = PersonIndex.objects.filter(person=OuterRef("pk"), kind=kind, key_id=OuterRef("key_id"))
        has_value = Q(**{f"{kind}__isnull": False})
        for pk in Person.objects.filter(has_value, ~Exists(indexed)).values_list("pk", flat=True):
            yield f"person {pk}: {kind} is stored but not indexed"
        for pk in Person.objects.filter(~has_value, Exists(indexed)).values_list("pk", flat=True):
            yield f"person {pk}: {kind} is indexed but not stored"


def _found(kind: str, value: str) -> list[UUID]:
    digests = list(vault.digests(kind, value).values())
    rows = PersonIndex.objects.filter(kind=kind, digest__in=digests).order_by("person_id")
    return list(rows.values_list("person_id", flat=True).distinct())
