"""The eligible pairs of one item, walked through in blocks that fit a processor's cache."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from .costs import FORBIDDEN, CostBlock
from .problem import IntArray, Problem

BLOCK = 2**16
"""Pairs per block: a few int64 arrays of this size stay in a second-level cache (measured, 5 times faster)."""
KEPT = 2**25
"""Largest number of pairs whose costs are kept in memory (128 MiB); beyond it blocks are computed anew."""


@dataclass(eq=False)
class ItemPairs:
    """One item of a problem: its rows, amounts and the costs of its pairs (FORBIDDEN where not eligible).

    supply_rows, demand_rows: row numbers in the problem; local numbers 0..n-1 and 0..m-1 are used everywhere else.
    """

    problem: Problem
    supply_rows: IntArray
    demand_rows: IntArray
    stock: IntArray = field(init=False)
    need: IntArray = field(init=False)
    eligible: int = field(init=False, default=0)
    largest: int = field(init=False, default=0)
    _kept: CostBlock | None = field(init=False, default=None)
    _reach: NDArray[np.int32] | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        self.stock = self.problem.supply.amount[self.supply_rows]
        self.need = self.problem.demand.amount[self.demand_rows]
        if self.problem.supply.reach is not None:
            reach = np.minimum(self.problem.supply.reach[self.supply_rows], FORBIDDEN - 1)
            self._reach = reach.astype(np.int32)
        self._look_once()

    @property
    def shape(self) -> tuple[int, int]:
        """Number of supplies and of demands of this item."""
        return len(self.supply_rows), len(self.demand_rows)

    def _look_once(self) -> None:
        """Count the eligible pairs, find the dearest, and keep the costs when they fit."""
        supplies, demands = self.shape
        keep = np.empty(self.shape, dtype=np.int32) if supplies * demands <= KEPT else None
        for rows, block in self.blocks():
            if keep is not None:
                keep[rows] = block
            # FORBIDDEN is the one bit above every cost, so masking it makes closed pairs free.
            self.eligible += int(np.count_nonzero(block < FORBIDDEN))
            self.largest = max(self.largest, int((block & (FORBIDDEN - 1)).max(initial=0)))
        self._kept = keep

    def blocks(self) -> Iterator[tuple[slice, CostBlock]]:
        """All pairs, as (slice of supplies, costs (k, m))."""
        supplies, demands = self.shape
        step = max(1, BLOCK // max(1, demands))
        columns = np.arange(demands)
        for start in range(0, supplies, step):
            rows = slice(start, min(start + step, supplies))
            if self._kept is not None:
                yield rows, self._kept[rows]
            else:
                yield rows, self.block(np.arange(rows.start, rows.stop), columns)

    def block(self, supplies: IntArray, demands: IntArray) -> CostBlock:
        """Costs (k, l) of the pairs between these local supplies and demands."""
        if self._kept is not None:
            return self._kept[np.ix_(supplies, demands)]
        costs = self.raw_block(supplies, demands)
        if self._reach is not None:
            costs = np.where(costs > self._reach[supplies, None], np.int32(FORBIDDEN), costs)
        return costs

    def costs_of(self, supplies: IntArray, demands: IntArray) -> IntArray:
        """Costs (k,) of single pairs."""
        if self._kept is not None:
            return self._kept[supplies, demands].astype(np.int64)
        parts = [
            np.diagonal(self.block(supplies[start : start + 64], demands[start : start + 64]))
            for start in range(0, len(supplies), 64)
        ]
        return np.concatenate([np.empty(0, np.int64), *parts]).astype(np.int64)

    def raw_block(self, supplies: IntArray, demands: IntArray) -> CostBlock:
        """The same before the reach of the supplies is looked at."""
        return self.problem.costs.block(self.supply_rows[supplies], self.demand_rows[demands])

    def reach(self, supplies: IntArray) -> IntArray:
        """The reach of these supplies (FORBIDDEN - 1 when unlimited)."""
        if self._reach is None:
            return np.full(len(supplies), FORBIDDEN - 1, dtype=np.int64)
        return self._reach[supplies].astype(np.int64)


def item_pairs(problem: Problem) -> Iterator[tuple[int, ItemPairs]]:
    """(item, its pairs) for every item with stock and need, in ascending order; rows with nothing are left out."""
    supply_rows = _rows_by_item(problem.supply.item, problem.supply.amount)
    demand_rows = _rows_by_item(problem.demand.item, problem.demand.amount)
    for item in sorted(supply_rows.keys() & demand_rows.keys()):
        yield item, ItemPairs(problem, supply_rows[item], demand_rows[item])


def _rows_by_item(items: IntArray, amounts: IntArray) -> dict[int, IntArray]:
    rows = np.flatnonzero(amounts > 0)
    rows = rows[np.argsort(items[rows], kind="stable")]
    found, starts = np.unique(items[rows], return_index=True)
    return dict(zip(found.tolist(), np.split(rows, starts[1:]), strict=bool(len(found))))


@dataclass(frozen=True, eq=False)
class PairList:
    """Chosen pairs of one item, sorted: key = supply x (number of demands) + demand, and cost (m,)."""

    key: IntArray
    cost: IntArray
    demands: int

    @property
    def supply(self) -> IntArray:
        """Local supply numbers (m,)."""
        return self.key // self.demands

    @property
    def demand(self) -> IntArray:
        """Local demand numbers (m,)."""
        return self.key % self.demands

    def __len__(self) -> int:
        return len(self.key)


def joined(lists: list[PairList]) -> PairList:
    """The union of pair lists of the same item."""
    key, first = np.unique(np.concatenate([pairs.key for pairs in lists]), return_index=True)
    return PairList(key, np.concatenate([pairs.cost for pairs in lists])[first], lists[0].demands)
