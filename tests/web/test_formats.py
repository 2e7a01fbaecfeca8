"""Numbers, money, dates and distances as people of the language write them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.template import Context, Template
from django.utils import translation

from kolaborasi.common import clock
from kolaborasi.web.templatetags.kolaborasi import ago

EVENING = datetime(2021, 7, 12, 17, 30, tzinfo=UTC)


def shown(value: Any, filters: str, language: str) -> str:
    with translation.override(language):
        return Template("{% load kolaborasi %}{{ value|" + filters + " }}").render(Context({"value": value}))


@pytest.mark.parametrize(
    ("value", "filters", "indonesian", "english"),
    [
        (1234567, "number", "1.234.567", "1,234,567"),
        (1234.56, "number:1", "1.234,6", "1,234.6"),
        (None, "number", "", ""),
        (45000, "rupiah", "Rp45.000", "Rp45,000"),
        (-45000, "rupiah", "-Rp45.000", "-Rp45,000"),
        (0, "rupiah", "Rp0", "Rp0"),
        (None, "rupiah", "", ""),
        (0.68, "percent", "68%", "68%"),
        (0.997, "percent", "&gt;99%", "&gt;99%"),
        (0.99, "percent", "99%", "99%"),
        (0.9949, "percent", "&gt;99%", "&gt;99%"),
        (0.001, "percent", "&lt;1%", "&lt;1%"),
        (0.0004, "percent", "&lt;1%", "&lt;1%"),
        (0.01, "percent", "1%", "1%"),
        (1, "percent", "100%", "100%"),
        (0, "percent", "0%", "0%"),
        (1.204, "percent", "120%", "120%"),
        (0.351, "distance", "350 m", "350 m"),
        (1.24, "distance", "1,2 km", "1.2 km"),
        (14.4, "distance", "14 km", "14 km"),
        (None, "distance", "", ""),
        (date(2021, 7, 12), "day", "12 Juli 2021", "12 July 2021"),
        (date(2021, 8, 9), "short_day", "9 Agu 2021", "9 Aug 2021"),
        (date(2021, 7, 12), "weekday", "Senin, 12 Juli 2021", "Monday, 12 July 2021"),
        (EVENING, "day", "13 Juli 2021", "13 July 2021"),
        (EVENING, "moment", "13 Juli 2021 00.30 WIB", "13 July 2021 00:30 WIB"),
        (EVENING, "iso", "2021-07-13T00:30:00+07:00", "2021-07-13T00:30:00+07:00"),
        (None, "moment", "", ""),
        (True, "shown", "Ya", "Yes"),
        (None, "shown", "–", "–"),
        (12345, "shown", "12.345", "12,345"),
        (date(2021, 7, 12), "shown", "12 Jul 2021", "12 Jul 2021"),
    ],
)
def test_value_is_written_as_in_the_language(value: Any, filters: str, indonesian: str, english: str) -> None:
    assert shown(value, filters, "id") == indonesian
    assert shown(value, filters, "en") == english


@pytest.mark.parametrize(
    ("shift", "indonesian"),
    [(timedelta(hours=-3), "3 jam yang lalu"), (timedelta(days=2, hours=1), "dalam 2 hari")],
)
def test_ago_says_before_and_after(shift: timedelta, indonesian: str) -> None:
    with translation.override("id"):
        assert ago(clock.utc_now() + shift) == indonesian
