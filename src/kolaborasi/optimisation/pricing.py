"""Column generation: which pairs left out could improve the plan, and how far the plan is from the best there is.

With potentials p of an optimal flow over some pairs, a pair left out can improve it only if its reduced cost
c_ij + p_i - p_j is negative (Dantzig & Wolfe 1960). By weak duality any potentials bound the optimum over all pairs
from below once no pair has a negative reduced cost; potentials are made so in two ways and the better bound counts:

    raising the supplies' potentials    costs sum_i stock_i * max_j violation_ij
    lowering the demands' potentials    costs sum_jt w_jt * (what tier t loses), at most served_j * max_i violation_ij,
                                        of which raising the supplies' prices wherever there is room wins some back
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .costs import FORBIDDEN
from .flow import exact_sum
from .pairs import ItemPairs, PairList
from .problem import IntArray
from .transport import Frame, Round

HOPELESS = 20
"""A bound so many times too high is not won back below what is enough (measured: it at most halves)."""


@dataclass(frozen=True, eq=False)
class Violations:
    """Pairs with a negative reduced cost, and by how much, (m,) > 0."""

    pairs: PairList
    amount: IntArray

    def __len__(self) -> int:
        return len(self.amount)


def price(
    pairs: ItemPairs, supply_potential: IntArray, demand_potential: IntArray, below: int = 0
) -> Violations:
    """All eligible pairs whose reduced cost is under `below`; amount = below - reduced cost."""
    demands = pairs.shape[1]
    keys, costs = [], []
    head = demand_potential + below
    for rows, block in pairs.blocks():
        limit = head - supply_potential[rows, None]
        np.minimum(limit, FORBIDDEN, out=limit)
        found = np.flatnonzero(block < limit)
        keys.append(found + rows.start * demands)
        costs.append(block.ravel()[found])
    chosen = PairList(np.concatenate(keys), np.concatenate(costs).astype(np.int64), demands)
    amount = head[chosen.demand] - supply_potential[chosen.supply] - chosen.cost
    return Violations(chosen, amount)


def strongest(violations: Violations, per_supply: int) -> PairList:
    """The pairs that promise most: at most `per_supply` for each supply."""
    pairs = violations.pairs
    order = np.lexsort((pairs.key, -violations.amount, pairs.supply))
    supply = pairs.supply[order]
    rank = np.arange(len(order)) - np.searchsorted(supply, supply)
    chosen = np.sort(order[rank < per_supply])
    return PairList(pairs.key[chosen], pairs.cost[chosen], pairs.demands)


def objective_gap(pairs: ItemPairs, item: Frame, found: Round, violations: Violations, enough: int) -> int:
    """Upper bound on the objective (tier prices and costs) of `found` minus that of the best plan over all pairs.

    The dearer part of the second bound is computed only when the cheaper ones stay above `enough` and it could help.
    """
    if not len(violations):
        return 0
    by_supply = _by_supply(item, violations)
    lowered, by_demand = _by_demand(item, found, violations)
    best = min(by_supply, by_demand)
    if best <= enough or best > HOPELESS * max(1, enough):
        return best
    return min(best, by_demand - _won_back(pairs, item, found, lowered))


def _by_supply(item: Frame, violations: Violations) -> int:
    worst = np.zeros(len(item.stock), dtype=np.int64)
    np.maximum.at(worst, violations.pairs.supply, violations.amount)
    return exact_sum(item.stock, worst)


def _by_demand(item: Frame, found: Round, violations: Violations) -> tuple[IntArray, int]:
    """Lowered demand potentials, and what the dual objective loses by them.

    A tier contributes w * min(0, price + potential) to the dual objective.
    """
    worst = np.zeros(item.demands, dtype=np.int64)
    np.maximum.at(worst, violations.pairs.demand, violations.amount)
    lowered = found.demand_potential - worst
    price_of_tier = item.tiers.level * item.step
    before = np.minimum(0, price_of_tier + found.demand_potential[item.tiers.demand])
    after = np.minimum(0, price_of_tier + lowered[item.tiers.demand])
    return lowered, exact_sum(item.tiers.width, before - after)


def _won_back(pairs: ItemPairs, item: Frame, found: Round, lowered: IntArray) -> int:
    """What supplies gain when each takes the best price left: min(P, min_j c_ij - lowered_j) in place of -p_i."""
    best = np.full(len(item.stock), item.keep_price, dtype=np.int64)
    for rows, block in pairs.blocks():
        offered = np.where(block < FORBIDDEN, block - lowered, item.keep_price)
        best[rows] = np.minimum(best[rows], offered.min(axis=1))
    return exact_sum(item.stock, best + found.supply_potential)
