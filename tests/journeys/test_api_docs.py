"""The documentation page of the API works under the security policy, with nothing from elsewhere."""

from __future__ import annotations

import pytest
from playwright.sync_api import Request, expect

from tests.journeys.conftest import DESKTOP, NewPage


@pytest.mark.django_db(transaction=True)
def test_docs_show_every_room_and_ask_nobody_else(new_page: NewPage) -> None:
    page = new_page(viewport=DESKTOP, language="en")
    asked: list[str] = []

    def note(request: Request) -> None:
        asked.append(request.url)

    page.on("request", note)
    page.goto("/api/v1/docs")
    expect(page.get_by_role("heading", name="Kolaborasi")).to_be_visible()
    for tag in ("aid", "plans", "partners", "places", "about"):
        expect(page.locator(f"#operations-tag-{tag}")).to_be_visible()
    own = page.url.removesuffix("/api/v1/docs")
    assert [url for url in asked if not url.startswith((own, "data:"))] == []
    page.locator("#operations-aid-list_items button").first.click()
    page.get_by_role("button", name="Try it out").click()
    page.get_by_role("button", name="Execute").click()
    expect(page.locator(".live-responses-table tbody .response-col_status").first).to_contain_text("200")
