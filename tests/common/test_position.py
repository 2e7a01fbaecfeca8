"""The filter that measures a list from where the visitor is."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import ValidationError

from kolaborasi.common.pages import Near


def measured(position: str) -> Any:
    near = Near.me(lambda rows, latitude, longitude: [*rows, latitude, longitude])
    assert near.apply is not None
    return near.apply(["row"], position)


def test_rows_are_measured_from_the_position() -> None:
    assert measured("-6.17,106.82") == ["row", -6.17, 106.82]


@pytest.mark.parametrize("position", ["99.0,106.8", "-6.1,181", "somewhere", "", "-6.1"])
def test_position_that_is_not_on_earth_measures_nothing(position: str) -> None:
    assert measured(position) == ["row"]


@pytest.mark.parametrize("position", ["-6.1 ,106.8", "1e1,106", "-6.1,106.8;drop"])
def test_position_of_another_shape_is_refused(position: str) -> None:
    with pytest.raises(ValidationError):
        Near.me(lambda rows, _latitude, _longitude: rows).field.clean(position)


def test_position_itself_is_not_shown() -> None:
    assert Near.me(lambda rows, _latitude, _longitude: rows).shown("-6.17,106.82") is True
