"""What a plan changes, in numbers: coverage of the needs before and after it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kolaborasi.optimisation.measures import gini

IntArray = NDArray[np.int64]


@dataclass(frozen=True)
class Effect:
    """How evenly and how far the open lines of some needs are covered.

    Args:
        lines, without_help: open lines, and those of them nobody has promised anything to.
        needed, promised: units; of several items together they say little, so pages show them item by item.
        least, mean: smallest and unweighted mean coverage (promised / needed) of the lines, 0 to 1.
        gini: Gini coefficient of the lines' coverage; 0 is all alike.
        kilometres: sum over the planned units of the road they travel, estimated.
    """

    lines: int
    without_help: int
    needed: int
    promised: int
    least: float
    mean: float
    gini: float
    kilometres: float = 0.0


def effect(needed: IntArray, promised: IntArray, kilometres: float = 0.0) -> Effect:
    """The effect of promises (m,) on lines that need (m,) units, all above zero."""
    shares = np.minimum(promised / needed, 1.0) if len(needed) else np.ones(0)
    return Effect(
        lines=len(needed),
        without_help=int((promised == 0).sum()),
        needed=int(needed.sum()),
        promised=int(promised.sum()),
        least=float(shares.min(initial=1.0)),
        mean=float(shares.mean()) if len(shares) else 1.0,
        gini=gini(shares),
        kilometres=round(kilometres, 1),
    )


def effects(
    items: IntArray,
    codes: Mapping[int, str],
    needed: IntArray,
    promised: IntArray,
    kilometres: Mapping[int, float],
) -> dict[str, Any]:
    """The effect on all lines together and for each item, as JSON: `{"all": {…}, "items": {code: {…}}}`.

    Args:
        items: (m,) item of each line.
        codes: item code by item.
        kilometres: of the planned units, by item.
    """
    by_item = {
        codes[item]: asdict(effect(needed[items == item], promised[items == item], kilometres.get(item, 0.0)))
        for item in np.unique(items).tolist()
    }
    return {"all": asdict(effect(needed, promised, sum(kilometres.values()))), "items": by_item}
