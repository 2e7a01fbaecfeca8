"""Generated labs: kinds as published, machines drawn by size, and together what the network read on its busiest day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from kolaborasi.demo.offers import SEED, parts
from kolaborasi.diagnostics.rules.capacity import MachineFacts, ShiftFacts, derived_capacity
from kolaborasi.partners.models import PartnerKind, SiteKind

PEAK_SPECIMENS = 45_030
"""Specimens examined on 18 July 2021, the most of any day (beritajakarta.id); the demonstration offers as many."""

MOBILE_LIMIT = 300
"""Most specimens a mobile lab reads in a day."""


@dataclass(frozen=True)
class LabKindFact:
    """Labs of one kind: how many, whose they are, how they are called, and how they work.

    Args:
        machines: least and most machines.
        shifts: shifts of eight hours a day.
        days: working days a week.
    """

    number: int
    partner: str
    site: str
    name: str
    machines: tuple[int, int]
    shifts: int
    days: int
    mobile: bool = False


KINDS = (
    LabKindFact(22, PartnerKind.GOVERNMENT, SiteKind.LAB, "Laboratorium Kesehatan Contoh", (2, 4), 3, 7),
    LabKindFact(18, PartnerKind.CAMPUS, SiteKind.LAB, "Laboratorium Kampus Contoh", (1, 2), 2, 7),
    LabKindFact(10, PartnerKind.RESEARCH, SiteKind.LAB, "Laboratorium Riset Contoh", (1, 3), 2, 6),
    LabKindFact(40, PartnerKind.LAB, SiteKind.LAB, "Laboratorium Swasta Contoh", (1, 3), 2, 6),
    LabKindFact(22, PartnerKind.HOSPITAL, SiteKind.HOSPITAL, "Laboratorium RS Contoh", (1, 2), 2, 7),
    LabKindFact(8, PartnerKind.GOVERNMENT, SiteKind.LAB, "Laboratorium Keliling Contoh", (1, 1), 1, 7, True),
)
"""120 labs. Shares follow the 54 labs of 5 August 2020: about two fifths the government's, over half private or of
enterprises (republika.co.id); campuses and research centres are those the city later named. The numbers of labs by kind in
mid-2021 were not found, so they are assumed."""

MODELS = (("CFX96", 96, 90), ("QuantStudio 5", 96, 75), ("LightCycler 480", 96, 80))
DAY_STARTS = 7 * 60
PREPARATION_MINUTES = 60


@dataclass(frozen=True)
class GeneratedLab:
    """A lab of the demonstration.

    Args:
        number: from 1, within its kind.
        machines: models with wells and minutes of a run.
        offer: specimens a day it reads for the network.
    """

    kind: LabKindFact
    number: int
    biosafety: int
    machines: tuple[tuple[str, int, int], ...]
    shifts: tuple[ShiftFacts, ...]
    offer: int = 0

    @property
    def name(self) -> str:
        """Visibly made up."""
        return f"{self.kind.name} {self.number}"

    @property
    def legal_id(self) -> str:
        """Number of its partner; tells that it belongs to the demonstration."""
        return f"CONTOH-LAB-{self.kind.name.split()[1][:3].upper()}{self.number:02d}"

    def able(self, weekday: int) -> int:
        """Specimens its machines and shifts allow on a weekday, 0 for Monday, when reagents are not short."""
        from datetime import date, timedelta

        return derived_capacity(
            day=date(2021, 7, 12) + timedelta(days=weekday),
            machines=[MachineFacts(wells, minutes) for _model, wells, minutes in self.machines],
            shifts=self.shifts,
            preparation_minutes=PREPARATION_MINUTES,
            reagents=10**9,
        )


def generated_labs(seed: int = SEED) -> list[GeneratedLab]:
    """All labs; on a Monday they offer together as many specimens as were read on the busiest day."""
    generator = np.random.default_rng([seed, 21])
    labs = [_lab(kind, number, generator) for kind in KINDS for number in range(1, kind.number + 1)]
    offers = _offers(labs)
    return [
        GeneratedLab(each.kind, each.number, each.biosafety, each.machines, each.shifts, offer)
        for each, offer in zip(labs, offers, strict=True)
    ]


def _lab(kind: LabKindFact, number: int, generator: np.random.Generator) -> GeneratedLab:
    least, most = kind.machines
    count = int(generator.integers(least, most + 1))
    models = generator.integers(0, len(MODELS), count)
    # The day of rest is Sunday.
    shifts = tuple(
        ShiftFacts(day, (DAY_STARTS + turn * 480) % 1440, 480, count)
        for day in range(kind.days)
        for turn in range(kind.shifts)
    )
    safety = 3 if kind.partner == PartnerKind.RESEARCH and number <= 3 else 2
    return GeneratedLab(kind, number, safety, tuple(MODELS[row] for row in models), shifts)


def _offers(labs: Sequence[GeneratedLab]) -> list[int]:
    """The published number in proportion to what each can do; a mobile lab gives no more than its limit."""
    able = np.array([min(lab.able(0), MOBILE_LIMIT) if lab.kind.mobile else lab.able(0) for lab in labs])
    return parts(min(PEAK_SPECIMENS, int(able.sum())), able.astype(np.float64))
