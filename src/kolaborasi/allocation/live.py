"""The optimiser's problem made from live data."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from kolaborasi.aid import queries as aid
from kolaborasi.allocation.errors import NothingToPlan
from kolaborasi.allocation.queries import open_lines, places_of_needs, places_of_offers
from kolaborasi.allocation.rules import shore_of
from kolaborasi.optimisation import BlockCosts, Demand, Fairness, Problem, Supply
from kolaborasi.optimisation.costs import FORBIDDEN, CostBlock
from kolaborasi.optimisation.travel import EARTH_KM, JAKARTA, Points, TravelCosts, points

IntArray = NDArray[np.int64]
VEHICLE = "truck"
HOUR = 10
"""Goods leave in the middle of the morning, after the rush."""


@dataclass(frozen=True)
class Live:
    """Needs and offers at one moment, as the optimiser's problem, with the way back to our rows.

    What a line has been promised already enters as a supply that can only serve this line at no cost. It is always
    used up first, so that coverage is counted from what a place has and not from what it lacks: a place with half of
    its need promised stands behind one with nothing.

    Args:
        offers: (n,) ids of the offers, the first n supplies of the problem; the supplies after them are promises.
        need_lines: (m,) ids of the demands.
        items: (m,) item ids of the demands.
        covered: (m,) share of each demand that is promised already.
        everything: all open lines, served or not: (id, item id, needed, committed).
    """

    problem: Problem
    offers: IntArray
    need_lines: IntArray
    items: IntArray
    covered: NDArray[np.float64]
    everything: IntArray
    offer_points: Points
    need_points: Points

    @property
    def fingerprint(self) -> str:
        """Hash of everything a plan depends on: the same again means that planning again gives the same."""
        digest = hashlib.sha256()
        rows = (
            self.offers,
            self.problem.supply.item,
            self.problem.supply.amount,
            self.need_lines,
            self.items,
        )
        for column in (*rows, self.problem.demand.amount, self.everything):
            digest.update(f"{column.shape}".encode() + np.ascontiguousarray(column).tobytes())
        return digest.hexdigest()

    def kilometres(self, supply: IntArray, demand: IntArray) -> NDArray[np.float64]:
        """Estimated way (k,) of pairs of offer rows and demand rows: great circle times the detour by road or sea."""
        here, there = self.offer_points.at(supply), self.need_points.at(demand)
        chord = np.linalg.norm(here.position - there.position, axis=1)
        straight = 2 * EARTH_KM * np.arcsin(np.minimum(1.0, chord / (2 * EARTH_KM)))
        by_sea = here.shore != there.shore
        return np.asarray(straight * np.where(by_sea, JAKARTA.sea_detour, JAKARTA.detour))


def live_problem(*, today: date, fairness: Fairness) -> Live:
    """Read offers and open needs and make the problem: least covered first, then the least travel.

    Raises:
        NothingToPlan: no open need and offer of the same item.
    """
    supply, demand = aid.supply(today=today), aid.demand()
    if not {row.item_id for row in supply} & {row.item_id for row in demand}:
        raise NothingToPlan
    offer_places, need_places = places_of_offers(), places_of_needs()
    offer_points = points(
        [(row.latitude, row.longitude) for row in supply],
        [shore_of(offer_places[row.offer_id]) for row in supply],
    )
    need_points = points(
        [(row.latitude, row.longitude) for row in demand],
        [shore_of(need_places[row.need_line_id]) for row in demand],
    )
    needed = np.array([row.needed for row in demand])
    committed = np.array([row.committed for row in demand])
    items = np.array([row.item_id for row in demand])
    promised = np.flatnonzero(committed)
    problem = Problem(
        Supply(
            item=np.concatenate([np.array([row.item_id for row in supply]), items[promised]]),
            amount=np.concatenate([np.array([row.quantity for row in supply]), committed[promised]]),
        ),
        Demand(item=items, amount=needed),
        _costs(TravelCosts(offer_points, need_points, vehicle=VEHICLE, hour=HOUR), promised),
        fairness,
    )
    return Live(
        problem=problem,
        offers=np.array([row.offer_id for row in supply]),
        need_lines=np.array([row.need_line_id for row in demand]),
        items=items,
        covered=committed / needed,
        everything=np.array(open_lines(), dtype=np.int64).reshape(-1, 4),
        offer_points=offer_points,
        need_points=need_points,
    )


def _costs(travel: TravelCosts, promised: IntArray) -> BlockCosts:
    """Seconds of travel, and after the offers one row for each promise, open to its own demand alone.

    One second is added everywhere else, so that a promise is cheaper than any offer, even one next door.
    """
    offers, demands = travel.shape

    def block(supplies: IntArray, wanted: IntArray) -> CostBlock:
        costs = np.full((len(supplies), len(wanted)), FORBIDDEN, dtype=np.int32)
        real = supplies < offers
        costs[real] = travel.block(supplies[real], wanted) + 1
        own = promised[supplies[~real] - offers]
        costs[~real] = np.where(own[:, None] == wanted, 0, FORBIDDEN)
        return costs

    return BlockCosts((offers + len(promised), demands), block)
