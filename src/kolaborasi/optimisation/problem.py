"""The vocabulary: supply, demand, arcs, problem, plan, certificate. Frozen data, numpy arrays inside.

A problem is the sparse transportation problem. With supplies i, demands j of the same item and eligible pairs E:

    serve      sum_j x_ij <= amount_i          (nothing is promised twice)
               sum_i x_ij <= amount_j          (nobody gets more than needed)
               x_ij >= 0, whole, 0 outside E
    objective  lexicographic: serve as much as possible, the least covered first (see Fairness), then the lowest
               sum c_ij x_ij.

Items share nothing, so each item is a problem of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .costs import Costs
from .errors import BadOption, NegativeValue, NotANumber, NotWhole, ShapeMismatch, TooLarge

IntArray = NDArray[np.int64]

LARGEST_AMOUNT = 2**40
"""Largest amount of one row and largest sum of all rows: leaves 20 bits for the cost of a unit in int64."""


def whole_numbers(values: ArrayLike, name: str) -> IntArray:
    """A read-only int64 copy of `values` (n,), refused when NaN, fractional, negative or absurdly large.

    Raises ShapeMismatch, NotANumber, NotWhole, NegativeValue or TooLarge, each naming the first wrong row.
    """
    try:
        raw = np.asarray(values)
        array = raw.astype(np.float64) if raw.dtype.kind not in "iu" else raw
    except (TypeError, ValueError, OverflowError) as error:
        raise NotANumber(f"{name} holds something that is not a number.") from error
    if array.ndim != 1:
        raise ShapeMismatch(f"{name} must have one dimension, it has {array.ndim}.")
    _refuse_first(~np.isfinite(array), name, "is not a finite number", NotANumber)
    _refuse_first(array < 0, name, "is negative", NegativeValue)
    _refuse_first(array > LARGEST_AMOUNT, name, f"is above {LARGEST_AMOUNT}", TooLarge)
    _refuse_first(array != np.floor(array), name, "is not a whole number", NotWhole)
    result = array.astype(np.int64)
    result.setflags(write=False)
    return result


def _refuse_first(
    wrong: NDArray[np.bool_],
    name: str,
    what: str,
    error: type[NotANumber | NegativeValue | TooLarge | NotWhole],
) -> None:
    if wrong.any():
        raise error(f"{name}[{int(np.argmax(wrong))}] {what} ({int(wrong.sum())} such rows).")


@dataclass(frozen=True, eq=False)
class Supply:
    """What can be given, one row per offer.

    item (n,) index of the item; amount (n,) whole units; reach (n,) largest cost of a pair this supply may serve, in
    the unit of the costs (None: no limit).
    """

    item: IntArray
    amount: IntArray
    reach: IntArray | None = None

    def __post_init__(self) -> None:
        _freeze(self, "supply", ("item", "amount", "reach"))

    def __len__(self) -> int:
        return len(self.amount)


@dataclass(frozen=True, eq=False)
class Demand:
    """What is needed, one row per need line, in order of arrival: item (n,) index; amount (n,) whole units."""

    item: IntArray
    amount: IntArray

    def __post_init__(self) -> None:
        _freeze(self, "demand", ("item", "amount"))

    def __len__(self) -> int:
        return len(self.amount)


def _freeze(rows: Supply | Demand, label: str, names: tuple[str, ...]) -> None:
    for name in names:
        value = getattr(rows, name)
        if value is not None:
            object.__setattr__(rows, name, whole_numbers(value, f"{label}.{name}"))
    lengths = {name: len(getattr(rows, name)) for name in names if getattr(rows, name) is not None}
    if len(set(lengths.values())) > 1:
        raise ShapeMismatch(f"{label} arrays differ in length: {lengths}.")


class FairnessRule(StrEnum):
    """How units of one item are ordered among its demands before cost is looked at."""

    BANDS = "bands"
    UNITS = "units"
    NONE = "none"


@dataclass(frozen=True)
class Fairness:
    """The choice of fairness.

    A unit of demand j is the (k+1)-th served there; its priority is the coverage before it, k / amount_j.

    BANDS  priorities are cut into `bands` equal bands; lower bands are filled first, wherever that is possible. The
           worst-off demand reaches the highest band any plan can give it.
    UNITS  every distinct priority is a band of its own, the exact lexicographic max-min: no unit goes to a demand
           while it could go to a less covered one. The worst-off demand reaches the highest coverage possible.
           About three times as slow as ten bands.
    NONE   as much as possible, at the lowest cost; who gets it does not matter.

    Served vectors form a polymatroid, so any strictly increasing band prices give the same lexicographic optimum
    (Federgruen & Groenevelt 1986, The greedy procedure for resource allocation problems).
    """

    rule: FairnessRule = FairnessRule.BANDS
    bands: int = 10

    def __post_init__(self) -> None:
        if not 1 <= self.bands <= 1000:
            raise BadOption(f"bands is {self.bands}.", "Choose between 1 and 1000 bands.")


@dataclass(frozen=True, eq=False)
class Problem:
    """All that a plan is made from. `costs` prices pairs of rows (see costs.Costs)."""

    supply: Supply
    demand: Demand
    costs: Costs
    fairness: Fairness = field(default_factory=Fairness)

    def __post_init__(self) -> None:
        shape = (len(self.supply), len(self.demand))
        if tuple(self.costs.shape) != shape:
            raise ShapeMismatch(f"costs are for {tuple(self.costs.shape)} rows, the problem has {shape}.")


@dataclass(frozen=True)
class Stop:
    """When to stop looking for better: the first of these.

    gap      stop once the tiers are proven and the cost is within this share of the optimum over all eligible pairs
             (0: go on until the optimum is proven)
    rounds   largest number of pricing rounds per item
    seconds  time limit for the whole plan, looked at between rounds, as the engine cannot be interrupted; at least
             one round is made for each item, so there is always a plan, and its certificate says how good it is
    """

    gap: float = 1e-3
    rounds: int = 50
    seconds: float | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.gap < 1:
            raise BadOption(f"gap is {self.gap}.", "Choose a gap from 0 to below 1.")
        if self.rounds < 1:
            raise BadOption(f"rounds is {self.rounds}.", "Allow at least one round.")
        if self.seconds is not None and not self.seconds > 0:
            raise BadOption(f"seconds is {self.seconds}.", "Allow more than zero seconds, or None.")


@dataclass(frozen=True, eq=False)
class Arcs:
    """Pairs that may be used: supply (m,), demand (m,) row numbers and cost (m,) of one unit."""

    supply: IntArray
    demand: IntArray
    cost: IntArray

    def __len__(self) -> int:
        return len(self.cost)


@dataclass(frozen=True)
class PlanLine:
    """One proposed line: `amount` units of `item` from row `supply` to row `demand`, `cost` each."""

    supply: int
    demand: int
    item: int
    amount: int
    cost: int


@dataclass(frozen=True)
class Certificate:
    """How far a plan can be from the optimum over *all* eligible pairs, not only those looked at.

    served          units planned
    cost            sum of unit cost x units
    tiers_optimal   no plan at all serves more, or fills the fairness tiers better
    cost_gap        with tiers_optimal: no plan with the same tiers is cheaper by more than this
    eligible_pairs  pairs the statement covers;  arcs  pairs the engine worked on;  rounds  of pricing
    """

    served: int
    cost: int
    tiers_optimal: bool
    cost_gap: int
    eligible_pairs: int
    arcs: int
    rounds: int

    @property
    def relative_gap(self) -> float:
        """cost_gap as a share of cost (0 when nothing is served)."""
        return self.cost_gap / self.cost if self.cost else 0.0

    @property
    def optimal(self) -> bool:
        """Proven optimal in every respect."""
        return self.tiers_optimal and self.cost_gap == 0


@dataclass(frozen=True, eq=False)
class Prices:
    """Shadow prices: supply (n,) and demand (m,), in cost units plus whole steps of the tier price of the item.

    A pair could improve the plan only if cost < supply price - demand price.
    """

    supply: IntArray
    demand: IntArray


@dataclass(frozen=True, eq=False)
class Plan:
    """Proposed lines as arrays of one length (sorted by demand, then cost, then supply), with the certificate.

    `by_item` holds one certificate per item index that occurs in both supply and demand.
    """

    supply: IntArray
    demand: IntArray
    item: IntArray
    amount: IntArray
    cost: IntArray
    certificate: Certificate
    by_item: dict[int, Certificate]
    prices: Prices | None = None

    def __len__(self) -> int:
        return len(self.amount)

    def lines(self) -> Iterator[PlanLine]:
        """The lines one by one."""
        columns = (self.supply, self.demand, self.item, self.amount, self.cost)
        for row in zip(*(column.tolist() for column in columns), strict=True):
            yield PlanLine(*row)
