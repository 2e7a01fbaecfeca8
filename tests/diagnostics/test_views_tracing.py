"""The puskesmas: positive results of its area, the person (each look on record), close contacts listed and told."""

from __future__ import annotations

import pytest
from django.test import Client

from kolaborasi.audit.models import AuditEntry
from kolaborasi.common.clock import utc_now
from kolaborasi.diagnostics import queries, services
from kolaborasi.diagnostics.models import CaseNotice, CloseContact
from kolaborasi.diagnostics.services import Entry
from kolaborasi.messages.models import Message
from kolaborasi.partners.models import Site, SiteKind
from tests.diagnostics.factories import SYSTEM, coordinator, order, received, specimen
from tests.diagnostics.factories import bench as bench_of
from tests.factories import KelurahanFactory, SiteFactory
from tests.hospitals.pages import dispatcher, fill, staff, text_of
from tests.support import assert_same_queries

pytestmark = pytest.mark.django_db


def puskesmas() -> Site:
    site = SiteFactory(kind=SiteKind.PUSKESMAS, name="Puskesmas Contoh")
    services.set_catchment(site=site, places=[site.place], by=coordinator(), now=utc_now())
    return site


def positive(home: Site | None) -> CaseNotice:
    """A positive result of somebody who lives in the area of a puskesmas."""
    place, now = bench_of(0), utc_now()
    tube = specimen(of=order(residence=home.place if home else KelurahanFactory()), at=now)
    received(place.lab, [tube], at=now)
    entry = Entry(1, tube.label.barcode, "positive", now)
    services.enter_results(lab=place.lab, entries=[entry], source="hand", by=place.technician, now=now)
    services.validate_results(
        results=list(queries.results_to_validate(place.lab)), by=place.validator, now=now
    )
    return CaseNotice.objects.latest("pk")


def address(notice: CaseNotice, page: str = "") -> str:
    return f"/diagnostics/positives/{notice.pk}/{page}"


def looks() -> int:
    return AuditEntry.objects.filter(verb__contains="look").count()


def test_puskesmas_sees_its_own_positive_results_without_names() -> None:
    home, other = puskesmas(), puskesmas()
    mine, theirs = positive(home), positive(other)
    client = staff(home)
    rows = client.get("/diagnostics/positives/").context["list"].page
    assert [row.pk for row in rows] == [mine.pk]
    page = text_of(client.get(address(mine)))
    assert "Warga Contoh" not in page
    assert client.get(address(theirs)).status_code == 404
    assert Client().get(address(mine)).status_code == 302


def test_notice_is_seen_once_by_its_puskesmas() -> None:
    notice = positive(home := puskesmas())
    client = staff(home)
    client.post(address(notice, "seen/"), fill())
    notice.refresh_from_db()
    first = notice.seen_at
    assert first is not None
    client.post(address(notice, "seen/"), fill())
    notice.refresh_from_db()
    assert notice.seen_at == first


def test_name_is_shown_on_asking_and_the_look_is_on_record() -> None:
    notice = positive(home := puskesmas())
    client, before = staff(home), looks()
    assert client.get(address(notice, "person/")).status_code == 405
    page = text_of(client.post(address(notice, "person/")))
    assert "Warga Contoh" in page
    assert looks() == before + 1
    stranger = staff(puskesmas())
    assert stranger.post(address(notice, "person/")).status_code == 404
    assert looks() == before + 1


def test_contacts_are_listed_and_told_once() -> None:
    notice = positive(home := puskesmas())
    client = staff(home)
    form = fill(name="Kontak Contoh", channel="sms", contact="081200000009")
    assert client.post(address(notice), form)["Location"] == f"{address(notice)}#contacts"
    contact = CloseContact.objects.get()
    assert (contact.channel, contact.told_at) == ("sms", None)
    page = text_of(client.get(address(notice)))
    assert "Beri tahu 1 kontak" in page
    assert "Kontak Contoh" not in page
    client.post(address(notice, "tell/"), fill())
    contact.refresh_from_db()
    assert contact.told_at is not None
    client.post(address(notice, "tell/"), fill())
    assert Message.objects.filter(template="diagnostics_contact").count() == 1


@pytest.mark.parametrize("contact", ["", "abc", "satu@contoh.example"])
def test_contact_that_cannot_be_reached_is_not_listed(contact: str) -> None:
    notice = positive(home := puskesmas())
    form = fill(name="Kontak Contoh", channel="sms", contact=contact)
    assert staff(home).post(address(notice), form).status_code == 422
    assert CloseContact.objects.count() == 0


def test_coordinator_of_the_city_sees_those_nobody_looks_after() -> None:
    notice = positive(None)
    assert notice.site_id is None
    page = text_of(dispatcher().get("/diagnostics/positives/"))
    assert "belum ada yang menangani" in page
    assert "1 hasil positif tidak sampai" in text_of(dispatcher().get("/diagnostics/catchments/"))


def test_list_costs_the_same_queries_for_one_row_and_three() -> None:
    home = puskesmas()
    client = staff(home)
    client.get("/diagnostics/positives/")
    assert_same_queries(6, ask=lambda: client.get("/diagnostics/positives/"), add_row=lambda: positive(home))
    assert SYSTEM.kind == "system"
