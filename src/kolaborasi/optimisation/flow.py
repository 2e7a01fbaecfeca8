"""Minimum-cost flow: one description of a network, two engines.

Engine: LEMON's network simplex through pylmcf. Verifier and fallback: OR-Tools' SimpleMinCostFlow (cost scaling).
Both are exact on whole numbers.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pylmcf
from numpy.typing import NDArray
from ortools.graph.python import min_cost_flow

from .errors import Infeasible, NegativeValue, ShapeMismatch, SolverFailed, TooLarge, Unbounded

IntArray = NDArray[np.int64]

UNLIMITED = 2**60
"""A capacity that never binds."""
LARGEST_PRICE = 2**58
"""Largest cost of an arc: LEMON's artificial arcs cost 2**62, and paths of several arcs must stay below that."""


@dataclass(frozen=True, eq=False)
class Network:
    """A directed network; parallel arcs are allowed and stay separate.

    starts, ends, capacities, costs (m,): arcs a with 0 <= flow_a <= capacity_a;
    supplies (n,), summing to zero: flow out of v minus flow into v = supply_v.
    """

    starts: IntArray
    ends: IntArray
    capacities: IntArray
    costs: IntArray
    supplies: IntArray

    def __len__(self) -> int:
        return len(self.starts)


@dataclass(frozen=True, eq=False)
class Flow:
    """An optimal flow: amounts (m,) per arc, potentials (n,) with cost + potential[start] - potential[end] >= 0 on
    arcs below capacity and <= 0 on arcs with flow, and the total cost (a Python integer: it cannot overflow)."""

    amounts: IntArray
    potentials: IntArray
    cost: int


def validate(network: Network) -> None:
    """Refuse a network no engine should see.

    Raises ShapeMismatch, NegativeValue (capacity), TooLarge, Infeasible (supplies that do not sum to zero) or
    Unbounded (an uncapacitated arc of negative cost).
    """
    arcs = [len(column) for column in (network.starts, network.ends, network.capacities, network.costs)]
    if len(set(arcs)) != 1:
        raise ShapeMismatch(f"The arcs' columns differ in length: {arcs}.")
    nodes = len(network.supplies)
    for column in (network.starts, network.ends):
        if len(column) and (column.min() < 0 or column.max() >= nodes):
            raise ShapeMismatch(f"An arc names a node outside 0 to {nodes - 1}.")
    if len(network) and network.capacities.min() < 0:
        raise NegativeValue("An arc has a negative capacity.")
    if len(network) and np.abs(network.costs).max() > LARGEST_PRICE:
        raise TooLarge(f"An arc costs more than {LARGEST_PRICE}.")
    if float(np.abs(network.supplies.astype(np.float64)).sum()) > UNLIMITED:
        raise TooLarge(f"The supplies sum to more than {UNLIMITED}.")
    if int(network.supplies.sum()) != 0:
        raise Infeasible(f"The supplies sum to {int(network.supplies.sum())}, not to zero.")
    if ((network.costs < 0) & (network.capacities >= UNLIMITED)).any():
        raise Unbounded("An arc of negative cost has no capacity.")


def solve(network: Network, potentials: IntArray | None = None, settled: int | None = None) -> Flow:
    """The optimum by LEMON's network simplex.

    `potentials` (n,) from a similar network make it faster and never change the optimum: arcs are priced with their
    reduced cost c + p_start - p_end (which shifts the cost of every flow by the same amount), arcs whose reduced cost
    is negative start full, so that the engine, which starts from nothing, begins near the end. Such arcs must have a
    finite capacity.

    `settled`: arcs whose reduced cost under `potentials` is further from zero than this are taken for empty or full
    and kept from the engine; the optimum's own potentials then confirm it, or the engine runs again with all arcs.

    Raises what validate raises, Infeasible, or SolverFailed when the engine gives up for another reason.
    """
    validate(network)
    if potentials is None:
        return _flow(network, *_start_full(network, network.costs))
    reduced = network.costs + potentials[network.starts] - potentials[network.ends]
    found = None if settled is None else _solve_open(network, reduced, np.abs(reduced) <= settled)
    amounts, prices = found or _start_full(network, reduced)
    return _flow(network, amounts, prices + potentials)


def _flow(network: Network, amounts: IntArray, prices: IntArray) -> Flow:
    return Flow(amounts, prices, exact_sum(amounts, network.costs))


def _solve_open(
    network: Network, reduced: IntArray, still_open: NDArray[np.bool_]
) -> tuple[IntArray, IntArray] | None:
    """Flow and potentials with the other arcs empty or full; None unless that is proven right."""
    amounts = np.where(reduced < 0, network.capacities, 0)
    amounts[still_open] = 0
    fixed = np.flatnonzero(amounts)
    supplies = network.supplies.copy()
    np.subtract.at(supplies, network.starts[fixed], amounts[fixed])
    np.add.at(supplies, network.ends[fixed], amounts[fixed])
    rows = np.flatnonzero(still_open)
    part = Network(
        network.starts[rows], network.ends[rows], network.capacities[rows], reduced[rows], supplies
    )
    try:
        amounts[rows], prices = _start_full(part, part.costs)
    except Infeasible:
        return None
    now = reduced + prices[network.starts] - prices[network.ends]
    wrong = ((now < 0) & (amounts < network.capacities)) | ((now > 0) & (amounts > 0))
    return None if wrong.any() else (amounts, prices)


