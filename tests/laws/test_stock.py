"""Law 2 as a state machine: goods move, wait, arrive, rot and are counted, and none is created or lost."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from kolaborasi.common.errors import Refused
from kolaborasi.stock import services
from kolaborasi.stock.models import Balance, Item, Location, LocationKind, Lot, Movement, Reason, Shipment
from kolaborasi.stock.queries import checks
from tests.conftest import NOW
from tests.factories import SiteFactory
from tests.support import take_away

UNITS = st.integers(1, 60)
PLACES = st.integers(0, 2)
OUTWARD = st.sampled_from([Reason.WASTE, Reason.EXPIRY, Reason.COUNT, Reason.DELIVERY])


def location() -> Location:
    site = SiteFactory()
    return Location.objects.create(kind=LocationKind.SITE, name=site.name, site=site)


class Goods(RuleBasedStateMachine):
    """One lot in three warehouses."""

    number = 0

    @initialize()
    def start(self) -> None:
        Goods.number += 1
        item = Item.objects.create(code=f"item-{Goods.number}", name="Contoh", unit="unit")
        self.lot = Lot.objects.create(item=item, code="A")
        self.places = [location() for _place in range(3)]
        self.on_hand: dict[int, int] = defaultdict(int)
        self.arriving: dict[int, int] = defaultdict(int)
        self.promised: dict[int, int] = defaultdict(int)
        self.shipments: list[tuple[Shipment, int, int]] = []

    def free(self, place: int) -> int:
        return max(0, self.on_hand[place] + self.arriving[place] - self.promised[place])

    @rule(place=PLACES, units=UNITS)
    def supply(self, place: int, units: int) -> None:
        with transaction.atomic():
            services.move(
                lot=self.lot,
                source=services.supplier_location(),
                target=self.places[place],
                quantity=units,
                reason=Reason.RECEIPT,
                now=NOW,
            )
        self.on_hand[place] += units

    @rule(place=PLACES, units=UNITS)
    def promise(self, place: int, units: int) -> None:
        balance = Balance.objects.filter(lot=self.lot, location=self.places[place]).first()
        if balance is None or self.free(place) < units:
            return
        with transaction.atomic():
            take_away(balance, units)
        self.promised[place] += units

    @rule(source=PLACES, step=st.integers(1, 2), units=UNITS)
    def transfer(self, source: int, step: int, units: int) -> None:
        target = (source + step) % 3
        possible = units <= self.on_hand[source] and units <= self.free(source)
        try:
            with transaction.atomic():
                services.move(
                    lot=self.lot,
                    source=self.places[source],
                    target=self.places[target],
                    quantity=units,
                    reason=Reason.TRANSFER,
                    now=NOW,
                )
        except Refused:
            assert not possible
            return
        assert possible
        self.on_hand[source] -= units
        self.on_hand[target] += units

    @rule(source=PLACES, step=st.integers(1, 2), units=UNITS)
    def dispatch(self, source: int, step: int, units: int) -> None:
        target = (source + step) % 3
        possible = units <= self.on_hand[source] and units <= self.free(source)
        try:
            with transaction.atomic():
                shipment = services.dispatch(
                    lot=self.lot,
                    source=self.places[source],
                    target=self.places[target],
                    quantity=units,
                    arrives_date=NOW.date() + timedelta(days=1),
                    now=NOW,
                )
        except Refused:
            assert not possible
            return
        assert possible
        self.on_hand[source] -= units
        self.arriving[target] += units
        self.shipments.append((shipment, target, units))

    @rule(units=st.integers(0, 60), close=st.booleans())
    def receive(self, units: int, close: bool) -> None:
        if not self.shipments:
            return
        shipment, target, rest = self.shipments.pop()
        try:
            with transaction.atomic():
                services.receive(shipment=shipment, quantity=units, now=NOW, close=close)
        except Refused:
            assert units > rest
            self.shipments.append((shipment, target, rest))
            return
        assert units <= rest
        self.on_hand[target] += units
        self.arriving[target] -= rest if close else units
        if not close and units < rest:
            self.shipments.append((shipment, target, rest - units))

    @rule(place=PLACES, units=UNITS, reason=OUTWARD)
    def leave(self, place: int, units: int, reason: Reason) -> None:
        lost = reason in services.LOSSES
        possible = units <= self.on_hand[place] and (lost or units <= self.free(place))
        try:
            with transaction.atomic():
                services.move(
                    lot=self.lot,
                    source=self.places[place],
                    target=services.recipient_location(),
                    quantity=units,
                    reason=reason,
                    now=NOW,
                )
        except Refused:
            assert not possible
            return
        assert possible
        self.on_hand[place] -= units

    @invariant()
    def balances_are_as_the_histories_say(self) -> None:
        for place, kept in enumerate(getattr(self, "places", [])):
            balance = Balance.objects.filter(lot=self.lot, location=kept).first()
            on_hand, arriving = self.on_hand[place], self.arriving[place]
            if balance is None:
                assert on_hand == arriving == 0
                continue
            assert (balance.on_hand, balance.arriving) == (on_hand, arriving)
            assert balance.reported == on_hand + arriving
            assert balance.committed == self.promised[place]
            assert balance.shortfall == max(0, self.promised[place] - balance.reported)


@pytest.mark.django_db
def test_goods_are_conserved_whatever_happens() -> None:
    run_state_machine_as_test(
        Goods,
        settings=settings(
            max_examples=25,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
        ),
    )
    found = list(checks())
    assert [check.faults for check in found] == [[], [], []]
    assert all(check.rows for check in found)


@pytest.fixture
def lot_on_hand(db: None) -> tuple[Lot, Location, Balance]:
    lot = Lot.objects.create(item=Item.objects.create(code="sembako", name="Sembako", unit="paket"), code="A")
    place = location()
    services.move(
        lot=lot,
        source=services.supplier_location(),
        target=place,
        quantity=10,
        reason=Reason.RECEIPT,
        now=NOW,
    )
    return lot, place, Balance.objects.get(lot=lot, location=place)


@pytest.mark.parametrize("change", ["UPDATE stock_movement SET quantity = 9", "DELETE FROM stock_movement"])
def test_movement_is_never_changed(change: str, lot_on_hand: tuple[Lot, Location, Balance]) -> None:
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        connection.cursor().execute(change)
    assert Movement.objects.get().quantity == 10


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("on_hand = on_hand + 1, reported = reported + 1", "on hand 11 but its movements sum to 10"),
        ("arriving = 5, reported = reported + 5", "arriving 5 but its open shipments carry 0"),
    ],
)
def test_verification_finds_a_changed_balance(
    change: str, told: str, lot_on_hand: tuple[Lot, Location, Balance]
) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            f'UPDATE stock_balance SET {change}, "limit" = GREATEST({change.split("reported = ")[1]}, 0)'
        )
    assert any(told in fault for check in checks() for fault in check.faults)


def test_balance_below_zero_is_refused_by_the_database(lot_on_hand: tuple[Lot, Location, Balance]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Balance.objects.update(on_hand=-1)
    assert Balance.objects.get().on_hand == 10
