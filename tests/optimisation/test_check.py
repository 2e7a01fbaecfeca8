"""The independent check finds every kind of tampering, and nothing in honest plans."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings

from kolaborasi.optimisation import (
    Demand,
    MatrixCosts,
    Problem,
    Supply,
    check,
    first_come_first_served,
    solve,
)
from kolaborasi.optimisation.check import Fault

from .instances import problems, tampered

PROBLEM = Problem(
    Supply([0, 0, 1], [6, 4, 5], [30, 5, 30]),
    Demand([0, 0, 1], [5, 5, 9]),
    MatrixCosts([[3.0, 7.0, np.inf], [9.0, 2.0, np.inf], [np.inf, 1.0, 4.0]]),
)


@pytest.fixture
def plan():
    return solve(PROBLEM)


def _with(column, index, value):
    changed = column.copy()
    changed[index] = value
    return changed


def _faults(plan):
    return {violation.fault for violation in check(PROBLEM, plan)}


def test_check_of_an_honest_plan_is_empty(plan):
    assert [(line.supply, line.demand, line.amount, line.cost) for line in plan.lines()] == [
        (0, 0, 5, 3),
        (1, 1, 4, 2),
        (0, 1, 1, 7),
        (2, 2, 5, 4),
    ]
    assert check(PROBLEM, plan) == ()


@pytest.mark.parametrize(
    ("column", "index", "value", "fault"),
    [
        ("supply", 0, 3, Fault.ROW_UNKNOWN),
        ("demand", 0, -1, Fault.ROW_UNKNOWN),
        ("item", 0, 1, Fault.ITEM_DIFFERS),
        ("supply", 0, 2, Fault.ITEM_DIFFERS),
        ("amount", 0, 0, Fault.NOT_POSITIVE),
        ("amount", 0, -2, Fault.NOT_POSITIVE),
        ("supply", 1, 0, Fault.PAIR_TWICE),
        ("supply", 0, 1, Fault.NOT_ELIGIBLE),
        ("supply", 3, 1, Fault.NOT_ELIGIBLE),
        ("cost", 0, 2, Fault.COST_WRONG),
        ("amount", 3, 6, Fault.GIVES_TOO_MUCH),
        ("amount", 0, 6, Fault.GETS_TOO_MUCH),
        ("amount", 0, 4, Fault.SUM_WRONG),
    ],
)
def test_check_finds_a_changed_line(plan, column, index, value, fault):
    changed = tampered(plan, **{column: _with(getattr(plan, column), index, value)})

    assert fault in _faults(changed)


def test_check_finds_a_missing_cell(plan):
    assert _faults(tampered(plan, amount=plan.amount[:-1])) == {Fault.LENGTHS_DIFFER}


@pytest.mark.parametrize("field", ["served", "cost"])
def test_check_finds_a_boast_in_the_certificate(plan, field):
    boast = replace(plan.certificate, **{field: getattr(plan.certificate, field) + 1})

    assert _faults(tampered(plan, certificate=boast)) == {Fault.SUM_WRONG}
    assert _faults(tampered(plan, by_item={**plan.by_item, 0: boast})) == {Fault.SUM_WRONG}


@settings(max_examples=100, deadline=None)
@given(problems())
def test_check_of_greedy_plans_is_empty(problem):
    assert check(problem, first_come_first_served(problem)) == ()
