"""Signing in, a second factor and the account pages, as a person sees them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from playwright.sync_api import Page, expect

from kolaborasi.people.models import User
from tests.journeys.conftest import DESKTOP, PHONE, NewPage, assert_accessible

PASSWORD = "kata sandi percobaan 7"


@pytest.fixture
def account(transactional_db: None) -> User:
    """An account whose address is confirmed."""
    user = User(email="ibu.contoh@example.org")
    user.set_password(PASSWORD)
    user.save()
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


def sign_in(page: Page, user: User) -> None:
    page.goto("/accounts/login/")
    page.get_by_label("Email").fill(user.email)
    page.get_by_label("Kata sandi", exact=True).fill(PASSWORD)
    page.locator("main").get_by_role("button", name="Masuk").click()
    expect(page).to_have_url("/")


def look(page: Page, name: str) -> None:
    """Check the page, and keep a picture of it where SCREENSHOTS names a folder."""
    assert_accessible(page)
    folder = os.environ.get("SCREENSHOTS")
    if folder:
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


def confirm_access(page: Page) -> None:
    """The account pages ask for the password again before anything that protects the account is changed."""
    if "/reauthenticate/" in page.url:
        look(page, "reauthenticate")
        page.get_by_label("Kata sandi", exact=True).fill(PASSWORD)
        page.locator("main").get_by_role("button").first.click()


@pytest.mark.parametrize("viewport", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_second_factor_is_set_up_and_used(new_page: NewPage, account: User, viewport: dict[str, int]) -> None:
    page = new_page(viewport=viewport)
    sign_in(page, account)
    page.goto("/accounts/2fa/")
    look(page, "mfa_index")
    page.goto("/accounts/2fa/totp/activate/")
    confirm_access(page)
    look(page, "totp_activate")
    secret = page.locator("#authenticator_secret").input_value()
    page.locator("#id_code").fill(code_of(secret))
    page.locator("main").get_by_role("button").first.click()
    expect(page).to_have_url("/accounts/2fa/recovery-codes/")
    look(page, "recovery_codes")


def code_of(secret: str) -> str:
    """The present six digits of an authenticator."""
    return format_hotp_value(hotp_value(secret, next(yield_hotp_counters_from_time())))


@pytest.mark.parametrize(
    "address", ["/accounts/email/", "/accounts/password/change/", "/accounts/2fa/webauthn/add/"]
)
def test_account_page_is_accessible(new_page: NewPage, account: User, address: str) -> None:
    page = new_page(scheme="dark")
    sign_in(page, account)
    page.goto(address)
    confirm_access(page)
    look(page, address.strip("/").replace("/", "_"))


def test_sign_out_from_the_menu(any_page: Page, account: User) -> None:
    sign_in(any_page, account)
    any_page.get_by_text("Akun saya").click()
    any_page.get_by_role("button", name="Keluar").click()
    expect(any_page.get_by_role("link", name="Masuk")).to_be_visible()
