"""Whole numbers as people type them."""

from __future__ import annotations

import pytest
from django import forms
from django.utils import translation

from kolaborasi.common.pages import UnitsField


class Order(forms.Form):
    """A form with a quantity."""

    quantity = UnitsField()


def read(typed: str, language: str) -> int | list[str]:
    """What the form takes from what was typed, or its complaints."""
    with translation.override(language):
        form = Order({"quantity": typed})
        return (
            form.cleaned_data["quantity"]
            if form.is_valid()
            else [str(each) for each in form.errors["quantity"]]
        )


@pytest.mark.parametrize(
    ("typed", "language", "number"),
    [
        ("12", "id", 12),
        (" 12 ", "id", 12),
        ("1.000", "id", 1_000),
        ("8.870", "id", 8_870),
        ("1.234.567", "id", 1_234_567),
        ("1,000", "en", 1_000),
        ("0012", "id", 12),
    ],
)
def test_number_is_read_as_the_page_writes_it(typed: str, language: str, number: int) -> None:
    assert read(typed, language) == number


@pytest.mark.parametrize(
    "typed",
    [
        "1.00",
        "1.0",
        "1,000",
        "1,5",
        "1_000",
        "1 000",
        "1e3",
        "0.500",
        "1.0000",
        "12.34.567",
        "-5",
        "+5",
        "١٢",
        "lima",
    ],
)
def test_anything_that_could_be_read_in_two_ways_is_refused(typed: str) -> None:
    sentence = "Tuliskan bilangan bulat tanpa desimal, misalnya 1.000."
    assert read(typed, "id") == [sentence]


def test_other_language_s_group_sign_is_refused_with_the_own_one() -> None:
    assert read("1.000", "en") == ["Type a whole number without a decimal part, for example 1,000."]


@pytest.mark.parametrize("typed", ["0", "10.000.001", "9" * 18])
def test_number_outside_the_limits_is_refused(typed: str) -> None:
    assert len(read(typed, "id")) == 1  # type: ignore[arg-type]


def test_absurdly_long_number_is_refused_and_not_converted() -> None:
    assert read("9" * 5_000, "id") == ["Tuliskan bilangan bulat tanpa desimal, misalnya 1.000."]


def test_what_was_typed_stays_in_the_field() -> None:
    form = Order({"quantity": "1.00"})
    assert 'value="1.00"' in str(form["quantity"])
    assert 'type="text"' in str(form["quantity"])
