"""Plates, controls, pools: from the machine to a result that waits for a second person."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from kolaborasi.common.errors import NotPermitted
from kolaborasi.common.lifecycle import WrongState
from kolaborasi.diagnostics import queries, services
from kolaborasi.diagnostics.errors import (
    ControlsFailed,
    CtOutOfRange,
    NeverReceived,
    NumbersRefused,
    PlateRefused,
    WrongLab,
)
from kolaborasi.diagnostics.models import Ct, Pool, Result, Run, Specimen, Well
from kolaborasi.diagnostics.services import Filled
from kolaborasi.stock.errors import NotEnoughOnHand
from kolaborasi.stock.models import Balance, Lot
from tests.conftest import NOW
from tests.diagnostics.factories import (
    INCONCLUSIVE,
    INVALID,
    NEGATIVE,
    NO_TEMPLATE,
    POSITIVE,
    Bench,
    assay,
    bench,
    lab,
    specimen,
    staff_of,
)

pytestmark = pytest.mark.django_db
LATER = NOW + timedelta(hours=2)


def read(place: Bench, run: Run, readings: dict) -> Run:
    return services.read_run(run=run, readings=readings, ended_at=LATER, by=place.technician, now=LATER)


def untouched(run: Run) -> None:
    run.refresh_from_db()
    assert run.state == "running"
    assert Result.objects.count() == 0
    assert not Well.objects.filter(readings__isnull=False).exists()
    assert set(Specimen.objects.values_list("state", flat=True)) == {"running"}


def test_plate_is_read_by_the_rule_of_its_assay() -> None:
    place = bench(4)
    run = place.run()
    read(place, run, place.readings([POSITIVE, NEGATIVE, INCONCLUSIVE, INVALID]))
    results = list(Result.objects.order_by("specimen_id").values_list("outcome", "state"))
    assert results == [
        ("positive", "proposed"),
        ("negative", "proposed"),
        ("inconclusive", "proposed"),
        ("invalid", "rejected"),
    ]
    states = list(Specimen.objects.order_by("pk").values_list("state", "repeats"))
    assert states == [("resulted", 0), ("resulted", 0), ("resulted", 0), ("received", 1)]
    assert dict(Ct.objects.filter(result__outcome="positive").values_list("target", "ct")) == POSITIVE


def test_invalid_specimen_is_read_on_another_plate() -> None:
    place = bench(1)
    read(place, place.run("P1"), place.readings([INVALID]))
    tube = Specimen.objects.get()
    read(place, place.run("P2", [tube]), place.readings([NEGATIVE]))
    assert [r.outcome for r in queries.results_of(tube)] == ["negative", "invalid"]
    assert Specimen.objects.get().state == "resulted"


def test_failed_controls_stop_everything_on_the_plate() -> None:
    place = bench(2)
    run = place.run()
    for position, reading, fault in (
        ("G12", NO_TEMPLATE, "positive-control-not-detected"),
        ("H12", POSITIVE, "negative-control-detected"),
    ):
        readings = {**place.readings([POSITIVE, NEGATIVE]), position: reading}
        with pytest.raises(ControlsFailed) as refusal, transaction.atomic():
            read(place, run, readings)
        assert refusal.value.details["faults"] == [fault]
        untouched(run)
    services.fail_run(run=run, reason="negative-control-detected", by=place.technician, now=LATER)
    assert set(Specimen.objects.values_list("state", "repeats")) == {("received", 1)}
    assert Run.objects.get().state == "failed"


def test_readings_of_another_plate_are_refused() -> None:
    place = bench(2)
    run = place.run()
    with pytest.raises(PlateRefused) as refusal, transaction.atomic():
        read(place, run, place.readings([POSITIVE, NEGATIVE, NEGATIVE]))
    assert refusal.value.details == {"missing": [], "unknown": ["C1"]}
    with pytest.raises(PlateRefused) as refusal, transaction.atomic():
        read(place, run, place.readings([POSITIVE]))
    assert refusal.value.details == {"missing": ["B1"], "unknown": []}
    untouched(run)


@pytest.mark.parametrize("ct", [0.0, -3.0, 45.1])
def test_ct_no_run_can_give_is_refused(ct: float) -> None:
    place = bench(1)
    run = place.run()
    with pytest.raises(CtOutOfRange) as refusal, transaction.atomic():
        read(place, run, place.readings([{**POSITIVE, "N1": ct}]))
    assert refusal.value.details == {"targets": ["A1 N1"]}
    untouched(run)


def test_plate_is_read_once_and_by_the_lab() -> None:
    place = bench(1)
    run = place.run()
    stranger = staff_of(lab().site.partner)
    with pytest.raises(NotPermitted):
        services.read_run(
            run=run, readings=place.readings([POSITIVE]), ended_at=LATER, by=stranger, now=LATER
        )
    read(place, run, place.readings([POSITIVE]))
    with pytest.raises(WrongState):
        read(place, run, place.readings([POSITIVE]))
    assert Result.objects.count() == 1


def test_plate_takes_only_what_waits_in_the_lab() -> None:
    place, elsewhere = bench(1), bench(1)
    unreceived = specimen()
    for tube, error in ((unreceived, NeverReceived), (elsewhere.specimens[0], WrongLab)):
        with pytest.raises(error), transaction.atomic():
            place.run("P1", [tube])
    place.run("P1")
    with pytest.raises(PlateRefused):
        place.run("P2")
    assert Run.objects.count() == 1


@pytest.mark.parametrize(
    "filled",
    [
        [Filled("A1", "positive"), Filled("B1", "negative")],
        [Filled("A1", "positive"), Filled("A1", "negative")],
        [Filled("H13", "positive"), Filled("B1", "negative")],
        [Filled("A1", "negative")],
    ],
    ids=["nothing-to-read", "position-twice", "no-such-position", "no-positive-control"],
)
def test_plate_that_cannot_be_run_is_refused(filled: list[Filled]) -> None:
    place = bench(1)
    with pytest.raises(PlateRefused):
        services.prepare_run(
            lab=place.lab,
            machine=place.machine,
            assay=place.assay,
            plate="P1",
            filled=filled,
            by=place.technician,
            now=NOW,
        )
    assert Run.objects.count() == 0


def test_machine_runs_one_plate_at_a_time() -> None:
    place = bench(2)
    place.run("P1", place.specimens[:1])
    with pytest.raises(PlateRefused), transaction.atomic():
        place.run("P2", place.specimens[1:])
    assert Run.objects.count() == 1


def test_started_run_uses_up_the_reactions_of_its_lot() -> None:
    place = bench(2)
    lot = Lot.objects.filter(balance__location__site=place.lab.site).first()
    made = services.prepare_run(
        lab=place.lab,
        machine=place.machine,
        assay=place.assay,
        plate="P9",
        filled=[
            Filled("A1", "specimen", place.specimens[0].label.barcode),
            Filled("B1", "positive"),
            Filled("C1", "negative"),
        ],
        kit_lot=lot,
        by=place.technician,
        now=NOW,
    )
    services.start_run(run=made, at=NOW, by=place.technician, now=NOW)
    assert Balance.objects.get(lot=lot).on_hand == 9_997


def test_run_without_enough_reactions_is_not_started() -> None:
    place = bench(1)
    empty = Lot.objects.create(item=place.assay.kit, code="EMPTY")
    made = services.prepare_run(
        lab=place.lab,
        machine=place.machine,
        assay=place.assay,
        plate="P9",
        filled=[
            Filled("A1", "specimen", place.specimens[0].label.barcode),
            Filled("B1", "positive"),
            Filled("C1", "negative"),
        ],
        kit_lot=empty,
        by=place.technician,
        now=NOW,
    )
    with pytest.raises(NotEnoughOnHand), transaction.atomic():
        services.start_run(run=made, at=NOW, by=place.technician, now=NOW)
    assert (Run.objects.get().state, Specimen.objects.get().state) == ("planned", "received")


def pooled_run(place: Bench, pool: Pool) -> Run:
    made = services.prepare_run(
        lab=place.lab,
        machine=place.machine,
        assay=assay("taqpath-3"),
        plate="POOL",
        filled=[Filled("A1", "pool", pool=pool), Filled("G12", "positive"), Filled("H12", "negative")],
        by=place.technician,
        now=NOW,
    )
    return services.start_run(run=made, at=NOW, by=place.technician, now=NOW)


TAQ_POSITIVE = {"ORF1ab": 20.0, "N": 21.0, "S": 22.0, "MS2": 26.0}
TAQ_NEGATIVE = {"ORF1ab": None, "N": None, "S": None, "MS2": 26.0}


@pytest.mark.parametrize(
    ("reading", "outcome", "state", "results"),
    [(TAQ_NEGATIVE, "negative", "resulted", 3), (TAQ_POSITIVE, "positive", "received", 0)],
)
def test_pool_is_negative_for_all_or_read_again_one_by_one(
    reading: dict, outcome: str, state: str, results: int
) -> None:
    place = bench(3)
    codes = [tube.label.barcode for tube in place.specimens]
    pool = services.make_pool(lab=place.lab, barcodes=codes, by=place.technician, now=NOW)
    run = pooled_run(place, pool)
    assert set(Specimen.objects.values_list("state", flat=True)) == {"running"}
    controls = {"G12": TAQ_POSITIVE, "H12": dict.fromkeys(TAQ_POSITIVE)}
    read(place, run, {"A1": reading, **controls})
    pool.refresh_from_db()
    assert pool.outcome == outcome
    assert set(Specimen.objects.values_list("state", flat=True)) == {state}
    assert Result.objects.filter(pool=pool, outcome="negative").count() == results


def test_pools_are_refused_where_the_assay_is_not_validated_for_them() -> None:
    place = bench(2)
    codes = [tube.label.barcode for tube in place.specimens]
    pool = services.make_pool(lab=place.lab, barcodes=codes, by=place.technician, now=NOW)
    with pytest.raises(PlateRefused):
        services.prepare_run(
            lab=place.lab,
            machine=place.machine,
            assay=place.assay,
            plate="P1",
            filled=[Filled("A1", "pool", pool=pool), Filled("G12", "positive"), Filled("H12", "negative")],
            by=place.technician,
            now=NOW,
        )
    assert Run.objects.count() == 0


def test_database_refuses_a_validator_who_entered_the_result() -> None:
    place = bench(1)
    read(place, place.run(), place.readings([POSITIVE]))
    result = Result.objects.get()
    with (
        pytest.raises(IntegrityError, match="diagnostics_result_is_seen_by_four_eyes"),
        transaction.atomic(),
    ):
        Result.objects.filter(pk=result.pk).update(
            state="validated", validated_at=LATER, validated_by=result.entered_by_id
        )


def test_plate_is_proposed_with_the_urgent_first_and_the_controls_last() -> None:
    place = bench(1)
    urgent = specimen(priority="urgent")
    from tests.diagnostics.factories import received

    received(place.lab, [urgent])
    filled = queries.plate_proposal(place.lab, place.machine)
    assert [(each.position, each.content) for each in filled] == [
        ("A1", "specimen"),
        ("B1", "specimen"),
        ("G12", "positive"),
        ("H12", "negative"),
    ]
    assert filled[0].specimen == urgent


def test_run_fails_for_a_known_reason_only() -> None:
    place = bench(1)
    run = place.run()
    with pytest.raises(NumbersRefused), transaction.atomic():
        services.fail_run(run=run, reason="bad luck", by=place.technician, now=LATER)
    assert (Run.objects.get().state, Specimen.objects.get().state) == ("running", "running")
