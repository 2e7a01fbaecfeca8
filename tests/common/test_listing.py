"""List pages: search, filters, sort, pages, htmx, empty and error states, query count."""

from __future__ import annotations

import itertools
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.test import RequestFactory
from django.utils import translation

from kolaborasi.common.models import AnsweredRequest
from kolaborasi.common.pages import Column, Filter, ListPage
from kolaborasi.common.pages.listing import BadParameters
from tests.conftest import NOW
from tests.support import assert_same_queries

pytestmark = pytest.mark.django_db
numbers = itertools.count(1)


class Answers(ListPage):
    """A list over the one table of the common room."""

    title = "Answers"
    columns = (
        Column("scope", "Scope", sort="scope", link=lambda row: f"/answers/{row.pk}"),
        Column("key", "Key", sort=("key", "scope")),
        Column("at", "At", "answered_at", sort="answered_at"),
        Column("secret", "Secret", "fingerprint", shown=False, exported=False),
    )
    search_fields = ("scope", "key")
    filters = (
        Filter.choice("key", "Key", [("a", "Key A"), ("b", "Key B")], lookup="key"),
        Filter.date("since", "Since", lookup="answered_at__date__gte"),
        Filter.flag("late", "Late", apply=lambda rows, _: rows.filter(answered_at__gt=NOW)),
    )
    default_sort = "scope"
    page_size = 2
    export_name = "answers"


def row(scope: str = "", key: str = "a", days: int = 0) -> AnsweredRequest:
    return AnsweredRequest.objects.create(
        scope=scope or f"scope {next(numbers):04}",
        key=key,
        fingerprint="f",
        answered_at=NOW + timedelta(days=days),
    )


def asked(query: str = "", htmx: Any = False) -> HttpRequest:
    request = RequestFactory().get(f"/answers/{query}")
    request.user = AnonymousUser()
    request.htmx = htmx  # type: ignore[attr-defined]
    return request


def listed(query: str = "") -> Answers:
    return Answers(asked(query), AnsweredRequest.objects.all())


def scopes(page: ListPage) -> list[str]:
    return [each.scope for each in page.page]


def text(query: str = "", rows: Any = None, htmx: Any = False) -> str:
    rows = AnsweredRequest.objects.all() if rows is None else rows
    response: Any = Answers(asked(query, htmx), rows).response()
    assert response.status_code == 200
    return response.content.decode()


def test_list_costs_two_queries_for_one_and_for_three_rows() -> None:
    assert_same_queries(2, ask=lambda: text("?size=50"), add_row=row)


def test_search_wants_every_word_in_any_field() -> None:
    row("red apple"), row("red pear", "apple"), row("green apple")
    assert scopes(listed("?q=APPLE+red")) == ["red apple", "red pear"]


def test_filters_narrow_together() -> None:
    row("one", "a", 0), row("two", "b", 0), row("three", "b", 5)
    assert scopes(listed("?key=b")) == ["three", "two"]
    assert scopes(listed("?key=b&since=2021-07-15")) == ["three"]
    assert scopes(listed("?late=on")) == ["three"]


def test_sort_follows_the_address_both_ways() -> None:
    row("x", "b"), row("y", "a"), row("z", "a")
    assert scopes(listed("?sort=key&size=10")) == ["y", "z", "x"]
    assert scopes(listed("?sort=-key&size=10")) == ["x", "z", "y"]


@pytest.mark.parametrize("sort", ["fingerprint", "secret", "--scope", "scope__x", "pk; DROP"])
def test_sort_not_on_the_list_is_named_and_left_out(sort: str) -> None:
    row("b"), row("a")
    page = listed(f"?sort={sort}")
    assert scopes(page) == ["a", "b"]
    with translation.override("en"):
        assert page.bad_parameters == ["Sort order"]


