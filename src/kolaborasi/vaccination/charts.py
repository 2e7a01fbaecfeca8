"""Drawings of the page on coverage as SVG, made on the server; the tables beside them say the same in numbers. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

WIDTH, HEIGHT = 640, 240
LEFT, RIGHT, TOP, BOTTOM = 56, 12, 16, 32
NAMES, EDGE = 150, 30
ROW = 34


@dataclass(frozen=True)
class Mark:
    """A line of the grid, or a label of an axis, at its place in the drawing."""

    at: float
    value: float = 0.0
    text: str = ""


@dataclass(frozen=True)
class Piece:
    """One part of a column or bar.

    Args:
        x, y, width, height: in units of the drawing.
        kind: number of its colour and pattern, from 0.
    """

    x: float
    y: float
    width: float
    height: float
    kind: int
    text: str
    value: float


@dataclass(frozen=True)
class Columns:
    """Stacked columns by day."""

    pieces: Sequence[Piece]
    levels: Sequence[Mark]
    days: Sequence[Mark]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT
    base: int = HEIGHT - BOTTOM


def stacked(
    days: Sequence[date], series: Mapping[str, Mapping[date, int]], *, named: int = 6
) -> Columns | None:
    """Columns of `days`, each stacked from the series in their order; None when everything is 0.

    Args:
        series: doses by day for each name; a day that is absent counts 0.
        named: most days that are named on the axis.
    """
    sums = [sum(values.get(day, 0) for values in series.values()) for day in days]
    highest = max(sums, default=0)
    if not highest:
        return None
    top = _round_up(highest)
    step = (WIDTH - LEFT - RIGHT) / len(days)
    scale = (HEIGHT - TOP - BOTTOM) / top
    pieces = []
    for turn, day in enumerate(days):
        base = float(HEIGHT - BOTTOM)
        for kind, (name, values) in enumerate(series.items()):
            tall = values.get(day, 0) * scale
            base -= tall
            if tall:
                x = round(LEFT + turn * step + step * 0.15, 1)
                box = (x, round(base, 1), round(step * 0.7, 1), round(tall, 1))
                pieces.append(Piece(*box, kind, f"{name}, {day.isoformat()}", values[day]))
    every = max(1, -(-len(days) // named))
    return Columns(
        pieces=pieces,
        levels=[Mark(round(HEIGHT - BOTTOM - top * part * scale, 1), top * part) for part in (0, 0.5, 1)],
        days=[
            Mark(round(LEFT + (turn + 0.5) * step, 1), text=day.isoformat())
            for turn, day in enumerate(days)
            if turn % every == 0
        ],
    )


def _round_up(number: int) -> int:
    """The next number of one significant figure, even, so that its half is whole."""
    size = 10 ** (len(str(number)) - 1)
    top = -(-number // size) * size
    return int(top if top % 2 == 0 else top + size if size > 1 else top + 1)


@dataclass(frozen=True)
class Bar:
    """Two bars of an area: its residents, and what was given there."""

    y: float
    name: str
    residents: float
    given: float
    residents_share: float
    given_share: float


@dataclass(frozen=True)
class Bars:
    """Shares by area, from 0 to at least 100 per cent."""

    bars: Sequence[Bar]
    levels: Sequence[Mark]
    height: int
    width: int = WIDTH
    left: int = NAMES
    right: int = WIDTH - EDGE


def shares_by_area(rows: Sequence[tuple[str, float | None, float | None]]) -> Bars | None:
    """Bars of `(name, share of residents, doses given there for each resident)`; None without any share.

    Areas without a published target have no share and are left out.
    """
    known = [(name, share, given or 0.0) for name, share, given in rows if share is not None]
    if not known:
        return None
    most = max(1.0, *(max(share, given) for _name, share, given in known))
    scale = (WIDTH - NAMES - EDGE) / most
    return Bars(
        bars=[
            Bar(TOP + turn * ROW, name, round(share * scale, 1), round(given * scale, 1), share, given)
            for turn, (name, share, given) in enumerate(known)
        ],
        levels=[Mark(round(NAMES + part * scale, 1), part) for part in (0.0, 0.5, 1.0)],
        height=TOP + len(known) * ROW + BOTTOM,
    )
