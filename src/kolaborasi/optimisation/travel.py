"""The one travel-time function: great circle x detour / speed of a vehicle at an hour, sea crossings apart.

An estimate, and pages must say so. A table (TravelTable) holds every number with its source; JAKARTA is the default.
A city with real travel times gives a matrix file instead (read_matrix with costs.MatrixCosts).
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .costs import CostBlock, Index, whole_costs
from .errors import BadFile, BadOption, BadProblem, NotANumber, ShapeMismatch

FloatArray = NDArray[np.float64]

EARTH_KM = 6371.0088
"""Mean radius of the Earth (IUGG)."""
MAINLAND = 0
"""Shore number of the mainland; every island has a number of its own above zero."""


@dataclass(frozen=True)
class TravelTable:
    """All numbers of the estimate.

    detour: road length over great circle; speed_kmh: per vehicle 24 speeds by hour of the day; harbours: (latitude,
    longitude) from which boats leave; boat_kmh; sea_detour; wait_minutes for boarding and departure.
    sources: where each number comes from; assumptions: those that no source backs.
    """

    name: str
    detour: float
    speed_kmh: Mapping[str, tuple[float, ...]]
    harbours: tuple[tuple[float, float], ...]
    boat_kmh: float
    sea_detour: float
    wait_minutes: float
    sources: Mapping[str, str]
    assumptions: tuple[str, ...]


def _by_hour(night: float, peak: float, day: float) -> tuple[float, ...]:
    """24 speeds: night 21-5, peaks 6-8 and 16-18, day otherwise."""
    return tuple(
        night if h < 6 or h >= 21 else peak if h in (6, 7, 8, 16, 17, 18) else day for h in range(24)
    )


JAKARTA = TravelTable(
    name="Jakarta",
    detour=1.4,
    speed_kmh=MappingProxyType(
        {
            "car": _by_hour(40.0, 22.0, 26.5),
            "motorcycle": _by_hour(40.0, 27.0, 29.0),
            "truck": _by_hour(32.0, 17.5, 21.0),
            "foot": _by_hour(4.5, 4.5, 4.5),
        }
    ),
    harbours=((-6.107, 106.774), (-6.119, 106.853)),
    boat_kmh=30.0,
    sea_detour=1.1,
    wait_minutes=30.0,
    sources=MappingProxyType(
        {
            "car, day": "TomTom Traffic Index 2022: 10 km in 22 min 40 s on average in Jakarta",
            "car, peak": "TomTom Traffic Index 2022: 22 km/h in the rush hours of Jakarta",
            "detour": "Boscoe, Henry & Zdeb 2012, Professional Geographer 64(2): 1.417 on roads of the United States",
        }
    ),
    assumptions=(
        "the detour of the United States holds for Jakarta",
        "speeds of 2022 hold for other years (the restrictions of 2021 made roads faster)",
        "car at night 40 km/h; hours of night and peak",
        "motorcycles are 9 to 23 per cent faster than cars by day, trucks a fifth slower, people walk 4.5 km/h",
        "boats make 30 km/h on a way a tenth longer than the straight line and leave half an hour after arrival",
        "positions of the harbours (Kali Adem, Marina Ancol) to about a kilometre",
    ),
)


@dataclass(frozen=True, eq=False)
class Points:
    """Places on the globe: position (n, 3) in km from the centre of the Earth, shore (n,)."""

    position: FloatArray
    shore: Index

    def __len__(self) -> int:
        return len(self.position)

    def at(self, rows: Index) -> Points:
        """Those of these rows."""
        return Points(self.position[rows], self.shore[rows])


def points(latitude_longitude: ArrayLike, shore: ArrayLike | None = None) -> Points:
    """Points from degrees (n, 2) and shore numbers (n,) (None: all on the mainland).

    Raises ShapeMismatch, or NotANumber for degrees that are not finite or outside the globe.
    """
    degrees = np.asarray(latitude_longitude, dtype=np.float64)
    if degrees.ndim != 2 or degrees.shape[1] != 2:
        raise ShapeMismatch(f"Points must have the shape (n, 2), they have {degrees.shape}.")
    with np.errstate(invalid="ignore"):
        wrong = ~((np.abs(degrees[:, 0]) <= 90) & (np.abs(degrees[:, 1]) <= 180))
    if wrong.any():
        row = int(np.argmax(wrong))
        raise NotANumber(
            f"Point {row} has latitude {degrees[row, 0]}, longitude {degrees[row, 1]}.",
            "Give latitude (-90 to 90) first, then longitude (-180 to 180), in degrees.",
        )
    numbers = np.zeros(len(degrees), np.int64) if shore is None else np.asarray(shore, dtype=np.int64)
    if numbers.shape != (len(degrees),):
        raise ShapeMismatch(f"{len(numbers)} shore numbers for {len(degrees)} points.")
    latitude, longitude = np.radians(degrees).T
    unit = (np.cos(latitude) * np.cos(longitude), np.cos(latitude) * np.sin(longitude), np.sin(latitude))
    return Points(EARTH_KM * np.stack(unit, axis=1), numbers)


def great_circle_km(origins: Points, destinations: Points) -> FloatArray:
    """Great-circle distances (n, m) in km: 2 R arcsin(chord / 2 R).

    From the chord, as it keeps its precision for near points, which the arc cosine of a product does not.
    """
    square = np.zeros((len(origins), len(destinations)))
    for axis in range(3):
        difference = origins.position[:, axis, None] - destinations.position[:, axis]
        difference *= difference
        square += difference
    square /= EARTH_KM**2
    # Up to 640 km the series of the arc sine is exact to 1e-12 and several times faster than arcsin.
    if square.max(initial=0.0) < 0.01:
        return EARTH_KM * np.sqrt(square) * (1 + square * (1 / 24 + square * (3 / 640 + square * (5 / 7168))))
    return 2 * EARTH_KM * np.arcsin(np.minimum(1.0, np.sqrt(square) / 2))


def travel_minutes(
    origins: Points, destinations: Points, *, vehicle: str, hour: int, table: TravelTable = JAKARTA
) -> FloatArray:
    """Estimated minutes (n, m) from origins to destinations when leaving in `hour` (0-23) with `vehicle`.

    Same shore: great circle x detour / speed. Mainland and island: by road to the harbour that makes the whole
    shortest, wait, by boat. Two islands: wait, by boat. Symmetric. Raises BadOption for an unknown vehicle or hour.
    """
    speed = _speed(table, vehicle, hour)
    straight = great_circle_km(origins, destinations)
    minutes = straight * (table.detour * 60 / speed)
    apart = origins.shore[:, None] != destinations.shore
    if not apart.any():
        return minutes
    boat = table.sea_detour * 60 / table.boat_kmh
    by_sea = straight * boat
    to_island = apart & ((origins.shore == MAINLAND)[:, None] | (destinations.shore == MAINLAND))
    crossing = _crossing(origins, destinations, table, table.detour * 60 / speed, boat)
    return np.where(
        to_island, crossing + table.wait_minutes, np.where(apart, by_sea + table.wait_minutes, minutes)
    )


def _speed(table: TravelTable, vehicle: str, hour: int) -> float:
    if vehicle not in table.speed_kmh:
        known = ", ".join(sorted(table.speed_kmh))
        raise BadOption(f"No speed is known for the vehicle '{vehicle}'.", f"Choose one of: {known}.")
    if not 0 <= hour <= 23:
        raise BadOption(f"There is no hour {hour}.", "Choose an hour from 0 to 23.")
    return table.speed_kmh[vehicle][hour]


def _crossing(
    origins: Points, destinations: Points, table: TravelTable, road: float, boat: float
) -> FloatArray:
    """Minutes (n, m) by way of the best harbour, without the wait; `road`, `boat`: minutes per km."""
    harbours = points(table.harbours)
    rate = [np.where(side.shore == MAINLAND, road, boat)[:, None] for side in (origins, destinations)]
    there = great_circle_km(origins, harbours) * rate[0]
    back = great_circle_km(destinations, harbours) * rate[1]
    return np.asarray((there[:, None, :] + back[None, :, :]).min(axis=2))


class TravelCosts:
    """Costs in whole seconds of estimated travel from supply rows to demand rows (see costs.Costs)."""

    def __init__(
        self, supply: Points, demand: Points, *, vehicle: str, hour: int, table: TravelTable = JAKARTA
    ) -> None:
        _speed(table, vehicle, hour)
        self._supply, self._demand = supply, demand
        self._vehicle, self._hour, self._table = vehicle, hour, table

    @property
    def shape(self) -> tuple[int, int]:
        """Number of supply rows and of demand rows."""
        return len(self._supply), len(self._demand)

    def block(self, supplies: Index, demands: Index) -> CostBlock:
        """Seconds, rounded to the nearest."""
        minutes = travel_minutes(
            self._supply.at(supplies),
            self._demand.at(demands),
            vehicle=self._vehicle,
            hour=self._hour,
            table=self._table,
        )
        return np.rint(minutes * 60).astype(np.int32)


def read_matrix(path: Path) -> CostBlock:
    """A matrix of minutes, origins down, destinations across, as whole seconds for costs.MatrixCosts.

    `.npy` (numpy), or text with commas; an empty cell or `inf` says that there is no way. Raises BadFile naming the
    file and what is wrong (and the row and column where a number is), OSError when it cannot be read.
    """
    minutes = _load_numpy(path) if path.suffix == ".npy" else _load_text(path)
    try:
        return whole_costs(minutes * 60)
    except BadProblem as error:
        raise BadFile(f"{path.name}: {error.what}", "Minutes are finite and not negative.") from error


def _load_numpy(path: Path) -> FloatArray:
    try:
        return np.asarray(np.load(path, allow_pickle=False), dtype=np.float64)
    except ValueError as error:
        raise BadFile(f"{path.name} is not a matrix of numbers: {error}.") from error


def _load_text(path: Path) -> FloatArray:
    rows: list[list[float]] = []
    with path.open(encoding="utf-8", newline="") as lines:
        for number, cells in enumerate(csv.reader(lines), start=1):
            try:
                rows.append([float(cell) if cell.strip() else np.inf for cell in cells])
            except ValueError as error:
                raise BadFile(f"{path.name}, line {number}: {error}.") from error
            if len(cells) != len(rows[0]):
                raise BadFile(
                    f"{path.name}, line {number} has {len(cells)} cells, the first has {len(rows[0])}.",
                    "Give as many cells in every row.",
                )
    return np.array(rows, dtype=np.float64).reshape(len(rows), -1)
