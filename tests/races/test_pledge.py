"""Nothing is promised twice, by sessions that really run at the same time; each test first proves its race."""

from __future__ import annotations

import time
from collections import Counter
from datetime import timedelta
from itertools import count

import pytest
from django.db import OperationalError, connection, transaction
from django.db.models import Sum

from kolaborasi.aid import services as aid
from kolaborasi.aid.models import NeedLine, Offer, Pledge
from kolaborasi.aid.services.pledges import Donor
from kolaborasi.audit.models import AuditEntry
from kolaborasi.commitments import services as kernel
from kolaborasi.commitments.errors import NotEnoughLeft
from kolaborasi.commitments.models import Capacity, Commitment
from kolaborasi.commitments.queries import checks
from kolaborasi.common.lifecycle import WrongState
from kolaborasi.common.rows import store
from kolaborasi.events.models import Event
from tests.conftest import NOW
from tests.factories import TODAY, NeedLineFactory, OfferFactory, PartnerFactory, staff
from tests.races.parallel import together

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("races")]
HELPERS = 200
NEEDED = 50
number = count()


def unguarded_take(model: type[Capacity], pk: int, quantity: int) -> None:
    """What everybody writes first: look, then take."""
    capacity = model._default_manager.get(pk=pk)
    if capacity.left < quantity:
        raise NotEnoughLeft(capacity=(model._meta.label_lower, pk), asked=quantity, left=capacity.left)
    time.sleep(0.05)
    with connection.cursor() as cursor:
        # The CHECKs are satisfied on purpose: it is the guard of the code that is removed here.
        cursor.execute(
            f"UPDATE {model._meta.db_table} SET committed = committed + %s,"
            ' "limit" = GREATEST(reported, committed + %s) WHERE id = %s',
            [quantity, quantity, pk],
        )


def unguarded_hold(commitment: Commitment) -> None:
    """The kernel's statement in pieces, without its guard."""
    for model, pk in kernel.rows_of(commitment):
        unguarded_take(model, pk, commitment.quantity)
    store(commitment)


def pledge_from_everybody(line: NeedLine) -> Counter[str]:
    giver = PartnerFactory()
    by = staff("partner_member", partner_id=giver.pk)

    def pledge() -> None:
        aid.pledge(need_line=line, donor=Donor(partner=giver), quantity=1, deliver_date=TODAY, by=by, now=NOW)

    return Counter(type(result).__name__ for result in together([pledge] * HELPERS))


def promised(line: NeedLine) -> int:
    return Pledge.objects.filter(need_line=line).aggregate(units=Sum("quantity"))["units"] or 0


def test_200_concurrent_pledges_take_exactly_the_50_needed() -> None:
    line = NeedLineFactory(reported=NEEDED)
    outcomes = pledge_from_everybody(line)
    assert outcomes == {"NoneType": NEEDED, "NotEnoughLeft": HELPERS - NEEDED}
    line.refresh_from_db()
    assert (line.reported, line.limit, line.committed, line.delivered) == (NEEDED, NEEDED, NEEDED, 0)
    assert promised(line) == NEEDED
    assert AuditEntry.objects.filter(verb="aid.pledge").count() == NEEDED
    assert Event.objects.filter(name="aid.pledged").count() == NEEDED
    assert [fault for check in checks() for fault in check.faults] == []


def test_without_the_guard_the_same_pledges_oversell(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kernel, "_take_and_store", unguarded_hold)
    line = NeedLineFactory(reported=NEEDED)
    outcomes = pledge_from_everybody(line)
    assert promised(line) > NEEDED, outcomes


def crossing_holds(lines: list[NeedLine], offers: list[Offer], rounds: int) -> list[object]:
    giver = PartnerFactory()

    def hold(line: NeedLine, offer: Offer) -> None:
        for _round in range(rounds):
            promise = Pledge(
                need_line=line,
                offer=offer,
                partner=giver,
                quantity=1,
                deliver_date=TODAY,
                pledged_at=NOW,
                held_until=NOW + timedelta(hours=1),
                link_hash=f"cross-{next(number)}",
                receipt_code="AAAAAA",
            )
            with transaction.atomic():
                kernel.hold(promise, now=NOW)
                time.sleep(0.002)

    pairs = [(line, offer) for line in lines for offer in offers]
    return together([lambda pair=pair: hold(*pair) for pair in pairs for _session in range(4)])


def test_crossing_two_row_holds_do_not_deadlock() -> None:
    lines = [NeedLineFactory(reported=1000) for _line in range(2)]
    offers = [OfferFactory(reported=1000) for _offer in range(2)]
    assert crossing_holds(lines, offers, rounds=10) == [None] * 16
    assert sum(NeedLine.objects.values_list("committed", flat=True)) == 160
    assert sum(Offer.objects.values_list("committed", flat=True)) == 160
    assert [fault for check in checks() for fault in check.faults] == []


