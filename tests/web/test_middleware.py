"""Around each request: id, headers, one log line without addresses or personal data."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from structlog.testing import capture_logs

from kolaborasi.web.middleware import content_security_policy
from tests.web.urls import SECRET

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.web.urls")]


@pytest.fixture
def visitor() -> Client:
    return Client(raise_request_exception=False)


def test_request_gets_an_id_of_its_own(visitor: Client) -> None:
    first, second = visitor.get("/healthz")["X-Request-ID"], visitor.get("/healthz")["X-Request-ID"]
    assert len(first) == 32
    assert first != second


def test_id_of_a_proxy_is_kept(visitor: Client) -> None:
    assert (
        visitor.get("/healthz", headers={"x-request-id": "edge-0123-abcd"})["X-Request-ID"]
        == "edge-0123-abcd"
    )


@pytest.mark.parametrize("given", ["short", "a b c d e f g h", "<script>alert(1)</script>", "x" * 65])
def test_id_that_is_none_is_replaced(visitor: Client, given: str) -> None:
    assert visitor.get("/healthz", headers={"x-request-id": given})["X-Request-ID"] != given


def test_log_has_one_line_with_the_route_and_nothing_of_the_address(visitor: Client) -> None:
    with capture_logs() as lines:
        visitor.get("/fail/refused/?name=Siti&nik=3171234567890001")
    assert len(lines) == 1
    line = lines[0]
    milliseconds = line.pop("ms")
    assert milliseconds > 0
    assert line == {
        "method": "GET",
        "route": "fail/<str:how>/",
        "status": 422,
        "event": "request",
        "log_level": "info",
    }


def test_log_of_an_unknown_address_does_not_repeat_it(
    visitor: Client, caplog: pytest.LogCaptureFixture
) -> None:
    with capture_logs() as lines:
        visitor.get("/aid/pledges/THE-SECRET-LINK/")
    assert [line["status"] for line in lines] == [404]
    assert "THE-SECRET-LINK" not in str(lines) + caplog.text


def test_failure_is_logged_by_kind_and_place(
    visitor: Client, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    settings.PRODUCTION = True
    with capture_logs() as lines:
        visitor.get("/fail/bug/")
    failed, request = lines
    assert (failed["event"], failed["kind"], failed["route"]) == ("failed", "ValueError", "fail/<str:how>/")
    assert failed["frames"][-1].endswith(" fail")
    assert request["status"] == 500
    assert SECRET not in str(lines) + caplog.text


def test_every_answer_has_the_security_headers(visitor: Client) -> None:
    for address in ("/", "/healthz", "/nothing/", "/fail/bug/"):
        response = visitor.get(address)
        assert response["Content-Security-Policy"] == content_security_policy()
        assert response["X-Frame-Options"] == "DENY"
        assert response["X-Content-Type-Options"] == "nosniff"
        assert response["Referrer-Policy"] == "same-origin"


def test_policy_allows_nothing_inline_and_nothing_from_elsewhere() -> None:
    policy = content_security_policy()
    assert "unsafe" not in policy
    assert "http" not in policy
    assert policy.startswith(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
    )


def test_policy_opens_images_for_the_tiles_of_the_city() -> None:
    policy = content_security_policy("https://{s}.tiles.example/{z}/{x}/{y}.png")
    assert "img-src 'self' data: blob: https://*.tiles.example;" in policy
