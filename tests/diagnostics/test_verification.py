"""`kolaborasi verify` names the specimen that does not add up."""

from __future__ import annotations

from datetime import timedelta

import pytest

from kolaborasi.diagnostics.models import Consignment, Specimen
from kolaborasi.diagnostics.verification import checks
from tests.conftest import NOW
from tests.diagnostics.factories import consignment, lab, received, specimen

pytestmark = pytest.mark.django_db


def faults() -> list[str]:
    return [fault for check in checks() for fault in check.faults]


def test_all_is_well_with_specimens_everywhere() -> None:
    place = lab(offers=5)
    consignment([specimen()], place)
    received(place, [specimen()])
    assert faults() == []
    assert [check.rows for check in checks()] == [2, 2, 2, 1]


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"collected_at": NOW - timedelta(hours=1)}, "collected_at is not the time of its event"),
        (
            {"state": "resulted", "received_at": NOW, "resulted_at": NOW},
            "its results do not fit its state",
        ),
    ],
)
def test_specimen_that_does_not_add_up_is_named(change: dict, fault: str) -> None:
    tube = specimen()
    received(lab(), [tube])
    Specimen.objects.filter(pk=tube.pk).update(**change)
    assert f"diagnostics.specimen {tube.pk}: {fault}" in faults()


def test_specimen_on_the_way_with_nobody_is_nowhere() -> None:
    tube = specimen()
    consignment([tube], lab(offers=5))
    Specimen.objects.filter(pk=tube.pk).update(state="in-transit", picked_up_at=NOW)
    assert faults() == [f"diagnostics.specimen {tube.pk}: is nowhere"]


def test_manifest_that_carries_more_than_it_promises_is_named() -> None:
    made = consignment([specimen()], lab(offers=5))
    Specimen.objects.filter(pk=specimen().pk).update(consignment=made)
    assert faults() == [f"diagnostics.consignment {made.pk}: carries 2 but promises 1"]
    assert Consignment.objects.count() == 1
