"""Every state of a specimen meets every event: what the table allows happens in the database, everything else is
refused and changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import transaction

from kolaborasi.commitments.states import OPEN
from kolaborasi.common.errors import Refused
from kolaborasi.diagnostics import services
from kolaborasi.diagnostics.models import Consignment, LabDay, Result, Run, Specimen, SpecimenEvent
from kolaborasi.diagnostics.services import Entry
from kolaborasi.diagnostics.states import SPECIMEN, SpecimenState
from tests.conftest import NOW
from tests.diagnostics.factories import (
    INVALID,
    NEGATIVE,
    SYSTEM,
    Bench,
    bench,
    consignment,
    coordinator,
    courier,
    received,
    specimen,
)

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
LATER = NOW + HOUR


class World:
    """One specimen that is walked into a state, and one way to try each event on it."""

    def __init__(self) -> None:
        self.place: Bench = bench(0)
        services.offer_days(
            lab=self.place.lab,
            offers={NOW.date(): 100, NOW.date() + timedelta(days=1): 100},
            by=SYSTEM,
            now=NOW,
        )
        self.tube = specimen()
        self.driver = courier()
        self.plates = 0

    def manifest(self) -> Consignment:
        """The open manifest of the specimen, or a new one from wherever it is."""
        self.tube.refresh_from_db()
        known = self.tube.consignment
        if known is not None and known.state in OPEN:
            return known
        # Only the row: whether the specimen may go along is for the verb to say.
        made = consignment([self.tube], self.place.lab)
        if self.tube.lab_id is not None:
            Consignment.objects.filter(pk=made.pk).update(origin=self.tube.lab.site)
        return Consignment.objects.get(pk=made.pk)

    def result(self) -> Result:
        return Result.objects.filter(specimen=self.tube).latest("pk")

    def run(self) -> Run:
        return Run.objects.filter(wells__specimen=self.tube).latest("pk")

    def pick_up(self) -> None:
        services.pick_up(
            consignment=self.manifest(),
            barcodes=[self.tube.label.barcode],
            at=LATER,
            by=self.driver,
            now=LATER,
        )

    def bring_back(self) -> None:
        services.bring_back(consignment=self.manifest(), at=LATER, by=self.driver, now=LATER)

    def receive(self) -> None:
        done = services.receive(
            lab=self.place.lab, barcodes=[self.tube.label.barcode], at=LATER, by=SYSTEM, now=LATER
        )
        if done.refused:
            raise Refused(done.refused[0][1])

    def prepare_and_start(self) -> None:
        self.plates += 1
        made = services.prepare_run(
            lab=self.place.lab,
            machine=self.place.machine,
            assay=self.place.assay,
            plate=f"P{self.plates}",
            filled=[
                services.Filled("A1", "specimen", self.tube.label.barcode),
                services.Filled("G12", "positive"),
                services.Filled("H12", "negative"),
            ],
            by=self.place.technician,
            now=LATER,
        )
        services.start_run(run=made, at=LATER, by=self.place.technician, now=LATER)

    def fail(self) -> None:
        services.fail_run(run=self.run(), reason="power", by=self.place.technician, now=LATER)

    def read(self, readings: dict = NEGATIVE) -> None:  # type: ignore[assignment]
        services.read_run(
            run=self.run(),
            readings=self.place.readings([readings]),
            ended_at=LATER,
            by=self.place.technician,
            now=LATER,
        )

    def enter(self) -> None:
        entry = Entry(1, self.tube.label.barcode, "negative", LATER)
        services.enter_results(
            lab=self.place.lab, entries=[entry], source="hand", by=self.place.technician, now=LATER
        )

    def validate(self) -> None:
        services.validate_results(results=[self.result()], by=self.place.validator, now=LATER)

    def reject(self) -> None:
        services.reject_result(result=self.result(), by=self.place.validator, now=LATER)

    def notify(self) -> None:
        if services.tell_results(by=SYSTEM, now=LATER) == 0:
            raise Refused("nobody to tell")

    def correct(self) -> None:
        services.correct_result(
            result=self.result(), outcome="positive", reason="typing", by=self.place.technician, now=LATER
        )

    def discard(self) -> None:
        services.discard(barcode=self.tube.label.barcode, reason="lost", by=coordinator(), now=LATER)


PATHS: dict[SpecimenState, tuple[Callable[[World], None], ...]] = {
    SpecimenState.COLLECTED: (),
    SpecimenState.IN_TRANSIT: (World.pick_up,),
    SpecimenState.RECEIVED: (World.receive,),
    SpecimenState.RUNNING: (World.receive, World.prepare_and_start),
    SpecimenState.RESULTED: (World.receive, World.prepare_and_start, World.read),
    SpecimenState.VALIDATED: (World.receive, World.prepare_and_start, World.read, World.validate),
    SpecimenState.NOTIFIED: (
        World.receive,
        World.prepare_and_start,
        World.read,
        World.validate,
        World.notify,
    ),
    SpecimenState.DISCARDED: (World.discard,),
}
EVENTS: dict[str, tuple[Callable[[World], None], ...]] = {
    "pick up": (World.pick_up,),
    "bring back": (World.bring_back,),
    "receive": (World.receive,),
    "start run": (World.prepare_and_start,),
    "abort run": (World.fail,),
    "result": (World.enter, World.read),
    "repeat": (World.reject, lambda world: world.read(INVALID)),
    "validate": (World.validate,),
    "notify": (World.notify,),
    "correct": (World.correct,),
    "discard": (World.discard,),
}


def test_walk_knows_every_state_and_event() -> None:
    assert set(PATHS) == set(SpecimenState)
    assert set(EVENTS) == set(SPECIMEN.moves)


def snapshot() -> tuple[object, ...]:
    return (
        list(Specimen.objects.values_list("state", "lab", "consignment", "resulted_at", "validated_at")),
        SpecimenEvent.objects.count(),
        list(Result.objects.order_by("pk").values_list("state", "outcome")),
        list(LabDay.objects.order_by("pk").values_list("committed", "delivered")),
    )


@pytest.mark.parametrize("state", PATHS)
@pytest.mark.parametrize("event", EVENTS)
def test_event_in_a_state_moves_the_specimen_or_changes_nothing(state: SpecimenState, event: str) -> None:
    world = World()
    for step in PATHS[state]:
        step(world)
    assert Specimen.objects.get().state == state
    if event in ("pick up", "bring back"):
        world.manifest()
    before = snapshot()
    expected = SPECIMEN.moves[event].get(state)
    outcomes = set()
    for attempt in EVENTS[event]:
        point = transaction.savepoint()
        try:
            with transaction.atomic():
                attempt(world)
            outcomes.add(Specimen.objects.get().state)
        except (Refused, Run.DoesNotExist, Result.DoesNotExist):
            assert snapshot() == before
        transaction.savepoint_rollback(point)
        world.tube.refresh_from_db()
    assert outcomes == ({expected} if expected else set())


def test_specimen_can_be_received_by_another_lab_after_the_first_went_down() -> None:
    world, other = World(), bench(0)
    world.receive()
    services.lab_down(lab=world.place.lab, reason="power", by=SYSTEM, now=LATER)
    made = consignment([world.tube], other.lab, day=LabDay.objects.first())
    services.pick_up(
        consignment=made, barcodes=[world.tube.label.barcode], at=LATER, by=world.driver, now=LATER
    )
    received(other.lab, [world.tube], LATER)
    assert (world.tube.state, world.tube.lab_id) == ("received", other.lab.pk)
