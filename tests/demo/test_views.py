"""Demo pages: in demo mode, on this machine, and nowhere else."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import pytest
from django.test import Client, override_settings
from django.urls import clear_url_caches, set_urlconf

from kolaborasi.demo.accounts import ACCOUNTS, open_account
from kolaborasi.messages.services import enqueue
from tests.factories import MembershipFactory, PartnerFactory, person

pytestmark = pytest.mark.django_db
PAGES = ("/demo/", "/demo/outbox/")


@pytest.fixture
def demo(settings: object) -> Iterator[None]:
    """Demo mode, with its addresses."""
    with override_settings(DEMO=True, ROOT_URLCONF="tests.demo.urls"):
        clear_url_caches()
        yield
    clear_url_caches()
    set_urlconf(None)


@pytest.fixture(autouse=True)
def _in_english(client: Client) -> None:
    client.cookies["django_language"] = "en"


@pytest.mark.parametrize("page", [*PAGES, "/demo/enter/"])
def test_outside_demo_mode_the_addresses_do_not_exist(client: Client, page: str) -> None:
    assert client.get(page).status_code == 404
    assert client.post(page, {"account": "koordinator"}).status_code == 404


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("settings_of", [{"DEMO": False}, {"DEMO": True, "PRODUCTION": True}])
def test_pages_hide_outside_demo_mode_even_when_routed(
    client: Client, demo: None, page: str, settings_of: dict[str, bool]
) -> None:
    with override_settings(**settings_of):
        assert client.get(page).status_code == 404


@pytest.mark.parametrize("settings_of", [{"DEMO": False}, {"DEMO": True, "PRODUCTION": True}])
def test_login_is_refused_in_production(
    client: Client, demo: None, now: datetime, settings_of: dict[str, bool]
) -> None:
    open_account(ACCOUNTS[0], now)
    with override_settings(**settings_of):
        assert client.post("/demo/enter/", {"account": "warga"}).status_code == 404
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize(
    "origin",
    [
        {"REMOTE_ADDR": "192.168.1.7"},
        {"REMOTE_ADDR": ""},
        {"REMOTE_ADDR": "127.0.0.1", "HTTP_X_FORWARDED_FOR": "127.0.0.1"},
        {"REMOTE_ADDR": "127.0.0.1", "HTTP_FORWARDED": "for=127.0.0.1"},
    ],
)
def test_other_machines_and_proxies_are_refused(
    client: Client, demo: None, now: datetime, origin: dict[str, str]
) -> None:
    open_account(ACCOUNTS[0], now)
    for page in PAGES:
        assert client.get(page, **origin).status_code == 403
    assert client.post("/demo/enter/", {"account": "warga"}, **origin).status_code == 403
    assert "_auth_user_id" not in client.session


def test_one_click_signs_in_and_leads_to_the_work(client: Client, demo: None, now: datetime) -> None:
    account = next(each for each in ACCOUNTS if each.key == "koordinator")
    user = open_account(account, now)
    MembershipFactory(user=user, partner=PartnerFactory(kind="government"), role="coordinator")
    assert "Coordinator" in client.get("/demo/").content.decode()
    response = client.post("/demo/enter/", {"account": "koordinator"})
    assert (response.status_code, response.headers["Location"]) == (302, "/posko/plans/")
    assert client.session["_auth_user_id"] == str(user.pk)
    # The staff role counts although no second factor was given.
    assert client.get("/posko/plans/").status_code == 200


def test_login_needs_the_forms_secret_and_a_post(demo: None, now: datetime) -> None:
    open_account(ACCOUNTS[0], now)
    strict = Client(enforce_csrf_checks=True)
    assert strict.post("/demo/enter/", {"account": "warga"}).status_code == 403
    assert strict.get("/demo/enter/").status_code == 405
    assert "_auth_user_id" not in strict.session


@pytest.mark.parametrize("key", ["", "nobody", "warga"])
def test_unknown_or_unloaded_account_is_not_found(client: Client, demo: None, key: str) -> None:
    assert client.post("/demo/enter/", {"account": key}).status_code == 404


def test_outbox_shows_the_whole_message_with_its_link(client: Client, demo: None, now: datetime) -> None:
    somebody = person()
    enqueue(
        template="confirm_contact", recipient=somebody.pk, context={"code": "123456"}, now=now, language="en"
    )
    page = client.get("/demo/outbox/").content.decode()
    assert "123456" in page
    assert "waiting to be sent" in page
    assert "warga@contoh.example" not in page


@pytest.mark.parametrize(
    ("asked", "led"),
    [
        ("/aid/receive/7/", "/aid/receive/7/"),
        ("https://contoh.example/", "/aid/"),
        ("//contoh.example/", "/aid/"),
        ("", "/aid/"),
    ],
)
def test_login_leads_where_it_was_asked_for_within_the_platform(
    client: Client, demo: None, now: datetime, asked: str, led: str
) -> None:
    open_account(ACCOUNTS[0], now)
    assert client.post("/demo/enter/", {"account": "warga", "next": asked})["Location"] == led