@pytest.mark.parametrize(
    ("query", "name"),
    [("?key=zzz", "Key"), ("?since=yesterday", "Since"), ("?q=%00", "Search"), ("?size=many", "Rows a page")],
)
def test_bad_parameter_is_named_on_the_page_and_the_rest_is_shown(query: str, name: str) -> None:
    row("kept")
    with translation.override("en"):
        content = text(query)
    assert "Part of this address was not understood" in content
    assert f"<strong>{name}</strong>" in content
    assert "kept" in content


def test_page_size_has_a_limit() -> None:
    assert listed("?size=5000").size == 100
    assert listed("?size=50").size == 50
    assert listed("").size == 2


@pytest.mark.parametrize(
    ("page", "shown"), [("1", ["a", "b"]), ("2", ["c"]), ("99", ["c"]), ("x", ["a", "b"])]
)
def test_page_asked_for_is_shown_or_the_nearest(page: str, shown: list[str]) -> None:
    row("a"), row("b"), row("c")
    assert scopes(listed(f"?page={page}")) == shown


def test_links_keep_filters_and_drop_unknown_parameters() -> None:
    page = listed("?key=b&q=x+y&utm=1&page=3")
    assert page.address(sort="-scope", page=None) == "/answers/?q=x+y&key=b&sort=-scope"
    assert page.plain_address == "/answers/"
    assert page.export_address == "/answers/?q=x+y&key=b&format=csv"


def test_active_filters_are_named_with_the_way_to_remove_each() -> None:
    active = listed("?key=b&q=x&late=on").active
    assert [(str(each["label"]), each["value"], each["address"]) for each in active[1:]] == [
        ("Key", "Key B", "/answers/?q=x&late=on"),
        ("Late", "", "/answers/?q=x&key=b"),
    ]
    assert active[0]["address"] == "/answers/?key=b&late=on"


def test_htmx_gets_the_results_alone_and_history_the_whole_page() -> None:
    row("a")
    partial = text(htmx=SimpleNamespace(history_restore_request=False))
    whole = text(htmx=SimpleNamespace(history_restore_request=True))
    assert partial.lstrip().startswith('<section id="list"')
    assert whole.lstrip().startswith("<!doctype html>")


def test_caches_keep_page_and_partial_apart() -> None:
    assert "HX-Request" in Answers(asked(), AnsweredRequest.objects.all()).response()["Vary"]


def test_empty_list_and_empty_result_say_different_things() -> None:
    with translation.override("en"):
        assert "Nothing here yet" in text()
        row("a")
        content = text("?q=nothing-like-this")
    assert "Nothing matches these filters" in content
    assert 'href="/answers/"' in content


def test_cells_are_escaped() -> None:
    row("<script>alert(1)</script>")
    content = text()
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in content
    assert "<script>alert" not in content


def test_plain_rows_are_searched_filtered_and_sorted_by_their_values() -> None:
    class Plain(ListPage):
        columns = (Column("name", "Name", sort=True), Column("size", "Size", "size", sort=True))
        search_fields = ("name",)
        filters = (Filter.choice("kind", "Kind", [("x", "X"), ("y", "Y")]),)
        default_sort = "-size"

    rows = [
        {"name": "Tebet", "size": 2, "kind": "x"},
        {"name": "Gambir", "size": None, "kind": "x"},
        {"name": "Senen", "size": 10, "kind": "y"},
    ]

    def names(query: str) -> list[str]:
        return [each["name"] for each in Plain(asked(query), rows).page]

    assert names("") == ["Senen", "Tebet", "Gambir"]
    assert names("?sort=size") == ["Tebet", "Senen", "Gambir"]
    assert names("?kind=x&sort=name") == ["Gambir", "Tebet"]
    assert names("?q=SEN") == ["Senen"]


def test_file_is_refused_when_a_filter_cannot_be_used() -> None:
    row("a")
    with translation.override("en"), pytest.raises(BadParameters) as refusal:
        listed("?format=csv&key=zzz").response()
    assert refusal.value.status == 400
    assert (
        str(refusal.value) == "The file was not made, because this cannot be used: Key. Correct the filters."
    )
