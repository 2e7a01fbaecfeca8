"""Which pairs to begin with.

A fixed number of nearest neighbours is the hidden loss of such plans: a large offer cannot be unloaded on twenty
neighbours. Here an offer gets as many as its stock asks for: supplies and demands are gathered into groups, the
aggregated problem is solved over all pairs of groups in a few hundredths of a second, and

    - every pair between two groups that trade in that optimum is taken, so that the whole stock finds a way;
    - the aggregated prices, made consistent for the single rows, tell which other pairs are nearly worth using.

The idea is that of multi-scale solvers of optimal transport (Mérigot 2011; Schmitzer 2016, "A sparse multiscale
algorithm for dense optimal transport"). Nothing is lost by it: pricing looks at all pairs afterwards.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .costs import FORBIDDEN
from .pairs import ItemPairs, PairList, joined
from .pricing import price
from .problem import IntArray
from .transport import Frame, Round, Tiers, solve_round

ALL_PAIRS = 60_000
"""Up to this many pairs all are taken: the engine needs less time than a choice would."""
GROUPS = 256
"""Largest number of groups on each side and, of supplies, for each class of reach."""
LANDMARKS = 6
"""Rows whose costs serve as coordinates: costs may come from a matrix, so there may be no others."""
NEARLY_WORTH = 25
"""Pairs per row to take for their prices."""
MOST_EXPANDED = 40
"""Most pairs per row to take from trading groups, so that memory stays bounded in a whole country."""


@dataclass(frozen=True, eq=False)
class Start:
    """Pairs to begin with, and potentials of supplies and demands (None when all pairs are taken)."""

    pairs: PairList
    potentials: tuple[IntArray, IntArray] | None


def start(pairs: ItemPairs, item: Frame, generator: np.random.Generator) -> Start:
    """The pairs and potentials to begin with."""
    supplies, demands = pairs.shape
    if supplies * demands <= ALL_PAIRS:
        return Start(_all_pairs(pairs), None)
    supply_group, supply_middle = _supply_groups(pairs, generator)
    demand_group, demand_middle = _demand_groups(pairs, generator)
    costs = pairs.block(supply_middle, demand_middle)
    coarse, trades = _aggregated(item, costs, supply_group, demand_group)
    expanded = _expanded(pairs, supply_group, demand_group, trades, generator)
    potentials = _consistent(pairs, coarse.demand_potential[demand_group], item.keep_price)
    worth = _nearly_worth(pairs, potentials, generator)
    return Start(joined([expanded, worth]), potentials)


def _all_pairs(pairs: ItemPairs) -> PairList:
    block = pairs.block(np.arange(pairs.shape[0]), np.arange(pairs.shape[1])).ravel()
    key = np.flatnonzero(block < FORBIDDEN)
    return PairList(key, block[key].astype(np.int64), pairs.shape[1])


def _supply_groups(pairs: ItemPairs, generator: np.random.Generator) -> tuple[IntArray, IntArray]:
    """Groups of supplies of similar reach that lie together, and the middle supply of each."""
    supplies, demands = pairs.shape
    landmarks = generator.choice(demands, min(LANDMARKS, demands), replace=False)
    features = pairs.raw_block(np.arange(supplies), np.sort(landmarks)).astype(np.float64)
    reach = pairs.reach(np.arange(supplies))
    classes = np.unique(np.quantile(reach, [0.25, 0.5, 0.75]))
    reach_class = np.searchsorted(classes, reach)
    group = np.empty(supplies, dtype=np.int64)
    offset = 0
    for rows in (np.flatnonzero(reach_class == value) for value in np.unique(reach_class)):
        group[rows] = offset + halved(features[rows], _group_count(len(rows)))
        offset = int(group[rows].max()) + 1
    return group, _middles(features, group)


def _demand_groups(pairs: ItemPairs, generator: np.random.Generator) -> tuple[IntArray, IntArray]:
    supplies, demands = pairs.shape
    landmarks = generator.choice(supplies, min(LANDMARKS, supplies), replace=False)
    features = pairs.raw_block(np.sort(landmarks), np.arange(demands)).T.astype(np.float64)
    group = halved(features, _group_count(demands))
    return group, _middles(features, group)


def _group_count(rows: int) -> int:
    return max(1, min(GROUPS, rows // 4))


def halved(points: NDArray[np.float64], parts: int) -> IntArray:
    """Group numbers (n,) of points (n, k): halved at the median of the widest axis until there are `parts` groups.

    A k-d tree's cells, of nearly equal size, at most the next power of two above `parts` and never an empty one.
    """
    order, starts = np.arange(len(points)), np.array([0])
    while len(starts) < parts and np.diff(starts, append=len(points)).max() > 1:
        sizes = np.diff(starts, append=len(points))
        here = points[order]
        widths = np.maximum.reduceat(here, starts) - np.minimum.reduceat(here, starts)
        cell = np.repeat(np.arange(len(starts)), sizes)
        along = here[np.arange(len(points)), widths.argmax(axis=1)[cell]]
        order = order[np.lexsort((along, cell))]
        starts = np.unique(np.concatenate([starts, starts + sizes // 2]))
    group = np.empty(len(points), dtype=np.int64)
    group[order] = np.repeat(np.arange(len(starts)), np.diff(starts, append=len(points)))
    return group


def _middles(features: NDArray[np.float64], group: IntArray) -> IntArray:
    """For each group the row nearest to the mean of its features."""
    count = np.bincount(group)
    means = np.stack([np.bincount(group, column) / count for column in features.T], axis=1)
    distance = np.square(features - means[group]).sum(axis=1)
    order = np.lexsort((distance, group))
    return order[np.searchsorted(group[order], np.arange(len(count)))]


def _aggregated(
    item: Frame, costs: NDArray[np.int32], supply_group: IntArray, demand_group: IntArray
) -> tuple[Round, PairList]:
    """The optimum of the aggregated problem, and the pairs of groups that trade in it."""
    groups = costs.shape[1]
    merged = demand_group[item.tiers.demand] * item.tiers.levels + item.tiers.level
    found, place = np.unique(merged, return_inverse=True)
    width = np.bincount(place, item.tiers.width).astype(np.int64)
    group_tiers = Tiers(found // item.tiers.levels, found % item.tiers.levels, width, item.tiers.levels)
    stock = np.bincount(supply_group, item.stock).astype(np.int64)
    frame = Frame(stock, group_tiers, groups, item.swing, item.step)
    key = np.flatnonzero(costs.ravel() < FORBIDDEN)
    chosen = PairList(key, costs.ravel()[key].astype(np.int64), groups)
    solved = solve_round(frame, chosen)
    used = solved.amounts > 0
    return solved, PairList(key[used], chosen.cost[used], groups)


def _expanded(
    pairs: ItemPairs,
    supply_group: IntArray,
    demand_group: IntArray,
    trades: PairList,
    generator: np.random.Generator,
) -> PairList:
    """All eligible pairs between the members of groups that trade (a random part when there are too many)."""
    supplies, supply_start, supply_size = _members(supply_group)
    demands, demand_start, demand_size = _members(demand_group)
    wide = demand_size[trades.demand]
    size = supply_size[trades.supply] * wide
    trade = np.repeat(np.arange(len(trades)), size)
    place = np.arange(len(trade)) - np.repeat(np.cumsum(size) - size, size)
    most = MOST_EXPANDED * sum(pairs.shape)
    if len(trade) > most:
        part = np.sort(generator.choice(len(trade), most, replace=False))
        trade, place = trade[part], place[part]
    supply = supplies[supply_start[trades.supply[trade]] + place // wide[trade]]
    demand = demands[demand_start[trades.demand[trade]] + place % wide[trade]]
    key = np.sort(supply * pairs.shape[1] + demand)
    cost = pairs.costs_of(key // pairs.shape[1], key % pairs.shape[1])
    return PairList(key[cost < FORBIDDEN], cost[cost < FORBIDDEN], pairs.shape[1])


def _members(group: IntArray) -> tuple[IntArray, IntArray, IntArray]:
    """Rows ordered by group, where each group starts in them, and its size."""
    size = np.bincount(group)
    return np.argsort(group, kind="stable"), np.cumsum(size) - size, size


def _consistent(pairs: ItemPairs, demand_potential: IntArray, keep_price: int) -> tuple[IntArray, IntArray]:
    """Potentials under which no pair has a negative reduced cost, tight for each row (two c-transforms)."""
    supply = np.empty(pairs.shape[0], dtype=np.int64)
    for rows, block in pairs.blocks():
        gain = np.where(block < FORBIDDEN, demand_potential - block, -keep_price)
        supply[rows] = np.maximum(gain.max(axis=1), -keep_price)
    demand = np.full(pairs.shape[1], np.iinfo(np.int64).max)
    for rows, block in pairs.blocks():
        offered = np.where(block < FORBIDDEN, block + supply[rows, None], 0)
        np.minimum(demand, offered.min(axis=0), out=demand)
    return supply, demand


def _nearly_worth(
    pairs: ItemPairs, potentials: tuple[IntArray, IntArray], generator: np.random.Generator
) -> PairList:
    """The pairs of lowest reduced cost, about NEARLY_WORTH per row; the threshold is read off a sample of rows."""
    supplies, demands = pairs.shape
    supply, demand = potentials
    sample = np.sort(generator.choice(supplies, min(96, supplies), replace=False))
    block = pairs.block(sample, np.arange(demands))
    reduced = (block + supply[sample, None] - demand)[block < FORBIDDEN]
    if not len(reduced):
        return PairList(np.empty(0, np.int64), np.empty(0, np.int64), demands)
    wanted = NEARLY_WORTH * (supplies + demands) * len(sample) // supplies
    place = min(wanted, len(reduced) - 1)
    threshold = int(np.partition(reduced, place)[place])
    return price(pairs, supply, demand, below=min(threshold, FORBIDDEN)).pairs
