"""Reasons, shortages and measures on problems small enough to work out by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings

from kolaborasi.optimisation import (
    Demand,
    MatrixCosts,
    Problem,
    Reason,
    Stop,
    Supply,
    coverage,
    explain,
    first_come_first_served,
    solve,
)
from kolaborasi.optimisation.explain import Shortage, shortages
from kolaborasi.optimisation.measures import gini

from .instances import problems, tampered

COLUMNS = ("supply", "demand", "item", "amount", "cost")

PROBLEM = Problem(
    Supply([0, 0, 1], [6, 4, 5]),
    Demand([0, 0, 1, 2, 1], [5, 10, 9, 3, 2]),
    MatrixCosts([[3.0, 7.0, 1, 1, 1], [9.0, 2.0, 1, 1, 1], [1, 1.0, 4.0, 1, np.inf]]),
)


def test_explain_gives_reason_coverage_and_share():
    told = {
        (line.supply, line.demand): why
        for line, why in zip(solve(PROBLEM).lines(), explain(PROBLEM, solve(PROBLEM)), strict=True)
    }

    assert told[0, 0].reason is Reason.NEAREST
    assert (told[1, 1].before, told[1, 1].after, told[1, 1].stock_share) == (0.0, 0.4, 1.0)
    assert told[0, 1].reason is Reason.NEARER_EXHAUSTED
    assert (told[0, 1].nearer, told[0, 1].nearer_left, told[0, 1].cost) == (1, 0, 7)
    assert told[0, 1].before == 0.4


def test_shortages_say_why_a_need_is_left():
    left = {one.demand: one for one in shortages(PROBLEM, solve(PROBLEM))}

    assert left[1].shortage is Shortage.EXHAUSTED
    assert left[2].shortage is Shortage.EXHAUSTED
    assert (left[2].missing, left[2].coverage, left[2].eligible) == (4, 5 / 9, 1)
    assert left[3].shortage is Shortage.NO_SUPPLY
    assert left[4].shortage is Shortage.OUT_OF_REACH


def test_greedy_that_leaves_stock_is_explained():
    problem = Problem(
        Supply([0, 0], [5, 5]), Demand([0, 0], [5, 5]), MatrixCosts([[1.0, 1.0], [2.0, np.inf]])
    )
    plan = first_come_first_served(problem)

    (short,) = shortages(problem, plan)

    assert [(line.supply, line.demand) for line in plan.lines()] == [(0, 0)]
    assert (short.demand, short.shortage) == (1, Shortage.EXHAUSTED)
    assert shortages(problem, solve(problem)) == ()


def test_plan_that_passes_over_nearer_stock_says_so():
    problem = Problem(Supply([0, 0], [1, 1]), Demand([0], [2]), MatrixCosts([[1.0], [2.0]]))
    whole = solve(problem)
    dear = tampered(whole, **{name: getattr(whole, name)[1:] for name in COLUMNS})

    (why,), (short,) = explain(problem, dear), shortages(problem, dear)

    assert (why.reason, why.nearer, why.nearer_left) == (Reason.NEARER_KEPT, 1, 1)
    assert (short.shortage, short.missing, short.eligible) == (Shortage.STOCK_LEFT, 1, 2)


def test_greedy_serves_in_the_order_of_arrival():
    problem = Problem(Supply([0, 0], [5, 5]), Demand([0, 0], [7, 7]), MatrixCosts([[1.0, 1.0], [2.0, 2.0]]))

    lines = [(x.supply, x.demand, x.amount) for x in first_come_first_served(problem).lines()]

    assert lines == [(0, 0, 5), (1, 0, 2), (1, 1, 3)]


@settings(max_examples=100, deadline=None)
@given(problems())
def test_optimal_plan_never_passes_over_stock_that_is_nearer(problem):
    plan = solve(problem, Stop(gap=0))

    assert Reason.NEARER_KEPT not in {one.reason for one in explain(problem, plan)}
    assert Shortage.STOCK_LEFT not in {one.shortage for one in shortages(problem, plan)}


def test_coverage_measures_by_hand():
    problem = Problem(Supply([0], [6]), Demand([0, 0, 0], [4, 8, 0]), MatrixCosts([[2.0, 3.0, 0.0]]))

    measured = coverage(problem, first_come_first_served(problem))

    assert (measured.served, measured.needed, measured.offered) == (6, 12, 6)
    assert (measured.lines, measured.unserved_lines) == (2, 0)
    assert (measured.least, measured.mean) == (0.25, 0.625)
    assert (measured.cost, measured.cost_per_unit) == (14, 14 / 6)
    assert measured.gini == pytest.approx(0.3)


@pytest.mark.parametrize(
    ("values", "expected"), [([1, 1, 1], 0), ([0, 0, 0], 0), ([0, 0, 1], 2 / 3), ([1, 3], 0.25)]
)
def test_gini_by_hand(values, expected):
    assert gini(np.array(values, dtype=float)) == pytest.approx(expected)
