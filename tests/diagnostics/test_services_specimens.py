"""A specimen from the order to the told result."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from kolaborasi.audit.models import AuditEntry
from kolaborasi.commitments.errors import NotEnoughLeft
from kolaborasi.common.errors import NotPermitted, Refused
from kolaborasi.common.lifecycle import WrongState
from kolaborasi.diagnostics import queries, services
from kolaborasi.diagnostics.errors import (
    BarcodeUnknown,
    BarcodeUsed,
    ConsignmentOver,
    DuplicateOrder,
    IdentityMismatch,
    LabNotWorking,
    NotABarcode,
    NotOnManifest,
    WrongCourier,
    WrongTime,
)
from kolaborasi.diagnostics.models import Booking, Consignment, LabDay, Order, Slot, Specimen, SpecimenEvent
from kolaborasi.diagnostics.rules.barcodes import barcode_of
from kolaborasi.diagnostics.services import Wish
from kolaborasi.people.errors import NotANik
from kolaborasi.people.models import Person
from kolaborasi.people.queries import find_by_nik
from tests.conftest import NOW
from tests.diagnostics.factories import (
    BORN,
    SYSTEM,
    collection_site,
    consignment,
    coordinator,
    courier,
    lab,
    order,
    received,
    specimen,
    staff_of,
    subject,
)
from tests.factories import UserFactory, person

pytestmark = pytest.mark.django_db
NIK = "3171014107900001"
HOUR = timedelta(hours=1)


def kinds(of: Specimen) -> list[str]:
    return list(SpecimenEvent.objects.filter(specimen=of).order_by("pk").values_list("kind", flat=True))


def day(of: Consignment) -> tuple[int, int, int]:
    return LabDay.objects.values_list("reported", "committed", "delivered").get(pk=of.lab_day_id)


def test_order_registers_a_person_and_confirms_them_the_next_time() -> None:
    site = collection_site()
    who = subject("Siti Contoh", nik=NIK)
    first = services.order_test(subject=who, wish=Wish("suspect", site), by=SYSTEM, now=NOW)
    services.cancel_order(order=first, by=coordinator(), now=NOW)
    again = subject("SITI CONTOH", nik=NIK)
    second = services.order_test(subject=again, wish=Wish("contact", site), by=SYSTEM, now=NOW)
    assert first.person_id == second.person_id
    assert Person.objects.count() == 1


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({"birth_date": BORN.replace(year=1991)}, ["birth_date"]),
        ({"sex": "male"}, ["sex"]),
        ({"name": "Orang Lain Sekali"}, ["name"]),
    ],
)
def test_order_is_refused_when_card_and_person_do_not_match(changes: dict, fields: list[str]) -> None:
    site = collection_site()
    known = services.order_test(
        subject=subject("Siti Contoh", nik=NIK), wish=Wish("suspect", site), by=SYSTEM, now=NOW
    )
    services.cancel_order(order=known, by=coordinator(), now=NOW)
    wrong = subject(**{"name": "Siti Contoh", "nik": NIK, **changes})
    with pytest.raises(IdentityMismatch) as refusal, transaction.atomic():
        services.order_test(subject=wrong, wish=Wish("suspect", site), by=SYSTEM, now=NOW)
    assert refusal.value.details["fields"] == fields
    assert Order.objects.count() == 1
    assert Person.objects.count() == 1


def test_order_with_an_impossible_nik_is_refused_and_nothing_is_stored() -> None:
    with pytest.raises(NotANik):
        services.order_test(
            subject=subject(nik="123"), wish=Wish("suspect", collection_site()), by=SYSTEM, now=NOW
        )
    assert (Order.objects.count(), Person.objects.count()) == (0, 0)


def test_person_waits_for_one_swab_at_a_time() -> None:
    site = collection_site()
    who = subject("Siti Contoh", nik=NIK)
    first = services.order_test(subject=who, wish=Wish("suspect", site), by=SYSTEM, now=NOW)
    with pytest.raises(DuplicateOrder) as refusal:
        services.order_test(subject=who, wish=Wish("suspect", site), by=SYSTEM, now=NOW)
    assert refusal.value.details == {"order": first.pk}
    assert Order.objects.count() == 1


def test_order_is_refused_to_strangers_of_the_site() -> None:
    site = collection_site()
    stranger = staff_of(collection_site().partner)
    with pytest.raises(NotPermitted):
        services.order_test(subject=subject(), wish=Wish("suspect", site), by=stranger, now=NOW)
    assert Order.objects.count() == 0


def test_slot_is_booked_changed_and_attended() -> None:
    site = collection_site()
    early, late = services.open_slots(
        site=site, starts_at=NOW + HOUR, ends_at=NOW + 2 * HOUR, minutes=30, places=1, by=SYSTEM, now=NOW
    )
    mine, other = order(site), order(site)
    by = staff_of(site.partner)
    services.book(order=mine, slot=early, by=by, now=NOW)
    with pytest.raises(NotEnoughLeft), transaction.atomic():
        services.book(order=other, slot=early, by=by, now=NOW)
    services.book(order=mine, slot=late, by=by, now=NOW)
    services.book(order=other, slot=early, by=by, now=NOW)
    specimen(of=mine)
    found = list(Slot.objects.order_by("starts_at").values_list("reported", "committed", "delivered"))
    assert found == [(1, 1, 0), (1, 1, 1)]
    assert list(Booking.objects.order_by("pk").values_list("state", flat=True)) == [
        "released",
        "fulfilled",
        "confirmed",
    ]


def test_resident_orders_books_and_cancels_for_themselves_alone() -> None:
    site = collection_site()
    account = UserFactory(person=person())
    other = UserFactory(person=person(email="lain@contoh.example"))
    me, they = staff_of(site.partner, "rw_head", account), staff_of(site.partner, "rw_head", other)
    (slot,) = services.open_slots(
        site=site, starts_at=NOW + HOUR, ends_at=NOW + 2 * HOUR, minutes=60, places=5, by=SYSTEM, now=NOW
    )
    mine = services.order_own_test(birth_date=BORN, sex="female", wish=Wish("suspect", site), by=me, now=NOW)
    with pytest.raises(NotPermitted), transaction.atomic():
        services.book(order=mine, slot=slot, by=they, now=NOW)
    booking = services.book(order=mine, slot=slot, by=me, now=NOW)
    services.cancel_booking(booking=booking, by=me, now=NOW)
    slot.refresh_from_db()
    assert (slot.reported, slot.committed) == (5, 0)


def own_order(name: str = "Warga Contoh") -> Order:
    account = UserFactory(person=person(name=name, email=""))
    site = collection_site()
    me = staff_of(site.partner, "rw_head", account)
    return services.order_own_test(birth_date=BORN, sex="female", wish=Wish("suspect", site), by=me, now=NOW)


def test_card_of_somebody_who_ordered_for_themselves_is_confirmed_at_the_site() -> None:
    asked = own_order()
    by = staff_of(asked.site.partner)
    card = subject("Warga Contoh", nik=NIK, email="")
    done = services.confirm_person(order=asked, subject=card, by=by, now=NOW)
    assert (done.person_id, find_by_nik(NIK)) == (asked.person_id, asked.person_id)
    with pytest.raises(IdentityMismatch), transaction.atomic():
        services.confirm_person(order=asked, subject=subject("Orang Lain", nik=NIK), by=by, now=NOW)
    with pytest.raises(NotPermitted):
        services.confirm_person(order=asked, subject=card, by=staff_of(collection_site().partner), now=NOW)


def test_order_becomes_that_of_the_person_the_card_is_known_by() -> None:
    known = services.order_test(
        subject=subject("Siti Contoh", nik=NIK), wish=Wish("suspect", collection_site()), by=SYSTEM, now=NOW
    )
    asked = own_order("Siti Contoh")
    by, card = staff_of(asked.site.partner), subject("Siti Contoh", nik=NIK)
    with pytest.raises(DuplicateOrder), transaction.atomic():
        services.confirm_person(order=asked, subject=card, by=by, now=NOW)
    services.cancel_order(order=known, by=coordinator(), now=NOW)
    done = services.confirm_person(order=asked, subject=card, by=by, now=NOW)
    assert done.person_id == known.person_id


def test_labels_carry_a_check_digit_and_are_never_given_twice() -> None:
    site = collection_site()
    labels = services.issue_labels(site=site, number=50, by=SYSTEM, now=NOW)
    labels += services.issue_labels(site=site, number=50, by=SYSTEM, now=NOW)
    assert len({label.barcode for label in labels}) == 100
    assert [barcode_of(label.pk) for label in labels] == [label.barcode for label in labels]


def test_specimen_is_found_by_its_barcode_however_it_was_typed() -> None:
    tube = specimen()
    assert queries.specimen(f" {tube.label.barcode.lower()}\n") == tube
    assert queries.specimen("\x00") is None


def test_collected_specimen_waits_at_its_site_with_its_own_time() -> None:
    tube = specimen(at=NOW, priority="urgent")
    assert (tube.state, tube.collected_at, tube.late_at) == ("collected", NOW, NOW + 12 * HOUR)
    assert tube.keeps_until == NOW + 72 * HOUR
    assert kinds(tube) == ["collected"]
    assert Order.objects.get().state == "collected"
    assert AuditEntry.objects.filter(verb="diagnostics.collect").count() == 1


@pytest.mark.parametrize(
    ("barcode", "error"),
    [("hello", NotABarcode), ("K0000000010", NotABarcode), (barcode_of(999_999_999), BarcodeUnknown)],
)
def test_collection_with_a_wrong_barcode_is_refused(barcode: str, error: type[Refused]) -> None:
    asked = order()
    with pytest.raises(error):
        services.collect(order=asked, barcode=barcode, kind="np-swab", collected_at=NOW, by=SYSTEM, now=NOW)
    assert Specimen.objects.count() == 0
    assert Order.objects.get().state == "requested"


def test_collection_with_a_used_barcode_is_refused() -> None:
    tube = specimen()
    asked = order()
    with pytest.raises(BarcodeUsed) as refusal:
        services.collect(
            order=asked, barcode=tube.label.barcode, kind="np-swab", collected_at=NOW, by=SYSTEM, now=NOW
        )
    assert refusal.value.details == {"specimen": tube.pk}
    assert Order.objects.get(pk=asked.pk).state == "requested"


def test_collection_in_the_future_is_refused() -> None:
    asked = order()
    label = services.issue_labels(site=asked.site, number=1, by=SYSTEM, now=NOW)[0]
    with pytest.raises(WrongTime) as refusal:
        services.collect(
            order=asked, barcode=label.barcode, kind="np-swab", collected_at=NOW + HOUR, by=SYSTEM, now=NOW
        )
    assert refusal.value.details == {"fault": "future"}
    assert (Specimen.objects.count(), SpecimenEvent.objects.count()) == (0, 0)


def test_consignment_is_picked_up_and_received_with_its_differences() -> None:
    to, site, driver = lab(offers=10), collection_site(), courier()
    tubes = [specimen(site) for _each in range(4)]
    carried = consignment(tubes, to)
    assert day(carried) == (10, 4, 0)
    codes = [tube.label.barcode for tube in tubes]
    services.pick_up(consignment=carried, barcodes=codes[:3], at=NOW, by=driver, now=NOW)
    stray = specimen(site)
    done = services.receive(
        lab=to,
        consignment=carried,
        barcodes=[codes[0], codes[1], stray.label.barcode, barcode_of(999_999_999)],
        at=NOW + HOUR,
        by=staff_of(to.site.partner),
        now=NOW + HOUR,
    )
    assert [each.pk for each in done.specimens] == [tubes[0].pk, tubes[1].pk]
    assert [each.pk for each in done.unplanned] == [stray.pk]
    assert [each.pk for each in done.missing] == [tubes[2].pk]
    assert done.refused == [(barcode_of(999_999_999), "barcode-unknown")]
    states = list(Specimen.objects.order_by("pk").values_list("state", flat=True))
    assert states == ["received", "received", "in-transit", "collected", "received"]
    # Two of the four arrived: the promise of the other two is given back.
    assert day(carried) == (10, 2, 2)
    assert Consignment.objects.get().state == "fulfilled"
    assert kinds(tubes[0]) == ["collected", "picked-up", "received"]


def test_pick_up_of_a_strange_tube_changes_nothing() -> None:
    to, site = lab(offers=10), collection_site()
    tube, stray = specimen(site), specimen(site)
    carried = consignment([tube], to)
    with pytest.raises(NotOnManifest) as refusal:
        services.pick_up(
            consignment=carried,
            barcodes=[tube.label.barcode, stray.label.barcode],
            at=NOW,
            by=courier(),
            now=NOW,
        )
    assert refusal.value.details == {"barcodes": [stray.label.barcode]}
    assert set(Specimen.objects.values_list("state", flat=True)) == {"collected"}
    assert Consignment.objects.get().picked_up_at is None


def test_consignment_of_another_courier_is_not_picked_up() -> None:
    to, tube = lab(offers=10), specimen()
    carried = consignment([tube], to)
    Consignment.objects.filter(pk=carried.pk).update(courier=UserFactory())
    with pytest.raises(WrongCourier):
        services.pick_up(consignment=carried, barcodes=[tube.label.barcode], at=NOW, by=courier(), now=NOW)
    assert Specimen.objects.get().state == "collected"


def test_brought_back_specimens_wait_again_and_the_promise_ends() -> None:
    to, tube, driver = lab(offers=10), specimen(), courier()
    carried = consignment([tube], to)
    services.pick_up(consignment=carried, barcodes=[tube.label.barcode], at=NOW, by=driver, now=NOW)
    services.bring_back(consignment=carried, at=NOW + HOUR, by=driver, now=NOW + HOUR)
    tube.refresh_from_db()
    assert (tube.state, tube.consignment_id, tube.picked_up_at) == ("collected", None, None)
    assert day(carried) == (10, 0, 0)
    with pytest.raises(ConsignmentOver):
        services.bring_back(consignment=carried, at=NOW + HOUR, by=driver, now=NOW + HOUR)


def test_lab_that_goes_down_gives_back_what_was_not_picked_up() -> None:
    to, tube = lab(offers=10), specimen()
    carried = consignment([tube], to)
    services.lab_down(lab=to, reason="power", by=staff_of(to.site.partner), now=NOW)
    tube.refresh_from_db()
    assert (tube.state, tube.consignment_id) == ("collected", None)
    assert Consignment.objects.get().state == "released"
    assert day(carried) == (10, 0, 0)
    with pytest.raises(LabNotWorking):
        services.receive(lab=to, barcodes=[tube.label.barcode], at=NOW, by=SYSTEM, now=NOW)
    assert Specimen.objects.get().state == "collected"


def test_discarded_specimen_lets_the_person_be_swabbed_again() -> None:
    tube = specimen()
    services.discard(barcode=tube.label.barcode, reason="leaked", by=coordinator(), now=NOW)
    tube.refresh_from_db()
    assert (tube.state, tube.discard_reason) == ("discarded", "leaked")
    assert Order.objects.get().state == "requested"
    assert specimen(of=Order.objects.get()).order_id == tube.order_id
    with pytest.raises(WrongState):
        services.discard(barcode=tube.label.barcode, reason="lost", by=coordinator(), now=NOW)


def test_database_refuses_a_specimen_that_is_nowhere_or_in_two_places() -> None:
    to, tube = lab(offers=1), specimen()
    for change in ({"state": "received"}, {"state": "in-transit"}, {"lab": to}, {"state": "discarded"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Specimen.objects.filter(pk=tube.pk).update(**change)
    received(to, [tube])
    with (
        pytest.raises(IntegrityError, match="diagnostics_specimen_being_read_is_in_a_lab"),
        transaction.atomic(),
    ):
        Specimen.objects.filter(pk=tube.pk).update(lab=None)


def test_events_are_never_changed() -> None:
    specimen()
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        SpecimenEvent.objects.update(at=NOW - HOUR)
