"""Which bed for a patient: fit ones only, ordered by a cost in minutes, with the reasons as numbers. Pure.

cost = minutes away + 15 x grade + 20 x load + 20 x min(age / stale limit, 3) + 20 x (1 - acceptance)

Each term is weighed in minutes of driving; the weights are our own choice and stand in `WEIGHTS`. Among beds that are
alike in all else the nearer one costs less, so a farther one is never named before a nearer equal one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class Weights:
    """Minutes of driving that one unit of each is worth; all above zero."""

    grade: float = 15.0
    load: float = 20.0
    age: float = 20.0
    refusal: float = 20.0


WEIGHTS = Weights()
OLDEST = 3.0
"""A report this many times older than its limit weighs no more than that."""
UNKNOWN_ACCEPTANCE = 0.5
"""Acceptance of a hospital that was never asked."""


@dataclass(frozen=True, eq=False)
class Candidates:
    """Bed pools, one row each, of classes that may or may not fit.

    Args:
        pool, hospital: (n,) ids.
        grade: (n,) grade of the pool's class for the patient, below 0 where it is unfit.
        left: (n,) beds that can still be promised.
        staffed: (n,) beds of the class.
        minutes: (n,) estimated driving time.
        age: (n,) age of the report in minutes; infinite without one.
        limit: (n,) age at which it is stale.
        acceptance: (n,) share of offers the hospital accepted, NaN when it was never asked.
    """

    pool: IntArray
    hospital: IntArray
    grade: IntArray
    left: IntArray
    staffed: IntArray
    minutes: FloatArray
    age: FloatArray
    limit: FloatArray
    acceptance: FloatArray

    def __len__(self) -> int:
        return len(self.pool)


@dataclass(frozen=True)
class Ranked:
    """One bed pool for a patient, with the numbers its place in the order follows from.

    Args:
        cost: in minutes, see the module.
        grade: 0 is the class the guideline names, higher ones stand in for it.
        minutes: estimated driving time.
        load: share of the beds that are taken, 0 to 1.
        age: minutes since the beds were counted.
        stale: the report is older than its limit.
        acceptance: share of offers accepted lately; None when never asked.
        left: beds that can still be promised.
    """

    pool: int
    hospital: int
    cost: float
    grade: int
    minutes: float
    load: float
    age: float
    stale: bool
    acceptance: float | None
    left: int

    @property
    def reasons(self) -> Mapping[str, float | int | bool | None]:
        """The numbers by code, for pages, API and audit."""
        return {
            "grade": self.grade,
            "minutes": round(self.minutes, 1),
            "load": round(self.load, 3),
            "age": round(self.age, 1),
            "stale": self.stale,
            "acceptance": None if self.acceptance is None else round(self.acceptance, 3),
            "left": self.left,
        }


def costs(beds: Candidates, weights: Weights = WEIGHTS) -> FloatArray:
    """Cost (n,) of each pool in minutes; infinite where it is unfit, has nothing left or was never counted."""
    accepted = np.where(np.isnan(beds.acceptance), UNKNOWN_ACCEPTANCE, beds.acceptance)
    cost = (
        beds.minutes
        + weights.grade * beds.grade
        + weights.load * loads(beds)
        + weights.age * np.minimum(beds.age / beds.limit, OLDEST)
        + weights.refusal * (1.0 - accepted)
    )
    possible = (beds.grade >= 0) & (beds.left > 0) & np.isfinite(beds.age)
    return np.where(possible, cost, np.inf)


def loads(beds: Candidates) -> FloatArray:
    """Share (n,) of each pool's beds that are taken; 1 where there are none."""
    staffed = np.maximum(beds.staffed, 1)
    return np.where(beds.staffed > 0, np.clip(1.0 - beds.left / staffed, 0.0, 1.0), 1.0)


def rank(beds: Candidates, *, most: int = 10, weights: Weights = WEIGHTS) -> list[Ranked]:
    """The best pools, cheapest first; of equal cost the nearer, then the lower id. Unfit and full ones are left out."""
    cost = costs(beds, weights)
    order = np.lexsort((beds.pool, beds.minutes, cost))[:most]
    load = loads(beds)
    return [
        Ranked(
            pool=int(beds.pool[row]),
            hospital=int(beds.hospital[row]),
            cost=float(cost[row]),
            grade=int(beds.grade[row]),
            minutes=float(beds.minutes[row]),
            load=float(load[row]),
            age=float(beds.age[row]),
            stale=bool(beds.age[row] > beds.limit[row]),
            acceptance=None if np.isnan(beds.acceptance[row]) else float(beds.acceptance[row]),
            left=int(beds.left[row]),
        )
        for row in order.tolist()
        if np.isfinite(cost[row])
    ]
