"""A write with a key is done once."""

from __future__ import annotations

import hashlib
import json
from datetime import timedelta
from typing import Any

import pytest

from kolaborasi.common.errors import Refused
from kolaborasi.common.idempotency import Answer, KeyReused, fingerprint, forget, once, once_in_steps
from kolaborasi.common.models import AnsweredRequest
from tests.conftest import NOW
from tests.races.parallel import together


def refuse() -> None:
    raise Refused("no")


@pytest.mark.django_db
def test_repeated_key_gets_the_first_answer_and_writes_nothing() -> None:
    written: list[int] = []

    def write() -> int:
        written.append(1)
        return len(written)

    given = {"scope": "a", "key": "k", "content": {"n": 1}, "now": NOW, "write": write}
    assert once(**given) == Answer(1, repeated=False)
    assert once(**given) == Answer(1, repeated=True)
    assert once(**{**given, "scope": "b"}) == Answer(2, repeated=False)


@pytest.mark.django_db
def test_write_that_returns_nothing_is_still_done_once() -> None:
    calls: list[None] = []
    for repeated in (False, True):
        answer = once(scope="a", key="k", content=1, now=NOW, write=lambda: calls.append(None))
        assert answer == Answer(None, repeated=repeated)
    assert len(calls) == 1


@pytest.mark.django_db
def test_key_used_for_other_content_is_refused() -> None:
    once(scope="a", key="k", content=1, now=NOW, write=lambda: 1)
    with pytest.raises(KeyReused):
        once(scope="a", key="k", content=2, now=NOW, write=lambda: 2)
    assert AnsweredRequest.objects.get().answer == {"value": 1}


@pytest.mark.django_db
def test_refused_write_may_be_tried_again_with_the_same_key() -> None:
    with pytest.raises(Refused):
        once(scope="a", key="k", content=1, now=NOW, write=refuse)
    assert once(scope="a", key="k", content=1, now=NOW, write=lambda: 1) == Answer(1, repeated=False)


@pytest.mark.django_db
def test_steps_with_a_repeated_key_are_not_done_again() -> None:
    written: list[int] = []

    def write() -> int:
        written.append(1)
        return len(written)

    given = {"scope": "a", "key": "k", "content": {"n": 1}, "now": NOW, "write": write}
    assert once_in_steps(**given) == Answer(1, repeated=False)
    assert once_in_steps(**given) == Answer(1, repeated=True)
    with pytest.raises(KeyReused):
        once_in_steps(**{**given, "content": {"n": 2}})
    assert written == [1]


@pytest.mark.django_db
def test_steps_that_were_cut_off_are_tried_again_with_the_same_key() -> None:
    with pytest.raises(Refused):
        once_in_steps(scope="a", key="k", content=1, now=NOW, write=refuse)
    assert once_in_steps(scope="a", key="k", content=1, now=NOW, write=lambda: 1) == Answer(1, repeated=False)


def test_fingerprint_cannot_be_computed_without_the_platform_s_secret(settings: Any) -> None:
    content = {"typed": {"email": ["warga@contoh.example"], "phone": ["081200000000"]}}
    text = json.dumps(content, sort_keys=True)
    own = fingerprint(content)
    assert own == fingerprint(dict(content))
    assert own != fingerprint({"typed": {"email": ["warga@contoh.example"], "phone": ["081200000001"]}})
    assert own != hashlib.sha256(text.encode()).hexdigest()
    settings.SECRET_KEY = "another secret of another city"
    assert fingerprint(content) != own


class Counted(Refused):
    """A refusal whose try stays on record."""

    leaves_a_trace = True


@pytest.mark.django_db
@pytest.mark.parametrize(("refusal", "kept"), [(Counted, ["try"]), (Refused, [])])
def test_refusal_keeps_what_it_recorded_only_when_it_says_so(refusal: type[Refused], kept: list[str]) -> None:
    def write() -> None:
        AnsweredRequest.objects.create(scope="trace", key="try", fingerprint="", answered_at=NOW)
        raise refusal("no")

    with pytest.raises(refusal):
        once(scope="a", key="k", content={}, now=NOW, write=write)
    assert list(AnsweredRequest.objects.filter(scope="trace").values_list("key", flat=True)) == kept
    # The key is free for another try.
    assert once(scope="a", key="k", content={}, now=NOW, write=lambda: "done") == Answer(
        "done", repeated=False
    )


@pytest.mark.django_db
def test_answers_are_forgotten_after_a_week() -> None:
    once(scope="a", key="k", content=1, now=NOW, write=lambda: 1)
    assert forget(now=NOW + timedelta(days=7)) == 0
    assert forget(now=NOW + timedelta(days=7, seconds=1)) == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.xdist_group("races")
def test_same_key_sent_by_many_at_once_writes_once() -> None:
    written: list[int] = []

    def send() -> Answer:
        return once(scope="a", key="k", content=1, now=NOW, write=lambda: written.append(1) or 1)

    answers = together([send] * 20)
    assert sum(not answer.repeated for answer in answers) == 1
    assert {answer.value for answer in answers} == {1}
    assert written == [1]


@pytest.mark.django_db(transaction=True)
@pytest.mark.xdist_group("races")
def test_steps_of_the_same_key_sent_by_many_at_once_are_done_by_one() -> None:
    written: list[int] = []

    def send() -> Answer:
        return once_in_steps(scope="a", key="k", content=1, now=NOW, write=lambda: written.append(1) or 1)

    answers = together([send] * 8)
    assert sum(not answer.repeated for answer in answers) == 1
    assert written == [1]
