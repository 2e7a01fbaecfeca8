"""Merchant-presented payment codes: the string inside a QR code, as fields and back again; pure.

Source: EMV QR Code Specification for Payment Systems, Merchant-Presented Mode. A field is two digits of id, two digits
of length counted in *characters*, and its value; the last field is a CRC-16/CCITT-FALSE over the UTF-8 bytes before
its own value. Python keeps that checksum as `binascii.crc_hqx`. What Indonesia asks beyond it (QRIS) is `qris_faults`.
"""

from __future__ import annotations

import re
from binascii import crc_hqx
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

LONGEST_CODE = 512
LONGEST_VALUE = 99
CRC_HEAD = "6304"
NATIONAL_DOMAIN = "ID.CO.QRIS.WWW"
TEMPLATES = frozenset(f"{number:02}" for number in (*range(26, 52), 62, 64, *range(80, 100)))
"""Ids whose value is itself a row of fields."""
ACCOUNTS = tuple(f"{number:02}" for number in range(26, 51))


class CodeFault(StrEnum):
    """Why a string is no payment code."""

    TOO_LONG = "too-long"
    UNPRINTABLE = "unprintable"
    CUT_OFF = "cut-off"
    NOT_DIGITS = "not-digits"
    TWICE = "twice"
    WRONG_START = "wrong-start"
    NO_CRC = "no-crc"
    WRONG_CRC = "wrong-crc"


class QrisFault(StrEnum):
    """What QRIS asks for and a well-formed code lacks."""

    CURRENCY = "currency"
    COUNTRY = "country"
    ACCOUNT = "account"
    NATIONAL_ID = "national-id"
    CATEGORY = "category"
    NAME = "name"
    CITY = "city"
    POSTAL_CODE = "postal-code"


class BrokenCode(ValueError):
    """A string is no payment code.

    Args:
        fault: what is wrong.
        at: position of the field at fault, in characters from 0.
    """

    def __init__(self, fault: CodeFault, at: int) -> None:
        super().__init__(f"{fault.value} at character {at}")
        self.fault, self.at = fault, at


@dataclass(frozen=True)
class Field:
    """One field: an id of two digits and a value of 1 to 99 characters.

    Raises:
        ValueError: neither is so.
    """

    id: str
    value: str

    def __post_init__(self) -> None:
        if not _digits(self.id) or len(self.id) != 2 or not 1 <= len(self.value) <= LONGEST_VALUE:
            raise ValueError(f"no field: {self.id!r} of {len(self.value)} characters")

    def __str__(self) -> str:
        return f"{self.id}{len(self.value):02}{self.value}"

    @property
    def parts(self) -> tuple[Field, ...]:
        """The fields inside a template; none of a plain field."""
        return _fields(self.value) if self.id in TEMPLATES else ()


def parse(code: str) -> tuple[Field, ...]:
    """The fields of a payment code in their order, without the checksum; `build` gives the same code back.

    Raises:
        BrokenCode: too long, cut off, with characters nobody sees, an id twice, not version 01, or the checksum is missing or wrong.
    """
    if len(code) > LONGEST_CODE:
        raise BrokenCode(CodeFault.TOO_LONG, LONGEST_CODE)
    if not code.isprintable():
        at = next(at for at, character in enumerate(code) if not character.isprintable())
        raise BrokenCode(CodeFault.UNPRINTABLE, at)
    crc_at = len(code) - len(CRC_HEAD) - 4
    if crc_at < 0 or code[crc_at:-4] != CRC_HEAD:
        # A cut-off code has lost its checksum too; where it was cut tells more.
        _fields(code)
        raise BrokenCode(CodeFault.NO_CRC, max(crc_at, 0))
    fields = _fields(code[:crc_at])
    if fields[:1] != (Field("00", "01"),):
        raise BrokenCode(CodeFault.WRONG_START, 0)
    if checksum(code[:-4]) != code[-4:]:
        raise BrokenCode(CodeFault.WRONG_CRC, crc_at)
    for at, field in _placed(fields):
        _inside(field, at)
    return fields


def build(fields: Iterable[Field]) -> str:
    """A payment code with its checksum.

    Args:
        fields: in their order, the first `00`, without `63`.
    """
    head = "".join(map(str, fields)) + CRC_HEAD
    return head + checksum(head)


def checksum(text: str) -> str:
    """CRC-16/CCITT-FALSE (polynomial 1021, start FFFF, nothing reflected) of the UTF-8 bytes: four hexadecimal digits."""
    return f"{crc_hqx(text.encode(), 0xFFFF):04X}"


def qris_faults(fields: Sequence[Field]) -> list[QrisFault]:
    """What QRIS asks for and these fields lack; empty when they are a QRIS code.

    Rupiah and Indonesia; an account of a payment provider; the national merchant id under `ID.CO.QRIS.WWW`; category,
    name, city and postal code of the merchant.
    """
    values = {field.id: field.value for field in fields}
    asked = {
        QrisFault.CURRENCY: ("53", r"360"),
        QrisFault.COUNTRY: ("58", r"ID"),
        QrisFault.CATEGORY: ("52", r"[0-9]{4}"),
        QrisFault.NAME: ("59", r".{1,25}"),
        QrisFault.CITY: ("60", r".{1,15}"),
        QrisFault.POSTAL_CODE: ("61", r"[0-9]{5}"),
    }
    faults = [fault for fault, (id_, form) in asked.items() if not re.fullmatch(form, values.get(id_, ""))]
    if not any(field.id in ACCOUNTS for field in fields):
        faults.append(QrisFault.ACCOUNT)
    if not any(_is_national(field) for field in fields):
        faults.append(QrisFault.NATIONAL_ID)
    return faults


def _is_national(field: Field) -> bool:
    inside = {part.id: part.value for part in field.parts} if field.id == "51" else {}
    return inside.get("00") == NATIONAL_DOMAIN and bool(re.fullmatch(r"ID[0-9]{13}", inside.get("02", "")))


def _fields(text: str) -> tuple[Field, ...]:
    found: dict[str, Field] = {}
    at = 0
    while at < len(text):
        id_, length = text[at : at + 2], text[at + 2 : at + 4]
        if len(length) < 2:
            raise BrokenCode(CodeFault.CUT_OFF, at)
        if not (_digits(id_) and _digits(length)) or length == "00":
            raise BrokenCode(CodeFault.NOT_DIGITS, at)
        if id_ in found:
            raise BrokenCode(CodeFault.TWICE, at)
        end = at + 4 + int(length)
        if end > len(text):
            raise BrokenCode(CodeFault.CUT_OFF, at)
        found[id_] = Field(id_, text[at + 4 : end])
        at = end
    return tuple(found.values())


def _placed(fields: Iterable[Field]) -> Iterable[tuple[int, Field]]:
    at = 0
    for field in fields:
        yield at, field
        at += len(str(field))


def _inside(field: Field, at: int) -> None:
    try:
        field.parts  # noqa: B018 - asked for what it raises
    except BrokenCode as error:
        raise BrokenCode(error.fault, at + 4 + error.at) from error


def _digits(text: str) -> bool:
    return text.isascii() and text.isdigit()
