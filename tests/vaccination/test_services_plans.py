"""A supply plan is proposed from real rows, approved line by line, and refused when the world moved on."""

from __future__ import annotations

from datetime import timedelta

import pytest

from kolaborasi.common.errors import NotPermitted, Refused
from kolaborasi.common.lifecycle import WrongState
from kolaborasi.places.models import Figure
from kolaborasi.stock.errors import NotEnoughOnHand
from kolaborasi.stock.models import Balance, Shipment
from kolaborasi.vaccination import services
from kolaborasi.vaccination.models import RecallReason, SupplyLine, WasteReason
from kolaborasi.vaccination.rules import Channel
from tests.conftest import NOW
from tests.factories import staff
from tests.vaccination.factories import DAY, SYSTEM, lot, recipient, session, store

pytestmark = pytest.mark.django_db
TODAY = DAY - timedelta(days=1)


def unvaccinated(of: object, people: int) -> None:
    Figure.objects.create(
        place=of.site.place,
        series="vaccination.unvaccinated",
        date=TODAY,
        value=people,
        source="test",  # type: ignore[attr-defined]
    )


def test_plan_sends_doses_to_the_sessions_and_a_coordinator_approves_each_line() -> None:
    place = store()
    held = lot(30, at=place)
    first = session(doses=0, quotas={Channel.BOOKING: 20}, open_=False)
    second = session(doses=0, quotas={Channel.BOOKING: 20}, day=DAY + timedelta(days=1))
    unvaccinated(first, 15)
    unvaccinated(second, 100)
    plan = services.propose_supply(store=place, start=TODAY, days=7, by=SYSTEM, now=NOW)
    lines = {line.target_id: line for line in plan.lines.all()}
    assert plan.effect["served"] == {"due": 0, "booked": 0, "resident": 30}
    assert sum(line.doses for line in lines.values()) == 30
    assert lines[first.location_id].arrives_date == DAY
    assert lines[first.location_id].reasons == {
        "resident": lines[first.location_id].doses,
        "session": first.pk,
    }
    with pytest.raises(NotPermitted):
        services.approve_supply_line(line=lines[first.location_id], by=staff("verifier"), now=NOW)
    by = staff("coordinator")
    approved = services.approve_supply_line(line=lines[first.location_id], by=by, now=NOW)
    assert approved.shipment == Shipment.objects.get()
    assert Balance.objects.get(location=first.location).arriving == approved.doses
    with pytest.raises(WrongState):
        services.approve_supply_line(line=approved, by=by, now=NOW)
    rejected = services.reject_supply_line(line=lines[second.location_id], by=by, now=NOW)
    assert rejected.state == "rejected"
    assert Balance.objects.get(location=place, lot=held.pk).on_hand == 30 - approved.doses


def test_line_that_is_no_longer_possible_keeps_the_reason_and_can_be_tried_again() -> None:
    place = store()
    held, of = lot(10, at=place), session(doses=0)
    unvaccinated(of, 10)
    services.propose_supply(store=place, start=TODAY, days=3, by=SYSTEM, now=NOW)
    line, by = SupplyLine.objects.get(), staff("coordinator")
    services.waste_doses(lot=held, location=place, doses=5, reason=WasteReason.BROKEN, by=SYSTEM, now=NOW)
    with pytest.raises(NotEnoughOnHand):
        services.approve_supply_line(line=line, by=by, now=NOW)
    line.refresh_from_db()
    assert (line.state, line.refusal, Shipment.objects.count()) == ("refused", "not-enough-on-hand", 0)
    services.receive_doses(lot=held, location=place, doses=5, by=SYSTEM, now=NOW)
    assert services.approve_supply_line(line=line, by=by, now=NOW).state == "approved"


def test_recalled_lot_is_not_proposed_and_not_sent() -> None:
    place = store()
    held, of = lot(10, at=place), session(doses=0)
    unvaccinated(of, 10)
    services.propose_supply(store=place, start=TODAY, days=3, by=SYSTEM, now=NOW)
    services.recall_lot(lot=held, reason=RecallReason.QUALITY, by=SYSTEM, now=NOW)
    with pytest.raises(Refused):
        services.approve_supply_line(line=SupplyLine.objects.get(), by=staff("coordinator"), now=NOW)
    again = services.propose_supply(store=place, start=TODAY, days=3, by=SYSTEM, now=NOW)
    assert again.lines.count() == 0


def test_waiting_people_come_before_residents_and_two_sites_of_an_area_share_them() -> None:
    place = store()
    lot(4, at=place)
    of = session(doses=0)
    other = session(doses=0, site=None)
    unvaccinated(of, 50)
    unvaccinated(other, 50)
    for _person in range(4):
        services.join_waiting_list(recipient=recipient(), place=other.site.place, by=SYSTEM, now=NOW)
    plan = services.propose_supply(store=place, start=TODAY, days=3, by=SYSTEM, now=NOW)
    assert [(line.target_id, line.doses) for line in plan.lines.all()] == [(other.location_id, 4)]
    assert plan.effect["served"] == {"due": 0, "booked": 4, "resident": 0}


@pytest.mark.parametrize("days", [0, 61])
def test_plan_of_no_or_too_many_days_is_refused(days: int) -> None:
    with pytest.raises(Refused):
        services.propose_supply(store=store(), start=TODAY, days=days, by=SYSTEM, now=NOW)
