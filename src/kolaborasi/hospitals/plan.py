"""The batch plan: everybody who waits and every bed that is left, at once. Pure: arrays in, assignment out.

With patients i in the order they are helped (severest first, then longest waiting), pools j with left_j beds, fitting
pairs E and x_ij in {0, 1}:

    each patient one bed       sum_j x_ij <= 1
    no bed twice               sum_i x_ij <= left_j
    fit only                   x_ij = 0 outside E

First the patients are served lexicographically: no plan serves an earlier patient whom this one leaves waiting, without
leaving a still earlier one waiting instead. Among all such plans the cost is least:

    sum c_ij x_ij + over x (beds used above `target` of a pool's staffed beds)

Patients who can be served together form a transversal matroid, so any prices that fall with the order lead to the
lexicographic best as long as each step is larger than what the costs of an exchange can add up to (Edmonds 1971, Matroids
and the greedy algorithm). The whole is one minimum-cost flow: source -> groups of like patients -> pools -> sink.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kolaborasi.optimisation.errors import BadOption, TooLarge
from kolaborasi.optimisation.flow import LARGEST_PRICE, Flow, Network, solve

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]

UNFIT = -1
"""Cost of a pair that is not eligible."""
TARGET = 0.85
"""Share of a pool's beds above which the plan looks elsewhere first; our own choice, below the 92 to 94 per cent of the
wave's worst weeks."""
OVER_SECONDS = 20 * 60
"""What a bed above the target weighs, in seconds of driving."""


@dataclass(frozen=True, eq=False)
class Situation:
    """Who waits and what is left, at one moment.

    Args:
        patient: (n,) ids of referrals, in the order they are helped.
        group: (n,) row of each patient's group: those with one origin and the same needs cost the same everywhere.
        pool: (p,) ids; left: (p,) beds that can be promised; staffed: (p,) beds of the pool.
        cost: (g, p) whole seconds of a bed for a patient of a group, UNFIT where the bed does not fit.
        minutes: (g, p) estimated driving time alone.
        grade: (g, p) how far the bed's class is from the one the guideline names.
    """

    patient: IntArray
    group: IntArray
    pool: IntArray
    left: IntArray
    staffed: IntArray
    cost: IntArray
    minutes: FloatArray
    grade: IntArray


@dataclass(frozen=True, eq=False)
class Assignment:
    """Who goes where: rows (k,) of patients and pools of the situation, in the order of the patients.

    Args:
        cost: (k,) seconds of each pair, without the weight of full pools.
        over: beds used above the target.
        total: cost of the whole, with that weight.
    """

    patient: IntArray
    pool: IntArray
    cost: IntArray
    over: int
    total: int

    def __len__(self) -> int:
        return len(self.patient)


def room(situation: Situation, target: float) -> IntArray:
    """(p,) beds a pool can give without more than `target` of its staffed beds being taken."""
    taken = situation.staffed - situation.left
    under = np.floor(target * situation.staffed).astype(np.int64) - taken
    return np.asarray(np.clip(under, 0, situation.left))


def network(situation: Situation, target: float = TARGET) -> Network:
    """The flow network of a situation.

    Nodes: 0 source, 1 to g groups, g + 1 to g + p pools, g + p + 1 sink. Arcs: one per patient, one per fitting pair with a
    bed left, two per pool (below and above the target), and one from source to sink for those who go on waiting.

    Raises:
        BadOption: the target is no share.
        TooLarge: so many patients that their prices do not fit into the engine's numbers.
    """
    if not 0 < target <= 1:
        raise BadOption(f"target is {target}.", "Choose a share above 0 and at most 1.")
    people, (groups, pools) = len(situation.patient), situation.cost.shape
    source, sink = 0, groups + pools + 1
    size = np.bincount(situation.group, minlength=groups)
    rows, columns, costs = _pairs(situation, size)
    below = room(situation, target)
    drawn = np.empty((4, people + len(costs) + 2 * pools + 1), dtype=np.int64)
    parts = np.cumsum([0, people, len(costs), pools, pools, 1])
    nodes = np.arange(groups + 1, sink)
    columns_of = (
        (source, 1 + situation.group, 1, -_prices(people, sink + 1, int(costs.max(initial=0)))),
        (1 + rows, groups + 1 + columns, np.minimum(size[rows], situation.left[columns]), costs),
        (nodes, sink, below, 0),
        (nodes, sink, situation.left - below, OVER_SECONDS),
        (source, sink, people, 0),
    )
    for number, values in enumerate(columns_of):
        for column, value in enumerate(values):
            drawn[column, parts[number] : parts[number + 1]] = value
    supplies = np.zeros(sink + 1, dtype=np.int64)
    supplies[source], supplies[sink] = people, -people
    return Network(drawn[0], drawn[1], drawn[2], drawn[3], supplies)


