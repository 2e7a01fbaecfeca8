"""Two purchases at once cannot spend the same rupiah."""

from __future__ import annotations

from threading import Barrier

import pytest

from kolaborasi.aid import verification
from kolaborasi.aid.cash_errors import NotEnoughRupiah
from kolaborasi.aid.models import Fund, Purchase
from kolaborasi.aid.services import cash
from tests.aid.cash import bought, fund, received
from tests.factories import ItemFactory
from tests.races.parallel import together

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("races")]


def test_race_exists_without_the_guard(monkeypatch: pytest.MonkeyPatch) -> None:
    of, item = fund(), ItemFactory()
    received(of, 100)
    both_have_read = Barrier(2, timeout=30)

    def unlocked(wanted: Fund) -> Fund:
        found = Fund.objects.select_related("licence").get(pk=wanted.pk)
        both_have_read.wait()
        return found

    monkeypatch.setattr(cash, "lock_fund", unlocked)
    results = together([lambda: bought(of, item, 1, 60), lambda: bought(of, item, 1, 60)])
    assert [type(result) for result in results] == [Purchase, Purchase]
    assert [fault for check in verification.checks() for fault in check.faults] == [
        f"aid.fund {of.pk}: its sums are not those of its movements and receipts"
    ]


def test_rupiah_are_spent_once_by_purchases_at_once() -> None:
    of, item = fund(), ItemFactory()
    received(of, 100)
    results = together([lambda: bought(of, item, 1, 60), lambda: bought(of, item, 1, 60)])
    assert sorted(type(result).__name__ for result in results) == ["NotEnoughRupiah", "Purchase"]
    assert next(each for each in results if isinstance(each, NotEnoughRupiah)).details == {"left": 40}
    stored = Fund.objects.get(pk=of.pk)
    assert (stored.on_hand, stored.in_goods, Purchase.objects.count()) == (40, 60, 1)
