"""Moving, sending and receiving goods, one refusal at a time; the whole is walked in `tests/laws`."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import transaction

from kolaborasi.commitments.errors import NotAQuantity
from kolaborasi.common.errors import Refused
from kolaborasi.stock import services
from kolaborasi.stock.errors import NotEnoughOnHand, ShipmentClosed, StockIsPromised
from kolaborasi.stock.models import Balance, Item, Location, LocationKind, Lot, Movement, Reason, Shipment
from tests.conftest import NOW
from tests.factories import SiteFactory
from tests.races.parallel import together
from tests.support import take_away

TOMORROW = NOW.date() + timedelta(days=1)
pytestmark = pytest.mark.django_db


def place() -> Location:
    site = SiteFactory()
    return Location.objects.create(kind=LocationKind.SITE, name=site.name, site=site)


@pytest.fixture
def lot() -> Lot:
    return Lot.objects.create(
        item=Item.objects.create(code="sembako", name="Sembako", unit="paket"), code="A"
    )


@pytest.fixture
def store(lot: Lot) -> Location:
    """A warehouse with ten on hand."""
    store = place()
    supply(lot, store, 10)
    return store


def supply(lot: Lot, store: Location, units: int) -> None:
    services.move(
        lot=lot,
        source=services.supplier_location(),
        target=store,
        quantity=units,
        reason=Reason.RECEIPT,
        now=NOW,
    )


def hand_out(lot: Lot, store: Location, units: int, promised: int = 0) -> Movement:
    return services.move(
        lot=lot,
        source=store,
        target=services.recipient_location(),
        quantity=units,
        reason=Reason.DELIVERY,
        now=NOW,
        promised=promised,
    )


def send(lot: Lot, store: Location, target: Location, units: int) -> Shipment:
    return services.dispatch(
        lot=lot, source=store, target=target, quantity=units, arrives_date=TOMORROW, now=NOW
    )


def balance(lot: Lot, store: Location) -> tuple[int, int, int, int]:
    kept = Balance.objects.get(lot=lot, location=store)
    return kept.on_hand, kept.arriving, kept.reported, kept.committed


@pytest.mark.parametrize("units", [0, -5])
def test_nothing_and_less_cannot_be_moved_or_sent(lot: Lot, store: Location, units: int) -> None:
    for act in (lambda: hand_out(lot, store, units), lambda: send(lot, store, place(), units)):
        with pytest.raises(NotAQuantity):
            act()
    assert balance(lot, store) == (10, 0, 10, 0)
    assert Movement.objects.count() == 1


def test_more_than_is_on_hand_cannot_leave(lot: Lot, store: Location) -> None:
    with pytest.raises(NotEnoughOnHand) as refusal, transaction.atomic():
        hand_out(lot, store, 11)
    assert refusal.value.details == {"on_hand": 10, "asked": 11}
    assert balance(lot, store) == (10, 0, 10, 0)


def test_what_is_promised_leaves_only_for_its_promise(lot: Lot, store: Location) -> None:
    take_away(Balance.objects.get(lot=lot), 8)
    for promised in (0, 2):
        with pytest.raises(StockIsPromised), transaction.atomic():
            hand_out(lot, store, 5, promised=promised)
    hand_out(lot, store, 5, promised=3)
    assert balance(lot, store) == (5, 0, 5, 8)


def test_a_promise_covers_no_more_than_what_moves(lot: Lot, store: Location) -> None:
    take_away(Balance.objects.get(lot=lot), 10)
    hand_out(lot, store, 4, promised=1_000_000)
    assert balance(lot, store) == (6, 0, 6, 10)


def test_sent_goods_can_be_promised_where_they_will_arrive(lot: Lot, store: Location) -> None:
    target = place()
    shipment = send(lot, store, target, 6)
    assert (balance(lot, store), balance(lot, target)) == ((4, 0, 4, 0), (0, 6, 6, 0))
    services.receive(shipment=shipment, quantity=4, now=NOW, close=False)
    assert balance(lot, target) == (4, 2, 6, 0)
    services.receive(shipment=shipment, quantity=1, now=NOW)
    assert balance(lot, target) == (5, 0, 5, 0)
    lost = Movement.objects.get(reason=Reason.WASTE)
    assert (lost.quantity, lost.reference) == (1, f"stock.shipment:{shipment.pk}")


@pytest.mark.parametrize(("units", "refusal"), [(-1, NotAQuantity), (7, NotEnoughOnHand)])
def test_shipment_takes_no_impossible_count(
    lot: Lot, store: Location, units: int, refusal: type[Refused]
) -> None:
    target = place()
    shipment = send(lot, store, target, 6)
    with pytest.raises(refusal), transaction.atomic():
        services.receive(shipment=shipment, quantity=units, now=NOW)
    assert balance(lot, target) == (0, 6, 6, 0)


def test_closed_shipment_is_not_received_again(lot: Lot, store: Location) -> None:
    shipment = send(lot, store, place(), 6)
    services.receive(shipment=shipment, quantity=6, now=NOW)
    with pytest.raises(ShipmentClosed), transaction.atomic():
        services.receive(shipment=shipment, quantity=0, now=NOW)


@pytest.mark.django_db(transaction=True)
@pytest.mark.xdist_group("races")
def test_last_units_leave_once_however_many_take_them(lot: Lot, store: Location) -> None:
    results = together([lambda: hand_out(lot, store, 1)] * 30)
    assert sum(isinstance(result, Movement) for result in results) == 10
    assert balance(lot, store) == (0, 0, 0, 0)


@pytest.mark.django_db(transaction=True)
@pytest.mark.xdist_group("races")
def test_goods_sent_both_ways_at_once_do_not_deadlock(lot: Lot, store: Location) -> None:
    other = place()
    supply(lot, other, 10)
    there, back = (lambda: send(lot, store, other, 1)), (lambda: send(lot, other, store, 1))
    results = together([there, back] * 10)
    assert all(isinstance(result, Shipment) for result in results)
    assert (balance(lot, store), balance(lot, other)) == ((0, 10, 10, 0), (0, 10, 10, 0))
