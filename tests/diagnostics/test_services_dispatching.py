"""Plans, approval, and what moved on in between."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db.models import Sum

from kolaborasi.common.errors import NotPermitted
from kolaborasi.common.lifecycle import WrongState
from kolaborasi.diagnostics import planning, services
from kolaborasi.diagnostics.errors import NothingToDispatch, PlanOver
from kolaborasi.diagnostics.models import Consignment, DispatchLine, DispatchPlan, LabDay, Specimen
from kolaborasi.partners.states import PartnerState
from tests.conftest import NOW
from tests.diagnostics.factories import (
    SYSTEM,
    collection_site,
    coordinator,
    courier,
    lab,
    received,
    specimen,
    staff_of,
)

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def planned(now=NOW) -> DispatchPlan:
    return services.propose_dispatch(departs_at=now, by=SYSTEM, now=now)


def loads() -> dict[int, int]:
    rows = LabDay.objects.filter(committed__gt=0).order_by().values_list("lab")
    return dict(rows.annotate(units=Sum("committed")))


def test_plan_is_only_a_proposal_until_it_is_approved() -> None:
    to, site = lab(offers=100), collection_site()
    tubes = [specimen(site) for _each in range(3)]
    plan = planned()
    line = DispatchLine.objects.get()
    assert (plan.waiting, plan.planned, line.quantity, line.lab_id) == (3, 3, 3, to.pk)
    assert loads() == {}
    done = services.approve_dispatch(plan=plan, by=coordinator(), now=NOW)
    assert loads() == {to.pk: 3}
    (made,) = done.consignments
    assert set(made.specimens.values_list("pk", flat=True)) == {tube.pk for tube in tubes}
    line.refresh_from_db()
    assert (line.state, line.consignment_id) == ("approved", made.pk)


def test_plan_never_sends_more_than_a_day_has_left() -> None:
    near, far = lab(offers=2), lab(offers=2)
    for _each in range(5):
        specimen()
    services.approve_dispatch(plan=planned(), by=SYSTEM, now=NOW)
    assert sum(loads().values()) == 5
    assert set(loads()) == {near.pk, far.pk}
    assert all(day.committed <= day.reported for day in LabDay.objects.all())


def test_nothing_to_dispatch_is_said() -> None:
    lab(offers=5)
    with pytest.raises(NothingToDispatch):
        planned()
    specimen()
    LabDay.objects.update(reported=0, limit=0)
    with pytest.raises(NothingToDispatch):
        planned()
    assert DispatchPlan.objects.count() == 0


def test_lab_without_reagents_gets_nothing() -> None:
    empty, other = lab(offers=5), lab(offers=5)
    from kolaborasi.stock.models import Balance, Movement, Reason
    from kolaborasi.stock.services import move, recipient_location

    for balance in Balance.objects.filter(location__site=empty.site).select_related("lot", "location"):
        move(
            lot=balance.lot,
            source=balance.location,
            target=recipient_location(),
            quantity=balance.on_hand,
            reason=Reason.DELIVERY,
            now=NOW,
        )
    assert Movement.objects.count() == 3
    specimen()
    services.approve_dispatch(plan=planned(), by=SYSTEM, now=NOW)
    assert set(loads()) == {other.pk}


def test_specimens_that_moved_on_are_left_out() -> None:
    to, site = lab(offers=100), collection_site()
    stays, leaves = specimen(site), specimen(site)
    plan = planned()
    received(to, [leaves])
    done = services.approve_dispatch(plan=plan, by=SYSTEM, now=NOW)
    (made,) = done.consignments
    assert made.quantity == 1
    assert list(made.specimens.all()) == [stays]


def test_line_of_a_lab_that_went_down_or_was_frozen_is_refused() -> None:
    to, frozen = lab(offers=1), lab(offers=1)
    tubes = [specimen(), specimen()]
    plan = planned()
    services.lab_down(lab=to, reason="power", by=SYSTEM, now=NOW)
    partner = frozen.site.partner
    partner.state, partner.reason = PartnerState.FROZEN, "safety"
    partner.save()
    done = services.approve_dispatch(plan=plan, by=SYSTEM, now=NOW)
    assert [code for _line, code in done.refused] == ["lab-not-working"] * 2
    assert done.consignments == []
    assert Specimen.objects.filter(pk__in=[t.pk for t in tubes], consignment__isnull=True).count() == 2


def test_day_that_filled_up_refuses_its_line() -> None:
    to = lab(offers=1)
    LabDay.objects.exclude(pk=LabDay.objects.order_by("date")[0].pk).delete()
    specimen()
    first, second = planned(), planned()
    services.approve_dispatch(plan=first, by=SYSTEM, now=NOW)
    Specimen.objects.update(consignment=None)
    done = services.approve_dispatch(plan=second, by=SYSTEM, now=NOW)
    assert [code for _line, code in done.refused] == ["not-enough-left"]
    assert loads() == {to.pk: 1}


def test_plan_is_decided_once_and_in_time() -> None:
    lab(offers=5)
    specimen()
    plan = planned()
    with pytest.raises(NotPermitted):
        services.approve_dispatch(plan=plan, by=courier(), now=NOW)
    with pytest.raises(PlanOver):
        services.approve_dispatch(plan=plan, by=SYSTEM, now=NOW + 3 * HOUR)
    assert loads() == {}
    services.approve_dispatch(plan=plan, by=SYSTEM, now=NOW)
    with pytest.raises(WrongState):
        services.approve_dispatch(plan=plan, by=SYSTEM, now=NOW)
    assert Consignment.objects.count() == 1


def test_rejected_and_expired_plans_leave_everything_waiting() -> None:
    lab(offers=5)
    specimen()
    services.reject_dispatch(plan=planned(), by=coordinator(), now=NOW)
    planned()
    assert services.expire_plans(by=SYSTEM, now=NOW + 3 * HOUR) == 1
    assert list(DispatchPlan.objects.order_by("pk").values_list("state", flat=True)) == [
        "rejected",
        "expired",
    ]
    assert set(DispatchLine.objects.values_list("state", flat=True)) == {"dropped"}
    assert loads() == {}


def test_specimens_in_a_lab_that_went_down_are_planned_again_from_there() -> None:
    broken, other = lab(offers=5), lab(offers=5)
    tube = specimen()
    received(broken, [tube])
    services.lab_down(lab=broken, reason="machine", by=staff_of(broken.site.partner), now=NOW)
    done = services.approve_dispatch(plan=planned(), by=SYSTEM, now=NOW)
    (made,) = done.consignments
    assert (made.origin_id, made.lab_id) == (broken.site_id, other.pk)
    services.pick_up(consignment=made, barcodes=[tube.label.barcode], at=NOW, by=courier(), now=NOW)
    services.receive(
        lab=other, consignment=made, barcodes=[tube.label.barcode], at=NOW + HOUR, by=SYSTEM, now=NOW + HOUR
    )
    tube.refresh_from_db()
    assert (tube.state, tube.lab_id) == ("received", other.pk)


def test_queue_of_a_lab_sends_the_next_specimen_elsewhere() -> None:
    busy, idle = lab(wells=4, offers=8, run_minutes=300), lab(wells=4, offers=8, run_minutes=300)
    received(busy, [specimen() for _each in range(6)])
    specimen()
    services.approve_dispatch(plan=planned(), by=SYSTEM, now=NOW)
    assert set(loads()) == {idle.pk}


def test_released_manifest_gives_its_promise_back() -> None:
    to, tube = lab(offers=5), specimen()
    (made,) = services.approve_dispatch(plan=planned(), by=SYSTEM, now=NOW).consignments
    services.release_consignment(consignment=made, by=coordinator(), now=NOW)
    tube.refresh_from_db()
    assert (tube.consignment_id, loads()) == (None, {})
    assert to.pk == made.lab_id


def test_machines_that_run_together_are_one_run_of_the_plan() -> None:
    place = lab(offers=400)
    for name in ("B", "C"):
        services.add_machine(
            lab=place, name=name, model="CFX96", wells=96, run_minutes=120, targets=[], by=SYSTEM, now=NOW
        )
    specimen()
    live = planning.live_problem(planning.waiting_specimens(), departs_at=NOW)
    assert live is not None
    runs = live.problem.runs
    assert set(runs.places.tolist()) == {3 * 94}
    assert len(set(zip(runs.day.tolist(), runs.starts.tolist(), strict=True))) == len(runs)


def test_large_backlog_is_planned_by_three_hours(monkeypatch: pytest.MonkeyPatch) -> None:
    lab(offers=10)
    site = collection_site()
    for hours in (1, 2, 3):
        specimen(site, at=NOW - timedelta(hours=hours))
    fine = planning.live_problem(planning.waiting_specimens(), departs_at=NOW)
    monkeypatch.setattr(planning, "LARGE_BACKLOG", 2)
    coarse = planning.live_problem(planning.waiting_specimens(), departs_at=NOW)
    assert fine is not None
    assert coarse is not None
    assert (len(fine.problem.groups), len(coarse.problem.groups)) == (3, 1)
    assert coarse.problem.groups.collected.tolist() == [-180]
    assert planning.draft(departs_at=NOW).lines[0].specimens == [
        each.pk for each in planning.waiting_specimens()
    ]
