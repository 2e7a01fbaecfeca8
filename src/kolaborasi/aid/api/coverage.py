"""Items and coverage: what the programme gives, and how far each kelurahan is."""

from __future__ import annotations

from django.http import HttpRequest
from ninja import Query, Router, Schema
from pydantic import Field

from kolaborasi.aid import queries
from kolaborasi.aid.api.schemas import ItemList, ItemOut
from kolaborasi.aid.rules import Coverage
from kolaborasi.common.http.examples import examples
from kolaborasi.places.api import KEMAYORAN, PlaceRef

router = Router()
NUMBERS = {"needed": 50, "committed": 38, "delivered": 20, "committed_share": 0.76, "delivered_share": 0.4}
KELURAHAN = {"place": KEMAYORAN, "needs": 1, "numbers": NUMBERS, "latitude": -6.16, "longitude": 106.85}


class CoverageOut(Schema):
    """Three numbers, and the shares of what is needed (0 to 1)."""

    model_config = examples(NUMBERS)

    needed: int
    committed: int
    delivered: int
    committed_share: float
    delivered_share: float

    @classmethod
    def of(cls, coverage: Coverage) -> CoverageOut:
        """The numbers of a coverage."""
        return cls(
            needed=coverage.needed,
            committed=coverage.committed,
            delivered=coverage.delivered,
            committed_share=round(coverage.committed_share, 4),
            delivered_share=round(coverage.delivered_share, 4),
        )


class KelurahanCoverage(Schema):
    """Coverage of one kelurahan, its RW and institutions included."""

    model_config = examples(KELURAHAN)

    place: PlaceRef
    needs: int = Field(description="How many open needs.")
    numbers: CoverageOut
    latitude: float | None
    longitude: float | None

    @classmethod
    def of(cls, row: queries.PlaceCoverage) -> KelurahanCoverage:
        """The numbers of one kelurahan."""
        place = PlaceRef(code=row.code, scheme="kemendagri", kind="kelurahan", name=row.name)
        return cls(
            place=place,
            needs=row.needs,
            numbers=CoverageOut.of(row.coverage),
            latitude=row.latitude,
            longitude=row.longitude,
        )


class CoverageList(Schema):
    """Coverage of the city and of every kelurahan with open needs."""

    model_config = examples({"total": NUMBERS, "kelurahan": [KELURAHAN]})

    total: CoverageOut
    kelurahan: list[KelurahanCoverage]


class CoverageQuery(Schema):
    """Of which item."""

    item: str = Field(
        "", max_length=40, description="Code of one item; without it the units of all are added."
    )


@router.get("/items", response=ItemList, summary="List items")
def list_items(request: HttpRequest) -> ItemList:
    """The packages of the programme with their reference prices and rules."""
    return ItemList(items=[ItemOut.of(item) for item in queries.items()])


@router.get("/coverage", response=CoverageList, summary="Read needed, committed and delivered by kelurahan")
def get_coverage(request: HttpRequest, asked: Query[CoverageQuery]) -> CoverageList:
    """Coverage of open needs; never who promised or received."""
    rows = queries.coverage_by_kelurahan(item=asked.item or None)
    total = Coverage(
        sum(row.coverage.needed for row in rows),
        sum(row.coverage.committed for row in rows),
        sum(row.coverage.delivered for row in rows),
    )
    return CoverageList(total=CoverageOut.of(total), kelurahan=[KelurahanCoverage.of(row) for row in rows])
