"""The coordinator's pages: plan, look, approve or reject; late results; times of sites; catchments."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils.timezone import localdate

from kolaborasi.common.clock import utc_now
from kolaborasi.diagnostics import services
from kolaborasi.diagnostics.models import Catchment, Consignment, DispatchPlan, Lab, Slot
from kolaborasi.partners.models import SiteKind
from tests.diagnostics.factories import SYSTEM, collection_site, specimen
from tests.diagnostics.test_views_labs import lab
from tests.factories import KecamatanFactory, KelurahanFactory, SiteFactory
from tests.hospitals.pages import dispatcher, fill, member, signed_in, staff, text_of
from tests.support import assert_same_queries

pytestmark = pytest.mark.django_db


def ready(specimens: int = 3) -> Lab:
    """A lab that offers days, and specimens that wait at one site."""
    now, found, site = utc_now(), lab(), collection_site()
    today = localdate(now)
    offers = {today + timedelta(days=number): 100 for number in range(3)}
    services.offer_days(lab=found, offers=offers, by=SYSTEM, now=now)
    for _each in range(specimens):
        specimen(site, at=now)
    return found


def proposed(client: Client) -> DispatchPlan:
    response = client.post("/diagnostics/dispatch/new/", fill(departs_at=""))
    assert response.status_code == 302, text_of(response)
    plan = DispatchPlan.objects.latest("pk")
    assert response["Location"] == f"/diagnostics/dispatch/{plan.pk}/"
    return plan


def test_plan_is_proposed_looked_at_and_approved() -> None:
    found, client = ready(), dispatcher()
    assert "3 spesimen menunggu" in text_of(client.get("/diagnostics/dispatch/"))
    plan = proposed(client)
    assert Consignment.objects.count() == 0
    page = text_of(client.get(f"/diagnostics/dispatch/{plan.pk}/"))
    assert "3 dari 3 spesimen" in page
    assert found.site.name in page
    assert "menit perjalanan (perkiraan)" in page
    assert "Kontrak tetap" in page
    response = client.post(f"/diagnostics/dispatch/{plan.pk}/approve/", fill(), follow=True)
    assert "1 manifes dibuat" in text_of(response)
    assert Consignment.objects.get().quantity == 3
    assert "Setujui" not in text_of(client.get(f"/diagnostics/dispatch/{plan.pk}/"))


def test_line_to_a_lab_that_went_down_is_refused_with_its_reason() -> None:
    found, client = ready(), dispatcher()
    plan = proposed(client)
    services.lab_down(lab=found, reason="power", by=SYSTEM, now=utc_now())
    response = client.post(f"/diagnostics/dispatch/{plan.pk}/approve/", fill(), follow=True)
    page = text_of(response)
    assert "1 baris ditolak" in page
    assert "Lab tidak berfungsi atau mitranya dibekukan" in page
    assert Consignment.objects.count() == 0


def test_lab_down_frees_its_specimens_for_another_plan() -> None:
    first, client = ready(), dispatcher()
    client.post(f"/diagnostics/dispatch/{proposed(client).pk}/approve/", fill())
    services.lab_down(lab=first, reason="power", by=SYSTEM, now=utc_now())
    second = lab()
    offers = {localdate() + timedelta(days=number): 100 for number in range(3)}
    services.offer_days(lab=second, offers=offers, by=SYSTEM, now=utc_now())
    again = proposed(client)
    assert [(line.lab_id, line.quantity) for line in again.lines.all()] == [(second.pk, 3)]


def test_rejected_plan_moves_nothing() -> None:
    ready()
    client = dispatcher()
    plan = proposed(client)
    client.post(f"/diagnostics/dispatch/{plan.pk}/reject/", fill())
    plan.refresh_from_db()
    assert (plan.state, Consignment.objects.count()) == ("rejected", 0)


def test_plan_without_anything_to_carry_is_explained() -> None:
    response = dispatcher().post("/diagnostics/dispatch/new/", fill(departs_at=""))
    assert response.status_code == 422
    assert DispatchPlan.objects.count() == 0


def test_staff_and_coordinators_of_a_part_do_not_approve() -> None:
    found = ready()
    plan = proposed(dispatcher())
    assert staff(found.site).get(f"/diagnostics/dispatch/{plan.pk}/").status_code == 403
    part = signed_in(member("coordinator", place=found.site.place))
    assert "Setujui" not in text_of(part.get(f"/diagnostics/dispatch/{plan.pk}/"))
    assert part.post(f"/diagnostics/dispatch/{plan.pk}/approve/", fill()).status_code == 403
    plan.refresh_from_db()
    assert plan.state == "proposed"


def test_lines_cost_the_same_queries_for_one_row_and_three() -> None:
    ready(1)
    client = dispatcher()
    plan = proposed(client)
    path = f"/diagnostics/dispatch/{plan.pk}/"
    client.get(path)
    line = plan.lines.get()

    def add() -> None:
        line.pk = None
        line.origin = collection_site()
        line.save()

    assert_same_queries(6, ask=lambda: client.get(path), add_row=add)


def test_late_results_are_listed_the_longest_overdue_first() -> None:
    now = utc_now()
    old, older = specimen(at=now - timedelta(hours=49)), specimen(at=now - timedelta(hours=60))
    specimen(at=now)
    rows = dispatcher().get("/diagnostics/late/").context["list"].page
    assert [row.pk for row in rows] == [older.pk, old.pk]
    elsewhere = signed_in(member("coordinator", place=KecamatanFactory(code="31.74.01", name="Lain")))
    assert len(elsewhere.get("/diagnostics/late/").context["list"].page) == 0


def test_late_list_costs_the_same_queries_for_one_row_and_three() -> None:
    client, late = dispatcher(), utc_now() - timedelta(hours=50)
    client.get("/diagnostics/late/")
    assert_same_queries(5, ask=lambda: client.get("/diagnostics/late/"), add_row=lambda: specimen(at=late))


def times(**changes: object) -> dict[str, object]:
    values = {
        "day": (localdate() + timedelta(days=1)).isoformat(),
        "days": "2",
        "starts": "08:00",
        "ends": "09:00",
        "minutes": "30",
        "places": "5",
    }
    return fill(**{**values, **changes})


def test_site_opens_times_on_several_days() -> None:
    site = collection_site()
    client = staff(site)
    path = f"/diagnostics/sites/{site.pk}/slots/"
    assert client.post(path, times())["Location"] == path
    assert Slot.objects.filter(site=site, reported=5).count() == 4
    assert "Waktu yang dapat dipesan" in text_of(client.get(path))


@pytest.mark.parametrize(
    ("field", "value"), [("ends", "08:00"), ("day", "2020-01-01"), ("minutes", "3"), ("days", "32")]
)
def test_times_that_cannot_be_are_named_and_nothing_is_opened(field: str, value: str) -> None:
    site = collection_site()
    response = staff(site).post(f"/diagnostics/sites/{site.pk}/slots/", times(**{field: value}))
    assert response.status_code == 422
    assert field in response.context["form"].errors
    assert Slot.objects.count() == 0


def test_stranger_opens_no_times() -> None:
    site = collection_site()
    response = staff(collection_site()).post(f"/diagnostics/sites/{site.pk}/slots/", times())
    assert response.status_code == 403
    assert Slot.objects.count() == 0


def test_coordinator_gives_an_area_to_a_puskesmas() -> None:
    site = SiteFactory(kind=SiteKind.PUSKESMAS, name="Puskesmas Contoh")
    area = KelurahanFactory()
    client = dispatcher()
    client.post("/diagnostics/catchments/", fill(site=site.pk, area=area.code))
    assert [(each.place_id, each.site_id) for each in Catchment.objects.all()] == [(area.pk, site.pk)]
    assert "Puskesmas Contoh" in text_of(client.get("/diagnostics/catchments/"))
    verifier = signed_in(member("verifier"))
    assert verifier.post("/diagnostics/catchments/", fill(site=site.pk, area=area.code)).status_code == 403


def test_list_of_plans_costs_the_same_queries_for_one_row_and_three() -> None:
    ready()
    client = dispatcher()

    def ask() -> object:
        return client.get("/diagnostics/dispatch/")

    ask()
    assert_same_queries(6, ask=ask, add_row=lambda: proposed(client))


def test_list_of_times_costs_the_same_queries_for_one_row_and_three() -> None:
    site = collection_site()
    client = staff(site)
    path = f"/diagnostics/sites/{site.pk}/slots/"
    starts = utc_now() + timedelta(days=1)

    def add() -> None:
        begins = starts + timedelta(hours=Slot.objects.count())
        ends = begins + timedelta(hours=1)
        services.open_slots(
            site=site, starts_at=begins, ends_at=ends, minutes=60, places=3, by=SYSTEM, now=utc_now()
        )

    client.get(path)
    assert_same_queries(6, ask=lambda: client.get(path), add_row=add)


def test_list_of_catchments_costs_the_same_queries_for_one_row_and_three() -> None:
    site = SiteFactory(kind=SiteKind.PUSKESMAS, name="Puskesmas Contoh")
    client = dispatcher()

    def add() -> None:
        services.set_catchment(site=site, places=[KelurahanFactory()], by=SYSTEM, now=utc_now())

    client.get("/diagnostics/catchments/")
    assert_same_queries(8, ask=lambda: client.get("/diagnostics/catchments/"), add_row=add)


def test_auditor_reads_labs_and_plans_and_changes_nothing() -> None:
    found = ready()
    plan = proposed(dispatcher())
    auditor = signed_in(member("auditor"))
    page = text_of(auditor.get(f"/diagnostics/labs/{found.pk}/"))
    assert found.site.name in page
    assert "/down/" not in page
    assert "/diagnostics/dispatch/" in text_of(auditor.get("/diagnostics/"))
    assert "Setujui" not in text_of(auditor.get(f"/diagnostics/dispatch/{plan.pk}/"))
    offer = {f"day_{localdate().isoformat()}": "1"}
    assert auditor.post(f"/diagnostics/labs/{found.pk}/", fill(**offer)).status_code == 403
    assert found.days.order_by("date")[0].reported == 100
