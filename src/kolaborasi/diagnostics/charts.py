"""Series over time as SVG, drawn on the server; the table beside each says the same in numbers. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

WIDTH, HEIGHT = 640, 220
LEFT, RIGHT, TOP, BOTTOM = 56, 12, 16, 32
STEPS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.25, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)


@dataclass(frozen=True)
class Point:
    """A value of a day; None makes a gap."""

    day: date
    value: float | None


@dataclass(frozen=True)
class Chart:
    """What the template draws, in units of the drawing.

    Args:
        lines: each unbroken stretch as SVG writes its points.
        dots: x, y, day and value of each point.
        levels: y and value of each line of the grid.
        days: x and day of each label.
        guide: y of the yardstick; None without one.
    """

    lines: Sequence[str]
    dots: Sequence[tuple[float, float, date, float]]
    levels: Sequence[tuple[float, float]]
    days: Sequence[tuple[float, date]]
    guide: float | None
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT
    base: int = HEIGHT - BOTTOM


def chart(points: Sequence[Point], *, guide: float | None = None, days_shown: int = 6) -> Chart | None:
    """The drawing of a series; None with fewer than two known days, which make no line.

    Args:
        points: by day.
        guide: a yardstick, drawn as a dashed line.
        days_shown: most days that are named on the axis.
    """
    known = [(point.day, point.value) for point in points if point.value is not None]
    if len(known) < 2:
        return None
    first, span = points[0].day, max(1, (points[-1].day - points[0].day).days)
    step = _step(max(*(value for _day, value in known), guide or 0.0))
    highest = step * 4

    def across(day: date) -> float:
        return round(LEFT + (WIDTH - LEFT - RIGHT) * (day - first).days / span, 1)

    def down(value: float) -> float:
        return round(HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * value / highest, 1)

    named = points[:: max(1, -(-len(points) // days_shown))]
    return Chart(
        lines=[
            " ".join(f"{across(day)},{down(value)}" for day, value in stretch)
            for stretch in _stretches(points)
        ],
        dots=[(across(day), down(value), day, value) for day, value in known],
        levels=[(down(step * number), step * number) for number in range(5)],
        days=[(across(point.day), point.day) for point in named],
        guide=None if guide is None else down(guide),
    )


def _step(highest: float) -> float:
    """A round step of the grid, four of which reach over the highest value."""
    return next((step for step in STEPS if step * 4 >= highest), highest / 4)


def _stretches(points: Sequence[Point]) -> list[list[tuple[date, float]]]:
    found: list[list[tuple[date, float]]] = [[]]
    for point in points:
        if point.value is None:
            found.append([])
        else:
            found[-1].append((point.day, point.value))
    return [stretch for stretch in found if len(stretch) > 1]
