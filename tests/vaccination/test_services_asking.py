"""People ask without an account; whoever types in a number learns nothing about it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import translation

from kolaborasi.audit.models import AuditEntry
from kolaborasi.commitments.errors import HoldExpired, WrongState
from kolaborasi.common.actors import Actor, Role
from kolaborasi.common.errors import NotPermitted
from kolaborasi.messages.models import Message
from kolaborasi.messages.rendering import render
from kolaborasi.people.models import Person
from kolaborasi.people.queries import address_of, is_confirmed
from kolaborasi.people.services import Identity
from kolaborasi.vaccination import errors, queries, services
from kolaborasi.vaccination.models import Booking, Recipient, ScheduleRule, SlotQuota, Visit, WaitingWish
from kolaborasi.vaccination.passes import PASS_LIFE, card_pass, recipient_of_pass
from kolaborasi.vaccination.rules import MOST_ASKED, MOST_TOLD, Channel
from kolaborasi.vaccination.services import Applicant
from tests.conftest import NOW
from tests.factories import KelurahanFactory, person, staff
from tests.vaccination.factories import NINE, SYSTEM, hands, product, recipient, session, slot

pytestmark = pytest.mark.django_db
VISITOR = Actor.visitor()
NIK, BORN = "3171014107900001", date(1990, 7, 1)
CONTACT = "budi@contoh.example"


def applicant(**change: Any) -> Applicant:
    known = {"name": "Budi Contoh", "nik": NIK, "email": CONTACT, **change}
    born = known.pop("born", BORN)
    more = {name: known.pop(name) for name in ("residence", "person") if name in known}
    return Applicant(Identity(**known), born, **more)


def ask(of: Any, **change: Any) -> None:
    services.ask_to_book(applicant=applicant(**change), slot=slot(of), by=VISITOR, now=NOW)


def on_record(**change: Any) -> Recipient:
    identity = Identity(**{"name": "Budi Contoh", "nik": NIK, "email": CONTACT, **change})
    return services.enrol(identity=identity, birth_date=BORN, by=SYSTEM, now=NOW)


def token() -> str:
    link = str(Message.objects.latest("pk").context["link"])
    return link.removeprefix("/vaccination/b/").rstrip("/")


def committed() -> int:
    return sum(SlotQuota.objects.values_list("committed", flat=True))


def test_somebody_new_holds_a_place_for_an_hour_and_confirms_by_the_link() -> None:
    ask(session())
    booking = Booking.objects.get()
    assert (booking.state, booking.held_until, committed()) == ("held", NOW + timedelta(hours=1), 1)
    message = Message.objects.get()
    assert (message.template, address_of(message.recipient, "email")) == ("vaccination_confirm", CONTACT)
    found = queries.booking_by_link(token())
    services.confirm_booking(booking=found, by=VISITOR, now=NOW + timedelta(minutes=59))
    booking.refresh_from_db()
    assert booking.state == "confirmed"
    assert is_confirmed(booking.recipient_id, "email")
    with pytest.raises(WrongState):
        services.confirm_booking(booking=booking, by=VISITOR, now=NOW)


def test_unconfirmed_place_is_given_back_after_an_hour() -> None:
    ask(session())
    late = NOW + timedelta(hours=1)
    with pytest.raises(HoldExpired):
        services.confirm_booking(booking=Booking.objects.get(), by=VISITOR, now=late)
    assert committed() == 1
    services.expire_offers(by=SYSTEM, now=late)
    assert (Booking.objects.get().state, committed()) == ("expired", 0)


def test_known_person_is_sent_the_link_at_the_contact_on_record_and_nowhere_else() -> None:
    on_record()
    ask(session(), email="lain@contoh.example")
    message = Message.objects.get()
    assert address_of(message.recipient, "email") == CONTACT
    assert Person.objects.count() == 1


@pytest.mark.parametrize(
    "said",
    [
        {"name": "Siti Contoh"},
        {"passport": "C1234567", "nik": "", "born": date(1991, 7, 1)},
    ],
)
def test_somebody_who_is_not_the_one_on_record_gets_no_booking_and_is_told_nothing(
    said: dict[str, Any],
) -> None:
    services.enrol(
        identity=Identity(name="Budi Contoh", nik=NIK, passport="C1234567", email=CONTACT),
        birth_date=BORN,
        by=SYSTEM,
        now=NOW,
    )
    ask(session(), email="lain@contoh.example", **said)
    assert (Booking.objects.count(), Message.objects.count(), committed()) == (0, 0, 0)
    assert Recipient.objects.count() == 1
    assert AuditEntry.objects.filter(verb="vaccination.ask_to_book").count() == 1


def test_booked_person_is_told_at_their_own_contact_and_nothing_is_held() -> None:
    who = on_record()
    services.book(recipient=who, slot=slot(session()), by=SYSTEM, now=NOW)
    ask(session(), email="lain@contoh.example")
    assert committed() == 1
    message = Message.objects.latest("pk")
    assert (message.template, message.recipient, message.context["reason"]) == (
        "vaccination_not_booked",
        who.pk,
        "already-booked",
    )
    assert "Dosis berikutnya sudah" in render(message).body


def test_dose_given_too_lately_is_told_by_message_alone() -> None:
    who = on_record()
    services.record_elsewhere(
        recipient=who,
        product=product(),
        number=1,
        given_at=NOW - timedelta(days=3),
        lot_code="LOT1",
        by=staff("verifier"),
        now=NOW,
    )
    ask(session())
    assert committed() == 0
    assert Message.objects.latest("pk").context["reason"] == "too-early"


def test_second_wish_takes_the_place_of_the_first() -> None:
    first, second = session(), session()
    ask(first)
    ask(second)
    assert list(Booking.objects.order_by("pk").values_list("session", "state")) == [
        (first.pk, "released"),
        (second.pk, "held"),
    ]
    assert committed() == 1


def test_returner_holds_a_place_kept_for_returners() -> None:
    who = on_record()
    services.record_elsewhere(
        recipient=who,
        product=product(),
        number=1,
        given_at=NOW - timedelta(days=40),
        lot_code="LOT1",
        by=staff("verifier"),
        now=NOW,
    )
    ask(session(quotas={Channel.RETURNING: 1}))
    assert Booking.objects.get().channel == "returning"


def test_vaccine_that_is_for_children_only_is_refused_to_adults_in_words() -> None:
    of = session()
    ScheduleRule.objects.filter(product=of.product).update(max_age=30)
    with translation.override("id"), pytest.raises(errors.NotEligible) as refused:
        ask(of)
    assert refused.value.details["faults"] == ["over-age"]
    assert "Usia sudah melewati batas" in str(refused.value.message)
    assert (Booking.objects.count(), committed()) == (0, 0)
    ScheduleRule.objects.filter(product=of.product, number=2).update(max_age=None)
    ask(of)
    # Who may come for a second dose is on record: nothing is said, and a first dose holds no place.
    assert (Booking.objects.count(), committed()) == (0, 0)


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"born": date(1991, 7, 1)}, errors.NikDoesNotFit),
        ({"nik": "", "name": "Tanpa Nama"}, errors.NoPapers),
        ({"email": ""}, errors.NoContactGiven),
        ({"nik": "3171010107200001", "born": date(2020, 7, 1)}, errors.NotEligible),
    ],
)
def test_what_can_be_refused_without_a_record_is_refused_in_words(
    said: dict[str, Any], why: type[Exception]
) -> None:
    of = session()
    with pytest.raises(why):
        ask(of, **said)
    assert (Person.objects.count(), committed(), Message.objects.count()) == (0, 0, 0)


def test_session_for_residents_asks_where_somebody_lives() -> None:
    home, elsewhere = KelurahanFactory(), KelurahanFactory()
    of = session(residents_of=home)
    with pytest.raises(errors.ResidentsOnly):
        ask(of, residence=elsewhere)
    assert Person.objects.count() == 0
    ask(of, residence=home)
    assert committed() == 1


def test_full_slot_is_refused_to_everybody_alike() -> None:
    of = session(quotas={Channel.BOOKING: 1})
    services.book(recipient=recipient(), slot=slot(of), by=SYSTEM, now=NOW)
    people = Person.objects.count()
    with pytest.raises(errors.SlotFull):
        ask(of)
    assert Person.objects.count() == people
    on_record()
    with pytest.raises(errors.SlotFull):
        ask(of)


def test_one_contact_holds_five_unconfirmed_bookings_and_no_more() -> None:
    of = session()
    for number in range(MOST_ASKED):
        ask(of, nik=f"317101410790000{number + 1}")
    with pytest.raises(errors.TooManyAsked):
        ask(of, nik="3171014107900009")
    assert committed() == MOST_ASKED


def test_person_is_told_few_times_an_hour_whoever_types_in_their_number() -> None:
    on_record()
    of = session()
    for _time in range(MOST_TOLD + 2):
        ask(of)
    assert Message.objects.count() == MOST_TOLD


def test_account_becomes_the_recipient_of_a_new_number() -> None:
    own = person(name="", email="warga.akun@contoh.example")
    ask(session(), person=own, email="")
    assert Booking.objects.get().recipient_id == own.pk
    assert Person.objects.count() == 1


def test_visitor_may_not_enrol_and_so_learns_of_no_number() -> None:
    with pytest.raises(NotPermitted):
        services.enrol(identity=Identity(name="Budi", nik=NIK), birth_date=BORN, by=VISITOR, now=NOW)
    resident = Actor.user(1, ())
    with pytest.raises(NotPermitted):
        services.enrol(identity=Identity(name="Budi", nik=NIK), birth_date=BORN, by=resident, now=NOW)
    assert Person.objects.count() == 0
    helper = Actor.user(1, (Role("partner_member", 1),))
    assert services.enrol(identity=Identity(name="Budi", nik=NIK), birth_date=BORN, by=helper, now=NOW)


def test_wish_is_kept_once_and_its_owner_is_sent_the_link() -> None:
    place = KelurahanFactory()
    for _time in range(2):
        services.ask_to_wait(applicant=applicant(), place=place, by=VISITOR, now=NOW)
    assert WaitingWish.objects.count() == 1
    links = [message.context["link"] for message in Message.objects.filter(template="vaccination_waiting")]
    who = Recipient.objects.get()
    assert [recipient_of_pass(link.split("/")[3], now=NOW) for link in links] == [who.pk, who.pk]


def test_card_link_goes_to_the_contact_on_record_when_the_birth_date_is_right() -> None:
    who = on_record()
    services.ask_for_card(identity=Identity(nik=NIK), birth_date=BORN, by=VISITOR, now=NOW)
    assert Message.objects.get().recipient == who.pk
    other = Identity(passport="C7654321")
    services.ask_for_card(identity=other, birth_date=BORN, by=VISITOR, now=NOW)
    assert Message.objects.count() == 1


def test_pass_opens_one_card_for_two_weeks_and_breaks_when_changed() -> None:
    who = recipient()
    text = card_pass(who.pk, now=NOW)
    assert who.pk.hex not in text
    assert recipient_of_pass(text, now=NOW + PASS_LIFE - timedelta(seconds=1)) == who.pk
    broken = [text[:-4], text[:10] + ("A" if text[10] != "A" else "B") + text[11:], "", "abc", "ä" * 40]
    for bad in broken:
        with pytest.raises(errors.CardLinkOver):
            recipient_of_pass(bad, now=NOW)
    with pytest.raises(errors.CardLinkOver):
        recipient_of_pass(text, now=NOW + PASS_LIFE)


def test_offer_of_the_waiting_list_is_accepted_by_the_same_link() -> None:
    of = session()
    who = recipient(email=CONTACT)
    services.join_waiting_list(recipient=who, place=of.site.place, by=SYSTEM, now=NOW)
    offers = services.offer_freed_slots(by=SYSTEM, now=NOW)
    services.confirm_booking(booking=offers[0].booking, by=VISITOR, now=NOW)
    assert (WaitingWish.objects.get().state, Booking.objects.get().state) == ("booked", "confirmed")


def test_reminder_and_dose_lead_to_the_card() -> None:
    who = recipient(email=CONTACT)
    services.book(recipient=who, slot=slot(session()), by=SYSTEM, now=NOW)
    services.send_reminders(by=SYSTEM, now=NINE - timedelta(hours=2))
    link = str(Message.objects.get(template="vaccination_reminder").context["link"])
    assert recipient_of_pass(link.split("/")[3], now=NINE) == who.pk


def test_somebody_at_the_door_needs_not_follow_the_link() -> None:
    of = session()
    ask(of)
    visit = services.check_in(session=of, recipient=Recipient.objects.get(), by=hands(of), now=NOW)
    assert (visit.booking, Booking.objects.get().state) == (Booking.objects.get(), "confirmed")


def test_somebody_at_the_door_takes_an_offer_up() -> None:
    of = session()
    who = recipient(email=CONTACT)
    services.join_waiting_list(recipient=who, place=of.site.place, by=SYSTEM, now=NOW)
    services.offer_freed_slots(by=SYSTEM, now=NOW)
    services.check_in(session=of, recipient=who, by=hands(of), now=NOW)
    assert (WaitingWish.objects.get().state, Booking.objects.get().state) == ("booked", "confirmed")


def test_somebody_at_the_door_too_late_to_confirm_gets_no_number() -> None:
    of = session()
    ask(of)
    with pytest.raises(HoldExpired):
        services.check_in(
            session=of, booking=Booking.objects.get(), by=hands(of), now=NOW + timedelta(hours=1)
        )
    assert (Visit.objects.count(), Booking.objects.get().state) == (0, "held")
