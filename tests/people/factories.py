"""Persons and accounts for tests: visibly fictitious."""

from __future__ import annotations

from datetime import UTC, datetime

from kolaborasi.common.actors import Actor
from kolaborasi.people import services
from kolaborasi.people.models import Person, User

SYSTEM = Actor.system("test")
MOMENT = datetime(2021, 7, 12, 3, 0, tzinfo=UTC)
NIK = "3171014107900001"
"""A woman born on 1 July 1990, first registered in Gambir, Jakarta Pusat."""


def person(**identity: str) -> Person:
    """A registered person; a fictitious name when nothing is given."""
    known = services.Identity(**(identity or {"name": "Warga Contoh"}))
    return services.register(identity=known, by=SYSTEM, now=MOMENT)


def account(email: str = "warga@contoh.example", *, of: Person | None = None) -> User:
    """An account that may sign in with the password `Kampung-Aman-21`."""
    user = User(email=email, person=of, joined_at=MOMENT)
    user.set_password("Kampung-Aman-21")
    user.save()
    return user
