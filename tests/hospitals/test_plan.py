"""The batch plan: against a second solver, against brute force, and on live data."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linear_sum_assignment

from kolaborasi.hospitals import queries, services
from kolaborasi.hospitals.classes import BedClass
from kolaborasi.hospitals.plan import (
    OVER_SECONDS,
    UNFIT,
    Assignment,
    Situation,
    decode,
    first_come_first_served,
    network,
    plan,
    room,
)
from kolaborasi.hospitals.rules import BedCount, Severity
from kolaborasi.optimisation.errors import BadOption, TooLarge
from kolaborasi.optimisation.flow import residual_violations, solve, solve_by_cost_scaling
from tests.conftest import NOW
from tests.factories import KelurahanFactory
from tests.hospitals.factories import DISPATCHER, HospitalFactory, PoolFactory, admitted, referral, wish


def situation(groups: list[int], left: list[int], staffed: list[int], cost: list[list[int]]) -> Situation:
    """A situation from plain lists."""
    costs = np.array(cost, dtype=np.int64).reshape(len(cost), len(left))
    return Situation(
        patient=np.arange(100, 100 + len(groups), dtype=np.int64),
        group=np.array(groups, dtype=np.int64),
        pool=np.arange(len(left), dtype=np.int64),
        left=np.array(left, dtype=np.int64),
        staffed=np.array(staffed, dtype=np.int64),
        cost=costs,
        minutes=costs / 60,
        grade=np.zeros_like(costs),
    )


@st.composite
def situations(draw: st.DrawFn) -> Situation:
    """Up to 7 patients in up to 3 groups, up to 4 pools of up to 3 beds."""
    groups, pools = draw(st.integers(1, 3)), draw(st.integers(1, 4))
    people = draw(st.lists(st.integers(0, groups - 1), min_size=1, max_size=7))
    left = draw(st.lists(st.integers(0, 3), min_size=pools, max_size=pools))
    extra = draw(st.lists(st.integers(0, 4), min_size=pools, max_size=pools))
    prices = st.one_of(st.just(UNFIT), st.integers(0, 5000))
    cost = draw(st.lists(st.lists(prices, min_size=pools, max_size=pools), min_size=groups, max_size=groups))
    return situation(people, left, [one + other for one, other in zip(left, extra, strict=True)], cost)


def brute_force(problem: Situation, target: float) -> tuple[list[int], int]:
    """Who is served in the best plan, and its cost: the Hungarian method over single beds, with steep prices."""
    beds = [
        (pool, OVER_SECONDS if number >= room(problem, target)[pool] else 0)
        for pool in range(len(problem.pool))
        for number in range(problem.left[pool])
    ]
    people = len(problem.patient)
    step = 10**9
    matrix = np.zeros((people, len(beds) + people))
    for row in range(people):
        for column, (pool, extra) in enumerate(beds):
            cost = problem.cost[problem.group[row], pool]
            matrix[row, column] = 0 if cost < 0 else cost + extra - step * 2 ** (people - row)
    rows, columns = linear_sum_assignment(matrix)
    chosen = [(row, column) for row, column in zip(rows, columns, strict=True) if matrix[row, column] < 0]
    total = sum(int(matrix[row, column]) + step * 2 ** (people - row) for row, column in chosen)
    return sorted(row for row, _column in chosen), total


@settings(max_examples=150, deadline=None)
@given(problem=situations(), target=st.sampled_from([0.5, 0.85, 1.0]))
def test_plan_is_the_best_there_is(problem: Situation, target: float) -> None:
    made = plan(problem, target)
    assert sound(problem, made)
    served, total = brute_force(problem, target)
    assert (made.patient.tolist(), made.total) == (served, total)


@settings(max_examples=100, deadline=None)
@given(problem=situations())
def test_second_solver_finds_the_same_cost_and_the_first_one_is_proven(problem: Situation) -> None:
    drawn = network(problem)
    first, second = solve(drawn), solve_by_cost_scaling(drawn)
    assert first.cost == second.cost
    assert len(residual_violations(drawn, first)) == 0
    one, other = decode(problem, drawn, first), decode(problem, drawn, second)
    assert (one.patient.tolist(), one.total) == (other.patient.tolist(), other.total)


@given(problem=situations())
def test_baseline_never_serves_more_than_the_plan(problem: Situation) -> None:
    baseline = first_come_first_served(problem)
    assert sound(problem, baseline)
    assert len(baseline) <= len(plan(problem))


def sound(problem: Situation, made: Assignment) -> bool:
    """Nobody twice, no bed twice, only fitting beds."""
    given_beds = np.bincount(made.pool, minlength=len(problem.pool))
    fitting = problem.cost[problem.group[made.patient], made.pool] >= 0
    return bool(
        len(set(made.patient.tolist())) == len(made)
        and (given_beds <= problem.left).all()
        and fitting.all()
        and (np.diff(made.patient) > 0).all()
    )


def test_scarce_bed_goes_to_the_first_of_the_queue() -> None:
    made = plan(situation([1, 0], [1], [1], [[10], [9000]]))
    assert (made.patient.tolist(), made.cost.tolist()) == ([0], [9000])


def test_earlier_patient_leaves_the_only_fitting_bed_to_a_later_one() -> None:
    made = plan(situation([0, 1], [1, 1], [1, 1], [[10, 500], [20, UNFIT]]))
    assert made.pool.tolist() == [1, 0]
    assert len(first_come_first_served(situation([0, 1], [1, 1], [1, 1], [[10, 500], [20, UNFIT]]))) == 1


def test_pool_above_the_target_is_filled_last() -> None:
    full, empty = 2, 10
    made = plan(situation([0, 0], [2, 10], [full * 5, empty], [[60, 60 + OVER_SECONDS - 1]]))
    assert made.pool.tolist() == [1, 1]
    near = plan(situation([0, 0], [2, 10], [full * 5, empty], [[60, 61 + OVER_SECONDS]]))
    assert (near.pool.tolist(), near.over) == ([0, 0], 2)


def test_empty_queue_and_no_beds_make_an_empty_plan() -> None:
    assert len(plan(situation([], [1], [1], [[1]]))) == 0
    assert len(plan(situation([0], [], [], [[]]))) == 0


def test_target_and_size_out_of_range_are_refused() -> None:
    with pytest.raises(BadOption):
        plan(situation([0], [1], [1], [[1]]), target=0)
    with pytest.raises(TooLarge):
        network(situation([0] * 10, [1], [1], [[2**54]]))


@pytest.mark.django_db
def test_live_situation_reads_the_queue_and_the_beds_in_three_statements(
    django_assert_num_queries: object,
) -> None:
    here, there = KelurahanFactory(latitude=-6.17), KelurahanFactory(latitude=-6.3)
    near = PoolFactory(staffed=1, hospital__site__place=here)
    far = PoolFactory(staffed=1, hospital__site__place=there)
    PoolFactory(staffed=0)
    PoolFactory(hospital__network="paused")
    first = referral(NOW - timedelta(hours=2), place=here)
    second = referral(NOW - timedelta(hours=1), place=here)
    severe = referral(wish=wish(Severity.CRITICAL, ventilator=True))
    with django_assert_num_queries(3):  # type: ignore[operator]
        live = queries.live_situation(NOW)
    assert [each.referral for each in live.waiting] == [severe.pk, first.pk, second.pk]
    assert live.situation.pool.tolist() == [near.pk, far.pk]
    made = plan(live.situation)
    assert live.situation.patient[made.patient].tolist() == [first.pk, second.pk]
    assert live.situation.pool[made.pool].tolist() == [near.pk, far.pk]


@pytest.mark.django_db
def test_patients_whose_bed_is_gone_are_planned_elsewhere() -> None:
    shrinking, other = PoolFactory(staffed=2), PoolFactory(staffed=5)
    severe, mild = admitted(shrinking, wish=wish(Severity.SEVERE)), admitted(shrinking)
    services.report_beds(
        hospital=shrinking.hospital,
        counts={BedClass.ISOLATION_NP: BedCount(1, 1)},
        observed_at=NOW,
        source="hospital",
        by=DISPATCHER,
        now=NOW,
    )
    live = queries.live_situation(NOW)
    assert live.waiting == [queries.Waiting(mild.referral_id, mild.pk)]
    made = plan(live.situation)
    assert live.situation.pool[made.pool].tolist() == [other.pk]
    assert severe.referral_id not in [each.referral for each in live.waiting]


@pytest.mark.django_db
def test_conversions_are_shared_by_what_hospitals_can_still_give() -> None:
    large = HospitalFactory(total_beds=100)
    small = HospitalFactory(total_beds=50)
    HospitalFactory(total_beds=None)
    pool = PoolFactory(hospital=large, staffed=10, occupied=9, others=9, reported=1)
    found = queries.conversions(target=0.6)
    # 9 of 10 taken: 5 more beds make it 9 of 15. Room: 40 - 10 and 20.
    assert [(each.hospital, each.beds) for each in found] == [(large.pk, 3), (small.pk, 2)]
    assert {(each.bed_class, each.short, each.occupancy) for each in found} == {
        (BedClass.ISOLATION_NP, 5, 0.9)
    }
    for _patient in range(3):
        referral()
    waiting = queries.conversions(target=0.6)
    assert sum(each.beds for each in waiting) == 10
    assert pool.bed_class == BedClass.ISOLATION_NP
