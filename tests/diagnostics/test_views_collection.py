"""The desk of a collection site: who waits, cards, swabs, labels, rapid tests."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils.timezone import localtime

from kolaborasi.audit.models import AuditEntry
from kolaborasi.common.clock import utc_now
from kolaborasi.diagnostics import services
from kolaborasi.diagnostics.models import AntigenTest, Label, Order, Slot, Specimen
from kolaborasi.diagnostics.words import pseudonym
from kolaborasi.partners.models import PartnerKind, Site, SiteKind
from tests.conftest import NOW
from tests.diagnostics.factories import (
    BORN,
    POSITIVE,
    SYSTEM,
    Bench,
    bench,
    collection_site,
    consignment,
    lab,
    order,
    specimen,
    staff_of,
    subject,
)
from tests.factories import KelurahanFactory, PartnerFactory, SiteFactory
from tests.hospitals.pages import fill, member, signed_in, staff, text_of
from tests.support import assert_same_queries

pytestmark = pytest.mark.django_db
NIK = "3171014107900001"


def desk(site: Site, page: str = "") -> str:
    return f"/diagnostics/sites/{site.pk}/{page}"


def card(**changes: Any) -> dict[str, Any]:
    """An order form filled in from an identity card."""
    known = {
        "nik": NIK,
        "name": "Warga Contoh",
        "birth_date": BORN.isoformat(),
        "sex": "female",
        "email": "warga@contoh.example",
        "reason": "suspect",
        "priority": "urgent",
        "channel": "email",
        "language": "id",
    }
    return fill(**{**known, **changes})


def label(site: Site) -> str:
    return services.issue_labels(site=site, number=1, by=SYSTEM, now=utc_now())[0].barcode


def booked(site: Site, **later: float) -> Order:
    """An order with a place in a slot that begins so much later."""
    now = utc_now()
    made, begins = order(site, now=now), now + timedelta(**later)
    slot = Slot.objects.create(
        site=site, starts_at=begins, ends_at=begins + timedelta(minutes=5), reported=9, limit=9
    )
    services.book(order=made, slot=slot, by=staff_of(site.partner), now=now)
    return made


def test_desk_is_closed_to_others_and_changes_nothing() -> None:
    site, other = collection_site(), collection_site()
    made = order(site)
    stranger = staff(other)
    assert stranger.get(desk(site)).status_code == 403
    assert stranger.post(desk(site, "orders/new/"), card()).status_code == 403
    assert stranger.post(f"/diagnostics/orders/{made.pk}/swab/", fill()).status_code == 404
    assert stranger.post(f"/diagnostics/orders/{made.pk}/identity/").status_code == 404
    assert Client().get(desk(site))["Location"].startswith("/accounts/login/")
    assert (Order.objects.count(), Specimen.objects.count()) == (1, 0)


def test_tab_leads_to_the_only_site_or_to_a_choice() -> None:
    site = collection_site()
    client = staff(site)
    assert client.get("/diagnostics/mine/collection/")["Location"] == desk(site)
    second = SiteFactory(kind=SiteKind.PUSKESMAS, partner=site.partner, name="Puskesmas Contoh")
    page = text_of(client.get("/diagnostics/mine/collection/"))
    assert desk(site) in page
    assert desk(second) in page
    lonely = signed_in(member("partner_member", partner=PartnerFactory()))
    assert lonely.get("/diagnostics/mine/collection/").status_code == 404
    assert client.get("/diagnostics/mine/nothing/").status_code == 404


def test_those_booked_come_first_and_today_can_be_picked_out() -> None:
    site = collection_site()
    walk_in = order(site, now=utc_now())
    tomorrow = booked(site, days=1)
    soon = booked(site, minutes=2)
    client = staff(site)
    rows = [row.pk for row in client.get(desk(site)).context["list"].page]
    assert rows.index(soon.pk) < rows.index(tomorrow.pk)
    assert rows.index(walk_in.pk) < rows.index(tomorrow.pk)
    page = client.get(desk(site), {"today": "on"})
    same_day = localtime(utc_now() + timedelta(minutes=2)).date() == localtime().date()
    assert [row.pk for row in page.context["list"].page] == ([soon.pk] if same_day else [])
    assert page.context["numbers"] == {"today": int(same_day), "waiting": 3, "courier": 0, "labels": 0}


def test_names_are_shown_on_request_only_and_on_record() -> None:
    site = collection_site()
    made = order(site)
    client = staff(site)
    assert "Warga Contoh" not in text_of(client.get(desk(site)))
    before = AuditEntry.objects.filter(verb="people.look").count()
    shown = text_of(client.post(desk(site)))
    assert "Warga Contoh" in shown
    assert AuditEntry.objects.filter(verb="people.look").count() == before + 1
    known = text_of(client.post(f"/diagnostics/orders/{made.pk}/identity/"))
    assert "Warga Contoh" in known
    assert AuditEntry.objects.filter(verb="people.look").count() == before + 2
    csv = client.get(desk(site), {"format": "csv"})
    content = b"".join(csv).decode()  # type: ignore[call-overload]
    assert pseudonym(made.person_id) in content
    assert "Warga Contoh" not in content


def test_desk_asks_the_database_a_fixed_number_of_times() -> None:
    site = collection_site()
    client = staff(site)
    assert_same_queries(
        13,
        ask=lambda: client.get(desk(site)),
        add_row=lambda: booked(site, minutes=5 + Order.objects.count()),
    )


def test_person_is_found_by_nik_without_it_in_an_address() -> None:
    site = collection_site()
    made = services.order_test(
        subject=subject(nik=NIK), wish=services.Wish("suspect", site), by=SYSTEM, now=utc_now()
    )
    client = staff(site)
    found = client.post(desk(site, "find/"), fill(nik="3171 0141 0790 0001"))
    assert found["Location"] == f"/diagnostics/orders/{made.pk}/swab/"
    nobody = client.post(desk(site, "find/"), fill(nik="3171014107900002"))
    assert nobody["Location"] == desk(site, "orders/new/")


def test_order_leads_to_the_swab_and_is_written_once() -> None:
    place = KelurahanFactory()
    site = collection_site()
    client, form = staff(site), card(residence=place.code)
    answers = {client.post(desk(site, "orders/new/"), form)["Location"] for _press in range(2)}
    made = Order.objects.get()
    assert answers == {f"/diagnostics/orders/{made.pk}/swab/"}
    assert (made.birth_date, made.sex, made.priority, made.residence) == (BORN, "female", "urgent", place)


@pytest.mark.parametrize(
    "wrong",
    [
        {"sex": "male"},
        {"birth_date": "1990-07-02"},
        {"nik": "317101410790000"},
        {"birth_date": "2999-01-01"},
        {"name": ""},
        {"nik": "", "email": ""},
    ],
)
def test_card_that_cannot_be_is_refused_and_stays_typed(wrong: dict[str, str]) -> None:
    site = collection_site()
    answer = staff(site).post(desk(site, "orders/new/"), card(**wrong))
    assert answer.status_code == 422
    assert answer.context["form"]["reason"].value() == "suspect"
    assert answer.context["form"].errors
    assert Order.objects.count() == 0


def test_known_person_with_another_name_is_refused() -> None:
    site = collection_site()
    client = staff(site)
    client.post(desk(site, "orders/new/"), card())
    Order.objects.update(state="cancelled")
    answer = client.post(desk(site, "orders/new/"), card(name="Orang Lain Sekali"))
    assert answer.status_code == 422
    assert Order.objects.count() == 1


def test_person_who_waits_already_leads_to_that_order() -> None:
    site = collection_site()
    client = staff(site)
    client.post(desk(site, "orders/new/"), card())
    answer = client.post(desk(site, "orders/new/"), card())
    assert answer.status_code == 422
    assert f"/diagnostics/orders/{Order.objects.get().pk}/swab/" in text_of(answer)


def test_swab_is_recorded_by_its_label_as_a_scanner_types_it() -> None:
    site = collection_site()
    made, barcode = order(site, now=utc_now()), label(site)
    form = fill(kind="np-op-swab", barcode=f" {barcode.lower()} ")
    answer = staff(site).post(f"/diagnostics/orders/{made.pk}/swab/", form)
    assert answer["Location"] == desk(site)
    tube = Specimen.objects.get()
    assert (tube.label.barcode, tube.kind, tube.order) == (barcode, "np-op-swab", made)


@pytest.mark.parametrize("typed", ["K0000000000", "123", "K9999999991"])
def test_barcode_that_is_no_free_label_is_said_at_its_field(typed: str) -> None:
    site = collection_site()
    made = order(site, now=utc_now())
    answer = staff(site).post(f"/diagnostics/orders/{made.pk}/swab/", fill(kind="saliva", barcode=typed))
    assert answer.status_code == 422
    assert "barcode" in answer.context["form"].errors
    assert answer.context["form"]["kind"].value() == "saliva"
    assert Specimen.objects.count() == 0


def test_label_of_another_tube_is_refused() -> None:
    site = collection_site()
    used = specimen(site).label.barcode
    made = order(site, now=utc_now())
    answer = staff(site).post(f"/diagnostics/orders/{made.pk}/swab/", fill(kind="saliva", barcode=used))
    assert answer.status_code == 422
    assert "barcode" in answer.context["form"].errors
    assert Specimen.objects.count() == 1


def test_future_collection_time_is_refused() -> None:
    site = collection_site()
    made, barcode = order(site, now=utc_now()), label(site)
    later = localtime(utc_now() + timedelta(hours=3)).strftime("%Y-%m-%dT%H:%M")
    form = fill(kind="np-swab", barcode=barcode, collected_at=later)
    answer = staff(site).post(f"/diagnostics/orders/{made.pk}/swab/", form)
    assert answer.status_code == 422
    assert (Specimen.objects.count(), Order.objects.get().state) == (0, "requested")


def test_card_of_somebody_who_ordered_alone_is_compared() -> None:
    site = collection_site()
    made = order(site)
    address = f"/diagnostics/orders/{made.pk}/card/"
    card = {"nik": NIK, "name": "Warga Contoh", "birth_date": BORN.isoformat(), "sex": "female"}
    client = staff(site)
    assert client.post(address, fill(**{**card, "sex": "male"})).status_code == 422
    assert client.post(address, fill(**{**card, "nik": ""})).status_code == 422
    assert client.post(address, fill(**card))["Location"] == f"/diagnostics/orders/{made.pk}/swab/"
    assert AuditEntry.objects.filter(verb="diagnostics.confirm_person").count() == 1


def test_order_is_cancelled_after_a_question() -> None:
    site = collection_site()
    made = order(site)
    client, address = staff(site), f"/diagnostics/orders/{made.pk}/cancel/"
    assert client.get(address).status_code == 200
    assert Order.objects.get().state == "requested"
    assert client.post(address, fill())["Location"] == desk(site)
    assert Order.objects.get().state == "cancelled"


def test_labels_are_issued_and_printed_until_they_are_used() -> None:
    site = collection_site()
    client = staff(site)
    assert client.post(desk(site, "labels/"), fill(number="3"))["Location"] == desk(site, "labels/")
    assert client.post(desk(site, "labels/"), fill(number="651")).status_code == 422
    first = Label.objects.order_by("pk")[0]
    pdf = client.get(desk(site, f"labels/{first.pk}.pdf"))
    assert pdf.content.startswith(b"%PDF")
    assert pdf["Content-Type"] == "application/pdf"
    sheet = text_of(client.get(desk(site, f"labels/{first.pk}.svg")))
    assert [each in sheet for each in Label.objects.values_list("barcode", flat=True)] == [True] * 3
    assert "style=" not in sheet
    specimen(site, of=order(site))
    made = order(site, now=utc_now())
    client.post(f"/diagnostics/orders/{made.pk}/swab/", fill(kind="np-swab", barcode=first.barcode))
    assert first.barcode not in text_of(client.get(desk(site, f"labels/{first.pk}.svg")))
    other = collection_site()
    assert staff(other).get(desk(other, f"labels/{first.pk}.pdf")).status_code == 404


def test_discarded_specimen_sends_the_person_back_to_the_queue() -> None:
    site = collection_site()
    tube = specimen(site)
    client, address = staff(site), f"/diagnostics/specimens/{tube.pk}/discard/"
    assert client.post(address, fill()).status_code == 422
    assert Specimen.objects.get().state == "collected"
    assert client.post(address, fill(reason="leaked"))["Location"] == f"/diagnostics/specimens/{tube.pk}/"
    tube.refresh_from_db()
    assert (tube.state, tube.discard_reason, Order.objects.get().state) == (
        "discarded",
        "leaked",
        "requested",
    )
    assert client.post(address, fill(reason="lost")).status_code == 422


def read() -> Bench:
    """A lab with a validated positive specimen."""
    place = bench(1)
    services.read_run(
        run=place.run(),
        readings=place.readings([POSITIVE]),
        ended_at=NOW,
        by=place.technician,
        now=NOW,
    )
    return place


def test_site_sees_where_a_specimen_is_and_never_its_result() -> None:
    place = read()
    tube = place.specimens[0]
    at_site = text_of(staff(tube.site).get(f"/diagnostics/specimens/{tube.pk}/"))
    assert place.lab.site.name in at_site
    assert pseudonym(tube.order.person_id) in at_site
    assert "21,5" not in at_site
    in_lab = text_of(staff(place.lab.site).get(f"/diagnostics/specimens/{tube.pk}/"))
    assert "21,5" in in_lab
    assert pseudonym(tube.order.person_id) not in in_lab
    stranger = signed_in(member("partner_member", partner=PartnerFactory(kind=PartnerKind.CAMPUS)))
    assert stranger.get(f"/diagnostics/specimens/{tube.pk}/").status_code == 404


def test_list_of_specimens_asks_a_fixed_number_of_times() -> None:
    site, to = collection_site(), lab(offers=50)
    client = staff(site)

    def add() -> None:
        consignment([specimen(site)], to)

    assert_same_queries(6, ask=lambda: client.get(desk(site, "specimens/")), add_row=add)


def rapid(**changes: Any) -> dict[str, Any]:
    """A rapid test as typed."""
    known = {"nik": NIK, "name": "Warga Contoh", "birth_date": BORN.isoformat(), "sex": "female"}
    return fill(**{**known, "brand": "Contoh Ag", "outcome": "positive", **changes})


def test_positive_rapid_test_leads_on_to_pcr() -> None:
    site = collection_site()
    client = staff(site)
    onwards = client.post(desk(site, "antigen/new/"), rapid())["Location"]
    test = AntigenTest.objects.get()
    assert onwards == f"/diagnostics/antigen/{test.pk}/pcr/"
    assert Order.objects.count() == 0
    form = fill(priority="high", channel="whatsapp")
    made = client.post(onwards, form)["Location"]
    asked = Order.objects.get()
    assert made == f"/diagnostics/orders/{asked.pk}/swab/"
    assert (asked.confirms, asked.person_id, asked.channel) == (test, test.person_id, "whatsapp")
    assert client.post(onwards, fill(priority="high", channel="sms")).status_code == 422
    assert Order.objects.count() == 1


def test_negative_rapid_test_is_only_recorded() -> None:
    site = collection_site()
    answer = staff(site).post(desk(site, "antigen/new/"), rapid(outcome="negative"))
    assert answer["Location"] == desk(site, "antigen/")
    assert AntigenTest.objects.get().outcome == "negative"


def test_rapid_test_of_another_site_is_not_seen() -> None:
    site = collection_site()
    staff(site).post(desk(site, "antigen/new/"), rapid())
    stranger = staff(collection_site())
    assert stranger.get(desk(site, "antigen/")).status_code == 403
    address = f"/diagnostics/antigen/{AntigenTest.objects.get().pk}/pcr/"
    assert stranger.post(address, fill(priority="high", channel="sms")).status_code == 404
    assert Order.objects.count() == 0


def test_list_of_rapid_tests_asks_a_fixed_number_of_times() -> None:
    site = collection_site()
    client = staff(site)

    def add() -> None:
        services.record_antigen(
            subject=subject(),
            site=site,
            brand="Contoh Ag",
            outcome="positive",
            tested_at=utc_now(),
            by=SYSTEM,
            now=utc_now(),
        )

    assert_same_queries(6, ask=lambda: client.get(desk(site, "antigen/")), add_row=add)
