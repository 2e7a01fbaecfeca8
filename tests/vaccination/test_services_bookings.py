"""A booking takes slot and dose together; quotas fall back; eligibility and identity are checked."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import transaction

from kolaborasi.audit.models import AuditEntry
from kolaborasi.commitments.queries import checks
from kolaborasi.common.actors import Actor, Role
from kolaborasi.common.errors import NotPermitted
from kolaborasi.common.lifecycle import WrongState
from kolaborasi.events.models import Event
from kolaborasi.messages.models import Message
from kolaborasi.partners.errors import PartnerNotActive
from kolaborasi.people.models import Person
from kolaborasi.people.services import Identity
from kolaborasi.stock.models import Balance
from kolaborasi.vaccination import errors, queries, services
from kolaborasi.vaccination.models import Booking, EndReason, Recipient, SlotQuota
from kolaborasi.vaccination.rules import Channel
from kolaborasi.vaccination.services import ListedPerson
from tests.conftest import NOW
from tests.factories import PartnerFactory
from tests.vaccination.factories import DAY, NINE, hands, kelurahan, lot, recipient, session, slot

pytestmark = pytest.mark.django_db
VISITOR = Actor.visitor()
LIST = Actor.system("list")
NIK = "3171014107900001"
BORN = date(1990, 7, 1)


def numbers() -> tuple[int, int, int]:
    """Bookings, places promised, doses promised."""
    return (
        Booking.objects.count(),
        sum(SlotQuota.objects.values_list("committed", flat=True)),
        sum(Balance.objects.values_list("committed", flat=True)),
    )


def test_booking_takes_a_place_and_a_dose_and_is_on_record() -> None:
    of = session()
    booked = services.book(recipient=recipient(), slot=slot(of), by=VISITOR, now=NOW)
    booking = queries.booking_by_link(booked.token)
    assert (booking.state, booking.dose_number, booking.channel) == ("confirmed", 1, "booking")
    assert numbers() == (1, 1, 1)
    assert AuditEntry.objects.get(verb="vaccination.book").subject_id == str(booking.pk)
    assert Event.objects.get(name="vaccination.booked").data["session"] == of.pk
    assert [fault for check in checks() for fault in check.faults] == []


def test_reachable_person_is_told_with_a_link_and_without_a_name() -> None:
    booked = services.book(
        recipient=recipient(email="warga@contoh.example"), slot=slot(session()), by=VISITOR, now=NOW
    )
    message = Message.objects.get()
    assert message.context["link"] == f"/vaccination/b/{booked.token}/"
    assert (message.context["date"], message.context["time"]) == ("13.07.2021", "09:00")
    assert "Contoh" not in str({**message.context, "site": ""})


def test_second_booking_of_a_person_is_refused() -> None:
    who = recipient()
    first = services.book(recipient=who, slot=slot(session()), by=VISITOR, now=NOW)
    with pytest.raises(errors.AlreadyBooked) as refused:
        services.book(recipient=who, slot=slot(session()), by=VISITOR, now=NOW)
    assert refused.value.details["booking"] == first.booking.pk
    assert numbers() == (1, 1, 1)


def test_no_dose_no_booking_although_places_are_left() -> None:
    of = session(doses=1)
    services.book(recipient=recipient(), slot=slot(of), by=VISITOR, now=NOW)
    with pytest.raises(errors.NoDoseLeft):
        services.book(recipient=recipient(), slot=slot(of), by=VISITOR, now=NOW)
    assert numbers() == (1, 1, 1)


def test_no_place_no_booking_although_doses_are_left() -> None:
    of = session(quotas={Channel.BOOKING: 1})
    services.book(recipient=recipient(), slot=slot(of), by=VISITOR, now=NOW)
    with pytest.raises(errors.SlotFull):
        services.book(recipient=recipient(), slot=slot(of), by=VISITOR, now=NOW)
    assert numbers() == (1, 1, 1)


def test_doses_surely_arriving_by_the_day_can_be_booked_and_later_ones_cannot() -> None:
    of, held = session(doses=0), lot()
    from tests.vaccination.factories import SYSTEM, store

    place = store()
    services.receive_doses(lot=held, location=place, doses=10, by=SYSTEM, now=NOW)
    send = {"lot": held, "source": place, "target": of.location, "by": SYSTEM, "now": NOW}
    services.send_doses(**send, doses=5, arrives_date=DAY)
    services.book(recipient=recipient(), slot=slot(of), by=VISITOR, now=NOW)
    late = lot(at=place, doses=5)
    services.send_doses(
        lot=late,
        source=place,
        target=of.location,
        doses=5,
        arrives_date=DAY + timedelta(days=1),
        by=SYSTEM,
        now=NOW,
    )
    for _person in range(4):
        services.book(recipient=recipient(), slot=slot(of), by=VISITOR, now=NOW)
    with pytest.raises(errors.NoDoseLeft):
        services.book(recipient=recipient(), slot=slot(of), by=VISITOR, now=NOW)
    assert numbers() == (5, 5, 5)


def test_lot_that_expires_first_is_promised_first() -> None:
    of = session(doses=0)
    later, sooner = lot(expires=date(2021, 12, 1)), lot(expires=date(2021, 8, 1))
    for each in (later, sooner):
        services.receive_doses(lot=each, location=of.location, doses=1, by=Actor.system("test"), now=NOW)
    made = services.book(recipient=recipient(), slot=slot(of), by=VISITOR, now=NOW)
    assert made.booking.balance.pk == Balance.objects.get(lot=sooner.pk).pk


@pytest.mark.parametrize(
    ("birth", "fault"), [(date(2015, 1, 1), "under-age"), (date(2022, 1, 1), "birth-date-in-the-future")]
)
def test_too_young_is_refused_with_a_word_and_changes_nothing(birth: date, fault: str) -> None:
    with pytest.raises(errors.NotEligible) as refused:
        services.book(recipient=recipient(birth), slot=slot(session()), by=VISITOR, now=NOW)
    assert refused.value.details["faults"] == [fault]
    assert numbers() == (0, 0, 0)


def test_returner_takes_walk_in_places_and_booker_does_not_yet() -> None:
    of = session(quotas={Channel.WALK_IN: 5})
    with pytest.raises(errors.SlotFull):
        services.book(recipient=recipient(), slot=slot(of), by=VISITOR, now=NOW)
    services.book(recipient=recipient(), slot=slot(of), by=VISITOR, now=NOW, channel=Channel.RETURNING)
    services.book(recipient=recipient(), slot=slot(of), by=VISITOR, now=NINE - timedelta(hours=2))
    assert set(Booking.objects.values_list("quota__channel", flat=True)) == {"walk-in"}


def test_session_for_residents_takes_only_them() -> None:
    home, other = kelurahan(), kelurahan()
    of = session(residents_of=home)
    with pytest.raises(errors.ResidentsOnly):
        services.book(recipient=recipient(residence=other), slot=slot(of), by=VISITOR, now=NOW)
    services.book(recipient=recipient(residence=home), slot=slot(of), by=VISITOR, now=NOW)
    assert numbers() == (1, 1, 1)


def test_planned_past_or_frozen_session_takes_nobody() -> None:
    with pytest.raises(errors.SessionNotOpen):
        services.book(recipient=recipient(), slot=slot(session(open_=False)), by=VISITOR, now=NOW)
    of = session()
    with pytest.raises(errors.SlotOver):
        services.book(recipient=recipient(), slot=slot(of), by=VISITOR, now=NINE + timedelta(hours=1))
    type(of.facility).objects.filter(pk=of.facility_id).update(state="frozen", reason="safety")
    with pytest.raises(PartnerNotActive):
        services.book(recipient=recipient(), slot=slot(of), by=VISITOR, now=NOW)
    assert numbers() == (0, 0, 0)


def test_cancelled_booking_gives_place_and_dose_back() -> None:
    booked = services.book(recipient=recipient(), slot=slot(session()), by=VISITOR, now=NOW)
    ended = services.cancel_booking(booking=booked.booking, by=VISITOR, now=NOW)
    assert (ended.state, ended.end_reason, ended.ended_at) == ("released", "cancelled", NOW)
    assert numbers() == (1, 0, 0)
    with pytest.raises(WrongState), transaction.atomic():
        services.cancel_booking(booking=booked.booking, by=VISITOR, now=NOW)


def test_rescheduled_booking_keeps_its_link_and_leaves_nothing_behind() -> None:
    first, second = session(doses=1), session(doses=1)
    booked = services.book(recipient=recipient(), slot=slot(first), by=VISITOR, now=NOW)
    services.reschedule(booking=booked.booking, slot=slot(second), by=VISITOR, now=NOW)
    moved = queries.booking_by_link(booked.token)
    assert (moved.session_id, moved.quota.slot.session_id) == (second.pk, second.pk)
    assert numbers() == (1, 1, 1)
    services.book(recipient=recipient(), slot=slot(first), by=VISITOR, now=NOW)
    assert [fault for check in checks() for fault in check.faults] == []


def test_rescheduling_within_a_full_session_keeps_the_own_dose() -> None:
    of = session(doses=1, windows=2)
    booked = services.book(recipient=recipient(), slot=slot(of), by=VISITOR, now=NOW)
    services.reschedule(booking=booked.booking, slot=of.slots.all()[1], by=VISITOR, now=NOW)
    assert queries.booking_by_link(booked.token).quota.slot.starts_at == NINE + timedelta(hours=1)
    assert numbers() == (1, 1, 1)


def test_rescheduling_to_a_full_session_changes_nothing() -> None:
    first, full = session(), session(doses=0)
    booked = services.book(recipient=recipient(), slot=slot(first), by=VISITOR, now=NOW)
    with pytest.raises(errors.NoDoseLeft):
        services.reschedule(booking=booked.booking, slot=slot(full), by=VISITOR, now=NOW)
    assert queries.booking_by_link(booked.token).session_id == first.pk


def test_no_show_is_marked_once_the_window_is_long_over() -> None:
    of = session()
    services.book(recipient=recipient(), slot=slot(of), by=VISITOR, now=NOW)
    by, hour = hands(of), timedelta(hours=1)
    ended_at = NINE + hour
    assert services.mark_no_shows(session=of, by=by, now=ended_at, after=hour) == []
    (missed,) = services.mark_no_shows(session=of, by=by, now=ended_at + hour, after=hour)
    assert missed.end_reason == EndReason.NO_SHOW
    assert numbers() == (1, 0, 0)
    with pytest.raises(NotPermitted):
        services.mark_no_shows(session=of, by=VISITOR, now=ended_at + hour, after=hour)


def test_reminder_goes_out_once() -> None:
    services.book(
        recipient=recipient(email="warga@contoh.example"), slot=slot(session()), by=VISITOR, now=NOW
    )
    system = Actor.system("reminders")
    assert services.send_reminders(by=system, now=NINE - timedelta(hours=25)) == 0
    assert services.send_reminders(by=system, now=NINE - timedelta(hours=23)) == 1
    assert services.send_reminders(by=system, now=NINE - timedelta(hours=22)) == 0


def enrol(**change: object) -> Recipient:
    values = {
        "identity": Identity(name="Budi Contoh", nik=NIK),
        "birth_date": BORN,
        "by": LIST,
        "now": NOW,
    }
    return services.enrol(**{**values, **change})  # type: ignore[arg-type]


def test_person_with_a_nik_is_enrolled_once() -> None:
    first = enrol()
    assert (first.identified_by, first.sex, first.group) == ("nik", "female", "stage3")
    assert enrol(identity=Identity(name="budi  contoh", nik=NIK)).pk == first.pk
    assert Person.objects.count() == 1


def test_number_of_somebody_else_is_refused_and_only_an_officer_learns_whose_record_it_is() -> None:
    first = enrol()
    with pytest.raises(errors.NikOfSomebodyElse) as refused:
        enrol(identity=Identity(name="Siti Contoh", nik=NIK))
    assert refused.value.details == {}
    officer = Actor.user(1, (Role("verifier"),))
    with pytest.raises(errors.NikOfSomebodyElse) as refused:
        enrol(birth_date=date(1990, 7, 2), card_seen=True, by=officer)
    assert refused.value.details == {"recipient": str(first.pk)}
    assert Recipient.objects.count() == 1


def test_nik_with_another_birth_date_is_refused_unless_an_officer_saw_the_card() -> None:
    with pytest.raises(errors.NikDoesNotFit):
        enrol(birth_date=date(1990, 7, 2))
    with pytest.raises(errors.NikDoesNotFit):
        enrol(birth_date=date(1990, 7, 2), card_seen=True)
    assert Person.objects.count() == 0
    officer = Actor.user(1, (Role("verifier"),))
    assert enrol(birth_date=date(1990, 7, 2), card_seen=True, by=officer).birth_date == date(1990, 7, 2)


def test_somebody_without_papers_needs_a_word() -> None:
    with pytest.raises(errors.NoPapers):
        enrol(identity=Identity(name="Tanpa Nama"))
    shelter = PartnerFactory()
    with pytest.raises(NotPermitted):
        enrol(identity=Identity(name="Tanpa Nama"), vouched_by=shelter)
    worker = Actor.user(1, (Role("partner_member", shelter.pk),))
    made = enrol(identity=Identity(name="Tanpa Nama"), vouched_by=shelter, by=worker)
    assert (made.identified_by, made.vouched_by) == ("word", shelter)


def test_list_is_booked_line_by_line_and_says_why_not() -> None:
    of = session(quotas={Channel.COLLECTIVE: 2}, windows=2, doses=3)
    people = [
        ListedPerson(Identity(name=f"Warga {n}", passport=f"X{n:06d}"), date(1990, 1, 1)) for n in range(4)
    ]
    people[1] = ListedPerson(Identity(name="Anak", passport="X999999"), date(2019, 1, 1))
    people.append(ListedPerson(Identity(name="Tanpa"), date(1990, 1, 1)))
    result = services.book_collective(session=of, people=people, by=hands(of), now=NOW)
    assert sorted(result.booked) == [1, 3, 4]
    assert {line: refusal.code for line, refusal in result.refused.items()} == {
        2: "not-eligible",
        5: "no-papers",
    }
    assert numbers() == (3, 3, 3)
    with pytest.raises(NotPermitted):
        services.book_collective(session=of, people=people, by=VISITOR, now=NOW)


def test_names_are_seen_by_those_who_receive_the_person_and_each_look_is_on_record() -> None:
    of, booked, other = session(), recipient(name="Warga Satu"), recipient(name="Warga Dua")
    services.book(recipient=booked, slot=slot(of), by=VISITOR, now=NOW)
    with pytest.raises(NotPermitted):
        services.see_recipients(session=of, recipients=[booked], by=hands(session()), now=NOW)
    seen = services.see_recipients(session=of, recipients=[booked, other], by=hands(of), now=NOW)
    assert seen == {booked.pk: {"name": "Warga Satu"}}
    assert AuditEntry.objects.filter(verb="people.look").count() == 1
