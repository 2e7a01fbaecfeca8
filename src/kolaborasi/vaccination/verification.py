"""What `kolaborasi verify` recomputes of the vaccination programme: every dose has a place, a person or a reason."""

from __future__ import annotations

from collections.abc import Iterator

from django.db import connection

from kolaborasi.common.verification import Check

PERSON = """
SELECT movement.id, COUNT(dose.id) FROM stock_movement AS movement
JOIN vaccination_vaccinelot AS vaccine ON vaccine.lot_id = movement.lot_id
JOIN stock_location AS target ON target.id = movement.target_id
LEFT JOIN vaccination_dose AS dose ON dose.movement_id = movement.id AND dose.state = 'given'
WHERE target.kind = 'recipient' GROUP BY movement.id, movement.quantity
"""
REASON = """
SELECT movement.id, COUNT(wastage.movement_id) + COUNT(counted.movement_id) FROM stock_movement AS movement
JOIN vaccination_vaccinelot AS vaccine ON vaccine.lot_id = movement.lot_id
JOIN stock_location AS target ON target.id = movement.target_id
LEFT JOIN vaccination_wastage AS wastage ON wastage.movement_id = movement.id
LEFT JOIN vaccination_stockcount AS counted ON counted.movement_id = movement.id
WHERE target.kind = 'loss' GROUP BY movement.id
"""
CONSERVED = """
SELECT vaccine.lot_id, COALESCE(received.doses, 0), COALESCE(inside.doses, 0), COALESCE(given.doses, 0),
    COALESCE(lost.doses, 0), COALESCE(found.doses, 0)
FROM vaccination_vaccinelot AS vaccine
LEFT JOIN (SELECT lot_id, SUM(quantity) AS doses FROM stock_movement JOIN stock_location AS source
    ON source.id = source_id WHERE source.kind = 'supplier' GROUP BY lot_id) AS received USING (lot_id)
LEFT JOIN (SELECT lot_id, SUM(on_hand) AS doses FROM stock_balance GROUP BY lot_id) AS inside USING (lot_id)
LEFT JOIN (SELECT lot_id, COUNT(*) AS doses FROM vaccination_dose WHERE state = 'given' AND lot_id IS NOT NULL
    GROUP BY lot_id) AS given USING (lot_id)
LEFT JOIN (SELECT lot_id, SUM(quantity) AS doses FROM stock_movement JOIN stock_location AS target
    ON target.id = target_id WHERE target.kind = 'loss' GROUP BY lot_id) AS lost USING (lot_id)
LEFT JOIN (SELECT lot_id, SUM(quantity) AS doses FROM stock_movement JOIN stock_location AS source
    ON source.id = source_id WHERE source.kind = 'loss' GROUP BY lot_id) AS found USING (lot_id)
"""
BOOKED = """
SELECT booking.id FROM vaccination_booking AS booking
JOIN vaccination_slotquota AS quota ON quota.id = booking.quota_id
JOIN vaccination_slot AS slot ON slot.id = quota.slot_id
JOIN vaccination_session AS session ON session.id = booking.session_id
JOIN stock_balance AS balance ON balance.id = booking.balance_id
WHERE booking.state IN ('held', 'confirmed')
    AND (slot.session_id <> booking.session_id OR balance.location_id <> session.location_id)
"""
VIALS = """
SELECT vial.id, vial.given, COUNT(dose.id) FROM vaccination_vial AS vial
LEFT JOIN vaccination_dose AS dose ON dose.vial_id = vial.id AND dose.state = 'given'
GROUP BY vial.id, vial.given
"""


def checks() -> Iterator[Check]:
    """Doses by person and reason, doses conserved by lot, bookings with their own slot and dose, vials."""
    rows = _rows(PERSON)
    faults = [
        f"stock.movement {pk}: given to a person but has {doses} dose records"
        for pk, doses in rows
        if doses != 1
    ]
    yield Check("doses given have a person", len(rows), faults)
    rows = _rows(REASON)
    yield Check(
        "doses lost have a reason",
        len(rows),
        [f"stock.movement {pk}: lost with {reasons} reasons" for pk, reasons in rows if reasons != 1],
    )
    lots = _rows(CONSERVED)
    yield Check(
        "vaccine lots are conserved",
        len(lots),
        [
            f"vaccination.lot {pk}: received {received} but inside {inside}, given {given}, lost {lost}, found {found}"
            for pk, received, inside, given, lost, found in lots
            if received + found != inside + given + lost
        ],
    )
    with connection.cursor() as cursor:
        cursor.execute("SELECT COUNT(*) FROM vaccination_booking WHERE state IN ('held', 'confirmed')")
        (open_,) = cursor.fetchone()
    wrong = _rows(BOOKED)
    faults = [f"vaccination.booking {pk}: its slot or dose is of another session" for (pk,) in wrong]
    yield Check("bookings hold slot and dose of their session", open_, faults)
    vials = _rows(VIALS)
    yield Check(
        "opened vials count their doses",
        len(vials),
        [
            f"vaccination.vial {pk}: {given} given but {doses} recorded"
            for pk, given, doses in vials
            if given != doses
        ],
    )


def _rows(query: str) -> list[tuple[int, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return list(cursor.fetchall())
