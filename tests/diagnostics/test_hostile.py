"""What somebody tries who means harm, or what two people do to the same tube at the wrong moment."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import transaction

from kolaborasi.common.errors import NotPermitted, Refused
from kolaborasi.diagnostics import services
from kolaborasi.diagnostics.errors import FileRefused
from kolaborasi.diagnostics.models import Consignment, Order, Pool, Result, Run, Specimen, Well
from kolaborasi.diagnostics.services import Entry, Filled
from kolaborasi.diagnostics.verification import checks
from tests.conftest import NOW
from tests.diagnostics.factories import (
    NEGATIVE,
    POSITIVE,
    SYSTEM,
    assay,
    bench,
    collection_site,
    consignment,
    courier,
    lab,
    order,
    received,
    specimen,
    staff_of,
)

pytestmark = pytest.mark.django_db
POOLED = "taqpath-3"
LATER = NOW + timedelta(hours=2)


def refused(code: str, act) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(Refused) as caught, transaction.atomic():
        act()
    assert caught.value.code == code


def test_plate_of_a_lab_does_not_start_with_a_specimen_that_is_in_another_lab_now() -> None:
    place, other = bench(2), lab(offers=10)
    positions = ["A1", "A2", "G12", "H12"]
    content = [
        *(
            Filled(at, "specimen", each.label.barcode)
            for at, each in zip(positions, place.specimens, strict=False)
        ),
        Filled("G12", "positive"),
        Filled("H12", "negative"),
    ]
    run = services.prepare_run(
        lab=place.lab,
        machine=place.machine,
        assay=place.assay,
        plate="P1",
        filled=content,
        by=place.technician,
        now=NOW,
    )
    moved = place.specimens[0]
    Specimen.objects.filter(pk=moved.pk).update(lab=other)
    refused("plate-refused", lambda: services.start_run(run=run, at=NOW, by=place.technician, now=NOW))
    run.refresh_from_db()
    moved.refresh_from_db()
    assert (run.state, moved.state, moved.lab_id) == ("planned", "received", other.pk)


def test_result_of_a_specimen_in_the_machine_is_refused_so_that_its_plate_can_be_read() -> None:
    place = bench(2)
    run = place.run()
    entry = Entry(1, place.specimens[0].label.barcode, "negative", LATER)
    with pytest.raises(FileRefused) as caught, transaction.atomic():
        services.enter_results(lab=place.lab, entries=[entry], source="hand", by=place.technician, now=LATER)
    assert [row["code"] for row in caught.value.details["rows"]] == ["still-running"]
    assert Result.objects.count() == 0
    services.read_run(
        run=run, readings=place.readings([POSITIVE, NEGATIVE]), ended_at=LATER, by=place.technician, now=LATER
    )
    assert Result.objects.count() == 2


def test_order_of_another_site_is_not_booked_to_ones_own() -> None:
    asked, own = order(), collection_site()
    (slot,) = services.open_slots(
        site=own,
        starts_at=NOW + timedelta(hours=1),
        ends_at=NOW + timedelta(hours=2),
        minutes=60,
        places=3,
        by=SYSTEM,
        now=NOW,
    )
    thief = staff_of(own.partner)
    with pytest.raises(NotPermitted), transaction.atomic():
        services.book(order=asked, slot=slot, by=thief, now=NOW)
    slot.refresh_from_db()
    assert Order.objects.get(pk=asked.pk).site_id == asked.site_id != own.pk
    assert slot.committed == 0


def test_courier_discards_only_what_they_carry() -> None:
    place, carrier, other = lab(offers=10), courier(), courier()
    first, second = specimen(site := collection_site()), specimen(site)
    round_ = consignment([first, second], place)
    for by in (carrier, other):
        with pytest.raises(NotPermitted), transaction.atomic():
            services.discard(barcode=first.label.barcode, reason="lost", by=by, now=NOW)
    barcodes = [first.label.barcode, second.label.barcode]
    services.pick_up(consignment=round_, barcodes=barcodes, at=NOW, by=carrier, now=NOW)
    with pytest.raises(NotPermitted), transaction.atomic():
        services.discard(barcode=first.label.barcode, reason="leaked", by=other, now=LATER)
    services.discard(barcode=first.label.barcode, reason="leaked", by=carrier, now=LATER)
    services.receive(lab=place, barcodes=barcodes[1:], at=LATER, by=SYSTEM, now=LATER, consignment=round_)
    with pytest.raises(NotPermitted), transaction.atomic():
        services.discard(barcode=second.label.barcode, reason="lost", by=carrier, now=LATER)
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.state, second.state) == ("discarded", "received")


def test_lab_declares_what_is_missing_of_its_manifest_lost_and_no_other_lab_does() -> None:
    place, elsewhere = lab(offers=10), lab(offers=10)
    first, second = specimen(site := collection_site()), specimen(site)
    round_ = consignment([first, second], place)
    barcodes = [first.label.barcode, second.label.barcode]
    services.pick_up(consignment=round_, barcodes=barcodes, at=NOW, by=courier(), now=NOW)
    at_lab, stranger = staff_of(place.site.partner), staff_of(elsewhere.site.partner)
    # Still on its way: whether it arrives nobody at the lab can know.
    with pytest.raises(NotPermitted), transaction.atomic():
        services.discard(barcode=first.label.barcode, reason="lost", by=at_lab, now=NOW)
    services.receive(lab=place, barcodes=barcodes[1:], at=LATER, by=at_lab, now=LATER, consignment=round_)
    with pytest.raises(NotPermitted), transaction.atomic():
        services.discard(barcode=first.label.barcode, reason="lost", by=stranger, now=LATER)
    services.discard(barcode=first.label.barcode, reason="lost", by=at_lab, now=LATER)
    first.refresh_from_db()
    assert (first.state, first.discard_reason, first.order.state) == ("discarded", "lost", "requested")


def pooled(size: int = 2):  # type: ignore[no-untyped-def]
    place = bench(size)
    barcodes = [each.label.barcode for each in place.specimens]
    return place, services.make_pool(lab=place.lab, barcodes=barcodes, by=place.technician, now=NOW)


def pool_run(place, pool: Pool, *, plate: str = "P1", twice: bool = False) -> Run:  # type: ignore[no-untyped-def]
    filled = [Filled("A1", "pool", pool=pool), Filled("G12", "positive"), Filled("H12", "negative")]
    if twice:
        filled.insert(1, Filled("B1", "pool", pool=pool))
    return services.prepare_run(
        lab=place.lab,
        machine=place.machine,
        assay=assay(POOLED),
        plate=plate,
        filled=filled,
        by=place.technician,
        now=NOW,
    )


def test_specimen_is_not_mixed_into_two_pools() -> None:
    place, _pool = pooled()
    barcodes = [each.label.barcode for each in place.specimens]
    refused(
        "plate-refused",
        lambda: services.make_pool(lab=place.lab, barcodes=barcodes, by=place.technician, now=NOW),
    )
    assert Pool.objects.count() == 1


def single_run(place, plate: str = "P1") -> Run:  # type: ignore[no-untyped-def]
    tube = Filled("A1", "specimen", place.specimens[0].label.barcode)
    return services.prepare_run(
        lab=place.lab,
        machine=place.machine,
        assay=place.assay,
        plate=plate,
        filled=[tube, Filled("G12", "positive"), Filled("H12", "negative")],
        by=place.technician,
        now=NOW,
    )


def test_tube_of_an_open_pool_is_not_put_alone_on_a_plate() -> None:
    place, pool = pooled()
    refused("plate-refused", lambda: single_run(place))
    assert not Run.objects.exists()
    assert not Well.objects.exists()
    services.dissolve_pool(pool=pool, by=place.technician, now=NOW)
    assert single_run(place).state == "planned"


def test_tube_on_a_plate_that_was_not_started_is_not_mixed_into_a_pool() -> None:
    place = bench(2)
    run = single_run(place)
    barcodes = [each.label.barcode for each in place.specimens]

    def mix() -> Pool:
        return services.make_pool(lab=place.lab, barcodes=barcodes, by=place.technician, now=NOW)

    refused("plate-refused", mix)
    assert not Pool.objects.exists()
    services.cancel_run(run=run, by=place.technician, now=NOW)
    assert mix().size == 2


def test_pool_is_on_a_plate_once_and_on_one_plate_only() -> None:
    place, pool = pooled()
    refused("plate-refused", lambda: pool_run(place, pool, twice=True))
    pool_run(place, pool)
    refused("plate-refused", lambda: pool_run(place, pool, plate="P2"))
    assert Run.objects.count() == 1


def test_pool_that_was_read_is_not_read_again() -> None:
    place, pool = pooled()
    run = services.start_run(run=pool_run(place, pool), at=NOW, by=place.technician, now=NOW)
    found = {"ORF1ab": 20.0, "N": 21.0, "S": 22.0, "MS2": 26.0}
    readings = {"A1": found, "G12": found, "H12": dict.fromkeys(found)}
    services.read_run(run=run, readings=readings, ended_at=LATER, by=place.technician, now=LATER)
    refused("plate-refused", lambda: pool_run(place, pool, plate="P2"))
    assert Run.objects.count() == 1
    assert Well.objects.filter(pool=pool).count() == 1


def test_pool_with_a_discarded_member_is_dissolved_and_the_others_are_read_alone() -> None:
    place, pool = pooled()
    lost, kept = place.specimens
    services.discard(barcode=lost.label.barcode, reason="leaked", by=place.technician, now=NOW)
    refused("plate-refused", lambda: pool_run(place, pool))
    stranger = staff_of(lab().site.partner)
    with pytest.raises(NotPermitted), transaction.atomic():
        services.dissolve_pool(pool=pool, by=stranger, now=NOW)
    pool.refresh_from_db()
    assert pool.dissolved_at is None
    services.dissolve_pool(pool=pool, by=place.technician, now=NOW)
    pool.refresh_from_db()
    assert pool.dissolved_at == NOW
    refused("plate-refused", lambda: pool_run(place, pool))
    refused("plate-refused", lambda: services.dissolve_pool(pool=pool, by=place.technician, now=NOW))
    run = place.run(specimens=[kept])
    assert run.state == "running"


def test_pool_on_a_plate_is_not_dissolved() -> None:
    place, pool = pooled()
    run = pool_run(place, pool)
    refused("plate-refused", lambda: services.dissolve_pool(pool=pool, by=place.technician, now=NOW))
    services.cancel_run(run=run, by=place.technician, now=NOW)
    services.dissolve_pool(pool=pool, by=place.technician, now=NOW)
    pool.refresh_from_db()
    assert pool.dissolved_at == NOW


def test_correction_of_a_destroyed_tube_that_is_not_accepted_asks_for_another_swab() -> None:
    place = bench(1)
    (tube,) = place.specimens
    entry = Entry(1, tube.label.barcode, "negative", LATER)
    services.enter_results(lab=place.lab, entries=[entry], source="hand", by=place.technician, now=LATER)
    first = Result.objects.get()
    services.validate_results(results=[first], by=place.validator, now=LATER)
    services.dispose(lab=place.lab, barcodes=[tube.label.barcode], by=place.technician, now=LATER)
    wrong = services.correct_result(
        result=first, outcome="positive", reason="mix-up", by=place.technician, now=LATER
    )
    services.reject_result(result=wrong, by=place.validator, now=LATER)
    tube.refresh_from_db()
    assert (tube.state, tube.order.state) == ("discarded", "requested")


def test_manifest_that_nothing_is_left_of_gives_its_place_back() -> None:
    place, other = lab(offers=10), lab(offers=10)
    first, second = specimen(site := collection_site()), specimen(site)
    stray, emptied = consignment([first], place), consignment([second], place)
    day = stray.lab_day
    day.refresh_from_db()
    assert day.committed == 2
    received(other, [first])
    services.discard(barcode=second.label.barcode, reason="leaked", by=staff_of(site.partner), now=NOW)
    stray.refresh_from_db()
    emptied.refresh_from_db()
    day.refresh_from_db()
    assert (stray.state, emptied.state, day.committed) == ("released", "released", 0)


def test_what_a_courier_took_from_a_lab_that_is_down_is_brought_back_into_that_lab() -> None:
    broken, working = lab(offers=10), lab(offers=10)
    tube = specimen()
    received(broken, [tube])
    round_ = consignment([tube], working)
    Consignment.objects.filter(pk=round_.pk).update(origin=broken.site)
    round_.refresh_from_db()
    carrier, barcodes = courier(), [tube.label.barcode]
    services.pick_up(consignment=round_, barcodes=barcodes, at=NOW, by=carrier, now=NOW)
    services.bring_back(consignment=round_, at=LATER, by=carrier, now=LATER)
    tube.refresh_from_db()
    assert (tube.state, tube.lab_id, tube.received_at) == ("received", broken.pk, LATER)
    assert [fault for check in checks() for fault in check.faults] == []


def test_discarded_specimen_of_somebody_who_ordered_again_ends_its_order() -> None:
    tube = specimen()
    first = tube.order
    again = Order.objects.create(
        person=first.person,
        birth_date=first.birth_date,
        sex=first.sex,
        reason="suspect",
        site=first.site,
        ordered_at=NOW,
    )
    services.discard(barcode=tube.label.barcode, reason="leaked", by=staff_of(first.site.partner), now=NOW)
    first.refresh_from_db()
    again.refresh_from_db()
    assert (first.state, again.state) == ("cancelled", "requested")
