"""What the tests of residents' pages share: sessions in the future, filled-in forms, people with cards."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

from django.test import Client
from django.utils.timezone import localdate

from kolaborasi.common.clock import utc_now
from kolaborasi.messages.models import Message
from kolaborasi.people.models import User
from kolaborasi.people.services import Identity
from kolaborasi.vaccination import services
from kolaborasi.vaccination.models import Recipient, Session, Slot
from kolaborasi.vaccination.passes import card_link
from tests.factories import UserFactory, staff
from tests.vaccination.factories import SYSTEM, product, session, slot

NIK, BORN = "3171014107900001", date(1990, 7, 1)
CONTACT = "budi@contoh.example"


def soon() -> date:
    """A day in three days."""
    return localdate() + timedelta(days=3)


def coming(**settings: Any) -> Session:
    """A session of that day that can be booked now."""
    return session(day=soon(), **{"with_lot": lot_for(settings.get("of", "coronavac")), **settings})


def lot_for(of: str) -> Any:
    """A lot that does not expire before the session."""
    from tests.vaccination.factories import lot

    return lot(of=of, expires=soon() + timedelta(days=200))


def window(of: Session) -> Slot:
    """Its first window."""
    return slot(of)


def fill(**values: Any) -> dict[str, Any]:
    """A form as sent, with a fresh idempotency key."""
    return {"idempotency_key": str(uuid4()), **values}


def applicant(**values: Any) -> dict[str, Any]:
    """The form of a visitor who is not known."""
    known = {"name": "Budi Contoh", "nik": NIK, "birth_date": BORN.isoformat(), "email": CONTACT}
    return fill(**{**known, "residence": "outside", "phone": "", "passport": "", **values})


def enrolled(**identity: Any) -> Recipient:
    """Somebody on record with a contact."""
    known = {"name": "Budi Contoh", "nik": NIK, "email": CONTACT, **identity}
    return services.enrol(identity=Identity(**known), birth_date=BORN, by=SYSTEM, now=utc_now())


def dosed(who: Recipient, number: int = 1, *, days_ago: int = 60, of: str = "coronavac") -> None:
    """A dose on somebody's record."""
    services.record_elsewhere(
        recipient=who,
        product=product(of),
        number=number,
        given_at=utc_now() - timedelta(days=days_ago),
        lot_code=f"LOT{number}",
        by=staff("verifier"),
        now=utc_now(),
    )


def card(who: Recipient) -> str:
    """Address of somebody's card."""
    return card_link(who.pk, now=utc_now())


def account(who: Recipient) -> tuple[User, Client]:
    """The account of somebody with a card, and a browser in which it is signed in."""
    user = UserFactory(person=who.person)
    client = Client()
    client.force_login(user)
    return user, client


def last_link() -> str:
    """The link in the newest message."""
    return str(Message.objects.latest("pk").context["link"])
