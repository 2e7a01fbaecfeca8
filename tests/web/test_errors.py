"""Error pages: right status, what to do next, in both languages, nothing about a person."""

from __future__ import annotations

import pytest
from django.test import Client

from tests.web.urls import SECRET

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.web.urls")]

TITLES = {
    "bad": (400, "This request could not be read", "Permintaan ini tidak dapat dibaca"),
    "forbidden": (403, "You may not open this", "Anda tidak boleh membuka ini"),
    "denied": (403, "You may not open this", "Anda tidak boleh membuka ini"),
    "gone": (404, "This page was not found", "Halaman ini tidak ditemukan"),
    "moved-on": (409, "This has changed in the meantime", "Ini sudah berubah sementara itu"),
    "refused": (422, "This could not be done", "Ini tidak dapat dilakukan"),
    "bug": (500, "Something went wrong on our side", "Ada yang salah di pihak kami"),
    "database": (503, "The service is not available for a moment", "Layanan sedang tidak tersedia sejenak"),
}


@pytest.fixture
def visitor() -> Client:
    return Client(raise_request_exception=False)


@pytest.mark.parametrize("how", TITLES)
@pytest.mark.parametrize("language", ["id", "en"])
def test_error_has_its_page_in_the_language_of_the_visitor(visitor: Client, how: str, language: str) -> None:
    status, english, indonesian = TITLES[how]
    response = visitor.get(f"/fail/{how}/", headers={"accept-language": language})
    content = response.content.decode()
    assert response.status_code == status
    assert f"<h1>{indonesian if language == 'id' else english}</h1>" in content
    assert f'<html lang="{language}">' in content
    assert response["X-Request-ID"] in content
    assert SECRET not in content


def test_unknown_address_has_its_page(visitor: Client) -> None:
    response = visitor.get("/aid/nothing/here/SECRET-TOKEN/", headers={"accept-language": "en"})
    assert response.status_code == 404
    assert "<h1>This page was not found</h1>" in response.content.decode()


def test_refusal_says_its_sentence(visitor: Client) -> None:
    assert '<p class="lead">Only 12 are left here.</p>' in visitor.get("/fail/refused/").content.decode()


def test_refusal_for_htmx_is_a_notice_alone(visitor: Client) -> None:
    response = visitor.get("/fail/refused/", headers={"hx-request": "true"})
    content = response.content.decode()
    assert response.status_code == 422
    assert content.lstrip().startswith('<div class="notice notice--error" role="alert">')
    assert "Only 12 are left here." in content


@pytest.mark.parametrize("how", ["bug", "database"])
def test_page_of_a_broken_server_asks_the_database_nothing(
    visitor: Client, how: str, django_assert_num_queries: pytest.FixtureRequest
) -> None:
    with django_assert_num_queries(0):  # type: ignore[operator]
        visitor.get(f"/fail/{how}/")


def test_unavailable_says_when_to_retry(visitor: Client) -> None:
    assert visitor.get("/fail/database/")["Retry-After"] == "30"


def test_form_without_its_secret_is_explained() -> None:
    visitor = Client(enforce_csrf_checks=True)
    response = visitor.post("/language/", {"language": "en"}, headers={"accept-language": "en"})
    assert response.status_code == 403
    assert "This form was open for too long" in response.content.decode()
    assert "django_language" not in visitor.cookies
