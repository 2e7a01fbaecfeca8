"""One item as a minimum-cost flow, with fairness as tiers of prices.

    node 0..n-1      supply i, has stock_i
    node n..n+m-1    demand j
    node n+m         sink, takes everything

    i -> j      cost c_ij, no capacity                               x_ij
    i -> sink   cost P, what stays at i                              k_i
    j -> sink   one arc per tier t: cost step * t, capacity w_jt     y_jt

    sum_j x_ij + k_i = stock_i        sum_i x_ij = sum_t y_jt        0 <= y_jt <= w_jt

`step` exceeds what any exchange between plans could change in sum c x: tiers first, cost second, without compromise.
Pairs carry no capacity of their own: with one, saturated pairs would look improvable for ever and the gap to the
optimum over all pairs could not be closed.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .errors import TooLarge
from .flow import LARGEST_PRICE, UNLIMITED, Flow, Network
from .flow import solve as solve_flow
from .pairs import ItemPairs, PairList
from .problem import Fairness, FairnessRule, IntArray

MOST_UNITS = 2_000_000
"""Largest number of units of one item for which every unit may be a tier of its own."""


@dataclass(frozen=True, eq=False)
class Tiers:
    """Tier arcs of one item: demand (k,) local numbers ascending, level (k,), width (k,) units; number of levels."""

    demand: IntArray
    level: IntArray
    width: IntArray
    levels: int


def tiers(need: IntArray, fairness: Fairness) -> Tiers:
    """The tiers of demands with `need` (m,) units, following `fairness`. Raises TooLarge for too many units."""
    if fairness.rule is FairnessRule.UNITS:
        return _unit_tiers(need)
    bands = fairness.bands if fairness.rule is FairnessRule.BANDS else 1
    # Unit k (from 0) has the coverage k / need before it, so band b ends after ceil(need (b + 1) / bands) units:
    # the first unit of the smallest need lies in the first band.
    ends = -(-need[:, None] * np.arange(bands + 1) // bands)
    width = np.diff(ends, axis=1)
    demand, level = np.nonzero(width)
    return Tiers(demand, level, width[demand, level], bands)


def _unit_tiers(need: IntArray) -> Tiers:
    """One tier per distinct coverage k / need; divisions are rounded correctly, so equal fractions are equal."""
    total = int(need.sum())
    if total > MOST_UNITS:
        raise TooLarge(
            f"{total} units need as many tiers; {MOST_UNITS} is the most.",
            "Choose bands, or count in larger units.",
        )
    demand = np.repeat(np.arange(len(need)), need)
    before = np.arange(total) - np.repeat(np.cumsum(need) - need, need)
    values, level = np.unique(before / need[demand], return_inverse=True)
    return Tiers(demand, level.astype(np.int64), np.ones(total, dtype=np.int64), len(values))


@dataclass(frozen=True, eq=False)
class Frame:
    """What stays the same in every round of one item: amounts, tiers and the prices of tiers.

    `swing` bounds the change of sum c x by an exchange along any simple cycle: each supply (or each demand, if there
    are fewer) is passed once, with at most one pair added and one taken away.
    """

    stock: IntArray
    tiers: Tiers
    demands: int
    swing: int
    step: int

    @property
    def keep_price(self) -> int:
        """P: the price of a unit that is not given, above that of every tier."""
        return self.step * self.tiers.levels


def frame(pairs: ItemPairs, fairness: Fairness) -> Frame:
    """The frame of an item. Raises TooLarge when the prices leave 64-bit arithmetic."""
    item_tiers = tiers(pairs.need, fairness)
    swing = min(pairs.shape) * max(1, pairs.largest)
    step = 2 * swing + 1
    if step * (item_tiers.levels + 2) > LARGEST_PRICE:
        raise TooLarge(f"{item_tiers.levels} tiers times a swing of {swing} leave 64-bit arithmetic.")
    return Frame(pairs.stock, item_tiers, pairs.shape[1], swing, step)


def network(item: Frame, chosen: PairList) -> tuple[Network, IntArray, IntArray]:
    """The network over the chosen pairs; also the arc numbers of the pairs (m,) and of what stays (n,)."""
    supplies, demands = len(item.stock), item.demands
    sink = supplies + demands
    supply = chosen.supply
    pair_arcs = np.arange(len(chosen)) + supply
    keep_arcs = np.searchsorted(supply, np.arange(supplies), side="right") + np.arange(supplies)
    size = len(chosen) + supplies
    starts = np.empty(size + len(item.tiers.demand), dtype=np.int64)
    ends, costs, capacities = np.full_like(starts, sink), np.empty_like(starts), np.empty_like(starts)
    starts[pair_arcs], ends[pair_arcs] = supply, chosen.demand + supplies
    costs[pair_arcs], capacities[pair_arcs] = chosen.cost, UNLIMITED
    starts[keep_arcs] = np.arange(supplies)
    costs[keep_arcs], capacities[keep_arcs] = item.keep_price, UNLIMITED
    starts[size:] = item.tiers.demand + supplies
    costs[size:], capacities[size:] = item.tiers.level * item.step, item.tiers.width
    balance = np.zeros(sink + 1, dtype=np.int64)
    balance[:supplies], balance[sink] = item.stock, -item.stock.sum()
    return Network(starts, ends, capacities, costs, balance), pair_arcs, keep_arcs


@dataclass(frozen=True, eq=False)
class Round:
    """The optimum over the chosen pairs: units (m,) per pair, units kept (n,), potentials of supplies, demands."""

    amounts: IntArray
    kept: IntArray
    supply_potential: IntArray
    demand_potential: IntArray


def solve_round(item: Frame, chosen: PairList, potentials: tuple[IntArray, IntArray] | None = None) -> Round:
    """The optimum over the chosen pairs; `potentials` of supplies and demands from before make it faster."""
    net, pair_arcs, keep_arcs = network(item, chosen)
    if potentials is None:
        return _round(item, solve_flow(net), pair_arcs, keep_arcs)
    known = _repaired(net, len(item.stock), potentials)
    return _round(item, solve_flow(net, known, settled=item.step), pair_arcs, keep_arcs)


def _round(item: Frame, flow: Flow, pair_arcs: IntArray, keep_arcs: IntArray) -> Round:
    supplies = len(item.stock)
    prices = flow.potentials - flow.potentials[-1]
    return Round(
        amounts=flow.amounts[pair_arcs],
        kept=flow.amounts[keep_arcs],
        supply_potential=prices[:supplies],
        demand_potential=prices[supplies:-1],
    )


def _repaired(net: Network, supplies: int, potentials: tuple[IntArray, IntArray]) -> IntArray:
    """All potentials, those of supplies raised until none of their arcs (which have no capacity) costs < 0."""
    whole = np.concatenate([*potentials, [0]])
    of_supplies = np.flatnonzero(net.starts < supplies)
    starts, ends = net.starts[of_supplies], net.ends[of_supplies]
    reduced = net.costs[of_supplies] + whole[starts] - whole[ends]
    first = np.searchsorted(starts, np.arange(supplies))
    whole[:supplies] -= np.minimum(np.minimum.reduceat(reduced, first), 0)
    return whole
