"""Severity, fitting beds, counts, quotas, surge, and the order of beds."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kolaborasi.hospitals import ranking
from kolaborasi.hospitals.classes import INTENSIVE, WARDS, BedClass, Need, class_of_siranap, codes, fits
from kolaborasi.hospitals.ranking import Candidates, rank
from kolaborasi.hospitals.rules import (
    AgeGroup,
    BedCount,
    Checkup,
    ReportFault,
    Service,
    Severity,
    SeverityReason,
    Signs,
    WarningSign,
    Wish,
    age_group_of,
    beds_short,
    fitting,
    given_beds,
    is_stale,
    others_of,
    refill_quotas,
    report_faults,
    services_needed,
    severity_of,
    stale_minutes,
    surge,
    warning_signs,
)
from tests.conftest import NOW

R = SeverityReason


@pytest.mark.parametrize(
    ("signs", "severity", "reasons"),
    [
        (Signs(), Severity.MILD, (R.NO_SIGN,)),
        (Signs(spo2=93, breaths=30, pneumonia=True), Severity.MODERATE, (R.PNEUMONIA,)),
        (Signs(spo2=92), Severity.SEVERE, (R.LOW_OXYGEN,)),
        (Signs(breaths=31), Severity.SEVERE, (R.FAST_BREATHING,)),
        (Signs(spo2=80, distress=True, pneumonia=True), Severity.SEVERE, (R.LOW_OXYGEN, R.DISTRESS)),
        (Signs(spo2=80, shock=True), Severity.CRITICAL, (R.SHOCK,)),
        (Signs(ventilation=True, unconscious=True), Severity.CRITICAL, (R.VENTILATION, R.UNCONSCIOUS)),
    ],
)
def test_severity_follows_the_guideline(
    signs: Signs, severity: Severity, reasons: tuple[SeverityReason, ...]
) -> None:
    assert severity_of(signs, AgeGroup.ADULT) == (severity, reasons)


def test_breathing_is_fast_by_age() -> None:
    ages = [age for age in AgeGroup if severity_of(Signs(breaths=45), age)[0] == Severity.SEVERE]
    assert ages == [AgeGroup.CHILD, AgeGroup.ADULT, AgeGroup.ELDER]


@pytest.mark.parametrize(
    ("born", "group"),
    [
        (date(2021, 6, 15), AgeGroup.NEONATE),
        (date(2021, 6, 14), AgeGroup.INFANT),
        (date(2020, 7, 13), AgeGroup.INFANT),
        (date(2020, 7, 12), AgeGroup.CHILD),
        (date(2003, 7, 13), AgeGroup.CHILD),
        (date(2003, 7, 12), AgeGroup.ADULT),
        (date(1961, 7, 12), AgeGroup.ELDER),
    ],
)
def test_age_group_changes_on_the_birthday(born: date, group: AgeGroup) -> None:
    assert age_group_of(born, date(2021, 7, 12)) == group


def test_every_class_has_codes_and_siranap_numbers_name_one_class() -> None:
    assert set(codes()) == set(BedClass)
    numbers = [each.siranap for each in codes().values() if each.siranap is not None]
    assert len(numbers) == len(set(numbers)) == 15
    for bed_class, known in codes().items():
        if known.siranap is not None:
            assert class_of_siranap(known.siranap) == bed_class
    assert class_of_siranap(99) is None


def test_every_need_has_a_bed_of_grade_0_and_no_ordinary_ward() -> None:
    for need in Need:
        assert 0 in fits(need).values(), need
        assert not WARDS & fits(need).keys(), need


def test_ventilator_is_only_in_icu_with_ventilator() -> None:
    found = fitting(Wish(Severity.MODERATE, AgeGroup.ADULT, ventilator=True))
    assert set(found) == {BedClass.ICU_NP_VENT, BedClass.ICU_VENT}


def test_critical_adult_fits_no_isolation_bed() -> None:
    found = fitting(Wish(Severity.CRITICAL, AgeGroup.ELDER))
    assert not {BedClass.ISOLATION, BedClass.ISOLATION_NP} & found.keys()
    assert set(found) - INTENSIVE == {BedClass.ED}


def test_who_must_be_isolated_never_waits_in_the_emergency_department() -> None:
    open_bed = Wish(Severity.SEVERE, AgeGroup.ADULT)
    isolated = Wish(Severity.SEVERE, AgeGroup.ADULT, isolation=True)
    assert BedClass.ED in fitting(open_bed)
    assert BedClass.ED not in fitting(isolated)
    assert fitting(isolated)[BedClass.HCU] == fitting(open_bed)[BedClass.HCU] + 1


def test_services_follow_needs_and_age() -> None:
    assert services_needed(Wish(Severity.MILD, AgeGroup.ADULT)) == frozenset()
    labour = Wish(Severity.MILD, AgeGroup.ADULT, labour=True, dialysis=True)
    assert services_needed(labour) == {Service.OBSTETRICS, Service.DIALYSIS}
    assert services_needed(Wish(Severity.SEVERE, AgeGroup.CHILD, ventilator=True)) == {
        Service.PAEDIATRICS,
        Service.VENTILATOR,
    }


@pytest.mark.parametrize(
    ("count", "faults"),
    [
        (BedCount(5, 5, 5, 0), []),
        (BedCount(5, 6), [ReportFault.MORE_OCCUPIED_THAN_STAFFED]),
        (BedCount(5, 4, cleaning=2), [ReportFault.NO_ROOM_FOR_CLEANING]),
        (BedCount(5, 2, 3), [ReportFault.MORE_OTHERS_THAN_OCCUPIED]),
        (BedCount(5, -1), [ReportFault.NEGATIVE]),
        (BedCount(10_001, 0), [ReportFault.TOO_MANY]),
    ],
)
def test_impossible_counts_are_named(count: BedCount, faults: list[ReportFault]) -> None:
    assert report_faults(count, observed_at=NOW, newest_at=None, now=NOW) == faults


def test_times_out_of_order_are_named() -> None:
    count = BedCount(5, 1)
    late, early = NOW + timedelta(minutes=3), NOW - timedelta(minutes=1)
    assert report_faults(count, observed_at=late, newest_at=None, now=NOW) == [ReportFault.FUTURE]
    assert report_faults(count, observed_at=early, newest_at=NOW, now=NOW) == [ReportFault.OLDER]
    assert report_faults(count, observed_at=NOW, newest_at=NOW, now=NOW) == []


@given(
    staffed=st.integers(0, 50),
    occupied=st.integers(0, 50),
    placed=st.integers(0, 50),
    cleaning=st.integers(0, 10),
)
def test_patient_placed_before_a_count_is_counted_once(
    staffed: int, occupied: int, placed: int, cleaning: int
) -> None:
    occupied = min(occupied, staffed)
    placed = min(placed, occupied)
    cleaning = min(cleaning, staffed - occupied)
    count = BedCount(staffed, occupied, cleaning=cleaning)
    free = given_beds(count, others_of(count, placed)) - placed
    assert free == staffed - occupied - cleaning


def test_staleness_has_a_limit_by_class_that_a_city_can_change() -> None:
    assert stale_minutes("ed") == 60
    assert stale_minutes("ed", {"ed": 30}) == 30
    assert is_stale(None, 60, NOW)
    assert not is_stale(NOW - timedelta(minutes=60), 60, NOW)
    assert is_stale(NOW - timedelta(minutes=61), 60, NOW)


def test_warning_signs_are_found() -> None:
    assert warning_signs(Checkup(spo2=94, breaths=20), AgeGroup.ADULT) == ()
    found = warning_signs(Checkup(spo2=93, confused=True), AgeGroup.ADULT)
    assert found == (WarningSign.LOW_OXYGEN, WarningSign.CONFUSED)


@given(empty=st.lists(st.integers(0, 40), max_size=30), total=st.integers(0, 300), each=st.integers(0, 12))
def test_refill_quotas_are_fair_and_use_the_round(empty: list[int], total: int, each: int) -> None:
    quotas = refill_quotas(empty, total=total, each=each)
    wishes = [min(wish, each) for wish in empty]
    assert all(0 <= quota <= wish for quota, wish in zip(quotas, wishes, strict=True))
    assert sum(quotas) == min(total, sum(wishes))
    unmet = [quota for quota, wish in zip(quotas, wishes, strict=True) if quota < wish]
    assert all(max(quotas, default=0) - quota <= 1 for quota in unmet)


@given(needed=st.integers(-5, 500), headroom=st.lists(st.integers(0, 60), max_size=20))
def test_surge_is_shared_in_proportion(needed: int, headroom: list[int]) -> None:
    beds = surge(needed=needed, headroom=headroom)
    assert sum(beds) == min(max(needed, 0), sum(headroom))
    whole = sum(headroom)
    for share, room in zip(beds, headroom, strict=True):
        assert 0 <= share <= room
        assert whole == 0 or abs(share - sum(beds) * room / whole) < 1


@given(
    occupied=st.integers(0, 3000),
    waiting=st.integers(0, 3000),
    given_now=st.integers(0, 5000),
    target=st.sampled_from([0.5, 0.6, 0.7, 0.85, 1.0]),
)
def test_beds_short_is_the_smallest_number_that_is_enough(
    occupied: int, waiting: int, given_now: int, target: float
) -> None:
    beds = beds_short(occupied=occupied, waiting=waiting, given=given_now, target=target)
    assert occupied + waiting <= target * (given_now + beds)
    assert beds == 0 or occupied + waiting > target * (given_now + beds - 1)


MINUTES = st.floats(0, 300, allow_nan=False)


@st.composite
def candidates(draw: st.DrawFn) -> Candidates:
    """Up to 12 pools; repeated values are likely, so that equal beds occur."""
    n = draw(st.integers(0, 12))

    def column(values: st.SearchStrategy[float]) -> list[float]:
        return draw(st.lists(values, min_size=n, max_size=n))

    return Candidates(
        pool=np.arange(1, n + 1, dtype=np.int64),
        hospital=np.array(column(st.integers(1, 4)), dtype=np.int64),
        grade=np.array(column(st.integers(-1, 2)), dtype=np.int64),
        left=np.array(column(st.integers(0, 2)), dtype=np.int64),
        staffed=np.array(column(st.integers(2, 4)), dtype=np.int64),
        minutes=np.array(column(MINUTES)),
        age=np.array(column(st.sampled_from([0.0, 30.0, 400.0, np.inf]))),
        limit=np.array(column(st.sampled_from([60.0, 120.0]))),
        acceptance=np.array(column(st.sampled_from([0.0, 0.5, 1.0, np.nan]))),
    )


@given(beds=candidates(), most=st.integers(1, 12))
def test_ranking_never_names_an_unfit_or_full_bed_and_leaves_no_better_one_out(
    beds: Candidates, most: int
) -> None:
    ranked = rank(beds, most=most)
    possible = (beds.grade >= 0) & (beds.left > 0) & np.isfinite(beds.age)
    assert len(ranked) == min(most, int(possible.sum()))
    named = {each.pool for each in ranked}
    assert all(possible[pool - 1] for pool in named)
    costs = ranking.costs(beds)
    left_out = [row for row in np.flatnonzero(possible).tolist() if row + 1 not in named]
    assert all(each.cost <= costs[row] for each in ranked for row in left_out)


@given(beds=candidates())
def test_ranking_never_names_a_farther_bed_before_a_nearer_equal_one(beds: Candidates) -> None:
    place = {each.pool: number for number, each in enumerate(rank(beds, most=len(beds) or 1))}
    accepted = np.where(np.isnan(beds.acceptance), 0.5, beds.acceptance)
    equal = np.column_stack([beds.grade, beds.left, beds.staffed, beds.age, beds.limit, accepted])
    for near in place:
        for far in place:
            same = (equal[near - 1] == equal[far - 1]).all()
            if same and beds.minutes[near - 1] < beds.minutes[far - 1]:
                assert place[near] < place[far]


def test_ranking_gives_its_reasons_as_numbers() -> None:
    beds = Candidates(
        pool=np.array([7]),
        hospital=np.array([3]),
        grade=np.array([1]),
        left=np.array([2]),
        staffed=np.array([8]),
        minutes=np.array([12.34]),
        age=np.array([180.0]),
        limit=np.array([120.0]),
        acceptance=np.array([np.nan]),
    )
    (only,) = rank(beds)
    assert only.reasons == {
        "grade": 1,
        "minutes": 12.3,
        "load": 0.75,
        "age": 180.0,
        "stale": True,
        "acceptance": None,
        "left": 2,
    }
    # 12.34 minutes + 15 for the grade + 20 x 0.75 load + 20 x 1.5 age + 20 x 0.5 unknown acceptance.
    assert only.cost == pytest.approx(12.34 + 15 + 15 + 30 + 10)
