"""The dispatch problem written down as small as it can be without solving it first.

Runs of a lab stand in a chain by their cut-off times, once for each kind of group (hour of the swab, priority, deadline,
level): whoever arrives enters the chain at the first run they can still be in and may go on to every later one. The way
is paid on entering, the turnaround on leaving the chain into a run. Every pair of group and run is in it, at the same
price, with about a tenth of the arcs of all pairs.
"""

from __future__ import annotations

import itertools

import numpy as np
from numpy.typing import NDArray

from kolaborasi.diagnostics.dispatch import TURNAROUND_UNITS, Dispatch, turnaround_cost
from kolaborasi.optimisation.flow import Network

IntArray = NDArray[np.int64]
Arcs = tuple[IntArray, IntArray, IntArray, IntArray]


def compact(problem: Dispatch, price: int) -> Network:
    """The network; its optimum costs what that of all pairs does.

    Args:
        price: of a specimen that waits, as in `dispatch.waiting_price`.
    """
    groups, runs = problem.groups, problem.runs
    facts = np.stack([groups.collected, groups.weight, groups.deadline, groups.level], axis=1)
    kinds, kind = np.unique(facts, axis=0, return_inverse=True)
    size, chain = len(groups), len(kinds) * len(runs)
    days = size + chain + len(runs)
    labs = days + len(problem.day_left)
    sink = labs + len(problem.reagents)
    order = np.lexsort((runs.cut_off, runs.lab))
    parts = [
        _entries(problem, order, kind.ravel()),
        (np.arange(size), np.full(size, sink), price * groups.weight, groups.amount),
        *_chains(problem, order, kinds),
        (
            np.arange(size + chain, sink),
            np.concatenate([runs.day + days, problem.day_lab + labs, np.full(sink - labs, sink)]),
            np.zeros(sink - size - chain, dtype=np.int64),
            np.concatenate([runs.places, problem.day_left, problem.reagents]),
        ),
    ]
    starts, ends, costs, capacities = (
        np.concatenate(column).astype(np.int64) for column in zip(*parts, strict=True)
    )
    sort = np.argsort(starts * (sink + 1) + ends, kind="stable")
    supplies = np.zeros(sink + 1, dtype=np.int64)
    supplies[:size], supplies[sink] = groups.amount, -groups.amount.sum()
    return Network(starts[sort], ends[sort], capacities[sort], costs[sort], supplies)


def _entries(problem: Dispatch, order: IntArray, kind: IntArray) -> Arcs:
    """From each group into the chain of each lab, at the first run it can still be in."""
    groups, runs = problem.groups, problem.runs
    lab, cut_off = runs.lab[order], runs.cut_off[order]
    bounds = np.searchsorted(lab, np.arange(len(problem.reagents) + 1))
    ways, way = np.unique(np.stack([groups.site, groups.leaves], axis=1), axis=0, return_inverse=True)
    arrival = problem.travel[ways[:, 0]] + ways[:, 1, None]
    first = np.empty(arrival.shape, dtype=np.int64)
    for row, (low, high) in enumerate(itertools.pairwise(bounds)):
        first[:, row] = low + np.searchsorted(cut_off[low:high], arrival[:, row])
    in_time = (first < bounds[None, 1:])[way.ravel()]
    group, row = np.nonzero(in_time)
    paid = np.minimum(problem.travel // 2, TURNAROUND_UNITS - 1)[groups.site[group], row]
    entry = len(groups) + kind[group] * len(runs) + first[way.ravel()[group], row]
    return group, entry, paid.astype(np.int64), groups.amount[group]


def _chains(problem: Dispatch, order: IntArray, kinds: IntArray) -> tuple[Arcs, Arcs]:
    """From each link of a chain into its run, and on to the next link."""
    groups, runs = problem.groups, problem.runs
    base, size = len(groups), len(runs)
    lab = runs.lab[order]
    turnaround = np.maximum(runs.results[order] - kinds[:, 0, None], 0)
    costs = turnaround_cost(turnaround) * kinds[:, 1, None]
    barred = (runs.starts[order] > kinds[:, 2, None]) | (problem.level[lab] < kinds[:, 3, None])
    row, link = np.nonzero(~barred)
    out = (
        base + row * size + link,
        base + len(kinds) * size + order[link],
        costs[row, link],
        runs.places[order[link]],
    )
    going_on = np.flatnonzero(lab[1:] == lab[:-1])
    here = (base + np.arange(len(kinds))[:, None] * size + going_on).ravel()
    everybody = np.full(len(here), int(groups.amount.sum()))
    return out, (here, here + 1, np.zeros(len(here), dtype=np.int64), everybody)
