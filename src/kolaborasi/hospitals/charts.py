"""Occupancy over time as SVG, drawn on the server; the table beside it says the same in numbers. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

WIDTH, HEIGHT = 640, 240
LEFT, RIGHT, TOP, BOTTOM = 48, 12, 16, 32
GUIDE = 0.6
"""WHO's guide value of bed occupancy, which the city published against in 2021."""


@dataclass(frozen=True)
class Point:
    """Share of occupied beds on a day."""

    day: date
    share: float


@dataclass(frozen=True)
class Mark:
    """A line of the grid, or a label of an axis, at its place in the drawing."""

    at: float
    text: str
    value: float = 0.0


@dataclass(frozen=True)
class Chart:
    """What the template draws: a line, its marks and the axes, in units of the drawing.

    Args:
        line: points of the line as SVG writes them.
        dots: where each day stands: x, y, day, share.
    """

    line: str
    dots: Sequence[tuple[float, float, date, float]]
    levels: Sequence[Mark]
    days: Sequence[Mark]
    guide: float
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT
    base: int = HEIGHT - BOTTOM


def chart(points: Sequence[Point], *, days_shown: int = 6) -> Chart | None:
    """The drawing of a series; None with fewer than two days, which make no line.

    Args:
        points: by day.
        days_shown: most days that are named on the axis.
    """
    if len(points) < 2:
        return None
    first, last = points[0].day, points[-1].day
    span = (last - first).days
    highest = max(1.0, max(point.share for point in points))

    def across(day: date) -> float:
        return round(LEFT + (WIDTH - LEFT - RIGHT) * (day - first).days / span, 1)

    def down(share: float) -> float:
        return round(HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * share / highest, 1)

    dots = [(across(each.day), down(each.share), each.day, each.share) for each in points]
    step = max(1, -(-len(points) // days_shown))
    return Chart(
        line=" ".join(f"{x},{y}" for x, y, _day, _share in dots),
        dots=dots,
        levels=[Mark(down(level), "", level) for level in (0.0, 0.25, 0.5, 0.75, 1.0)],
        days=[Mark(across(each.day), each.day.isoformat()) for each in points[::step]],
        guide=down(GUIDE),
    )
