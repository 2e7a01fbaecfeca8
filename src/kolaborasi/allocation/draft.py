"""A plan on live data, not stored: lines with reasons, effect before and after, certificate."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kolaborasi.aid.queries import items
from kolaborasi.allocation.effect import effects
from kolaborasi.allocation.live import HOUR, VEHICLE, Live, live_problem
from kolaborasi.optimisation import Fairness, Plan, Stop, explain, first_come_first_served, solve

IntArray = NDArray[np.int64]
Numbers = dict[str, Any]


@dataclass(frozen=True)
class DraftLine:
    """A line as planned: so many units of an offer for a need line, way and time estimated, reason with numbers."""

    offer_id: int
    need_line_id: int
    quantity: int
    distance_km: float
    minutes: float
    reason: str
    numbers: Numbers


@dataclass(frozen=True)
class Draft:
    """A plan nobody has stored."""

    lines: list[DraftLine]
    before: Numbers
    after: Numbers
    baseline: Numbers
    certificate: Numbers
    parameters: Numbers


def draft(*, today: date, fairness: Fairness | None = None, seed: int = 0, stop: Stop | None = None) -> Draft:
    """Plan the open needs and offers of aid; reads, writes nothing.

    Args:
        seed: same data and seed, same plan.

    Raises:
        NothingToPlan: no open need and offer of the same item.
    """
    fairness, stop = fairness or Fairness(), stop or Stop()
    live = live_problem(today=today, fairness=fairness)
    plan = solve(live.problem, stop, seed)
    codes = {item.pk: item.code for item in items()}
    return Draft(
        lines=_lines(live, plan),
        before=_effects(live, None, codes),
        after=_effects(live, plan, codes),
        baseline=_effects(live, first_come_first_served(live.problem), codes),
        certificate=_certificate(plan),
        parameters={
            "seed": seed,
            "fairness": fairness.rule.value,
            "bands": fairness.bands,
            "gap": stop.gap,
            "fingerprint": live.fingerprint,
            "vehicle": VEHICLE,
            "hour": HOUR,
        },
    )


def _planned(live: Live, plan: Plan) -> IntArray:
    """Rows of the plan that are new: not the promises made before."""
    return np.flatnonzero(plan.supply < len(live.offers))


def _lines(live: Live, plan: Plan) -> list[DraftLine]:
    explained = explain(live.problem, plan)
    least = {item: live.covered[live.items == item].min() for item in np.unique(live.items).tolist()}
    rows = _planned(live, plan)
    ways = live.kilometres(plan.supply[rows], plan.demand[rows])
    lines = []
    for row, way in zip(rows.tolist(), ways.tolist(), strict=True):
        why, demand = explained[row], int(plan.demand[row])
        covered = float(live.covered[demand])
        numbers = {
            "covered": round(covered, 4),
            "least": bool(covered == least[int(live.items[demand])]),
            "after": round(why.after, 4),
            "nearer": why.nearer,
        }
        lines.append(
            DraftLine(
                offer_id=int(live.offers[plan.supply[row]]),
                need_line_id=int(live.need_lines[demand]),
                quantity=int(plan.amount[row]),
                distance_km=round(way, 2),
                minutes=round((why.cost - 1) / 60, 1),
                reason=why.reason.value,
                numbers=numbers,
            )
        )
    return lines


def _effects(live: Live, plan: Plan | None, codes: Mapping[int, str]) -> Numbers:
    ids, items, needed, promised = (column.copy() for column in live.everything.T)
    kilometres: dict[int, float] = {}
    if plan is not None:
        rows = _planned(live, plan)
        position = {line: place for place, line in enumerate(ids.tolist())}
        where = [position[line] for line in live.need_lines[plan.demand[rows]].tolist()]
        np.add.at(promised, where, plan.amount[rows])
        ways = live.kilometres(plan.supply[rows], plan.demand[rows]) * plan.amount[rows]
        for item in np.unique(plan.item[rows]).tolist():
            kilometres[item] = float(ways[plan.item[rows] == item].sum())
    return effects(items, codes, needed, promised, kilometres)


def _certificate(plan: Plan) -> Numbers:
    found = plan.certificate
    return {**asdict(found), "relative_gap": found.relative_gap, "optimal": found.optimal}
