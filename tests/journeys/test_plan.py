"""A coordinator enters by the demo door, reads a plan and approves it; everything as in a browser, and accessible."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from django.test import override_settings
from django.utils.timezone import now as present
from playwright.sync_api import Page, expect

from kolaborasi.aid.models import Pledge
from kolaborasi.allocation import queries, services
from kolaborasi.allocation.models import Proposal
from kolaborasi.common.actors import Actor
from kolaborasi.demo.accounts import ACCOUNTS, open_account
from kolaborasi.partners.models import Partner
from tests.factories import MembershipFactory, NeedLineFactory, OfferFactory, PartnerFactory
from tests.journeys.conftest import DESKTOP, PHONE, NewPage, assert_accessible

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.urls("tests.demo.urls")]


@pytest.fixture(autouse=True)
def _demo_mode() -> Iterator[None]:
    with override_settings(DEMO=True):
        yield


@pytest.fixture
def proposal() -> Proposal:
    """A plan of three lines, made by the system; a coordinator with a demo account."""
    account = next(each for each in ACCOUNTS if each.key == "koordinator")
    user = open_account(account, present())
    MembershipFactory(user=user, partner=PartnerFactory(kind="government"), role="coordinator")
    for _ in range(3):
        line = NeedLineFactory(reported=20)
        OfferFactory(reported=20, place=line.need.place)
    return services.propose(by=Actor.system("test"), now=present())


def enter(page: Page) -> None:
    page.goto("/demo/")
    page.get_by_role("button", name="Masuk Koordinator").click()
    expect(page.get_by_role("heading", name="Rencana")).to_be_visible()


def test_coordinator_approves_two_lines_and_sees_what_became_of_them(
    any_page: Page, proposal: Proposal
) -> None:
    frozen = queries.lines_of(proposal)[1]
    enter(any_page)
    any_page.get_by_role("row").nth(1).get_by_role("link").click()
    expect(any_page.get_by_text("3 baris menunggu keputusan")).to_be_visible()
    boxes = any_page.get_by_role("checkbox")
    expect(boxes).to_have_count(3)
    boxes.nth(0).check()
    boxes.nth(1).check()
    any_page.get_by_role("button", name="Setujui baris yang dicentang").click()
    expect(any_page.get_by_role("heading", name="Setujui 2 baris?")).to_be_visible()
    # The world moves on between the question and the answer.
    Partner.objects.filter(pk=frozen.offer.partner_id).update(state="frozen", reason="complaint")
    any_page.get_by_role("button", name="Setujui").click()
    expect(any_page.get_by_text("1 baris kini menjadi janji.")).to_be_visible()
    expect(any_page.get_by_text("1 baris ditolak karena keadaan sudah berubah")).to_be_visible()
    expect(any_page.get_by_text("Pemberi sedang tidak menerima hal baru")).to_be_visible()
    assert list(Pledge.objects.values_list("quantity", "state")) == [(20, "confirmed")]


def test_filtered_lines_are_ticked_after_the_list_was_swapped(new_page: NewPage, proposal: Proposal) -> None:
    page = new_page(viewport=DESKTOP)
    enter(page)
    page.goto(f"/posko/plans/{proposal.pk}/")
    first = queries.lines_of(proposal)[0]
    page.get_by_label("Kode wilayah").fill(first.need_line.need.place.code)
    page.get_by_role("button", name="Tampilkan").click()
    # The address changes with the swap; the count may have been the same before it.
    expect(page).to_have_url(re.compile(re.escape(first.need_line.need.place.code)))
    expect(page.get_by_role("status").first).to_contain_text("1 hasil")
    page.get_by_role("checkbox").check()
    page.get_by_role("button", name="Tolak baris yang dicentang").click()
    page.get_by_role("button", name="Tolak").click()
    expect(page.get_by_text("1 baris ditolak.")).to_be_visible()
    first.refresh_from_db()
    assert (first.state, Pledge.objects.count()) == ("rejected", 0)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_pages_are_accessible(
    new_page: NewPage, proposal: Proposal, viewport: dict[str, int], scheme: str
) -> None:
    page = new_page(viewport=viewport, scheme=scheme)
    page.goto("/demo/")
    assert_accessible(page)
    enter(page)
    for address in ("", f"{proposal.pk}/", f"{proposal.pk}/approve/?all=1", "new/"):
        page.goto(f"/posko/plans/{address}")
        assert_accessible(page)
    page.goto("/demo/outbox/")
    assert_accessible(page)
