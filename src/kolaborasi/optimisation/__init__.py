"""Optimisation: numbers in, plan out. Knows nothing of the platform, of people or of what the units are.

Owns     the sparse transportation problem with fairness (problem, solver), minimum-cost flow (flow, dimacs), what a
         pair costs (costs, travel), the independent check and the explanation of a plan, the greedy baseline.
Promises a plan never gives more than there is nor more than is needed; it is the best over all eligible pairs up to
         the gap in its certificate; same problem, stop and seed, same plan; bad input is named before solving.
Leaves   reading live data, approval and commitments to `allocation`; words for people to whoever shows a plan.
"""

from .check import Violation, check
from .costs import BlockCosts, Costs, MatrixCosts, PlanarCosts
from .explain import Explanation, Reason, explain
from .greedy import first_come_first_served
from .measures import Coverage, coverage
from .problem import (
    Certificate,
    Demand,
    Fairness,
    FairnessRule,
    Plan,
    PlanLine,
    Problem,
    Stop,
    Supply,
)
from .solver import solve

__all__ = [
    "BlockCosts",
    "Certificate",
    "Costs",
    "Coverage",
    "Demand",
    "Explanation",
    "Fairness",
    "FairnessRule",
    "MatrixCosts",
    "Plan",
    "PlanLine",
    "PlanarCosts",
    "Problem",
    "Reason",
    "Stop",
    "Supply",
    "Violation",
    "check",
    "coverage",
    "explain",
    "first_come_first_served",
    "solve",
]
