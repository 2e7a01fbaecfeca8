"""solve(problem, stop, seed) -> Plan: the least covered first, then the lowest cost, with a certificate."""

from __future__ import annotations

import time
from dataclasses import dataclass
from itertools import count

import numpy as np

from .errors import EmptyProblem, TooLarge
from .pairs import ItemPairs, PairList, item_pairs, joined
from .pricing import Violations, objective_gap, price, strongest
from .problem import LARGEST_AMOUNT, Certificate, IntArray, Plan, Prices, Problem, Stop
from .shortlist import start
from .transport import Frame, Round, frame, solve_round

NEW_PER_SUPPLY = 30
"""Pairs a supply may add in one round: more make the engine slower, fewer make more rounds (measured)."""


def validate(problem: Problem) -> None:
    """Refuse what cannot be planned, before any work. Raises EmptyProblem or TooLarge.

    Wrong numbers in the rows were refused when Supply and Demand were made, wrong costs are when they are read.
    """
    if not problem.supply.amount.any():
        raise EmptyProblem("There is nothing to give.")
    if not problem.demand.amount.any():
        raise EmptyProblem("There is nothing needed.")
    for name, amount in (("supply", problem.supply.amount), ("demand", problem.demand.amount)):
        if float(amount.astype(np.float64).sum()) > LARGEST_AMOUNT:
            raise TooLarge(f"The {name} sums to more than {LARGEST_AMOUNT} units.")


def solve(problem: Problem, stop: Stop | None = None, seed: int = 0) -> Plan:
    """The plan of a problem: same problem, `stop` (without a time limit) and `seed`, same plan.

    Never infeasible: what cannot be served stays unserved. Raises subclasses of errors.BadProblem before solving, and
    SolverFailed when the engine gives up; there is no half plan.
    """
    validate(problem)
    stop = stop or Stop()
    deadline = None if stop.seconds is None else time.monotonic() + stop.seconds
    plans = []
    for item, pairs in item_pairs(problem):
        generator = np.random.default_rng([seed, item])
        plans.append((item, pairs, _plan_item(pairs, problem, stop, deadline, generator)))
    return _assembled(problem, plans)


@dataclass(frozen=True, eq=False)
class _ItemPlan:
    chosen: PairList
    found: Round
    certificate: Certificate


def _plan_item(
    pairs: ItemPairs, problem: Problem, stop: Stop, deadline: float | None, generator: np.random.Generator
) -> _ItemPlan:
    """Solve over the chosen pairs, price all others, add what could help; until the plan is proven good enough."""
    item = frame(pairs, problem.fairness)
    begin = start(pairs, item, generator)
    chosen, potentials = begin.pairs, begin.potentials
    for number in count(1):
        found = solve_round(item, chosen, potentials)
        potentials = (found.supply_potential, found.demand_potential)
        violations = _left_out(pairs, chosen, found)
        certificate = _certify(pairs, item, chosen, found, violations, number, stop.gap)
        if _enough(certificate, stop, deadline):
            break
        chosen = joined([chosen, strongest(violations, NEW_PER_SUPPLY)])
    return _ItemPlan(chosen, found, certificate)


def _enough(certificate: Certificate, stop: Stop, deadline: float | None) -> bool:
    good = certificate.tiers_optimal and certificate.cost_gap <= stop.gap * certificate.cost
    late = deadline is not None and time.monotonic() >= deadline
    return good or late or certificate.rounds == stop.rounds


def _left_out(pairs: ItemPairs, chosen: PairList, found: Round) -> Violations:
    if len(chosen) == pairs.eligible:
        nothing = np.empty(0, dtype=np.int64)
        return Violations(PairList(nothing, nothing, pairs.shape[1]), nothing)
    return price(pairs, found.supply_potential, found.demand_potential)


def _certify(
    pairs: ItemPairs,
    item: Frame,
    chosen: PairList,
    found: Round,
    violations: Violations,
    number: int,
    wanted: float,
) -> Certificate:
    """What is proven: if better tiers existed, some exchange alone would gain at least step - swing > swing."""
    cost = int(np.dot(found.amounts, chosen.cost))
    gap = objective_gap(pairs, item, found, violations, enough=int(wanted * cost))
    return Certificate(
        served=int(found.amounts.sum()),
        cost=cost,
        tiers_optimal=gap <= item.swing,
        cost_gap=gap,
        eligible_pairs=pairs.eligible,
        arcs=len(chosen),
        rounds=number,
    )


def _assembled(problem: Problem, plans: list[tuple[int, ItemPairs, _ItemPlan]]) -> Plan:
    """The plan in the rows of the problem."""
    columns: list[tuple[IntArray, ...]] = [(np.empty(0, np.int64),) * 5]
    prices = Prices(np.zeros(len(problem.supply), np.int64), np.zeros(len(problem.demand), np.int64))
    for item, pairs, plan in plans:
        used = np.flatnonzero(plan.found.amounts)
        key, cost, amount = plan.chosen.key[used], plan.chosen.cost[used], plan.found.amounts[used]
        supply = pairs.supply_rows[key // pairs.shape[1]]
        demand = pairs.demand_rows[key % pairs.shape[1]]
        columns.append((supply, demand, np.full(len(used), item), amount, cost))
        prices.supply[pairs.supply_rows] = -plan.found.supply_potential
        prices.demand[pairs.demand_rows] = -plan.found.demand_potential
    supply, demand, items, amount, cost = (np.concatenate(parts) for parts in zip(*columns, strict=True))
    order = np.lexsort((supply, cost, demand))
    by_item = {item: plan.certificate for item, _, plan in plans}
    rows = (supply[order], demand[order], items[order], amount[order], cost[order])
    return Plan(*rows, certificate=total(list(by_item.values())), by_item=by_item, prices=prices)


def total(certificates: list[Certificate]) -> Certificate:
    """The certificate of several items together: sums, and proven only where all are."""
    return Certificate(
        served=sum(one.served for one in certificates),
        cost=sum(one.cost for one in certificates),
        tiers_optimal=all(one.tiers_optimal for one in certificates),
        cost_gap=sum(one.cost_gap for one in certificates),
        eligible_pairs=sum(one.eligible_pairs for one in certificates),
        arcs=sum(one.arcs for one in certificates),
        rounds=max((one.rounds for one in certificates), default=0),
    )
