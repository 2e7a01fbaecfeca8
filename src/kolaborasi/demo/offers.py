"""Generated offers and RW needs: sizes that add up to the published totals of KSBB, drawn with a seed.

Source of the totals: reference of KSBB on 27 May 2020 (wartakota.tribunnews.com/2020/05/28) and of the RW fulfilled on
22 May 2020 (republika.co.id qaslt1330); see docs/estimates.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

SEED = 20210712
ORGANISATIONS = 98
PERSONS = 12
"""Donors of KSBB on 27 May 2020: 98 organisations and 12 persons."""

SEMBAKO = 375_745
READY_MEALS = 154_411
"""Packages KSBB had collected on 27 May 2020."""

RW_ASKED = 194
RW_FULFILLED = Fraction(131, 194)
"""RW that KSBB sought help for, and the share of them fulfilled, on 22 May 2020."""

ISOLATION_SHARE = Fraction(60, 100)
"""ASSUMPTION: generated offers of isolation packages cover this share of the estimated need."""

WAREHOUSE_SHARE = Fraction(60, 100)
"""ASSUMPTION: of these offers, the share that lies in the three warehouses of the social service."""

SPREAD = 1.2
"""ASSUMPTION: standard deviation of the logarithm of an offer's size: many small gifts, a few very large ones."""

PERSON_SIZE = 0.05
"""ASSUMPTION: size of a person's offer beside an organisation's."""


@dataclass(frozen=True)
class Gift:
    """One generated offer: donor number (organisations first, then persons), item, units."""

    donor: int
    item: str
    quantity: int


def parts(total: int, weights: NDArray[np.float64]) -> list[int]:
    """Whole parts of a total in proportion to weights (n,), each at least 1, largest remainders first.

    Raises:
        ValueError: fewer units than parts.
    """
    if total < len(weights):
        raise ValueError(f"{total} units do not make {len(weights)} parts")
    ideal = weights / weights.sum() * (total - len(weights))
    whole = np.floor(ideal).astype(np.int64)
    order = np.argsort(whole - ideal, kind="stable")
    whole[order[: total - len(weights) - int(whole.sum())]] += 1
    return [int(units) + 1 for units in whole]


def gifts(isolation_units: int, seed: int = SEED) -> list[Gift]:
    """Offers of all donors: every donor gives at least one item; each item adds up to its total exactly.

    Args:
        isolation_units: isolation packages the donors give together.
    """
    generator = np.random.default_rng([seed, 1])
    donors = ORGANISATIONS + PERSONS
    order = generator.permutation(donors)
    # Two of three give staple food, as two of three packages of KSBB were; a third meals; half isolation packages.
    choices = {
        "sembako": (SEMBAKO, order[: donors * 2 // 3]),
        "makanan-siap-saji": (READY_MEALS, order[donors * 2 // 3 :]),
        "paket-isoman": (isolation_units, generator.permutation(donors)[: donors // 2]),
    }
    made = []
    for item, (total, chosen) in choices.items():
        weights = generator.lognormal(0.0, SPREAD, len(chosen))
        weights[chosen >= ORGANISATIONS] *= PERSON_SIZE
        made += [
            Gift(int(donor), item, units) for donor, units in zip(chosen, parts(total, weights), strict=True)
        ]
    return made


@dataclass(frozen=True)
class RwNeed:
    """A generated RW: kelurahan code, RW number, households, and the units it asks for by item."""

    kelurahan: str
    number: int
    households: int
    sembako: int
    meals: int


def rw_needs(kelurahan: Sequence[tuple[str, int]], institution_meals: int, seed: int = SEED) -> list[RwNeed]:
    """RW that ask for staple food and some for ready meals, sized so that the offers cover as large a share of them
    as KSBB had fulfilled.

    Args:
        kelurahan: (code, households) to draw from, more often where more households live.
        institution_meals: day packs institutions ask for besides.
    """
    generator = np.random.default_rng([seed, 2])
    households = np.array([count for _, count in kelurahan], dtype=np.float64)
    chosen = generator.choice(len(kelurahan), RW_ASKED, replace=False, p=households / households.sum())
    # 2,705 RW in 267 kelurahan (2014): about ten each.
    numbers = generator.integers(1, 11, RW_ASKED)
    sizes = np.maximum(20, households[chosen] / 10 * generator.uniform(0.6, 1.4, RW_ASKED)).astype(np.int64)
    sembako = parts(round(SEMBAKO / RW_FULFILLED), sizes.astype(np.float64))
    eaters = np.sort(generator.choice(RW_ASKED, RW_ASKED // 3, replace=False))
    meals = np.zeros(RW_ASKED, dtype=np.int64)
    meals[eaters] = parts(
        round(READY_MEALS / RW_FULFILLED) - institution_meals, sizes[eaters].astype(np.float64)
    )
    return [
        RwNeed(kelurahan[place][0], int(number), int(size), units, int(day_packs))
        for place, number, size, units, day_packs in zip(chosen, numbers, sizes, sembako, meals, strict=True)
    ]
