"""What the tests of the aid pages share: people signed in, forms filled in, photos."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from django.utils.timezone import localdate
from PIL import Image

from kolaborasi.aid import services
from kolaborasi.aid.models import NeedLine, Pledge
from kolaborasi.aid.services.pledges import Donor
from kolaborasi.common.actors import Actor
from kolaborasi.common.clock import utc_now
from kolaborasi.messages.models import Message
from kolaborasi.people.models import User
from kolaborasi.people.services import Identity
from kolaborasi.places.models import Place, PlaceKind
from tests.factories import KelurahanFactory, MembershipFactory, UserFactory, person

SOON = timedelta(days=3)


def soon() -> str:
    """A day a few days from now, as a form writes it."""
    return (localdate() + SOON).isoformat()


def fill(**values: Any) -> dict[str, Any]:
    """A form as sent, with a fresh idempotency key."""
    return {"idempotency_key": str(uuid4()), **values}


def visitor_form(line: NeedLine, **values: Any) -> dict[str, Any]:
    """The pledge form as a visitor fills it in."""
    return fill(
        line=line.pk,
        quantity=values.pop("quantity", 5),
        deliver_date=soon(),
        name="Warga Contoh",
        email="penolong@contoh.example",
        **values,
    )


def rw_place() -> Place:
    """RW 012 of a kelurahan of its own."""
    above = KelurahanFactory()
    return Place.objects.create(
        kind=PlaceKind.RW,
        code=f"{above.code}/012",
        name="RW 012",
        search_name="RW012",
        parent=above,
        latitude=above.latitude,
        longitude=above.longitude,
    )


def helper() -> User:
    """An account whose person is known."""
    known = person(email=f"penolong.{uuid4().hex[:8]}@contoh.example")
    return UserFactory(person=known)


def member(role: str, **limits: Any) -> User:
    """An account with one role."""
    user = helper()
    MembershipFactory(user=user, role=role, **limits)
    return user


def signed_in(user: User) -> Client:
    """A browser in which the account is signed in."""
    client = Client()
    client.force_login(user)
    return client


def promised(line: NeedLine, quantity: int = 10, *, identity: Identity | None = None) -> tuple[Pledge, str]:
    """A visitor's confirmed promise and the token of its link."""
    made = services.pledge(
        need_line=line,
        donor=Donor(identity=identity or Identity(name="Warga Contoh", email="penolong@contoh.example")),
        quantity=quantity,
        deliver_date=localdate() + SOON,
        by=Actor.visitor(),
        now=utc_now(),
    )
    services.confirm_pledge(pledge=made.pledge, by=Actor.visitor(), now=utc_now())
    return Pledge.objects.get(pk=made.pledge.pk), made.token


def link_in_outbox() -> str:
    """The link of the newest message."""
    return str(Message.objects.latest("pk").context["link"])


def photo(name: str = "serah-terima.jpg") -> SimpleUploadedFile:
    """A small picture, as a phone would send it."""
    content = io.BytesIO()
    Image.new("RGB", (64, 48), (120, 90, 60)).save(content, "JPEG")
    return SimpleUploadedFile(name, content.getvalue(), content_type="image/jpeg")


def text_of(response: Any) -> str:
    """The page as text."""
    page: HttpResponse = response
    return page.content.decode()
