"""Verbs that confirm how a person is reached."""

from __future__ import annotations

import secrets
from datetime import datetime

from django.db import transaction

from kolaborasi.audit.services import record
from kolaborasi.common.actors import Actor
from kolaborasi.events.services import emit
from kolaborasi.messages.services import enqueue
from kolaborasi.people import rules, vault
from kolaborasi.people.errors import (
    NoContact,
    TooManyCodes,
    WrongCode,
)
from kolaborasi.people.models import (
    Contact,
    ContactChannel,
    Person,
)
from kolaborasi.people.permissions import TABLE
from kolaborasi.people.services.identity import lock, subject_of


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
        locked = lock(person)
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
            verb="people.request_code",
            subject=subject_of(person),
            by=by,
            now=now,
            detail={"channel": channel},
        )
        emit(name="people.code_requested", subject=subject_of(person), now=now, data={"channel": channel})


def confirm_contact(*, person: Person, channel: str, code: str, by: Actor, now: datetime) -> None:
    """Confirm a contact with the code that was sent to it.

    Must be called outside any transaction: a wrong try is kept although the verb refuses.

    Raises:
        WrongCode: not the code, too late, or tried too often.
    """
    TABLE.require(by, "confirm_contact")
    contact_channel = contact_of(channel)
    with transaction.atomic(durable=True):
        locked = lock(person)
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
        locked = lock(person)
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


def contact_of(channel: str) -> str:
    """The contact a message channel uses: `email`, or `phone` for SMS and WhatsApp."""
    return {"email": ContactChannel.EMAIL, "sms": ContactChannel.PHONE, "whatsapp": ContactChannel.PHONE}[
        channel
    ].value


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
    record(verb=verb, subject=subject_of(person), by=by, now=now, detail={"channel": channel})
    emit(name="people.contact_confirmed", subject=subject_of(person), now=now, data={"channel": channel})
