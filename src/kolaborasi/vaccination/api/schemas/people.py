"""People, bookings, doses and what follows them in JSON."""

from __future__ import annotations

import datetime
from uuid import UUID

from django.utils.timezone import localdate
from ninja import Schema
from pydantic import Field

from kolaborasi.commitments.states import CommitmentState
from kolaborasi.common.http.cursors import Page
from kolaborasi.common.http.examples import examples
from kolaborasi.places.api import KEMAYORAN, PlaceRef
from kolaborasi.vaccination import queries
from kolaborasi.vaccination.models import AdverseEvent, Booking, Correction, Dose, Recipient, WaitingWish
from kolaborasi.vaccination.queries.residents import open_booking_of, wish_of
from kolaborasi.vaccination.rules import Eligibility

AT = "2021-07-13T02:00:00Z"
PERSON = "8e03978e-40d5-43dd-bc93-6894a57f9324"
BOOKING = {
    "id": 501,
    "session": 12,
    "site_name": "Sentra Vaksinasi Contoh",
    "product": "coronavac",
    "window": 31,
    "starts_at": AT,
    "ends_at": "2021-07-13T04:00:00Z",
    "channel": "booking",
    "dose": 1,
    "state": "confirmed",
    "end_reason": None,
    "held_until": None,
}
DOSE = {
    "id": 801,
    "recipient": PERSON,
    "number": 1,
    "product": "coronavac",
    "given_at": AT,
    "lot": "CTH101",
    "session": 12,
    "state": "given",
    "observe_until": "2021-07-13T02:15:00Z",
    "observed_at": None,
}
MAY = {
    "product": "coronavac",
    "allowed": False,
    "dose": 2,
    "faults": ["too-early"],
    "earliest_date": "2021-08-10",
    "overdue_date": "2021-08-10",
}
EVENT = {
    "id": 3,
    "dose": 801,
    "kind": "fever",
    "serious": False,
    "onset_at": AT,
    "outcome": "unknown",
    "state": "reported",
    "due_date": "2021-07-20",
}
CORRECTION = {
    "id": 6,
    "kind": "misattributed-dose",
    "recipient": None,
    "dose": 801,
    "right_recipient": PERSON,
    "owner": 3,
    "opened_at": AT,
    "due_date": "2021-07-16",
    "state": "open",
    "decided_at": None,
    "resulting_dose": None,
    "reference": "B/12",
}


class BookingOut(Schema):
    """A place in a window together with a dose."""

    model_config = examples(BOOKING)

    id: int
    session: int
    site_name: str
    product: str
    window: int
    starts_at: datetime.datetime
    ends_at: datetime.datetime
    channel: str
    dose: int
    state: str
    end_reason: str | None
    held_until: datetime.datetime | None = Field(
        description="An offer or a wish not yet confirmed ends then."
    )

    @classmethod
    def of(cls, booking: Booking) -> BookingOut:
        """The words of a booking read with window, session, site and product."""
        slot = booking.quota.slot
        return cls(
            id=booking.pk,
            session=booking.session_id,
            site_name=booking.session.site.name,
            product=booking.session.product.code,
            window=slot.pk,
            starts_at=slot.starts_at,
            ends_at=slot.ends_at,
            channel=booking.channel,
            dose=booking.dose_number,
            state=booking.state,
            end_reason=booking.end_reason or None,
            held_until=booking.held_until if booking.state == CommitmentState.HELD else None,
        )


class BookedOut(BookingOut):
    """A booking just made, with the secret of its link, which cannot be shown again."""

    model_config = examples({**BOOKING, "link": "0tXc1y5S0q0x5Wk1JkQJzQ"})

    link: str


class SessionBookingOut(BookingOut):
    """A booking as those see it who receive the person."""

    model_config = examples({**BOOKING, "recipient": PERSON})

    recipient: UUID


class SessionBookingPage(Page[SessionBookingOut]):
    """A page of bookings."""


class DoseOut(Schema):
    """A dose somebody got."""

    model_config = examples(DOSE)

    id: int
    recipient: UUID
    number: int
    product: str
    given_at: datetime.datetime
    lot: str
    session: int | None = Field(description="Null for a dose given elsewhere.")
    state: str
    observe_until: datetime.datetime | None
    observed_at: datetime.datetime | None

    @classmethod
    def of(cls, dose: Dose) -> DoseOut:
        """The words of a dose read with its product."""
        return cls(
            id=dose.pk,
            recipient=dose.recipient_id,
            number=dose.number,
            product=dose.product.code,
            given_at=dose.given_at,
            lot=dose.lot_code,
            session=dose.session_id,
            state=dose.state,
            observe_until=dose.observe_until,
            observed_at=dose.observed_at,
        )


