"""A lab's own page: machines, shifts, kits, offers with the reason of the capacity, down and back; the office's list."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils.timezone import localdate

from kolaborasi.common.clock import utc_now
from kolaborasi.diagnostics import services
from kolaborasi.diagnostics.models import Lab, LabDay, Machine, Shift
from kolaborasi.diagnostics.rules.capacity import ShiftFacts
from kolaborasi.partners.models import SiteKind
from kolaborasi.stock.models import Balance
from tests.diagnostics.factories import SYSTEM, assay, every_day, specimen
from tests.factories import PartnerFactory, SiteFactory
from tests.hospitals.pages import dispatcher, fill, member, signed_in, staff, text_of
from tests.support import assert_same_queries

pytestmark = pytest.mark.django_db


def lab(reactions: int = 10_000, verified: bool = True) -> Lab:
    """A campus lab with one machine of 96 wells, open all day, as of now."""
    now = utc_now()
    site = SiteFactory(kind=SiteKind.LAB, partner=PartnerFactory(kind="campus"))
    made = services.register_lab(site=site, biosafety=2, by=SYSTEM, now=now)
    if verified:
        made = services.verify_lab(lab=made, by=SYSTEM, now=now)
    services.add_machine(
        lab=made, name="A", model="CFX96", wells=96, run_minutes=120, targets=[], by=SYSTEM, now=now
    )
    services.set_shifts(lab=made, shifts=every_day(hours=12), by=SYSTEM, now=now)
    if reactions:
        kit = assay().kit
        assert kit is not None
        services.receive_kits(
            lab=made,
            item=kit,
            lot=f"L{made.pk}",
            expires_date=localdate(now) + timedelta(days=300),
            reactions=reactions,
            by=SYSTEM,
            now=now,
        )
    return made


def admin(of: Lab) -> Client:
    return staff(of.site, "partner_admin")


def address(of: Lab, page: str = "") -> str:
    return f"/diagnostics/labs/{of.pk}/{page}"


def day(number: int = 1) -> str:
    return f"day_{(localdate() + timedelta(days=number)).isoformat()}"


def test_capacity_of_each_day_is_shown_with_its_reason() -> None:
    found = lab()
    page = text_of(admin(found).get(address(found)))
    # 12 hours less one of preparation hold five runs of two hours; 94 specimens each.
    assert page.count("<strong>470</strong>") == 7
    assert "mesin dan giliran" in page
    Machine.objects.update(in_service=False)
    assert "tidak ada mesin yang berfungsi" in text_of(admin(found).get(address(found)))


def test_kits_limit_what_can_be_offered() -> None:
    found = lab(reactions=96)
    page = text_of(admin(found).get(address(found)))
    assert "kit: tersisa 96 reaksi; 470 spesimen memerlukan 480" in page
    response = admin(found).post(address(found), fill(**{day(): "470"}))
    assert response.status_code == 422
    assert LabDay.objects.count() == 0


def test_offer_is_saved_for_the_days_that_changed_only() -> None:
    found = lab()
    client = admin(found)
    assert client.post(address(found), fill(**{day(1): "300", day(2): ""}))["Location"] == address(found)
    assert [(each.reported, each.derived) for each in LabDay.objects.all()] == [(300, 470)]
    client.post(address(found), fill(**{day(1): "0", day(2): "50"}))
    assert [each.reported for each in LabDay.objects.order_by("date")] == [0, 50]


def test_more_than_possible_is_refused_and_kept_in_the_form() -> None:
    found = lab()
    response = admin(found).post(address(found), fill(**{day(): "471"}))
    assert response.status_code == 422
    assert 'value="471"' in text_of(response)
    assert LabDay.objects.count() == 0


def test_member_may_not_offer_and_a_stranger_sees_nothing() -> None:
    found = lab()
    assert staff(found.site).post(address(found), fill(**{day(): "10"})).status_code == 403
    assert staff(lab().site, "partner_admin").get(address(found)).status_code == 403
    assert Client().get(address(found)).status_code == 302
    assert LabDay.objects.count() == 0


def test_machine_is_added_and_taken_out_of_service() -> None:
    found = lab()
    client = admin(found)
    form = fill(name="B", model="QuantStudio 5", wells="384", run_minutes="90", targets="N1, N2,RP")
    client.post(address(found, "machines/new/"), form)
    machine = Machine.objects.get(name="B")
    assert (machine.wells, machine.targets, machine.in_service) == (384, ["N1", "N2", "RP"], True)
    client.post(address(found, f"machines/{machine.pk}/service/"), fill(in_service="no"))
    machine.refresh_from_db()
    assert not machine.in_service
    other = lab()
    path = address(other, f"machines/{machine.pk}/service/")
    assert admin(other).post(path, fill(in_service="yes")).status_code == 404
    machine.refresh_from_db()
    assert not machine.in_service


def test_second_machine_of_a_name_is_refused_at_the_name() -> None:
    found = lab()
    form = fill(name="A", model="CFX96", wells="96", run_minutes="90")
    response = admin(found).post(address(found, "machines/new/"), form)
    assert response.status_code == 422
    assert response.context["form"].errors["name"]
    assert Machine.objects.filter(lab=found).count() == 1


def test_shifts_are_set_anew_and_a_half_filled_line_is_named() -> None:
    found = lab()
    client = admin(found)
    assert 'value="00:00"' in text_of(client.get(address(found, "shifts/")))
    form = fill(starts_0_0="08:00", hours_0_0="8.5", machines_0_0="2", starts_5_1="13:00", hours_5_1="4")
    response = client.post(address(found, "shifts/"), form)
    assert response.status_code == 422
    assert list(response.context["form"].errors) == ["machines_5_1"]
    assert Shift.objects.filter(lab=found).count() == 7
    assert client.post(address(found, "shifts/"), {**form, "machines_5_1": "1"}).status_code == 302
    columns = ("weekday", "starts_minute", "minutes", "staffed_machines")
    rows = list(Shift.objects.filter(lab=found).values_list(*columns))
    assert rows == [(0, 480, 510, 2), (5, 780, 240, 1)]


def test_kits_are_booked_in_by_lot_and_expired_ones_refused() -> None:
    found = lab(reactions=0)
    client, kit = admin(found), assay().kit
    assert kit is not None
    form = fill(item=kit.pk, lot="K1", expires_date=localdate().isoformat(), reactions="1.000")
    assert client.post(address(found, "kits/new/"), form).status_code == 422
    assert Balance.objects.filter(location__site=found.site).count() == 0
    later = (localdate() + timedelta(days=1)).isoformat()
    assert client.post(address(found, "kits/new/"), {**form, "expires_date": later}).status_code == 302
    balance = Balance.objects.get(location__site=found.site)
    assert (balance.lot.code, balance.on_hand) == ("K1", 1000)
    assert "K1" in text_of(client.get(address(found)))


def test_lab_goes_down_with_a_reason_and_comes_back() -> None:
    found = lab()
    client = staff(found.site)
    assert client.post(address(found, "down/"), fill()).status_code == 422
    found.refresh_from_db()
    assert found.state == "active"
    client.post(address(found, "down/"), fill(reason="power"))
    found.refresh_from_db()
    assert (found.state, found.down_reason) == ("down", "power")
    client.post(address(found, "up/"), fill())
    found.refresh_from_db()
    assert (found.state, found.down_reason) == ("active", "")


def test_site_joins_and_the_health_office_verifies_it() -> None:
    site = SiteFactory(kind=SiteKind.LAB, partner=PartnerFactory(kind="research"))
    client = staff(site, "partner_admin")
    form = fill(site=site.pk, biosafety="2", preparation_minutes="45")
    made = client.post("/diagnostics/labs/new/", form)["Location"]
    found = Lab.objects.get()
    assert (found.state, found.preparation_minutes, made) == ("registered", 45, address(found))
    assert client.post(address(found, "verify/"), fill()).status_code == 403
    found.refresh_from_db()
    assert found.state == "registered"
    dispatcher().post(address(found, "verify/"), fill())
    found.refresh_from_db()
    assert found.state == "active"


def test_lab_below_level_two_is_not_verified() -> None:
    site = SiteFactory(kind=SiteKind.LAB)
    found = services.register_lab(site=site, biosafety=1, by=SYSTEM, now=utc_now())
    response = dispatcher().post(address(found, "verify/"), fill())
    assert response.status_code == 422
    assert "tingkat" in text_of(response) or "level 2" in text_of(response)
    found.refresh_from_db()
    assert found.state == "registered"


def test_office_sees_labs_of_its_area_with_backlog_and_use() -> None:
    found, _other = lab(), lab()
    now = utc_now()
    tube = specimen(at=now - timedelta(hours=5))
    services.receive(lab=found, barcodes=[tube.label.barcode], at=now, by=SYSTEM, now=now)
    response = dispatcher().get("/diagnostics/labs/?sort=-waiting")
    rows = response.context["list"].page
    assert (rows[0].pk, rows[0].waiting) == (found.pk, 1)
    assert "5 jam" in text_of(response)
    elsewhere = signed_in(member("coordinator", place=SiteFactory().place))
    assert len(elsewhere.get("/diagnostics/labs/").context["list"].page) == 0
    assert staff(found.site).get("/diagnostics/labs/").status_code == 403


def test_list_of_labs_costs_the_same_queries_for_one_row_and_three() -> None:
    client = dispatcher()
    client.get("/diagnostics/labs/")

    def ask() -> Any:
        return client.get("/diagnostics/labs/")

    assert_same_queries(11, ask=ask, add_row=lab)


def test_no_shift_reads_nothing_and_says_why() -> None:
    found = lab()
    services.set_shifts(
        lab=found, shifts=[ShiftFacts(localdate().weekday(), 0, 60, 1)], by=SYSTEM, now=utc_now()
    )
    page = text_of(admin(found).get(address(found)))
    assert page.count("libur: tidak ada giliran") == 6
    assert page.count("tidak ada jalan yang muat") == 1
