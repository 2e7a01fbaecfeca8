"""The baseline: first come, first served. What happens when nobody coordinates."""

from __future__ import annotations

import numpy as np

from .costs import FORBIDDEN
from .pairs import ItemPairs, item_pairs
from .problem import Certificate, IntArray, Plan, Problem
from .solver import total, validate


def first_come_first_served(problem: Problem) -> Plan:
    """Each demand, in the order of the rows, takes the cheapest eligible stock that is left until it has enough.

    Ties go to the lower supply row. The certificates claim nothing: `tiers_optimal` is False. Raises what
    solver.validate raises.
    """
    validate(problem)
    columns: list[tuple[IntArray, IntArray, IntArray, IntArray, IntArray]] = []
    by_item: dict[int, Certificate] = {}
    for item, pairs in item_pairs(problem):
        supply, demand, amount, cost = _served_in_order(pairs)
        rows = (pairs.supply_rows[supply], pairs.demand_rows[demand])
        columns.append((*rows, np.full(len(amount), item), amount, cost))
        by_item[item] = Certificate(
            served=int(amount.sum()),
            cost=int(np.dot(amount, cost)),
            tiers_optimal=False,
            cost_gap=0,
            eligible_pairs=pairs.eligible,
            arcs=pairs.eligible,
            rounds=1,
        )
    columns.append((np.empty(0, np.int64),) * 5)
    supply, demand, items, amount, cost = (np.concatenate(parts) for parts in zip(*columns, strict=True))
    order = np.lexsort((supply, cost, demand))
    rows5 = (supply[order], demand[order], items[order], amount[order], cost[order])
    return Plan(*rows5, certificate=total(list(by_item.values())), by_item=by_item)


def _served_in_order(pairs: ItemPairs) -> tuple[IntArray, IntArray, IntArray, IntArray]:
    """Lines (supply, demand, amount, cost) of one item, in local row numbers."""
    left = pairs.stock.copy()
    lines: list[tuple[int, int, int, int]] = []
    for demand, needed in enumerate(pairs.need.tolist()):
        stocked = np.flatnonzero(left)
        costs = pairs.block(stocked, np.array([demand]))[:, 0]
        for place in np.argsort(costs, kind="stable").tolist():
            if needed == 0 or costs[place] >= FORBIDDEN:
                break
            supply = int(stocked[place])
            amount = min(needed, int(left[supply]))
            left[supply] -= amount
            needed -= amount
            lines.append((supply, demand, amount, int(costs[place])))
    table = np.array(lines, dtype=np.int64).reshape(-1, 4)
    return table[:, 0], table[:, 1], table[:, 2], table[:, 3]
