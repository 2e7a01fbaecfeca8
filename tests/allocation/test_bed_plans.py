"""Bed plans: proposed, decided line by line, each line by the verb a person would have used."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import translation

from kolaborasi.allocation import queries, services
from kolaborasi.allocation.bed_draft import draft_beds
from kolaborasi.allocation.bed_reasons import refusal, why
from kolaborasi.allocation.errors import NobodyWaits
from kolaborasi.allocation.models import BedLine, Proposal
from kolaborasi.common.actors import Actor
from kolaborasi.common.errors import NotPermitted
from kolaborasi.hospitals import services as hospitals
from kolaborasi.hospitals.classes import BedClass
from kolaborasi.hospitals.models import ConversionRequest, Hospital, Placement, Referral
from kolaborasi.hospitals.rules import BedCount
from tests.conftest import NOW
from tests.factories import KelurahanFactory, staff
from tests.hospitals.factories import (
    DISPATCHER,
    PoolFactory,
    admitted,
    dispatcher_account,
    referral,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def account() -> None:
    """The dispatcher who decides."""
    dispatcher_account()


def queue_of(number: int, **given: object) -> list[Referral]:
    """Patients in one kelurahan, the first has waited longest."""
    place = KelurahanFactory(latitude=-6.17)
    return [referral(NOW - timedelta(hours=number - each), place=place, **given) for each in range(number)]


def test_plan_is_stored_with_a_reason_for_each_line() -> None:
    first, second, third = queue_of(3)
    near, far = (
        PoolFactory(staffed=1, hospital__site__place=first.place),
        PoolFactory(staffed=1, hospital__site__place=KelurahanFactory(latitude=-6.4)),
    )
    proposal = services.propose_beds(by=DISPATCHER, now=NOW)
    lines = list(queries.bed_lines_of(proposal))
    assert [(line.referral, line.pool_id, line.reason) for line in lines] == [
        (first, near.pk, "best-bed"),
        (second, far.pk, "better-taken"),
    ]
    assert (proposal.before["waiting"], proposal.after["waiting"], proposal.after["placed"]) == (3, 1, 2)
    assert proposal.certificate["optimal"] is True
    with translation.override("en"):
        assert (
            why(lines[0])
            == "Number 1 in the queue. No bed suits this patient better; it is 0 minutes away (estimated)."
        )
        assert why(lines[1]).startswith(
            "Number 2 in the queue. The only bed that suits this patient better goes"
        )
    assert third.state == "requested"
    assert Placement.objects.count() == 0


def test_approved_line_offers_the_bed_and_a_refused_one_is_kept_with_its_reason() -> None:
    first, second = queue_of(2)
    pool = PoolFactory(staffed=2)
    proposal = services.propose_beds(by=DISPATCHER, now=NOW)
    hospitals.cancel_referral(referral=second, reason="recovered", by=DISPATCHER, now=NOW)
    done = services.approve(lines=queries.open_bed_lines_of(proposal), by=DISPATCHER, now=NOW)
    assert ([line.referral_id for line in done.approved], [code for _line, code in done.refused]) == (
        [first.pk],
        ["wrong-state"],
    )
    held = Placement.objects.get()
    assert (held.referral, held.pool, held.state, held.answer) == (first, pool, "held", "pending")
    found = queries.bed_proposal_by_id(proposal.pk)
    assert found is not None
    assert (found.state, found.approved_count, found.refused_count) == ("partly-approved", 1, 1)
    refused = BedLine.objects.get(state="refused")
    with translation.override("en"):
        assert refusal(refused).startswith("The patient was placed, cancelled")
    again = services.approve(lines=list(BedLine.objects.all()), by=DISPATCHER, now=NOW)
    assert (again.approved, again.refused, len(again.decided_before)) == ([], [], 2)
    assert Placement.objects.count() == 1


def test_bed_that_is_gone_refuses_its_line() -> None:
    queue_of(1)
    pool = PoolFactory(staffed=1)
    proposal = services.propose_beds(by=DISPATCHER, now=NOW)
    hospitals.offer(referral=referral(), pools=[pool], by=DISPATCHER, now=NOW)
    done = services.approve(lines=queries.open_bed_lines_of(proposal), by=DISPATCHER, now=NOW)
    assert [code for _line, code in done.refused] == ["no-bed"]


def test_transfer_line_moves_a_patient_whose_bed_is_gone() -> None:
    shrinking, other = PoolFactory(staffed=2), PoolFactory(staffed=4)
    stay, _stays = admitted(shrinking), admitted(shrinking)
    hospitals.report_beds(
        hospital=shrinking.hospital,
        counts={BedClass.ISOLATION_NP: BedCount(1, 1)},
        observed_at=NOW,
        source="hospital",
        by=DISPATCHER,
        now=NOW,
    )
    proposal = services.propose_beds(by=DISPATCHER, now=NOW)
    (line,) = queries.open_bed_lines_of(proposal)
    assert (line.kind, line.reason, line.pool_id) == ("transfer", "shortfall", other.pk)
    done = services.approve(lines=[line], by=DISPATCHER, now=NOW)
    assert len(done.approved) == 1
    moving = Placement.objects.get(is_transfer=True)
    assert (moving.patient_id, moving.pool, moving.referral.from_hospital) == (
        line.leaves.patient_id,
        other,
        shrinking.hospital,
    )
    assert moving.patient_id in {stay.patient_id, _stays.patient_id}


def test_conversion_line_asks_the_hospital() -> None:
    pool = PoolFactory(staffed=10, occupied=10, others=10, reported=0)
    Hospital.objects.filter(pk=pool.hospital_id).update(total_beds=100)
    proposal = services.propose_beds(by=DISPATCHER, now=NOW, target=0.8)
    (line,) = queries.open_bed_lines_of(proposal)
    assert (line.kind, line.beds, line.bed_class) == ("conversion", 3, "isolation-np")
    services.approve(lines=[line], by=DISPATCHER, now=NOW)
    asked = ConversionRequest.objects.get()
    assert (asked.hospital, asked.beds, asked.state) == (pool.hospital, 3, "asked")
    assert Proposal.objects.get().state == "approved"


def test_rejected_and_expired_lines_are_carried_out_by_nobody() -> None:
    queue_of(2)
    PoolFactory(staffed=2)
    proposal = services.propose_beds(by=DISPATCHER, now=NOW)
    first, _second = queries.open_bed_lines_of(proposal)
    assert services.reject(lines=[first], by=DISPATCHER, now=NOW) == 1
    system = Actor.system("expiry")
    assert services.expire(by=system, now=NOW + timedelta(minutes=119)) == 0
    assert services.expire(by=system, now=NOW + timedelta(hours=2)) == 1
    assert sorted(BedLine.objects.values_list("state", flat=True)) == ["expired", "rejected"]
    assert Placement.objects.count() == 0


def test_plans_of_aid_and_of_beds_are_listed_apart() -> None:
    queue_of(1)
    PoolFactory()
    services.propose_beds(by=DISPATCHER, now=NOW)
    assert (queries.proposals().count(), queries.bed_proposals().count()) == (0, 1)


def test_nothing_to_plan_is_refused_and_only_coordinators_plan() -> None:
    with pytest.raises(NobodyWaits):
        draft_beds(now=NOW)
    queue_of(1)
    with pytest.raises(NotPermitted):
        services.propose_beds(by=staff("partner_admin"), now=NOW)
    assert Proposal.objects.count() == 0
