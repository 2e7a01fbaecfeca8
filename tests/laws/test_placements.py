"""Patients and beds as a state machine: whatever is done in whatever order, by law 1 and `verify` all adds up."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import ClassVar

import pytest
from django.db import transaction
from django.db.models import Count, Q
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from kolaborasi.commitments.queries import checks as law_1
from kolaborasi.common.actors import Actor
from kolaborasi.common.errors import Refused
from kolaborasi.hospitals import services, verification
from kolaborasi.hospitals.classes import BedClass
from kolaborasi.hospitals.models import BedPool, Placement, Referral
from kolaborasi.hospitals.rules import BedCount
from kolaborasi.hospitals.states import ACTIVE
from tests.conftest import NOW
from tests.hospitals.factories import DISPATCHER, PoolFactory, dispatcher_account, patient, request

SYSTEM = Actor.system("law")
PATIENTS, POOLS = 4, 3
HELD = ("held", "confirmed")
WHO, WHERE = st.integers(0, PATIENTS - 1), st.integers(0, POOLS - 1)


class Beds(RuleBasedStateMachine):
    """Four patients, three hospitals with two beds each; refusals are part of the game."""

    done: ClassVar[Counter[str]] = Counter()

    @initialize()
    def start(self) -> None:
        # Each example in a transaction of its own, so that the checks read only its rows.
        self.example = transaction.atomic()
        self.example.__enter__()
        self.now = NOW
        self.people = [patient() for _patient in range(PATIENTS)]
        self.pools = [PoolFactory(staffed=2) for _pool in range(POOLS)]

    def attempt(self, verb: object, **given: object) -> None:
        """Call a verb; a refusal must leave nothing behind, which the invariants see."""
        try:
            with transaction.atomic():
                verb(**given, by=DISPATCHER, now=self.now)  # type: ignore[operator]
        except Refused:
            return
        Beds.done[verb.__name__] += 1  # type: ignore[attr-defined]

    def teardown(self) -> None:
        if not hasattr(self, "example"):
            return
        try:
            assert [fault for check in (*law_1(), *verification.checks()) for fault in check.faults] == []
        finally:
            transaction.set_rollback(True)
            self.example.__exit__(None, None, None)

    def referral(self, who: int) -> Referral | None:
        active = Referral.objects.filter(patient=self.people[who], state__in=list(ACTIVE))
        return active.order_by("-pk").first()

    def placement(self, who: int) -> Placement | None:
        return Placement.objects.filter(patient=self.people[who]).order_by("-pk").first()

    @rule(who=WHO)
    def refer(self, who: int) -> None:
        self.attempt(services.refer, patient=self.people[who], request=request())

    @rule(who=WHO, order=st.permutations(range(POOLS)), number=st.integers(1, POOLS))
    def offer(self, who: int, order: list[int], number: int) -> None:
        found = self.referral(who)
        if found:
            pools = [self.pools[row] for row in order[:number]]
            self.attempt(services.offer, referral=found, pools=pools)

    @rule(who=WHO)
    def refer_and_offer(self, who: int) -> None:
        self.attempt(services.refer_and_offer, patient=self.people[who], request=request())

    @rule(who=WHO)
    def come_in(self, who: int) -> None:
        self.refer_and_offer(who)
        self.answer(who, "accept")
        self.move(who, "admit")

    @rule(who=WHO, verb=st.sampled_from(["accept", "decline", "withdraw_offer"]))
    def answer(self, who: int, verb: str) -> None:
        found = self.placement(who)
        if found:
            extra = {"reason": "full"} if verb == "decline" else {}
            self.attempt(getattr(services, verb), placement=found, **extra)

    @rule(who=WHO, verb=st.sampled_from(["depart", "admit", "record_death"]))
    def move(self, who: int, verb: str) -> None:
        found = self.referral(who)
        if found:
            self.attempt(getattr(services, verb), referral=found)

    @rule(who=WHO)
    def leave(self, who: int) -> None:
        self.move(who, "discharge")

    @rule(who=WHO, verb=st.sampled_from(["cancel_referral", "turn_away"]))
    def give_up(self, who: int, verb: str) -> None:
        found = self.referral(who)
        if found:
            reason = "recovered" if verb == "cancel_referral" else "no-staff"
            self.attempt(getattr(services, verb), referral=found, reason=reason)

    @rule(who=WHO, where=WHERE)
    def transfer(self, who: int, where: int) -> None:
        lies = Placement.objects.filter(
            patient=self.people[who], state="confirmed", admitted_at__isnull=False
        )
        found = lies.first()
        if found:
            self.attempt(services.transfer, placement=found, pools=[self.pools[where]])

    @rule(where=WHERE, staffed=st.integers(0, 4), occupied=st.integers(0, 4))
    def report(self, where: int, staffed: int, occupied: int) -> None:
        counts = {BedClass.ISOLATION_NP: BedCount(staffed, min(occupied, staffed))}
        hospital = self.pools[where].hospital
        self.attempt(
            services.report_beds, hospital=hospital, counts=counts, observed_at=self.now, source="hospital"
        )

    @rule(minutes=st.sampled_from([5, 20, 300]))
    def time_passes(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)
        services.expire_offers(by=SYSTEM, now=self.now)

    @invariant()
    def one_bed_each(self) -> None:
        mine = [pool.pk for pool in getattr(self, "pools", [])]
        beds = BedPool.objects.filter(pk__in=mine).annotate(
            held=Count("placements", filter=Q(placements__state__in=HELD))
        )
        assert all(pool.committed == pool.held <= pool.limit for pool in beds)
        held = Placement.objects.filter(state__in=HELD, pool__in=mine).values_list("patient", "is_transfer")
        assert max(Counter(held).values(), default=0) <= 1


@pytest.mark.django_db
def test_patients_and_beds_add_up_whatever_happens() -> None:
    dispatcher_account()
    run_state_machine_as_test(
        Beds,
        settings=settings(
            max_examples=20,
            derandomize=True,
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
        ),
    )
    tried = {"refer", "refer_and_offer", "offer", "accept", "admit", "report_beds", "record_death"}
    assert tried <= set(Beds.done), Beds.done
