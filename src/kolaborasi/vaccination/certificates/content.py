"""What a certificate says, whatever format it is written in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class CertifiedDose:
    """One dose on a certificate.

    Args:
        icd11, cvx: codes of the vaccine.
        country: ISO 3166-1 alpha-3.
        centre: name of the site, empty when given elsewhere.
        total: doses of the primary series, None when not known.
    """

    number: int
    given_date: date
    icd11: str
    cvx: str
    brand: str
    manufacturer: str
    lot: str
    country: str
    centre: str = ""
    total: int | None = None


@dataclass(frozen=True)
class Holder:
    """Who it is about."""

    name: str
    birth_date: date
    sex: str = ""


class NotACertificate(ValueError):
    """The text is no certificate of the kind, is broken, or was not signed by a trusted key.

    Args:
        fault: `prefix`, `encoding`, `compression`, `header`, `payload`, `key`, `signature`, `not-yet` or `expired`.
    """

    def __init__(self, fault: str) -> None:
        super().__init__(fault)
        self.fault = fault
