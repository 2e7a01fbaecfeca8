"""Orders, labels, specimens, manifests and plans."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from ninja import Schema
from pydantic import Field

from kolaborasi.common.http.cursors import Page
from kolaborasi.common.http.examples import examples
from kolaborasi.diagnostics.models import (
    AntigenTest,
    Consignment,
    DispatchLine,
    DispatchPlan,
    Order,
    Specimen,
    SpecimenEvent,
)
from kolaborasi.diagnostics.services import Received
from kolaborasi.places.api import KEMAYORAN, PlaceRef

AT = "2021-07-12T03:00:00Z"
PERSON = "8e03978e-40d5-43dd-bc93-6894a57f9324"
ORDER = {
    "id": 90,
    "person": PERSON,
    "site": 41,
    "residence": KEMAYORAN,
    "reason": "contact",
    "priority": "routine",
    "state": "requested",
    "ordered_at": AT,
    "confirms": None,
    "booking": 5,
    "slot": 7,
    "barcodes": [],
}
SPECIMEN = {
    "barcode": "K0000000423",
    "order": 90,
    "kind": "np-swab",
    "priority": "routine",
    "site": 41,
    "lab": 12,
    "consignment": 3,
    "state": "received",
    "discard_reason": None,
    "repeats": 0,
    "collected_at": AT,
    "keeps_until": "2021-07-15T03:00:00Z",
    "late_at": "2021-07-14T03:00:00Z",
    "picked_up_at": None,
    "received_at": None,
    "run_started_at": None,
    "resulted_at": None,
    "validated_at": None,
    "notified_at": None,
    "disposed_at": None,
}
EVENT = {"kind": "collected", "happened_at": AT, "recorded_at": AT, "site": 41}
CONSIGNMENT = {
    "id": 3,
    "origin": 41,
    "origin_name": "Titik Swab Contoh 1",
    "lab": 12,
    "lab_name": "Laboratorium Kampus Contoh 1",
    "plan": 2,
    "state": "confirmed",
    "promised": 24,
    "carried": 24,
    "departs_at": AT,
    "arrives_at": AT,
    "picked_up_at": None,
    "closed_at": None,
}
PLAN = {
    "id": 2,
    "made_at": AT,
    "departs_at": AT,
    "expires_at": AT,
    "state": "proposed",
    "waiting": 130,
    "planned": 128,
    "expected": {"planned": 128, "median_hours": 9.5, "p95_hours": 17.0},
    "baseline": {"planned": 110, "median_hours": 14.0, "p95_hours": 30.5},
}
LINE = {
    "id": 8,
    "origin": 41,
    "origin_name": "Titik Swab Contoh 1",
    "lab": 12,
    "lab_name": "Laboratorium Kampus Contoh 1",
    "quantity": 24,
    "travel_minutes": 31,
    "arrives_at": AT,
    "results_at": AT,
    "state": "proposed",
    "refusal": None,
    "consignment": None,
}


class OrderOut(Schema):
    """A test that is asked for; who it is for stands under a pseudonymous id."""

    model_config = examples(ORDER)

    id: int
    person: UUID
    site: int
    residence: PlaceRef | None
    reason: str
    priority: str
    state: str
    ordered_at: datetime
    confirms: int | None = Field(description="The antigen test it confirms.")
    booking: int | None
    slot: int | None
    barcodes: list[str] = Field(description="Of the specimens taken for it.")

    @classmethod
    def of(cls, order: Order) -> OrderOut:
        """An order as `queries.orders` reads it."""
        booking = next(iter(order.open_bookings), None)  # type: ignore[attr-defined]  # prefetched
        return cls(
            id=order.pk,
            person=order.person_id,
            site=order.site_id,
            residence=PlaceRef.of(order.residence) if order.residence else None,
            reason=order.reason,
            priority=order.priority,
            state=order.state,
            ordered_at=order.ordered_at,
            confirms=order.confirms_id,
            booking=booking.pk if booking else None,
            slot=booking.slot_id if booking else None,
            barcodes=[each.label.barcode for each in order.specimens.all()],
        )


OrderPage = Page[OrderOut]


class AntigenOut(Schema):
    """A rapid test; never counted with PCR."""

    model_config = examples(
        {
            "id": 6,
            "person": PERSON,
            "site": 41,
            "brand": "Antigen Contoh",
            "outcome": "positive",
            "tested_at": AT,
        }
    )

    id: int
    person: UUID
    site: int
    brand: str
    outcome: str
    tested_at: datetime

    @classmethod
    def of(cls, test: AntigenTest) -> AntigenOut:
        """The test."""
        return cls(
            id=test.pk,
            person=test.person_id,
            site=test.site_id,
            brand=test.brand,
            outcome=test.outcome,
            tested_at=test.tested_at,
        )


AntigenPage = Page[AntigenOut]


class LabelList(Schema):
    """Barcodes to be printed."""

    model_config = examples({"barcodes": ["K0000000423"]})

    barcodes: list[str]


class SpecimenOut(Schema):
    """A specimen: where it is, how far it is, and when what happened."""

    model_config = examples(SPECIMEN)

    barcode: str
    order: int
    kind: str
    priority: str
    site: int
    lab: int | None
    consignment: int | None
    state: str
    discard_reason: str | None
    repeats: int
    collected_at: datetime
    keeps_until: datetime
    late_at: datetime
    picked_up_at: datetime | None
    received_at: datetime | None
    run_started_at: datetime | None
    resulted_at: datetime | None
    validated_at: datetime | None
    notified_at: datetime | None
    disposed_at: datetime | None

    @classmethod
    def of(cls, specimen: Specimen) -> SpecimenOut:
        """The specimen; its label must be loaded."""
        same = (
            *(
                "kind",
                "priority",
                "state",
                "repeats",
                "collected_at",
                "keeps_until",
                "late_at",
                "picked_up_at",
            ),
            *("received_at", "run_started_at", "resulted_at", "validated_at", "notified_at", "disposed_at"),
        )
        return cls(
            barcode=specimen.label.barcode,
            order=specimen.order_id,
            site=specimen.site_id,
            lab=specimen.lab_id,
            consignment=specimen.consignment_id,
            discard_reason=specimen.discard_reason or None,
            **{field: getattr(specimen, field) for field in same},
        )


SpecimenPage = Page[SpecimenOut]


class SpecimenList(Schema):
    """Specimens."""

    model_config = examples({"items": [SPECIMEN]})

    items: list[SpecimenOut]

    @classmethod
    def of(cls, rows: Iterable[Specimen]) -> SpecimenList:
        """All of them."""
        return cls(items=[SpecimenOut.of(each) for each in rows])


class SpecimenEventOut(Schema):
    """What happened to a specimen, and when we were told."""

    model_config = examples(EVENT)

    kind: str
    happened_at: datetime
    recorded_at: datetime
    site: int | None

    @classmethod
    def of(cls, event: SpecimenEvent) -> SpecimenEventOut:
        """The event."""
        return cls(kind=event.kind, happened_at=event.at, recorded_at=event.recorded_at, site=event.site_id)


class SpecimenEventList(Schema):
    """Events of a specimen in the order they were told."""

    model_config = examples({"items": [EVENT]})

    items: list[SpecimenEventOut]


class SwabbedOut(Schema):
    """What became of a list of swabs."""

    model_config = examples(
        {
            "barcodes": ["K0000000423"],
            "refused": [
                {"row": 2, "code": "barcode-used", "message": "This barcode is already on another specimen."}
            ],
        }
    )

    barcodes: list[str]
    refused: list[RowRefused]


class RowRefused(Schema):
    """A row that was not taken in."""

    model_config = examples({"row": 2, "code": "barcode-unknown", "message": "No label has this barcode."})

    row: int
    code: str
    message: str

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> RowRefused:
        """The refusal."""
        return cls(row=row["row"], code=row["code"], message=row["message"])


class ConsignmentOut(Schema):
    """A manifest: what a courier carries from a site to a lab."""

    model_config = examples(CONSIGNMENT)

    id: int
    origin: int
    origin_name: str
    lab: int
    lab_name: str
    plan: int | None
    state: str
    promised: int
    carried: int
    departs_at: datetime
    arrives_at: datetime
    picked_up_at: datetime | None
    closed_at: datetime | None

    @classmethod
    def of(cls, found: Consignment) -> ConsignmentOut:
        """A manifest as `queries.consignments` reads it."""
        return cls(
            id=found.pk,
            origin=found.origin_id,
            origin_name=found.origin.name,
            lab=found.lab_id,
            lab_name=found.lab.site.name,
            plan=found.plan_id,
            state=found.state,
            promised=found.quantity,
            carried=found.carried,  # type: ignore[attr-defined]  # annotated
            departs_at=found.departs_at,
            arrives_at=found.arrives_at,
            picked_up_at=found.picked_up_at,
            closed_at=found.closed_at,
        )


ConsignmentPage = Page[ConsignmentOut]


class ReceivedOut(Schema):
    """What a lab took in, and where the scan differs from the manifest."""

    model_config = examples(
        {"received": ["K0000000423"], "missing": [], "unplanned": [], "refused": [{"barcode": "K0000000431", "code": "barcode-unknown"}]}
    )  # fmt: skip

    received: list[str]
    missing: list[str] = Field(description="On the manifest and not scanned; still with the courier.")
    unplanned: list[str] = Field(description="Taken in though another manifest, or none, carries them.")
    refused: list[ScanRefused]

    @classmethod
    def of(cls, done: Received) -> ReceivedOut:
        """The differences."""
        return cls(
            received=[each.label.barcode for each in done.specimens],
            missing=[each.label.barcode for each in done.missing],
            unplanned=[each.label.barcode for each in done.unplanned],
            refused=[ScanRefused(barcode=barcode, code=code) for barcode, code in done.refused],
        )


class ScanRefused(Schema):
    """A scan that was not taken in, and why."""

    model_config = examples({"barcode": "K0000000431", "code": "barcode-unknown"})

    barcode: str
    code: str


class DispatchPlanOut(Schema):
    """What a round should carry where, with the turnaround expected of it and of fixed contracts."""

    model_config = examples(PLAN)

    id: int
    made_at: datetime
    departs_at: datetime
    expires_at: datetime
    state: str
    waiting: int
    planned: int
    expected: dict[str, float]
    baseline: dict[str, float]

    @classmethod
    def of(cls, plan: DispatchPlan) -> DispatchPlanOut:
        """The plan."""
        same = ("made_at", "departs_at", "expires_at", "state", "waiting", "planned", "expected", "baseline")
        return cls(id=plan.pk, **{field: getattr(plan, field) for field in same})


DispatchPlanPage = Page[DispatchPlanOut]


class DispatchLineOut(Schema):
    """A line of a plan."""

    model_config = examples(LINE)

    id: int
    origin: int
    origin_name: str
    lab: int
    lab_name: str
    quantity: int
    travel_minutes: int = Field(description="Estimated.")
    arrives_at: datetime
    results_at: datetime
    state: str
    refusal: str | None
    consignment: int | None

    @classmethod
    def of(cls, line: DispatchLine) -> DispatchLineOut:
        """The line."""
        same = ("quantity", "travel_minutes", "arrives_at", "results_at", "state")
        return cls(
            id=line.pk,
            origin=line.origin_id,
            origin_name=line.origin.name,
            lab=line.lab_id,
            lab_name=line.lab.site.name,
            refusal=line.refusal or None,
            consignment=line.consignment_id,
            **{field: getattr(line, field) for field in same},
        )


DispatchLinePage = Page[DispatchLineOut]


class DispatchApprovedOut(Schema):
    """What approving a plan did."""

    model_config = examples(
        {"plan": PLAN, "consignments": [3], "refused": [{"line": 9, "code": "not-enough-left"}]}
    )

    plan: DispatchPlanOut
    consignments: list[int]
    refused: list[LineRefused]


class LineRefused(Schema):
    """A line that could not be carried out."""

    model_config = examples({"line": 9, "code": "not-enough-left"})

    line: int
    code: str


for _model in (SwabbedOut, ReceivedOut, DispatchApprovedOut):
    _model.model_rebuild()
