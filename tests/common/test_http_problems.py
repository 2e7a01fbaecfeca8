"""Problem documents and the sentences in them."""

from __future__ import annotations

import json

import pytest
from django.test import RequestFactory
from django.utils import translation

from kolaborasi.common.actors import Actor
from kolaborasi.common.errors import NotPermitted, Refused
from kolaborasi.common.http.problems import TITLES, problem, refusal
from kolaborasi.common.http.validation import field_errors


def test_problem_has_the_members_of_the_standard() -> None:
    request = RequestFactory().get("/api/v1/x")
    request.id = "abc"  # type: ignore[attr-defined]
    with translation.override("en"):
        response = problem(request, 404)
    assert response["Content-Type"] == "application/problem+json"
    assert json.loads(response.content) == {
        "type": "/api/v1/problems/not-found",
        "title": "This was not found",
        "status": 404,
        "detail": "Check the address, or begin at the list.",
        "code": "not-found",
        "request_id": "abc",
    }


@pytest.mark.parametrize("status", TITLES)
def test_problem_of_every_status_speaks_both_languages(status: int) -> None:
    request = RequestFactory().get("/api/v1/x")
    texts = set()
    for language in ("id", "en"):
        with translation.override(language):
            texts.add(json.loads(problem(request, status).content)["title"])
    assert len(texts) == 2


def test_refusal_tells_its_numbers_but_never_in_place_of_a_member() -> None:
    error = Refused("No.", code="short", details={"left": 3, "status": "odd", "title": "odd"})
    body = json.loads(refusal(RequestFactory().get("/"), error).content)
    assert (body["left"], body["status"], body["code"]) == (3, 422, "short")
    assert body["title"] != "odd"


def test_refused_permission_asks_a_visitor_to_sign_in_and_tells_others_no() -> None:
    request = RequestFactory().get("/")
    request.actor = Actor.visitor()  # type: ignore[attr-defined]
    response = refusal(request, NotPermitted())
    assert (response.status_code, response["WWW-Authenticate"]) == (401, 'Bearer realm="kolaborasi"')
    request.actor = Actor.user(7)  # type: ignore[attr-defined]
    response = refusal(request, NotPermitted())
    assert (response.status_code, json.loads(response.content)["code"]) == (403, "not-permitted")


def test_field_error_points_into_the_body_and_never_repeats_the_value() -> None:
    raw = {
        "loc": ("body", "payload", "a/b", 0, "c~d"),
        "type": "int_parsing",
        "msg": "x",
        "input": "3171014107900001",
    }
    with translation.override("en"):
        assert field_errors([raw]) == [
            {"place": "body", "pointer": "#/a~1b/0/c~0d", "detail": "Give a whole number."}
        ]


def test_field_error_of_an_unknown_kind_has_a_sentence_too() -> None:
    with translation.override("en"):
        (found,) = field_errors([{"loc": ("query", "x"), "type": "something_new"}])
        assert found["detail"] == "This value is not accepted; see the description of the field."
        (found,) = field_errors(
            [{"loc": ("query", "x"), "type": "value_error", "ctx": {"error": "Own words."}}]
        )
        assert found["detail"] == "Own words."


def test_choices_are_listed_without_english_between_them() -> None:
    error = {"loc": ("query", "x"), "type": "enum", "ctx": {"expected": "'a', 'b' or 'c'"}}
    with translation.override("id"):
        assert field_errors([error])[0]["detail"] == "Beri salah satu dari: 'a', 'b', 'c'."
