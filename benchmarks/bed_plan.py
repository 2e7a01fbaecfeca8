"""The batch plan of beds against the bare solver: 5,000 patients, 190 hospitals x 11 classes.

    python -m benchmarks.bed_plan [--small] [--repeat N]

Patients of 261 kelurahan with severities as a wave brings them, the needs of the room's own table of substitutions, a
tenth of the beds free. The city is generated; places, costs and classes follow the room's own rules.

whole  `hospitals.plan.plan`: prices that serve the earliest first, all fitting pairs as arcs, one engine run, reading who
       goes where out of the flow.
bare   pylmcf (LEMON's network simplex) on the same arcs, sorted and priced: Graph, solve(), result(). Making the arrays
       is not counted.

Seconds of one core's time (process_time), the best of --repeat runs, whole and bare by turns. The run fails when the
plan's cost is not the bare solver's.
"""

from __future__ import annotations

import argparse
import json
import platform
import time
from pathlib import Path

import numpy as np

from kolaborasi.hospitals.classes import BedClass
from kolaborasi.hospitals.plan import UNFIT, Situation, network, plan
from kolaborasi.hospitals.ranking import WEIGHTS
from kolaborasi.hospitals.rules import AgeGroup, Severity, Wish, fitting
from kolaborasi.optimisation.flow import Network, exact_sum, load
from kolaborasi.optimisation.travel import points, travel_minutes

RESULT = Path(__file__).parent / "results" / "bed_plan.json"
KELURAHAN = 261
GOAL = 1.5
WISHES = (
    (0.22, Wish(severity=Severity.MODERATE, age=AgeGroup.ADULT)),
    (0.14, Wish(severity=Severity.MODERATE, age=AgeGroup.ADULT, isolation=True)),
    (0.36, Wish(severity=Severity.SEVERE, age=AgeGroup.ADULT)),
    (0.14, Wish(severity=Severity.CRITICAL, age=AgeGroup.ADULT)),
    (0.06, Wish(severity=Severity.CRITICAL, age=AgeGroup.ADULT, ventilator=True)),
    (0.05, Wish(severity=Severity.MODERATE, age=AgeGroup.CHILD)),
    (0.03, Wish(severity=Severity.SEVERE, age=AgeGroup.NEONATE)),
)
CLASSES = tuple(
    BedClass(name)
    for name in (
        *("icu-np-vent", "icu-np", "icu-vent", "icu", "hcu"),
        *("isolation-np", "isolation", "nicu", "picu", "perinatology", "ed"),
    )
)


def city(patients: int, hospitals: int, seed: int = 2021) -> Situation:
    """A queue and its beds; the earlier half of a group is not told from the later one, as in `live_situation`."""
    rng = np.random.default_rng(seed)
    homes = rng.uniform([-6.37, 106.68], [-6.09, 106.97], (KELURAHAN, 2))
    houses = rng.uniform([-6.34, 106.71], [-6.11, 106.95], (hospitals, 2))
    wish = rng.choice(len(WISHES), patients, p=[share for share, _wish in WISHES])
    severity = np.array([int(each.severity) for _share, each in WISHES])
    # The queue: the severest first, then the longest waiting.
    wish = wish[np.argsort(-severity[wish], kind="stable")]
    key = rng.integers(0, KELURAHAN, patients) * len(WISHES) + wish
    kinds, group = np.unique(key, return_inverse=True)
    minutes = np.repeat(
        travel_minutes(points(homes), points(houses), vehicle="car", hour=9), len(CLASSES), axis=1
    )[kinds // len(WISHES)]
    grades = [[fitting(each).get(bed_class, -1) for bed_class in CLASSES] for _share, each in WISHES]
    grade = np.tile(np.array(grades), hospitals)[kinds % len(WISHES)]
    pools = hospitals * len(CLASSES)
    staffed = rng.integers(2, 45, pools)
    left = rng.binomial(staffed, 0.10)
    waiting = rng.uniform(0, 40, pools)
    cost = np.rint(60 * (minutes + WEIGHTS.grade * grade + waiting)).astype(np.int64)
    return Situation(
        patient=np.arange(patients),
        group=group.astype(np.int64),
        pool=np.arange(pools),
        left=left.astype(np.int64),
        staffed=staffed.astype(np.int64),
        cost=np.where(grade < 0, UNFIT, cost),
        minutes=minutes,
        grade=grade,
    )


def ready_made(drawn: Network) -> Network:
    """The same problem as the engine wants it: arcs sorted, no cost below zero.

    Every patient leaves the source once, by the arc of a bed or by that of waiting, so that a constant on all of these
    arcs adds the same to every flow.
    """
    leaving = drawn.starts == 0
    costs = np.where(leaving, drawn.costs - drawn.costs.min(), drawn.costs)
    order = np.lexsort((drawn.ends, drawn.starts))
    columns = (drawn.starts, drawn.ends, drawn.capacities, costs)
    return Network(*(column[order] for column in columns), drawn.supplies)


def bare(drawn: Network) -> int:
    """Cost of the bare solver's flow on arcs in order."""
    graph = load(drawn)
    graph.solve()
    return exact_sum(np.asarray(graph.result()), drawn.costs)


def cost_of(situation: Situation, drawn: Network) -> int:
    """Cost of the plan in the prices of the network: what its patients are worth, and what their beds cost."""
    made = plan(situation)
    return made.total + int(drawn.costs[made.patient].sum())


def measure(situation: Situation, repeat: int) -> dict[str, object]:
    """All numbers of one run."""
    drawn = network(situation)
    ready = ready_made(drawn)
    expected = bare(ready) + int(drawn.costs.min()) * len(situation.patient)
    found = cost_of(situation, drawn)
    if found != expected:
        raise SystemExit(f"the plan costs {found}, the optimum {expected}")
    whole, alone = [], []
    for _turn in range(repeat):
        for work, seconds in (
            (lambda: plan(situation), whole),
            (lambda: bare(ready), alone),
        ):
            started = time.process_time()
            work()
            seconds.append(time.process_time() - started)
    made = plan(situation)
    return {
        "patients": len(situation.patient),
        "pools": len(situation.pool),
        "groups": len(situation.cost),
        "arcs": len(drawn),
        "free beds": int(situation.left.sum()),
        "placed": len(made),
        "seconds": {"whole": round(min(whole), 3), "bare": round(min(alone), 3)},
        "whole / bare": round(min(whole) / min(alone), 2),
        "python": platform.python_version(),
        "machine": platform.machine(),
    }


def main() -> None:
    """Measure, print, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", action="store_true", help="a tenth of it; the result file is left alone")
    parser.add_argument("--repeat", type=int, default=3)
    options = parser.parse_args()
    found = measure(city(500, 40) if options.small else city(5_000, 190), options.repeat)
    print(json.dumps(found, indent=2))
    if options.small:
        return
    RESULT.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    if found["whole / bare"] > GOAL:  # type: ignore[operator]
        raise SystemExit(f"missed: {GOAL}")


if __name__ == "__main__":
    main()
