"""No specimen is in two labs, no label on two tubes, by sessions that really run at once; each race is proved first."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Collection
from threading import Barrier

import pytest
from django.db import transaction
from django.db.models import Q, QuerySet, Sum

from kolaborasi.commitments.queries import checks as promises
from kolaborasi.common.errors import NotPermitted
from kolaborasi.diagnostics import services
from kolaborasi.diagnostics.errors import PlateRefused
from kolaborasi.diagnostics.models import Consignment, LabDay, PoolMember, Result, Specimen, SpecimenEvent
from kolaborasi.diagnostics.services import Entry, couriers, journey, pools
from kolaborasi.diagnostics.states import SPECIMEN
from kolaborasi.diagnostics.verification import checks
from tests.conftest import NOW
from tests.diagnostics.factories import (
    SYSTEM,
    bench,
    collection_site,
    consignment,
    lab,
    order,
    specimen,
    staff_of,
)
from tests.races.parallel import together

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("races")]
LABS = 6
BENCHES = 4


def unlocked(condition: Q) -> list[Specimen]:
    """What everybody writes first: look, then act."""
    rows = Specimen.objects.filter(condition).select_related("label", "order", "site", "lab").order_by("pk")
    found = list(rows)
    time.sleep(0.2)
    return found


def receive_everywhere(tube: Specimen) -> Counter[str]:
    """The same tube is scanned in several labs at the same moment."""
    labs = [lab() for _each in range(LABS)]

    def receive(place: object) -> str:
        done = services.receive(
            lab=place,
            barcodes=[tube.label.barcode],
            at=NOW,
            by=SYSTEM,
            now=NOW,  # type: ignore[arg-type]
        )
        return "taken" if done.unplanned else done.refused[0][1]

    return Counter(str(each) for each in together([lambda place=place: receive(place) for place in labs]))


def test_tube_scanned_in_six_labs_at_once_is_in_one() -> None:
    tube = specimen()
    outcomes = receive_everywhere(tube)
    assert outcomes == {"taken": 1, "wrong-state": LABS - 1}
    assert SpecimenEvent.objects.filter(kind="received").count() == 1
    tube.refresh_from_db()
    assert (tube.state, tube.lab_id is not None) == ("received", True)
    assert [fault for check in checks() for fault in check.faults] == []


def test_without_the_lock_the_same_tube_is_received_by_several_labs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(couriers, "locked", unlocked)
    outcomes = receive_everywhere(specimen())
    assert outcomes["taken"] > 1
    assert SpecimenEvent.objects.filter(kind="received").count() > 1


def plan_twice() -> list[object]:
    """Two coordinators approve two plans that carry the same tubes."""
    for _each in range(2):
        lab(offers=10)
    site = collection_site()
    for _each in range(3):
        specimen(site)
    plans = [services.propose_dispatch(departs_at=NOW, by=SYSTEM, now=NOW) for _each in range(2)]
    return together(
        [lambda plan=plan: services.approve_dispatch(plan=plan, by=SYSTEM, now=NOW) for plan in plans]
    )


def test_two_approved_plans_promise_a_tube_once() -> None:
    results = plan_twice()
    assert sorted(len(each.consignments) for each in results) == [0, 1]  # type: ignore[attr-defined]
    assert Consignment.objects.aggregate(units=Sum("quantity"))["units"] == 3
    assert LabDay.objects.aggregate(units=Sum("committed"))["units"] == 3
    assert [fault for check in (*checks(), *promises()) for fault in check.faults] == []


def test_same_label_on_two_tubes_is_refused_to_one() -> None:
    asked = [order() for _each in range(4)]
    label = services.issue_labels(site=asked[0].site, number=1, by=SYSTEM, now=NOW)[0]

    def collect(of: object) -> None:
        services.collect(
            order=of,  # type: ignore[arg-type]
            barcode=label.barcode,
            kind="np-swab",
            collected_at=NOW,
            by=SYSTEM,
            now=NOW,
        )

    results = together([lambda of=of: collect(of) for of in asked])
    assert Counter(type(each).__name__ for each in results) == {"NoneType": 1, "BarcodeUsed": 3}
    assert Specimen.objects.count() == 1


def test_result_entered_twice_at_once_is_one() -> None:
    place = bench(1)
    rows = [Entry(1, place.specimens[0].label.barcode, "negative", NOW)]

    def enter() -> None:
        services.enter_results(lab=place.lab, entries=rows, source="hand", by=place.technician, now=NOW)

    results = together([enter] * 6)
    assert Counter(type(each).__name__ for each in results) == {"NoneType": 1, "FileRefused": 5}
    assert Result.objects.count() == 1


def test_lab_that_goes_down_while_it_receives_leaves_nothing_half_done() -> None:
    place = lab(offers=10)
    site = collection_site()
    tubes = [specimen(site) for _each in range(4)]
    carried = consignment(tubes, place)
    codes = [tube.label.barcode for tube in tubes]

    def receive() -> object:
        return services.receive(lab=place, consignment=carried, barcodes=codes, at=NOW, by=SYSTEM, now=NOW)

    def stop() -> object:
        return services.lab_down(lab=place, reason="power", by=SYSTEM, now=NOW)

    together([receive, stop])
    states = set(Specimen.objects.values_list("state", flat=True))
    assert states in ({"received"}, {"collected"})
    carried.refresh_from_db()
    assert carried.state == ("fulfilled" if states == {"received"} else "released")
    assert [fault for check in (*checks(), *promises()) for fault in check.faults] == []


def test_guard_of_the_races_is_the_lock_of_the_specimen() -> None:
    tube = specimen()
    with transaction.atomic():
        (held,) = journey.locked(Q(pk=tube.pk))
        assert SPECIMEN.move(held.state, "receive") == "received"


def mix_everywhere() -> Counter[str]:
    """Benches of a lab mix the same tubes at the same moment."""
    place = bench(2)
    codes = [each.label.barcode for each in place.specimens]

    def mix() -> str:
        try:
            services.make_pool(lab=place.lab, barcodes=codes, by=place.technician, now=NOW)
        except PlateRefused:
            return "refused"
        return "mixed"

    return Counter(str(each) for each in together([mix] * BENCHES))


def test_tubes_are_mixed_into_one_pool_by_benches_at_once() -> None:
    assert mix_everywhere() == {"mixed": 1, "refused": BENCHES - 1}


def test_without_the_lock_the_same_tubes_are_in_several_pools(monkeypatch: pytest.MonkeyPatch) -> None:
    everybody = Barrier(BENCHES)
    mixed = pools._mixed

    def seen_by_all_first(specimens: Collection[Specimen]) -> QuerySet[PoolMember]:
        found = list(mixed(specimens).values_list("pk", flat=True))
        everybody.wait(timeout=30)
        return PoolMember.objects.filter(pk__in=found)

    monkeypatch.setattr(pools, "locked", unlocked)
    monkeypatch.setattr(pools, "_mixed", seen_by_all_first)
    assert mix_everywhere() == {"mixed": BENCHES}


def test_tubes_lost_and_received_elsewhere_at_once_end_manifests_once_and_without_deadlock() -> None:
    place, other = lab(offers=50), lab(offers=50)
    site = collection_site()
    tubes = [specimen(site) for _each in range(6)]
    rounds = [consignment([tube], place) for tube in tubes]
    day = rounds[0].lab_day
    taker = staff_of(site.partner)

    def take() -> None:
        barcodes = [each.label.barcode for each in reversed(tubes)]
        services.receive(lab=other, barcodes=barcodes, at=NOW, by=SYSTEM, now=NOW)

    def lose(tube: Specimen) -> None:
        try:
            services.discard(barcode=tube.label.barcode, reason="leaked", by=taker, now=NOW)
        except NotPermitted:
            # Received meanwhile: the other lab answers for it now.
            return

    together([take, *[lambda tube=tube: lose(tube) for tube in tubes]])
    day.refresh_from_db()
    assert (day.committed, set(Consignment.objects.values_list("state", flat=True))) == (0, {"released"})
    assert [fault for check in checks() for fault in check.faults] == []
