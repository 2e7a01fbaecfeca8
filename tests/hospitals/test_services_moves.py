"""A patient moves to a bed of another class, here or elsewhere."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import transaction

from kolaborasi.commitments.errors import NotEnoughLeft
from kolaborasi.common.errors import NotPermitted
from kolaborasi.common.lifecycle import WrongState
from kolaborasi.hospitals import queries, services, verification
from kolaborasi.hospitals.classes import BedClass
from kolaborasi.hospitals.errors import BedUnfit, NotHere, SameBed
from kolaborasi.hospitals.models import BedMove, BedPool, Hospital, Placement
from kolaborasi.hospitals.rules import BedCount, Severity
from tests.conftest import NOW
from tests.hospitals.factories import (
    DISPATCHER,
    HospitalFactory,
    PoolFactory,
    admitted,
    referral,
    staff_of,
    wish,
)

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(hours=3)


def icu_patient(hospital: Hospital | None = None) -> Placement:
    """Somebody critically ill in an ICU bed."""
    pool = PoolFactory(hospital=hospital or HospitalFactory(), bed_class=BedClass.ICU_NP)
    return admitted(pool, wish=wish(Severity.CRITICAL))


def better(placement: Placement) -> None:
    """The patient is moderately ill now."""
    services.reassess(
        referral=placement.referral, severity=Severity.MODERATE, reasons=(), by=DISPATCHER, now=LATER
    )


def committed(*pools: BedPool) -> list[int]:
    """Beds promised of each pool as the database has it."""
    return [BedPool.objects.get(pk=pool.pk).committed for pool in pools]


def test_stay_steps_down_in_one_go() -> None:
    placement = icu_patient()
    ward = PoolFactory(hospital=placement.pool.hospital, bed_class=BedClass.ISOLATION)
    better(placement)
    assert queries.other_beds_here(queries.placement_by_id(placement.pk)) == [ward]  # type: ignore[arg-type]
    own = staff_of(placement.pool.hospital.site)
    moved = services.move_bed(referral=placement.referral, pool=ward, by=own, now=LATER)
    assert (moved.pk, moved.pool_id, moved.grade) == (placement.pk, ward.pk, 0)
    assert committed(placement.pool, ward) == [0, 1]
    move = BedMove.objects.get()
    assert (move.from_pool_id, move.to_pool_id, move.moved_at) == (placement.pool_id, ward.pk, LATER)
    services.discharge(referral=placement.referral, by=own, now=LATER)
    assert committed(placement.pool, ward) == [0, 0]
    assert [fault for check in verification.checks() for fault in check.faults] == []


def test_count_of_before_the_move_knows_where_the_patient_lay() -> None:
    placement = icu_patient()
    hospital = placement.pool.hospital
    ward = PoolFactory(hospital=hospital, bed_class=BedClass.ISOLATION)
    better(placement)
    services.move_bed(referral=placement.referral, pool=ward, by=DISPATCHER, now=LATER)
    full = BedCount(staffed=5, occupied=5)
    for minutes, others in ((60, (4, 5)), (240, (5, 4))):
        counted = NOW + timedelta(minutes=minutes)
        services.report_beds(
            hospital=hospital,
            counts={BedClass.ICU_NP: full, BedClass.ISOLATION: full},
            observed_at=counted,
            source="hospital",
            by=DISPATCHER,
            now=LATER + timedelta(hours=2),
        )
        rows = [BedPool.objects.get(pk=pool.pk).others for pool in (placement.pool, ward)]
        assert tuple(rows) == others


def test_move_that_is_not_possible_changes_nothing() -> None:
    placement = icu_patient()
    hospital = placement.pool.hospital
    ward = PoolFactory(hospital=hospital, bed_class=BedClass.ISOLATION)
    full = PoolFactory(hospital=hospital, bed_class=BedClass.ICU, staffed=0)
    elsewhere = PoolFactory(bed_class=BedClass.ICU)
    stranger = staff_of(HospitalFactory().site)
    attempts = [
        (ward, DISPATCHER, BedUnfit),
        (full, DISPATCHER, NotEnoughLeft),
        (elsewhere, DISPATCHER, NotHere),
        (placement.pool, DISPATCHER, SameBed),
        (full, stranger, NotPermitted),
        (10**9, DISPATCHER, NotHere),
    ]
    for pool, actor, refusal in attempts:
        with pytest.raises(refusal), transaction.atomic():
            services.move_bed(referral=placement.referral, pool=pool, by=actor, now=LATER)
    assert committed(placement.pool, ward, full, elsewhere) == [1, 0, 0, 0]
    placement.refresh_from_db()
    assert (placement.pool.bed_class, BedMove.objects.count()) == ("icu-np", 0)
    waiting = referral()
    with pytest.raises(WrongState), transaction.atomic():
        services.move_bed(referral=waiting, pool=ward, by=DISPATCHER, now=LATER)


def test_patient_who_is_better_goes_to_a_lower_class_elsewhere() -> None:
    placement = icu_patient()
    other = PoolFactory(bed_class=BedClass.ISOLATION)
    better(placement)
    placement = queries.placement_by_id(placement.pk)  # type: ignore[assignment]
    offered = services.transfer(placement=placement, pools=[other], by=DISPATCHER, now=LATER)
    assert offered.grade == 0
    assert committed(placement.pool, other) == [1, 1]
    services.accept(placement=offered, by=DISPATCHER, now=LATER)
    services.depart(referral=offered.referral, by=DISPATCHER, now=LATER)
    services.admit(referral=offered.referral, by=DISPATCHER, now=LATER)
    assert committed(placement.pool, other) == [0, 1]
    placement.referral.refresh_from_db()
    assert placement.referral.state == "transferred"


def test_discharge_ends_the_transfer_that_was_asked_for() -> None:
    placement, other = admitted(), PoolFactory()
    asked = services.transfer(placement=placement, pools=[other], by=DISPATCHER, now=LATER)
    services.discharge(referral=placement.referral, by=DISPATCHER, now=LATER)
    asked.referral.refresh_from_db()
    assert (asked.referral.state, asked.referral.cancel_reason) == ("cancelled", "recovered")
    assert committed(placement.pool, other) == [0, 0]
    assert [fault for check in verification.checks() for fault in check.faults] == []
