"""Somebody without an account finds a session, books in three steps, is vaccinated, and has a card that verifies."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from kolaborasi.common.actors import Actor
from kolaborasi.common.clock import utc_now
from kolaborasi.messages.models import Message
from kolaborasi.partners.models import SiteKind
from kolaborasi.places.models import Place
from kolaborasi.places.services import load_jakarta
from kolaborasi.vaccination import queries, services
from kolaborasi.vaccination.models import Booking, Recipient
from kolaborasi.vaccination.rules import Channel
from tests.factories import SiteFactory, staff
from tests.journeys.conftest import assert_accessible
from tests.vaccination.factories import product
from tests.vaccination.resident_pages import BORN, CONTACT, NIK, coming

pytestmark = pytest.mark.django_db(transaction=True)
CIDENG = "31.71.01.1002"


@pytest.fixture(autouse=True)
def open_session() -> Any:
    """Real Jakarta, with a session in Cideng in three days."""
    load_jakarta(by=Actor.system("test"), now=utc_now())
    place = Place.objects.get(code=CIDENG)
    site = SiteFactory(name="Balai Warga Contoh", kind=SiteKind.VACCINATION, place=place)
    return coming(site=site, quotas={Channel.BOOKING: 20, Channel.WALK_IN: 5})


def vaccinate(who: Recipient) -> None:
    """A dose 40 days ago, as a paper says; the booking is then over."""
    booking = Booking.objects.get(recipient=who)
    services.cancel_booking(booking=booking, by=Actor.system("test"), now=utc_now())
    services.record_elsewhere(
        recipient=who,
        product=product(),
        number=1,
        given_at=utc_now() - timedelta(days=40),
        lot_code="LOT00001",
        by=staff("verifier"),
        now=utc_now(),
    )


def test_resident_books_and_shows_a_certificate_that_verifies(any_page: Page) -> None:
    page = any_page
    page.goto(f"/vaccination/?from={CIDENG}")
    assert_accessible(page)
    page.get_by_role("link", name="Balai Warga Contoh").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Pilih waktu")
    assert_accessible(page)

    page.get_by_role("link", name=re.compile("20 tempat")).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Siapa yang divaksin?")
    assert_accessible(page)
    page.get_by_role("button", name="Minta waktu ini").click()
    expect(page.get_by_role("alert")).to_contain_text("Isi NIK atau nomor paspor")
    assert_accessible(page)
    page.get_by_label("NIK", exact=False).first.fill(NIK)
    page.get_by_label("Nama seperti di kartu").fill("Budi Contoh")
    page.get_by_label("Tanggal lahir").fill(BORN.isoformat())
    page.get_by_label("Tempat tinggal Anda").select_option(CIDENG)
    page.get_by_label(re.compile("Alamat")).fill(CONTACT)
    page.get_by_role("button", name="Minta waktu ini").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Tinggal satu langkah: konfirmasi")
    assert_accessible(page)

    page.goto(str(Message.objects.get().context["link"]))
    expect(page.get_by_role("heading", level=1)).to_have_text("Vaksinasi Anda")
    page.get_by_role("button", name="Konfirmasi pemesanan").click()
    expect(page.get_by_text("Pemesanan Anda berlaku.")).to_be_visible()
    expect(page.get_by_role("img", name=re.compile("Kode QR"))).to_be_visible()
    assert_accessible(page)
    assert Booking.objects.get().state == "confirmed"
    page.get_by_role("button", name="Kirim tautan ke kartu saya").click()
    expect(page.get_by_text("Tautan ke kartu Anda sudah dikirim")).to_be_visible()

    vaccinate(Recipient.objects.get())
    page.goto(str(Message.objects.get(template="vaccination_card").context["link"]))
    expect(page.get_by_role("heading", level=1)).to_have_text("Kartu vaksinasi saya")
    expect(page.get_by_text(re.compile("sudah lewat waktu"))).to_be_visible()
    assert_accessible(page)
    page.get_by_role("link", name="Buat sertifikat").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sertifikat vaksinasi")
    page.get_by_role("button", name="Buat sertifikat").click()
    expect(page.get_by_role("img", name="Kode QR sertifikat")).to_be_visible()
    assert_accessible(page)
    issued = services.issue_certificate(
        recipient=Recipient.objects.get(), by=Actor.system("test"), now=utc_now()
    )
    assert queries.verified_card(issued.numeric, now=utc_now()).holds

    page.get_by_role("link", name="Periksa sertifikat").click()
    expect(page).to_have_url(re.compile("/verify"))
    page.locator("textarea, input[name=code]").first.fill(issued.numeric)
    page.get_by_role("main").get_by_role("button").last.click()
    expect(page.get_by_text("Budi Contoh").first).to_be_visible()
    expect(page.get_by_text("LOT00001").first).to_be_visible()
    assert_accessible(page)
