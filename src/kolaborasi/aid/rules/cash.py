"""Decisions on cash: whose licence reaches, what a fee may be, what packages out of a purchase are worth; pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

HIGHEST_FEE = 1_000
"""Ten per cent, in hundredths of a per cent: PP 29/1980, article 6."""
MOST_RUPIAH = 100_000_000_000
"""A gift or a transfer above this is a slip of the keyboard."""

MOST_PACKAGES = 10_000_000
"""A purchase above this is one too; times `MOST_RUPIAH` it still fits 64 bits."""


class LicenceFault(StrEnum):
    """Why an aggregator may not take money."""

    NOT_YET = "not-yet"
    EXPIRED = "expired"
    REVOKED = "revoked"
    SCOPE = "scope"
    AREA = "area"


@dataclass(frozen=True)
class LicenceFacts:
    """What a licence says.

    Args:
        area: code of the place it is for; empty for the whole country.
        ends_date: the first day it no longer holds.
    """

    collects: bool
    area: str
    starts_date: date
    ends_date: date
    revoked: bool


def licence_fault(licence: LicenceFacts, *, place: str, on: date) -> LicenceFault | None:
    """Why money may not be taken under a licence for a place on a day; None when it may."""
    if licence.revoked:
        return LicenceFault.REVOKED
    if on < licence.starts_date:
        return LicenceFault.NOT_YET
    if on >= licence.ends_date:
        return LicenceFault.EXPIRED
    if not licence.collects:
        return LicenceFault.SCOPE
    reaches = (
        not licence.area
        or place == licence.area
        or place.startswith((f"{licence.area}.", f"{licence.area}/"))
    )
    return None if reaches else LicenceFault.AREA


def fee_left(*, received: int, taken: int, fee: int) -> int:
    """Rupiah an aggregator may still keep for its costs: floor(received x fee / 10,000) - taken, never below none.

    Args:
        received: rupiah that came in.
        taken: rupiah kept already.
        fee: the licence's ceiling in hundredths of a per cent.
    """
    return max(0, received * fee // 10_000 - taken)


def worth(*, rupiah: int, packages: int, before: int, taken: int) -> int:
    """Rupiah that the next packages of a purchase stand for.

    floor(rupiah x (before + taken) / packages) - floor(rupiah x before / packages): whatever the order and size of the
    portions, all of them sum up to what was paid.

    Args:
        before: packages that left earlier.
        taken: packages that leave now.
    """
    return rupiah * (before + taken) // packages - rupiah * before // packages
