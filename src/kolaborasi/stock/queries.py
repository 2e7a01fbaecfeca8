"""Questions to the stock, and the recomputation of its balances."""

from __future__ import annotations

from collections.abc import Iterator

from django.db import connection, models

from kolaborasi.common.verification import Check
from kolaborasi.stock.models import INSIDE, Balance, Location, Lot, Movement, Shipment


def checks() -> Iterator[Check]:
    """Recompute every balance from movements and shipments, and that goods are conserved lot by lot."""
    yield _on_hand()
    yield _arriving()
    yield _conserved()


def _table(model: type[models.Model]) -> str:
    return connection.ops.quote_name(model._meta.db_table)


def _rows(query: str, parameters: list[list[str]] | None = None) -> list[tuple[int, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, parameters or [])
        return list(cursor.fetchall())


def _on_hand() -> Check:
    rows = _rows(
        f"SELECT balance.id, balance.on_hand, COALESCE(SUM(moved.units), 0) FROM {_table(Balance)} AS balance"  # noqa: S608
        f" LEFT JOIN (SELECT lot_id, target_id AS location_id, quantity AS units FROM {_table(Movement)}"
        f" UNION ALL SELECT lot_id, source_id, -quantity FROM {_table(Movement)}) AS moved"
        " USING (lot_id, location_id) GROUP BY balance.id"
    )
    faults = [
        f"stock.balance {pk}: on hand {on_hand} but its movements sum to {moved}"
        for pk, on_hand, moved in rows
        if on_hand != moved
    ]
    return Check("stock balances from movements", len(rows), faults)


def _arriving() -> Check:
    rows = _rows(
        "SELECT balance.id, balance.arriving, COALESCE(SUM(shipment.quantity - shipment.received), 0)"  # noqa: S608
        f" FROM {_table(Balance)} AS balance LEFT JOIN {_table(Shipment)} AS shipment"
        " ON shipment.lot_id = balance.lot_id AND shipment.target_id = balance.location_id"
        " AND shipment.closed_at IS NULL GROUP BY balance.id"
    )
    faults = [
        f"stock.balance {pk}: arriving {arriving} but its open shipments carry {carried}"
        for pk, arriving, carried in rows
        if arriving != carried
    ]
    return Check("stock arriving from shipments", len(rows), faults)


def _conserved() -> Check:
    """For each lot: what is inside equals what came in from outside minus what went out."""
    rows = _rows(
        f"SELECT lot.id, (SELECT COALESCE(SUM(on_hand), 0) FROM {_table(Balance)} WHERE lot_id = lot.id),"  # noqa: S608
        " COALESCE(SUM(CASE WHEN source.kind = ANY(%s) THEN 0 ELSE movement.quantity END"
        " - CASE WHEN target.kind = ANY(%s) THEN 0 ELSE movement.quantity END), 0)"
        f" FROM {_table(Lot)} AS lot LEFT JOIN {_table(Movement)} AS movement ON movement.lot_id = lot.id"
        f" LEFT JOIN {_table(Location)} AS source ON source.id = movement.source_id"
        f" LEFT JOIN {_table(Location)} AS target ON target.id = movement.target_id GROUP BY lot.id",
        [[str(kind) for kind in INSIDE]] * 2,
    )
    faults = [
        f"stock.lot {pk}: {inside} inside but {net} came in on balance"
        for pk, inside, net in rows
        if inside != net
    ]
    return Check("stock conserved by lot", len(rows), faults)
