"""Whether to test several specimens in one well first, and how many."""

from __future__ import annotations

from dataclasses import dataclass

LARGEST_POOL = 10
"""More would dilute a weak specimen beyond what kits were validated for."""


@dataclass(frozen=True)
class PoolAdvice:
    """What pooling would bring.

    Args:
        size: specimens in a pool; 1 says do not pool.
        positivity: share it was computed for, 0 to 1.
        tests_per_specimen: expected, retests included.
        saving: share of tests not needed, 0 to 1.
    """

    size: int
    positivity: float
    tests_per_specimen: float
    saving: float


def expected_tests(size: int, positivity: float) -> float:
    """Expected tests for each specimen in pools of a size: 1/k + 1 - (1 - p)^k, and 1 without pools.

    Source: R. Dorfman, The detection of defective members of large populations, Annals of Mathematical Statistics
    14 (1943) 436-440. A perfect test is assumed.
    """
    if size == 1:
        return 1.0
    return float(1 / size + 1 - (1 - positivity) ** size)


def advise(positivity: float, largest: int = LARGEST_POOL) -> PoolAdvice:
    """The pool size with the fewest expected tests.

    Raises:
        ValueError: positivity is not a share.
    """
    if not 0 <= positivity <= 1:
        raise ValueError("positivity is a share from 0 to 1")
    size = min(range(1, largest + 1), key=lambda each: (expected_tests(each, positivity), each))
    tests = expected_tests(size, positivity)
    return PoolAdvice(size, positivity, tests, 1 - tests)