class DoseList(Schema):
    """Doses."""

    model_config = examples({"items": [DOSE]})

    items: list[DoseOut]


class MayOut(Schema):
    """Whether somebody may have a product, and otherwise why not and from when."""

    model_config = examples(MAY)

    product: str
    allowed: bool
    dose: int
    faults: list[str]
    earliest_date: datetime.date | None
    overdue_date: datetime.date | None

    @classmethod
    def of(cls, product: str, may: Eligibility) -> MayOut:
        """The words of a decision."""
        return cls(
            product=product,
            allowed=may.allowed,
            dose=may.number,
            faults=[str(fault) for fault in may.faults],
            earliest_date=may.earliest_date,
            overdue_date=may.overdue_date,
        )


class WishOut(Schema):
    """A wish on the waiting list."""

    model_config = examples(
        {"id": 7, "place": KEMAYORAN, "product": None, "joined_at": AT, "state": "waiting", "position": 3}
    )

    id: int
    place: PlaceRef
    product: str | None
    joined_at: datetime.datetime
    state: str
    position: int

    @classmethod
    def of(cls, wish: WaitingWish, position: int) -> WishOut:
        """The words of a wish."""
        return cls(
            id=wish.pk,
            place=PlaceRef.of(wish.place),
            product=wish.product.code if wish.product else None,
            joined_at=wish.joined_at,
            state=wish.state,
            position=position,
        )


class RecipientOut(Schema):
    """Somebody who is or will be vaccinated, under the pseudonymous id, with doses and what may come next."""

    model_config = examples(
        {
            "id": PERSON,
            "birth_date": "1990-05-17",
            "group": "stage3",
            "residence": KEMAYORAN,
            "doses": [DOSE],
            "next": [MAY],
            "booking": BOOKING,
            "waiting": None,
        }
    )

    id: UUID
    birth_date: datetime.date
    group: str
    residence: PlaceRef | None
    doses: list[DoseOut]
    next: list[MayOut]
    booking: BookingOut | None
    waiting: WishOut | None

    @classmethod
    def of(cls, recipient: Recipient, now: datetime.datetime) -> RecipientOut:
        """Everything of a recipient; a fixed number of statements."""
        booking, wish = open_booking_of(recipient), wish_of(recipient)
        coming = queries.next_dose(recipient, localdate(now))
        return cls(
            id=recipient.pk,
            birth_date=recipient.birth_date,
            group=recipient.group,
            residence=PlaceRef.of(recipient.residence) if recipient.residence else None,
            doses=[DoseOut.of(dose) for dose in queries.doses_of(recipient)],
            next=[MayOut.of(code, may) for code, may in sorted(coming.items())],
            booking=BookingOut.of(booking) if booking else None,
            waiting=WishOut.of(wish, queries.waiting_position(wish)) if wish else None,
        )


class EventOut(Schema):
    """An adverse event after a dose."""

    model_config = examples(EVENT)

    id: int
    dose: int
    kind: str
    serious: bool
    onset_at: datetime.datetime
    outcome: str
    state: str
    due_date: datetime.date

    @classmethod
    def of(cls, event: AdverseEvent) -> EventOut:
        """The words of an event."""
        return cls(
            id=event.pk,
            dose=event.dose_id,
            **{name: getattr(event, name) for name in cls.model_fields if name not in {"id", "dose"}},
        )


class EventList(Schema):
    """Adverse events."""

    model_config = examples({"items": [EVENT]})

    items: list[EventOut]


class CorrectionOut(Schema):
    """A request to put a record right."""

    model_config = examples(CORRECTION)

    id: int
    kind: str
    recipient: UUID | None
    dose: int | None
    right_recipient: UUID | None
    owner: int
    opened_at: datetime.datetime
    due_date: datetime.date
    state: str
    decided_at: datetime.datetime | None
    resulting_dose: int | None
    reference: str

    @classmethod
    def of(cls, found: Correction) -> CorrectionOut:
        """The words of a correction."""
        return cls(
            id=found.pk,
            kind=found.kind,
            recipient=found.recipient_id,
            dose=found.dose_id,
            right_recipient=found.right_recipient_id,
            owner=found.owner_id,
            opened_at=found.opened_at,
            due_date=found.due_date,
            state=found.state,
            decided_at=found.decided_at,
            resulting_dose=found.resulting_dose_id,
            reference=found.reference,
        )


class CorrectionList(Schema):
    """Requests to put records right."""

    model_config = examples({"items": [CORRECTION]})

    items: list[CorrectionOut]
