"""A real browser for journeys: the system's Chromium through Playwright, with an accessibility check."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright
from pytest_django.live_server_helper import LiveServer

# Playwright's sync API keeps an event loop in this thread; Django would take it for an async view.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1280, "height": 900}
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
# Two cores may serve a second browser and a database at the same time.
expect.set_options(timeout=15_000)
SERIOUS = {"serious", "critical"}
NewPage = Callable[..., Page]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder is a journey, run by one worker."""
    for item in items:
        if "journeys" in item.path.parts:
            item.add_marker(pytest.mark.journey)
            item.add_marker(pytest.mark.xdist_group("journeys"))


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Headless Chromium; without one the journeys are skipped loudly, and fail where CI=true."""
    executable = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if executable is None:
        sentence = "NO BROWSER: journeys need Chromium (Debian: apt-get install chromium)"
        if os.environ.get("CI") == "true":
            pytest.fail(sentence)
        pytest.skip(sentence)
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=executable, args=ARGUMENTS)
        yield launched
        launched.close()


@pytest.fixture
def new_page(browser: Browser, live_server: LiveServer) -> Iterator[NewPage]:
    """Opens pages of the live server: `new_page(viewport=…, javascript=False, language="en", scheme="dark")`.

    Any error of a script, and any resource refused by the security policy, fails the test at its end.
    """
    contexts: list[BrowserContext] = []
    troubles: list[str] = []

    def open_page(
        viewport: dict[str, int] = PHONE, javascript: bool = True, language: str = "id", scheme: Any = "light"
    ) -> Page:
        context = browser.new_context(
            base_url=live_server.url,
            viewport=viewport,  # type: ignore[arg-type]
            java_script_enabled=javascript,
            locale=f"{language}-{'ID' if language == 'id' else 'GB'}",
            color_scheme=scheme,
            timezone_id="Asia/Jakarta",
            reduced_motion="reduce",
        )
        context.set_default_timeout(10_000)
        # The first page of a fresh server compiles its templates, on two cores that may be busy.
        context.set_default_navigation_timeout(30_000)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on(
            "console", lambda message: troubles.append(message.text) if _is_trouble(message.text) else None
        )
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert troubles == []


def _is_trouble(text: str) -> bool:
    return "Content Security Policy" in text or "Uncaught" in text


@pytest.fixture(params=[PHONE, DESKTOP], ids=["phone", "desktop"])
def browser_page(request: pytest.FixtureRequest, new_page: NewPage) -> Page:
    """A page with JavaScript, once as a phone and once as a desktop."""
    return new_page(viewport=request.param)


@pytest.fixture(params=[True, False], ids=["script", "no-script"])
def any_page(request: pytest.FixtureRequest, new_page: NewPage) -> Page:
    """A phone page, once with and once without JavaScript."""
    return new_page(javascript=request.param)


def assert_accessible(page: Page) -> None:
    """No serious or critical finding of axe-core, and nothing wider than the screen.

    Where the browser runs no scripts axe would wait for ever, so only the width is looked at.
    """
    page.wait_for_load_state()
    if page.evaluate("matchMedia('(scripting: none)').matches"):
        assert_fits(page)
        return
    results = Axe().run(page)
    found = [
        f"{each['id']}: {each['help']}: {[node['target'] for node in each['nodes']]}"
        for each in results.response["violations"]
        if each["impact"] in SERIOUS
    ]
    assert found == []
    assert_fits(page)


def assert_fits(page: Page) -> None:
    """Nothing is wider than the screen.

    A click returns once the next document is committed, before it has any element to measure.
    """
    page.wait_for_load_state()
    wider = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wider <= 0, f"{page.url} is {wider} px wider than the screen"
