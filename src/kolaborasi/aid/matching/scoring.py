"""How surely two listed households are one.

Fellegi and Sunter (A Theory for Record Linkage, 1969): every field is compared to a level; each level adds
log2(m / u), where m is how often that level is met in records of one household and u in records of two. The sum of the
weights and of the prior is the log2 of the odds that they are one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from math import log2

from rapidfuzz.distance import OSA, JaroWinkler

from kolaborasi.aid.matching.names import sounds_of, words_of


class Level(StrEnum):
    """How far two values of a field agree."""

    EQUAL = "equal"
    CLOSE = "close"
    FAR = "far"
    BIRTH = "birth"
    OTHER = "other"
    UNKNOWN = "unknown"


CHANCES: dict[str, dict[Level, tuple[float, float]]] = {
    "nik": {
        Level.EQUAL: (0.85, 1e-7),
        Level.CLOSE: (0.12, 2e-6),
        Level.FAR: (0.02, 3e-5),
        Level.BIRTH: (0.005, 2e-5),
        Level.OTHER: (0.005, 1.0),
    },
    "kk": {
        Level.EQUAL: (0.82, 1e-7),
        Level.CLOSE: (0.10, 5e-6),
        Level.FAR: (0.02, 5e-5),
        Level.OTHER: (0.06, 1.0),
    },
    "name": {
        Level.EQUAL: (0.75, 5e-4),
        Level.CLOSE: (0.15, 4e-3),
        Level.FAR: (0.07, 4e-2),
        Level.OTHER: (0.03, 0.956),
    },
    "place": {Level.EQUAL: (0.90, 1 / 267), Level.OTHER: (0.10, 1.0)},
}
"""(m, u) of each level.

m: our assumption of what clerks do: of the NIK of one head on two lists 85 % are equal, 12 % one slip apart; a family
card is renewed when a family moves or changes, so 6 % differ; 10 % of households are listed in another kelurahan.
u: two NIK drawn by chance are equal never and one slip apart when two people of one kecamatan and birthday have
neighbouring serial numbers; one name in 2,000 is the same; Jakarta has 267 kelurahan.
"""

PRIOR = -20.0
"""log2 of the odds that a household drawn from a registry of a million is the one on the list."""

SAME_FROM = 8.0
"""From here two records are one without a person looking: odds of 256 to 1."""

REVIEW_FROM = -4.0
"""From here a person looks: odds of 1 to 16. Below, the two are different households."""

NAME_CLOSE, NAME_FAR = 0.92, 0.80
"""Jaro-Winkler similarity of names whose words are sorted."""


class Verdict(StrEnum):
    """What follows from a comparison."""

    SAME = "same"
    REVIEW = "review"
    DIFFERENT = "different"


@dataclass(frozen=True)
class Listed:
    """What a list says of a household.

    Args:
        nik, kk: sixteen digits, empty when unknown.
        place: code of the kelurahan, empty when unknown.
    """

    nik: str
    kk: str
    name: str
    birth_date: date | None = None
    place: str = ""


@dataclass(frozen=True)
class Comparison:
    """Two listed households side by side.

    Args:
        levels: level by field.
        score: log2 of the odds that they are one.
    """

    levels: dict[str, Level]
    score: float

    @property
    def verdict(self) -> Verdict:
        """Same, different, or for a person to say.

        A NIK or family card that is equal is never passed over, and a NIK with another name is never taken for the
        same without a look: one of the two was copied wrongly.
        """
        equal = Level.EQUAL in (self.levels["nik"], self.levels["kk"])
        strange = self.levels["nik"] == Level.EQUAL and self.levels["name"] == Level.OTHER
        if self.score >= SAME_FROM and not strange:
            return Verdict.SAME
        return Verdict.REVIEW if equal or self.score >= REVIEW_FROM else Verdict.DIFFERENT


def compare(one: Listed, other: Listed) -> Comparison:
    """Compare two listed households field by field."""
    levels = {
        "nik": _nik(one, other),
        "kk": _number(one.kk, other.kk),
        "name": name_level(one.name, other.name),
        "place": _place(one.place, other.place),
    }
    return Comparison(levels, PRIOR + sum(weight(field, level) for field, level in levels.items()))


def weight(field: str, level: Level) -> float:
    """What a level adds to the score: log2(m / u); an unknown value adds nothing."""
    if level == Level.UNKNOWN:
        return 0.0
    m, u = CHANCES[field][level]
    return log2(m / u)


def name_level(one: str, other: str) -> Level:
    """How far two names agree: equal in sound, close in letters, one a part of the other, or another."""
    sounds, others = set(sounds_of(one)), set(sounds_of(other))
    if not sounds or not others:
        return Level.UNKNOWN
    if sounds == others:
        return Level.EQUAL
    alike = JaroWinkler.similarity(" ".join(sorted(words_of(one))), " ".join(sorted(words_of(other))))
    if alike >= NAME_CLOSE:
        return Level.CLOSE
    part = sounds <= others or others <= sounds
    return Level.FAR if part or alike >= NAME_FAR else Level.OTHER


def _nik(one: Listed, other: Listed) -> Level:
    level = _number(one.nik, other.nik)
    born_alike = one.birth_date is not None and one.birth_date == other.birth_date
    return Level.BIRTH if level in (Level.OTHER, Level.UNKNOWN) and born_alike else level


def _number(one: str, other: str) -> Level:
    if not one or not other:
        return Level.UNKNOWN
    slips = OSA.distance(one, other, score_cutoff=2)
    return (Level.EQUAL, Level.CLOSE, Level.FAR, Level.OTHER)[slips]


def _place(one: str, other: str) -> Level:
    if not one or not other:
        return Level.UNKNOWN
    return Level.EQUAL if one == other else Level.OTHER
