"""Bed plans on pages: made, seen by those who decide, approved and rejected line by line."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.test import Client

from kolaborasi.allocation import queries, services
from kolaborasi.allocation.models import Proposal
from kolaborasi.common.clock import utc_now
from kolaborasi.hospitals.models import Placement, Referral
from tests.allocation.test_views import enter
from tests.factories import KelurahanFactory
from tests.hospitals.factories import DISPATCHER, PoolFactory, dispatcher_account, referral
from tests.support import assert_same_queries

pytestmark = pytest.mark.django_db


def queue_of(number: int) -> list[Referral]:
    """Patients in one kelurahan, and a bed for each."""
    now, place = utc_now(), KelurahanFactory(latitude=-6.17)
    for _bed in range(number):
        PoolFactory(staffed=1, observed_at=now, received_at=now, hospital__site__place=place)
    return [referral(now, place=place) for _patient in range(number)]


def planned(number: int = 2) -> Proposal:
    dispatcher_account()
    queue_of(number)
    return services.propose_beds(by=DISPATCHER, now=utc_now())


def test_plan_is_made_once_for_one_form(client: Client) -> None:
    dispatcher_account()
    queue_of(1)
    enter(client, "coordinator")
    assert client.get("/posko/plans/beds/new/").status_code == 200
    form = {"idempotency_key": str(uuid4())}
    for _press in range(2):
        response = client.post("/posko/plans/beds/new/", form)
    assert response["Location"] == f"/posko/plans/beds/{Proposal.objects.get().pk}/"


def test_plan_of_beds_is_seen_by_those_who_decide(client: Client) -> None:
    found = planned()
    for role in ("verifier", "auditor", "partner_member"):
        for address in ("/posko/plans/beds/", f"/posko/plans/beds/{found.pk}/"):
            assert enter(Client(), role).get(address).status_code == 403
    page = enter(client, "coordinator").get(f"/posko/plans/beds/{found.pk}/")
    assert "Approve all 2 lines" in page.content.decode()
    listed = enter(Client(), "coordinator").get("/posko/plans/beds/").content.decode()
    assert f'href="/posko/plans/beds/{found.pk}/"' in listed


def test_ticked_line_holds_its_bed_after_a_question(client: Client) -> None:
    found = planned()
    first, second = queries.open_bed_lines_of(found)
    enter(client, "coordinator")
    address = f"/posko/plans/beds/{found.pk}/approve/?line={first.pk}"
    assert client.get(address).status_code == 200
    assert Placement.objects.count() == 0
    client.post(address)
    placement = Placement.objects.get()
    assert (placement.referral_id, placement.pool_id, placement.state) == (
        first.referral_id,
        first.pool_id,
        "held",
    )
    second.refresh_from_db()
    assert second.state == "proposed"


def test_rejecting_the_rest_asks_nobody(client: Client) -> None:
    found = planned()
    enter(client, "coordinator").post(f"/posko/plans/beds/{found.pk}/reject/?all=1")
    assert [line.state for line in queries.bed_lines_of(found)] == ["rejected"] * 2
    assert Placement.objects.count() == 0


def test_auditor_cannot_decide(client: Client) -> None:
    found = planned()
    assert enter(client, "auditor").post(f"/posko/plans/beds/{found.pk}/approve/?all=1").status_code == 403
    assert Placement.objects.count() == 0


def test_plan_of_help_is_no_plan_of_beds(client: Client) -> None:
    found = planned()
    assert enter(client, "coordinator").get(f"/posko/plans/{found.pk}/").status_code == 404


@pytest.mark.parametrize("rows", [1, 3])
def test_lines_are_read_with_the_same_number_of_queries(client: Client, rows: int) -> None:
    found = planned(rows)
    enter(client, "coordinator")
    assert_same_queries(6, ask=lambda: client.get(f"/posko/plans/beds/{found.pk}/"), add_row=lambda: None)
