"""A dispatch plan from live data: what waits, what labs can still read, and the lines a person decides on."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import numpy as np
from django.db.models import Count, Q
from django.utils.timezone import get_default_timezone, localtime
from numpy.typing import NDArray

from kolaborasi.diagnostics.dispatch import (
    Assignment,
    Dispatch,
    Groups,
    IntArray,
    Runs,
    assign,
    fixed_contracts,
    turnaround_numbers,
)
from kolaborasi.diagnostics.models import Lab, LabDay, Priority, Specimen
from kolaborasi.diagnostics.queries.capacity import (
    machines_by_lab,
    reagents_by_lab,
    shifts_by_lab,
    working_labs,
)
from kolaborasi.diagnostics.rules.capacity import RunSlot, run_slots
from kolaborasi.diagnostics.states import LabState, SpecimenState
from kolaborasi.optimisation.travel import Points, points, travel_minutes
from kolaborasi.partners.models import Site
from kolaborasi.partners.states import PartnerState
from kolaborasi.places.rules import shore_of

VEHICLE = "motorcycle"
HANDLING_MINUTES = 15
"""Scanning at the door of the lab, beside the ride itself. An assumption."""
DAYS_AHEAD = 3
HOUR = 60
LARGE_BACKLOG = 15_000
"""Specimens that wait at once beyond those of a round of the peak day, a third of 45,000."""
WEIGHT = {Priority.URGENT: 4, Priority.HIGH: 2, Priority.ROUTINE: 1}
OPEN_STATES = ("held", "confirmed")
SAFETY = 2
"""Biosafety level every PCR specimen needs."""


@dataclass(frozen=True)
class Waiting:
    """A specimen that waits, as the planner sees it."""

    pk: int
    origin: int
    collected_at: datetime
    keeps_until: datetime
    priority: str


@dataclass(frozen=True)
class DraftLine:
    """Specimens from one site to one lab's day."""

    origin_id: int
    lab_id: int
    lab_day_id: int
    specimens: list[int]
    travel_minutes: int
    arrives_at: datetime
    results_at: datetime


@dataclass
class Draft:
    """A plan before anybody has decided on it.

    Args:
        waiting: how many specimens wait.
        expected, baseline: `planned`, `median_hours`, `p95_hours` of this plan and of fixed contracts.
    """

    waiting: int
    lines: list[DraftLine] = field(default_factory=list)
    expected: dict[str, float] = field(default_factory=dict)
    baseline: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Live:
    """The problem with the way back to our rows: specimens of each group, ids of sites, labs and days."""

    problem: Dispatch
    members: list[list[Waiting]]
    sites: list[int]
    labs: list[int]
    days: list[int]
    departs_at: datetime

    def at(self, minute: int) -> datetime:
        """The moment of a minute of the problem."""
        return self.departs_at + timedelta(minutes=int(minute))


def draft(*, departs_at: datetime) -> Draft:
    """Plan the round that leaves at a moment; nothing is written."""
    waiting = waiting_specimens()
    live = live_problem(waiting, departs_at=departs_at) if waiting else None
    if live is None:
        return Draft(waiting=len(waiting))
    best, fixed = assign(live.problem), fixed_contracts(live.problem)
    return Draft(
        waiting=len(waiting),
        lines=_lines(live, best),
        expected=turnaround_numbers(live.problem, best),
        baseline=turnaround_numbers(live.problem, fixed),
    )


def waiting_specimens() -> list[Waiting]:
    """Specimens on no manifest: at their sites, and in labs that cannot read them."""
    stuck = Q(state=SpecimenState.RECEIVED, lab__state__in=[LabState.DOWN, LabState.CLOSED])
    rows = (
        Specimen.objects.filter(Q(state=SpecimenState.COLLECTED) | stuck)
        .exclude(consignment__state__in=OPEN_STATES)
        .order_by("pk")
        .values_list("pk", "site", "lab__site", "collected_at", "keeps_until", "priority")
    )
    return [
        Waiting(pk, lab_site or site, collected_at, keeps_until, priority)
        for pk, site, lab_site, collected_at, keeps_until, priority in rows
    ]


