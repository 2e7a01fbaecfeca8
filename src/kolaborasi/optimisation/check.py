"""Independent verification of a plan: shares no code with the solver and trusts nothing the plan says of itself."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from .costs import FORBIDDEN
from .problem import Plan, Problem


class Fault(StrEnum):
    """What can be wrong with a plan."""

    ROW_UNKNOWN = "row_unknown"
    LENGTHS_DIFFER = "lengths_differ"
    ITEM_DIFFERS = "item_differs"
    NOT_POSITIVE = "not_positive"
    PAIR_TWICE = "pair_twice"
    NOT_ELIGIBLE = "not_eligible"
    COST_WRONG = "cost_wrong"
    GIVES_TOO_MUCH = "gives_too_much"
    GETS_TOO_MUCH = "gets_too_much"
    SUM_WRONG = "sum_wrong"


@dataclass(frozen=True)
class Violation:
    """One fault: at `row` (a line, a supply row or a demand row, as the fault says), found and allowed numbers."""

    fault: Fault
    row: int
    found: int
    allowed: int


def check(problem: Problem, plan: Plan) -> tuple[Violation, ...]:
    """Everything that is wrong with `plan` for `problem`; empty when it may be carried out as it stands.

    Checked: known rows, one item per line, amounts above zero, no pair twice, eligible pairs (cost and reach), costs,
    sum_j x_ij <= stock_i, sum_i x_ij <= need_j, and the served and cost sums of the certificates.
    """
    lengths = {len(column) for column in (plan.supply, plan.demand, plan.item, plan.amount, plan.cost)}
    if len(lengths) != 1:
        return (Violation(Fault.LENGTHS_DIFFER, -1, max(lengths), min(lengths)),)
    unknown = tuple(_unknown_rows(problem, plan))
    if unknown:
        return unknown
    return (*_line_faults(problem, plan), *_amount_faults(problem, plan), *_sum_faults(plan))


def _unknown_rows(problem: Problem, plan: Plan) -> list[Violation]:
    found = []
    for column, size in ((plan.supply, len(problem.supply)), (plan.demand, len(problem.demand))):
        for line in np.flatnonzero((column < 0) | (column >= size)).tolist():
            found.append(Violation(Fault.ROW_UNKNOWN, line, int(column[line]), size - 1))
    return found


def _line_faults(problem: Problem, plan: Plan) -> list[Violation]:
    found, seen = [], Counter[tuple[int, int]]()
    for number, line in enumerate(plan.lines()):
        seen[line.supply, line.demand] += 1
        if seen[line.supply, line.demand] == 2:
            found.append(Violation(Fault.PAIR_TWICE, number, 2, 1))
        gives = int(problem.supply.item[line.supply])
        for item in (gives, int(problem.demand.item[line.demand])):
            if line.item != item:
                found.append(Violation(Fault.ITEM_DIFFERS, number, line.item, item))
        if line.amount <= 0:
            found.append(Violation(Fault.NOT_POSITIVE, number, line.amount, 1))
        found.extend(_cost_faults(problem, number, line.supply, line.demand, line.cost))
    return found


def _cost_faults(problem: Problem, number: int, supply: int, demand: int, cost: int) -> list[Violation]:
    true_cost = int(problem.costs.block(np.array([supply]), np.array([demand]))[0, 0])
    reach = FORBIDDEN - 1 if problem.supply.reach is None else int(problem.supply.reach[supply])
    found = []
    if true_cost > min(reach, FORBIDDEN - 1):
        found.append(Violation(Fault.NOT_ELIGIBLE, number, true_cost, reach))
    if cost != true_cost:
        found.append(Violation(Fault.COST_WRONG, number, cost, true_cost))
    return found


def _amount_faults(problem: Problem, plan: Plan) -> list[Violation]:
    given, got = Counter[int](), Counter[int]()
    for line in plan.lines():
        given[line.supply] += line.amount
        got[line.demand] += line.amount
    found = []
    for fault, sums, amounts in (
        (Fault.GIVES_TOO_MUCH, given, problem.supply.amount),
        (Fault.GETS_TOO_MUCH, got, problem.demand.amount),
    ):
        for row, total in sorted(sums.items()):
            if total > amounts[row]:
                found.append(Violation(fault, row, total, int(amounts[row])))
    return found


def _sum_faults(plan: Plan) -> list[Violation]:
    served = sum(line.amount for line in plan.lines())
    cost = sum(line.amount * line.cost for line in plan.lines())
    said = plan.certificate
    parts = list(plan.by_item.values())
    pairs = (
        (said.served, served),
        (said.cost, cost),
        (sum(part.served for part in parts), served),
        (sum(part.cost for part in parts), cost),
    )
    return [Violation(Fault.SUM_WRONG, -1, claim, truth) for claim, truth in pairs if claim != truth]
