"""A specimen is always somewhere and the promises add up, whatever is done in whatever order."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from kolaborasi.commitments.queries import checks as promises
from kolaborasi.common.errors import Refused
from kolaborasi.diagnostics import services
from kolaborasi.diagnostics.models import Consignment, DispatchPlan, Lab, Result, Specimen, SpecimenEvent
from kolaborasi.diagnostics.services import Entry
from kolaborasi.diagnostics.states import SpecimenState
from kolaborasi.diagnostics.verification import checks
from tests.conftest import NOW
from tests.diagnostics.factories import SYSTEM, collection_site, coordinator, courier, lab, specimen, staff_of

CHOICE = st.integers(0, 10**6)


class Network(RuleBasedStateMachine):
    """Two labs, two sites, one courier; everything may be tried at any time."""

    @initialize()
    def start(self) -> None:
        # Each example has the network for itself.
        self.point = transaction.savepoint()
        self.now = NOW
        self.labs = [lab(wells=8, offers=20, run_minutes=180) for _each in range(2)]
        self.sites = [collection_site() for _each in range(2)]
        self.driver, self.head = courier(), coordinator()
        self.taken = 0
        self.staff = {each.pk: staff_of(each.site.partner) for each in self.labs}
        self.second = {each.pk: staff_of(each.site.partner) for each in self.labs}

    def teardown(self) -> None:
        if hasattr(self, "point"):
            transaction.savepoint_rollback(self.point)

    def attempt(self, verb: object, **arguments: object) -> object | None:
        """Call a verb in a transaction of its own; a refusal is an answer like any other."""
        self.now += timedelta(minutes=1)
        try:
            with transaction.atomic():
                return verb(**arguments, now=self.now)  # type: ignore[operator]
        except Refused:
            return None

    def one(self, rows: list, choice: int):  # type: ignore[no-untyped-def,type-arg]
        return rows[choice % len(rows)] if rows else None

    @rule(choice=CHOICE)
    def swab(self, choice: int) -> None:
        self.now += timedelta(minutes=1)
        specimen(self.one(self.sites, choice), at=self.now)
        self.taken += 1

    @rule()
    def propose(self) -> None:
        self.attempt(services.propose_dispatch, departs_at=self.now, by=SYSTEM)

    @rule(choice=CHOICE)
    def approve(self, choice: int) -> None:
        plan = self.one(list(DispatchPlan.objects.order_by("pk")), choice)
        if plan is not None:
            self.attempt(services.approve_dispatch, plan=plan, by=self.head)

    @rule(choice=CHOICE, some=st.integers(1, 5))
    def pick_up(self, choice: int, some: int) -> None:
        carried = self.one(list(Consignment.objects.order_by("pk")), choice)
        if carried is not None:
            codes = list(carried.specimens.values_list("label__barcode", flat=True))[:some]
            self.attempt(services.pick_up, consignment=carried, barcodes=codes, at=self.now, by=self.driver)

    @rule(choice=CHOICE)
    def bring_back(self, choice: int) -> None:
        carried = self.one(list(Consignment.objects.order_by("pk")), choice)
        if carried is not None:
            self.attempt(services.bring_back, consignment=carried, at=self.now, by=self.driver)

    @rule(choice=CHOICE, tubes=st.lists(CHOICE, max_size=4), with_manifest=st.booleans())
    def receive(self, choice: int, tubes: list[int], with_manifest: bool) -> None:
        place = self.one(self.labs, choice)
        manifest = self.one(list(Consignment.objects.filter(lab=place).order_by("pk")), choice)
        known = list(Specimen.objects.order_by("pk").values_list("label__barcode", flat=True))
        codes = [self.one(known, tube) for tube in tubes] if known else []
        self.attempt(
            services.receive,
            lab=place,
            consignment=manifest if with_manifest else None,
            barcodes=codes,
            at=self.now,
            by=self.staff[place.pk],
        )

    @rule(choice=CHOICE, outcome=st.sampled_from(["positive", "negative", "invalid"]))
    def enter(self, choice: int, outcome: str) -> None:
        tube = self.one(list(Specimen.objects.filter(lab__isnull=False).order_by("pk")), choice)
        if tube is not None:
            self.now += timedelta(minutes=1)
            rows = [Entry(1, tube.label.barcode, outcome, self.now)]
            self.attempt(
                services.enter_results, lab=tube.lab, entries=rows, source="hand", by=self.staff[tube.lab_id]
            )

    @rule(choice=CHOICE, good=st.booleans())
    def decide(self, choice: int, good: bool) -> None:
        result = self.one(list(Result.objects.order_by("pk")), choice)
        if result is None:
            return
        by = self.second[result.lab_id]
        if good:
            self.attempt(services.validate_results, results=[result], by=by)
        else:
            self.attempt(services.reject_result, result=result, by=by)

    @rule(choice=CHOICE)
    def correct(self, choice: int) -> None:
        result = self.one(list(Result.objects.order_by("pk")), choice)
        if result is not None:
            self.attempt(
                services.correct_result,
                result=result,
                outcome="negative",
                reason="typing",
                by=self.staff[result.lab_id],
            )

    @rule()
    def tell(self) -> None:
        self.attempt(services.tell_results, by=SYSTEM)

    @rule(choice=CHOICE)
    def discard(self, choice: int) -> None:
        tube = self.one(list(Specimen.objects.order_by("pk")), choice)
        if tube is not None:
            self.attempt(services.discard, barcode=tube.label.barcode, reason="lost", by=self.head)

    @rule(choice=CHOICE)
    def down_or_back(self, choice: int) -> None:
        place = Lab.objects.get(pk=self.one(self.labs, choice).pk)
        if place.state == "active":
            self.attempt(services.lab_down, lab=place, reason="power", by=SYSTEM)
        else:
            self.attempt(services.lab_back, lab=place, by=SYSTEM)

    @invariant()
    @precondition(lambda self: hasattr(self, "labs"))
    def every_specimen_is_in_one_place(self) -> None:
        places = Counter()
        for tube in Specimen.objects.filter(site__in=self.sites).select_related("consignment"):
            here = {
                "site": tube.state == SpecimenState.COLLECTED and tube.lab_id is None,
                "courier": tube.state == SpecimenState.IN_TRANSIT
                and tube.consignment.picked_up_at is not None,
                "lab": tube.lab_id is not None and tube.state != SpecimenState.DISCARDED,
                "gone": tube.state == SpecimenState.DISCARDED,
            }
            assert sum(here.values()) == 1, (tube.pk, tube.state, here)
            places[next(place for place, there in here.items() if there)] += 1
        assert places.total() == self.taken
        events = SpecimenEvent.objects.filter(specimen__site__in=self.sites, kind="collected").count()
        assert events == self.taken

    @invariant()
    @precondition(lambda self: hasattr(self, "labs"))
    def everything_adds_up(self) -> None:
        faults = [fault for check in (*checks(), *promises()) for fault in check.faults]
        assert faults == []


@pytest.mark.django_db
def test_specimens_are_always_somewhere_whatever_happens() -> None:
    run_state_machine_as_test(
        Network,
        settings=settings(
            max_examples=8,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
        ),
    )
