"""What a lab can do in a day, from machines, shifts and reagents; and the runs it will make."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from enum import StrEnum

CONTROLS = 2
"""Wells of each run that no specimen may take: one positive and one negative control."""


@dataclass(frozen=True)
class MachineFacts:
    """A machine in service.

    Args:
        wells: positions of one run, controls included.
        run_minutes: from loading to readable curves.
    """

    wells: int
    run_minutes: int

    @property
    def specimens(self) -> int:
        """Specimens of one run."""
        return max(0, self.wells - CONTROLS)


@dataclass(frozen=True)
class ShiftFacts:
    """A shift of one weekday.

    Args:
        weekday: 0 is Monday.
        starts_minute: minutes after midnight.
        minutes: length; may run past midnight.
        staffed_machines: machines that can be kept running by those at work.
    """

    weekday: int
    starts_minute: int
    minutes: int
    staffed_machines: int


@dataclass(frozen=True)
class RunSlot:
    """A run that a lab will make.

    Args:
        starts_at: loading is over, the machine starts.
        cut_off_at: specimens that arrive later wait for another run.
        results_at: when it can be read.
        specimens: how many it takes.
    """

    starts_at: datetime
    cut_off_at: datetime
    results_at: datetime
    specimens: int


def best_machines(machines: Sequence[MachineFacts], staffed: int) -> list[MachineFacts]:
    """The machines that those at work run: the ones with most specimens a minute."""
    ranked = sorted(
        machines, key=lambda machine: (-machine.specimens / machine.run_minutes, machine.run_minutes)
    )
    return ranked[:staffed]


def runs_in(shift: ShiftFacts, machine: MachineFacts, preparation_minutes: int) -> int:
    """Runs of a machine that begin and end inside a shift.

    The first needs its preparation (extraction, plate) beforehand; the preparation of the next goes on while a run
    is on, so a machine starts again after the longer of the two.
    """
    after_first = shift.minutes - preparation_minutes - machine.run_minutes
    if after_first < 0 or machine.run_minutes <= 0:
        return 0
    return 1 + after_first // max(machine.run_minutes, preparation_minutes)


class Limit(StrEnum):
    """What keeps a lab from reading more on a day."""

    DAY_OFF = "day-off"
    NO_MACHINE = "no-machine"
    TOO_SHORT = "too-short"
    REAGENTS = "reagents"
    MACHINES = "machines"


@dataclass(frozen=True)
class DayCapacity:
    """What a lab can read on a day, and why not more.

    Args:
        specimens: how many it can read.
        possible: the same with reagents enough.
        reactions: reactions that `possible` would use, those of controls too.
        reagents: reactions on hand that do not expire before the day.
    """

    specimens: int
    possible: int
    reactions: int
    reagents: int
    limit: Limit


def day_capacity(
    *,
    day: date,
    machines: Sequence[MachineFacts],
    shifts: Sequence[ShiftFacts],
    preparation_minutes: int,
    reagents: int,
) -> DayCapacity:
    """Specimens a lab can read from the shifts that begin on a day; never more than it has reagents for.

    Args:
        machines: those in service.
        shifts: of all weekdays; a day without a shift is a day off.
        preparation_minutes: extraction and plate before a run.
        reagents: reactions on hand that do not expire before the day; controls use some of them.
    """
    today = [shift for shift in shifts if shift.weekday == day.weekday()]
    specimens = reactions = 0
    for shift in today:
        for machine in best_machines(machines, shift.staffed_machines):
            runs = runs_in(shift, machine, preparation_minutes)
            specimens += runs * machine.specimens
            reactions += runs * machine.wells
    if not today:
        limit = Limit.DAY_OFF
    elif not machines:
        limit = Limit.NO_MACHINE
    elif not reactions:
        limit = Limit.TOO_SHORT
    else:
        limit = Limit.REAGENTS if reactions > reagents else Limit.MACHINES
    fitting = specimens * reagents // reactions if limit == Limit.REAGENTS else specimens
    return DayCapacity(fitting, specimens, reactions, reagents, limit)


def derived_capacity(
    *,
    day: date,
    machines: Sequence[MachineFacts],
    shifts: Sequence[ShiftFacts],
    preparation_minutes: int,
    reagents: int,
) -> int:
    """The specimens of `day_capacity` alone."""
    return day_capacity(
        day=day,
        machines=machines,
        shifts=shifts,
        preparation_minutes=preparation_minutes,
        reagents=reagents,
    ).specimens


def run_slots(
    *,
    day: date,
    machines: Sequence[MachineFacts],
    shifts: Sequence[ShiftFacts],
    preparation_minutes: int,
    zone: tzinfo,
) -> list[RunSlot]:
    """The runs of the shifts that begin on a day, the earliest result first."""
    slots = []
    for shift in shifts:
        if shift.weekday != day.weekday():
            continue
        opens = datetime.combine(day, time(), zone) + timedelta(minutes=shift.starts_minute)
        for machine in best_machines(machines, shift.staffed_machines):
            every = max(machine.run_minutes, preparation_minutes)
            for number in range(runs_in(shift, machine, preparation_minutes)):
                starts = opens + timedelta(minutes=preparation_minutes + number * every)
                slots.append(
                    RunSlot(
                        starts_at=starts,
                        cut_off_at=starts - timedelta(minutes=preparation_minutes),
                        results_at=starts + timedelta(minutes=machine.run_minutes),
                        specimens=machine.specimens,
                    )
                )
    return sorted(slots, key=lambda slot: (slot.results_at, slot.starts_at))
