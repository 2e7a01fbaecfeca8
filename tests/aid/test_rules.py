"""Decisions on plain values."""

from __future__ import annotations

from datetime import timedelta

import pytest

from kolaborasi.aid.rules import LineWish, contact_faults, need_faults, pledge_faults
from kolaborasi.aid.states import need_status
from tests.factories import TODAY


@pytest.mark.parametrize(
    ("basis", "institution", "most"),
    [("household", False, 100), ("person", False, 4000), ("household", True, 400), ("person", True, 4000)],
)
def test_units_are_bounded_by_the_heads_they_are_for(basis: str, institution: bool, most: int) -> None:
    def faults(quantity: int) -> list[str]:
        return need_faults(
            households=10,
            people=40,
            lines=[LineWish("barang", quantity, TODAY)],
            population=None,
            today=TODAY,
            institution=institution,
            bases={"barang": basis},
        )

    assert faults(most) == []
    assert faults(most + 1) == ["too-many-units"]


@pytest.mark.parametrize(("kind", "fault"), [("rw", []), ("kelurahan", []), ("city", ["place-too-wide"])])
def test_needs_are_of_a_kelurahan_or_an_rw(kind: str, fault: list[str]) -> None:
    lines = [LineWish("barang", 1, TODAY)]
    given = {"households": 1, "people": 1, "lines": lines, "population": None, "today": TODAY}
    assert need_faults(place_kind=kind, **given) == fault


def test_need_reaches_half_a_year_ahead() -> None:
    given = {"households": 1, "people": 1, "population": None, "today": TODAY}
    for days, fault in ((180, []), (181, ["too-far-ahead"])):
        assert need_faults(lines=[LineWish("barang", 1, TODAY + timedelta(days=days))], **given) == fault


@pytest.mark.parametrize(("needed_in", "fault"), [(0, ["after-needed"]), (1, []), (-1, [])])
def test_pledge_comes_by_the_day_it_is_needed_unless_that_has_passed(
    needed_in: int, fault: list[str]
) -> None:
    tomorrow, needed_by = TODAY + timedelta(days=1), TODAY + timedelta(days=needed_in)
    assert pledge_faults(quantity=1, deliver_date=tomorrow, today=TODAY, needed_by=needed_by) == fault


def test_one_way_to_reach_a_helper_is_enough() -> None:
    assert contact_faults(name="Warga", email="", phone="0812") == []
    assert contact_faults(name="Warga", email="a@contoh.example", phone="") == []
    assert contact_faults(name="", email="", phone="0812") == ["no-name"]


@pytest.mark.parametrize(
    ("state", "needed", "delivered", "word"),
    [
        ("open", 50, 49, "open"),
        ("open", 50, 50, "met"),
        ("withdrawn", 50, 50, "met"),
        ("withdrawn", 50, 20, "withdrawn"),
        ("rejected", 0, 0, "rejected"),
    ],
)
def test_need_is_met_once_all_of_it_has_arrived(state: str, needed: int, delivered: int, word: str) -> None:
    assert need_status(state, needed=needed, delivered=delivered) == word
