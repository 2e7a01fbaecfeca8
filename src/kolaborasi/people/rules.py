"""Decisions on identity numbers, contacts and codes; plain values in, plain values out."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from kolaborasi.places.rules import area_by_nik_prefix

CODE_LIFE = timedelta(minutes=30)
RESEND_AFTER = timedelta(seconds=60)
ATTEMPT_WINDOW = timedelta(hours=24)
MOST_ATTEMPTS = 10


class Sex(StrEnum):
    """As the NIK states it."""

    FEMALE = "female"
    MALE = "male"


class NumberFault(StrEnum):
    """Why a text cannot be a NIK or KK."""

    LENGTH = "not-16-digits"
    AREA = "unknown-area"
    DAY = "no-such-day"
    SERIAL = "serial-0000"


class NotANumber(ValueError):
    """The text cannot be the number it claims to be.

    Args:
        fault: the reason.
    """

    def __init__(self, fault: NumberFault) -> None:
        super().__init__(fault.value)
        self.fault = fault


@dataclass(frozen=True)
class Nik:
    """What a NIK says. It has no check digit: a typo in the last four digits cannot be seen.

    Args:
        digits: the sixteen digits.
        area: Kemendagri code, six digits, of the kecamatan of first registration.
        birth_date: the latest date not in the future that the two-digit year allows.
        sex: from the day, which is 40 higher for women.
    """

    digits: str
    area: str
    birth_date: date
    sex: Sex


@dataclass(frozen=True)
class Kk:
    """What the number of a family card says.

    Args:
        digits: the sixteen digits.
        area: Kemendagri code, six digits.
        issued_date: the latest date not in the future that the two-digit year allows.
    """

    digits: str
    area: str
    issued_date: date


AreaKnown = Callable[[str], object]
"""Takes six digits; anything but None says that there is or was such an area."""


def read_nik(text: str, *, today: date, area: AreaKnown = area_by_nik_prefix) -> Nik:
    """Read a NIK: `PPKKCC DDMMYY SSSS`, spaces, dots and dashes ignored.

    Source of the format: Permendagri on population numbers as restated in the reference (no check digit, day + 40
    for women). The area must lie in a known province; districts are split and renumbered while a NIK stays.

    Args:
        today: decides the century of the two-digit year.
        area: looks up the first six digits.

    Raises:
        NotANumber: it cannot be a NIK; the fault says why.
    """
    digits = _sixteen(text, area)
    day = int(digits[6:8])
    sex = Sex.FEMALE if day > 40 else Sex.MALE
    birth_date = _date(day - 40 if day > 40 else day, int(digits[8:10]), int(digits[10:12]), today)
    return Nik(digits, digits[:6], birth_date, sex)


def read_kk(text: str, *, today: date, area: AreaKnown = area_by_nik_prefix) -> Kk:
    """Read the number of a family card: area and serial as in a NIK, the date of issue in between.

    Raises:
        NotANumber: it cannot be one; the fault says why.
    """
    digits = _sixteen(text, area)
    return Kk(digits, digits[:6], _date(int(digits[6:8]), int(digits[8:10]), int(digits[10:12]), today))


def bare_digits(text: str) -> str:
    """A number without the spaces, dots and dashes people write in it."""
    return re.sub(r"[\s.\-]", "", text)


def _sixteen(text: str, area: AreaKnown) -> str:
    digits = bare_digits(text)
    if not re.fullmatch(r"[0-9]{16}", digits):
        raise NotANumber(NumberFault.LENGTH)
    if area(digits[:6]) is None:
        raise NotANumber(NumberFault.AREA)
    if digits[12:] == "0000":
        raise NotANumber(NumberFault.SERIAL)
    return digits


def _date(day: int, month: int, two_digit_year: int, today: date) -> date:
    century = today.year - today.year % 100
    for year in (century + two_digit_year, century - 100 + two_digit_year):
        try:
            found = date(year, month, day)
        except ValueError:
            continue
        if found <= today:
            return found
    raise NotANumber(NumberFault.DAY)


def normal_passport(text: str) -> str:
    """A passport number in capitals without blanks and dashes; 5 to 15 letters and digits.

    ICAO Doc 9303 gives nine places on the machine-readable line, some states print longer numbers beside it.

    Raises:
        NotANumber: it cannot be one.
    """
    bare = re.sub(r"[\s.\-]", "", text).upper()
    if not re.fullmatch(r"(?=.*[0-9])[A-Z0-9]{5,15}", bare):
        raise NotANumber(NumberFault.LENGTH)
    return bare


class NotAnAddress(ValueError):
    """The text cannot be a telephone number or e-mail address."""


def normal_phone(text: str) -> str:
    """A telephone number in E.164: `0812-3456-7890`, `812 3456 7890` and `62812…` become `+62812…`.

    A number that begins with another country's `+` code stays there. Indonesian numbers have 8 to 12 digits after
    the country code and no leading zero (national numbering plan); E.164 allows 15 digits in all.

    Raises:
        NotAnAddress: it cannot be a number that rings.
    """
    bare = re.sub(r"[\s.\-()/]", "", text)
    bare = re.sub(r"^00", "+", bare)
    if not re.fullmatch(r"\+?[0-9]+", bare):
        raise NotAnAddress(bare)
    if not bare.startswith("+"):
        bare = (
            f"+{bare}" if re.match(r"62[1-9]", bare) and len(bare) >= 10 else f"+62{bare.removeprefix('0')}"
        )
    # People write the trunk zero behind the country code.
    bare = re.sub(r"^\+620", "+62", bare)
    pattern = r"\+62[1-9][0-9]{7,11}" if bare.startswith("+62") else r"\+[1-9][0-9]{7,14}"
    if not re.fullmatch(pattern, bare):
        raise NotAnAddress(bare)
    return bare


def normal_email(text: str) -> str:
    """An e-mail address in lower case without surrounding spaces.

    Raises:
        NotAnAddress: it cannot be one.
    """
    bare = text.strip().lower()
    try:
        validate_email(bare)
    except ValidationError:
        raise NotAnAddress(bare) from None
    return bare


def masked_email(email: str) -> str:
    """An address its owner recognises and nobody else can write to: `w…@contoh.example`."""
    name, _at, domain = email.rpartition("@")
    return f"{name[:1]}…@{domain}"


@dataclass(frozen=True)
class CodeHistory:
    """What was sent to a contact and tried on it.

    Args:
        window_started_at: first code of the present 24 hours.
        sent_at: last code.
        expires_at: end of the last code, not included.
        attempts: wrong or right tries since `window_started_at`, whichever code they were for.
    """

    window_started_at: datetime
    sent_at: datetime
    expires_at: datetime
    attempts: int


def next_code(history: CodeHistory | None, now: datetime) -> CodeHistory | None:
    """The history once a new code is sent; None when it is too soon or too many tries were made.

    A new code does not give new tries: otherwise asking again and again would make guessing six digits worthwhile.
    """
    if history is None or now - history.window_started_at >= ATTEMPT_WINDOW:
        return CodeHistory(now, now, now + CODE_LIFE, 0)
    if now - history.sent_at < RESEND_AFTER or history.attempts >= MOST_ATTEMPTS:
        return None
    return CodeHistory(history.window_started_at, now, now + CODE_LIFE, history.attempts)


def may_try(history: CodeHistory, now: datetime) -> bool:
    """Whether a code may be tried: it has not ended and tries are left."""
    return now < history.expires_at and history.attempts < MOST_ATTEMPTS