def live_problem(waiting: list[Waiting], *, departs_at: datetime) -> Live | None:
    """The problem of a round, or None when no lab has a run and a day to offer."""
    labs = list(working_labs().filter(site__partner__state=PartnerState.ACTIVE).order_by("pk"))
    days = _days(labs, departs_at)
    runs, places = _runs(labs, days, departs_at)
    if not runs:
        return None
    sites = sorted({each.origin for each in waiting})
    groups, members = _groups(waiting, sites, departs_at)
    today = localtime(departs_at).date()
    reagents, queued = reagents_by_lab([lab.pk for lab in labs], today), _queued(labs)
    problem = Dispatch(
        groups=groups,
        runs=_columns(runs, places, departs_at),
        travel=_travel(sites, labs, departs_at),
        day_lab=_whole([row for row, _day in days]),
        day_left=_whole([day.left for _row, day in days]),
        reagents=_whole([max(0, reagents.get(lab.pk, 0) - queued.get(lab.pk, 0)) for lab in labs]),
        level=_whole([lab.biosafety for lab in labs]),
    )
    return Live(problem, members, sites, [lab.pk for lab in labs], [day.pk for _row, day in days], departs_at)


def _days(labs: list[Lab], departs_at: datetime) -> list[tuple[int, LabDay]]:
    """Days with something left to promise, each with the row of its lab."""
    rows = {lab.pk: row for row, lab in enumerate(labs)}
    today = localtime(departs_at).date()
    found = LabDay.objects.filter(
        lab__in=list(rows), date__gte=today - timedelta(days=1), date__lt=today + timedelta(days=DAYS_AHEAD)
    ).order_by("lab", "date")
    return [(rows[day.lab_id], day) for day in found]


def _runs(
    labs: list[Lab], days: list[tuple[int, LabDay]], departs_at: datetime
) -> tuple[list[tuple[int, int, RunSlot]], list[int]]:
    """Runs of the offered days that start after the departure, with places the lab's queue leaves free."""
    machines = machines_by_lab([lab.pk for lab in labs])
    shifts = shifts_by_lab([lab.pk for lab in labs])
    by_lab: dict[int, list[tuple[int, RunSlot]]] = defaultdict(list)
    for number, (row, day) in enumerate(days):
        lab = labs[row]
        for slot in run_slots(
            day=day.date,
            machines=machines[lab.pk],
            shifts=shifts[lab.pk],
            preparation_minutes=lab.preparation_minutes,
            zone=get_default_timezone(),
        ):
            if slot.starts_at > departs_at:
                by_lab[row].append((number, slot))
    runs, places, queued = [], [], _queued(labs)
    for row, slots in sorted(by_lab.items()):
        ahead = queued.get(labs[row].pk, 0)
        for number, slot in sorted(slots, key=lambda each: (each[1].starts_at, each[1].results_at)):
            busy = min(ahead, slot.specimens)
            ahead -= busy
            runs.append((row, number, slot))
            places.append(slot.specimens - busy)
    return _merged(runs, places)


def _merged(
    runs: list[tuple[int, int, RunSlot]], places: list[int]
) -> tuple[list[tuple[int, int, RunSlot]], list[int]]:
    """Machines of a lab that run at the same times are one run with the places of all."""
    together: dict[tuple[int, int, datetime, datetime, datetime], tuple[int, int]] = {}
    for number, ((row, day, slot), free) in enumerate(zip(runs, places, strict=True)):
        key = (row, day, slot.cut_off_at, slot.starts_at, slot.results_at)
        first, sum_of_free = together.get(key, (number, 0))
        together[key] = (first, sum_of_free + free)
    return [runs[first] for first, _free in together.values()], [free for _first, free in together.values()]


def _queued(labs: list[Lab]) -> dict[int, int]:
    """Specimens each lab has promised to read and has not begun: inside it, or on a manifest to it."""
    inside = Specimen.objects.filter(lab__in=labs, state=SpecimenState.RECEIVED).order_by()
    coming = Specimen.objects.filter(
        consignment__lab__in=labs,
        consignment__state__in=OPEN_STATES,
        state__in=[SpecimenState.COLLECTED, SpecimenState.IN_TRANSIT],
    ).order_by()
    found: dict[int, int] = defaultdict(int)
    for rows, column in ((inside, "lab"), (coming, "consignment__lab")):
        for lab, number in rows.values_list(column).annotate(n=Count("pk")):
            found[lab] += number
    return found


