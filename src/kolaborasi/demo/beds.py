"""Beds of the demonstration: generated for each real hospital, their sums as the city published them.

Nobody published the beds of each hospital and class. What is published, and what is assumed, is in docs/estimates.md.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

import numpy as np

from kolaborasi.demo.offers import SEED, parts
from kolaborasi.hospitals.classes import BedClass
from kolaborasi.hospitals.facts import HospitalFact

PUBLISHED_DATE = date(2021, 6, 28)
HOSPITALS = 140
"""Hospitals in the network at the end of June 2021 (m.tribunnews.com/amp/metropolitan/2021/06/18)."""
ISOLATION_BEDS, ISOLATION_OCCUPIED = 10_448, 9_787
"""Isolation beds and patients in them on 28 June 2021 (investor.id)."""
ICU_BEDS, ICU_SHARE = 1_260, Fraction(1_095, 1_255)
"""ICU beds on 27 June 2021; the share in use is that of 26 June (kompas.com, 28 June 2021), the last one published."""
ICU_OCCUPIED = round(ICU_BEDS * ICU_SHARE)
WAITING_OUTSIDE, WAITING_INSIDE = 1_400, 1_900
"""People before and in emergency departments on 19 July 2021, the only count of the queue that was ever published
(megapolitan.kompas.com, 19 July 2021)."""
EIS: Mapping[BedClass, tuple[int, int]] = {
    BedClass.ICU_NP_VENT: (251, 19),
    BedClass.ICU_NP: (151, 27),
    BedClass.ICU_VENT: (89, 30),
    BedClass.ICU: (60, 12),
    BedClass.ISOLATION_NP: (1_883, 273),
    BedClass.ISOLATION: (2_467, 272),
    BedClass.NICU: (20, 6),
    BedClass.PERINATOLOGY: (101, 40),
    BedClass.PICU: (21, 4),
    BedClass.THEATRE: (20, 2),
}
"""Beds and free beds of each class on the city's own page on 23 June 2021 (kompas.com/tren, 23 June 2021): a part of all
hospitals, so that only the proportions are used for ICU and isolation."""
ICU_CLASSES = (BedClass.ICU_NP_VENT, BedClass.ICU_NP, BedClass.ICU_VENT, BedClass.ICU)
ISOLATION_CLASSES = (BedClass.ISOLATION_NP, BedClass.ISOLATION)
SMALL = {BedClass.NICU: 12, BedClass.PERINATOLOGY: 30, BedClass.PICU: 12, BedClass.THEATRE: 12}
"""Hospitals among which the few beds of a class are spread; assumed."""
DAYS: Sequence[tuple[int, Fraction, Fraction]] = (
    (-11, Fraction(8_524, 10_448), Fraction(84, 100)),
    (-7, Fraction(9_000, 10_448), Fraction(90, 100)),
    (-2, Fraction(10_252, 10_448), Fraction(9_388, 10_252)),
    (-1, Fraction(10_355, 10_448), Fraction(9_612, 10_355)),
    (0, Fraction(1), Fraction(9_787, 10_448)),
)
"""Days before 28 June with their isolation beds, as a share of that day's, and the share of them in use: published for
17, 21, 26, 27 and 28 June 2021 (tribunnews, tirto, kompas, investor.id)."""


@dataclass(frozen=True)
class Beds:
    """Beds of one class of one hospital, `hospital` being its position in the list."""

    hospital: int
    bed_class: BedClass
    staffed: int
    occupied: int
    waiting_outside: int = 0
    waiting_inside: int = 0


def joined(known: Sequence[HospitalFact]) -> list[HospitalFact]:
    """The hospitals in the network: those with the most beds, hospitals for the mind alone left out. Assumed."""
    able = [each for each in known if "jiwa" not in each.name.lower()]
    able.sort(key=lambda each: (-(each.total_beds or 0), each.registry_code, each.name))
    return able[:HOSPITALS]


def generated(known: Sequence[HospitalFact], seed: int = SEED) -> list[Beds]:
    """Beds of every hospital and class; ICU, isolation, their patients and the queue add up to what was published.

    Args:
        known: the hospitals in the network; a hospital's part follows its size, give or take.
    """
    generator = np.random.default_rng([seed, 11])
    sizes = np.array([max(20, each.total_beds or 60) for each in known], dtype=np.float64)
    found = []
    for classes, beds, used in (
        (ISOLATION_CLASSES, ISOLATION_BEDS, ISOLATION_OCCUPIED),
        (ICU_CLASSES, ICU_BEDS, ICU_OCCUPIED),
    ):
        found += _group(classes, beds, used, sizes, generator)
    for bed_class, hospitals in SMALL.items():
        chosen = np.sort(generator.choice(np.argsort(-sizes)[:60], hospitals, replace=False))
        staffed = _spread(EIS[bed_class][0], sizes[chosen])
        in_use = _filled(staffed, EIS[bed_class][0] - EIS[bed_class][1], generator)
        found += [
            Beds(int(hospital), bed_class, beds, taken)
            for hospital, beds, taken in zip(chosen, staffed, in_use, strict=True)
            if beds
        ]
    return found + _emergency(sizes, generator)


def _group(
    classes: Sequence[BedClass], beds: int, used: int, sizes: np.ndarray, generator: np.random.Generator
) -> list[Beds]:
    """Beds of related classes: split as on the city's page, spread by size, filled to the published number."""
    by_class = parts(beds, np.array([EIS[each][0] for each in classes], dtype=np.float64))
    rows = []
    for bed_class, total in zip(classes, by_class, strict=True):
        # Half of the hospitals have a class of ICU; which ones is drawn.
        share = 1.0 if bed_class in ISOLATION_CLASSES else 0.5
        has = generator.random(len(sizes)) < share
        weights = sizes * generator.lognormal(0.0, 0.4, len(sizes)) * has
        rows += [(row, bed_class, number) for row, number in enumerate(_spread(total, weights)) if number]
    staffed = [number for _row, _class, number in rows]
    in_use = _filled(staffed, used, generator)
    return [
        Beds(row, bed_class, number, taken)
        for (row, bed_class, number), taken in zip(rows, in_use, strict=True)
    ]


