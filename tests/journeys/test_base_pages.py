"""A visitor finds the way from the first page, in both languages, with and without JavaScript."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import DESKTOP, PHONE, NewPage, assert_accessible

PAGES = ["/", "/accounts/login/", "/accounts/signup/", "/accounts/password/reset/", "/nothing-here/"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("address", PAGES)
def test_page_is_accessible(new_page: NewPage, address: str, scheme: str) -> None:
    for viewport in (PHONE, DESKTOP):
        page = new_page(viewport=viewport, scheme=scheme)
        page.goto(address)
        assert_accessible(page)


def test_page_fits_the_smallest_phone_and_twice_the_text_size(new_page: NewPage) -> None:
    # 320 CSS pixels is also what WCAG 1.4.10 asks: 1280 pixels at 400 %.
    page = new_page(viewport={"width": 320, "height": 640})
    for address in PAGES:
        page.goto(address)
        assert_accessible(page)


def test_language_is_switched(any_page: Page) -> None:
    any_page.goto("/")
    expect(any_page.get_by_role("heading", level=1)).to_have_text("Bantuan sampai kepada yang membutuhkan")
    any_page.get_by_role("button", name="English").click()
    expect(any_page.get_by_role("heading", level=1)).to_have_text("Help reaches the one who needs it")
    any_page.get_by_role("link", name="Sign in").click()
    expect(any_page.get_by_role("heading", level=1)).to_have_text("Sign In")


def test_keyboard_reaches_the_content_first(browser_page: Page) -> None:
    browser_page.goto("/")
    browser_page.keyboard.press("Tab")
    expect(browser_page.get_by_role("link", name="Langsung ke isi")).to_be_focused()
    browser_page.keyboard.press("Enter")
    browser_page.keyboard.press("Tab")
    focused = browser_page.evaluate("document.activeElement.textContent.replace(/\\s+/g, ' ').trim()")
    assert focused.startswith("Saya butuh bantuan")


def test_wrong_sign_in_is_explained_and_keeps_the_address(any_page: Page) -> None:
    any_page.goto("/accounts/login/")
    any_page.get_by_label("Email").fill("nobody@example.org")
    any_page.get_by_label("Kata sandi", exact=True).fill("wrong-password")
    any_page.get_by_role("button", name="Masuk").click()
    expect(any_page.get_by_role("alert")).to_contain_text("Ini tidak dapat dikirim")
    expect(any_page.get_by_label("Email")).to_have_value("nobody@example.org")


def test_touch_targets_are_large_enough(new_page: NewPage) -> None:
    page = new_page(viewport=PHONE)
    page.goto("/accounts/login/")
    for locator in (page.get_by_role("button"), page.locator("nav a"), page.get_by_role("textbox")):
        for index in range(locator.count()):
            box = locator.nth(index).bounding_box()
            assert box is not None
            assert box["height"] >= 44, locator.nth(index).inner_text()


def test_accessibility_check_finds_a_serious_fault(new_page: NewPage) -> None:
    page = new_page()
    page.goto("/accounts/login/")
    page.evaluate("document.querySelector('label[for=id_login]').remove()")
    page.evaluate("document.querySelector('#id_login').removeAttribute('placeholder')")
    with pytest.raises(AssertionError, match="label"):
        assert_accessible(page)
