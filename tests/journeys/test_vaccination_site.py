"""A vaccination site's day in a browser: a booking comes, is screened and vaccinated; then the connection goes away."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from kolaborasi.common.clock import utc_now
from kolaborasi.people.models import User
from kolaborasi.vaccination import services
from kolaborasi.vaccination.models import Dose, Session, Visit
from tests.journeys.conftest import NewPage, assert_accessible
from tests.vaccination.factories import recipient
from tests.vaccination.staff_pages import SYSTEM, came, member, session_now, signed_in

pytestmark = pytest.mark.django_db(transaction=True)

KEPT = """async () => {
  const kept = () => caches.match(`${location.pathname}entry/`);
  while (!navigator.serviceWorker.controller || !(await kept())) await new Promise((done) => setTimeout(done, 100));
}"""
"""Waits until the worker serves this page and has the entry page of the session."""

COUNT_PRESSES = """
for (const kind of ["click", "keydown"])
  addEventListener(kind, (event) => {
    if (kind === "click" && event.target.closest("label") && !event.target.closest("input")) return;
    sessionStorage.setItem("presses", Number(sessionStorage.getItem("presses") || 0) + 1);
  }, true);
"""
"""Counts every press of a pointer and every key, over pages; the click a label passes on to its box counts once."""

KEEP_FOR_ANOTHER = """(address) => localStorage.setItem("vaccination-entries", JSON.stringify(
  [{ key: "8e03978e-40d5-43dd-bc93-6894a57f9324", who: "0", address, body: "number=4", label: "4" }]))"""

LOSE_ONE_ANSWER = """() => {
  const real = window.fetch;
  let lost = false;
  window.fetch = async (...asked) => {
    const answer = await real(...asked);
    if (lost) return answer;
    lost = true;
    throw new TypeError("the connection was lost after the server had answered");
  };
}"""


def enter_as(page: Page, live_server: LiveServer, user: User) -> None:
    """Sign an account in by the cookie of a session with its second factor."""
    cookie = signed_in(user).cookies["sessionid"]
    page.context.add_cookies([{"name": "sessionid", "value": cookie.value, "url": live_server.url}])


def booked(of: Session, name: str) -> str:
    slot = of.slots.select_related("session__site__place").get()
    return services.book(recipient=recipient(name=name), slot=slot, by=SYSTEM, now=utc_now()).token


def doses() -> list[int]:
    """Numbers in the queue of those who have a dose."""
    given = Dose.objects.values("recipient")
    return list(Visit.objects.filter(recipient__in=given).order_by("number").values_list("number", flat=True))


def test_booking_is_checked_in_screened_vaccinated_and_watched(
    new_page: NewPage, live_server: LiveServer
) -> None:
    of = session_now()
    token = booked(of, "Warga Contoh Tiga")
    page = new_page()
    enter_as(page, live_server, member("partner_member", partner=of.facility))

    page.goto("/vaccination/sessions/")
    page.get_by_role("link", name=of.site.name).click()
    expect(page.get_by_role("heading", level=1, name=of.site.name)).to_be_visible()
    assert_accessible(page)

    page.get_by_role("link", name="Daftar datang").click()
    expect(page.get_by_role("heading", level=1, name="Siapa yang datang?")).to_be_visible()
    page.get_by_label("Kode pemesanan, NIK, atau nomor paspor").fill(f"/vaccination/b/{token}/")
    page.get_by_role("button", name="Daftar datang").click()
    expect(page.locator(".ticket")).to_contain_text("1")

    page.add_init_script(COUNT_PRESSES)
    page.reload()
    expect(page.locator(".ticket")).to_contain_text("1")
    page.get_by_role("button", name="Panggil berikutnya").click()
    expect(page.get_by_text("Warga Contoh Tiga")).to_be_visible()
    assert_accessible(page)
    page.get_by_label("Semua pertanyaan sudah saya ajukan").check()
    page.get_by_role("button", name="Simpan jawaban").click()

    expect(page.get_by_role("button", name="Dosis diberikan")).to_be_visible()
    assert_accessible(page)
    page.get_by_role("button", name="Dosis diberikan").click()
    expect(page.get_by_role("heading", name="Dalam observasi (1)")).to_be_visible()
    assert_accessible(page)
    assert doses() == [1]
    # Call, tick, save, given: below fifteen seconds for anybody who has asked the questions. Nothing is typed.
    assert page.evaluate("sessionStorage.getItem('presses')") == "4"


def test_lost_connection_loses_nothing_and_repeats_nothing(
    new_page: NewPage, live_server: LiveServer
) -> None:
    of = session_now()
    for turn in range(4):
        came(of, recipient(name=f"Warga Contoh {turn}"))
    page = new_page()
    enter_as(page, live_server, member("partner_member", partner=of.facility))
    desk = f"/vaccination/sessions/{of.pk}/"
    page.goto(desk)
    page.evaluate(KEPT)

    # The connection goes away: a page that was never opened leads to the quick entry, with the number filled in.
    page.context.set_offline(True)
    page.goto(f"{desk}queue/1/")
    expect(page.get_by_role("heading", level=1, name="Entri cepat")).to_be_visible()
    expect(page.get_by_label("Nomor antrean")).to_have_value("1")
    give(page)
    expect(page.locator("[data-offline-status]")).to_contain_text("1 entri disimpan di perangkat ini")
    page.get_by_label("Nomor antrean").fill("2")
    give(page)
    expect(page.locator("[data-offline-status]")).to_contain_text("2 entri disimpan di perangkat ini")
    assert_accessible(page)
    assert doses() == []

    # The tab is closed and opened again, still without a connection: what was entered is still there.
    page.goto(f"{desk}entry/")
    expect(page.locator("[data-offline-status]")).to_contain_text("2 entri disimpan di perangkat ini")
    page.context.set_offline(False)
    expect(page.locator("[data-offline-status]")).to_contain_text("sudah dikirim")
    assert doses() == [1, 2]

    # The server takes an entry and its answer is lost on the way: the device sends it again, and it is the same dose.
    page.goto(f"{desk}entry/")
    page.evaluate(LOSE_ONE_ANSWER)
    page.get_by_label("Nomor antrean").fill("3")
    give(page)
    expect(page.locator("[data-offline-status]")).to_contain_text("1 entri disimpan di perangkat ini")
    assert doses() == [1, 2, 3]
    page.evaluate("window.dispatchEvent(new Event('online'))")
    expect(page.locator("[data-offline-status]")).to_contain_text("sudah dikirim")
    assert doses() == [1, 2, 3]

    # What the server refuses stays on the device with the reason, until somebody has seen it.
    page.context.set_offline(True)
    page.get_by_label("Nomor antrean").fill("99")
    give(page)
    page.context.set_offline(False)
    expect(page.locator("[data-offline-status]")).to_contain_text("Tidak ada nomor 99 di sesi ini")
    page.get_by_role("button", name="Keluarkan dari daftar").click()
    expect(page.locator("[data-offline-status]")).to_be_hidden()
    assert doses() == [1, 2, 3]
    assert page.evaluate("localStorage.getItem('vaccination-entries')") == "[]"

    # A number of a person is not written to the device; it stays in its field for another press.
    page.context.set_offline(True)
    code = page.get_by_label("Kode pemesanan, NIK, atau nomor paspor")
    code.fill("3171014107900001")
    page.get_by_role("button", name="Daftar datang").click()
    expect(page.locator("[data-offline-status]")).to_contain_text("NIK atau nomor paspor tidak disimpan")
    expect(code).to_have_value("3171014107900001")
    assert page.evaluate("localStorage.getItem('vaccination-entries')") == "[]"
    page.context.set_offline(False)

    # What another account entered waits for that account: nobody is written down for another's dose.
    page.evaluate(KEEP_FOR_ANOTHER, f"{desk}enter/")
    page.goto(f"{desk}entry/")
    expect(page.locator("[data-offline-status]")).to_contain_text("1 entri akun lain")
    page.evaluate("window.dispatchEvent(new Event('online'))")
    expect(page.locator("[data-offline-status]")).to_contain_text("1 entri akun lain")
    assert doses() == [1, 2, 3]


def give(page: Page) -> None:
    """Tick that everything was asked, and say that the dose was given."""
    page.get_by_label("Semua pertanyaan sudah saya ajukan").check()
    page.get_by_role("button", name="Dosis diberikan").click()


def test_dose_is_recorded_without_scripts(new_page: NewPage, live_server: LiveServer) -> None:
    of = session_now()
    came(of, recipient(name="Warga Contoh Lima"))
    page = new_page(javascript=False)
    enter_as(page, live_server, member("partner_member", partner=of.facility))
    page.goto(f"/vaccination/sessions/{of.pk}/")
    page.get_by_role("button", name="Panggil berikutnya").click()
    expect(page.get_by_role("button", name="Simpan jawaban")).to_be_visible()
    page.get_by_label("Semua pertanyaan sudah saya ajukan").check()
    page.get_by_role("button", name="Simpan jawaban").click()
    expect(page.get_by_role("button", name="Dosis diberikan")).to_be_visible()
    page.get_by_role("button", name="Dosis diberikan").click()
    expect(page.get_by_role("heading", name="Dalam observasi (1)")).to_be_visible()
    assert doses() == [1]
