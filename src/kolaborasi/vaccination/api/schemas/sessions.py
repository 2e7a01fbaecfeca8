"""Sessions, their queues and vials in JSON."""

from __future__ import annotations

import datetime
from uuid import UUID

from ninja import Schema
from pydantic import Field

from kolaborasi.common.http.cursors import Page
from kolaborasi.common.http.examples import examples
from kolaborasi.places.api import KEMAYORAN, PlaceRef
from kolaborasi.vaccination.api.schemas.people import AT, PERSON, DoseOut
from kolaborasi.vaccination.models import Dose, Session, Slot, Vial, Visit

WINDOW = {
    "id": 31,
    "starts_at": AT,
    "ends_at": "2021-07-13T04:00:00Z",
    "quotas": [{"channel": "booking", "people": 20, "promised": 8}],
}
SESSION = {
    "id": 12,
    "site": 5,
    "site_name": "Sentra Vaksinasi Contoh",
    "place": KEMAYORAN,
    "kind": "fixed",
    "product": "coronavac",
    "date": "2021-07-13",
    "state": "open",
    "residents_of": None,
    "places_left": 12,
    "doses_left": 10,
}
VISIT = {
    "number": 7,
    "recipient": PERSON,
    "lane": "booking",
    "state": "waiting",
    "arrived_at": AT,
    "due_at": AT,
    "booking": 501,
    "dose": None,
}


class DoneOut(Schema):
    """The act was done; there is nothing else to tell."""

    model_config = examples({"done": True})

    done: bool = True


class QuotaOut(Schema):
    """Places of a channel in a window."""

    model_config = examples({"channel": "booking", "people": 20, "promised": 8})

    channel: str
    people: int
    promised: int


class WindowOut(Schema):
    """A time window of a session."""

    model_config = examples(WINDOW)

    id: int
    starts_at: datetime.datetime
    ends_at: datetime.datetime
    quotas: list[QuotaOut]

    @classmethod
    def of(cls, slot: Slot) -> WindowOut:
        """A window read with its quotas."""
        quotas = sorted(slot.quotas.all(), key=lambda quota: quota.channel)
        return cls(
            id=slot.pk,
            starts_at=slot.starts_at,
            ends_at=slot.ends_at,
            quotas=[
                QuotaOut(channel=quota.channel, people=quota.reported, promised=quota.committed)
                for quota in quotas
            ],
        )


class SessionOut(Schema):
    """A session: one product at a site on a day."""

    model_config = examples(SESSION)

    id: int
    site: int
    site_name: str
    place: PlaceRef
    kind: str
    product: str
    date: datetime.date
    state: str
    residents_of: PlaceRef | None = Field(description="Only residents of this area may come.")
    places_left: int
    doses_left: int = Field(description="There or surely arriving by the day, and promised to nobody.")

    @classmethod
    def of(cls, session: Session) -> SessionOut:
        """The words of a session read with its room."""
        return cls(
            id=session.pk,
            site=session.site_id,
            site_name=session.site.name,
            place=PlaceRef.of(session.site.place),
            kind=session.kind,
            product=session.product.code,
            date=session.date,
            state=session.state,
            residents_of=PlaceRef.of(session.residents_of) if session.residents_of else None,
            places_left=session.places_left,  # type: ignore[attr-defined]  # annotated
            doses_left=session.doses_left,  # type: ignore[attr-defined]  # annotated
        )


class SessionPage(Page[SessionOut]):
    """A page of sessions."""


class SessionWholeOut(SessionOut):
    """A session with its windows and the parts of its partners."""

    model_config = examples(
        {
            **SESSION,
            "location": 15,
            "facility": 2,
            "vaccinator": 2,
            "stock_owner": 3,
            "registrar": None,
            "sponsor": None,
            "windows": [WINDOW],
        }
    )

    location: int = Field(description="Where its doses are, for the verbs on stock.")
    facility: int = Field(description="Partner that answers for it.")
    vaccinator: int
    stock_owner: int
    registrar: int | None
    sponsor: int | None
    windows: list[WindowOut]


class VisitOut(Schema):
    """Somebody in the queue of a session."""

    model_config = examples(VISIT)

    number: int
    recipient: UUID
    lane: str
    state: str
    arrived_at: datetime.datetime
    due_at: datetime.datetime
    booking: int | None
    dose: DoseOut | None = Field(description="The dose just recorded.")

    @classmethod
    def of(cls, visit: Visit, dose: Dose | None = None) -> VisitOut:
        """The words of a visit."""
        return cls(
            number=visit.number,
            recipient=visit.recipient_id,
            lane=visit.lane,
            state=visit.state,
            arrived_at=visit.arrived_at,
            due_at=visit.due_at,
            booking=visit.booking_id,
            dose=DoseOut.of(dose) if dose else None,
        )


class VisitList(Schema):
    """The queue of a session."""

    model_config = examples({"items": [VISIT]})

    items: list[VisitOut]


class VialOut(Schema):
    """An opened vial and its clock."""

    model_config = examples({"id": 5, "lot": 44, "discard_at": AT, "left": 10, "closed_at": None})

    id: int
    lot: int
    discard_at: datetime.datetime
    left: int
    closed_at: datetime.datetime | None

    @classmethod
    def of(cls, vial: Vial) -> VialOut:
        """The numbers of a vial."""
        left = vial.doses - vial.given - vial.wasted
        return cls(
            id=vial.pk, lot=vial.lot_id, discard_at=vial.discard_at, left=left, closed_at=vial.closed_at
        )


class VialList(Schema):
    """Opened vials."""

    model_config = examples(
        {"items": [{"id": 5, "lot": 44, "discard_at": AT, "left": 10, "closed_at": None}]}
    )

    items: list[VialOut]
