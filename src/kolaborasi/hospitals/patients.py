"""Who a patient is: found by NIK, or registered. The identity goes to `people`; this room keeps the pseudonymous id."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from kolaborasi.common.actors import Actor
from kolaborasi.people.errors import AlreadyRegistered
from kolaborasi.people.models import Person
from kolaborasi.people.queries import find_by_nik
from kolaborasi.people.services import Identity, register

ENROLMENT = Actor.system("hospital-enrolment")
"""Registers for the staff of health facilities, who may not register numbers at will."""


def patient_of(identity: Identity, now: datetime) -> Person:
    """The person of a NIK, or a newly registered one; call it in the transaction of the verb it is for.

    Nothing of somebody known is changed or shown: the one who asks learns no more than that a referral is open.

    Raises:
        NotANik, NotAContact: a value cannot be what it claims to be.
    """
    known = find_by_nik(identity.nik) if identity.nik else None
    if known is not None:
        return Person.objects.get(pk=known)
    try:
        with transaction.atomic():
            return register(identity=identity, by=ENROLMENT, now=now)
    except AlreadyRegistered:
        # Another desk registered the same NIK at the same moment.
        known = find_by_nik(identity.nik)
        if known is None:
            raise
        return Person.objects.get(pk=known)
