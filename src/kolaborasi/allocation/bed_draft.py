"""A bed plan on live data, not stored: who goes where, who moves, which hospitals should convert beds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np

from kolaborasi.allocation.errors import NobodyWaits
from kolaborasi.allocation.states import BedLineKind
from kolaborasi.hospitals.plan import TARGET, Assignment, Situation, first_come_first_served, plan
from kolaborasi.hospitals.queries import Conversion, Live, conversions, live_situation, named_pools
from kolaborasi.hospitals.queries.referrals import referrals

Numbers = dict[str, Any]


@dataclass(frozen=True)
class BedDraftLine:
    """A line as planned; the columns of `BedLine`.

    Args:
        reason: `best-bed`, `better-taken` (all beds that suit this patient better go to others), `spared` (one of them
            is left free, since its hospital is fuller than the target), `shortfall` (the bed is gone), `over-target`.
        numbers: what the reason says, by code.
    """

    kind: str
    referral_id: int | None
    leaves_id: int | None
    hospital_id: int
    bed_class: str
    pool_id: int | None
    beds: int
    minutes: float
    reason: str
    numbers: Numbers


@dataclass(frozen=True)
class BedDraft:
    """A bed plan nobody has stored."""

    lines: list[BedDraftLine]
    before: Numbers
    after: Numbers
    baseline: Numbers
    certificate: Numbers
    parameters: Numbers


def draft_beds(*, now: datetime, target: float = TARGET) -> BedDraft:
    """Plan everybody who waits and every bed left; reads, writes nothing. The same data give the same plan.

    Args:
        target: share of a pool's beds above which the plan looks elsewhere first, and above which beds are to be
            converted.

    Raises:
        NobodyWaits: nobody waits for a bed and no class is above the target.
    """
    live = live_situation(now)
    made = plan(live.situation, target)
    left_out = _left_waiting(live, made)
    converted = conversions(target=target, unplaced=referrals().filter(pk__in=left_out))
    if not live.waiting and not converted:
        raise NobodyWaits
    baseline = first_come_first_served(live.situation, target)
    return BedDraft(
        lines=[*_placements(live, made), *(_conversion(each) for each in converted)],
        before=_effect(live.situation, None),
        after=_effect(live.situation, made),
        baseline=_effect(live.situation, baseline),
        certificate={
            "optimal": True,
            "served": len(made),
            "cost": made.total,
            "baseline_cost": baseline.total,
        },
        parameters={"target": target},
    )


def _left_waiting(live: Live, made: Assignment) -> list[int]:
    served = set(made.patient.tolist())
    return [
        each.referral for row, each in enumerate(live.waiting) if row not in served and not each.placement
    ]


def _placements(live: Live, made: Assignment) -> list[BedDraftLine]:
    situation = live.situation
    classes = {pk: pool.bed_class for pk, pool in named_pools(situation.pool[made.pool].tolist()).items()}
    after = situation.left - np.bincount(made.pool, minlength=len(situation.pool))
    lines = []
    for patient, pool, cost in zip(
        made.patient.tolist(), made.pool.tolist(), made.cost.tolist(), strict=True
    ):
        who, group = live.waiting[patient], situation.group[patient]
        costs = situation.cost[group]
        suits_better = (costs >= 0) & (costs < cost) & (situation.left > 0)
        better = int(situation.left[suits_better].sum())
        spared = bool((after[suits_better] > 0).any())
        moves = who.placement is not None
        minutes = float(situation.minutes[group, pool])
        lines.append(
            BedDraftLine(
                kind=BedLineKind.TRANSFER if moves else BedLineKind.PLACEMENT,
                referral_id=who.referral,
                leaves_id=who.placement,
                hospital_id=int(live.hospital[pool]),
                bed_class=classes[int(situation.pool[pool])],
                pool_id=int(situation.pool[pool]),
                beds=1,
                minutes=round(minutes, 1),
                reason=_reason(moves=moves, better=better, spared=spared),
                numbers={
                    "position": patient + 1,
                    "grade": int(situation.grade[group, pool]),
                    "better": better,
                    "left": int(situation.left[pool]),
                    "stale": bool(live.stale[pool]),
                },
            )
        )
    return lines


def _reason(*, moves: bool, better: int, spared: bool) -> str:
    if moves:
        return "shortfall"
    if not better:
        return "best-bed"
    return "spared" if spared else "better-taken"


def _conversion(each: Conversion) -> BedDraftLine:
    return BedDraftLine(
        kind=BedLineKind.CONVERSION,
        referral_id=None,
        leaves_id=None,
        hospital_id=each.hospital,
        bed_class=str(each.bed_class),
        pool_id=None,
        beds=each.beds,
        minutes=0.0,
        reason="over-target",
        numbers={"short": each.short, "occupancy": round(each.occupancy, 4)},
    )


def _effect(situation: Situation, made: Assignment | None) -> Numbers:
    """Who waits and who is placed, how far they are driven, beds above the target; of nobody placed without a plan."""
    waiting = len(situation.patient)
    if made is None or not len(made):
        return {"waiting": waiting, "placed": 0, "mean_minutes": None, "longest_minutes": None, "over": 0}
    minutes = situation.minutes[situation.group[made.patient], made.pool]
    return {
        "waiting": waiting - len(made),
        "placed": len(made),
        "mean_minutes": round(float(np.mean(minutes)), 1),
        "longest_minutes": round(float(minutes.max()), 1),
        "over": made.over,
    }
