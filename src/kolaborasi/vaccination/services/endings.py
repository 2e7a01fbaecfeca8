"""How bookings end without a dose, and how people are told about theirs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils.timezone import localtime

from kolaborasi.commitments import services as commitments
from kolaborasi.commitments.states import CommitmentState
from kolaborasi.messages.models import Channel
from kolaborasi.messages.services import enqueue
from kolaborasi.people.models import Person
from kolaborasi.vaccination.models import Booking, Dose, EndReason, WaitingWish
from kolaborasi.vaccination.passes import card_link
from kolaborasi.vaccination.states import WaitingState


def end_booking(booking: Booking, *, reason: EndReason, now: datetime) -> Booking:
    """Give slot and dose back, and keep why.

    Raises:
        WrongState: it is over.
    """
    # The reason goes first: the database refuses an ended booking without one.
    Booking.objects.filter(pk=booking.pk, state__in=["held", "confirmed"]).update(
        ended_at=now, end_reason=reason
    )
    if booking.state == CommitmentState.HELD:
        _wait_on(booking, reason, now)
    commitments.release(booking, now=now)
    booking.ended_at, booking.end_reason = now, reason
    return booking


def _wait_on(booking: Booking, reason: EndReason, now: datetime) -> None:
    """A wish whose offer ended waits on: in its place when the session was called off, else behind the others."""
    wish = WaitingWish.objects.filter(booking=booking, state=WaitingState.OFFERED)
    later = {} if reason == EndReason.SESSION else {"joined_at": now}
    wish.update(state=WaitingState.WAITING, booking=None, **later)


def end_bookings(
    bookings: QuerySet[Booking], *, reason: EndReason, now: datetime, doses: int | None = None
) -> list[Booking]:
    """End many, in the order of their keys.

    Args:
        doses: how many of them had a dose that could be given; those booked last, for whom none was there, end as not
            served. None when a dose is not the question.
    """
    found = list(bookings.select_related("recipient__person", "quota__slot", "session__site").order_by("pk"))
    served = sorted(found, key=lambda booking: (booking.booked_at, booking.pk))[:doses]
    with_dose = {booking.pk for booking in served}
    return [
        end_booking(booking, reason=reason if booking.pk in with_dose else EndReason.NO_DOSE, now=now)
        for booking in found
    ]


def channel_to(person: Person) -> Channel | None:
    """How a person is reached; None when nothing is known."""
    if person.email is not None:
        return Channel.EMAIL
    return Channel.SMS if person.phone is not None else None


def tell(bookings: Sequence[Booking], template: str, *, now: datetime, **context: Any) -> int:
    """A message about each booking to its person, when they can be reached; returns how many.

    The text has day, time and site; it names nobody. Its link leads to the card unless `link` says otherwise.
    """
    told = 0
    for booking in bookings:
        channel = channel_to(booking.recipient.person)
        if channel is None:
            continue
        starts = localtime(booking.quota.slot.starts_at)
        enqueue(
            template=template,
            recipient=booking.recipient_id,
            channel=channel,
            context={
                "date": starts.strftime("%d.%m.%Y"),
                "time": starts.strftime("%H:%M"),
                "site": booking.session.site.name,
                "dose": booking.dose_number,
                "link": card_link(booking.recipient_id, now=now),
                **context,
            },
            now=now,
        )
        told += 1
    return told


def tell_given(dose: Dose, *, now: datetime) -> None:
    """A message with the link to the card after a dose, when the person can be reached."""
    channel = channel_to(dose.recipient.person)
    if channel is not None:
        enqueue(
            template="vaccination_given",
            recipient=dose.recipient_id,
            channel=channel,
            context={"dose": dose.number, "link": card_link(dose.recipient_id, now=now)},
            now=now,
        )
