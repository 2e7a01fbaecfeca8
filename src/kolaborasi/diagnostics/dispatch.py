"""Which specimens go to which run of which lab: a minimum-cost flow, pure.

Groups of equal specimens (same site, round, hour of the swab, priority) are sent to runs of labs. Minutes count from
the moment of planning and may be negative. With x_gr specimens of group g in run r:

    all are somewhere   sum_r x_gr + w_g = amount_g                 (w_g wait for another round)
    run                 sum_g x_gr <= places_r
    day                 sum over the runs of a day <= left_d        (what the lab still offers: law 1)
    reagents            sum over the runs of a lab <= reagents_l
    only where          arrival_g,lab(r) <= cut_off_r, start_r <= deadline_g, level_lab(r) >= level_g

    cost                sum x_gr weight_g f(results_r - collected_g) + sum w_g weight_g P,   f(t) = t + t^2 / day

f is convex: a specimen that waited long goes first, the slowest twentieth matters more than the median. P is above
what any exchange could save, so that nothing waits that could be read. Ties go to the shorter way.

Not all pairs enter the engine: each group starts with its cheapest runs, the optimum's own prices show which other
pairs would improve it, and when none does, the optimum over all pairs is proven.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kolaborasi.optimisation.flow import Network, solve

IntArray = NDArray[np.int64]
Cost = NDArray[np.int32]

DAY_MINUTES = 1440
TURNAROUND_UNITS = 128
"""Cost units of a minute: what is below is left for the way, which only decides between equal turnarounds."""
FORBIDDEN = 2**29
FIRST_RUNS = 40
FIRST_SHARE = 28
"""A group begins with the earliest of its runs, this part of all when that is more: each further round of the engine costs
more than the arcs it saves (45,000 live specimens: 3 rounds instead of 6)."""
MORE_RUNS = 24
BLOCK = 256
"""Groups priced at once, so that the numbers stay in cache."""


@dataclass(frozen=True, eq=False)
class Groups:
    """Equal specimens; all arrays (g,): site row, how many, minute they leave, minute of the swab, last minute a run
    may start, weight of the priority (1 to 8), biosafety level needed."""

    site: IntArray
    amount: IntArray
    leaves: IntArray
    collected: IntArray
    deadline: IntArray
    weight: IntArray
    level: IntArray

    def __len__(self) -> int:
        return len(self.amount)


@dataclass(frozen=True, eq=False)
class Runs:
    """Runs of labs; all arrays (r,): lab row, day row, last minute of arrival, minute it starts, minute of its results,
    places left."""

    lab: IntArray
    day: IntArray
    cut_off: IntArray
    starts: IntArray
    results: IntArray
    places: IntArray

    def __len__(self) -> int:
        return len(self.places)


@dataclass(frozen=True, eq=False)
class Dispatch:
    """The problem: groups, runs, minutes of travel (sites, labs), days (d,) with their lab and what is left of them,
    labs (l,) with reagents left and biosafety level."""

    groups: Groups
    runs: Runs
    travel: NDArray[np.int32]
    day_lab: IntArray
    day_left: IntArray
    reagents: IntArray
    level: IntArray


@dataclass(frozen=True, eq=False)
class Assignment:
    """Who goes where: rows of groups and runs and how many (k,), how many of each group wait (g,), the exact cost, and
    how often the engine ran over how many arcs at last."""

    group: IntArray
    run: IntArray
    amount: IntArray
    waits: IntArray
    cost: int
    rounds: int
    arcs: int


def turnaround_cost(minutes: IntArray) -> IntArray:
    """f(t) = t + t^2 / day of minutes from swab to result, in whole cost units."""
    return minutes * TURNAROUND_UNITS + minutes * minutes * TURNAROUND_UNITS // DAY_MINUTES


def pair_costs(problem: Dispatch) -> Cost:
    """Cost of a specimen of each group in each run (g, r); FORBIDDEN or more where it may not be."""
    groups, runs = problem.groups, problem.runs
    # Ways and kinds of groups repeat: what depends on one of them alone is worked out once and looked up.
    ways, way = np.unique(np.stack([groups.site, groups.leaves], axis=1), axis=0, return_inverse=True)
    travel = problem.travel[np.ix_(ways[:, 0], runs.lab)]
    late = travel + ways[:, 1, None].astype(np.int32) > runs.cut_off.astype(np.int32)
    by_way = np.where(late, FORBIDDEN, np.minimum(travel // 2, TURNAROUND_UNITS - 1)).astype(np.int32)
    facts = np.stack([groups.collected, groups.weight, groups.deadline, groups.level], axis=1)
    kinds, kind = np.unique(facts, axis=0, return_inverse=True)
    turnaround = np.maximum(runs.results - kinds[:, 0, None], 0)
    priced = np.minimum(turnaround_cost(turnaround) * kinds[:, 1, None], FORBIDDEN - TURNAROUND_UNITS)
    barred = (runs.starts > kinds[:, 2, None]) | (problem.level[runs.lab] < kinds[:, 3, None])
    by_kind = np.where(barred, FORBIDDEN, priced).astype(np.int32)
    costs: Cost = by_way[way.ravel()]
    costs += by_kind[kind.ravel()]
    return costs


def waiting_price(problem: Dispatch, costs: Cost) -> int:
    """P: a unit more than any exchange along a path of the network can save."""
    largest = int(np.where(costs < FORBIDDEN, costs, 0).max(initial=0))
    return 2 * (largest + 1) * (int(min(costs.shape)) + 1) + 1


def network(problem: Dispatch, costs: Cost, chosen: NDArray[np.bool_], price: int) -> Network:
    """The flow network over the chosen pairs: groups, runs, days, labs, sink; arcs sorted by start, then end."""
    groups, runs = problem.groups, problem.runs
    size, days, labs = (len(groups), len(runs)), len(problem.day_left), len(problem.reagents)
    first_day = size[0] + size[1]
    sink = first_day + days + labs
    rows, columns = np.nonzero(chosen)
    waits = np.arange(size[0])
    # The way to the sink is each group's last arc: it sorts behind its runs.
    place = np.searchsorted(rows, waits, side="right")
    starts = np.insert(rows, place, waits)
    ends = np.insert(columns + size[0], place, sink)
    prices = np.insert(costs[rows, columns].astype(np.int64), place, price * groups.weight)
    room = np.insert(np.minimum(groups.amount[rows], runs.places[columns]), place, groups.amount)
    supplies = np.zeros(sink + 1, dtype=np.int64)
    supplies[: size[0]], supplies[sink] = groups.amount, -groups.amount.sum()
    tail = size[1] + days + labs
    return Network(
        starts=np.concatenate([starts, np.arange(size[0], sink)]),
        ends=np.concatenate(
            [ends, runs.day + first_day, problem.day_lab + first_day + days, np.full(labs, sink)]
        ),
        capacities=np.concatenate([room, runs.places, problem.day_left, problem.reagents]),
        costs=np.concatenate([prices, np.zeros(tail, dtype=np.int64)]),
        supplies=supplies,
    )


def assign(problem: Dispatch) -> Assignment:
    """The cheapest assignment over all pairs that may be.

    Raises what `optimisation.flow.solve` raises.
    """
    if not len(problem.groups) or not len(problem.runs):
        waits = problem.groups.amount.copy()
        none = np.zeros(0, dtype=np.int64)
        return Assignment(none, none, none, waits, 0, 0, 0)
    costs = pair_costs(problem)
    price = waiting_price(problem, costs)
    chosen = _earliest(costs, problem.runs.results, max(FIRST_RUNS, len(problem.runs) // FIRST_SHARE))
    potentials = None
    rounds = 0
    while True:
        net = network(problem, costs, chosen, price)
        flow = solve(net, potentials)
        rounds += 1
        better = _improving(costs, chosen, flow.potentials, len(problem.groups))
        if not better.any():
            return _read(net, flow.amounts, flow.cost, problem, rounds)
        chosen |= better
        potentials = flow.potentials


def fixed_contracts(problem: Dispatch, contracts: IntArray | None = None) -> Assignment:
    """What happens when each site has its lab, the urgent first and then in the order of the swabs.

    The baseline a plan is compared with: what the city did before the network shared its capacity.

    Args:
        contracts: (sites,) row of each site's lab; the nearest one that reads anything when absent.
    """
    groups, runs = problem.groups, problem.runs
    places, day_left, reagents = runs.places.copy(), problem.day_left.copy(), problem.reagents.copy()
    lab_of = _nearest(problem) if contracts is None else contracts
    waits, taken = groups.amount.copy(), []
    own = [np.flatnonzero(runs.lab == lab) for lab in range(len(reagents))]
    own = [rows[np.argsort(runs.results[rows], kind="stable")] for rows in own]
    for group in np.lexsort((groups.collected, -groups.weight)):
        lab = int(lab_of[groups.site[group]])
        arrival = groups.leaves[group] + problem.travel[groups.site[group], lab]
        for run in own[lab]:
            if arrival > runs.cut_off[run] or runs.starts[run] > groups.deadline[group]:
                continue
            room = min(waits[group], places[run], day_left[runs.day[run]], reagents[lab])
            if room <= 0:
                continue
            taken.append((int(group), int(run), int(room)))
            for left, row in ((waits, group), (places, run), (day_left, runs.day[run]), (reagents, lab)):
                left[row] -= room
    columns = np.array(taken, dtype=np.int64).reshape(-1, 3).T
    return Assignment(columns[0], columns[1], columns[2], waits, 0, 0, 0)


def _nearest(problem: Dispatch) -> IntArray:
    """The nearest lab of each site among those that read anything at all (sites,)."""
    reads = np.isin(np.arange(len(problem.reagents)), problem.runs.lab)
    return np.asarray(np.where(reads, problem.travel, np.iinfo(np.int32).max).argmin(axis=1))


def turnaround_numbers(problem: Dispatch, done: Assignment) -> dict[str, float]:
    """Specimens planned and hours from swab to reading: median and 95th percentile over them."""
    minutes = problem.runs.results[done.run] - problem.groups.collected[done.group]
    hours = np.repeat(minutes, done.amount) / 60
    if not len(hours):
        return {"planned": 0.0}
    median, p95 = np.percentile(hours, [50, 95])
    return {
        "planned": float(len(hours)),
        "median_hours": round(float(median), 2),
        "p95_hours": round(float(p95), 2),
    }


def _earliest(costs: Cost, results: IntArray, number: int) -> NDArray[np.bool_]:
    """The runs with the earliest results that each group may be in: nearly the cheapest, and much faster to find."""
    order = np.argsort(results, kind="stable")
    eligible = costs[:, order] < FORBIDDEN
    chosen = np.empty_like(eligible)
    chosen[:, order] = eligible & (np.cumsum(eligible, axis=1, dtype=np.int32) <= number)
    return chosen


def _improving(
    costs: Cost, chosen: NDArray[np.bool_], potentials: IntArray, groups: int
) -> NDArray[np.bool_]:
    """Pairs with negative reduced cost c + p_group - p_run: none proves the optimum, else the best of each group."""
    runs = costs.shape[1]
    found = np.zeros(costs.shape, dtype=np.bool_)
    for first in range(0, groups, BLOCK):
        rows = slice(first, first + BLOCK)
        reduced = costs[rows] + potentials[:groups][rows, None] - potentials[groups : groups + runs]
        reduced[(costs[rows] >= FORBIDDEN) | chosen[rows]] = 0
        worth = np.flatnonzero(reduced.min(axis=1) < 0)
        if len(worth):
            keep = min(MORE_RUNS, runs)
            best = np.argpartition(reduced[worth], keep - 1, axis=1)[:, :keep]
            negative = np.take_along_axis(reduced[worth], best, axis=1) < 0
            found[first + worth[:, None], best] = negative
    return found


def _read(net: Network, amounts: IntArray, cost: int, problem: Dispatch, rounds: int) -> Assignment:
    groups, runs = len(problem.groups), len(problem.runs)
    from_group = net.starts < groups
    to_run = from_group & (net.ends < groups + runs) & (amounts > 0)
    waits = np.zeros(groups, dtype=np.int64)
    to_sink = from_group & (net.ends >= groups + runs)
    waits[net.starts[to_sink]] = amounts[to_sink]
    return Assignment(
        net.starts[to_run], net.ends[to_run] - groups, amounts[to_run], waits, cost, rounds, len(net)
    )
