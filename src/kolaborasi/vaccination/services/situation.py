"""Everything a booking is decided on, read in one statement."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from uuid import UUID

from django.utils.timezone import get_default_timezone_name

from kolaborasi.common.rows import prepared
from kolaborasi.vaccination.models import Product, ScheduleRule
from kolaborasi.vaccination.queries.people import step_of
from kolaborasi.vaccination.rules import Channel, PastDose, Step


@dataclass(frozen=True, slots=True)
class Room:
    """A quota or a lot as it was read: plain values, because making model instances took longer than reading them."""

    pk: int
    left: int


@dataclass(frozen=True)
class Situation:
    """A slot and a person, as they are now.

    Args:
        residents_of, residence: area codes, empty for none.
        balances: doses of the session's product by lot, those that may be given on its day, first expiry first.
        steps: schedule rules in force on the day of the session.
        facility_state: of the partner that answers for the session.
        open_booking_id: next dose the person has booked already, apart from the one that moves.
        next_booking_id: key for a new booking, so that its marks can be written before it.
        reachable: whether the person has an e-mail address or telephone number.
    """

    recipient_id: UUID
    birth_date: date
    residence: str
    reachable: bool
    open_booking_id: int | None
    history: list[PastDose]
    slot_id: int
    starts_at: datetime
    ends_at: datetime
    session_id: int
    session_state: str
    date: date
    product: str
    residents_of: str
    facility_id: int
    facility_state: str
    quotas: dict[Channel, Room]
    balances: list[Room]
    steps: list[Step]
    next_booking_id: int


STATEMENT = "SELECT * FROM vaccination_situation(%s, %s, %s, %s)"
"""The function of migration 0002: planning its query anew for each booking took most of the time of reading."""


def situation(*, recipient_id: UUID, slot_id: int, booking_id: int | None = None) -> Situation:
    """Read what a booking of this person in this slot is decided on, and keep its facility active meanwhile.

    `FOR SHARE` on the facility is what `partners.services.require_active` takes: a freeze waits for the booking.
    On the session it makes whoever calls it off wait, so that this booking ends with the others.

    Args:
        booking_id: the booking that moves, which does not stand in its own way.

    Raises:
        LookupError: there is no such person or slot.
    """
    with prepared() as cursor:
        cursor.execute(STATEMENT, [recipient_id, slot_id, booking_id, get_default_timezone_name()])
        row = cursor.fetchone()
    if row is None:
        raise LookupError(f"no recipient {recipient_id} or slot {slot_id}")
    codes, steps = _schedule(row[16], row[17])
    return Situation(
        recipient_id=recipient_id,
        birth_date=row[0],
        residence=row[1],
        reachable=row[2],
        open_booking_id=row[3],
        history=[PastDose(codes[pk], number, date.fromisoformat(day)) for pk, number, day in row[4] or []],
        slot_id=slot_id,
        starts_at=row[5],
        ends_at=row[6],
        session_id=row[7],
        session_state=row[8],
        date=row[9],
        product=codes[row[10]],
        residents_of=row[11],
        facility_id=row[12],
        facility_state=row[13],
        quotas={
            Channel(channel): Room(pk, limit - committed)
            for pk, channel, _reported, limit, committed in row[14] or []
        },
        balances=[Room(pk, limit - committed) for pk, _reported, limit, committed in row[15] or []],
        steps=[step for starts, ends, step in steps if starts <= row[9] and (ends is None or ends > row[9])],
        next_booking_id=row[18],
    )


@lru_cache(maxsize=2)
def _schedule(
    newest_rule: int, newest_product: int
) -> tuple[dict[int, str], list[tuple[date, date | None, Step]]]:
    """Codes of all products and all rules with their days, kept until a newer one of either is written."""
    codes = dict(Product.objects.values_list("pk", "code"))
    rules = ScheduleRule.objects.select_related("product", "previous")
    return codes, [(rule.starts_date, rule.ends_date, step_of(rule)) for rule in rules]
