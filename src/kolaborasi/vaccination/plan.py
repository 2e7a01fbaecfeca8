"""The supply plan: which lot goes to which site on which day. Arrays in, plan out; no database.

A minimum-cost flow written as a linear programme, solved by HiGHS. With x[l, s, d] doses of lot l arriving at site s
on day d and y[s, d, k] people served from demand segment k:

    maximise    sum_{s,d,k} worth[k] y[s,d,k] - sum_{l,s,d} (late[l] + distance[s]) x[l,s,d]
    subject to  sum_{s,d} x[l,s,d] <= doses[l]                          every lot
                sum_k y[s,d,k] = sum_l x[l,s,d]                          every site, day (of its product)
                sum_k y[s,d,k] <= throughput[s,d]                        every site, day
                sum_d y[s,d,k] <= demand[s,k]                            every site, segment
                x[l,s,d] = 0 where the lot has expired on d, s cannot keep its class, or d is before the first day

The matrix is that of a network, so every vertex of an integral problem is integral and no rounding is needed.
Fairness: residents without a first dose are cut into segments of falling worth, so that the first tenth of an
unvaccinated kelurahan is worth more than the last tenth of another.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np
from scipy.optimize import linprog
from scipy.sparse import coo_matrix

DUE, BOOKED, RESIDENT = "due", "booked", "resident"
WORTH = {DUE: 1000.0, BOOKED: 900.0, RESIDENT: 500.0}
"""Due second doses before booked first ones before everybody else; distances and dates break ties below 100."""

FAIRNESS_STEPS = 10
FAIRNESS = 30.0
"""Loss of worth from one tenth of a site's unvaccinated residents to the next."""

DELAY = 1.0
"""Cost of a day's waiting: the same dose is worth more today."""

EXPIRY_DAY = 0.05
"""Cost of a day of shelf life left when a dose is used: of two lots the one that expires first is sent."""

PER_KM = 0.02


@dataclass(frozen=True)
class LotSupply:
    """Doses of a lot at the store.

    Args:
        expires_date: first day on which it may no longer be given.
        storage: class of its cold chain.
    """

    lot: int
    product: str
    doses: int
    expires_date: date
    storage: str


@dataclass(frozen=True)
class SiteDemand:
    """A site and whom it expects.

    Args:
        product: the product it gives.
        throughput: people it can take on each day of the plan.
        due: second doses that fall due in the days of the plan.
        booked: people who have booked a first dose.
        residents: residents of its area without a dose.
        storages: cold chain classes it can keep.
        on_hand: doses that are there already.
        km: way from the store.
    """

    site: int
    product: str
    throughput: tuple[int, ...]
    due: int
    booked: int
    residents: int
    storages: frozenset[str]
    on_hand: int = 0
    km: float = 0.0


@dataclass(frozen=True)
class Move:
    """Doses of a lot to a site for a day, and whom they serve.

    Args:
        serves: people by segment: `due`, `booked`, `resident`.
    """

    lot: int
    site: int
    day: date
    doses: int
    serves: Mapping[str, int]


@dataclass
class SupplyResult:
    """A plan and what it comes to.

    Args:
        worth: value of the objective.
        served: people by segment.
        unserved: people by segment whom it leaves.
        expiring_avoided: doses of lots that would expire within the plan and are given before.
        expiring_left: doses that expire at the store all the same.
    """

    moves: list[Move] = field(default_factory=list)
    worth: float = 0.0
    served: dict[str, int] = field(default_factory=dict)
    unserved: dict[str, int] = field(default_factory=dict)
    expiring_avoided: int = 0
    expiring_left: int = 0


@dataclass(frozen=True)
class Segment:
    """People of a site of the same worth."""

    site: int
    kind: str
    people: int
    worth: float


@dataclass(frozen=True)
class Arc:
    """One possible move of the network: lot index, site index, day index, cost of a dose."""

    lot: int
    site: int
    day: int
    cost: float


def segments(sites: Sequence[SiteDemand]) -> list[Segment]:
    """Demand of every site, most worthy first; what is on hand serves the most worthy and is taken off."""
    found = []
    for index, site in enumerate(sites):
        rest = site.on_hand
        for kind, people, worth in _wishes(site):
            served = min(rest, people)
            rest -= served
            if people > served:
                found.append(Segment(index, kind, people - served, worth))
    return found


def arcs(lots: Sequence[LotSupply], sites: Sequence[SiteDemand], start: date) -> list[Arc]:
    """Every move that is allowed: same product, class the site can keep, before the lot expires."""
    found = []
    for site_index, site in enumerate(sites):
        for lot_index, lot in enumerate(lots):
            if lot.product != site.product or lot.storage not in site.storages:
                continue
            for day, people in enumerate(site.throughput):
                left = (lot.expires_date - start).days - day
                if people > 0 and left > 0:
                    cost = DELAY * day + PER_KM * site.km + EXPIRY_DAY * min(left, 365)
                    found.append(Arc(lot_index, site_index, day, cost))
    return found


