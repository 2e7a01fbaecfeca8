"""What a plan achieves: coverage of needs, how evenly, at what cost."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .problem import IntArray, Plan, Problem


@dataclass(frozen=True)
class Coverage:
    """Measures of a plan. Coverage of a need line is served / needed; lines that need nothing do not count.

    served, needed, offered: units; unserved_lines: lines that get nothing, of `lines`;
    least: the smallest coverage; mean: unweighted mean over lines; gini: Gini coefficient of the lines' coverage
    (0: all alike); cost: sum of cost x units; cost_per_unit: cost / served (0 when nothing is served).
    """

    served: int
    needed: int
    offered: int
    lines: int
    unserved_lines: int
    least: float
    mean: float
    gini: float
    cost: int
    cost_per_unit: float


def served(problem: Problem, plan: Plan) -> IntArray:
    """Units each demand row gets (m,)."""
    return np.bincount(plan.demand, plan.amount, minlength=len(problem.demand)).astype(np.int64)


def given(problem: Problem, plan: Plan) -> IntArray:
    """Units each supply row gives (n,)."""
    return np.bincount(plan.supply, plan.amount, minlength=len(problem.supply)).astype(np.int64)


def coverage(problem: Problem, plan: Plan) -> Coverage:
    """The measures of `plan`."""
    need = problem.demand.amount
    counts = need > 0
    got = served(problem, plan)
    shares = got[counts] / need[counts]
    units, cost = int(got.sum()), int(np.dot(plan.amount, plan.cost))
    return Coverage(
        served=units,
        needed=int(need.sum()),
        offered=int(problem.supply.amount.sum()),
        lines=int(counts.sum()),
        unserved_lines=int((got[counts] == 0).sum()),
        least=float(shares.min(initial=1.0)),
        mean=float(shares.mean()) if len(shares) else 0.0,
        gini=gini(shares),
        cost=cost,
        cost_per_unit=cost / units if units else 0.0,
    )


def gini(values: NDArray[np.float64]) -> float:
    """Gini coefficient of values (n,) >= 0: sum_k (2 k - n - 1) v_(k) / (n sum v), v sorted ascending; 0 if all are 0.

    Source: Dixon et al. 1987, "Bootstrapping the Gini coefficient of inequality", Ecology 68(5), uncorrected form.
    """
    total = float(values.sum())
    if total == 0:
        return 0.0
    ordered, count = np.sort(values), len(values)
    return float(np.dot(2 * np.arange(1, count + 1) - count - 1, ordered) / (count * total))
