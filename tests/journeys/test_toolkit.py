"""Lists and forms of the toolkit in a real browser: filters, sort, pages, back button, refusals."""

from __future__ import annotations

import csv

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import DESKTOP, PHONE, NewPage, assert_accessible

pytestmark = pytest.mark.urls("tests.web.urls")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    "address", ["/list/", "/list/?state=met&sort=-name&q=RW&size=x", "/list/?q=none", "/form/", "/confirm/"]
)
def test_page_is_accessible(new_page: NewPage, address: str, scheme: str) -> None:
    for viewport in (PHONE, DESKTOP):
        page = new_page(viewport=viewport, scheme=scheme)
        page.goto(address)
        assert_accessible(page)


def first_name(page: Page) -> str:
    return page.locator("tbody tr").first.locator("td").first.inner_text()


def test_list_is_filtered_sorted_and_turned(any_page: Page) -> None:
    any_page.goto("/list/")
    expect(any_page.get_by_role("status")).to_have_text("60 hasil")
    any_page.get_by_label("Keadaan").select_option("Terpenuhi")
    any_page.get_by_role("button", name="Tampilkan").click()
    expect(any_page.get_by_role("status")).to_have_text("30 hasil")
    any_page.get_by_role("link", name="Berikutnya").click()
    expect(any_page.locator("[aria-current=page]")).to_have_text("Halaman 2")
    assert first_name(any_page) == "RW 051"
    any_page.get_by_role("link", name="hapus saringan ini").click()
    expect(any_page.get_by_role("status")).to_have_text("60 hasil")


def test_sort_is_turned_round_and_announced(new_page: NewPage) -> None:
    page = new_page(viewport=DESKTOP)
    page.goto("/list/?state=open")
    header = page.get_by_role("columnheader", name="Jumlah")
    header.get_by_role("link").click()
    expect(header).to_have_attribute("aria-sort", "ascending")
    header.get_by_role("link").click()
    expect(header).to_have_attribute("aria-sort", "descending")
    assert first_name(page) == "RW 060"
    assert page.url.endswith("/list/?state=open&sort=-needed")


def test_filter_swaps_only_the_results_and_back_undoes_it(new_page: NewPage) -> None:
    page = new_page(viewport=DESKTOP)
    page.goto("/list/")
    page.evaluate("window.stayed = true")
    page.get_by_label("Keadaan").select_option("Terbuka")
    page.get_by_role("button", name="Tampilkan").click()
    expect(page.get_by_role("status")).to_have_text("30 hasil")
    assert "state=open" in page.url
    assert page.evaluate("window.stayed") is True
    page.go_back()
    expect(page.get_by_role("status")).to_have_text("60 hasil")
    expect(page.locator("header.site-header")).to_be_visible()


def test_sort_is_kept_when_a_filter_changes(new_page: NewPage) -> None:
    page = new_page(viewport=DESKTOP)
    page.goto("/list/")
    header = page.get_by_role("columnheader", name="Tempat")
    for direction in ("ascending", "descending"):
        header.get_by_role("link").click()
        expect(header).to_have_attribute("aria-sort", direction)
    page.get_by_label("Keadaan").select_option("Terpenuhi")
    page.get_by_role("button", name="Tampilkan").click()
    expect(page.get_by_role("status")).to_have_text("30 hasil")
    assert first_name(page) == "RW 059"


def test_file_holds_the_filtered_list(any_page: Page) -> None:
    any_page.goto("/list/?state=met")
    with any_page.expect_download() as download:
        any_page.get_by_role("link", name="Unduh sebagai CSV").click()
    with open(download.value.path(), encoding="utf-8-sig", newline="") as file:
        lines = list(csv.reader(file))
    assert download.value.suggested_filename == "needs.csv"
    assert lines[0] == ["Tempat", "Barang", "Jumlah", "Paling lambat"]
    assert len(lines) == 31


def fill(page: Page, quantity: str) -> None:
    page.get_by_label("Nama").fill("Ibu Contoh")
    page.get_by_label("Jumlah paket").fill(quantity)
    page.get_by_label("Saya antar").check()
    page.get_by_label("Saya setuju").check()


def test_refused_form_keeps_everything_and_can_be_sent_again(any_page: Page) -> None:
    any_page.goto("/form/")
    fill(any_page, "50")
    any_page.get_by_role("button", name="Kirim").click()
    expect(any_page.get_by_role("alert")).to_contain_text("Tinggal 12 di sini.")
    expect(any_page.get_by_label("Nama")).to_have_value("Ibu Contoh")
    expect(any_page.get_by_label("Saya antar")).to_be_checked()
    any_page.get_by_label("Jumlah paket").fill("12")
    any_page.get_by_role("button", name="Kirim").click()
    expect(any_page).to_have_url("/list/")


def test_error_summary_takes_the_focus_and_leads_to_the_field(browser_page: Page) -> None:
    browser_page.goto("/form/")
    browser_page.get_by_role("button", name="Kirim").click()
    expect(browser_page.get_by_role("alert")).to_be_focused()
    assert_accessible(browser_page)
    browser_page.get_by_role("link", name="Cara:").click()
    expect(browser_page.get_by_label("Saya antar")).to_be_focused()


def test_confirmation_acts_or_goes_back(any_page: Page) -> None:
    any_page.goto("/confirm/")
    any_page.get_by_role("link", name="Tidak, kembali").click()
    expect(any_page).to_have_url("/form/")
    any_page.goto("/confirm/")
    any_page.get_by_role("button", name="Batalkan janji").click()
    expect(any_page).to_have_url("/list/")