def test_without_the_global_order_crossing_holds_deadlock(monkeypatch: pytest.MonkeyPatch) -> None:
    turns = count()
    ordered = kernel.rows_of

    def in_turn(commitment: Pledge) -> list[kernel.Row]:
        rows = ordered(commitment)
        return rows if next(turns) % 2 else rows[::-1]

    def slow(model: type[Commitment], capacities: tuple[type[Capacity], ...], keyed: bool) -> str:
        return taking(model, capacities, keyed).replace("RETURNING id)", "RETURNING id, pg_sleep(0.01))")

    taking = kernel._taking
    monkeypatch.setattr(kernel, "rows_of", in_turn)
    monkeypatch.setattr(kernel, "_taking", slow)
    results = crossing_holds([NeedLineFactory(reported=1000)], [OfferFactory(reported=1000)], rounds=10)
    assert any(isinstance(result, OperationalError) and "deadlock" in str(result) for result in results)


def test_hold_many_beside_single_holds_loses_and_doubles_nothing() -> None:
    lines = [NeedLineFactory(reported=30) for _line in range(3)]
    giver = PartnerFactory()

    def promise(line: NeedLine) -> Pledge:
        return Pledge(
            need_line=line,
            partner=giver,
            quantity=1,
            deliver_date=TODAY,
            pledged_at=NOW,
            held_until=NOW + timedelta(hours=1),
            link_hash=f"many-{next(number)}",
            receipt_code="AAAAAA",
        )

    def many() -> int:
        return len(kernel.hold_many([promise(line) for line in lines * 10], now=NOW).held)

    def single() -> int:
        held = 0
        for line in lines[::-1] * 5:
            try:
                kernel.hold(promise(line), now=NOW)
            except NotEnoughLeft:
                continue
            held += 1
        return held

    results = together([many, single] * 8)
    assert sum(results) == 90
    assert list(NeedLine.objects.order_by("pk").values_list("committed", flat=True)) == [30, 30, 30]
    assert [fault for check in checks() for fault in check.faults] == []


def held_pledge(line: NeedLine) -> Pledge:
    promise = Pledge(
        need_line=line,
        partner=PartnerFactory(),
        quantity=10,
        deliver_date=TODAY,
        pledged_at=NOW,
        confirmed_at=NOW,
        held_until=NOW + timedelta(hours=1),
        link_hash=f"one-{next(number)}",
        receipt_code="AAAAAA",
    )
    return kernel.hold(promise, now=NOW)


def test_pledge_taken_back_by_many_is_given_back_once() -> None:
    line = NeedLineFactory(reported=NEEDED)
    keep, lost = held_pledge(line), held_pledge(line)
    results = together(
        [lambda: kernel.release(Pledge.objects.get(pk=lost.pk), now=NOW)] * 8
        + [lambda: kernel.expire(Pledge, now=NOW + timedelta(minutes=1))] * 4
    )
    assert Counter(type(result).__name__ for result in results) == {"Pledge": 1, "WrongState": 7, "list": 4}
    line.refresh_from_db()
    assert line.committed == keep.quantity


def test_pledge_delivered_by_many_at_once_is_delivered_once() -> None:
    line = NeedLineFactory(reported=NEEDED)
    pledge = kernel.confirm(held_pledge(line), now=NOW)
    results = together([lambda: kernel.fulfil(Pledge.objects.get(pk=pledge.pk), now=NOW)] * 12)
    assert sum(isinstance(result, WrongState) for result in results) == 11
    line.refresh_from_db()
    assert (line.committed, line.delivered) == (10, 10)


def test_promise_moved_and_taken_back_at_once_is_given_back_where_it_counts() -> None:
    lines = [NeedLineFactory(reported=NEEDED) for _line in range(2)]
    pledge = held_pledge(lines[0])
    stale = Pledge.objects.get(pk=pledge.pk)
    kernel.retarget(pledge, to={"need_line": lines[1]}, now=NOW)
    assert [line.committed for line in NeedLine.objects.order_by("pk")] == [0, 10]
    kernel.release(stale, now=NOW)
    assert [line.committed for line in NeedLine.objects.order_by("pk")] == [0, 0]


def test_promise_is_not_moved_where_too_little_is_left() -> None:
    full, line = NeedLineFactory(reported=5), NeedLineFactory(reported=NEEDED)
    pledge = held_pledge(line)
    with pytest.raises(NotEnoughLeft):
        kernel.retarget(pledge, to={"need_line": full}, now=NOW)
    assert [each.committed for each in NeedLine.objects.order_by("pk")] == [0, 10]
    assert Pledge.objects.get().need_line == line


def test_crossing_moves_do_not_deadlock_and_keep_the_sums() -> None:
    lines = [NeedLineFactory(reported=1000) for _line in range(2)]
    pledges = [held_pledge(lines[n % 2]) for n in range(8)]

    def swing(pledge: Pledge, start: int) -> None:
        for turn in range(10):
            kernel.retarget(pledge, to={"need_line": lines[(start + turn + 1) % 2]}, now=NOW)

    results = together([lambda n=n, pledge=pledge: swing(pledge, n % 2) for n, pledge in enumerate(pledges)])
    assert results == [None] * 8
    assert sum(NeedLine.objects.values_list("committed", flat=True)) == 80
    assert [fault for check in checks() for fault in check.faults] == []
