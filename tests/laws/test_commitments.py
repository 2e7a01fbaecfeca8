"""Law 1 as a state machine: whatever is done in whatever order, nothing is promised twice and every sum adds up."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)

from kolaborasi.aid.models import NeedLine, Offer, Pledge
from kolaborasi.commitments import services
from kolaborasi.commitments.errors import HoldExpired, NotEnoughLeft, TooMuchDelivered
from kolaborasi.commitments.queries import checks
from kolaborasi.common.lifecycle import WrongState
from tests.conftest import NOW
from tests.factories import NeedLineFactory, OfferFactory, PartnerFactory

REFUSALS = (NotEnoughLeft, WrongState, TooMuchDelivered, HoldExpired)
UNITS = st.integers(1, 40)


@dataclass
class Model:
    """What the database must say of one capacity."""

    reported: int
    promises: dict[int, int] = field(default_factory=dict)

    @property
    def committed(self) -> int:
        return sum(self.promises.values())


class Promises(RuleBasedStateMachine):
    """Two needs and one offer, promised, delivered, taken back, shrunk and grown."""

    pledges = Bundle("pledges")
    number = 0

    @initialize()
    def start(self) -> None:
        self.now = NOW
        self.lines = [NeedLineFactory(reported=50), NeedLineFactory(reported=20)]
        self.offer = OfferFactory(reported=30)
        self.giver = PartnerFactory()
        self.model = {row: Model(row.reported) for row in (*self.lines, self.offer)}
        self.state: dict[int, str] = {}
        self.delivered: dict[int, int] = {}

    def promise(self, line: int, quantity: int, offered: bool) -> Pledge:
        Promises.number += 1
        return Pledge(
            need_line=self.lines[line],
            offer=self.offer if offered else None,
            partner=self.giver,
            quantity=quantity,
            deliver_date=NOW.date(),
            pledged_at=self.now,
            confirmed_at=self.now,
            held_until=self.now + timedelta(hours=1),
            link_hash=f"law-{Promises.number}",
            receipt_code="AAAAAA",
        )

    def targets(self, pledge: Pledge) -> list[Model]:
        rows = [pledge.need_line, *([self.offer] if pledge.offer_id else [])]
        return [self.model[row] for row in rows]

    def fits(self, pledge: Pledge) -> bool:
        return all(target.committed + pledge.quantity <= target.reported for target in self.targets(pledge))

    def took(self, pledge: Pledge) -> None:
        for target in self.targets(pledge):
            target.promises[pledge.pk] = pledge.quantity
        self.state[pledge.pk], self.delivered[pledge.pk] = "held", 0

    @rule(target=pledges, line=st.integers(0, 1), quantity=UNITS, offered=st.booleans())
    def hold(self, line: int, quantity: int, offered: bool) -> object:
        pledge = self.promise(line, quantity, offered)
        fits = self.fits(pledge)
        try:
            with transaction.atomic():
                services.hold(pledge, now=self.now)
        except NotEnoughLeft:
            assert not fits
            return multiple()
        assert fits
        self.took(pledge)
        return pledge

    @rule(
        target=pledges,
        wishes=st.lists(st.tuples(st.integers(0, 1), UNITS, st.booleans()), min_size=1, max_size=6),
    )
    def hold_many(self, wishes: list[tuple[int, int, bool]]) -> object:
        wanted = [self.promise(*wish) for wish in wishes]
        with transaction.atomic():
            done = services.hold_many(wanted, now=self.now)
        held = list(done.held)
        for pledge in wanted:
            fits = self.fits(pledge)
            assert (pledge in held if pledge.pk else False) == fits
            if fits:
                self.took(pledge)
        assert len(done.held) + len(done.refused) == len(wanted)
        return multiple(*held)

    @rule(pledge=pledges)
    def confirm(self, pledge: Pledge) -> None:
        in_time = pledge.held_until is not None and pledge.held_until > self.now
        possible = self.state[pledge.pk] == "held" and in_time
        try:
            with transaction.atomic():
                services.confirm(pledge, now=self.now)
        except REFUSALS:
            assert not possible
            return
        assert possible
        self.state[pledge.pk] = "confirmed"

    @rule(pledge=pledges, units=st.integers(0, 40), close=st.booleans())
    def settle(self, pledge: Pledge, units: int, close: bool) -> None:
        total = self.delivered[pledge.pk] + units
        possible = self.state[pledge.pk] == "confirmed" and total <= pledge.quantity
        try:
            with transaction.atomic():
                services.settle(pledge, delivered=units, now=self.now, close=close)
        except REFUSALS:
            assert not possible
            return
        assert possible
        self.delivered[pledge.pk] = total
        if close or total == pledge.quantity:
            self.state[pledge.pk] = "fulfilled" if total else "released"
            for target in self.targets(pledge):
                target.promises[pledge.pk] = total

    @rule(pledge=consumes(pledges))
    def release(self, pledge: Pledge) -> None:
        possible = self.state[pledge.pk] in ("held", "confirmed") and not self.delivered[pledge.pk]
        try:
            with transaction.atomic():
                services.release(pledge, now=self.now)
        except REFUSALS:
            assert not possible
            return
        assert possible
        self.state[pledge.pk] = "released"
        for target in self.targets(pledge):
            target.promises[pledge.pk] = 0

    @rule(minutes=st.integers(1, 50))
    def expire(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)
        mine = Pledge.objects.filter(pk__in=self.state)
        due = set(mine.filter(state="held", held_until__lte=self.now).values_list("pk", flat=True))
        with transaction.atomic():
            ended = {pledge.pk for pledge in services.expire(Pledge, now=self.now)}
        assert ended & set(self.state) == due
        for pk in due:
            self.state[pk] = "expired"
            for target in self.model.values():
                if pk in target.promises:
                    target.promises[pk] = 0

    @rule(row=st.integers(0, 2), reported=st.integers(0, 80))
    def report(self, row: int, reported: int) -> None:
        capacity = (*self.lines, self.offer)[row]
        with transaction.atomic():
            services.report(capacity, reported=reported, now=self.now)
        self.model[capacity].reported = reported

    @invariant()
    def the_database_says_the_same(self) -> None:
        for row, model in getattr(self, "model", {}).items():
            kept = type(row).objects.get(pk=row.pk)
            assert (kept.reported, kept.committed) == (model.reported, model.committed)
            assert kept.limit == max(kept.reported, kept.committed)
            assert kept.left >= 0
            assert kept.shortfall == max(0, model.committed - model.reported)
        states = dict(Pledge.objects.filter(pk__in=getattr(self, "state", {})).values_list("pk", "state"))
        assert states == getattr(self, "state", {})


@pytest.mark.django_db
def test_promises_add_up_whatever_happens() -> None:
    run_state_machine_as_test(
        Promises,
        settings=settings(
            max_examples=25,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
        ),
    )
    found = {check.name: check for check in checks()}
    assert [check.faults for check in found.values()] == [[] for _check in found]
    assert found[f"promises of {NeedLine._meta.label_lower}"].rows > 0
    assert found[f"promises of {Offer._meta.label_lower}"].rows > 0
