"""What the tests of the hospital pages share: people signed in, forms filled in."""

from __future__ import annotations

import time
from typing import Any
from uuid import uuid4

from django.http import HttpResponse
from django.test import Client

from kolaborasi.partners.models import Site
from kolaborasi.people.models import User
from tests.factories import MembershipFactory, UserFactory, person


def fill(**values: Any) -> dict[str, Any]:
    """A form as sent, with a fresh idempotency key."""
    return {"idempotency_key": str(uuid4()), **values}


def member(role: str, **limits: Any) -> User:
    """An account with one role."""
    user = UserFactory(person=person(email=f"petugas.{uuid4().hex[:8]}@contoh.example"))
    MembershipFactory(user=user, role=role, **limits)
    return user


def signed_in(user: User) -> Client:
    """A browser in which the account is signed in with its second factor."""
    client = Client()
    client.force_login(user)
    session = client.session
    session["account_authentication_methods"] = [{"method": "mfa", "type": "totp", "at": time.time()}]
    session["account_authentication_methods_user"] = str(user.pk)
    session.save()
    return client


def dispatcher() -> Client:
    """A coordinator of the whole city."""
    return signed_in(member("coordinator"))


def staff(site: Site, role: str = "partner_member") -> Client:
    """Somebody who works for the partner of a site."""
    return signed_in(member(role, partner=site.partner))


def text_of(response: Any) -> str:
    """The page as text."""
    page: HttpResponse = response
    return page.content.decode()
