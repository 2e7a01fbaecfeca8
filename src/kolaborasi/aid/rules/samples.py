"""How many households of a list are visited, which, and what follows from what is found."""

from __future__ import annotations

import random
from collections.abc import Sequence
from enum import StrEnum
from math import ceil, sqrt

CONFIDENCE = 1.96
"""Two-sided 95 % quantile of the normal distribution."""

MARGIN = 0.10
"""Half the width of the interval the sample is to give, at the worst share of one half."""

TOLERATED = 0.10
"""Share of wrong households a list may have. In RW 012 Sunter Jaya it was about 40 % (kompas.com, 21 April 2020)."""


def sample_size(households: int, *, margin: float = MARGIN) -> int:
    """Households to visit: n0 = z² / (4 e²), n = n0 / (1 + (n0 - 1) / N).

    Cochran (Sampling Techniques, 1977, ch. 4) at a share of one half, with the correction for a small population.
    """
    if households < 1:
        return 0
    unbounded = CONFIDENCE**2 / (4 * margin**2)
    return min(households, ceil(unbounded / (1 + (unbounded - 1) / households)))


def drawn(keys: Sequence[int], size: int, seed: int) -> list[int]:
    """A simple random sample, in ascending order; the same seed draws the same, so anybody can check it."""
    return sorted(random.Random(seed).sample(sorted(keys), min(size, len(keys))))  # noqa: S311 - no secret


def share_interval(wrong: int, visited: int) -> tuple[float, float]:
    """Wilson's interval (1927) of a share, 95 %: (0, 1) when nobody was visited."""
    if not visited:
        return 0.0, 1.0
    share, z = wrong / visited, CONFIDENCE**2 / visited
    middle = (share + z / 2) / (1 + z)
    half = CONFIDENCE / (1 + z) * sqrt(share * (1 - share) / visited + z / (4 * visited))
    return max(0.0, middle - half), min(1.0, middle + half)


class RollVerdict(StrEnum):
    """What the visits say of a list."""

    SOUND = "sound"
    UNSOUND = "unsound"
    UNSURE = "unsure"


def roll_verdict(*, wrong: int, right: int, to_visit: int, tolerated: float = TOLERATED) -> RollVerdict:
    """A list is unsound as soon as its wrong share is surely above what is tolerated.

    Sound once all were visited and the share found is at most that; otherwise it is not known yet.

    Args:
        to_visit: drawn but not found at home, or not visited yet.
    """
    visited = wrong + right
    if visited and share_interval(wrong, visited)[0] > tolerated:
        return RollVerdict.UNSOUND
    if to_visit or not visited:
        return RollVerdict.UNSURE
    return RollVerdict.SOUND if wrong / visited <= tolerated else RollVerdict.UNSOUND
