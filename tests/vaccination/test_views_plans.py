"""The planner's pages: sessions with partners and quotas, lists of people, supply plans line by line."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils.timezone import localdate, localtime

from kolaborasi.partners.models import PartnerKind, SiteKind
from kolaborasi.stock.models import Shipment
from kolaborasi.vaccination import services
from kolaborasi.vaccination.models import Booking, Session, SlotQuota, SupplyLine, SupplyPlan
from kolaborasi.vaccination.rules import Channel
from tests.factories import KelurahanFactory, PartnerFactory, SiteFactory
from tests.support import assert_same_queries
from tests.vaccination.factories import government, product, recipient
from tests.vaccination.staff_pages import (
    SYSTEM,
    coordinator,
    fill,
    hand,
    lot_now,
    member,
    session_now,
    signed_in,
    text_of,
    warehouse,
)
from tests.vaccination.test_views_site import address, booked

pytestmark = pytest.mark.django_db
PLAN = "/vaccination/sessions/new/"


def parts() -> dict[str, int]:
    return {
        "facility": PartnerFactory(kind=PartnerKind.HOSPITAL).pk,
        "vaccinator": PartnerFactory().pk,
        "stock_owner": government().pk,
        "registrar": PartnerFactory().pk,
        "sponsor": PartnerFactory().pk,
    }


def wish(**change: Any) -> dict[str, Any]:
    return fill(
        **{
            "site": SiteFactory(kind=SiteKind.VACCINATION).pk,
            "kind": "mobile",
            "product": product().pk,
            "day": (localdate() + timedelta(days=2)).isoformat(),
            "hours": "morning",
            "window_minutes": 120,
            "residents_of": "",
            "vaccinators": 4,
            "minutes_per_dose": 5,
            "places": 50,
            "booking": 30,
            "collective": 70,
            "returning": 0,
            **parts(),
            **change,
        }
    )


def test_session_is_planned_with_its_partners_windows_and_quotas() -> None:
    form = wish()
    answer = coordinator().post(PLAN, form)
    of = Session.objects.get()
    assert answer["Location"] == f"/vaccination/sessions/{of.pk}/"
    assert [getattr(of, f"{name}_id") for name in parts()] == [form[name] for name in parts()]
    assert [localtime(slot.starts_at).hour for slot in of.slots.all()] == [8, 10]
    quotas = SlotQuota.objects.order_by("slot", "channel").values_list("channel", "reported")
    assert list(quotas) == [("booking", 15), ("collective", 35)] * 2


def test_typed_hours_are_used_and_missing_ones_named() -> None:
    client = coordinator()
    missing = client.post(PLAN, wish(hours="typed"))
    assert missing.status_code == 422
    assert missing.context["form"].errors["from_time"]
    client.post(PLAN, wish(hours="typed", from_time="18:00", to_time="20:00", window_minutes=60, places=40))
    assert [localtime(slot.starts_at).hour for slot in Session.objects.get().slots.all()] == [18, 19]


def test_too_many_places_for_the_vaccinators_are_refused_with_what_was_typed() -> None:
    answer = coordinator().post(PLAN, wish(places=500))
    assert answer.status_code == 422
    assert answer.context["form"]["places"].value() == "500"
    assert Session.objects.count() == 0


def test_parts_above_a_hundred_per_cent_are_refused() -> None:
    answer = coordinator().post(PLAN, wish(booking=60, collective=60))
    assert answer.status_code == 422
    assert Session.objects.count() == 0


def test_partner_without_a_part_plans_nothing() -> None:
    stranger = signed_in(member("partner_member", partner=PartnerFactory()))
    assert stranger.post(PLAN, wish()).status_code == 403
    assert Session.objects.count() == 0


def test_quota_is_changed_and_the_fall_back_is_shown() -> None:
    of = session_now()
    quota = SlotQuota.objects.get(slot__session=of, channel=Channel.BOOKING)
    client = hand(of)
    page = client.get(address(of, "quotas/"))
    values = {f"quota_{each.pk}": each.reported for each in page.context["form"].quotas}
    client.post(address(of, "quotas/"), fill(**values | {f"quota_{quota.pk}": 25}))
    quota.refresh_from_db()
    assert quota.reported == 25
    assert [len(donors) for _channel, donors in page.context["fallback"]] == [3, 2, 2, 3]


def list_file(*rows: str) -> SimpleUploadedFile:
    text = "nama,nik,tanggal lahir\n" + "\n".join(rows)
    return SimpleUploadedFile("warga.csv", text.encode(), content_type="text/csv")


GOOD = "Warga Contoh Satu,3171014107900001,1990-07-01"
BROKEN = "Warga Contoh Dua,3171014107,1990-07-01"


def collective() -> Session:
    return session_now(quotas={Channel.COLLECTIVE: 20}, day=localdate() + timedelta(days=1))


def test_list_with_a_broken_line_books_nobody_until_the_rest_is_asked_for() -> None:
    of = collective()
    client = hand(of)
    first = client.post(address(of, "list/"), fill(file=list_file(GOOD, BROKEN)))
    assert Booking.objects.count() == 0
    assert [problem.line for problem in first.context["report"].problems] == [3]
    client.post(address(of, "list/"), fill(file=list_file(GOOD, BROKEN), load_rest="on"))
    assert Booking.objects.count() == 1
    client.post(address(of, "list/"), fill(file=list_file(GOOD, BROKEN), load_rest="on"))
    assert Booking.objects.count() == 1


def test_unreadable_list_is_refused_in_words() -> None:
    of = collective()
    file = SimpleUploadedFile("gambar.xlsx", io.BytesIO(b"not a workbook").read())
    answer = hand(of).post(address(of, "list/"), fill(file=file))
    assert answer.status_code == 422
    assert answer.context["form"].errors["file"]


def test_list_of_another_area_cannot_be_booked_by_its_head() -> None:
    home = KelurahanFactory()
    of = session_now(quotas={Channel.COLLECTIVE: 20}, day=localdate() + timedelta(days=1), residents_of=home)
    head = signed_in(member("rw_head", place=KelurahanFactory()))
    assert head.post(address(of, "list/"), fill(file=list_file(GOOD))).status_code == 403
    own = signed_in(member("rw_head", place=home))
    assert own.get(address(of, "list/")).status_code == 200


def proposed() -> SupplyPlan:
    """A plan for one session of tomorrow whose kelurahan has people on the waiting list."""
    place = warehouse()
    lot_now(100, at=place, days=12)
    of = session_now(doses=0, day=localdate() + timedelta(days=1))
    for _turn in range(3):
        services.join_waiting_list(recipient=recipient(), place=of.site.place, by=SYSTEM, now=of.planned_at)
    client = coordinator()
    form = fill(store=place.pk, start=(localdate() + timedelta(days=1)).isoformat(), days=3)
    client.post("/vaccination/plans/new/", form)
    return SupplyPlan.objects.get()


def test_plan_is_proposed_with_reasons_and_approved_line_by_line() -> None:
    plan = proposed()
    line = SupplyLine.objects.get()
    client = coordinator()
    page = client.get(f"/vaccination/plans/{plan.pk}/")
    assert page.status_code == 200
    assert "3" in text_of(page)
    client.post(f"/vaccination/plans/lines/{line.pk}/approve/")
    line.refresh_from_db()
    assert (line.state, Shipment.objects.get().quantity) == ("approved", line.doses)
    client.post(f"/vaccination/plans/lines/{line.pk}/approve/")
    assert Shipment.objects.count() == 1


def test_line_that_can_no_longer_be_sent_says_why() -> None:
    proposed()
    line = SupplyLine.objects.select_related("lot").get()
    services.recall_lot(lot=line.lot, reason="quality", by=SYSTEM, now=line.plan.proposed_at)  # type: ignore[arg-type]
    answer = coordinator().post(f"/vaccination/plans/lines/{line.pk}/approve/", follow=True)
    line.refresh_from_db()
    assert (line.state, line.refusal, Shipment.objects.count()) == ("refused", "lot-refused", 0)
    assert answer.status_code == 200


def test_rejected_line_sends_nothing() -> None:
    proposed()
    line = SupplyLine.objects.get()
    coordinator().post(f"/vaccination/plans/lines/{line.pk}/reject/")
    line.refresh_from_db()
    assert (line.state, Shipment.objects.count()) == ("rejected", 0)


def test_plans_are_for_coordinators() -> None:
    of = session_now()
    assert hand(of).get("/vaccination/plans/").status_code == 403
    assert hand(of).post("/vaccination/plans/new/", fill()).status_code == 403


def test_list_of_plans_costs_the_same_for_one_and_for_three() -> None:
    place, client = warehouse(), coordinator()
    assert_same_queries(
        5,
        ask=lambda: client.get("/vaccination/plans/"),
        add_row=lambda: services.propose_supply(
            store=place, start=localdate(), days=2, by=SYSTEM, now=session_now(doses=0).planned_at
        ),
    )


def test_changed_or_called_off_session_keeps_no_booking_hanging() -> None:
    of = session_now()
    booking, _token = booked(of)
    quota = SlotQuota.objects.get(slot__session=of, channel=Channel.BOOKING)
    page = hand(of).get(address(of, "quotas/"))
    values = {f"quota_{each.pk}": each.reported for each in page.context["form"].quotas}
    hand(of).post(address(of, "quotas/"), fill(**values | {f"quota_{quota.pk}": 0}))
    quota.refresh_from_db()
    booking.refresh_from_db()
    assert (quota.reported, quota.committed, booking.state) == (0, 1, "confirmed")


def test_fewer_vaccinators_are_refused_while_the_quotas_are_larger_than_they_can_take() -> None:
    coordinator().post(PLAN, wish())
    of = Session.objects.get()
    client = coordinator()
    assert client.post(address(of, "change/"), fill(vaccinators=2, minutes_per_dose=5)).status_code == 422
    of.refresh_from_db()
    assert of.vaccinators == 4
    client.post(address(of, "change/"), fill(vaccinators=3, minutes_per_dose=5))
    of.refresh_from_db()
    assert of.vaccinators == 3


def test_calling_off_says_how_many_bookings_end() -> None:
    of = session_now()
    booked(of)
    booked(of)
    assert "2 pemesanan berakhir" in text_of(hand(of).get(address(of, "cancel/")))
