"""A week of the testing network with a lab outage: planned dispatch against fixed contracts.

    python -m benchmarks.dispatch_week [--small] [--output FILE]

The same city, swabs, labs, runs and outage meet every policy; only who goes where differs. The city is generated: sites
with uneven demand, labs of different size that are mostly closed at the weekend, five courier rounds a day, swabs that
fill 85 per cent of what all labs together can read. On Wednesday at 8:00 the largest lab stops for 48 hours; what its
machines have begun is read, everything else that was to be read there in that time is planned again.

network     `diagnostics.dispatch.assign` at every round, over the runs of the next four days.
balanced    each site has its lab: contracts made once, nearest first, so that no lab gets more than its share of what
            it can read in a week. During the outage its specimens wait for it.
nearest     each site has the nearest lab.

For each: hours from swab to reading, median and 95th percentile over all specimens of the week; how many were spoilt,
because no run began within 72 hours of the swab. Those count as 72 hours: the person has to come again. The run fails when the network is not better than both
contracts on median, on the 95th percentile and on spoilt specimens.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, timedelta
from pathlib import Path

import numpy as np

from kolaborasi.diagnostics.dispatch import (
    Assignment,
    Dispatch,
    Groups,
    IntArray,
    Runs,
    assign,
    fixed_contracts,
)
from kolaborasi.diagnostics.rules.capacity import MachineFacts, ShiftFacts, run_slots

RESULT = Path(__file__).parent / "results" / "dispatch_week.json"
MONDAY = date(2021, 7, 12)
DAY = 1440
DAYS = 7
ROUNDS = (9, 12, 15, 18, 21)
SWAB_HOURS = range(7, 20)
LOAD = 0.85
KEEPS = 72 * 60
OUTAGE = (2 * DAY + 8 * 60, 4 * DAY + 8 * 60)
HORIZON = 4 * DAY
SHARE_OF_PRIORITY = ((4, 0.10), (2, 0.25), (1, 0.65))
Policy = Callable[[Dispatch], Assignment]


@dataclass(frozen=True)
class City:
    """Travel minutes (sites + labs, labs): a lab can be an origin too; runs of two weeks; swabs as rows of site,
    minute, weight, how many."""

    travel: np.ndarray
    sites: int
    runs: Runs
    swabs: np.ndarray
    broken: int
    weekly: IntArray


def city(sites: int, labs: int, seed: int = 2021) -> City:
    """The generated city; see the module."""
    rng = np.random.default_rng(seed)
    site_km, lab_km = rng.uniform(0, [28, 26], (sites, 2)), rng.uniform(0, [28, 26], (labs, 2))
    origins = np.concatenate([site_km, lab_km])
    km = np.linalg.norm(origins[:, None] - lab_km, axis=2)
    runs = _runs(labs, rng)
    week = runs.starts < DAYS * DAY
    weekly = np.bincount(runs.lab[week], weights=runs.places[week], minlength=labs).astype(np.int64)
    swabs = _swabs(sites, int(weekly.sum() * LOAD), rng)
    travel = np.rint(km * 1.4 * 60 / 27).astype(np.int32) + 15
    return City(travel, sites, runs, swabs, int(weekly.argmax()), weekly)


def _runs(labs: int, rng: np.random.Generator) -> Runs:
    rows = []
    for lab in range(labs):
        machines = [MachineFacts(96, int(rng.choice([90, 120, 180])))] * int(rng.integers(1, 5))
        hours, weekend = int(rng.choice([8, 16, 24])), rng.random() < 0.3
        opens = 0 if hours == 24 else 480
        weekdays = range(7) if weekend else range(5)
        shifts = [ShiftFacts(day, opens, min(hours * 60, DAY - opens + 240), 4) for day in weekdays]
        for number in range(2 * DAYS):
            day = MONDAY + timedelta(days=number)
            for slot in run_slots(
                day=day, machines=machines, shifts=shifts, preparation_minutes=60, zone=UTC
            ):
                times = [
                    int((at.replace(tzinfo=None) - _midnight()).total_seconds() // 60)
                    for at in (slot.cut_off_at, slot.starts_at, slot.results_at)
                ]
                rows.append((lab, lab, *times, slot.specimens))
    return Runs(*np.array(rows, dtype=np.int64).T.copy())


def _midnight():  # type: ignore[no-untyped-def]
    from datetime import datetime

    return datetime(MONDAY.year, MONDAY.month, MONDAY.day)  # noqa: DTZ001


def _swabs(sites: int, total: int, rng: np.random.Generator) -> np.ndarray:
    """Rows (site, minute, weight, number): uneven over sites, fewer at the weekend."""
    of_day = np.array([1.2, 1.1, 1.1, 1.0, 1.0, 0.8, 0.6])
    share = rng.dirichlet(np.full(sites, 1.0))[:, None, None] * of_day[None, :, None]
    share = np.repeat(share, len(SWAB_HOURS), axis=2)
    weights, priorities = zip(*SHARE_OF_PRIORITY, strict=True)
    cells = (share[..., None] * np.array(priorities)).ravel()
    numbers = rng.multinomial(total, cells / cells.sum()).reshape(*share.shape, 3)
    site, day, hour, priority = np.nonzero(numbers)
    minute = day * DAY + (np.array(SWAB_HOURS)[hour]) * 60
    return np.stack([site, minute, np.array(weights)[priority], numbers[site, day, hour, priority]], axis=1)


def simulate(place: City, policy: Policy) -> dict[str, float]:
    """Round after round until everything is read or spoilt."""
    places = place.runs.places.copy()
    waiting = np.zeros((0, 4), dtype=np.int64)
    done = np.zeros((0, 5), dtype=np.int64)
    swabs, spoilt = place.swabs, 0
    start, end = OUTAGE
    stopped = (place.runs.lab == place.broken) & (place.runs.starts >= start) & (place.runs.starts < end)
    known = False
    for now in (day * DAY + hour * 60 for day in range(2 * DAYS) for hour in ROUNDS):
        if now >= start and not known:
            # Nobody knew before: what was to be read there is free again, where the broken lab is.
            known = True
            places[stopped] = 0
            lost = stopped[done[:, 4]]
            back = done[lost]
            waiting = np.concatenate([waiting, _from_lab(back, place)])
            done = done[~lost]
        taken = swabs[:, 1] <= now
        waiting, swabs = np.concatenate([waiting, swabs[taken]]), swabs[~taken]
        too_old = waiting[:, 1] + KEEPS < now
        spoilt += int(waiting[too_old, 3].sum())
        waiting = waiting[~too_old]
        if not len(waiting):
            continue
        problem, rows = _problem(place, waiting, places, now)
        found = policy(problem)
        np.subtract.at(places, rows[found.run], found.amount)
        batch = np.column_stack([waiting[found.group][:, :3], found.amount, rows[found.run]])
        done = np.concatenate([done, batch])
        waiting = np.column_stack([waiting[:, :3], found.waits])
        waiting = waiting[waiting[:, 3] > 0]
    spoilt += int(waiting[:, 3].sum())
    hours = np.repeat((place.runs.results[done[:, 4]] - done[:, 1]) / 60, done[:, 3])
    median, p95 = np.percentile(np.append(hours, np.full(spoilt, KEEPS / 60)), [50, 95])
    return {
        "read": len(hours),
        "spoilt": spoilt,
        "median_hours": round(float(median), 2),
        "p95_hours": round(float(p95), 2),
    }


def _from_lab(batches: np.ndarray, place: City) -> np.ndarray:
    """Batches of the broken lab as waiting again; their origin is the lab, or its site for a policy of contracts."""
    return np.column_stack([np.full(len(batches), place.sites + place.broken), batches[:, 1:4]])


def _problem(place: City, waiting: np.ndarray, places: IntArray, now: int) -> tuple[Dispatch, IntArray]:
    runs = place.runs
    rows = np.flatnonzero((runs.cut_off >= now) & (runs.starts < now + HORIZON) & (places > 0))
    labs = place.travel.shape[1]
    some = Runs(
        *(column[rows] for column in (runs.lab, runs.day, runs.cut_off, runs.starts, runs.results)),
        places[rows],
    )
    groups = Groups(
        site=waiting[:, 0],
        amount=waiting[:, 3],
        leaves=np.full(len(waiting), now),
        collected=waiting[:, 1],
        deadline=waiting[:, 1] + KEEPS,
        weight=waiting[:, 2],
        level=np.full(len(waiting), 2),
    )
    plenty = np.full(labs, 10**7, dtype=np.int64)
    return Dispatch(groups, some, place.travel, np.arange(labs), plenty, plenty, np.full(labs, 2)), rows


def balanced(place: City) -> IntArray:
    """Contracts (origins,): the largest sites first, each to the nearest lab with a share left; a lab keeps its own."""
    load = np.bincount(place.swabs[:, 0], weights=place.swabs[:, 3], minlength=place.sites)
    left = place.weekly * LOAD * 1.05
    contracts = np.arange(-place.sites, place.travel.shape[1])
    for site in np.argsort(-load):
        near = np.argsort(place.travel[site], kind="stable")
        fitting = near[left[near] >= load[site]]
        chosen = int(fitting[0]) if len(fitting) else int(left.argmax())
        left[chosen] -= load[site]
        contracts[site] = chosen
    return contracts.astype(np.int64)


def main() -> None:
    """Simulate, print, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", action="store_true")
    parser.add_argument("--output", type=Path, default=RESULT)
    options = parser.parse_args()
    place = city(20, 8) if options.small else city(100, 40)
    contracts = balanced(place)
    found = {
        "network": simulate(place, assign),
        "balanced": simulate(place, lambda problem: fixed_contracts(problem, contracts)),
        "nearest": simulate(place, fixed_contracts),
    }
    facts = {"specimens": int(place.swabs[:, 3].sum()), "sites": place.sites, "labs": place.travel.shape[1]}
    print(json.dumps({**facts, **found}, indent=2))
    if not options.small:
        options.output.parent.mkdir(exist_ok=True)
        options.output.write_text(json.dumps({**facts, **found}, indent=2) + "\n", encoding="utf-8")
    for name in ("balanced", "nearest"):
        for number in ("median_hours", "p95_hours", "spoilt"):
            if found["network"][number] > found[name][number]:
                raise SystemExit(f"the network's {number} is not better than that of {name} contracts")


if __name__ == "__main__":
    main()
