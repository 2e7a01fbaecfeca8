"""Products, lots, stock and plans in JSON."""

from __future__ import annotations

import datetime
from typing import Any

from ninja import Schema
from pydantic import Field

from kolaborasi.common.http.cursors import Page
from kolaborasi.common.http.examples import examples
from kolaborasi.stock.models import Balance, Shipment
from kolaborasi.vaccination.api.schemas.people import AT
from kolaborasi.vaccination.models import Product, Quarantine, SupplyLine, SupplyPlan, VaccineLot

LOT = {
    "id": 44,
    "code": "CTH101",
    "product": "coronavac",
    "expires_date": "2021-12-31",
    "doses_per_vial": 10,
    "owner": 3,
    "state": "released",
    "recall_reason": None,
    "vvm_stage": None,
    "thawed_until_date": None,
}
STOCK = {
    "location": 8,
    "location_name": "Gudang Contoh",
    "lot": 44,
    "code": "CTH101",
    "product": "coronavac",
    "expires_date": "2021-12-31",
    "on_hand": 400,
    "arriving": 0,
    "promised": 0,
}
PRODUCT = {
    "code": "coronavac",
    "name": "CoronaVac",
    "manufacturer": "Sinovac",
    "storage": "2-8",
    "opened_minutes": 360,
    "source": "WHO",
}
SHIPMENT = {
    "id": 9,
    "lot": 44,
    "source": 8,
    "target": 15,
    "doses": 100,
    "received": 0,
    "arrives_date": "2021-07-14",
    "closed_at": None,
}
LINE = {
    "id": 71,
    "lot": 44,
    "code": "CTH101",
    "target": 15,
    "target_name": "Sentra Contoh 2021-07-14",
    "arrives_date": "2021-07-14",
    "doses": 120,
    "reasons": {"due": 20, "booked": 40, "resident": 60},
    "state": "proposed",
    "refusal": None,
}
PLAN = {
    "id": 4,
    "store": 8,
    "starts_date": "2021-07-13",
    "days": 7,
    "proposed_at": AT,
    "effect": {"doses": 120, "expiring_avoided": 40},
}


class ProductOut(Schema):
    """A vaccine."""

    model_config = examples(PRODUCT)

    code: str
    name: str
    manufacturer: str
    storage: str
    opened_minutes: int = Field(description="Life of an opened vial.")
    source: str

    @classmethod
    def of(cls, product: Product) -> ProductOut:
        """The words of a product."""
        return cls(**{name: getattr(product, name) for name in cls.model_fields})


class ProductList(Schema):
    """Vaccines."""

    model_config = examples({"items": [PRODUCT]})

    items: list[ProductOut]


class LotOut(Schema):
    """A lot."""

    model_config = examples(LOT)

    id: int
    code: str
    product: str
    expires_date: datetime.date | None = Field(description="First day on which it may no longer be given.")
    doses_per_vial: int
    owner: int
    state: str
    recall_reason: str | None
    vvm_stage: int | None
    thawed_until_date: datetime.date | None

    @classmethod
    def of(cls, lot: VaccineLot) -> LotOut:
        """The words of a lot read with stock lot and product."""
        return cls(
            id=lot.pk,
            code=lot.lot.code,
            product=lot.product.code,
            expires_date=lot.lot.expires_date,
            doses_per_vial=lot.doses_per_vial,
            owner=lot.owner_id,
            state=lot.state,
            recall_reason=lot.recall_reason or None,
            vvm_stage=lot.vvm_stage,
            thawed_until_date=lot.thawed_until_date,
        )


class LotPage(Page[LotOut]):
    """A page of lots."""


class StockOut(Schema):
    """Doses of a lot at a place."""

    model_config = examples(STOCK)

    location: int
    location_name: str
    lot: int
    code: str
    product: str
    expires_date: datetime.date | None
    on_hand: int
    arriving: int
    promised: int

    @classmethod
    def of(cls, balance: Balance) -> StockOut:
        """The numbers of a balance read with lot, product and place."""
        return cls(
            location=balance.location_id,
            location_name=balance.location.name,
            lot=balance.lot_id,
            code=balance.lot.code,
            product=balance.lot.vaccine.product.code,
            expires_date=balance.lot.expires_date,
            on_hand=balance.on_hand,
            arriving=balance.arriving,
            promised=balance.committed,
        )


class StockList(Schema):
    """Doses by lot and place."""

    model_config = examples({"items": [STOCK]})

    items: list[StockOut]


class StockPage(Page[StockOut]):
    """A page of doses by lot and place."""


class ShipmentOut(Schema):
    """Doses on their way."""

    model_config = examples(SHIPMENT)

    id: int
    lot: int
    source: int
    target: int
    doses: int
    received: int
    arrives_date: datetime.date
    closed_at: datetime.datetime | None

    @classmethod
    def of(cls, shipment: Shipment) -> ShipmentOut:
        """The numbers of a shipment."""
        return cls(
            id=shipment.pk,
            lot=shipment.lot_id,
            source=shipment.source_id,
            target=shipment.target_id,
            doses=shipment.quantity,
            received=shipment.received,
            arrives_date=shipment.arrives_date,
            closed_at=shipment.closed_at,
        )


class ShipmentPage(Page[ShipmentOut]):
    """A page of shipments."""


class QuarantineOut(Schema):
    """Doses set apart until somebody decides."""

    model_config = examples(
        {"id": 2, "lot": 44, "location": 8, "reason": "excursion", "opened_at": AT, "fit": None}
    )

    id: int
    lot: int
    location: int
    reason: str
    opened_at: datetime.datetime
    fit: bool | None

    @classmethod
    def of(cls, quarantine: Quarantine) -> QuarantineOut:
        """The words of a quarantine."""
        return cls(
            id=quarantine.pk,
            lot=quarantine.lot_id,
            location=quarantine.location_id,
            reason=quarantine.reason,
            opened_at=quarantine.opened_at,
            fit=quarantine.fit,
        )


class QuarantineList(Schema):
    """Doses set apart."""

    model_config = examples(
        {"items": [{"id": 2, "lot": 44, "location": 8, "reason": "excursion", "opened_at": AT, "fit": None}]}
    )

    items: list[QuarantineOut]


class LineOut(Schema):
    """A line of a supply plan."""

    model_config = examples(LINE)

    id: int
    lot: int
    code: str
    target: int
    target_name: str
    arrives_date: datetime.date
    doses: int
    reasons: dict[str, int]
    state: str
    refusal: str | None

    @classmethod
    def of(cls, line: SupplyLine) -> LineOut:
        """The words of a line read with lot and target."""
        return cls(
            id=line.pk,
            lot=line.lot_id,
            code=line.lot.lot.code,
            target=line.target_id,
            target_name=line.target.name,
            arrives_date=line.arrives_date,
            doses=line.doses,
            reasons=line.reasons,
            state=line.state,
            refusal=line.refusal or None,
        )


class LinePage(Page[LineOut]):
    """A page of lines."""


class SupplyPlanOut(Schema):
    """A supply plan and what it comes to."""

    model_config = examples(PLAN)

    id: int
    store: int
    starts_date: datetime.date
    days: int
    proposed_at: datetime.datetime
    effect: dict[str, Any]

    @classmethod
    def of(cls, plan: SupplyPlan) -> SupplyPlanOut:
        """The words of a plan."""
        return cls(
            id=plan.pk,
            store=plan.store_id,
            starts_date=plan.starts_date,
            days=plan.days,
            proposed_at=plan.proposed_at,
            effect=plan.effect,
        )


class SupplyPlanPage(Page[SupplyPlanOut]):
    """A page of supply plans."""
