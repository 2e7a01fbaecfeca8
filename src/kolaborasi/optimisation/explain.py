"""Why a line is in the plan and why a need was left short: codes and numbers, put into words elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from .costs import FORBIDDEN
from .measures import given, served
from .pairs import ItemPairs, item_pairs
from .problem import IntArray, Plan, Problem


class Reason(StrEnum):
    """Why this supply serves this demand."""

    NEAREST = "nearest"
    """No eligible supply of the item is cheaper."""
    NEARER_EXHAUSTED = "nearer_exhausted"
    """Cheaper ones exist and are all given out."""
    NEARER_KEPT = "nearer_kept"
    """A cheaper one has stock left: the plan is not cost-optimal here (greedy, or stopped early)."""


class Shortage(StrEnum):
    """Why a demand is not fully served."""

    NO_SUPPLY = "no_supply"
    """Nobody offers the item."""
    OUT_OF_REACH = "out_of_reach"
    """Offers exist, none of them may serve this demand."""
    EXHAUSTED = "exhausted"
    """All that could serve it is given out."""
    STOCK_LEFT = "stock_left"
    """Stock that could serve it is left: the plan does not serve as much as it could."""


@dataclass(frozen=True)
class Explanation:
    """One line explained.

    before, after  coverage of the need line before and after this line, lines of one need counted from the cheapest
    cost           of one unit
    nearer         eligible supplies of the item that are cheaper for this demand, given out or not
    nearer_left    those of them with stock left
    stock_share    share of the supply's stock that this line uses
    """

    line: int
    reason: Reason
    before: float
    after: float
    cost: int
    nearer: int
    nearer_left: int
    stock_share: float


@dataclass(frozen=True)
class Unserved:
    """One need left short: row, units missing, coverage reached, why, and how many supplies may serve it at all."""

    demand: int
    missing: int
    coverage: float
    shortage: Shortage
    eligible: int


def explain(problem: Problem, plan: Plan) -> tuple[Explanation, ...]:
    """An explanation for every line of the plan, in its order."""
    left = problem.supply.amount - given(problem, plan)
    nearer, nearer_left = np.zeros(len(plan), np.int64), np.zeros(len(plan), np.int64)
    for item, pairs in item_pairs(problem):
        lines = np.flatnonzero(plan.item == item)
        nearer[lines], nearer_left[lines] = _nearer(pairs, plan, lines, left[pairs.supply_rows])
    before = _amount_before(plan)
    need, stock = problem.demand.amount[plan.demand], problem.supply.amount[plan.supply]
    return tuple(
        Explanation(
            line=line,
            reason=_reason(int(nearer[line]), int(nearer_left[line])),
            before=float(before[line] / need[line]),
            after=float((before[line] + plan.amount[line]) / need[line]),
            cost=int(plan.cost[line]),
            nearer=int(nearer[line]),
            nearer_left=int(nearer_left[line]),
            stock_share=float(plan.amount[line] / stock[line]),
        )
        for line in range(len(plan))
    )


def _reason(nearer: int, nearer_left: int) -> Reason:
    if nearer_left:
        return Reason.NEARER_KEPT
    return Reason.NEARER_EXHAUSTED if nearer else Reason.NEAREST


def _nearer(pairs: ItemPairs, plan: Plan, lines: IntArray, left: IntArray) -> tuple[IntArray, IntArray]:
    """For each line: eligible supplies that are cheaper for its demand, and those of them with stock left."""
    supplies, demands = np.arange(pairs.shape[0]), np.searchsorted(pairs.demand_rows, plan.demand[lines])
    all_nearer, with_left = np.empty(len(lines), np.int64), np.empty(len(lines), np.int64)
    for start in range(0, len(lines), 64):
        part = slice(start, start + 64)
        cheaper = pairs.block(supplies, demands[part]) < plan.cost[lines[part]]
        all_nearer[part] = cheaper.sum(axis=0)
        with_left[part] = cheaper[left > 0].sum(axis=0)
    return all_nearer, with_left


def _amount_before(plan: Plan) -> IntArray:
    """Units the demand of each line gets from cheaper lines (the plan is sorted by demand, then cost)."""
    order = np.lexsort((plan.supply, plan.cost, plan.demand))
    demand, amount = plan.demand[order], plan.amount[order]
    running = np.cumsum(amount) - amount
    first = np.searchsorted(demand, demand)
    before = np.empty(len(plan), np.int64)
    before[order] = running - running[first] if len(plan) else running
    return before


def shortages(problem: Problem, plan: Plan) -> tuple[Unserved, ...]:
    """Every demand that is not fully served, in the order of the rows, with the reason."""
    got, left = served(problem, plan), problem.supply.amount - given(problem, plan)
    missing = problem.demand.amount - got
    eligible, open_stock = np.full(len(problem.demand), -1), np.zeros(len(problem.demand), dtype=bool)
    for _, pairs in item_pairs(problem):
        eligible[pairs.demand_rows] = 0
        for rows, block in pairs.blocks():
            allowed = block < FORBIDDEN
            eligible[pairs.demand_rows] += allowed.sum(axis=0)
            open_stock[pairs.demand_rows] |= allowed[left[pairs.supply_rows[rows]] > 0].any(axis=0)
    return tuple(
        Unserved(
            demand=row,
            missing=int(missing[row]),
            coverage=float(got[row] / problem.demand.amount[row]),
            shortage=_shortage(int(eligible[row]), bool(open_stock[row])),
            eligible=max(0, int(eligible[row])),
        )
        for row in np.flatnonzero(missing > 0).tolist()
    )


def _shortage(eligible: int, open_stock: bool) -> Shortage:
    if eligible <= 0:
        return Shortage.NO_SUPPLY if eligible < 0 else Shortage.OUT_OF_REACH
    return Shortage.STOCK_LEFT if open_stock else Shortage.EXHAUSTED
