"""Names as others may read them."""

from __future__ import annotations

import pytest
from django import forms

from kolaborasi.common.names import LONGEST_NAME, plain_name
from kolaborasi.common.pages import NameField


@pytest.mark.parametrize(
    ("typed", "plain"),
    [
        ("Warga Contoh", "Warga Contoh"),
        ("  Warga \t\n Contoh ", "Warga Contoh"),
        ("Warga\u202egnabmus\u202c", "Wargagnabmus"),
        ("\u2066Warga\u2069\u200b\u200e", "Warga"),
        ("Warga\x00\x07 Contoh", "Warga Contoh"),
        ("\u202e\u200b", ""),
        ("Nuraïni D'Contoh-Çelik", "Nuraïni D'Contoh-Çelik"),
        ("李 明", "李 明"),
    ],
)
def test_name_keeps_what_is_seen(typed: str, plain: str) -> None:
    assert plain_name(typed) == plain


@pytest.mark.parametrize("typed", ["\u202e \u200b", "x" * (LONGEST_NAME + 1), ""])
def test_name_of_nothing_or_without_end_is_refused(typed: str) -> None:
    with pytest.raises(forms.ValidationError):
        NameField().clean(typed)


def test_field_takes_the_plain_name() -> None:
    assert NameField().clean(" Warga\u202e  Contoh ") == "Warga Contoh"
