"""Cursors: each row that stays is shown once, whatever comes or goes meanwhile."""

from __future__ import annotations

from typing import Any

import pytest
from django.http import HttpResponse
from django.test import RequestFactory
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from kolaborasi.common.http.cursors import CursorUnknown, PageQuery, next_link, slice_of
from kolaborasi.common.models import AnsweredRequest
from tests.conftest import NOW


def _rows(scopes: list[int]) -> list[int]:
    made = AnsweredRequest.objects.bulk_create(
        AnsweredRequest(scope=str(scope), key=str(number), fingerprint="", answered_at=NOW)
        for number, scope in enumerate(scopes)
    )
    return [row.pk for row in made]


def _walk(order: tuple[str, ...], limit: int) -> list[int]:
    shown: list[int] = []
    cursor = ""
    while True:
        part = slice_of(
            AnsweredRequest.objects.all(), order=order, page=PageQuery(limit=limit, cursor=cursor)
        )
        assert len(part.rows) <= limit
        shown += [row.pk for row in part.rows]
        if not part.cursor:
            return shown
        cursor = part.cursor


class TestWalk(TestCase):
    """Hypothesis, each example in a transaction of its own."""

    @given(
        st.lists(st.integers(0, 3), max_size=12),
        st.integers(1, 5),
        st.sampled_from(
            [("scope", "pk"), ("-scope", "pk"), ("scope", "-pk"), ("-answered_at", "-scope", "-pk")]
        ),
    )
    @settings(max_examples=60, deadline=None)
    def test_pages_together_are_the_list(self, scopes: list[int], limit: int, order: tuple[str, ...]) -> None:
        _rows(scopes)
        whole = list(AnsweredRequest.objects.order_by(*order).values_list("pk", flat=True))
        assert _walk(order, limit) == whole


@pytest.mark.django_db
def test_row_that_comes_before_the_cursor_shifts_nothing() -> None:
    first, second, third = _rows([1, 2, 3])
    order = ("scope", "pk")
    part = slice_of(AnsweredRequest.objects.all(), order=order, page=PageQuery(limit=2))
    assert [row.pk for row in part.rows] == [first, second]
    _rows([0])
    AnsweredRequest.objects.filter(pk=second).delete()
    rest = slice_of(AnsweredRequest.objects.all(), order=order, page=PageQuery(limit=2, cursor=part.cursor))
    assert ([row.pk for row in rest.rows], rest.cursor) == ([third], "")


@pytest.mark.django_db
@pytest.mark.parametrize(
    "other",
    [
        {"order": ("-scope", "pk")},
        {"question": {"item": "masker"}},
        {"cursor": "forged"},
        {"cursor": "a:b:c"},
    ],
)
def test_cursor_of_another_list_is_refused(other: dict[str, Any]) -> None:
    _rows([1, 2])
    asked = {"order": ("scope", "pk"), "question": {"item": "sembako"}}
    part = slice_of(AnsweredRequest.objects.all(), page=PageQuery(limit=1), **asked)
    cursor = other.pop("cursor", part.cursor)
    with pytest.raises(CursorUnknown):
        slice_of(AnsweredRequest.objects.all(), page=PageQuery(cursor=cursor), **{**asked, **other})


@pytest.mark.django_db
def test_cursor_keeps_moments_to_the_microsecond() -> None:
    rows = _rows([1, 2])
    AnsweredRequest.objects.filter(pk=rows[0]).update(answered_at=NOW.replace(microsecond=1))
    AnsweredRequest.objects.filter(pk=rows[1]).update(answered_at=NOW.replace(microsecond=2))
    assert _walk(("-answered_at", "-pk"), 1) == [rows[1], rows[0]]


def test_next_link_keeps_the_question_and_is_in_the_header() -> None:
    request, response = RequestFactory().get("/api/v1/x?item=a%26b&cursor=old&limit=2"), HttpResponse()
    assert next_link(request, response, "new") == "/api/v1/x?item=a%26b&cursor=new&limit=2"
    assert response["Link"] == '</api/v1/x?item=a%26b&cursor=new&limit=2>; rel="next"'
    last = HttpResponse()
    assert next_link(request, last, "") is None
    assert not last.has_header("Link")
