"""A patient is placed: asked for, offered, declined, offered, accepted, admitted, discharged; and beds are reported."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from kolaborasi.common.actors import Actor
from kolaborasi.common.clock import utc_now
from kolaborasi.hospitals.models import BedPool, BedReport, Placement, Referral
from kolaborasi.people.models import User
from kolaborasi.places.models import Place
from kolaborasi.places.services import load_jakarta
from tests.factories import UserFactory
from tests.hospitals.factories import (
    DISPATCHER,
    HospitalFactory,
    PoolFactory,
    PuskesmasFactory,
    isolation,
    referral,
)
from tests.hospitals.pages import member
from tests.journeys.conftest import DESKTOP, PHONE, NewPage, assert_accessible
from tests.journeys.test_aid_help import sign_in

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def city(settings: Any) -> None:
    """Real Jakarta in demonstration mode, which asks for no second factor."""
    settings.DEMO = True
    load_jakarta(by=Actor.system("test"), now=utc_now())
    UserFactory(pk=DISPATCHER.user_id)


def pool(code: str, name: str) -> BedPool:
    """Five isolation beds of a hospital in a kelurahan."""
    now = utc_now()
    hospital = HospitalFactory(site__name=name, site__place=Place.objects.get(code=code))
    return PoolFactory(hospital=hospital, observed_at=now - timedelta(minutes=10), received_at=now)


def staff(found: BedPool) -> User:
    return member("partner_member", partner=found.hospital.site.partner)


def ask_for_a_bed(page: Page) -> None:
    """From the board to the referral's page."""
    page.goto("/hospitals/board/")
    assert_accessible(page)
    page.get_by_role("link", name="Minta tempat tidur").first.click()
    expect(page.get_by_label("Nama pasien")).to_be_visible()
    assert_accessible(page)
    page.get_by_label("Nama pasien").fill("Warga Contoh")
    page.get_by_label("Di mana pasien").select_option("31.71.01.1002")
    page.get_by_label("Saturasi oksigen").fill("95")
    page.get_by_label("Batuk, demam, dan sesak").check()
    page.get_by_role("button", name="Minta tempat tidur").click()
    expect(page.get_by_text("Menunggu tempat tidur").first).to_be_visible()
    assert_accessible(page)


@pytest.mark.parametrize(
    ("viewport", "javascript"),
    [(PHONE, True), (DESKTOP, True), (PHONE, False)],
    ids=["phone", "desktop", "no-script"],
)
def test_patient_is_placed_after_a_hospital_declined(
    new_page: NewPage, live_server: LiveServer, viewport: dict[str, int], javascript: bool
) -> None:
    near, far = pool("31.71.01.1002", "RS Contoh Dekat"), pool("31.75.10.1001", "RS Contoh Jauh")

    def signed_in(user: User) -> Page:
        page = new_page(viewport=viewport, javascript=javascript)
        sign_in(page, user, live_server)
        return page

    dispatcher = signed_in(member("coordinator"))
    ask_for_a_bed(dispatcher)
    expect(dispatcher.locator(".ranked li").first).to_contain_text("RS Contoh Dekat")
    dispatcher.get_by_label(re.compile("RS Contoh Jauh")).check()
    dispatcher.get_by_role("button", name="Tawarkan menurut urutan ini").click()
    expect(
        dispatcher.get_by_role("heading", name=re.compile("Ditawarkan ke RS Contoh Dekat"))
    ).to_be_visible()
    expect(dispatcher.get_by_text("Ditanya berikutnya, menurut urutan: RS Contoh Jauh")).to_be_visible()
    assert_accessible(dispatcher)
    followed = dispatcher.url

    first = signed_in(staff(near))
    first.goto("/hospitals/mine/")
    assert_accessible(first)
    first.get_by_role("link", name=re.compile("^Tolak")).click()
    expect(first.get_by_label("tidak ada petugas")).to_be_visible()
    assert_accessible(first)
    first.get_by_label("tidak ada petugas").check()
    first.get_by_role("button", name="Tolak").click()
    expect(first.get_by_text("Sekarang tidak ada pasien yang ditawarkan")).to_be_visible()

    second = signed_in(staff(far))
    second.goto("/hospitals/mine/")
    second.get_by_role("button", name=re.compile("^Terima")).click()
    expect(second.get_by_role("heading", name="Menuju Anda (1)")).to_be_visible()
    second.get_by_role("button", name=re.compile("^Sudah dirawat")).click()
    expect(second.get_by_text("Dirawat sejak")).to_be_visible()
    assert_accessible(second)
    dispatcher.goto(followed)
    expect(dispatcher.get_by_text("RS Contoh Dekat menolak")).to_be_visible()
    expect(dispatcher.get_by_text("Dirawat di RS Contoh Jauh").first).to_be_visible()
    assert_accessible(dispatcher)

    second.get_by_role("link", name=re.compile("^Pulangkan")).click()
    expect(second.get_by_role("heading", name="Pulangkan pasien ini?")).to_be_visible()
    assert_accessible(second)
    second.get_by_role("button", name="Pulangkan").click()
    expect(second.get_by_text("Tidak ada.")).to_be_visible()
    assert Referral.objects.get().state == "discharged"
    assert [each.answer for each in Placement.objects.order_by("pk")] == ["declined", "accepted"]
    far.refresh_from_db()
    assert far.committed == 0


