"""A dose is a movement to a person; lots, vials and schedules are checked; nothing is recorded twice."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import transaction

from kolaborasi.commitments.queries import checks as promises
from kolaborasi.common.actors import Actor
from kolaborasi.common.errors import NotPermitted, Refused
from kolaborasi.common.idempotency import KeyReused
from kolaborasi.messages.models import Message
from kolaborasi.stock.models import Balance, Movement
from kolaborasi.stock.queries import checks as goods
from kolaborasi.vaccination import errors, queries, services, verification
from kolaborasi.vaccination.models import (
    AdverseKind,
    Booking,
    CorrectionKind,
    Dose,
    Outcome,
    Quarantine,
    RecallReason,
    Route,
    Session,
    VaccineLot,
    WasteReason,
)
from kolaborasi.vaccination.rules import Channel
from tests.conftest import NOW
from tests.factories import MembershipFactory, UserFactory, staff
from tests.vaccination.factories import (
    DAY,
    NINE,
    SYSTEM,
    hands,
    lot,
    product,
    recipient,
    screened,
    session,
    slot,
    store,
)

pytestmark = pytest.mark.django_db


def faults() -> list[str]:
    return [fault for check in (*promises(), *goods(), *verification.checks()) for fault in check.faults]


def lot_of(of: Session) -> VaccineLot:
    return VaccineLot.objects.filter(lot__balance__location=of.location).order_by("pk")[0]


def give(of: Session, who: object, **change: object) -> Dose:
    by = hands(of)
    visit = change.pop("visit", None) or screened(of, who, by=by)  # type: ignore[arg-type]
    values = {"visit": visit, "lot": lot_of(of), "route": Route.LEFT_ARM, "by": by, "now": NINE}
    return services.give_dose(**{**values, **change})  # type: ignore[arg-type]


def test_dose_moves_one_unit_to_the_person_and_fulfils_the_booking() -> None:
    of, who = session(), recipient()
    booked = services.book(recipient=who, slot=slot(of), by=SYSTEM, now=NOW)
    dose = give(of, who)
    assert (dose.number, dose.lot, dose.booking) == (1, lot_of(of), booked.booking)
    assert dose.observe_until == NINE + timedelta(minutes=15)
    balance, booking = Balance.objects.get(location=of.location), Booking.objects.get()
    assert (balance.on_hand, balance.committed, booking.state) == (19, 0, "fulfilled")
    assert (booking.quota.committed, booking.quota.delivered) == (1, 1)
    assert dose.movement is not None
    assert dose.movement.target.kind == "recipient"
    assert faults() == []


def test_walk_in_gets_a_dose_and_a_booking_in_one_step() -> None:
    of = session(quotas={Channel.WALK_IN: 1}, doses=2)
    assert give(of, recipient()).booking.channel == "walk-in"  # type: ignore[union-attr]
    with pytest.raises(errors.SlotFull):
        give(of, recipient())
    assert Dose.objects.count() == 1
    assert faults() == []


def test_same_entry_sent_again_is_one_dose() -> None:
    of, who = session(quotas={Channel.WALK_IN: 5}), recipient()
    first = give(of, who, entry_key="tablet-7/1")
    again = give(of, who, visit=of.visits.get(), entry_key="tablet-7/1")
    assert again.pk == first.pk
    assert (Dose.objects.count(), Balance.objects.get(location=of.location).on_hand) == (1, 19)
    with pytest.raises(errors.DoseAlreadyGiven):
        give(of, who, visit=of.visits.get(), entry_key="tablet-7/2")
    with pytest.raises(KeyReused):
        give(of, recipient(), entry_key="tablet-7/1")
    assert Dose.objects.count() == 1


def test_nobody_gets_a_dose_unscreened_or_unfit() -> None:
    of = session(quotas={Channel.WALK_IN: 5})
    by = hands(of)
    waiting = services.check_in(session=of, recipient=recipient(), by=by, now=NINE)
    with pytest.raises(errors.NotScreened):
        give(of, None, visit=waiting)
    with pytest.raises(errors.NotScreened):
        give(of, None, visit=screened(of, recipient(), by=by, fever=True))
    stale = screened(of, recipient(), by=by)
    with pytest.raises(errors.NotScreened):
        give(of, None, visit=stale, now=NINE + timedelta(hours=5))
    assert Dose.objects.count() == 0


def test_feverish_person_gives_place_and_dose_back_and_allergic_one_is_watched_longer() -> None:
    of, who = session(), recipient()
    services.book(recipient=who, slot=slot(of), by=SYSTEM, now=NOW)
    screened(of, who, by=hands(of), fever=True)
    ended = Booking.objects.get()
    assert (ended.state, ended.end_reason, Balance.objects.get(location=of.location).committed) == (
        *("released", "deferred"),
        0,
    )
    other = recipient()
    services.book(recipient=other, slot=slot(of), by=SYSTEM, now=NOW)
    by = hands(of)
    visit = screened(of, other, by=by, allergy_other=True)
    assert give(of, other, visit=visit, by=by).observe_until == NINE + timedelta(minutes=30)


@pytest.mark.parametrize(
    "what", ["expired", "recalled", "quarantined", "other-product", "vvm-past-discard-point"]
)
def test_unfit_lot_is_refused_with_its_reason(what: str) -> None:
    of, who = session(quotas={Channel.WALK_IN: 5}), recipient()
    held, by = lot_of(of), hands(of)
    now = NINE
    if what == "expired":
        held.lot.expires_date = DAY
        held.lot.save()
    elif what == "recalled":
        services.recall_lot(lot=held, reason=RecallReason.QUALITY, by=SYSTEM, now=NOW)
    elif what == "quarantined":
        services.log_storage(lot=held, location=of.location, tenths_celsius=121, by=by, now=NOW)
    elif what == "vvm-past-discard-point":
        VaccineLot.objects.filter(pk=held.pk).update(vvm_stage=3)
    else:
        held = lot(5, at=of.location, of="astrazeneca")
    visit = screened(of, who, by=by)
    with pytest.raises(errors.LotRefused) as refused:
        give(of, who, visit=visit, by=by, lot=held, now=now)
    assert what in refused.value.details["faults"]
    assert Dose.objects.count() == 0


def test_interval_mix_and_number_are_checked_with_the_day_that_is_possible() -> None:
    who = recipient()
    first = give(session(quotas={Channel.WALK_IN: 5}), who)
    again = session(quotas={Channel.RETURNING: 5}, day=DAY + timedelta(days=27))
    with pytest.raises(errors.NotEligible) as refused:
        services.book(recipient=who, slot=slot(again), by=SYSTEM, now=NOW, channel=Channel.RETURNING)
    assert refused.value.details["earliest_date"] == (DAY + timedelta(days=28)).isoformat()
    other = session(of="astrazeneca", day=DAY + timedelta(days=60))
    with pytest.raises(errors.NotEligible) as refused:
        services.book(recipient=who, slot=slot(other), by=SYSTEM, now=NOW)
    assert refused.value.details["faults"] == ["mix-not-allowed"]
    assert refused.value.details["products"] == ["coronavac"]
    due = session(quotas={Channel.RETURNING: 5}, day=DAY + timedelta(days=28))
    booked = services.book(recipient=who, slot=slot(due), by=SYSTEM, now=NOW, channel=Channel.RETURNING)
    assert (first.number, booked.booking.dose_number) == (1, 2)
    with pytest.raises(errors.DoseAlreadyGiven):
        services.record_elsewhere(
            recipient=who,
            product=product(),
            number=1,
            given_at=NOW,
            lot_code="X",
            by=staff("verifier"),
            now=NOW,
        )


def test_dose_of_another_lot_swaps_with_the_booking_that_counted_on_it() -> None:
    of = session(doses=1)
    first = lot_of(of)
    second = lot(1, at=of.location, expires=date(2022, 1, 31))
    one, two = recipient(), recipient()
    services.book(recipient=one, slot=slot(of), by=SYSTEM, now=NOW)
    services.book(recipient=two, slot=slot(of), by=SYSTEM, now=NOW)
    assert give(of, one, lot=second).lot == second
    assert Booking.objects.get(recipient=two).balance.lot_id == first.pk
    assert faults() == []
    assert give(of, two, lot=first).lot == first
    assert (
        list(Balance.objects.filter(location=of.location).values_list("on_hand", "committed")) == [(0, 0)] * 2
    )
    assert faults() == []


def test_vial_has_a_clock_and_its_rest_is_wastage_with_a_reason() -> None:
    of = session(quotas={Channel.WALK_IN: 20})
    by, held = hands(of), lot_of(of)
    vial = services.open_vial(session=of, lot=held, by=by, now=NINE)
    assert vial.discard_at == NINE + timedelta(hours=6)
    give(of, recipient(), vial=vial)
    late = screened(of, recipient(), by=by, now=NINE + timedelta(hours=5))
    with pytest.raises(errors.LotRefused) as refused:
        give(of, None, visit=late, vial=vial, now=NINE + timedelta(hours=6))
    assert refused.value.details["faults"] == ["vial-open-too-long"]
    assert list(queries.overdue_vials(NINE + timedelta(hours=6))) == [vial]
    closed = services.discard_vial(vial=vial, by=by, now=NINE + timedelta(hours=6))
    assert (closed.given, closed.wasted) == (1, 9)
    assert queries.wastage(NINE, NINE + timedelta(days=1)) == {"open-vial": 9, "given": 1, "rate": 0.9}
    services.open_vial(session=of, lot=held, by=by, now=NINE)
    with pytest.raises(errors.LotRefused):
        services.open_vial(session=of, lot=held, by=by, now=NINE)
    assert faults() == []


def test_session_closes_only_when_every_dose_has_a_place_a_person_or_a_reason() -> None:
    of, place = session(doses=3), store()
    by, held, who = hands(of), lot_of(of), recipient()
    services.book(recipient=who, slot=slot(of), by=SYSTEM, now=NOW)
    with pytest.raises(errors.StillBooked) as refused, transaction.atomic():
        services.close_session(session=of, by=by, now=NINE)
    assert refused.value.details == {"bookings": 1, "doses": 3, "waiting": 0}
    give(of, who)
    services.waste_doses(lot=held, location=of.location, doses=1, reason=WasteReason.BROKEN, by=by, now=NINE)
    services.return_doses(lot=held, source=of.location, target=place, doses=1, by=by, now=NINE)
    assert services.close_session(session=of, by=by, now=NINE).state == "closed"
    assert faults() == []


def test_cancelled_session_ends_every_booking_and_tells_its_people() -> None:
    of = session()
    services.book(recipient=recipient(email="warga@contoh.example"), slot=slot(of), by=SYSTEM, now=NOW)
    services.book(recipient=recipient(), slot=slot(of), by=SYSTEM, now=NOW)
    services.cancel_session(session=of, by=hands(of), now=NOW)
    assert set(Booking.objects.values_list("state", "end_reason")) == {("released", "session")}
    assert Message.objects.filter(template="vaccination_session_cancelled").count() == 1
    assert faults() == []


def test_recall_finds_every_dose_and_person_of_the_lot_in_one_statement(
    django_assert_num_queries: object,
) -> None:
    held, place = lot(), store()
    of = session(quotas={Channel.WALK_IN: 5}, with_lot=held, doses=5)
    services.receive_doses(lot=held, location=place, doses=7, by=SYSTEM, now=NOW)
    people = [recipient() for _person in range(3)]
    for who in people:
        give(of, who)
    give(session(quotas={Channel.WALK_IN: 5}), recipient())
    waiting = recipient()
    services.book(recipient=waiting, slot=slot(of), by=SYSTEM, now=NINE)
    services.recall_lot(lot=held, reason=RecallReason.SAFETY, by=staff("coordinator"), now=NINE)
    with django_assert_num_queries(1):  # type: ignore[operator]
        found = queries.doses_of_lot(held)
    assert {dose.recipient_id for dose in found} == {who.pk for who in people}
    assert sorted(balance.on_hand for balance in queries.where_lot_is(held)) == [2, 7]
    assert queries.shortfalls(NINE) == [(of.pk, 1, 0)]
    with pytest.raises(errors.NoDoseLeft):
        services.book(recipient=recipient(), slot=slot(of), by=SYSTEM, now=NINE)
    with pytest.raises(errors.LotRefused):
        services.move_doses(lot=held, source=place, target=of.location, doses=1, by=SYSTEM, now=NINE)
    with pytest.raises(NotPermitted):
        services.recall_lot(lot=held, reason=RecallReason.SAFETY, by=hands(of), now=NINE)


def test_quarantined_doses_are_decided_by_their_owner() -> None:
    of = session(doses=4)
    held = lot_of(of)
    services.log_storage(lot=held, location=of.location, tenths_celsius=95, by=hands(of), now=NOW)
    apart = Quarantine.objects.get()
    with pytest.raises(NotPermitted):
        services.decide_quarantine(quarantine=apart, fit=False, by=hands(of), now=NOW)
    owner = staff("partner_admin", partner_id=held.owner_id)
    services.decide_quarantine(quarantine=apart, fit=False, by=owner, now=NOW)
    assert Balance.objects.get(location=of.location).on_hand == 0
    assert queries.wastage(NOW, NOW + timedelta(days=1))["cold-chain"] == 4
    assert faults() == []


def test_thawed_doses_have_a_shorter_life() -> None:
    of = session(of="moderna", quotas={Channel.WALK_IN: 5})
    held, by = lot_of(of), hands(of)
    services.log_storage(lot=held, location=of.location, tenths_celsius=40, thawed=True, by=by, now=NOW)
    held.refresh_from_db()
    assert held.thawed_until_date == date(2021, 7, 12) + timedelta(days=30)
    assert Quarantine.objects.count() == 0


def test_count_changes_the_books_with_an_explanation_only() -> None:
    of = session(doses=10)
    held, by = lot_of(of), hands(of)
    count = {"lot": held, "location": of.location, "by": by, "now": NINE}
    with pytest.raises(errors.CountRefused) as refused, transaction.atomic():
        services.count_stock(counted=9, **count)
    assert refused.value.details["expected"] == 10
    services.count_stock(counted=9, explanation="unrecorded-loss", **count)
    services.count_stock(counted=11, explanation="vial-size", **count)
    assert Balance.objects.get(location=of.location).on_hand == 11
    assert services.count_stock(counted=11, **count).movement is None
    assert faults() == []


def test_shipment_that_comes_short_loses_doses_with_a_reason() -> None:
    place, of, held = store(), session(doses=0), lot()
    services.receive_doses(lot=held, location=place, doses=10, by=SYSTEM, now=NOW)
    shipment = services.send_doses(
        lot=held, source=place, target=of.location, doses=10, arrives_date=DAY, by=SYSTEM, now=NOW
    )
    services.receive_shipment(shipment=shipment, doses=8, by=hands(of), now=NINE)
    assert queries.wastage(NOW, NINE + timedelta(hours=1))["lost"] == 2
    assert Balance.objects.get(location=of.location).on_hand == 8
    assert faults() == []


def test_expired_doses_are_written_off_wherever_they_are() -> None:
    place = store()
    old, good = lot(6, at=place, expires=date(2021, 7, 13)), lot(3, at=place)
    assert services.write_off_expired(by=SYSTEM, now=NOW) == []
    (gone,) = services.write_off_expired(by=SYSTEM, now=NINE)
    assert (gone.lot, gone.doses, gone.reason) == (old, 6, "expired")
    assert [balance.lot_id for balance in queries.fefo(place, product(), DAY)] == [good.pk]
    assert Movement.objects.filter(reason="expiry").count() == 1
    assert faults() == []
    with pytest.raises(errors.LotRefused):
        lot(expires=date(2021, 7, 12))


def test_serious_event_alerts_coordinators_and_is_due_tomorrow() -> None:
    dose = give(session(quotas={Channel.WALK_IN: 1}), recipient())
    coordinator = UserFactory(person=recipient(email="posko@contoh.example").person)
    MembershipFactory(user=coordinator, role="coordinator")
    assert dose.session is not None
    by = hands(dose.session)
    event = {"dose": dose, "onset_at": NINE, "by": by, "now": NINE}
    mild = services.report_adverse_event(kind=AdverseKind.FEVER, serious=False, **event)
    assert (mild.serious, mild.due_date, Message.objects.count()) == (False, DAY + timedelta(days=7), 0)
    grave = services.report_adverse_event(kind=AdverseKind.ANAPHYLAXIS, serious=False, **event)
    assert (grave.serious, grave.due_date) == (True, DAY + timedelta(days=1))
    assert Message.objects.get().context == {"case": grave.pk}
    with pytest.raises(Refused):
        services.report_adverse_event(
            dose=dose, kind=AdverseKind.FEVER, serious=False, onset_at=NOW, by=by, now=NINE
        )
    followed = services.follow_up_adverse_event(event=grave, outcome=Outcome.RECOVERING, by=by, now=NINE)
    assert followed.state == "followed"
    with pytest.raises(Refused):
        services.close_adverse_event(event=grave, outcome=Outcome.RECOVERING, by=by, now=NINE)
    closed = services.close_adverse_event(event=grave, outcome=Outcome.RECOVERED, by=by, now=NINE)
    assert closed.state == "closed"


def test_observation_ends_after_its_time() -> None:
    dose = give(session(quotas={Channel.WALK_IN: 1}), recipient())
    assert dose.session is not None
    by = hands(dose.session)
    with pytest.raises(errors.ObservationRunning):
        services.end_observation(dose=dose, by=by, now=NINE + timedelta(minutes=14))
    assert services.end_observation(dose=dose, by=by, now=NINE + timedelta(minutes=15)).observed_at


def test_misattributed_dose_moves_to_the_right_person_and_stays_to_be_seen() -> None:
    wrong, right = recipient(), recipient()
    dose = give(session(quotas={Channel.WALK_IN: 1}), wrong)
    assert dose.session is not None
    owner = dose.session.facility
    correction = services.open_correction(
        kind=CorrectionKind.MISATTRIBUTED_DOSE, owner=owner, dose=dose, by=staff("verifier"), now=NINE
    )
    assert correction.due_date == DAY + timedelta(days=3)
    by = staff("partner_member", partner_id=owner.pk)
    with pytest.raises(errors.CorrectionIncomplete), transaction.atomic():
        services.resolve_correction(correction=correction, by=by, now=NINE)
    done = services.resolve_correction(correction=correction, right_recipient=right, by=by, now=NINE)
    assert done.resulting_dose is not None
    assert (done.resulting_dose.recipient, done.resulting_dose.replaces) == (right, dose)
    assert queries.doses_of_lot(dose.lot)[0].recipient_id == right.pk  # type: ignore[arg-type]
    dose.refresh_from_db()
    assert dose.state == "entered-in-error"
    assert faults() == []
    with pytest.raises(NotPermitted):
        services.resolve_correction(correction=correction, by=Actor.visitor(), now=NINE)


def test_wrong_nik_is_corrected_by_the_owner() -> None:
    who = recipient(nik="3171014107900001")
    office = store().site.partner  # type: ignore[union-attr]
    correction = services.open_correction(
        kind=CorrectionKind.WRONG_IDENTITY, owner=office, recipient=who, by=staff("rw_head"), now=NINE
    )
    by = staff("partner_member", partner_id=office.pk)
    services.resolve_correction(
        correction=correction, changes={"nik": "3171014107900008"}, birth_date="1990-01-02", by=by, now=NINE
    )
    who.refresh_from_db()
    assert who.birth_date == date(1990, 1, 2)
    from kolaborasi.people.queries import find_by_nik

    assert (find_by_nik("3171014107900008"), find_by_nik("3171014107900001")) == (who.pk, None)
