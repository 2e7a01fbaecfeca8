"""Errors: each a problem document, in the language of the request, telling nothing it should not."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.db import OperationalError
from django.http import HttpRequest
from django.test import Client, RequestFactory

from kolaborasi.api.failures import broken
from kolaborasi.config.failures import server_error
from tests.api.conftest import Api, check_documented
from tests.factories import MembershipFactory, UserFactory


def _problem(response: Any) -> dict[str, Any]:
    assert response["Content-Type"] == "application/problem+json"
    body = json.loads(response.content)
    assert body["status"] == response.status_code
    return body


@pytest.mark.parametrize("path", ["/api/v1/nothing", "/api/v2/aid/needs", "/api/", "/api/v1/aid/needs/"])
def test_unknown_route_is_a_problem(path: str) -> None:
    response = Client().get(path)
    assert response.status_code == 404
    assert _problem(response)["code"] == "not-found"


def test_page_that_is_unknown_stays_a_page() -> None:
    response = Client().get("/nothing/")
    assert response.status_code == 404
    assert response["Content-Type"].startswith("text/html")


def test_method_that_is_not_taken_names_those_that_are() -> None:
    response = Client().delete("/api/v1/aid/needs", headers={"Accept-Language": "en"})
    assert response.status_code == 405
    assert set(response["Allow"].split(", ")) == {"GET", "POST"}
    assert _problem(response)["type"] == "/api/v1/problems/method-not-allowed"


def test_head_is_answered_like_get(visitor: Api) -> None:
    got = visitor.get("/aid/items")
    head = Client().head("/api/v1/aid/items", headers={"Accept-Language": "en"})
    assert (head.status_code, head["ETag"]) == (200, got["ETag"])


def test_bad_body_names_each_value(visitor: Api) -> None:
    sent = {"item": "sembako", "quantity": 0, "deliver_date": "tomorrow", "colour": "red"}
    response = visitor.post("/aid/needs/1/pledges", sent)
    assert response.status_code == 422
    assert _problem(response)["errors"] == [
        {"place": "body", "pointer": "#/quantity", "detail": "Give at least 1."},
        {"place": "body", "pointer": "#/deliver_date", "detail": "Give a day as YYYY-MM-DD."},
        {"place": "body", "pointer": "#/colour", "detail": "This is not known here. Leave it out."},
    ]


def test_bad_query_is_told_in_the_language_asked_for() -> None:
    response = Client().get("/api/v1/aid/needs?limit=999", headers={"Accept-Language": "id"})
    body = _problem(response)
    assert body["title"] == "Ini tidak dapat dilakukan"
    assert body["errors"] == [{"place": "query", "pointer": "#/limit", "detail": "Beri paling banyak 200."}]
    check_documented("get", response)


def test_body_that_is_no_json_is_a_bad_request() -> None:
    response = Client().post("/api/v1/aid/needs", "{", content_type="application/json")
    assert response.status_code == 400
    assert _problem(response)["code"] == "unreadable-body"


@pytest.mark.parametrize("path", ["/aid/needs?item=%00", "/partners?name=a%00", "/figures/dates?series=%00"])
def test_character_the_database_cannot_hold_is_refused(visitor: Api, path: str) -> None:
    response = visitor.get(path)
    assert response.status_code == 400
    assert _problem(response)["code"] == "unreadable-body"


@pytest.mark.parametrize("text", ["a\x00", "\ud800"])
def test_text_of_a_body_the_database_cannot_hold_is_refused(visitor: Api, soon: str, text: str) -> None:
    contact = {"name": text, "email": "warga@contoh.example"}
    sent = {"item": "sembako", "quantity": 1, "deliver_date": soon, "contact": contact}
    response = visitor.post("/aid/needs/1/pledges", sent)
    assert response.status_code == 400
    assert _problem(response)["code"] == "unreadable-body"


@pytest.mark.parametrize("number", ["0", "99999999999999999999", "-1"])
def test_number_no_row_can_have_is_not_found(visitor: Api, number: str) -> None:
    assert visitor.get(f"/aid/needs/{number}").status_code == 404


def test_write_of_a_session_needs_its_csrf_token() -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(UserFactory())
    response = browser.post("/api/v1/aid/offers/1/withdraw", "{}", content_type="application/json")
    assert response.status_code == 403
    assert _problem(response)["code"] == "csrf-failed"


def test_unexpected_error_tells_nothing_of_itself() -> None:
    request: HttpRequest = RequestFactory().get("/api/v1/aid/needs")
    body = _problem(broken(request, RuntimeError("NIK 3171014107900001")))
    assert (body["status"], body["code"]) == (500, "internal-error")
    assert "3171014107900001" not in json.dumps(body)


def test_dead_database_is_unavailable_for_a_moment() -> None:
    request: HttpRequest = RequestFactory().get("/api/v1/aid/needs")
    response = broken(request, OperationalError("connection refused"))
    assert (response.status_code, response["Retry-After"]) == (503, "30")
    assert _problem(response)["code"] == "unavailable"


def test_too_many_writes_of_a_visitor_are_refused(visitor: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    from kolaborasi.api.urls import api

    (throttle,) = api.throttle  # type: ignore[misc]
    monkeypatch.setattr(throttle, "num_requests", 2)
    statuses = [visitor.post("/aid/needs/1/pledges", {}).status_code for _attempt in range(3)]
    assert statuses == [422, 422, 429]
    refused = visitor.post("/aid/needs/1/pledges", {})
    assert _problem(refused)["code"] == "too-many-requests"
    assert int(refused["Retry-After"]) > 0
    assert visitor.get("/aid/needs").status_code == 200


def test_request_for_a_foreign_host_is_a_problem_too() -> None:
    response = Client().get("/api/v1/aid/items", headers={"Host": "evil.example"})
    assert response.status_code == 400
    assert _problem(response)["code"] == "bad-request"


@pytest.mark.parametrize(
    ("path", "media"),
    [("/api/v1/aid/needs", "application/problem+json"), ("/aid/", "text/html; charset=utf-8")],
)
def test_error_before_any_view_is_answered_in_the_form_of_the_address(path: str, media: str) -> None:
    request = RequestFactory().get(path)
    try:
        raise OperationalError("connection refused")
    except OperationalError:
        response = server_error(request)
    assert (response.status_code, response["Content-Type"], response["Retry-After"]) == (503, media, "30")


def test_session_of_staff_without_its_second_factor_is_refused_in_the_same_form() -> None:
    browser = Client()
    browser.force_login(MembershipFactory(role="coordinator").user)
    response = browser.get("/api/v1/aid/needs")
    assert response.status_code == 403
    assert _problem(response)["code"] == "second-factor-needed"


def test_session_may_write_with_its_csrf_token() -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(UserFactory())
    browser.get("/api/v1/docs")
    token = browser.cookies["csrftoken"].value
    headers = {"X-CSRFToken": token, "Accept-Language": "en"}
    response = browser.post(
        "/api/v1/aid/offers/1/withdraw", "{}", content_type="application/json", headers=headers
    )
    assert (response.status_code, _problem(response)["code"]) == (404, "offer-unknown")
