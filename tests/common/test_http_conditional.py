"""Entity tags: the same for the same representation, and heeded on readings and changes."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import RequestFactory
from ninja import Schema
from ninja.renderers import JSONRenderer

from kolaborasi.common.http.conditional import (
    ChangedSince,
    plain,
    require_match,
    tag_of,
    tag_of_content,
    unless_known,
)

GET = RequestFactory().get


class Thing(Schema):
    """A representation."""

    b: int
    a: datetime


THING = Thing(b=1, a=datetime(2021, 7, 12, 3, 0, 0, 123456, tzinfo=UTC))


def test_tag_is_that_of_the_content_ninja_sends() -> None:
    sent = JSONRenderer().render(GET("/"), THING.model_dump(), response_status=200)
    assert tag_of(THING) == tag_of(plain(THING)) == tag_of_content(sent.encode())
    assert tag_of(THING) != tag_of(Thing(b=2, a=THING.a))
    assert tag_of(THING).startswith('"')
    assert len(tag_of(THING)) == 34


@pytest.mark.parametrize(
    ("header", "status"),
    [
        ("", 200),
        ('"other"', 200),
        ("{tag}", 304),
        ("W/{tag}", 304),
        ('"other", {tag}', 304),
        ("*", 304),
    ],
)
def test_reading_is_not_sent_again_when_known(header: str, status: int) -> None:
    tag = tag_of(THING)
    headers = {"If-None-Match": header.format(tag=tag)} if header else {}
    given = HttpResponse("body")
    given["Link"] = '<x>; rel="next"'
    answer = unless_known(GET("/", headers=headers), given, tag)
    assert (answer.status_code, answer["ETag"], answer["Link"]) == (status, tag, '<x>; rel="next"')
    assert bool(answer.content) == (status == 200)


@pytest.mark.parametrize("header", ["", "*", "{tag}", '"other", {tag}'])
def test_change_of_the_version_that_was_seen_goes_on(header: str) -> None:
    headers = {"If-Match": header.format(tag=tag_of(THING))} if header else {}
    require_match(GET("/", headers=headers), lambda: THING)


@pytest.mark.parametrize("header", ['"other"', "W/{tag}", "nonsense"])
def test_change_of_another_version_is_refused(header: str) -> None:
    request = GET("/", headers={"If-Match": header.format(tag=tag_of(THING))})
    with pytest.raises(ChangedSince):
        require_match(request, lambda: THING)


def test_present_version_is_made_only_when_it_is_needed() -> None:
    def present() -> Any:
        raise AssertionError("not needed")

    require_match(GET("/"), present)
    require_match(GET("/", headers={"If-Match": "*"}), present)
