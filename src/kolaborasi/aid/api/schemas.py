"""What the aid programme looks like in JSON."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from ninja import Schema
from pydantic import Field

from kolaborasi.aid import queries
from kolaborasi.aid.models import Delivery, Item, Need, NeedLine, Offer, Pledge
from kolaborasi.common.http.cursors import Page
from kolaborasi.common.http.examples import examples
from kolaborasi.partners.models import Partner, Site
from kolaborasi.places.api import KEMAYORAN, PlaceRef

SEMBAKO = {
    "code": "sembako",
    "name": {"id": "Paket sembako", "en": "Staple food package"},
    "unit": {"id": "paket", "en": "packages"},
}
LINE = {
    "id": 981,
    "item": SEMBAKO,
    "needed": 50,
    "committed": 38,
    "delivered": 20,
    "left": 12,
    "needed_by_date": "2021-07-26",
}
NEED = {
    "id": 412,
    "place": KEMAYORAN,
    "institution": None,
    "cause": "isolation",
    "households": 50,
    "people": 200,
    "estimated": False,
    "state": "open",
    "state_reason": None,
    "registered_at": "2021-07-11T03:00:00Z",
    "verified_at": "2021-07-12T02:00:00Z",
    "needed": 50,
    "committed": 38,
    "delivered": 20,
    "lines": [LINE],
}
PLEDGE = {
    "id": 77,
    "need": 412,
    "line": 981,
    "place": KEMAYORAN,
    "item": SEMBAKO,
    "quantity": 12,
    "delivered": 0,
    "status": "promised",
    "deliver_date": "2021-07-15",
    "pledged_at": "2021-07-12T03:00:00Z",
    "held_until": None,
    "confirmed_at": "2021-07-12T03:00:00Z",
    "handed_over_at": None,
    "ended_at": None,
    "partner": {"id": 7, "name": "Komunitas Contoh"},
    "offer": None,
    "receipt_code": None,
    "deliveries": [],
}
DELIVERY = {
    "id": 5,
    "pledge": 77,
    "quantity": 12,
    "state": "acknowledged",
    "reported_at": "2021-07-15T04:00:00Z",
    "received": 12,
    "acknowledged_at": "2021-07-15T04:00:00Z",
    "acknowledged_by": "code",
    "photo": False,
}
OFFER = {
    "id": 31,
    "item": SEMBAKO,
    "place": KEMAYORAN,
    "partner": {"id": 7, "name": "Komunitas Contoh"},
    "offered": 100,
    "committed": 40,
    "delivered": 0,
    "left": 60,
    "available_date": "2021-07-13",
    "until_date": None,
    "registered_at": "2021-07-12T03:00:00Z",
}


class Words(Schema):
    """A name in both languages."""

    id: str
    en: str


class ItemRef(Schema):
    """An item in a few words."""

    model_config = examples(SEMBAKO)

    code: str
    name: Words
    unit: Words

    @classmethod
    def of(cls, item: Item) -> ItemRef:
        """The words of an item."""
        return cls(
            code=item.code,
            name=Words(id=item.name_id, en=item.name_en),
            unit=Words(id=item.unit_id, en=item.unit_en),
        )


class ItemOut(ItemRef):
    """A package with its reference price and rules."""

    model_config = examples(
        {
            **SEMBAKO,
            "basis": "household",
            "reference_price": 200000,
            "content": {"id": "Beras 5 kg, minyak 2 l", "en": "Rice 5 kg, oil 2 l"},
            "rules": {"id": "Baik, higienis, halal", "en": "Good, hygienic, halal"},
            "source": "https://rmol.id/",
        }
    )

    basis: str = Field(description="What one unit is for: household or person.")
    reference_price: int | None = Field(description="Rupiah.")
    content: Words
    rules: Words
    source: str

    @classmethod
    def of(cls, item: Item) -> ItemOut:
        """All that is known of an item."""
        return cls(
            **ItemRef.of(item).model_dump(),
            basis=item.basis,
            reference_price=item.reference_price,
            content=Words(id=item.content_id, en=item.content_en),
            rules=Words(id=item.rules_id, en=item.rules_en),
            source=item.source,
        )


class ItemList(Schema):
    """All items."""

    items: list[ItemOut]


class LineOut(Schema):
    """One item of a need: three numbers that are never mixed up, and what can still be promised."""

    model_config = examples(LINE)

    id: int
    item: ItemRef
    needed: int
    committed: int = Field(description="Promised and not given back, delivered units included.")
    delivered: int = Field(description="Acknowledged by the receiving side.")
    left: int = Field(description="Units that can still be promised.")
    needed_by_date: date

    @classmethod
    def of(cls, line: NeedLine) -> LineOut:
        """The numbers of a line read with its item."""
        return cls(
            id=line.pk,
            item=ItemRef.of(line.item),
            needed=line.reported,
            committed=line.committed,
            delivered=line.delivered,
            left=line.left,
            needed_by_date=line.needed_by_date,
        )


class InstitutionRef(Schema):
    """An institution that receives help."""

    id: int
    name: str
    kind: str

    @classmethod
    def of(cls, site: Site) -> InstitutionRef:
        """The words of a site."""
        return cls(id=site.pk, name=site.name, kind=site.kind)


class NeedOut(Schema):
    """What a place or an institution needs."""

    model_config = examples(NEED)

    id: int
    place: PlaceRef
    institution: InstitutionRef | None
    cause: str
    households: int
    people: int
    estimated: bool = Field(description="Derived from official counts, not reported by the place.")
    state: str
    state_reason: str | None = Field(description="Why it ended; for the receiving side and verifiers only.")
    registered_at: datetime
    verified_at: datetime | None
    needed: int
    committed: int
    delivered: int
    lines: list[LineOut]

    @classmethod
    def of(cls, need: Need, *, inside: bool = False) -> NeedOut:
        """The words of a need read by `queries.listed(queries.needs())`.

        Args:
            inside: for the receiving side or a verifier.
        """
        return cls(
            id=need.pk,
            place=PlaceRef.of(need.place),
            institution=InstitutionRef.of(need.institution) if need.institution else None,
            cause=need.cause,
            households=need.households,
            people=need.people,
            estimated=need.estimated,
            state=need.state,
            state_reason=need.state_reason if inside else None,
            registered_at=need.registered_at,
            verified_at=need.verified_at,
            needed=need.needed,  # type: ignore[attr-defined]
            committed=need.committed,  # type: ignore[attr-defined]
            delivered=need.delivered,  # type: ignore[attr-defined]
            lines=[LineOut.of(line) for line in need.lines.all()],
        )


class NeedPage(Page[NeedOut]):
    """A page of needs."""


class PartnerRef(Schema):
    """A partner in a few words."""

    id: int
    name: str

    @classmethod
    def of(cls, partner: Partner | None) -> PartnerRef | None:
        """The words of a partner; None for none."""
        return cls(id=partner.pk, name=partner.name) if partner else None


class DeliveryOut(Schema):
    """What a helper says was handed over, and what the receiving side acknowledged."""

    model_config = examples(DELIVERY)

    id: int
    pledge: int
    quantity: int = Field(description="As the helper told.")
    state: str
    reported_at: datetime
    received: int | None = Field(description="As the receiving side told; only this counts.")
    acknowledged_at: datetime | None
    acknowledged_by: str
    photo: bool = Field(description="Whether there is a photo.")

    @classmethod
    def of(cls, delivery: Delivery) -> DeliveryOut:
        """The words of a delivery."""
        return cls(
            id=delivery.pk,
            pledge=delivery.pledge_id,
            quantity=delivery.quantity,
            state=delivery.state,
            reported_at=delivery.reported_at,
            received=delivery.received,
            acknowledged_at=delivery.acknowledged_at,
            acknowledged_by=delivery.acknowledged_by,
            photo=bool(delivery.photo),
        )


class PledgeOut(Schema):
    """A promise, as its helper or the receiving side sees it; it never says who an individual is."""

    model_config = examples(PLEDGE)

    id: int
    need: int
    line: int
    place: PlaceRef
    item: ItemRef
    quantity: int
    delivered: int
    status: str = Field(description="The one word for where the promise is.")
    deliver_date: date
    pledged_at: datetime
    held_until: datetime | None = Field(description="An unconfirmed promise ends then.")
    confirmed_at: datetime | None
    handed_over_at: datetime | None
    ended_at: datetime | None
    partner: PartnerRef | None = Field(description="Null when an individual promised.")
    offer: int | None
    receipt_code: str | None = Field(description="For the receiving side only: the code it gives on receipt.")
    deliveries: list[DeliveryOut]

    @classmethod
    def of(cls, pledge: Pledge, deliveries: Iterable[Delivery], *, inside: bool = False) -> PledgeOut:
        """The words of a pledge read by `queries.pledges()`.

        Args:
            inside: for the receiving side, which sees the code.
        """
        line = pledge.need_line
        return cls(
            id=pledge.pk,
            need=line.need_id,
            line=line.pk,
            place=PlaceRef.of(line.need.place),
            item=ItemRef.of(line.item),
            quantity=pledge.quantity,
            delivered=pledge.delivered,
            status=queries.status(pledge),
            deliver_date=pledge.deliver_date,
            pledged_at=pledge.pledged_at,
            held_until=pledge.held_until,
            confirmed_at=pledge.confirmed_at,
            handed_over_at=pledge.handed_over_at,
            ended_at=pledge.ended_at,
            partner=PartnerRef.of(pledge.partner),
            offer=pledge.offer_id,
            receipt_code=pledge.receipt_code if inside else None,
            deliveries=[DeliveryOut.of(delivery) for delivery in deliveries],
        )


class PledgePage(Page[PledgeOut]):
    """A page of promises."""


class PledgeMade(PledgeOut):
    """A promise that was just made, with its secret link where it may be shown."""

    model_config = examples({**PLEDGE, "token": "ZmFrdGEtY29udG9oLWxpbms"})

    token: str | None = Field(
        description=(
            "Secret of the promise, shown this once: send it as X-Pledge-Token. Null for visitors, whose contact "
            "gets the link and must follow it before the promise stands."
        )
    )


class OfferOut(Schema):
    """What a helper has to give where it is needed most."""

    model_config = examples(OFFER)

    id: int
    item: ItemRef
    place: PlaceRef
    partner: PartnerRef | None
    offered: int
    committed: int
    delivered: int
    left: int
    available_date: date
    until_date: date | None
    registered_at: datetime

    @classmethod
    def of(cls, offer: Offer) -> OfferOut:
        """The words of an offer read with item, place and partner."""
        return cls(
            id=offer.pk,
            item=ItemRef.of(offer.item),
            place=PlaceRef.of(offer.place),
            partner=PartnerRef.of(offer.partner),
            offered=offer.reported,
            committed=offer.committed,
            delivered=offer.delivered,
            left=offer.limit - offer.committed,
            available_date=offer.available_date,
            until_date=offer.until_date,
            registered_at=offer.registered_at,
        )


class OfferPage(Page[OfferOut]):
    """A page of offers."""