def _groups(
    waiting: list[Waiting], sites: list[int], departs_at: datetime
) -> tuple[Groups, list[list[Waiting]]]:
    """Equal specimens together: same site, hour of the swab, hour of the deadline, priority.

    Of a large backlog three hours are taken together; who expires first still goes first within them.
    """
    rows = {site: row for row, site in enumerate(sites)}
    width = HOUR if len(waiting) <= LARGE_BACKLOG else 3 * HOUR
    together: dict[tuple[int, int, int, int], list[Waiting]] = defaultdict(list)
    for each in waiting:
        key = (
            rows[each.origin],
            _minute(each.collected_at, departs_at) // width,
            _minute(each.keeps_until, departs_at) // width,
            WEIGHT[Priority(each.priority)],
        )
        together[key].append(each)
    site, collected, deadline, weight = (_whole(list(column)) for column in zip(*together, strict=True))
    members = list(together.values())
    size = len(members)
    groups = Groups(
        site=site,
        amount=_whole([len(each) for each in members]),
        leaves=np.zeros(size, dtype=np.int64),
        collected=collected * width,
        deadline=deadline * width,
        weight=weight,
        level=np.full(size, SAFETY, dtype=np.int64),
    )
    return groups, members


def _columns(runs: list[tuple[int, int, RunSlot]], places: list[int], departs_at: datetime) -> Runs:
    return Runs(
        lab=_whole([row for row, _day, _slot in runs]),
        day=_whole([day for _row, day, _slot in runs]),
        cut_off=_whole([_minute(slot.cut_off_at, departs_at) for _row, _day, slot in runs]),
        starts=_whole([_minute(slot.starts_at, departs_at) for _row, _day, slot in runs]),
        results=_whole([_minute(slot.results_at, departs_at) for _row, _day, slot in runs]),
        places=_whole(places),
    )


def _travel(sites: list[int], labs: list[Lab], departs_at: datetime) -> NDArray[np.int32]:
    """Minutes (sites, labs) from the site's door to the lab's scanner, estimated."""
    origins = Site.objects.filter(pk__in=sites).select_related("place").in_bulk()
    minutes = travel_minutes(
        _points([origins[pk] for pk in sites]),
        _points([lab.site for lab in labs]),
        vehicle=VEHICLE,
        hour=localtime(departs_at).hour,
    )
    return np.rint(minutes).astype(np.int32) + HANDLING_MINUTES


def _points(sites: list[Site]) -> Points:
    positions = [_position(site) for site in sites]
    return points(positions, [shore_of(site.place.code) for site in sites])


def _position(site: Site) -> tuple[float, float]:
    here = site if site.latitude is not None else site.place
    return here.latitude or 0.0, here.longitude or 0.0


def _lines(live: Live, done: Assignment) -> list[DraftLine]:
    """Lines by site and day; within a group the specimens that expire first go to the earliest run."""
    queues = [sorted(each, key=lambda one: (one.keeps_until, one.pk)) for each in live.members]
    runs = live.problem.runs
    order = np.argsort(runs.results[done.run], kind="stable")
    tubes: dict[tuple[int, int], list[int]] = defaultdict(list)
    last: dict[tuple[int, int], int] = defaultdict(lambda: -(10**9))
    for group, run, amount in zip(
        *(column[order].tolist() for column in (done.group, done.run, done.amount)), strict=True
    ):
        key = (int(live.problem.groups.site[group]), int(runs.day[run]))
        tubes[key] += [each.pk for each in queues[group][:amount]]
        del queues[group][:amount]
        last[key] = max(last[key], int(runs.results[run]))
    lines = []
    for (site, day), specimens in sorted(tubes.items()):
        lab = int(live.problem.day_lab[day])
        way = int(live.problem.travel[site, lab])
        lines.append(
            DraftLine(
                origin_id=live.sites[site],
                lab_id=live.labs[lab],
                lab_day_id=live.days[day],
                specimens=sorted(specimens),
                travel_minutes=way,
                arrives_at=live.at(way),
                results_at=live.at(last[site, day]),
            )
        )
    return lines


def _minute(at: datetime, zero: datetime) -> int:
    return int((at - zero).total_seconds() // 60)


def _whole(values: list[int]) -> IntArray:
    return np.array(values, dtype=np.int64)