def _start_full(network: Network, reduced: IntArray) -> tuple[IntArray, IntArray]:
    """Flow and potentials for these costs; arcs that cost less than nothing begin full."""
    full = reduced < 0
    if (full & (network.capacities >= UNLIMITED)).any():
        raise Unbounded("The given potentials make an arc without capacity cost less than nothing.")
    amounts, prices = _simplex(_turned(network, reduced, full))
    return np.where(full, network.capacities - amounts, amounts), prices


def _turned(network: Network, reduced: IntArray, full: NDArray[np.bool_]) -> Network:
    """The same network with the arcs marked `full` used up from the start and turned round."""
    if not full.any():
        return Network(network.starts, network.ends, network.capacities, reduced, network.supplies)
    supplies = network.supplies.copy()
    np.subtract.at(supplies, network.starts[full], network.capacities[full])
    np.add.at(supplies, network.ends[full], network.capacities[full])
    return Network(
        starts=np.where(full, network.ends, network.starts),
        ends=np.where(full, network.starts, network.ends),
        capacities=network.capacities,
        costs=np.abs(reduced),
        supplies=supplies,
    )


def _simplex(network: Network) -> tuple[IntArray, IntArray]:
    """Flow and potentials of a network without negative costs, in the order of its arcs."""
    nodes = len(network.supplies)
    key = network.starts * nodes + network.ends
    order = None if (key[1:] >= key[:-1]).all() else np.argsort(key, kind="stable")
    graph = load(network, order)
    try:
        graph.solve()
    except RuntimeError as error:
        if "INFEASIBLE" in str(error).upper():
            raise Infeasible("The supplies cannot reach the demands.") from error
        raise SolverFailed(str(error)) from error
    amounts = np.asarray(graph.result())
    if order is not None:
        sorted_amounts, amounts = amounts, np.empty_like(amounts)
        amounts[order] = sorted_amounts
    return amounts, np.asarray(graph.raw_potentials())


def load(network: Network, order: IntArray | None = None) -> pylmcf.Graph:
    """The network inside the engine, unsolved. The engine wants arcs sorted by start, then end: `order` sorts them."""
    pick = slice(None) if order is None else order
    graph = pylmcf.Graph(
        len(network.supplies),
        np.ascontiguousarray(network.starts[pick], dtype=np.int32),
        np.ascontiguousarray(network.ends[pick], dtype=np.int32),
    )
    graph.set_node_supply(network.supplies)
    graph.set_edge_capacities(np.ascontiguousarray(network.capacities[pick]))
    graph.set_edge_costs(np.ascontiguousarray(network.costs[pick]))
    return graph


def solve_by_cost_scaling(network: Network) -> Flow:
    """The optimum by OR-Tools: a second, independent engine. Its potentials are not given out (zeros).

    Raises what validate raises, Infeasible, or SolverFailed.
    """
    validate(network)
    engine = min_cost_flow.SimpleMinCostFlow()
    reachable = int(np.maximum(network.supplies, 0).sum()) + int(
        network.capacities[network.costs < 0].sum() if len(network) else 0
    )
    arcs = engine.add_arcs_with_capacity_and_unit_cost(
        network.starts.astype(np.int32),
        network.ends.astype(np.int32),
        np.minimum(network.capacities, reachable),
        network.costs,
    )
    engine.set_nodes_supplies(np.arange(len(network.supplies), dtype=np.int32), network.supplies)
    status = engine.solve()
    if status == engine.INFEASIBLE:
        raise Infeasible("The supplies cannot reach the demands.")
    if status != engine.OPTIMAL:
        raise SolverFailed(f"OR-Tools ended with {status}.")
    amounts = np.asarray(engine.flows(arcs), dtype=np.int64)
    return Flow(amounts, np.zeros(len(network.supplies), dtype=np.int64), exact_sum(amounts, network.costs))


def exact_sum(amounts: IntArray, costs: IntArray) -> int:
    """sum of amounts x costs, exact whatever its size."""
    used = np.flatnonzero(amounts)
    some, prices = amounts[used], costs[used]
    # Not np.dot on floats: BLAS would start threads for it, which cost more than the sum.
    if float((some.astype(np.float64) * np.abs(prices)).sum()) < 2**62:
        return int((some * prices).sum())
    return sum(a * c for a, c in zip(some.tolist(), prices.tolist(), strict=True))


def residual_violations(network: Network, flow: Flow) -> IntArray:
    """Numbers of the arcs that break complementary slackness: empty proves that the flow is optimal."""
    reduced = network.costs + flow.potentials[network.starts] - flow.potentials[network.ends]
    wrong = ((reduced < 0) & (flow.amounts < network.capacities)) | ((reduced > 0) & (flow.amounts > 0))
    return np.flatnonzero(wrong)
