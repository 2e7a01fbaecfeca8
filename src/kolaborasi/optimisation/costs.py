"""What a pair costs: whole numbers (metres, seconds), asked for in blocks so that no full matrix need exist.

Three sources: coordinates in the plane (PlanarCosts), a matrix between sites (MatrixCosts), any function of row
numbers (BlockCosts).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .errors import NegativeValue, NotANumber, ShapeMismatch, TooLarge

CostBlock = NDArray[np.int32]
Index = NDArray[np.int64]

LARGEST_COST = 2**30 - 1
"""Largest cost of a pair: about a million kilometres in metres, 34 years in seconds."""
FORBIDDEN = 2**30
"""The cost that says a pair is not eligible."""


class Costs(Protocol):
    """Anything that prices pairs of supply rows and demand rows."""

    @property
    def shape(self) -> tuple[int, int]:
        """Number of supply rows and of demand rows."""

    def block(self, supplies: Index, demands: Index) -> CostBlock:
        """Costs (len(supplies), len(demands)) of one unit, FORBIDDEN where a pair may not be used."""


class PlanarCosts:
    """Straight distance in a plane times a factor, rounded to whole units.

    supply_km (n, 2) and demand_km (m, 2) are projected kilometres; `unit_per_km` converts (1000: metres; 1400: metres
    with a detour factor of 1.4). Raises NotANumber, ShapeMismatch, NegativeValue or TooLarge.
    """

    def __init__(self, supply_km: ArrayLike, demand_km: ArrayLike, unit_per_km: float = 1000.0) -> None:
        if not np.isfinite(unit_per_km):
            raise NotANumber("unit_per_km is not a finite number.")
        if unit_per_km < 0:
            raise NegativeValue("unit_per_km is negative.")
        self._supply = _points(supply_km, "supply_km") * unit_per_km
        self._demand = _points(demand_km, "demand_km") * unit_per_km
        self._refuse_too_far()
        # float32 keeps a block in cache; it is exact to 1/8 unit up to 2**20 units once the origin is near.
        origin = self._demand.mean(axis=0) if len(self._demand) else np.zeros(2)
        self._near = max(_span(self._supply, origin), _span(self._demand, origin)) < 2**20
        kind: Any = np.float32 if self._near else np.float64
        self._supply = (self._supply - origin).astype(kind)
        self._demand = (self._demand - origin).astype(kind)

    def _refuse_too_far(self) -> None:
        both = np.concatenate([self._supply, self._demand])
        if len(both) and float(np.hypot(*np.ptp(both, axis=0))) > LARGEST_COST:
            raise TooLarge("The coordinates lie further apart than the largest cost.")

    @property
    def shape(self) -> tuple[int, int]:
        """Number of supply rows and of demand rows."""
        return len(self._supply), len(self._demand)

    def block(self, supplies: Index, demands: Index) -> CostBlock:
        """sqrt((x_i - x_j)^2 + (y_i - y_j)^2), rounded to the nearest whole unit."""
        here, there = self._supply[supplies], self._demand[demands]
        across = here[:, 0, None] - there[:, 0]
        along = here[:, 1, None] - there[:, 1]
        across *= across
        along *= along
        across += along
        return np.rint(np.sqrt(across, out=across), out=across).astype(np.int32)


def _points(values: ArrayLike, name: str) -> NDArray[np.float64]:
    points = np.asarray(values, dtype=np.float64)
    if points.ndim != 2 or points.shape[1] != 2:
        raise ShapeMismatch(f"{name} must have the shape (n, 2), it has {points.shape}.")
    wrong = ~np.isfinite(points).all(axis=1)
    if wrong.any():
        raise NotANumber(
            f"{name}[{int(np.argmax(wrong))}] is not a finite point ({int(wrong.sum())} such rows)."
        )
    return points


def _span(points: NDArray[np.float64], origin: NDArray[np.float64]) -> float:
    return float(np.abs(points - origin).max()) if len(points) else 0.0


class MatrixCosts:
    """Costs looked up in a matrix between sites, so that many rows may share a site.

    matrix (a, b) of finite costs >= 0, infinity where there is no way; supply_site (n,) and demand_site (m,) are row
    and column numbers in it (None: rows of the matrix are the rows of the problem). Raises NotANumber, NegativeValue,
    TooLarge or ShapeMismatch.
    """

    def __init__(
        self, matrix: ArrayLike, supply_site: ArrayLike | None = None, demand_site: ArrayLike | None = None
    ) -> None:
        self._matrix = whole_costs(np.asarray(matrix))
        self._supply_site = _sites(supply_site, self._matrix.shape[0], "supply_site")
        self._demand_site = _sites(demand_site, self._matrix.shape[1], "demand_site")

    @property
    def shape(self) -> tuple[int, int]:
        """Number of supply rows and of demand rows."""
        return len(self._supply_site), len(self._demand_site)

    def block(self, supplies: Index, demands: Index) -> CostBlock:
        """The part of the matrix that belongs to these rows."""
        return self._matrix[np.ix_(self._supply_site[supplies], self._demand_site[demands])]


def whole_costs(matrix: NDArray[Any]) -> CostBlock:
    """Costs (a, b) rounded to int32, infinity as FORBIDDEN; refuses NaN, negative and absurdly large ones."""
    if matrix.ndim != 2:
        raise ShapeMismatch(f"A cost matrix must have two dimensions, it has {matrix.ndim}.")
    if matrix.dtype == np.int32 and (not matrix.size or (matrix.min() >= 0 and matrix.max() <= FORBIDDEN)):
        return matrix
    values = matrix.astype(np.float64)
    for wrong, error, what in (
        (np.isnan(values), NotANumber, "not a number"),
        (values < 0, NegativeValue, "negative"),
        ((values > FORBIDDEN) & np.isfinite(values), TooLarge, f"above {LARGEST_COST}"),
    ):
        if wrong.any():
            row, column = np.unravel_index(int(np.argmax(wrong)), wrong.shape)
            raise error(f"The cost at row {row}, column {column} is {what} ({int(wrong.sum())} such pairs).")
    return np.rint(np.minimum(values, FORBIDDEN)).astype(np.int32)


def _sites(sites: ArrayLike | None, size: int, name: str) -> Index:
    index = np.arange(size) if sites is None else np.asarray(sites, dtype=np.int64)
    if index.ndim != 1 or (len(index) and (index.min() < 0 or index.max() >= size)):
        raise ShapeMismatch(f"{name} must hold numbers from 0 to {size - 1}, one per row.")
    return index


class BlockCosts:
    """Costs computed by a function (supplies, demands) -> (len(supplies), len(demands)).

    The function may return floats (infinity: not eligible); it is checked block by block, as whole_costs does.
    """

    def __init__(self, shape: tuple[int, int], function: Callable[[Index, Index], NDArray[Any]]) -> None:
        self.shape = shape
        self._function = function

    def block(self, supplies: Index, demands: Index) -> CostBlock:
        """The function's answer, checked and rounded."""
        block = np.asarray(self._function(supplies, demands))
        if block.shape != (len(supplies), len(demands)):
            raise ShapeMismatch(
                f"The cost function gave {block.shape} for {(len(supplies), len(demands))} rows."
            )
        return whole_costs(block)
