"""A swab becomes a result: ordered, taken, dispatched, received, run, validated, and read by the person."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.utils.timezone import localdate
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from kolaborasi.common.actors import Actor
from kolaborasi.common.clock import utc_now
from kolaborasi.diagnostics import facts, services
from kolaborasi.diagnostics.models import Assay, Lab, Label, Result, Specimen
from kolaborasi.messages.models import Message
from kolaborasi.partners.models import PartnerKind, Site, SiteKind
from kolaborasi.places.models import Place
from kolaborasi.places.services import load_jakarta
from tests.diagnostics.factories import every_day
from tests.factories import PartnerFactory, SiteFactory
from tests.hospitals.pages import member
from tests.journeys.conftest import PHONE, NewPage, assert_accessible
from tests.journeys.test_aid_help import sign_in

pytestmark = pytest.mark.django_db(transaction=True)
SYSTEM = Actor.system("test")


@dataclass(frozen=True)
class City:
    """A collection site and the lab of a campus."""

    site: Site
    lab: Lab


@pytest.fixture
def city(settings: Any) -> City:
    """Real Jakarta in demonstration mode, which asks for no second factor."""
    settings.DEMO = True
    now = utc_now()
    load_jakarta(by=SYSTEM, now=now)
    facts.load_assays()
    place = Place.objects.get(code="31.71.01.1002")
    site = SiteFactory(kind=SiteKind.COLLECTION, name="Titik Usap Contoh", place=place)
    campus = SiteFactory(
        kind=SiteKind.LAB,
        name="Lab Kampus Contoh",
        place=place,
        partner=PartnerFactory(kind=PartnerKind.CAMPUS),
    )
    lab = services.register_lab(site=campus, biosafety=2, by=SYSTEM, now=now)
    lab = services.verify_lab(lab=lab, by=SYSTEM, now=now)
    services.add_machine(
        lab=lab, name="A", model="CFX96", wells=96, run_minutes=60, targets=[], by=SYSTEM, now=now
    )
    services.set_shifts(lab=lab, shifts=every_day(), by=SYSTEM, now=now)
    item = Assay.objects.get(code="cdc-n1-n2").kit
    assert item is not None
    today = localdate(now)
    services.receive_kits(
        lab=lab,
        item=item,
        lot="CONTOH-1",
        expires_date=today + timedelta(days=90),
        reactions=5000,
        by=SYSTEM,
        now=now,
    )
    offers = {today: 90, today + timedelta(days=1): 90}
    services.offer_days(lab=lab, offers=offers, by=SYSTEM, now=now)
    return City(site, lab)


def order_and_collect(page: Page) -> str:
    """From the desk to the recorded tube; returns its barcode."""
    page.goto("/diagnostics/mine/collection/")
    expect(page.get_by_role("heading", name="Titik Usap Contoh")).to_be_visible()
    assert_accessible(page)
    page.get_by_role("link", name="Label", exact=True).click()
    expect(page.get_by_role("heading", name="Label", exact=True)).to_be_visible()
    page.get_by_label("Jumlah label").fill("2")
    page.get_by_role("button", name="Terbitkan label").click()
    expect(page.get_by_text("2 label").first).to_be_visible()
    assert_accessible(page)
    page.get_by_role("link", name="Titik Usap Contoh").click()
    expect(page.get_by_role("heading", name="Titik Usap Contoh")).to_be_visible()
    page.get_by_role("link", name="Minta pemeriksaan").click()
    expect(page.get_by_label("Nama seperti di kartu")).to_be_visible()
    assert_accessible(page)
    page.get_by_label("Nama seperti di kartu").fill("Warga Contoh")
    page.get_by_label("Tanggal lahir").fill("1990-07-01")
    page.get_by_label("perempuan").check()
    page.get_by_label("Alamat email").fill("warga@contoh.example")
    page.get_by_label("Tempat tinggal").select_option("31.71.01.1002")
    page.get_by_label("suspek").check()
    page.get_by_label("Cara memberitahukan hasil").select_option("email")
    page.get_by_role("button", name="Minta pemeriksaan ini").click()
    expect(page.get_by_role("heading", name="Ambil usap")).to_be_visible()
    assert_accessible(page)
    barcode = Label.objects.order_by("pk")[0].barcode
    # A scanner types the barcode and ends with Enter.
    page.get_by_label("Kode batang label").press_sequentially(barcode)
    page.get_by_label("Kode batang label").press("Enter")
    expect(page.get_by_text("Spesimen tercatat.")).to_be_visible()
    assert_accessible(page)
    return barcode


def scan(page: Page, barcode: str) -> None:
    """As a scanner types it."""
    field = page.get_by_label("Pindai di sini")
    field.press_sequentially(barcode)
    field.press("Enter")


def pick_up(page: Page, barcode: str) -> None:
    """The courier's round, from the list to the box."""
    page.goto("/diagnostics/rounds/")
    expect(page.get_by_role("link", name="Titik Usap Contoh → Lab Kampus Contoh")).to_be_visible()
    assert_accessible(page)
    page.get_by_role("link", name="Titik Usap Contoh → Lab Kampus Contoh").click()
    expect(page.get_by_text(barcode)).to_be_visible()
    scan(page, barcode)
    assert_accessible(page)
    page.get_by_role("button", name="Ambil").click()
    expect(page.get_by_text("Sudah diambil.")).to_be_visible()
    assert_accessible(page)


