"""A coordinator sets up a security key and signs in with it; the key is a virtual one of the browser (WebAuthn)."""

from __future__ import annotations

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from playwright.sync_api import Page, expect

from kolaborasi.people.models import User
from tests.factories import MembershipFactory, PartnerFactory
from tests.journeys.conftest import NewPage, assert_accessible

PASSWORD = "kata sandi percobaan 7"


@pytest.fixture
def coordinator(transactional_db: None) -> User:
    """A coordinator who has no second factor yet."""
    user = User(email="koordinator@contoh.example")
    user.set_password(PASSWORD)
    user.save()
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    MembershipFactory(user=user, partner=PartnerFactory(kind="government"), role="coordinator")
    return user


def add_virtual_key(page: Page) -> None:
    """Plug a security key into the browser that answers every request."""
    tools = page.context.new_cdp_session(page)
    tools.send("WebAuthn.enable")
    tools.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "usb",
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )


def give_password(page: Page, user: User) -> None:
    page.goto("/accounts/login/")
    page.get_by_label("Email").fill(user.email)
    page.get_by_label("Kata sandi", exact=True).fill(PASSWORD)
    page.locator("main").get_by_role("button", name="Masuk").click()


def test_coordinator_sets_up_a_security_key_and_signs_in_with_it(
    new_page: NewPage, coordinator: User
) -> None:
    page = new_page()
    add_virtual_key(page)
    give_password(page, coordinator)
    expect(page).to_have_url("/accounts/2fa/?next=%2F")

    page.goto("/accounts/2fa/webauthn/add/")
    page.get_by_label("Kata sandi", exact=True).fill(PASSWORD)
    page.locator("main").get_by_role("button").first.click()
    page.locator("#id_name").fill("Kunci Contoh")
    page.locator("#mfa_webauthn_add").click()
    expect(page).to_have_url("/accounts/2fa/recovery-codes/")
    assert Authenticator.objects.filter(user=coordinator, type="webauthn").count() == 1

    page.context.clear_cookies()
    give_password(page, coordinator)
    expect(page).to_have_url("/accounts/2fa/authenticate/")
    assert_accessible(page)
    page.locator("#mfa_webauthn_authenticate").click()
    expect(page).to_have_url("/")
    page.goto("/partners/")
    expect(page.locator("h1")).to_have_text("Mitra")


def test_session_of_a_password_alone_is_raised_with_the_key(new_page: NewPage, coordinator: User) -> None:
    page = new_page()
    add_virtual_key(page)
    give_password(page, coordinator)
    page.goto("/accounts/2fa/webauthn/add/")
    page.get_by_label("Kata sandi", exact=True).fill(PASSWORD)
    page.locator("main").get_by_role("button").first.click()
    page.locator("#id_name").fill("Kunci Contoh")
    page.locator("#mfa_webauthn_add").click()
    expect(page).to_have_url("/accounts/2fa/recovery-codes/")

    page.goto("/partners/")
    expect(page).to_have_url("/accounts/2fa/webauthn/reauthenticate/?next=%2Fpartners%2F")
    assert_accessible(page)
    page.locator("#mfa_webauthn_reauthenticate").click()
    expect(page).to_have_url("/partners/")