@pytest.mark.parametrize("javascript", [True, False], ids=["script", "no-script"])
def test_beds_are_reported_on_a_phone(new_page: NewPage, live_server: LiveServer, javascript: bool) -> None:
    found = pool("31.71.01.1002", "RS Contoh Dekat")
    page = new_page(javascript=javascript)
    sign_in(page, staff(found), live_server)
    page.goto("/hospitals/mine/")
    page.get_by_role("link", name="Laporkan tempat tidur").click()
    expect(page.get_by_role("heading", name="Laporkan tempat tidur")).to_be_visible()
    assert_accessible(page)
    for beds in ("1", "2"):
        page.get_by_role("button", name="Tambah satu: Terisi, isolasi tekanan negatif").click()
        expect(page.get_by_role("textbox", name="Terisi").first).to_have_value(beds)
    assert BedReport.objects.count() == 1
    page.get_by_role("button", name="Laporkan tempat tidur").click()
    expect(page.get_by_text("Tempat tidur Anda sudah terbarui.")).to_be_visible()
    assert_accessible(page)
    found.refresh_from_db()
    assert (found.occupied, found.staffed, found.left) == (2, 5, 3)


def test_board_brings_itself_up_to_date(new_page: NewPage, live_server: LiveServer) -> None:
    page = new_page(viewport=DESKTOP)
    sign_in(page, member("coordinator"), live_server)
    page.goto("/hospitals/board/")
    expect(page.get_by_text("Tidak ada yang menunggu tempat tidur")).to_be_visible()
    made = referral(utc_now(), place=Place.objects.get(code="31.71.01.1002"))
    # The interval is fifteen seconds; a test asks at once.
    page.evaluate("htmx.ajax('GET', location.pathname, {target: '#list', swap: 'outerHTML'})")
    expect(page.get_by_role("link", name=f"P-{str(made.patient_id)[:8].upper()}")).to_be_visible()
    page.wait_for_timeout(200)
    with page.expect_response(lambda response: "/hospitals/board/" in response.url) as waiting:
        page.evaluate("htmx.trigger('#board-poll', 'poll')")
    assert waiting.value.status in (200, 304)
    expect(page.get_by_role("link", name=f"P-{str(made.patient_id)[:8].upper()}")).to_be_visible()
    assert_accessible(page)


def test_free_beds_are_found_near_me(browser_page: Page) -> None:
    pool("31.75.10.1001", "RS Contoh Jauh")
    pool("31.71.01.1002", "RS Contoh Dekat")
    browser_page.goto("/hospitals/")
    assert_accessible(browser_page)
    browser_page.get_by_label("Kelas tempat tidur").select_option("isolation-np")
    browser_page.get_by_text("Saringan lain").click()
    browser_page.get_by_label("Jarak dari").select_option("31.71.01.1002")
    browser_page.get_by_role("button", name="Tampilkan").click()
    expect(browser_page.locator("#list .card").first).to_contain_text("RS Contoh Dekat")
    browser_page.get_by_role("link", name="RS Contoh Dekat").click()
    expect(browser_page.get_by_role("heading", level=1, name="RS Contoh Dekat")).to_be_visible()
    assert_accessible(browser_page)
    browser_page.goto("/hospitals/network/")
    assert_accessible(browser_page)


def test_warning_sign_at_home_asks_for_a_bed(any_page: Page, live_server: LiveServer) -> None:
    site = PuskesmasFactory()
    case = isolation(site, place=Place.objects.get(code="31.71.01.1002"))
    sign_in(any_page, member("partner_member", partner=site.partner), live_server)
    any_page.goto("/hospitals/isolation/")
    assert_accessible(any_page)
    any_page.get_by_role("link", name=f"P-{str(case.person_id)[:8].upper()}").click()
    expect(any_page.get_by_label("Saturasi oksigen")).to_be_visible()
    assert_accessible(any_page)
    any_page.get_by_label("Saturasi oksigen").fill("91")
    any_page.get_by_role("button", name="Simpan pemantauan").click()
    expect(any_page.get_by_text("Ada tanda bahaya: tempat tidur langsung diminta.")).to_be_visible()
    assert Referral.objects.get().source == "isolation"
    assert_accessible(any_page)
