"""Home, health, language, navigation, account pages."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from kolaborasi.aid.states import NeedState
from kolaborasi.common.actors import Actor, Role
from kolaborasi.web.navigation import navigation
from tests.factories import NeedLineFactory

pytestmark = pytest.mark.django_db
FOR_ALL = ["/aid/", "/hospitals/", "/diagnostics/", "/vaccination/", "/partners/"]


def test_home_shows_both_doors_and_no_numbers_while_nothing_is_needed(
    client: Client, django_assert_num_queries: pytest.FixtureRequest
) -> None:
    with django_assert_num_queries(1):  # type: ignore[operator]
        response = client.get("/")
    content = response.content.decode()
    assert response.status_code == 200
    assert "<h2>Saya butuh bantuan</h2>" in content
    assert "<h2>Saya ingin membantu</h2>" in content
    assert 'href="/aid/"' in content
    assert 'class="progress"' not in content


def test_home_shows_the_three_numbers_of_open_needs(client: Client) -> None:
    for needed, committed, delivered in ((100, 60, 20), (50, 10, 0)):
        NeedLineFactory.create(
            need__state=NeedState.OPEN,
            reported=needed,
            limit=needed,
            committed=committed,
            delivered=delivered,
        )
    content = client.get("/").content.decode()
    assert re.findall(r"<dd>([\d.]+)", content) == ["150", "70", "20"]


def test_alive_asks_nobody(client: Client, django_assert_num_queries: pytest.FixtureRequest) -> None:
    with django_assert_num_queries(0):  # type: ignore[operator]
        response = client.get("/healthz")
    assert (response.status_code, response.content) == (200, b"ok\n")


def test_ready_when_the_tables_are_there(client: Client) -> None:
    response = client.get("/readyz")
    assert (response.status_code, response.json()) == (200, {"ready": True, "reasons": []})


def test_not_ready_when_migrations_wait(client: Client) -> None:
    from django.db.migrations.recorder import MigrationRecorder

    MigrationRecorder.Migration.objects.filter(app="common").delete()
    response = client.get("/readyz")
    assert (response.status_code, response.json()) == (503, {"ready": False, "reasons": ["migrations"]})


def test_indonesian_is_met_first(client: Client) -> None:
    assert '<html lang="id">' in client.get("/").content.decode()


def test_language_is_switched_by_a_plain_form_and_stays(client: Client) -> None:
    response = client.post("/language/", {"language": "en", "next": "/?from=form"})
    assert (response.status_code, response["Location"]) == (302, "/?from=form")
    content = client.get("/").content.decode()
    assert '<html lang="en">' in content
    assert "I need help" in content


def test_language_form_does_not_lead_elsewhere(client: Client) -> None:
    assert client.post("/language/", {"language": "en", "next": "https://evil.example/"})["Location"] == "/"


@pytest.mark.parametrize(
    ("roles", "addresses"),
    [
        ((), FOR_ALL),
        ((Role("partner_admin", 1),), FOR_ALL),
        ((Role("coordinator", 1),), [*FOR_ALL, "/posko/plans/"]),
    ],
)
def test_navigation_shows_what_the_role_may_use(roles: tuple[Role, ...], addresses: list[str]) -> None:
    entries = navigation(Actor.user(7, roles), "/aid/needs/4/")
    assert [entry["address"] for entry in entries] == addresses
    assert [entry["current"] for entry in entries] == [True] + [False] * (len(addresses) - 1)


def test_ribbon_says_demonstration_only_in_demo_mode(client: Client, settings: pytest.FixtureRequest) -> None:
    assert "Data demonstrasi" not in client.get("/").content.decode()
    settings.DEMO = True  # type: ignore[attr-defined]
    assert "Data demonstrasi" in client.get("/").content.decode()


ACCOUNT_PAGES = [
    "/accounts/login/",
    "/accounts/signup/",
    "/accounts/password/reset/",
    "/accounts/confirm-email/",
]


@pytest.mark.parametrize("address", ["/", *ACCOUNT_PAGES])
@pytest.mark.parametrize("language", ["id", "en"])
def test_page_is_ours_has_one_heading_and_nothing_inline(client: Client, address: str, language: str) -> None:
    response = client.get(address, headers={"accept-language": language})
    content = response.content.decode()
    assert response.status_code == 200
    assert 'class="site-header"' in content
    assert len(re.findall(r"<h1[ >]", content)) == 1
    assert not re.search(r"\sstyle=|\son\w+=|<style", content)
    for attributes in re.findall(r"<script([^>]*)>", content):
        assert "src=" in attributes or 'type="application/json"' in attributes
    assert not re.search(r'(?:src|href)="(?:https?:)?//', content)


def test_wrong_password_is_said_on_top(client: Client) -> None:
    typed = {"login": "nobody@example.org", "password": "wrong-password"}
    content = client.post("/accounts/login/", typed).content.decode()
    assert 'class="error-summary"' in content
    assert 'value="nobody@example.org"' in content
    assert "wrong-password" not in content


def test_too_many_attempts_get_a_page_of_ours(client: Client, settings: pytest.FixtureRequest) -> None:
    settings.ACCOUNT_RATE_LIMITS = {"login": "2/m/ip"}  # type: ignore[attr-defined]
    typed = {"login": "nobody@example.org", "password": "wrong-password"}
    answers = [client.post("/accounts/login/", typed) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert "<h1>Terlalu banyak percobaan dalam waktu singkat</h1>" in answers[2].content.decode()