def plan_supply(lots: Sequence[LotSupply], sites: Sequence[SiteDemand], *, start: date) -> SupplyResult:
    """The best plan for the days of the sites' throughput, from `start` on.

    Raises:
        RuntimeError: the solver failed, which a bounded feasible problem never makes it do.
    """
    wishes, ways = segments(sites), arcs(lots, sites, start)
    if not wishes or not ways:
        return _summary([], 0.0, {}, wishes, lots, sites, start)
    used = [(index, day) for index, site in enumerate(sites) for day in range(len(site.throughput))]
    pair = {key: number for number, key in enumerate(used)}
    serving = [
        (number, day) for number, wish in enumerate(wishes) for day in range(len(sites[wish.site].throughput))
    ]
    gains = [wishes[number].worth for number, _day in serving]
    cost = np.array([*(way.cost for way in ways), *(-gain for gain in gains)])
    solved = linprog(
        cost,
        A_ub=_at_most(lots, wishes, ways, serving, pair),
        b_ub=np.array(
            [
                *(lot.doses for lot in lots),
                *(sites[site].throughput[day] for site, day in used),
                *(wish.people for wish in wishes),
            ],
            dtype=float,
        ),
        A_eq=_balanced(wishes, ways, serving, pair),
        b_eq=np.zeros(len(pair)),
        bounds=(0, None),
        method="highs-ds",
    )
    if not solved.success:
        raise RuntimeError(f"supply plan: {solved.message}")
    amounts = np.rint(solved.x).astype(int)
    served = {key: int(n) for key, n in zip(serving, amounts[len(ways) :], strict=True) if n}
    sent = [(way, int(n)) for way, n in zip(ways, amounts[: len(ways)], strict=True) if n]
    moves = _moves(sent, served, wishes, lots, sites, start)
    return _summary(moves, -float(solved.fun), served, wishes, lots, sites, start)


def _wishes(site: SiteDemand) -> list[tuple[str, int, float]]:
    tenth, rest = divmod(site.residents, FAIRNESS_STEPS)
    steps = [tenth + (step < rest) for step in range(FAIRNESS_STEPS)]
    return [
        (DUE, site.due, WORTH[DUE]),
        (BOOKED, site.booked, WORTH[BOOKED]),
        *((RESIDENT, people, WORTH[RESIDENT] - FAIRNESS * step) for step, people in enumerate(steps)),
    ]


def _at_most(
    lots: Sequence[LotSupply],
    wishes: Sequence[Segment],
    ways: Sequence[Arc],
    serving: Sequence[tuple[int, int]],
    pair: Mapping[tuple[int, int], int],
) -> coo_matrix:
    """Rows: lots, then site-days, then segments; columns: ways, then (segment, day)."""
    rows, columns = [], []
    for column, way in enumerate(ways):
        rows += [way.lot, len(lots) + pair[way.site, way.day]]
        columns += [column, column]
    for column, (number, _day) in enumerate(serving, start=len(ways)):
        rows.append(len(lots) + len(pair) + number)
        columns.append(column)
    shape = (len(lots) + len(pair) + len(wishes), len(ways) + len(serving))
    return coo_matrix((np.ones(len(rows)), (rows, columns)), shape=shape)


def _balanced(
    wishes: Sequence[Segment],
    ways: Sequence[Arc],
    serving: Sequence[tuple[int, int]],
    pair: Mapping[tuple[int, int], int],
) -> coo_matrix:
    """For every site and day: doses that arrive less people who are served."""
    rows = [pair[way.site, way.day] for way in ways]
    rows += [pair[wishes[number].site, day] for number, day in serving]
    values = np.concatenate([np.ones(len(ways)), -np.ones(len(serving))])
    shape = (len(pair), len(ways) + len(serving))
    return coo_matrix((values, (rows, range(len(rows)))), shape=shape)


def _moves(
    sent: Sequence[tuple[Arc, int]],
    served: Mapping[tuple[int, int], int],
    wishes: Sequence[Segment],
    lots: Sequence[LotSupply],
    sites: Sequence[SiteDemand],
    start: date,
) -> list[Move]:
    """Moves with the people each serves: the doses of a site and day are dealt out, most worthy people first."""
    people: dict[tuple[int, int], dict[str, int]] = defaultdict(dict)
    for (number, day), units in sorted(served.items(), key=lambda item: -wishes[item[0][0]].worth):
        waiting = people[wishes[number].site, day]
        waiting[wishes[number].kind] = waiting.get(wishes[number].kind, 0) + units
    moves = []
    for way, units in sorted(
        sent, key=lambda item: (item[0].day, lots[item[0].lot].expires_date, item[0].site)
    ):
        waiting, serves, rest = people[way.site, way.day], {}, units
        for kind, there in list(waiting.items()):
            part = min(rest, there)
            waiting[kind], rest = there - part, rest - part
            if part:
                serves[kind] = part
        moves.append(
            Move(
                lots[way.lot].lot, sites[way.site].site, start + timedelta(days=way.day), units, dict(serves)
            )
        )
    return moves


def _summary(
    moves: list[Move],
    worth: float,
    served: Mapping[tuple[int, int], int],
    wishes: Sequence[Segment],
    lots: Sequence[LotSupply],
    sites: Sequence[SiteDemand],
    start: date,
) -> SupplyResult:
    kinds = (DUE, BOOKED, RESIDENT)
    done = dict.fromkeys(kinds, 0)
    for (number, _day), units in served.items():
        done[wishes[number].kind] += units
    wanted = {kind: sum(wish.people for wish in wishes if wish.kind == kind) for kind in kinds}
    end = start + timedelta(days=max((len(site.throughput) for site in sites), default=0))
    expiring = {lot.lot: lot.doses for lot in lots if lot.expires_date <= end}
    saved = sum(move.doses for move in moves if move.lot in expiring)
    return SupplyResult(
        moves=moves,
        worth=worth,
        served=done,
        unserved={kind: wanted[kind] - done[kind] for kind in kinds},
        expiring_avoided=saved,
        expiring_left=sum(expiring.values()) - saved,
    )