def _pairs(situation: Situation, size: IntArray) -> tuple[IntArray, IntArray, IntArray]:
    """Group, pool and cost (m,) of every fitting pair with a bed left and somebody in the group, by group."""
    pools = np.flatnonzero(situation.left > 0)
    cost = situation.cost[:, pools]
    key = np.flatnonzero((cost >= 0) & (size > 0)[:, None])
    rows = key // max(1, len(pools))
    return rows, pools[key - rows * len(pools)], cost.ravel()[key]


def plan(situation: Situation, target: float = TARGET) -> Assignment:
    """The best assignment of a situation; nothing is random, so the same situation gives the same plan.

    Raises:
        BadOption, TooLarge: as in `network`.
        SolverFailed: the engine gave up; there is no half plan.
    """
    if not len(situation.patient) or not len(situation.pool):
        return _assignment(situation, np.empty(0, np.int64), np.empty(0, np.int64), target)
    drawn = network(situation, target)
    return decode(situation, drawn, solve(drawn), target)


def decode(situation: Situation, drawn: Network, flow: Flow, target: float = TARGET) -> Assignment:
    """Read an assignment out of a flow: within a group the earlier patient gets the cheaper bed."""
    people, (groups, pools) = len(situation.patient), situation.cost.shape
    served = np.flatnonzero(flow.amounts[:people] > 0)
    pairs = slice(people, len(drawn) - 2 * pools - 1)
    used = np.flatnonzero(flow.amounts[pairs])
    group = drawn.starts[pairs][used] - 1
    pool = drawn.ends[pairs][used] - groups - 1
    amount = flow.amounts[pairs][used]
    cheapest = np.lexsort((pool, situation.cost[group, pool], group))
    beds = np.repeat(pool[cheapest], amount[cheapest])
    in_groups = served[np.argsort(situation.group[served], kind="stable")]
    order = np.argsort(in_groups, kind="stable")
    return _assignment(situation, in_groups[order], beds[order], target)


def first_come_first_served(situation: Situation, target: float = TARGET) -> Assignment:
    """What happens without a plan: each patient in turn takes the bed that is cheapest for them. The baseline."""
    left = situation.left.copy()
    patients, pools = [], []
    for row, group in enumerate(situation.group.tolist()):
        possible = np.flatnonzero((situation.cost[group] >= 0) & (left > 0))
        if len(possible):
            pool = int(possible[np.argmin(situation.cost[group, possible])])
            left[pool] -= 1
            patients.append(row)
            pools.append(pool)
    return _assignment(situation, np.array(patients, np.int64), np.array(pools, np.int64), target)


def _assignment(situation: Situation, patient: IntArray, pool: IntArray, target: float) -> Assignment:
    cost = situation.cost[situation.group[patient], pool] if len(patient) else np.empty(0, np.int64)
    given = np.bincount(pool, minlength=len(situation.pool))
    over = int(np.maximum(given - room(situation, target), 0).sum())
    return Assignment(patient, pool, cost, over, int(cost.sum()) + over * OVER_SECONDS)


def _prices(people: int, nodes: int, dearest: int) -> IntArray:
    """(n,) what serving each patient is worth: the first most, each step above any exchange of costs."""
    # An exchange is a cycle, which passes every node at most once, so this is more than its costs can change by.
    step = 1 + nodes * (dearest + OVER_SECONDS)
    if people * step > LARGEST_PRICE:
        raise TooLarge(f"{people} patients are too many for one plan.", "Plan parts of the city one by one.")
    return step * np.arange(people, 0, -1, dtype=np.int64)
