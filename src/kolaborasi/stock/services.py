"""The verbs of the second law. They join the caller's transaction; the programme's verb writes the audit entry.

Balances are locked in the order of their primary keys, after shipments, before promises.
"""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction

from kolaborasi.commitments.errors import NotAQuantity
from kolaborasi.partners.models import Site
from kolaborasi.stock.errors import NotEnoughOnHand, ShipmentClosed, StockIsPromised
from kolaborasi.stock.models import Balance, Location, LocationKind, Lot, Movement, Reason, Shipment

LOSSES = (Reason.WASTE, Reason.EXPIRY, Reason.COUNT)


def move(
    *,
    lot: Lot,
    source: Location,
    target: Location,
    quantity: int,
    reason: Reason,
    now: datetime,
    promised: int = 0,
    reference: str = "",
) -> Movement:
    """Move goods of a lot from one location to another: one row, both balances, one transaction.

    Args:
        quantity: units, at least one.
        reason: losses may cut into promises (the shortfall is shown); anything else may not.
        promised: units of it that leave because a promise against the source is being fulfilled in this same
            transaction; they do not count as promised to somebody else.
        reference: what caused it, for example `aid.delivery:7`.

    Raises:
        NotAQuantity: fewer than one unit.
        NotEnoughOnHand: the source would go below zero.
        StockIsPromised: the source would break a promise.
    """
    _require_units(quantity)
    with transaction.atomic(savepoint=False):
        balances = _lock(lot, source, target)
        if source.is_inside:
            _take(balances[source.pk], quantity, min(promised, quantity), may_break_promises=reason in LOSSES)
        if target.is_inside:
            _add(balances[target.pk], on_hand=quantity)
        return Movement.objects.create(
            at=now,
            lot=lot,
            source=source,
            target=target,
            quantity=quantity,
            reason=reason,
            reference=reference,
        )


def dispatch(
    *, lot: Lot, source: Location, target: Location, quantity: int, arrives_date: date, now: datetime
) -> Shipment:
    """Send goods on their way; from now on the target may promise them for the day they arrive.

    Raises:
        NotAQuantity, NotEnoughOnHand, StockIsPromised: as in `move`.
    """
    _require_units(quantity)
    with transaction.atomic(savepoint=False):
        transit = transit_location()
        balances = _lock(lot, source, transit, target)
        shipment = Shipment.objects.create(
            lot=lot, source=source, target=target, quantity=quantity, arrives_date=arrives_date
        )
        move(
            lot=lot,
            source=source,
            target=transit,
            quantity=quantity,
            reason=Reason.DISPATCH,
            now=now,
            reference=f"stock.shipment:{shipment.pk}",
        )
        _add(balances[target.pk], arriving=quantity)
    return shipment


def receive(*, shipment: Shipment, quantity: int, now: datetime, close: bool = True) -> Shipment:
    """Take goods of a shipment into the target; what is missing when it closes is booked as lost on the way.

    Args:
        quantity: units received now.
        close: False waits for the rest.

    Raises:
        NotAQuantity: fewer than none.
        ShipmentClosed: it is closed.
        NotEnoughOnHand: more than was sent.
    """
    _require_units(quantity, least=0)
    with transaction.atomic(savepoint=False):
        sent = Shipment.objects.select_for_update().select_related("lot", "target").get(pk=shipment.pk)
        rest = sent.quantity - sent.received
        if sent.closed_at is not None:
            raise ShipmentClosed
        if quantity > rest:
            raise NotEnoughOnHand(on_hand=rest, asked=quantity)
        lost = rest - quantity if close else 0
        transit, reference = transit_location(), f"stock.shipment:{sent.pk}"
        _lock(sent.lot, transit, sent.target)
        for units, place, reason in (
            (quantity, sent.target, Reason.ARRIVAL),
            (lost, loss_location(), Reason.WASTE),
        ):
            if units:
                move(
                    lot=sent.lot,
                    source=transit,
                    target=place,
                    quantity=units,
                    reason=reason,
                    now=now,
                    reference=reference,
                )
        _add(_lock(sent.lot, sent.target)[sent.target.pk], arriving=-(quantity + lost))
        sent.received += quantity
        sent.closed_at = now if close or sent.received == sent.quantity else None
        sent.save(update_fields=["received", "closed_at"])
    return sent


def transit_location() -> Location:
    """The one location of goods on the way."""
    return _outside_or_transit(LocationKind.TRANSIT, "in transit")


def supplier_location() -> Location:
    """Where goods come from."""
    return _outside_or_transit(LocationKind.SUPPLIER, "suppliers")


def recipient_location() -> Location:
    """Where delivered goods end."""
    return _outside_or_transit(LocationKind.RECIPIENT, "recipients")


def loss_location() -> Location:
    """Where wasted, expired and missing goods end."""
    return _outside_or_transit(LocationKind.LOSS, "losses")


def site_location(site: Site) -> Location:
    """The one location of a partner's site; made on first use."""
    return Location.objects.get_or_create(
        site=site, defaults={"kind": LocationKind.SITE, "name": site.name[:120]}
    )[0]


def _outside_or_transit(kind: LocationKind, name: str) -> Location:
    return Location.objects.get_or_create(kind=kind, site=None, defaults={"name": name})[0]


def _require_units(quantity: int, least: int = 1) -> None:
    if quantity < least:
        raise NotAQuantity(quantity=quantity)


def _lock(lot: Lot, *locations: Location) -> dict[int, Balance]:
    """Balances of the inside locations, made when absent, locked in the order of their keys; by location."""
    inside = [location for location in locations if location.is_inside]
    Balance.objects.bulk_create(
        [
            Balance(location=location, lot=lot, reported=0, limit=0)
            for location in sorted(inside, key=lambda x: x.pk)
        ],
        ignore_conflicts=True,
    )
    rows = Balance.objects.select_for_update(no_key=True).filter(lot=lot, location__in=inside).order_by("pk")
    return {balance.location_id: balance for balance in rows}


def _take(balance: Balance, quantity: int, promised: int, *, may_break_promises: bool) -> None:
    if balance.on_hand < quantity:
        raise NotEnoughOnHand(on_hand=balance.on_hand, asked=quantity)
    free = max(0, balance.reported - balance.committed) + promised
    if quantity > free and not may_break_promises:
        raise StockIsPromised(free=free, asked=quantity)
    _add(balance, on_hand=-quantity)


def _add(balance: Balance, *, on_hand: int = 0, arriving: int = 0) -> None:
    balance.on_hand += on_hand
    balance.arriving += arriving
    balance.reported = balance.on_hand + balance.arriving
    balance.limit = max(balance.reported, balance.committed)
    Balance.objects.filter(pk=balance.pk).update(
        on_hand=balance.on_hand, arriving=balance.arriving, reported=balance.reported, limit=balance.limit
    )
