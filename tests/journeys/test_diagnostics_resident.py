"""A visitor finds a site, books without an account, moves and cancels; a result's code is checked by whoever it is shown."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from kolaborasi.common.clock import utc_now
from kolaborasi.diagnostics import services
from kolaborasi.diagnostics.models import Booking, Order, Result
from tests.diagnostics.factories import SYSTEM, collection_site
from tests.diagnostics.test_views_results import told
from tests.journeys.conftest import NewPage, assert_accessible

pytestmark = pytest.mark.django_db(transaction=True)


def test_visitor_books_moves_and_cancels_without_scripts(new_page: NewPage) -> None:
    now, site = utc_now(), collection_site()
    starts = now.replace(minute=0, second=0, microsecond=0) + timedelta(days=1)
    ends = starts + timedelta(hours=1)
    services.open_slots(site=site, starts_at=starts, ends_at=ends, minutes=30, places=3, by=SYSTEM, now=now)
    page = new_page(javascript=False)
    page.goto("/diagnostics/")
    assert_accessible(page)
    page.get_by_role("link", name=site.name).click()
    expect(page.get_by_role("heading", name="Pilih waktu")).to_be_visible()
    assert_accessible(page)
    page.locator("a.slot").first.click()
    expect(page.get_by_label("Saya bergejala")).to_be_visible()
    page.get_by_label("Saya bergejala").check()
    page.get_by_label("Nama Anda seperti di kartu identitas").fill("Warga Contoh")
    page.get_by_label("Tanggal lahir Anda").fill("1990-07-01")
    page.get_by_label("perempuan").check()
    page.get_by_label("Nomor ponsel atau alamat surel").fill("081200000001")
    page.get_by_role("button", name="Pesan", exact=True).click()
    expect(page.get_by_role("heading", name="Tes Anda")).to_be_visible()
    assert_accessible(page)
    first = Booking.objects.get()
    page.get_by_role("link", name="Pilih waktu lain").click()
    expect(page.get_by_role("button", name="Ambil waktu ini")).to_be_visible()
    page.locator("input[name=slot]").last.check()
    assert_accessible(page)
    page.get_by_role("button", name="Ambil waktu ini").click()
    expect(page.get_by_role("link", name="Batalkan tes")).to_be_visible()
    moved = Booking.objects.get(state="confirmed")
    assert moved.slot.starts_at == first.slot.starts_at + timedelta(minutes=30)
    page.get_by_role("link", name="Batalkan tes").click()
    expect(page.get_by_role("button", name="Batalkan tes")).to_be_visible()
    page.get_by_role("button", name="Batalkan tes").click()
    expect(page.get_by_text("Tes ini dibatalkan")).to_be_visible()
    assert Order.objects.get().state == "cancelled"
    assert not Booking.objects.filter(state="confirmed").exists()


def test_code_of_a_result_is_checked_by_opening_its_link(new_page: NewPage) -> None:
    _place, address = told("negative")
    owner = new_page()
    owner.goto(address)
    owner.get_by_label("Tanggal lahir orang yang dites").fill("1990-07-01")
    owner.get_by_role("button", name="Tampilkan hasil").click()
    expect(owner.get_by_text("Negatif")).to_be_visible()
    assert_accessible(owner)
    code = services.result_document(
        result=Result.objects.select_related("specimen__order__person", "lab__site").get(), now=utc_now()
    )
    checker = new_page()
    # What a camera opens: the document stands behind the #, and is taken out of the address.
    checker.goto(f"/verify#{code}")
    expect(checker.get_by_text("Asli dan berlaku")).to_be_visible()
    expect(checker.get_by_text("Warga Contoh")).to_be_visible()
    assert checker.url.endswith("/verify")
    assert_accessible(checker)
