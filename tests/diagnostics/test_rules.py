"""Barcodes, capacity, assays, pools, times, counts and names, as plain values."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from kolaborasi.diagnostics.rules.assays import (
    AssayRule,
    ControlFault,
    Outcome,
    control_faults,
    ct_faults,
    interpret,
    normal_position,
    well_order,
)
from kolaborasi.diagnostics.rules.barcodes import BarcodeFault, barcode_fault, barcode_of, scanned
from kolaborasi.diagnostics.rules.capacity import (
    MachineFacts,
    ShiftFacts,
    derived_capacity,
    run_slots,
    runs_in,
)
from kolaborasi.diagnostics.rules.counts import per_1000_week, suppressed
from kolaborasi.diagnostics.rules.identity import identity_faults, same_name
from kolaborasi.diagnostics.rules.pooling import advise, expected_tests
from kolaborasi.diagnostics.rules.times import TimeFault, time_fault

MONDAY = date(2021, 7, 12)
NUMBERS = st.integers(1, 10**9 - 1)
CDC = AssayRule({"N1": 40.0, "N2": 40.0}, 2, "RP", 40.0, 45.0)


@given(NUMBERS)
def test_barcode_is_found_right(number: int) -> None:
    assert barcode_fault(barcode_of(number)) is None
    assert barcode_fault(scanned(f" {barcode_of(number).lower()} \n")) is None


@given(NUMBERS, st.integers(1, 10), st.integers(1, 9))
def test_every_single_wrong_digit_is_found(number: int, place: int, shift: int) -> None:
    barcode = barcode_of(number)
    wrong = str((int(barcode[place]) + shift) % 10)
    assert barcode_fault(barcode[:place] + wrong + barcode[place + 1 :]) == BarcodeFault.CHECK_DIGIT


@given(NUMBERS, st.integers(1, 9))
def test_every_swap_of_neighbours_is_found(number: int, place: int) -> None:
    barcode = barcode_of(number)
    assume(barcode[place] != barcode[place + 1])
    swapped = barcode[:place] + barcode[place + 1] + barcode[place] + barcode[place + 2 :]
    assert barcode_fault(swapped) == BarcodeFault.CHECK_DIGIT


@pytest.mark.parametrize("text", ["", "K", "0000000010", "KK00000000", "K00000000١0", "K000000000100"])
def test_text_of_another_shape_is_no_barcode(text: str) -> None:
    assert barcode_fault(text) == BarcodeFault.SHAPE


@pytest.mark.parametrize("number", [0, -1, 10**9])
def test_number_outside_nine_digits_has_no_barcode(number: int) -> None:
    with pytest.raises(ValueError, match="label numbers"):
        barcode_of(number)


@pytest.mark.parametrize(
    ("minutes", "run", "preparation", "runs"),
    [(480, 120, 60, 3), (480, 120, 0, 4), (179, 120, 60, 0), (180, 120, 60, 1), (480, 60, 120, 3)],
)
def test_runs_that_fit_into_a_shift(minutes: int, run: int, preparation: int, runs: int) -> None:
    assert runs_in(ShiftFacts(0, 0, minutes, 1), MachineFacts(96, run), preparation) == runs


def capacity(reagents: int = 10_000, staffed: int = 2, weekday: int = 0) -> int:
    return derived_capacity(
        day=MONDAY,
        machines=[MachineFacts(96, 120), MachineFacts(96, 120), MachineFacts(32, 60)],
        shifts=[ShiftFacts(weekday, 480, 480, staffed)],
        preparation_minutes=60,
        reagents=reagents,
    )


def test_capacity_follows_from_machines_shifts_and_reagents() -> None:
    # Two machines of 94 specimens, three runs each; controls use two reactions of 96.
    assert capacity() == 564
    assert capacity(staffed=3) == 564 + 7 * 30
    assert capacity(staffed=0) == 0
    assert capacity(weekday=6) == 0
    assert capacity(reagents=288) == 282
    assert capacity(reagents=0) == 0


@given(st.integers(0, 2000), st.integers(0, 2000))
def test_more_reagents_never_mean_less_capacity(one: int, other: int) -> None:
    low, high = sorted((one, other))
    assert capacity(low) <= capacity(high)


def test_run_slots_are_the_capacity_in_the_order_of_their_results() -> None:
    slots = run_slots(
        day=MONDAY,
        machines=[MachineFacts(96, 120), MachineFacts(32, 60)],
        shifts=[ShiftFacts(0, 480, 480, 2)],
        preparation_minutes=60,
        zone=UTC,
    )
    assert all(first.results_at <= second.results_at for first, second in pairwise(slots))
    assert sum(slot.specimens for slot in slots) == 3 * 94 + 7 * 30
    assert slots[0].cut_off_at == datetime(2021, 7, 12, 8, tzinfo=UTC)
    assert slots[-1].results_at <= datetime(2021, 7, 12, 16, tzinfo=UTC)


@pytest.mark.parametrize(
    ("n1", "n2", "control", "outcome"),
    [
        (20.0, 21.0, 25.0, Outcome.POSITIVE),
        (20.0, 21.0, None, Outcome.POSITIVE),
        (40.0, 40.0, None, Outcome.POSITIVE),
        (20.0, None, 25.0, Outcome.INCONCLUSIVE),
        (20.0, 40.1, None, Outcome.INCONCLUSIVE),
        (None, None, 25.0, Outcome.NEGATIVE),
        (41.0, 44.0, 40.0, Outcome.NEGATIVE),
        (None, None, 40.1, Outcome.INVALID),
        (None, None, None, Outcome.INVALID),
    ],
)
def test_outcome_follows_the_rule_of_the_assay(
    n1: float | None, n2: float | None, control: float | None, outcome: Outcome
) -> None:
    assert interpret(CDC, {"N1": n1, "N2": n2, "RP": control}) == outcome


@given(
    st.fixed_dictionaries({name: st.none() | st.floats(0.1, 45) for name in ("N1", "N2", "RP")}),
    st.sampled_from(["N1", "N2"]),
)
def test_another_detected_target_never_makes_a_result_more_negative(
    readings: dict[str, float | None], target: str
) -> None:
    order = [Outcome.INVALID, Outcome.NEGATIVE, Outcome.INCONCLUSIVE, Outcome.POSITIVE]
    with_target = {**readings, target: 20.0}
    assert order.index(interpret(CDC, with_target)) >= order.index(interpret(CDC, readings))


def test_assay_without_an_internal_control_has_no_invalid() -> None:
    rule = AssayRule({"E": 38.0}, 1, "", 0, 45)
    assert interpret(rule, {"E": None}) == Outcome.NEGATIVE
    assert rule.targets == ("E",)


def test_ct_outside_the_run_is_named() -> None:
    assert ct_faults(CDC, {"N1": 45.0, "N2": 45.1, "RP": None, "X": 0.0, "Y": -1.0}) == ["N2", "X", "Y"]


def test_controls_are_checked_before_anything_is_read() -> None:
    good, none = {"N1": 25.0, "N2": 25.0, "RP": 25.0}, {"N1": None, "N2": None, "RP": None}
    assert control_faults(CDC, [good], [none]) == []
    assert control_faults(CDC, [], []) == [ControlFault.NO_POSITIVE, ControlFault.NO_NEGATIVE]
    assert control_faults(CDC, [{**good, "N1": None}], [none]) == [ControlFault.POSITIVE_FAILED]
    assert control_faults(CDC, [good], [none, good]) == [ControlFault.NEGATIVE_FAILED]


def test_plates_are_filled_column_by_column() -> None:
    assert well_order(96)[:9] == ["A1", "B1", "C1", "D1", "E1", "F1", "G1", "H1", "A2"]
    assert well_order(96)[-1] == "H12"
    assert (len(set(well_order(384))), well_order(384)[-1]) == (384, "P24")
    assert normal_position(" a01 ") == "A1"
    assert normal_position("H10") == "H10"
    with pytest.raises(ValueError, match="384"):
        well_order(385)


@pytest.mark.parametrize(
    ("positivity", "size", "tests"),
    [
        (0.01, 10, 0.1956),
        (0.02, 8, 0.2742),
        (0.05, 5, 0.4262),
        (0.1, 4, 0.5939),
        (0.2, 3, 0.8213),
        (0.35, 1, 1),
    ],
)
def test_pool_size_is_that_of_dorfman(positivity: float, size: int, tests: float) -> None:
    advice = advise(positivity)
    assert advice.size == size
    assert advice.tests_per_specimen == pytest.approx(tests, abs=1e-4)
    assert advice.saving == pytest.approx(1 - tests, abs=1e-4)


@given(st.floats(0, 1), st.integers(1, 10))
def test_advised_pool_needs_the_fewest_tests(positivity: float, size: int) -> None:
    assert advise(positivity).tests_per_specimen <= expected_tests(size, positivity) + 1e-12


def test_positivity_that_is_no_share_is_refused() -> None:
    with pytest.raises(ValueError, match="share"):
        advise(1.2)


def test_time_of_an_event_must_be_possible() -> None:
    now = datetime(2021, 7, 12, tzinfo=UTC)
    minute = timedelta(minutes=1)
    assert time_fault(now + 5 * minute, now=now) is None
    assert time_fault(now + 6 * minute, now=now) == TimeFault.FUTURE
    assert time_fault(now - minute, now=now, not_before=now) == TimeFault.BEFORE_THE_LAST
    assert time_fault(now - 8 * 1440 * minute, now=now, oldest=timedelta(days=7)) == TimeFault.TOO_OLD


def test_small_counts_are_hidden_and_cannot_be_worked_out_from_the_sum() -> None:
    assert suppressed({"a": 0, "b": 4, "c": 5, "d": 9}) == {"a": 0, "b": None, "c": None, "d": 9}
    assert suppressed({"a": 1, "b": 4, "c": 5}) == {"a": None, "b": None, "c": 5}
    assert suppressed({"a": 0, "b": 5}) == {"a": 0, "b": 5}
    assert suppressed({"a": 3}) == {"a": None}


@given(st.dictionaries(st.integers(0, 30), st.integers(0, 40), max_size=12))
def test_no_small_count_is_ever_shown(cells: dict[int, int]) -> None:
    shown = suppressed(cells)
    assert all(count is None or count == cells[key] for key, count in shown.items())
    assert not any(count is not None and 0 < count < 5 for count in shown.values())
    hidden = [key for key, count in shown.items() if count is None]
    positive = [key for key, count in cells.items() if count > 0]
    assert len(hidden) != 1 or positive == hidden


def test_yardstick_is_persons_per_thousand_and_week() -> None:
    assert per_1000_week(235_646, 10_645_000) == pytest.approx(22.14, abs=0.01)
    assert per_1000_week(10, 0) is None


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Siti Aminah", "SITI AMINAH", True),
        ("Muhamad Rizki", "Muhammad Rizki", True),
        ("Siti", "Siti Aminah", True),
        ("Dr. Siti Aminah", "Siti Aminah", True),
        ("Siti Aminah", "Budi Santoso", False),
        ("Siti Aminah", "", False),
    ],
)
def test_names_are_compared_as_people_write_them(one: str, other: str, same: bool) -> None:
    assert same_name(one, other) is same


def test_identity_faults_name_what_differs() -> None:
    told = ("Siti", date(1990, 7, 1), "female")
    assert identity_faults(told=told, known=told) == []
    assert identity_faults(told=told, known=("Budi", date(1990, 7, 2), "male")) == [
        "name",
        "birth_date",
        "sex",
    ]
