"""WHO Digital Documentation of COVID-19 Certificates: Vaccination Status (DDCC:VS), core data set.

Source: WHO/2019-nCoV/Digital_certificates/vaccination/2021.1, table 3, as restated in the reference: name, birth
date, identifier, certificate identifier (hcid) and issuer; for each dose vaccine, brand, manufacturer or holder of the
authorisation, lot, date, dose number and country (ISO 3166-1 alpha-3); the next dose is optional.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from kolaborasi.vaccination.certificates.content import CertifiedDose, Holder

VERSION = "RC-2"
REQUIRED = ("name", "birthDate", "hcid", "issuer", "version", "vaccination")
REQUIRED_OF_DOSE = ("vaccine", "brand", "manufacturer", "lot", "date", "dose", "country")
ICD11 = "http://id.who.int/icd11/mms"


def content(
    holder: Holder,
    doses: Sequence[CertifiedDose],
    *,
    hcid: str,
    issuer: str,
    valid_from: date,
    next_dose: date | None = None,
) -> dict[str, Any]:
    """The data set as JSON values, doses in the order given.

    Args:
        hcid: health certificate identifier.
        issuer: who issued it, as a name or address.
        next_dose: day from which the next dose is due.
    """
    vaccination = [_dose(dose) for dose in doses]
    if next_dose is not None and vaccination:
        vaccination[-1]["nextDose"] = next_dose.isoformat()
    return {
        "name": holder.name,
        "birthDate": holder.birth_date.isoformat(),
        **({"sex": holder.sex} if holder.sex else {}),
        "hcid": hcid,
        "issuer": issuer,
        "version": VERSION,
        "valid_from": valid_from.isoformat(),
        "vaccination": vaccination,
    }


def faults(found: Mapping[str, Any]) -> list[str]:
    """What the data set lacks or has wrongly, as paths; empty when it is complete."""
    wrong = [name for name in REQUIRED if not found.get(name)]
    if found.get("birthDate") and not _is_date(found["birthDate"]):
        wrong.append("birthDate")
    for number, dose in enumerate(found.get("vaccination") or []):
        path = f"vaccination[{number}]"
        wrong += [f"{path}.{name}" for name in REQUIRED_OF_DOSE if not dose.get(name)]
        if dose.get("country") and not re.fullmatch(r"[A-Z]{3}", str(dose["country"])):
            wrong.append(f"{path}.country")
        if dose.get("date") and not _is_date(dose["date"]):
            wrong.append(f"{path}.date")
    return wrong


def _dose(dose: CertifiedDose) -> dict[str, Any]:
    return {
        "vaccine": {"system": ICD11, "code": dose.icd11},
        "brand": dose.brand,
        "manufacturer": dose.manufacturer,
        "lot": dose.lot,
        "date": dose.given_date.isoformat(),
        "dose": dose.number,
        **({"totalDoses": dose.total} if dose.total else {}),
        "country": dose.country,
        **({"centre": dose.centre} if dose.centre else {}),
    }


def _is_date(text: object) -> bool:
    try:
        date.fromisoformat(str(text))
    except ValueError:
        return False
    return True
