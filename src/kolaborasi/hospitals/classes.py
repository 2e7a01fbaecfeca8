"""Bed classes: their names, their codes elsewhere, when a report of one is stale, and which fits which need. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from kolaborasi.hospitals.facts import read_table


class BedClass(StrEnum):
    """What a bed is for, as the Covid network counted them."""

    ICU_NP_VENT = "icu-np-vent"
    ICU_NP = "icu-np"
    ICU_VENT = "icu-vent"
    ICU = "icu"
    HCU = "hcu"
    ISOLATION_NP = "isolation-np"
    ISOLATION = "isolation"
    NICU = "nicu"
    PICU = "picu"
    PERINATOLOGY = "perinatology"
    ED = "ed"
    DELIVERY = "delivery"
    DIALYSIS = "dialysis"
    THEATRE = "theatre"
    WARD_1 = "ward-1"
    WARD_2 = "ward-2"
    WARD_3 = "ward-3"


INTENSIVE = frozenset(
    {BedClass.ICU_NP_VENT, BedClass.ICU_NP, BedClass.ICU_VENT, BedClass.ICU, BedClass.NICU, BedClass.PICU}
)
"""Classes the city's pages count as ICU."""
ISOLATING = frozenset({BedClass.ISOLATION_NP, BedClass.ISOLATION})
"""Classes the city's pages count as isolation."""
WARDS = frozenset({BedClass.WARD_1, BedClass.WARD_2, BedClass.WARD_3})
"""Ordinary wards: no Covid patient is placed there, but they are what a hospital can convert."""


@dataclass(frozen=True)
class Codes:
    """What other systems call a class; None where no code is known.

    Args:
        siranap: `id_tt` of SIRANAP / RS Online.
        ina_cbg: Covid episode class of the claims grouper.
        eis: column of the city's own page.
        fhir: LocationType of SATUSEHAT.
        have: bed type of EDXL-HAVE.
        stale_minutes: age at which a report counts as stale.
    """

    siranap: int | None
    ina_cbg: int | None
    eis: str | None
    fhir: str | None
    have: str | None
    stale_minutes: int


class Need(StrEnum):
    """What a patient's bed must be able to do; keys of the table of substitutions."""

    VENTILATOR = "ventilator"
    CRITICAL = "critical"
    SEVERE = "severe"
    MODERATE = "moderate"
    MILD = "mild"
    NEONATE_INTENSIVE = "neonate-intensive"
    NEONATE = "neonate"
    CHILD_INTENSIVE = "child-intensive"
    CHILD = "child"
    LABOUR = "labour"


@cache
def codes() -> Mapping[BedClass, Codes]:
    """The codes of every class."""
    rows = {BedClass(row["code"]): row for row in read_table("bed_classes.csv")}
    return {
        bed_class: Codes(
            siranap=int(row["siranap"]) if row["siranap"] else None,
            ina_cbg=int(row["ina_cbg"]) if row["ina_cbg"] else None,
            eis=row["eis"] or None,
            fhir=row["fhir"] or None,
            have=row["have"] or None,
            stale_minutes=int(row["stale_minutes"]),
        )
        for bed_class, row in rows.items()
    }


@cache
def class_of_siranap(id_tt: int) -> BedClass | None:
    """The class SIRANAP numbers so; None for a code that is not one of the network's."""
    return next((each for each, known in codes().items() if known.siranap == id_tt), None)


@cache
def fits(need: Need) -> Mapping[BedClass, int]:
    """Classes that fit a need, with the grade of each: 0 is the class the guideline names."""
    return {
        BedClass(row["class"]): int(row["grade"])
        for row in read_table("substitutions.csv")
        if row["need"] == need
    }
