"""Decisions of the vaccination programme on plain values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from enum import StrEnum
from itertools import pairwise

OFFER_LIFE = timedelta(hours=2)
"""How long somebody on the waiting list may think about a freed slot."""

CONFIRM_LIFE = timedelta(hours=1)
"""How long a place is kept for somebody without an account until they follow the link sent to them."""

MOST_ASKED = 5
"""Unconfirmed bookings one contact may hold: a family, and no more."""

MOST_TOLD = 4
"""Messages a person gets in an hour because somebody typed in their number."""

REMIND_BEFORE = timedelta(hours=24)
NO_SHOW_AFTER = timedelta(minutes=60)
"""A booking whose window ended this long ago without anybody coming is a no-show."""

CORRECTION_DAYS = {"wrong-identity": 7, "missing-dose": 5, "misattributed-dose": 3}
"""Days the owner of a correction has: a dose on somebody else's name blocks a person and comes first."""

FOLLOW_UP_DAYS = {True: 1, False: 7}
"""Days until an adverse event is followed up, for a serious one and for any other."""


class Channel(StrEnum):
    """How somebody comes to a slot."""

    BOOKING = "booking"
    COLLECTIVE = "collective"
    RETURNING = "returning"
    WALK_IN = "walk-in"


FALLBACK: Mapping[Channel, Sequence[tuple[Channel, timedelta]]] = {
    # A due second dose may use any place at once; its own places are open to others only when the window begins.
    Channel.RETURNING: (
        (Channel.WALK_IN, timedelta(days=365)),
        (Channel.BOOKING, timedelta(days=365)),
        (Channel.COLLECTIVE, timedelta(days=1)),
    ),
    Channel.BOOKING: ((Channel.COLLECTIVE, timedelta(hours=12)), (Channel.WALK_IN, timedelta(hours=2))),
    Channel.COLLECTIVE: ((Channel.BOOKING, timedelta(hours=12)), (Channel.WALK_IN, timedelta(hours=2))),
    Channel.WALK_IN: (
        (Channel.COLLECTIVE, timedelta(hours=2)),
        (Channel.BOOKING, timedelta(0)),
        (Channel.RETURNING, timedelta(0)),
    ),
}
"""For each channel, whose unused places it may take, in this order, from how long before the window begins."""


def channels_open_to(channel: Channel, *, starts_at: datetime, now: datetime) -> list[Channel]:
    """The quotas a channel may take from now, its own first.

    Args:
        starts_at: begin of the slot's window.
    """
    open_now = [donor for donor, before in FALLBACK[channel] if now >= starts_at - before]
    return [channel, *open_now]


class QuotaFault(StrEnum):
    """Why a session cannot be planned with these windows."""

    NO_WINDOWS = "no-windows"
    OVERLAP = "overlap"
    BACKWARDS = "backwards"
    ANOTHER_DAY = "another-day"
    TOO_MANY = "too-many"
    NOBODY = "nobody"


@dataclass(frozen=True)
class Window:
    """One time window of a session and how many people each channel may send into it.

    Args:
        quotas: people by channel; a channel that is absent has none of its own.
    """

    starts_at: datetime
    ends_at: datetime
    quotas: Mapping[Channel, int]

    @property
    def people(self) -> int:
        """All channels together."""
        return sum(self.quotas.values())


