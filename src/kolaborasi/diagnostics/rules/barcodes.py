"""Numbers on the labels of specimens, with a check digit."""

from __future__ import annotations

from enum import StrEnum

# Source: H. M. Damm, Total anti-symmetrische Quasigruppen, Marburg 2004: finds every single wrong digit and every
# swap of neighbours.
TABLE = (
    (0, 3, 1, 7, 5, 9, 8, 6, 4, 2),
    (7, 0, 9, 2, 1, 5, 4, 8, 6, 3),
    (4, 2, 0, 6, 8, 7, 1, 3, 5, 9),
    (1, 7, 5, 0, 9, 8, 3, 4, 2, 6),
    (6, 1, 2, 3, 0, 4, 5, 9, 7, 8),
    (3, 6, 7, 4, 2, 0, 9, 5, 8, 1),
    (5, 8, 6, 9, 7, 2, 0, 1, 3, 4),
    (8, 9, 4, 5, 3, 6, 2, 0, 1, 7),
    (9, 4, 3, 8, 6, 1, 7, 2, 0, 5),
    (2, 5, 8, 1, 4, 3, 6, 7, 9, 0),
)
PREFIX = "K"
DIGITS = 9
LENGTH = len(PREFIX) + DIGITS + 1


class BarcodeFault(StrEnum):
    """Why a text cannot be a barcode of ours."""

    SHAPE = "shape"
    CHECK_DIGIT = "check-digit"


def check_digit(digits: str) -> int:
    """The Damm digit of a text of digits."""
    interim = 0
    for digit in digits:
        interim = TABLE[interim][int(digit)]
    return interim


def barcode_of(number: int) -> str:
    """The barcode of a label's number, for example `K0000000423`.

    Raises:
        ValueError: the number does not fit nine digits.
    """
    if not 0 < number < 10**DIGITS:
        raise ValueError(f"label numbers run from 1 to {10**DIGITS - 1}")
    digits = f"{number:0{DIGITS}d}"
    return f"{PREFIX}{digits}{check_digit(digits)}"


def scanned(text: str) -> str:
    """A barcode as it is stored, from what a scanner or a person typed."""
    return "".join(text.split()).upper()


def barcode_fault(barcode: str) -> BarcodeFault | None:
    """Why a scanned text is no barcode of ours; None when it is."""
    digits = barcode.removeprefix(PREFIX)
    if len(barcode) != LENGTH or len(digits) != DIGITS + 1 or not (digits.isascii() and digits.isdigit()):
        return BarcodeFault.SHAPE
    return BarcodeFault.CHECK_DIGIT if check_digit(digits) else None