def _emergency(sizes: np.ndarray, generator: np.random.Generator) -> list[Beds]:
    """Emergency beds, 4 per cent of the house and all full, and the people before and inside; beds are invented."""
    crowd = sizes * generator.lognormal(0.0, 0.6, len(sizes))
    outside, inside = _spread(WAITING_OUTSIDE, crowd), _spread(WAITING_INSIDE, crowd)
    beds = [max(4, round(0.04 * size)) for size in sizes]
    return [
        Beds(row, BedClass.ED, beds[row], beds[row], outside[row], inside[row]) for row in range(len(sizes))
    ]


def _spread(total: int, weights: np.ndarray) -> list[int]:
    """Whole parts of a total in proportion to weights, by largest remainder; parts may be nothing."""
    ideal = weights / weights.sum() * total
    whole = np.floor(ideal).astype(np.int64)
    whole[np.argsort(whole - ideal, kind="stable")[: total - int(whole.sum())]] += 1
    return [int(each) for each in whole]


def _filled(staffed: Sequence[int], used: int, generator: np.random.Generator) -> list[int]:
    """Patients in the beds of each pool: their sum is `used` and none has more than it has beds."""
    order = generator.permutation(np.repeat(np.arange(len(staffed)), staffed))[:used]
    return [int(each) for each in np.bincount(order, minlength=len(staffed))]


def share_on(day: int) -> tuple[Fraction, Fraction]:
    """Beds as a share of those of 28 June, and the share of them in use, on a day before; linear in between.

    Args:
        day: from -11 to 0.
    """
    for (one, beds, used), (other, more, fuller) in itertools.pairwise(DAYS):
        if one <= day <= other:
            at = Fraction(day - one, other - one)
            return beds + at * (more - beds), used + at * (fuller - used)
    raise ValueError(f"no figures for day {day}")


def on_day(beds: Beds, day: int) -> Beds:
    """The same pool some days before: as many beds and patients as the city's sums had then, rounded."""
    size, used = share_on(day)
    _now, full = share_on(0)
    staffed = max(1, round(beds.staffed * size))
    return Beds(
        beds.hospital, beds.bed_class, staffed, min(staffed, round(beds.occupied * size * used / full))
    )


def published_day(day: int) -> date:
    """The day of 2021 that a day of the demonstration stands for."""
    return PUBLISHED_DATE + timedelta(days=day)
