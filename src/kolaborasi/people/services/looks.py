"""Verbs that show who a person is, each look on record."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.db import transaction

from kolaborasi.audit.services import record, record_many
from kolaborasi.common.actors import Actor
from kolaborasi.events.services import emit
from kolaborasi.people.models import (
    IDENTITY_FIELDS,
    Person,
)
from kolaborasi.people.permissions import TABLE
from kolaborasi.people.services.identity import is_self, key_of, open_fields, subject_of


class LookReason(StrEnum):
    """Why somebody needed to see who a person is; the only words about it that the audit keeps."""

    DELIVERY = "delivery"
    VERIFICATION = "verification"
    DUPLICATE_CHECK = "duplicate-check"
    COMPLAINT = "complaint"
    SUBJECT_REQUEST = "subject-request"
    CARE = "care"
    CERTIFICATE = "certificate"


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
        if not is_self(by, fresh):
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
            person.pk: open_fields(person, key_of(person), fields)
            for person in known
            if person.erased_at is None
        }
        detail = {"fields": sorted(fields), "reason": LookReason(reason).value}
        subjects: list[tuple[str, object, dict[str, Any]]] = [("people.person", pk, detail) for pk in seen]
        record_many(verb="people.look", subjects=subjects, by=by, now=now)
        # Each look is on record; that many were looked at is one event, or thousands would tell nobody anything.
        emit(name="people.looked", subject=("people.people", len(seen)), now=now, data=detail)
    return seen


def look_to_match(
    *, person_ids: Collection[UUID], fields: Collection[str], by: Actor, now: datetime
) -> dict[UUID, dict[str, str]]:
    """Decrypt identity fields for a program that compares them and shows them to nobody; one entry for all of them.

    Returns:
        For each person who is not erased: text by field name, without fields that are not known.

    Raises:
        NotPermitted: the actor hands in no lists.
    """
    TABLE.require(by, "look_to_match")
    unknown = set(fields) - set(IDENTITY_FIELDS)
    if unknown:
        raise ValueError(f"no identity fields: {sorted(unknown)}")
    if not person_ids:
        return {}
    known = Person.objects.filter(pk__in=person_ids, erased_at__isnull=True)
    seen = {
        person.pk: open_fields(person, key_of(person), fields)
        for person in known.only("wrapped_key", "key_id", *fields).iterator()
    }
    detail = {"fields": sorted(fields), "reason": LookReason.DUPLICATE_CHECK.value, "people": len(seen)}
    with transaction.atomic():
        record(
            verb="people.look_to_match", subject=("people.people", len(seen)), by=by, now=now, detail=detail
        )
        emit(name="people.matched", subject=("people.people", len(seen)), now=now, data=detail)
    return seen


def _seen(
    person: Person, fields: Collection[str], by: Actor, now: datetime, reason: LookReason
) -> dict[str, str]:
    key = key_of(person)
    detail = {"fields": sorted(fields), "reason": LookReason(reason).value}
    record(verb="people.look", subject=subject_of(person), by=by, now=now, detail=detail)
    emit(name="people.looked", subject=subject_of(person), now=now, data=detail)
    return open_fields(person, key, fields)
