"""What the tests of partners share: English messages, accounts signed in with and without a second factor."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from django.test import Client
from django.utils import translation

from kolaborasi.people.models import User


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    with translation.override("en"):
        yield


def sign_in(client: Client, user: User, *, second_factor: bool = True) -> Client:
    """Sign an account in, as the account library leaves the session after its steps; pages in English."""
    client.force_login(user)
    client.cookies["django_language"] = "en"
    session = client.session
    records = [{"method": "password", "at": time.time()}]
    if second_factor:
        records.append({"method": "mfa", "at": time.time(), "type": "totp"})
    session["account_authentication_methods"] = records
    session["account_authentication_methods_user"] = str(user.pk)
    session.save()
    return client
