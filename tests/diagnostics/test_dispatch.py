"""The dispatch is the optimum: a second solver says the same, and every limit holds."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from kolaborasi.diagnostics import dispatch
from kolaborasi.diagnostics.dispatch import (
    FORBIDDEN,
    Assignment,
    Dispatch,
    Groups,
    Runs,
    assign,
    fixed_contracts,
    pair_costs,
    turnaround_numbers,
)


def whole(*values: int) -> np.ndarray:
    return np.array(values, dtype=np.int64)


@st.composite
def problems(draw: st.DrawFn) -> Dispatch:
    """A few sites, labs, days and runs; tight and slack, with deadlines, reagents and levels that bind."""
    sites, labs = draw(st.integers(1, 4)), draw(st.integers(1, 4))
    groups, days = draw(st.integers(1, 7)), draw(st.integers(1, 6))
    runs = draw(st.integers(1, 9))

    def column(size: int, low: int, high: int) -> np.ndarray:
        return np.array(draw(st.lists(st.integers(low, high), min_size=size, max_size=size)), dtype=np.int64)

    day_lab = column(days, 0, labs - 1)
    day = column(runs, 0, days - 1)
    cut_off = column(runs, 0, 1500)
    starts = cut_off + column(runs, 0, 90)
    return Dispatch(
        Groups(
            site=column(groups, 0, sites - 1),
            amount=column(groups, 1, 9),
            leaves=column(groups, 0, 300),
            collected=-column(groups, 0, 600),
            deadline=column(groups, 0, 3000),
            weight=np.array([1, 2, 4])[column(groups, 0, 2)],
            level=column(groups, 1, 3),
        ),
        Runs(
            lab=day_lab[day],
            day=day,
            cut_off=cut_off,
            starts=starts,
            results=starts + column(runs, 30, 240),
            places=column(runs, 0, 12),
        ),
        travel=column(sites * labs, 0, 200).reshape(sites, labs).astype(np.int32),
        day_lab=day_lab,
        day_left=column(days, 0, 20),
        reagents=column(labs, 0, 30),
        level=column(labs, 1, 3),
    )


def by_linear_programme(problem: Dispatch) -> tuple[float, float]:
    """Another solver on another formulation: first as little waiting as possible (weighed), then the least cost.

    The constraint matrix is a network's, so its vertices are whole and the linear optimum is the whole one.
    """
    costs = pair_costs(problem).astype(float)
    rows, columns = np.nonzero(costs < FORBIDDEN)
    groups, runs = problem.groups, problem.runs
    weight = groups.weight.astype(float)
    total = float((weight * groups.amount).sum())
    if not len(rows):
        return total, 0.0
    blocks = [(rows[:, None] == np.arange(len(groups))).T]
    blocks += [(columns[:, None] == np.arange(len(runs))).T]
    blocks += [(runs.day[columns][:, None] == np.arange(len(problem.day_left))).T]
    blocks += [(runs.lab[columns][:, None] == np.arange(len(problem.reagents))).T]
    limits = np.concatenate([groups.amount, runs.places, problem.day_left, problem.reagents])
    matrix = np.concatenate(blocks).astype(float)
    most = linprog(-weight[rows], A_ub=matrix, b_ub=limits, method="highs")
    served = -most.fun
    cheapest = linprog(
        costs[rows, columns],
        A_ub=np.vstack([matrix, -weight[rows]]),
        b_ub=np.append(limits, -served + 1e-7),
        method="highs",
    )
    assert most.status == cheapest.status == 0
    return total - served, cheapest.fun


def waiting_and_cost(problem: Dispatch, done: Assignment) -> tuple[int, int]:
    costs = pair_costs(problem)[done.group, done.run].astype(np.int64)
    return int((done.waits * problem.groups.weight).sum()), int((costs * done.amount).sum())


def assert_limits(problem: Dispatch, done: Assignment) -> None:
    groups, runs = problem.groups, problem.runs
    sums = [
        (done.group, len(groups), groups.amount - done.waits, True),
        (done.run, len(runs), runs.places, False),
        (runs.day[done.run], len(problem.day_left), problem.day_left, False),
        (runs.lab[done.run], len(problem.reagents), problem.reagents, False),
    ]
    for keys, size, limit, exact in sums:
        units = np.bincount(keys, weights=done.amount, minlength=size)
        assert (units == limit).all() if exact else (units <= limit).all()
    way = problem.travel[groups.site[done.group], runs.lab[done.run]]
    assert (groups.leaves[done.group] + way <= runs.cut_off[done.run]).all()
    assert (runs.starts[done.run] <= groups.deadline[done.group]).all()
    assert (problem.level[runs.lab[done.run]] >= groups.level[done.group]).all()
    assert (done.amount > 0).all()


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(problems())
def test_plan_is_the_optimum_of_a_second_solver(problem: Dispatch) -> None:
    done = assign(problem)
    assert_limits(problem, done)
    waiting, cost = waiting_and_cost(problem, done)
    least_waiting, least_cost = by_linear_programme(problem)
    assert waiting == pytest.approx(least_waiting, abs=1e-6)
    assert cost == pytest.approx(least_cost, rel=1e-6, abs=1)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(problems())
def test_few_first_pairs_lead_to_the_same_optimum(problem: Dispatch) -> None:
    expected = assign(problem)
    before = dispatch.FIRST_RUNS, dispatch.MORE_RUNS
    dispatch.FIRST_RUNS, dispatch.MORE_RUNS = 1, 1
    try:
        found = assign(problem)
    finally:
        dispatch.FIRST_RUNS, dispatch.MORE_RUNS = before
    assert found.cost == expected.cost


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(problems())
def test_fixed_contracts_keep_the_same_limits_and_are_never_better(problem: Dispatch) -> None:
    fixed, best = fixed_contracts(problem), assign(problem)
    safe = problem.level[problem.runs.lab[fixed.run]] >= problem.groups.level[fixed.group]
    if not safe.all():
        return
    assert_limits(problem, fixed)
    assert waiting_and_cost(problem, best) <= waiting_and_cost(problem, fixed)


def two_labs(day_left: tuple[int, int] = (10, 10), weights: tuple[int, ...] = (1,)) -> Dispatch:
    """One site; a near lab that reads at minute 600 and a far one that reads at 300."""
    size = len(weights)
    return Dispatch(
        Groups(
            site=np.zeros(size, dtype=np.int64),
            amount=np.full(size, 4),
            leaves=np.zeros(size, dtype=np.int64),
            collected=np.full(size, -60),
            deadline=np.full(size, 4000),
            weight=whole(*weights),
            level=np.full(size, 2),
        ),
        Runs(
            lab=whole(0, 1),
            day=whole(0, 1),
            cut_off=whole(400, 200),
            starts=whole(460, 240),
            results=whole(600, 300),
            places=whole(90, 90),
        ),
        travel=np.array([[10, 40]], dtype=np.int32),
        day_lab=whole(0, 1),
        day_left=whole(*day_left),
        reagents=whole(1000, 1000),
        level=whole(2, 2),
    )


def test_specimens_go_where_they_are_read_soonest_not_nearest() -> None:
    done = assign(two_labs())
    assert (done.run.tolist(), done.amount.tolist()) == ([1], [4])
    assert turnaround_numbers(two_labs(), done) == {"planned": 4.0, "median_hours": 6.0, "p95_hours": 6.0}
    assert turnaround_numbers(two_labs(), fixed_contracts(two_labs()))["median_hours"] == 11.0


def test_urgent_specimens_take_the_places_that_are_short() -> None:
    problem = two_labs(day_left=(10, 4), weights=(1, 4))
    done = assign(problem)
    assert dict(zip(done.group.tolist(), done.run.tolist(), strict=True)) == {0: 0, 1: 1}


def test_what_no_lab_can_take_waits_routine_first() -> None:
    done = assign(two_labs(day_left=(3, 2), weights=(1, 4)))
    assert done.waits.tolist() == [3, 0]


def test_nothing_waiting_or_no_lab_is_an_empty_plan() -> None:
    problem = two_labs()
    none = np.zeros(0, dtype=np.int64)
    without = Dispatch(
        problem.groups,
        Runs(none, none, none, none, none, none),
        problem.travel,
        problem.day_lab,
        problem.day_left,
        problem.reagents,
        problem.level,
    )
    assert assign(without).waits.tolist() == [4]


def test_contract_is_with_the_nearest_lab_that_reads_anything() -> None:
    problem = two_labs()
    runs = Runs(*(column[1:] for column in vars(problem.runs).values()))
    far_only = Dispatch(
        problem.groups,
        runs,
        problem.travel,
        problem.day_lab,
        problem.day_left,
        problem.reagents,
        problem.level,
    )
    assert fixed_contracts(far_only).amount.tolist() == [4]