def people_a_window_can_take(window: Window, *, vaccinators: int, minutes_per_dose: int) -> int:
    """Vaccinators × whole turns of `minutes_per_dose` that fit into the window."""
    minutes = int((window.ends_at - window.starts_at).total_seconds() // 60)
    return vaccinators * (minutes // minutes_per_dose)


def window_faults(
    windows: Sequence[Window], *, date_of: date, offset: timedelta, vaccinators: int, minutes_per_dose: int
) -> list[QuotaFault]:
    """Everything that is wrong with the windows of a session.

    Args:
        date_of: local day of the session.
        offset: local time minus UTC.
    """
    ordered = sorted(windows, key=lambda window: window.starts_at)
    neighbours = pairwise(ordered)
    sound = [window for window in windows if window.ends_at > window.starts_at]
    days = {window.starts_at.astimezone(timezone(offset)).date() for window in windows}
    found = {
        QuotaFault.NO_WINDOWS: not windows,
        QuotaFault.BACKWARDS: len(sound) != len(windows),
        QuotaFault.OVERLAP: any(second.starts_at < first.ends_at for first, second in neighbours),
        QuotaFault.ANOTHER_DAY: bool(days - {date_of}),
        QuotaFault.NOBODY: bool(windows) and not any(window.people for window in windows),
        QuotaFault.TOO_MANY: any(
            window.people
            > people_a_window_can_take(window, vaccinators=vaccinators, minutes_per_dose=minutes_per_dose)
            for window in sound
        ),
    }
    return [fault for fault, true in found.items() if true]


def shares(places: int, parts: Mapping[Channel, int]) -> dict[Channel, int]:
    """Places of a window divided over channels by whole percentages; the rounding rest goes to walk-in.

    Args:
        parts: percent by channel, together at most 100.

    Raises:
        ValueError: the parts are more than 100 percent or negative.
    """
    if any(part < 0 for part in parts.values()) or sum(parts.values()) > 100:
        raise ValueError("the parts of the channels are percentages and together at most 100")
    divided = {channel: places * part // 100 for channel, part in parts.items()}
    rest = places - sum(divided.values())
    divided[Channel.WALK_IN] = divided.get(Channel.WALK_IN, 0) + rest
    return {channel: people for channel, people in divided.items() if people}


class DoseFault(StrEnum):
    """Why a person cannot have a dose of a product on a day."""

    UNDER_AGE = "under-age"
    OVER_AGE = "over-age"
    COMPLETE = "complete"
    MIX = "mix-not-allowed"
    TOO_EARLY = "too-early"
    NOT_ON_SCHEDULE = "not-on-schedule"
    UNBORN = "birth-date-in-the-future"


@dataclass(frozen=True)
class Step:
    """One rule of a schedule: this product as dose `number` after `previous`.

    Args:
        previous: product of the dose before, empty for a first dose.
        min_days, max_days: days since the dose before; max_days is when the dose becomes overdue.
        min_age, max_age: whole years on the day of the dose, both included; a max_age of None is no limit.
    """

    product: str
    number: int
    previous: str = ""
    min_days: int = 0
    max_days: int | None = None
    min_age: int = 0
    booster: bool = False
    max_age: int | None = None

    def is_outgrown_at(self, age: int) -> bool:
        """Whether somebody of this age, in whole years, is too old for it and stays so."""
        return self.max_age is not None and age > self.max_age


@dataclass(frozen=True)
class PastDose:
    """A dose somebody has had."""

    product: str
    number: int
    given_date: date


@dataclass(frozen=True)
class Eligibility:
    """Whether somebody may have a dose, as which number, from and until which day.

    Args:
        number: of the dose that would be next.
        faults: empty when they may.
        earliest_date: first possible day; None when no day is possible.
        overdue_date: day from which it counts as overdue; None without one.
        products: products that may be given as the next dose, now or when old enough.
    """

    number: int
    faults: tuple[DoseFault, ...]
    earliest_date: date | None
    overdue_date: date | None
    products: tuple[str, ...]

    @property
    def allowed(self) -> bool:
        """Nothing stands against it."""
        return not self.faults


def age_on(birth_date: date, day: date) -> int:
    """Whole years of age; somebody born on 29 February has a birthday on 1 March in other years."""
    before = (day.month, day.day) < (birth_date.month, birth_date.day)
    return day.year - birth_date.year - before


def birthday(birth_date: date, age: int) -> date:
    """The day somebody reaches an age."""
    try:
        return birth_date.replace(year=birth_date.year + age)
    except ValueError:
        return date(birth_date.year + age, 3, 1)


def next_steps(history: Sequence[PastDose], steps: Iterable[Step]) -> list[Step]:
    """Rules for the dose after the last one."""
    last = max(history, key=lambda dose: dose.number, default=None)
    number, previous = (last.number + 1, last.product) if last else (1, "")
    return [step for step in steps if step.number == number and step.previous == previous]


def eligibility(
    *, birth_date: date, history: Sequence[PastDose], steps: Sequence[Step], product: str, day: date
) -> Eligibility:
    """Whether somebody may have `product` on `day`.

    Args:
        history: doses that stand, in any order.
        steps: rules in force on the day.
    """
    possible = next_steps(history, steps)
    last = max(history, key=lambda dose: dose.number, default=None)
    number = last.number + 1 if last else 1
    chosen = next((step for step in possible if step.product == product), None)
    age = age_on(birth_date, day)
    products = tuple(sorted({step.product for step in possible if not step.is_outgrown_at(age)}))
    if birth_date > day:
        return Eligibility(number, (DoseFault.UNBORN,), None, None, products)
    if chosen is None:
        return Eligibility(number, (_why_no_step(number, possible, steps),), None, None, products)
    since = last.given_date if last else date.min
    from_interval = since + timedelta(days=chosen.min_days) if last else date.min
    earliest = max(from_interval, birthday(birth_date, chosen.min_age))
    overdue = since + timedelta(days=chosen.max_days) if last and chosen.max_days is not None else None
    over = chosen.is_outgrown_at(age)
    found = {
        DoseFault.UNDER_AGE: age < chosen.min_age,
        DoseFault.OVER_AGE: over,
        DoseFault.TOO_EARLY: bool(last) and day < from_interval,
    }
    faults = tuple(fault for fault, true in found.items() if true)
    return Eligibility(number, faults, None if over else earliest, overdue, products)


def _why_no_step(number: int, possible: Sequence[Step], steps: Sequence[Step]) -> DoseFault:
    if possible:
        return DoseFault.MIX
    known = max((step.number for step in steps), default=0)
    return DoseFault.COMPLETE if number > known else DoseFault.NOT_ON_SCHEDULE


class LotFault(StrEnum):
    """Why doses of a lot may not be given or moved on."""

    EXPIRED = "expired"
    THAWED_TOO_LONG = "thawed-too-long"
    RECALLED = "recalled"
    TOO_WARM = "quarantined"
    VVM = "vvm-past-discard-point"
    VIAL_OPEN_TOO_LONG = "vial-open-too-long"
    VIAL_EMPTY = "vial-empty"
    OTHER_PRODUCT = "other-product"


@dataclass(frozen=True)
class LotFacts:
    """What decides whether a lot may be given.

    Args:
        expires_date: last day of use is the day before; None when it has none.
        thawed_until_date: the same for thawed doses.
        vvm_stage: vaccine vial monitor, 1 to 4; stage 3 is the discard point (WHO/PQS/E006/IN05).
    """

    expires_date: date | None
    thawed_until_date: date | None
    recalled: bool
    quarantined: bool
    vvm_stage: int | None = None


def lot_faults(lot: LotFacts, day: date) -> list[LotFault]:
    """Everything that stands against giving doses of the lot on a day."""
    found = {
        LotFault.RECALLED: lot.recalled,
        LotFault.EXPIRED: lot.expires_date is not None and day >= lot.expires_date,
        LotFault.THAWED_TOO_LONG: lot.thawed_until_date is not None and day >= lot.thawed_until_date,
        LotFault.TOO_WARM: lot.quarantined,
        LotFault.VVM: lot.vvm_stage is not None and lot.vvm_stage >= 3,
    }
    return [fault for fault, true in found.items() if true]


def is_excursion(tenths: int, *, lowest: int, highest: int) -> bool:
    """Whether a temperature lies outside its range; all in tenths of a degree Celsius."""
    return not lowest <= tenths <= highest


@dataclass(frozen=True)
class Waiting:
    """Somebody in the queue of a session.

    Args:
        lane: how they came.
        due_at: begin of their window; their arrival for those without a booking.
    """

    number: int
    lane: Channel
    arrived_at: datetime
    due_at: datetime


WALK_IN_TURN = 4
"""Every fourth call goes to a walk-in, so that those without a booking are not passed over all day."""


def next_in_queue(queue: Sequence[Waiting], *, calls_since_walk_in: int, now: datetime) -> Waiting | None:
    """Who is called next.

    Those whose window has begun come in the order of window and arrival; every fourth call goes to the walk-in who
    has waited longest; those too early for their window come when nobody else waits.

    Args:
        calls_since_walk_in: calls of others since a walk-in was last called.
    """
    walk_ins = sorted((one for one in queue if one.lane == Channel.WALK_IN), key=lambda one: one.number)
    due = [one for one in queue if one.lane != Channel.WALK_IN and one.due_at <= now]
    early = [one for one in queue if one.lane != Channel.WALK_IN and one.due_at > now]
    due.sort(key=lambda one: (one.due_at, one.number))
    early.sort(key=lambda one: (one.due_at, one.number))
    if walk_ins and (not due or calls_since_walk_in >= WALK_IN_TURN - 1):
        return walk_ins[0]
    return next(iter([*due, *early]), None)


class Fitness(StrEnum):
    """What the screening came to."""

    FIT = "fit"
    DEFER = "defer"
    UNFIT = "unfit"


def fitness(answers: Mapping[str, bool], *, defers: Iterable[str], excludes: Iterable[str]) -> Fitness:
    """The outcome of a screening: any excluding yes, else any deferring yes, else fit.

    Args:
        answers: yes or no by question.
        defers, excludes: questions whose yes defers the dose, or rules this product out.
    """
    if any(answers.get(question, False) for question in excludes):
        return Fitness.UNFIT
    if any(answers.get(question, False) for question in defers):
        return Fitness.DEFER
    return Fitness.FIT


def observation_minutes(*, standard: int, answers: Mapping[str, bool], longer: Iterable[str]) -> int:
    """15 minutes, 30 after an earlier allergic reaction."""
    return 30 if any(answers.get(question, False) for question in longer) else standard


class CountFault(StrEnum):
    """Why a stock count is not accepted."""

    NEGATIVE = "negative"
    UNEXPLAINED = "unexplained"


def count_faults(*, expected: int, counted: int, explanation: str) -> list[CountFault]:
    """A difference needs an explanation."""
    found = {
        CountFault.NEGATIVE: counted < 0,
        CountFault.UNEXPLAINED: counted != expected and not explanation,
    }
    return [fault for fault, true in found.items() if true]


def normal_name(text: str) -> str:
    """A person's name as two spellings are compared: letters only, lower case, one blank between words."""
    letters = "".join(character if character.isalpha() else " " for character in text.casefold())
    return " ".join(letters.split())


def same_name(first: str, second: str) -> bool:
    """Whether two spellings can be one name: equal, or one has only some of the other's words, first word alike.

    Identity cards, lists of an RT and passports shorten names differently ("Muhammad Budi S." / "Muhammad Budi
    Santoso"), so that equality alone would turn honest people away.
    """
    one, two = normal_name(first).split(), normal_name(second).split()
    if not one or not two:
        return False
    short, long = sorted((one, two), key=len)
    if short[0] != long[0]:
        return False
    if len(short) == 1:
        return len(long) == 1
    return all(any(word == other or _initial(word, other) for other in long) for word in short)


def _initial(word: str, other: str) -> bool:
    return len(word) == 1 and other.startswith(word)
