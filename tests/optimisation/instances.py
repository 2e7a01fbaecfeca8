"""Generated problems, and a second opinion on them that shares no code with the solver under test."""

from __future__ import annotations

from itertools import product

import numpy as np
from hypothesis import strategies as st

from kolaborasi.optimisation import Demand, Fairness, FairnessRule, MatrixCosts, Plan, Problem, Supply
from kolaborasi.optimisation.flow import UNLIMITED, Network, solve_by_cost_scaling

FAIRNESS = (
    Fairness(),
    Fairness(bands=3),
    Fairness(FairnessRule.NONE),
    Fairness(FairnessRule.UNITS),
)
ANY_FAIRNESS = st.sampled_from(FAIRNESS)


@st.composite
def problems(draw, rows=8, amount=9, items=2, fairness=ANY_FAIRNESS) -> Problem:
    """Small problems with some pairs forbidden, some reaches, some empty rows and several items."""
    n, m = draw(st.integers(1, rows)), draw(st.integers(1, rows))
    supply = draw(st.lists(st.integers(0, amount), min_size=n, max_size=n).filter(any))
    demand = draw(st.lists(st.integers(0, amount), min_size=m, max_size=m).filter(any))
    cost = st.one_of(st.integers(0, 40), st.just(np.inf))
    matrix = draw(st.lists(cost, min_size=n * m, max_size=n * m))
    reach = draw(st.none() | st.lists(st.integers(0, 50), min_size=n, max_size=n))
    return Problem(
        Supply(draw(_items(n, items)), supply, reach),
        Demand(draw(_items(m, items)), demand),
        MatrixCosts(np.array(matrix, dtype=float).reshape(n, m)),
        draw(fairness),
    )


def _items(size: int, items: int) -> st.SearchStrategy[list[int]]:
    return st.lists(st.integers(0, items - 1), min_size=size, max_size=size)


def clustered(supplies: int, demands: int, seed: int, share: float = 0.6, reach: bool = True) -> Problem:
    """A one-item city: needs and offers in neighbourhoods, heavy-tailed offers, the small ones near only."""
    from kolaborasi.optimisation import PlanarCosts

    rng = np.random.default_rng(seed)
    centres = rng.uniform(0, [28, 26], (25, 2))
    need = rng.integers(5, 200, demands)
    stock = rng.pareto(1.2, supplies) + 1
    stock = np.maximum(1, stock / stock.sum() * need.sum() * share).astype(np.int64)
    limit = np.where(stock > np.quantile(stock, 0.8), 60_000, 8_000) if reach else None
    here, there = (
        (centres[rng.integers(0, 25, size)] + rng.normal(0, 1.2, (size, 2))) for size in (supplies, demands)
    )
    return Problem(
        Supply(np.zeros(supplies, int), stock, limit),
        Demand(np.zeros(demands, int), need),
        PlanarCosts(here, there, 1300),
    )


def eligible_costs(problem: Problem) -> np.ndarray:
    """Costs (n, m) as floats, infinite where a pair may not be used (item, way or reach)."""
    supply, demand = problem.supply, problem.demand
    costs = problem.costs.block(np.arange(len(supply)), np.arange(len(demand))).astype(float)
    costs[costs >= 2**30] = np.inf
    if supply.reach is not None:
        costs[costs > supply.reach[:, None]] = np.inf
    costs[supply.item[:, None] != demand.item[None, :]] = np.inf
    return costs


def unit_levels(problem: Problem) -> list[tuple[int, float]]:
    """(demand, level) of every unit needed: the coverage before it, cut into bands as the fairness says."""
    rule = problem.fairness
    levels = []
    for row, need in enumerate(problem.demand.amount.tolist()):
        for unit in range(need):
            if rule.rule is FairnessRule.UNITS:
                levels.append((row, unit / need))
            else:
                bands = rule.bands if rule.rule is FairnessRule.BANDS else 1
                levels.append((row, unit * bands // need))
    return levels


def filled(problem: Problem, served: np.ndarray) -> list[int]:
    """Units served on each level, ascending: larger in lexicographic order is fairer, item by item."""
    levels = sorted({level for _, level in unit_levels(problem)})
    rows = []
    for item in sorted(set(problem.demand.item.tolist())):
        counts, seen = dict.fromkeys(levels, 0), np.zeros(len(served), int)
        for row, level in unit_levels(problem):
            if problem.demand.item[row] == item and seen[row] < served[row]:
                seen[row] += 1
                counts[level] += 1
        rows.extend(counts[level] for level in levels)
    return rows


def second_opinion(problem: Problem) -> tuple[list[int], int]:
    """(units per level, cost) of the optimum over all pairs by OR-Tools, one arc per unit needed."""
    costs = eligible_costs(problem)
    n, m = costs.shape
    levels = sorted({level for _, level in unit_levels(problem)})
    finite = costs[np.isfinite(costs)]
    step = int((n + m + 1) * (finite.max() + 1 if len(finite) else 1))
    arcs = [
        (i, n + j, UNLIMITED, int(costs[i, j]))
        for i, j in product(range(n), range(m))
        if costs[i, j] < np.inf
    ]
    first_unit = len(arcs)
    arcs += [(n + row, n + m, 1, step * levels.index(level)) for row, level in unit_levels(problem)]
    arcs += [(i, n + m, UNLIMITED, step * len(levels)) for i in range(n)]
    stock = problem.supply.amount
    supplies = np.concatenate([stock, np.zeros(m, int), [-stock.sum()]])
    flow = solve_by_cost_scaling(Network(*np.array(arcs, dtype=np.int64).T, supplies))
    units = len(unit_levels(problem))
    served = np.zeros(m, int)
    for (row, _), used in zip(
        unit_levels(problem), flow.amounts[first_unit : first_unit + units], strict=True
    ):
        served[row] += used
    cost = sum(int(a) * arc[3] for a, arc in zip(flow.amounts[:first_unit], arcs[:first_unit], strict=True))
    return filled(problem, served), cost


def served_by(problem: Problem, plan: Plan) -> np.ndarray:
    """Units each demand row gets, added up line by line."""
    got = np.zeros(len(problem.demand), int)
    for line in plan.lines():
        got[line.demand] += line.amount
    return got


def tampered(plan: Plan, **columns: object) -> Plan:
    """The plan with other columns or certificates."""
    fields = ("supply", "demand", "item", "amount", "cost", "certificate", "by_item", "prices")
    return Plan(**{name: columns.get(name, getattr(plan, name)) for name in fields})  # type: ignore[arg-type]
