"""Everything a booking is decided on, read in one statement."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils.timezone import get_default_timezone_name

from kolaborasi.stock.models import Balance
from kolaborasi.vaccination.models import Product, ScheduleRule, SlotQuota
from kolaborasi.vaccination.rules import Channel, PastDose, Step


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
    quotas: dict[Channel, SlotQuota]
    balances: list[Balance]
    steps: list[Step]
    next_booking_id: int


# Column lists with the names of the kernel's columns; "limit" is a word of SQL.
STATEMENT = """
SELECT recipient.birth_date,
    COALESCE((SELECT code FROM places_place WHERE id = recipient.residence_id), ''),
    (SELECT email IS NOT NULL OR phone IS NOT NULL FROM people_person WHERE id = recipient.person_id),
    (SELECT booking.id FROM vaccination_booking AS booking
      WHERE booking.recipient_id = recipient.person_id AND booking.state IN ('held', 'confirmed')
        AND booking.id IS DISTINCT FROM %(booking)s),
    (SELECT json_agg(json_build_array(dose.product_id, dose.number,
          (dose.given_at AT TIME ZONE %(zone)s)::date))
       FROM vaccination_dose AS dose WHERE dose.recipient_id = recipient.person_id AND dose.state = 'given'),
    slot.starts_at, slot.ends_at, session.id, session.state, session.date, session.product_id,
    COALESCE((SELECT code FROM places_place WHERE id = session.residents_of_id), ''), facility.id, facility.state,
    (SELECT json_agg(json_build_array(quota.id, quota.channel, quota.reported, quota."limit", quota.committed))
       FROM vaccination_slotquota AS quota WHERE quota.slot_id = slot.id),
    (SELECT json_agg(json_build_array(balance.id, balance.reported, balance."limit", balance.committed)
          ORDER BY lot.expires_date, balance.id)
       FROM stock_balance AS balance
       JOIN vaccination_vaccinelot AS vaccine ON vaccine.lot_id = balance.lot_id
       JOIN stock_lot AS lot ON lot.id = balance.lot_id
      WHERE balance.location_id = session.location_id AND vaccine.product_id = session.product_id
        AND vaccine.state = 'released' AND COALESCE(vaccine.vvm_stage, 1) < 3
        AND lot.expires_date > session.date
        AND (vaccine.thawed_until_date IS NULL OR vaccine.thawed_until_date > session.date)
        AND NOT EXISTS (SELECT FROM vaccination_quarantine AS apart
              WHERE apart.lot_id = vaccine.lot_id AND apart.location_id = balance.location_id
                AND apart.closed_at IS NULL)
        AND NOT EXISTS (SELECT FROM stock_shipment AS shipment
              WHERE shipment.lot_id = balance.lot_id AND shipment.target_id = balance.location_id
                AND shipment.closed_at IS NULL AND shipment.arrives_date > session.date)),
    (SELECT max(id) FROM vaccination_schedulerule), (SELECT max(item_id) FROM vaccination_product),
    nextval(pg_get_serial_sequence('vaccination_booking', 'id'))
FROM vaccination_recipient AS recipient, vaccination_slot AS slot JOIN vaccination_session AS session ON session.id = slot.session_id
JOIN partners_partner AS facility ON facility.id = session.facility_id
WHERE recipient.person_id = %(recipient)s AND slot.id = %(slot)s
FOR SHARE OF facility
"""


def situation(*, recipient_id: UUID, slot_id: int, booking_id: int | None = None) -> Situation:
    """Read what a booking of this person in this slot is decided on, and keep its facility active meanwhile.

    `FOR SHARE` on the facility is what `partners.services.require_active` takes: a freeze waits for the booking.

    Args:
        booking_id: the booking that moves, which does not stand in its own way.

    Raises:
        LookupError: there is no such person or slot.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            STATEMENT,
            {
                "recipient": recipient_id,
                "slot": slot_id,
                "booking": booking_id,
                "zone": get_default_timezone_name(),
            },
        )
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
        quotas={Channel(quota[1]): _quota(slot_id, quota) for quota in row[14] or []},
        balances=[
            Balance(pk=pk, reported=reported, limit=limit, committed=committed)
            for pk, reported, limit, committed in row[15] or []
        ],
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


def step_of(rule: ScheduleRule) -> Step:
    """A stored rule as the decisions take it."""
    return Step(
        rule.product.code,
        rule.number,
        rule.previous.code if rule.previous else "",
        rule.min_days,
        rule.max_days,
        rule.min_age,
        rule.booster,
    )


def _quota(slot_id: int, values: list[Any]) -> SlotQuota:
    pk, channel, reported, limit, committed = values
    return SlotQuota(
        pk=pk, slot_id=slot_id, channel=channel, reported=reported, limit=limit, committed=committed
    )
