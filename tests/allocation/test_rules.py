"""Decisions on plain values."""

from __future__ import annotations

from datetime import date

import pytest

from kolaborasi.allocation.rules import deliver_date, kelurahan_of, shore_of

TODAY = date(2021, 7, 12)


@pytest.mark.parametrize(
    ("available", "expected"),
    [
        (date(2021, 7, 1), date(2021, 7, 13)),
        (TODAY, date(2021, 7, 13)),
        (date(2021, 7, 20), date(2021, 7, 20)),
    ],
)
def test_delivery_is_tomorrow_or_when_the_offer_is_there(available: date, expected: date) -> None:
    assert deliver_date(TODAY, available) == expected


def test_kelurahan_of_an_rw_and_of_itself() -> None:
    assert kelurahan_of("31.71.01.1001/012") == kelurahan_of("31.71.01.1001") == "31.71.01.1001"


def test_every_island_is_a_shore_of_its_own_and_the_city_is_the_mainland() -> None:
    assert shore_of("31.71.01.1001/012") == 0
    assert shore_of("31.01.01.1001") == shore_of("31.01.01.1001/003") != shore_of("31.01.01.1002")
    assert shore_of("31.01.01.1002") > 0
