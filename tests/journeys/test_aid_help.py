"""Help reaches a kampung: found, promised, confirmed, handed over, delivered with proof, acknowledged."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from kolaborasi.aid.models import Delivery, NeedLine, Pledge
from kolaborasi.aid.states import DeliveryState
from kolaborasi.aid.views.access import receipt_ticket
from kolaborasi.commitments.states import CommitmentState
from kolaborasi.common.actors import Actor
from kolaborasi.common.clock import utc_now
from kolaborasi.messages.models import Message
from kolaborasi.people.models import User
from kolaborasi.places.models import Place
from kolaborasi.places.services import ensure_rw, load_jakarta
from tests.aid.pages import helper, member, photo, promised, soon
from tests.factories import ItemFactory, NeedFactory, NeedLineFactory, SiteFactory
from tests.journeys.conftest import DESKTOP, PHONE, NewPage, assert_accessible

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def city(settings: Any, tmp_path: Path) -> None:
    """Real Jakarta, proof photos in a folder of the test."""
    settings.MEDIA_ROOT = tmp_path
    load_jakarta(by=Actor.system("test"), now=utc_now())


@pytest.fixture
def line() -> NeedLine:
    """RW 012 of Cideng lacks 50 packages; a kelurahan beside it lacks some too."""
    kelurahan = Place.objects.get(code="31.71.01.1002")
    rw = ensure_rw(kelurahan=kelurahan, number=12, by=Actor.system("test"), now=utc_now())
    NeedLineFactory(need__place=Place.objects.get(code="31.71.01.1003"), reported=30)
    return NeedLineFactory(need__place=rw, reported=50)


def sign_in(page: Page, user: User, live_server: LiveServer) -> None:
    """Give the browser the session of an account."""
    client = Client()
    client.force_login(user)
    cookie = {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}
    page.context.add_cookies([cookie])  # type: ignore[list-item]


def promise(page: Page, line: NeedLine, quantity: int) -> None:
    """From the list to the sent form."""
    page.goto("/aid/")
    assert_accessible(page)
    page.get_by_role("link", name=re.compile("^RW 012")).first.click()
    assert_accessible(page)
    page.get_by_role("link", name=re.compile("Beri bantuan")).click()
    assert_accessible(page)
    page.get_by_label("Berapa banyak").fill(str(quantity))
    page.get_by_label("Nama Anda").fill("Warga Contoh")
    page.get_by_label("Alamat").fill("penolong@contoh.example")
    page.get_by_role("button", name="Janjikan").click()


def test_help_reaches_a_kampung(
    any_page: Page, line: NeedLine, live_server: LiveServer, new_page: NewPage
) -> None:
    page = any_page
    promise(page, line, 20)
    expect(page.get_by_role("heading", level=1)).to_have_text("Tinggal satu langkah: konfirmasi")
    assert_accessible(page)

    page.goto(str(Message.objects.get().context["link"]))
    assert_accessible(page)
    page.get_by_role("button", name="Konfirmasi janji saya").click()
    expect(page.get_by_text("Terima kasih. Janji Anda berlaku.")).to_be_visible()
    page.get_by_role("button", name="Sudah dalam perjalanan").click()
    expect(page.get_by_text("Dalam perjalanan").first).to_be_visible()
    followed = page.url

    head_page = new_page(javascript=False)
    sign_in(head_page, member("rw_head", place=line.need.place), live_server)
    head_page.goto("/aid/mine/")
    assert_accessible(head_page)
    code = head_page.locator("code.receipt-code").inner_text()

    page.get_by_role("link", name="Laporkan penyerahan").click()
    assert_accessible(page)
    page.get_by_label("Berapa banyak yang Anda serahkan").fill("15")
    page.get_by_label("Kode penerima").fill(code.lower())
    picture = {"name": "serah.jpg", "mimeType": "image/jpeg", "buffer": photo().read()}
    page.get_by_label("Foto serah terima").set_input_files([picture])  # type: ignore[list-item]
    page.get_by_role("button", name="Laporkan").click()
    expect(page.get_by_text("Diserahkan sebagian").first).to_be_visible()
    assert_accessible(page)

    head_page.reload()
    head_page.get_by_role("link", name=re.compile("Kontak dan penerimaan")).click()
    assert_accessible(head_page)
    head_page.get_by_label("Berapa banyak yang tiba").fill("5")
    head_page.get_by_role("button", name="Ini yang tiba").click()

    page.goto(followed)
    expect(page.get_by_text("Terima kasih atas bantuan Anda. Bantuan sudah tiba.")).to_be_visible()
    line.refresh_from_db()
    assert (line.reported, line.committed, line.delivered) == (50, 20, 20)
    assert Pledge.objects.get().state == CommitmentState.FULFILLED
    assert [each.received for each in Delivery.objects.order_by("pk")] == [15, 5]

    page.goto(f"/aid/needs/{line.need_id}/")
    expect(page.get_by_text("1 warga yang tidak disebut namanya")).to_be_visible()
    expect(page.get_by_alt_text(re.compile("Foto serah terima"))).to_be_visible()
    assert_accessible(page)


def test_photo_alone_waits_for_the_recipient_who_disputes(
    any_page: Page, line: NeedLine, live_server: LiveServer
) -> None:
    _pledge, token = promised(line)
    any_page.goto(f"/aid/p/{token}/deliver/")
    picture = {"name": "serah.jpg", "mimeType": "image/jpeg", "buffer": photo().read()}
    any_page.get_by_label("Foto serah terima").set_input_files([picture])  # type: ignore[list-item]
    any_page.get_by_role("button", name="Laporkan").click()
    expect(any_page.get_by_text("Menunggu penerima").first).to_be_visible()
    sign_in(any_page, member("rw_head", place=line.need.place), live_server)
    any_page.goto("/aid/mine/")
    any_page.get_by_role("link", name=re.compile("Nyatakan apa yang tiba")).click()
    any_page.get_by_role("link", name="Tidak tiba").click()
    assert_accessible(any_page)
    any_page.get_by_role("button", name="Tidak tiba").click()
    expect(any_page.get_by_text("Penerima menyatakan tidak tiba")).to_be_visible()
    assert Delivery.objects.get().state == DeliveryState.DISPUTED


def test_helper_opens_the_scanned_code(browser_page: Page, line: NeedLine) -> None:
    pledge, _token = promised(line)
    browser_page.goto(f"/aid/r/{receipt_ticket(pledge)}/?code={pledge.receipt_code}")
    assert_accessible(browser_page)
    browser_page.get_by_role("button", name="Sudah diserahkan").click()
    expect(browser_page.get_by_role("heading", level=1)).to_have_text("Terima kasih")
    assert_accessible(browser_page)
    line.refresh_from_db()
    assert line.delivered == 10


def test_double_press_makes_one_pledge(new_page: NewPage, line: NeedLine) -> None:
    page = new_page()
    page.goto(f"/aid/needs/{line.need_id}/pledges")
    page.get_by_label("Berapa banyak").fill("5")
    page.get_by_label("Nama Anda").fill("Warga Contoh")
    page.get_by_label("Alamat").fill("penolong@contoh.example")
    page.get_by_role("button", name="Janjikan").dblclick()
    expect(page.get_by_role("heading", level=1)).to_have_text("Tinggal satu langkah: konfirmasi")
    assert Pledge.objects.count() == 1


def test_too_much_keeps_the_form_and_names_the_nearest(any_page: Page, line: NeedLine) -> None:
    promise(any_page, line, 60)
    expect(any_page.get_by_text("Di sini hanya kurang 50 lagi; Anda menulis 60")).to_be_visible()
    expect(any_page.get_by_label("Nama Anda")).to_have_value("Warga Contoh")
    assert_accessible(any_page)
    any_page.get_by_role("link", name="Kelurahan Petojo Utara").click()
    expect(any_page.get_by_text("masih kurang 30 paket")).to_be_visible()
    assert Pledge.objects.count() == 0


def test_list_is_filtered_and_its_map_follows(new_page: NewPage, line: NeedLine) -> None:
    page = new_page(viewport=DESKTOP)
    page.goto("/aid/")
    expect(page.locator(".map path.point")).to_have_count(2)
    page.get_by_label("Tempat atau lembaga").fill("cideng")
    page.get_by_role("button", name="Tampilkan").click()
    expect(page.locator("#list .card")).to_have_count(1)
    expect(page.locator(".map path.point")).to_have_count(1)
    page.get_by_role("link", name=re.compile("hapus saringan ini")).click()
    expect(page.locator("#list .card")).to_have_count(2)


def test_nearest_to_me_asks_the_browser(new_page: NewPage, line: NeedLine) -> None:
    page = new_page(viewport=PHONE)
    page.context.grant_permissions(["geolocation"])
    page.context.set_geolocation({"latitude": -6.16761234, "longitude": 106.81})
    page.goto("/aid/")
    page.get_by_role("button", name="Terdekat dari saya").click()
    page.wait_for_url(re.compile("near="))
    assert "near=-6.168%2C106.810" in page.url
    expect(page.locator("#list .card").first).to_contain_text(re.compile(r"\d+ m|km"))
    assert_accessible(page)


def test_nearest_without_script_is_by_a_chosen_kelurahan(new_page: NewPage, line: NeedLine) -> None:
    page = new_page(javascript=False)
    page.goto("/aid/")
    page.get_by_text("Saringan lain").click()
    page.get_by_label("Jarak dari").select_option("31.71.01.1003")
    page.get_by_role("button", name="Tampilkan").click()
    expect(page.locator("#list .card").first).to_contain_text("Petojo Utara")


def test_head_registers_and_verifier_opens_it(
    any_page: Page, live_server: LiveServer, new_page: NewPage, settings: Any
) -> None:
    settings.DEMO = True
    ItemFactory()
    kelurahan = Place.objects.get(code="31.71.01.1002")
    rw = ensure_rw(kelurahan=kelurahan, number=3, by=Actor.system("test"), now=utc_now())
    sign_in(any_page, member("rw_head", place=rw), live_server)
    any_page.goto("/aid/needs/new/")
    assert_accessible(any_page)
    any_page.get_by_label("Kehilangan penghasilan").check()
    any_page.get_by_label("Keluarga (KK)").fill("20")
    any_page.get_by_label("Orang", exact=True).fill("75")
    any_page.get_by_role("textbox", name="Paket sembako").fill("20")
    any_page.get_by_role("button", name="Daftarkan").click()
    # The day was forgotten: what was typed is still there.
    assert_accessible(any_page)
    expect(any_page.get_by_label("Orang", exact=True)).to_have_value("75")
    any_page.get_by_label("Diperlukan paling lambat").fill(soon())
    any_page.get_by_role("button", name="Daftarkan").click()
    expect(any_page.get_by_text("Kelurahan memeriksa kebutuhan ini dahulu")).to_be_visible()

    desk = new_page(viewport=DESKTOP)
    sign_in(desk, member("verifier", place=kelurahan), live_server)
    desk.goto("/aid/verify/")
    assert_accessible(desk)
    desk.get_by_role("link", name="RW 003 Cideng").click()
    assert_accessible(desk)
    desk.get_by_role("button", name="Benar: tampilkan untuk umum").click()
    expect(desk.get_by_text("Sudah diperiksa.")).to_be_visible()
    any_page.goto("/aid/")
    expect(any_page.locator("#list .card")).to_have_count(1)


def test_english_visitor_reads_english(new_page: NewPage, line: NeedLine) -> None:
    page = new_page(language="en", viewport=DESKTOP)
    page.goto("/aid/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Who needs help")
    assert_accessible(page)
    page.get_by_role("link", name=re.compile("^RW 012")).first.click()
    page.get_by_role("link", name=re.compile("Give help")).click()
    page.get_by_label("How much").fill("5")
    page.get_by_label("Your name").fill("Example Citizen")
    page.get_by_label("E-mail").fill("helper@contoh.example")
    page.get_by_role("button", name="Promise it").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("One step is left: confirm")
    assert Message.objects.get().language == "en"
    page.goto(str(Message.objects.get().context["link"]))
    page.get_by_role("button", name="Confirm my promise").click()
    expect(page.get_by_text("Thank you. Your promise stands.")).to_be_visible()
    assert_accessible(page)


PUBLIC = ("/aid/", "/aid/coverage/", "/aid/needs/new/")
SIGNED_IN = ("/aid/my-pledges/", "/aid/offers/", "/aid/offers/new", "/aid/mine/", "/aid/mine/needs/")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_is_accessible_on_every_screen(
    new_page: NewPage, line: NeedLine, live_server: LiveServer, scheme: str
) -> None:
    user = member("rw_head", place=line.need.place)
    pledge, token = promised(line)
    need = f"/aid/needs/{line.need_id}/"
    own = (f"{need}withdraw/", f"{need}lines/{line.pk}/", f"/aid/receive/{pledge.pk}/")
    links = (f"/aid/p/{token}/", f"/aid/p/{token}/cancel/", need, f"{need}pledges", f"{need}pledged/")
    for viewport in (PHONE, DESKTOP, {"width": 320, "height": 640}):
        page = new_page(viewport=viewport, scheme=scheme)
        for address in (*PUBLIC, *links):
            page.goto(address)
            assert_accessible(page)
        sign_in(page, user, live_server)
        for address in (*SIGNED_IN, *own):
            page.goto(address)
            assert_accessible(page)


def test_institution_helper_and_offer(new_page: NewPage, live_server: LiveServer) -> None:
    ItemFactory()
    site = SiteFactory(place=Place.objects.get(code="31.71.01.1002"), name="Panti Contoh")
    NeedLineFactory(need=NeedFactory(place=site.place, institution=site))
    page = new_page()
    page.goto("/aid/")
    expect(page.get_by_role("link", name="Panti Contoh")).to_be_visible()
    sign_in(page, helper(), live_server)
    page.goto("/aid/offers/new")
    page.get_by_label(re.compile("Paket sembako")).check()
    page.get_by_label("Berapa banyak").fill("12")
    page.get_by_label("Di mana barangnya sekarang").select_option(label="Cideng (Gambir)")
    page.get_by_role("button", name="Tawarkan").click()
    expect(page.get_by_text("Menunggu rencana berikutnya")).to_be_visible()
    assert_accessible(page)
