"""Each kind of bad input is named before anything is solved, with what to change."""

from __future__ import annotations

import numpy as np
import pytest

from kolaborasi.optimisation import (
    BlockCosts,
    Demand,
    Fairness,
    FairnessRule,
    MatrixCosts,
    PlanarCosts,
    Problem,
    Stop,
    Supply,
    first_come_first_served,
    solve,
)
from kolaborasi.optimisation.errors import (
    BadOption,
    BadProblem,
    EmptyProblem,
    NegativeValue,
    NotANumber,
    NotWhole,
    ShapeMismatch,
    TooLarge,
)


def _problem(stock=(5,), need=(5,), costs=((1.0,),), fairness=None):
    zeros = np.zeros
    return Problem(
        Supply(zeros(len(stock)), stock),
        Demand(zeros(len(need)), need),
        MatrixCosts(costs),
        fairness or Fairness(),
    )


@pytest.mark.parametrize(
    ("amount", "error", "place"),
    [
        ([1, np.nan], NotANumber, r"supply.amount\[1\]"),
        ([1, np.inf], NotANumber, r"supply.amount\[1\]"),
        ([1, "many"], NotANumber, "supply.amount"),
        ([1, None], NotANumber, r"supply.amount"),
        ([3, -1], NegativeValue, r"supply.amount\[1\]"),
        ([1, 1.5], NotWhole, r"supply.amount\[1\]"),
        ([1, 2**41], TooLarge, r"supply.amount\[1\]"),
        ([1, 1e300], TooLarge, r"supply.amount\[1\]"),
        ([[1, 2]], ShapeMismatch, "dimension"),
        ([1, 2, 3], ShapeMismatch, "length"),
    ],
)
def test_bad_amount_is_named_with_its_row(amount, error, place):
    with pytest.raises(error, match=place) as caught:
        Supply([0, 0], amount)
    assert caught.value.advice in str(caught.value)


def test_huge_python_integers_are_too_large():
    with pytest.raises(BadProblem):
        Demand([0], [10**30])


@pytest.mark.parametrize(("stock", "need"), [((0,), (5,)), ((5,), (0,)), ((), (5,)), ((5,), ())])
@pytest.mark.parametrize("plan", [solve, first_come_first_served])
def test_empty_problem_is_named(stock, need, plan):
    problem = _problem(stock, need, np.zeros((len(stock), len(need))))

    with pytest.raises(EmptyProblem):
        plan(problem)


@pytest.mark.parametrize(
    ("matrix", "error"),
    [
        ([[np.nan]], NotANumber),
        ([[-1.0]], NegativeValue),
        ([[2.0**31]], TooLarge),
        ([1.0], ShapeMismatch),
    ],
)
def test_bad_cost_is_named(matrix, error):
    with pytest.raises(error):
        MatrixCosts(matrix)


def test_bad_cost_of_a_function_is_named_before_solving():
    costs = BlockCosts((1, 1), lambda supplies, demands: np.full((len(supplies), len(demands)), np.nan))

    with pytest.raises(NotANumber):
        solve(Problem(Supply([0], [1]), Demand([0], [1]), costs))


def test_cost_function_of_another_shape_is_named():
    with pytest.raises(ShapeMismatch):
        solve(Problem(Supply([0], [1]), Demand([0], [1]), BlockCosts((1, 1), lambda a, b: np.zeros(3))))


@pytest.mark.parametrize(
    ("supply", "demand", "factor", "error"),
    [
        ([[0, np.nan]], [[0, 0]], 1000, NotANumber),
        ([[0, 0, 0]], [[0, 0]], 1000, ShapeMismatch),
        ([[0, 0]], [[0, 2e6]], 1000, TooLarge),
        ([[0, 0]], [[0, 0]], -1, NegativeValue),
        ([[0, 0]], [[0, 0]], np.inf, NotANumber),
    ],
)
def test_bad_coordinates_are_named(supply, demand, factor, error):
    with pytest.raises(error):
        PlanarCosts(supply, demand, factor)


def test_costs_for_other_rows_are_named():
    with pytest.raises(ShapeMismatch):
        _problem(stock=(1, 2))


def test_site_outside_the_matrix_is_named():
    with pytest.raises(ShapeMismatch, match="supply_site"):
        MatrixCosts([[1.0]], supply_site=[1])


def test_sum_of_amounts_beyond_arithmetic_is_named():
    with pytest.raises(TooLarge):
        solve(_problem(stock=(2**40, 2**40), costs=[[1.0], [1.0]]))


def test_prices_beyond_arithmetic_are_named():
    need, far = np.arange(500, 1500), np.full((1000, 1000), 2.0**30 - 1)

    with pytest.raises(TooLarge, match="arithmetic"):
        solve(_problem(need, need, far, Fairness(FairnessRule.UNITS)))


def test_too_many_units_for_exact_fairness_are_named():
    with pytest.raises(TooLarge, match="tiers"):
        solve(_problem(need=(3_000_000,), fairness=Fairness(FairnessRule.UNITS)))


@pytest.mark.parametrize(
    "option",
    [
        lambda: Stop(gap=-0.1),
        lambda: Stop(gap=float("nan")),
        lambda: Stop(rounds=0),
        lambda: Stop(seconds=0),
        lambda: Fairness(bands=0),
        lambda: Fairness(bands=1001),
    ],
)
def test_bad_option_is_named(option):
    with pytest.raises(BadOption):
        option()


def test_problem_without_any_eligible_pair_serves_nothing():
    plan = solve(_problem(costs=[[np.inf]]))

    assert len(plan) == 0
    assert plan.certificate.optimal
    assert plan.certificate.eligible_pairs == 0


def test_amounts_cannot_be_changed_afterwards():
    supply = Supply([0], [1])

    with pytest.raises(ValueError, match="read-only"):
        supply.amount[0] = 9