def receive(page: Page, barcode: str) -> None:
    """The lab's reception scans it against the manifest."""
    page.goto("/diagnostics/mine/reception/")
    expect(page.get_by_role("link", name="Dari Titik Usap Contoh")).to_be_visible()
    assert_accessible(page)
    page.get_by_role("link", name="Dari Titik Usap Contoh").click()
    expect(page.get_by_text("1 spesimen di manifes")).to_be_visible()
    scan(page, barcode)
    assert_accessible(page)
    page.get_by_role("button", name="Diterima").click()
    expect(page.get_by_text("Semua cocok dengan manifes.")).to_be_visible()
    assert_accessible(page)


def run_a_plate(page: Page, barcode: str) -> None:
    """Prepare, start and read a plate: N1 and N2 of the specimen cross the threshold."""
    page.goto("/diagnostics/mine/bench/")
    expect(page.get_by_role("link", name=barcode)).to_be_visible()
    assert_accessible(page)
    page.get_by_role("link", name="Siapkan pelat").click()
    expect(page.get_by_label("Isi pelat")).to_have_value(
        re.compile(f"{barcode}\n.*G12 \\+\nH12 -", re.DOTALL)
    )
    assert_accessible(page)
    page.get_by_label("Reagen uji").select_option(label="CDC 2019-nCoV panel (N1, N2)")
    page.get_by_role("button", name="Tampilkan pelat").click()
    expect(page.get_by_role("button", name="Mesin berjalan")).to_be_visible()
    assert_accessible(page)
    page.get_by_role("button", name="Mesin berjalan").click()
    expect(page.get_by_role("link", name="Ketik nilai Ct")).to_be_visible()
    page.get_by_role("link", name="Ketik nilai Ct").click()
    expect(page.get_by_label("A1 N1", exact=True)).to_be_visible()
    values = {"A1": ("21,5", "22,1", "27"), "G12": ("25", "25", "27"), "H12": ("", "", "")}
    for position, cts in values.items():
        for target, ct in zip(("N1", "N2", "RP"), cts, strict=True):
            page.get_by_label(f"{position} {target}", exact=True).fill(ct)
    assert_accessible(page)
    page.get_by_role("button", name="Baca pelat").click()
    expect(page.get_by_text("Pelat sudah dibaca.")).to_be_visible()
    assert_accessible(page)


def validate(page: Page, barcode: str) -> None:
    """A second person validates."""
    page.goto("/diagnostics/mine/validation/")
    expect(page.get_by_text("N1 21,5")).to_be_visible()
    assert_accessible(page)
    page.get_by_label(barcode).check()
    page.get_by_role("button", name="Validasi yang dicentang").click()
    expect(page.get_by_text("1 hasil divalidasi")).to_be_visible()
    assert_accessible(page)


def dispatch(page: Page) -> None:
    """The coordinator plans the courier round and approves it."""
    page.goto("/diagnostics/dispatch/")
    page.get_by_role("link", name="Rencanakan putaran kurir").click()
    expect(page.get_by_role("button", name="Buat rencana")).to_be_visible()
    page.get_by_role("button", name="Buat rencana").click()
    expect(page.get_by_role("link", name="Setujui")).to_be_visible()
    page.get_by_role("link", name="Setujui").click()
    expect(page.get_by_role("heading", name="Setujui rencana ini?")).to_be_visible()
    page.get_by_role("button", name="Setujui").click()
    expect(page.get_by_text("1 manifes")).to_be_visible()
    assert_accessible(page)


@pytest.mark.parametrize("javascript", [True, False], ids=["script", "no-script"])
def test_swab_becomes_a_result(
    city: City, new_page: NewPage, live_server: LiveServer, javascript: bool
) -> None:
    def signed_in(role: str, **limits: Any) -> Page:
        page = new_page(viewport=PHONE, javascript=javascript)
        sign_in(page, member(role, **limits), live_server)
        return page

    barcode = order_and_collect(signed_in("partner_member", partner=city.site.partner))
    dispatch(signed_in("coordinator"))
    pick_up(signed_in("courier", partner=city.site.partner), barcode)
    technician = signed_in("partner_member", partner=city.lab.site.partner)
    receive(technician, barcode)
    run_a_plate(technician, barcode)
    technician.goto("/diagnostics/mine/validation/")
    expect(technician.get_by_text("Anda yang memasukkan")).to_be_visible()
    expect(technician.get_by_label(barcode)).to_be_disabled()
    validate(signed_in("partner_member", partner=city.lab.site.partner), barcode)
    assert Specimen.objects.get().state == "validated"
    assert (Result.objects.get().outcome, Result.objects.get().state) == ("positive", "validated")
    services.tell_results(by=SYSTEM, now=utc_now())
    read_result(new_page(viewport=PHONE, javascript=javascript))


def read_result(page: Page) -> None:
    """The person opens the link of the message; another birth date opens nothing."""
    page.goto(Message.objects.get(template="diagnostics_result").context["link"])
    assert_accessible(page)
    page.get_by_label("Tanggal lahir orang yang dites").fill("1990-07-02")
    page.get_by_role("button", name="Tampilkan hasil").click()
    expect(page.get_by_text("bukan tanggal lahir orang yang diperiksa").first).to_be_visible()
    expect(page.get_by_text("Warga Contoh")).to_have_count(0)
    page.get_by_label("Tanggal lahir orang yang dites").fill("1990-07-01")
    page.get_by_role("button", name="Tampilkan hasil").click()
    expect(page.get_by_text("Warga Contoh")).to_be_visible()
    expect(page.get_by_text("Positif", exact=True)).to_be_visible()
    assert_accessible(page)
