"""What a ranked bed looks like in JSON."""

from __future__ import annotations

from ninja import Schema
from pydantic import Field

from kolaborasi.common.http.examples import examples
from kolaborasi.hospitals.models import BedPool
from kolaborasi.hospitals.ranking import Ranked


class RankedOut(Schema):
    """A bed pool for a patient with the numbers its place follows from."""

    model_config = examples(
        {
            "pool": 77,
            "hospital": 17,
            "hospital_name": "RSUD Contoh",
            "bed_class": "isolation-np",
            "grade": 0,
            "minutes": 18.5,
            "load": 0.83,
            "age": 12.0,
            "stale": False,
            "acceptance": 0.8,
            "left": 2,
            "cost": 55.2,
        }
    )

    pool: int
    hospital: int
    hospital_name: str
    bed_class: str
    grade: int = Field(description="0 is the class the guideline names; higher ones stand in for it.")
    minutes: float = Field(description="Estimated drive.")
    load: float = Field(description="Share of its beds that are taken.")
    age: float = Field(description="Minutes since the beds were counted.")
    stale: bool
    acceptance: float | None = Field(description="Share of its last offers the hospital accepted.")
    left: int
    cost: float = Field(description="All of it in minutes; the lowest comes first.")

    @classmethod
    def of(cls, bed: Ranked, pool: BedPool) -> RankedOut:
        """The numbers of a ranked pool."""
        return cls(
            pool=bed.pool,
            hospital=bed.hospital,
            hospital_name=pool.hospital.site.name,
            bed_class=pool.bed_class,
            grade=bed.grade,
            minutes=round(bed.minutes, 1),
            load=round(bed.load, 3),
            age=round(bed.age, 1),
            stale=bed.stale,
            acceptance=bed.acceptance,
            left=bed.left,
            cost=round(bed.cost, 2),
        )


class RankedList(Schema):
    """Beds that fit a patient, the best first."""

    model_config = examples(
        {
            "items": [
                {"pool": 77, "hospital": 17, "hospital_name": "RSUD Contoh", "bed_class": "isolation-np", "grade": 0,
                 "minutes": 18.5, "load": 0.83, "age": 12.0, "stale": False, "acceptance": 0.8, "left": 2,
                 "cost": 55.2}
            ]
        }
    )  # fmt: skip

    items: list[RankedOut]
