"""Decisions on needs, pledges and coverage."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from fractions import Fraction
from math import ceil

PEOPLE_PER_HOUSEHOLD = 4
"""The programme's own assumption: 1 KK = 4 persons (corona.jakarta.go.id, package THR, 2020)."""

HOLD = timedelta(hours=24)
"""How long a pledge waits for its contact to be confirmed."""

LONGEST_PROMISE = timedelta(days=90)
MOST_WRONG_CODES = 5
MOST_UNITS = 10_000_000
LONGEST_NEED = timedelta(days=180)
MOST_PER_HEAD = {"household": 10, "person": 100, "place": 1_000}
"""Most units of an item for each household, person or place; person: three meals a day for a month, and some."""

MOST_UNCONFIRMED = 5
"""Promises that one contact may leave unconfirmed at a time."""

PLACES_WITH_NEEDS = ("kelurahan", "rw")


class NeedFault(StrEnum):
    """Why a need cannot be registered."""

    NOBODY = "nobody"
    FEWER_PEOPLE_THAN_HOUSEHOLDS = "fewer-people-than-households"
    TOO_MANY_PEOPLE = "too-many-people"
    NO_LINES = "no-lines"
    ITEM_TWICE = "item-twice"
    QUANTITY = "quantity"
    PAST_DATE = "past-date"
    TOO_FAR_AHEAD = "too-far-ahead"
    NO_HOUSEHOLDS = "no-households"
    PLACE_TOO_WIDE = "place-too-wide"
    TOO_MANY_UNITS = "too-many-units"


@dataclass(frozen=True)
class LineWish:
    """One line of a need as it is asked for: item code, units, last useful day."""

    item: str
    quantity: int
    needed_by_date: date


def need_faults(
    *,
    households: int,
    people: int,
    lines: Sequence[LineWish],
    population: int | None,
    today: date,
    place_kind: str | None = None,
    institution: bool = False,
    bases: Mapping[str, str] | None = None,
) -> list[NeedFault]:
    """Everything that is wrong with a need, in the order it is asked for.

    Args:
        population: people who live in the place, when known; a need for more is a mistake.
        place_kind: what the place is, when known; only a kelurahan or an RW can be served.
        institution: for residents of an institution, who are no households.
        bases: what one unit of each item is for (`household`, `person` or `place`), by item code, where known.
    """
    items = [line.item for line in lines]
    heads = {"household": people if institution else households, "person": people, "place": 1}
    most = {
        item: heads[basis] * MOST_PER_HEAD[basis] for item, basis in (bases or {}).items() if heads[basis]
    }
    found = {
        NeedFault.NOBODY: people < 1 or households < 0,
        NeedFault.FEWER_PEOPLE_THAN_HOUSEHOLDS: people < households,
        NeedFault.TOO_MANY_PEOPLE: population is not None and people > population,
        NeedFault.NO_LINES: not lines,
        NeedFault.ITEM_TWICE: len(set(items)) != len(items),
        NeedFault.QUANTITY: any(not 1 <= line.quantity <= MOST_UNITS for line in lines),
        NeedFault.PAST_DATE: any(line.needed_by_date < today for line in lines),
        NeedFault.TOO_FAR_AHEAD: any(line.needed_by_date > today + LONGEST_NEED for line in lines),
        NeedFault.NO_HOUSEHOLDS: people >= 1 and households == 0 and not institution,
        NeedFault.PLACE_TOO_WIDE: place_kind is not None and place_kind not in PLACES_WITH_NEEDS,
        NeedFault.TOO_MANY_UNITS: any(line.quantity > most.get(line.item, MOST_UNITS) for line in lines),
    }
    return [fault for fault, true in found.items() if true]


class PledgeFault(StrEnum):
    """Why a pledge cannot be made as it was filled in."""

    QUANTITY = "quantity"
    PAST_DATE = "past-date"
    TOO_FAR_AHEAD = "too-far-ahead"
    AFTER_NEEDED = "after-needed"
    NO_NAME = "no-name"
    NO_CONTACT = "no-contact"


def pledge_faults(
    *, quantity: int, deliver_date: date, today: date, needed_by: date | None = None
) -> list[PledgeFault]:
    """Everything that is wrong with a pledge, apart from what is left to pledge.

    Args:
        needed_by: last useful day. Once it has passed and the need still stands, late help is better than none.
    """
    found = {
        PledgeFault.QUANTITY: not 1 <= quantity <= MOST_UNITS,
        PledgeFault.PAST_DATE: deliver_date < today,
        PledgeFault.TOO_FAR_AHEAD: deliver_date > today + LONGEST_PROMISE,
        PledgeFault.AFTER_NEEDED: needed_by is not None and today <= needed_by < deliver_date,
    }
    return [fault for fault, true in found.items() if true]


def contact_faults(*, name: str, email: str, phone: str) -> list[PledgeFault]:
    """What is missing of somebody who promises without an account: a name to ask for, a contact to confirm with."""
    found = {
        PledgeFault.NO_NAME: not name.strip(),
        PledgeFault.NO_CONTACT: not (email.strip() or phone.strip()),
    }
    return [fault for fault, true in found.items() if true]


@dataclass(frozen=True)
class IsolationEstimate:
    """Isolation packages a kelurahan needs for the coming fortnight."""

    households: int
    people: int
    packages: int


def isolation_need(
    *,
    isolating: int,
    ratio: Fraction,
    cases_per_household: Fraction,
    people_per_household: int = PEOPLE_PER_HOUSEHOLD,
) -> IsolationEstimate:
    """Estimate the isolation packages of a kelurahan on a later day from a count on an earlier one.

    households = ceil(isolating x ratio / cases_per_household); one package per household for 14 days (Dinas Sosial
    DKI Jakarta, July 2021).

    Args:
        isolating: people in self-isolation on the day of the count.
        ratio: 14-day sum of new cases to the later day divided by the one to the day of the count.
        cases_per_household: infected people who share one household.
    """
    households = ceil(isolating * ratio / cases_per_household)
    return IsolationEstimate(households, households * people_per_household, households)


@dataclass(frozen=True)
class Coverage:
    """Needed, committed and delivered units of a place; never mixed up."""

    needed: int
    committed: int
    delivered: int

    @classmethod
    def over(cls, parts: Iterable[Coverage]) -> Coverage:
        """The sums over several places."""
        listed = list(parts)
        needed, committed, delivered = (
            sum(getattr(part, name) for part in listed) for name in ("needed", "committed", "delivered")
        )
        return cls(needed, committed, delivered)

    @property
    def committed_share(self) -> float:
        """Committed of needed, 1 when nothing is needed."""
        return min(1.0, self.committed / self.needed) if self.needed else 1.0

    @property
    def delivered_share(self) -> float:
        """Delivered of needed, 1 when nothing is needed."""
        return min(1.0, self.delivered / self.needed) if self.needed else 1.0
