"""Measures of coverage."""

from __future__ import annotations

import numpy as np
import pytest

from kolaborasi.allocation.effect import effect, effects


def test_effect_counts_lines_units_and_inequality() -> None:
    found = effect(np.array([10, 10, 20, 10]), np.array([0, 5, 20, 5]), kilometres=12.34)
    assert (found.lines, found.without_help, found.needed, found.promised) == (4, 1, 50, 30)
    assert (found.least, found.mean, found.kilometres) == (0.0, 0.5, 12.3)
    # Shares 0, 0.5, 0.5, 1: sum of (2k - 5) v_k = -3*0 - 1*0.5 + 1*0.5 + 3*1 = 3, divided by 4 * 2.
    assert found.gini == pytest.approx(3 / 8)


def test_effect_of_more_than_needed_is_full_coverage() -> None:
    assert effect(np.array([10]), np.array([12])).least == 1.0


def test_effects_are_told_for_each_item_and_for_all() -> None:
    items, needed, promised = np.array([1, 2, 1]), np.array([4, 8, 4]), np.array([4, 2, 0])
    found = effects(items, {1: "sembako", 2: "meals"}, needed, promised, {1: 3.0})
    assert found["items"]["sembako"]["least"] == 0.0
    assert found["items"]["sembako"]["kilometres"] == 3.0
    assert found["items"]["meals"]["promised"] == 2
    assert found["all"]["needed"] == 16
