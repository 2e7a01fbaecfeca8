"""Guessing a code from many sessions at once, and registering one NIK from many sessions at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import pytest
from django.db import connection, transaction

from kolaborasi.common.actors import Actor
from kolaborasi.messages.models import Message
from kolaborasi.people import services
from kolaborasi.people.errors import AlreadyRegistered, TooManyCodes, WrongCode
from kolaborasi.people.models import Contact, Person
from kolaborasi.people.rules import MOST_ATTEMPTS
from tests.people.factories import NIK, SYSTEM, person

pytestmark = pytest.mark.django_db(transaction=True)

VISITOR = Actor.visitor()
PATIENCE_SECONDS = 30


def test_parallel_guesses_are_all_counted_and_stop_at_ten(now: datetime) -> None:
    somebody = person(email="warga@contoh.example")
    services.request_code(person=somebody, channel="email", by=VISITOR, now=now)
    right = int(Message.objects.get().context["code"])

    def guess(number: int) -> str:
        try:
            code = f"{(right + 1 + number) % 10**6:06d}"
            services.confirm_contact(person=somebody, channel="email", code=code, by=VISITOR, now=now)
        except WrongCode:
            return "wrong"
        finally:
            connection.close()
        return "right"

    with ThreadPoolExecutor(15) as pool:
        assert list(pool.map(guess, range(25), timeout=PATIENCE_SECONDS)) == ["wrong"] * 25
    assert Contact.objects.get().attempts == MOST_ATTEMPTS


def test_one_right_code_confirms_one_of_many_sessions(now: datetime) -> None:
    somebody = person(email="warga@contoh.example")
    services.request_code(person=somebody, channel="email", by=VISITOR, now=now)
    code = Message.objects.get().context["code"]

    def confirm(_number: int) -> str:
        try:
            services.confirm_contact(person=somebody, channel="email", code=code, by=VISITOR, now=now)
        except WrongCode:
            return "wrong"
        finally:
            connection.close()
        return "right"

    with ThreadPoolExecutor(6) as pool:
        results = list(pool.map(confirm, range(6), timeout=PATIENCE_SECONDS))
    assert results.count("right") == 1


def test_parallel_requests_send_one_code(now: datetime) -> None:
    somebody = person(email="warga@contoh.example")

    def ask(_number: int) -> bool:
        try:
            services.request_code(person=somebody, channel="email", by=VISITOR, now=now)
        except TooManyCodes:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(ask, range(8), timeout=PATIENCE_SECONDS)).count(True) == 1
    assert Message.objects.count() == 1


def test_one_nik_from_many_sessions_makes_one_person(now: datetime) -> None:
    def register(_number: int) -> bool:
        try:
            services.register(identity=services.Identity(nik=NIK), by=SYSTEM, now=now)
        except AlreadyRegistered:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(register, range(8), timeout=PATIENCE_SECONDS)).count(True) == 1
    assert Person.objects.count() == 1


def test_confirming_inside_another_transaction_is_a_mistake(now: datetime) -> None:
    somebody = person(email="warga@contoh.example")
    with pytest.raises(RuntimeError), transaction.atomic():
        services.confirm_contact(person=somebody, channel="email", code="000000", by=VISITOR, now=now)
