"""Writes of the API: done once, and their kept answers opened by their key alone."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpRequest
from django.test import RequestFactory
from ninja import Schema

from kolaborasi.common.actors import Actor
from kolaborasi.common.errors import Refused
from kolaborasi.common.http.sealing import AnswerLost, open_, seal
from kolaborasi.common.http.writes import KeyMalformed, KeyMissing, Written, digest_of, write_once
from kolaborasi.common.idempotency import KeyReused
from kolaborasi.common.models import AnsweredRequest
from tests.races.parallel import together

KEY = "8e03978e-40d5-43dd-bc93-6894a57f9324"


class Body(Schema):
    """An answer."""

    token: str


class Counted(Refused):
    """A refusal whose trace stays."""

    code = "counted"
    leaves_a_trace = True


def _request(key: str = KEY, *, actor: Actor | None = None, path: str = "/api/v1/x") -> HttpRequest:
    request = RequestFactory().post(path, headers={"Idempotency-Key": key} if key else {})
    request.actor = actor or Actor.user(7)  # type: ignore[attr-defined]
    return request


class Act:
    """A write that counts how often it was done."""

    def __init__(self, refusal: Refused | None = None) -> None:
        self.times, self.refusal = 0, refusal

    def __call__(self) -> Written:
        self.times += 1
        if self.refusal:
            raise self.refusal
        return Written(Body(token=f"secret-{self.times}"), 201, "/api/v1/x/1")


@pytest.mark.django_db
def test_repeated_key_gets_the_first_answer_whole() -> None:
    act = Act()
    first = write_once(_request(), content={"n": 1}, write=act, needs_key=True)
    again = write_once(_request(f'"{KEY}"'), content={"n": 1}, write=act, needs_key=True)
    assert (again.status_code, again.content, again["Location"]) == (201, first.content, "/api/v1/x/1")
    assert (first.get("Idempotency-Replayed"), again.get("Idempotency-Replayed")) == (None, "true")
    assert act.times == 1


@pytest.mark.django_db
def test_kept_answer_and_content_cannot_be_read_without_the_key() -> None:
    write_once(_request(), content={"phone": "081200000000"}, write=Act())
    kept = AnsweredRequest.objects.get()
    row = json.dumps([kept.scope, kept.key, kept.fingerprint, kept.answer])
    assert KEY not in row
    assert "secret-1" not in row
    with pytest.raises(AnswerLost):
        open_(kept.answer["value"], key="another key of a client")


@pytest.mark.django_db
@pytest.mark.parametrize("other", [{"content": 2}, {"path": "/api/v1/y"}])
def test_key_for_another_request_is_refused(other: dict[str, Any]) -> None:
    act = Act()
    write_once(_request(), content=1, write=act)
    path = other.pop("path", "/api/v1/x")
    if path == "/api/v1/x":
        with pytest.raises(KeyReused):
            write_once(_request(path=path), content=other["content"], write=act)
        assert act.times == 1
    else:
        assert write_once(_request(path=path), content=1, write=act).status_code == 201
        assert act.times == 2


@pytest.mark.django_db
def test_key_of_another_caller_is_another_key() -> None:
    act = Act()
    for user in (7, 8):
        write_once(_request(actor=Actor.user(user)), content=1, write=act)
    assert act.times == 2


@pytest.mark.django_db
def test_write_without_key_is_done_each_time_unless_it_needs_one() -> None:
    act = Act()
    assert write_once(_request(""), write=act).status_code == 201
    assert write_once(_request(""), write=act).status_code == 201
    with pytest.raises(KeyMissing):
        write_once(_request(""), write=act, needs_key=True)
    assert (act.times, AnsweredRequest.objects.count()) == (2, 0)


@pytest.mark.parametrize("key", ["short", "x" * 256, "sixteen characters with blanks", '"' * 3])
def test_key_that_is_malformed_is_refused(key: str) -> None:
    with pytest.raises(KeyMalformed):
        write_once(_request(key), write=Act())


@pytest.mark.django_db
def test_refused_write_frees_its_key() -> None:
    act = Act(Refused("no"))
    for times in (1, 2):
        with pytest.raises(Refused):
            write_once(_request(), write=act)
        assert act.times == times
    assert AnsweredRequest.objects.count() == 0


@pytest.mark.django_db
@pytest.mark.parametrize(("key", "times"), [(KEY, 1), ("", 2)])
def test_refusal_that_leaves_a_trace_is_an_answer(key: str, times: int) -> None:
    act = Act(Counted("no"))
    for _attempt in range(2):
        response = write_once(_request(key), write=act)
        assert (response.status_code, json.loads(response.content)["code"]) == (422, "counted")
    assert act.times == times


def test_sealed_value_opens_with_its_key_alone() -> None:
    value = {"token": "x", "n": [1, None]}
    sealed = seal(value, key=KEY)
    assert open_(sealed, key=KEY) == value
    assert seal(value, key=KEY) != sealed
    with pytest.raises(AnswerLost):
        open_(sealed, key=KEY[:-1])


def test_answer_sealed_under_an_older_platform_key_is_lost(settings: Any) -> None:
    sealed = seal(1, key=KEY)
    settings.SECRET_KEY = "another"
    with pytest.raises(AnswerLost):
        open_(sealed, key=KEY)


def test_digest_of_an_upload_leaves_it_to_be_read() -> None:
    file = SimpleUploadedFile("a.jpg", b"abc")
    assert digest_of(file) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert file.read() == b"abc"
    assert digest_of(None) == ""


@pytest.mark.django_db(transaction=True)
@pytest.mark.xdist_group("races")
def test_same_key_sent_by_many_at_once_is_done_once() -> None:
    act = Act()
    answers = together([lambda: write_once(_request(), content=1, write=act, needs_key=True)] * 12)
    assert act.times == 1
    assert {answer.content for answer in answers} == {b'{"token": "secret-1"}'}
    assert sum(answer.has_header("Idempotency-Replayed") for answer in answers) == 11
