"""Vaccination over the API: sessions, bookings, the day of a session, supply, plans, corrections, certificates."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

from django.utils.timezone import localdate, localtime

from kolaborasi.audit.models import AuditEntry
from kolaborasi.common.clock import utc_now
from kolaborasi.messages.models import Message
from kolaborasi.partners.models import PartnerKind, SiteKind
from kolaborasi.people.models import User
from kolaborasi.places.models import PlaceCode
from kolaborasi.stock.models import Balance
from kolaborasi.vaccination import services
from kolaborasi.vaccination.facts import questions
from kolaborasi.vaccination.models import Booking, Certificate, Dose, Recipient, Session, VaccineLot
from kolaborasi.vaccination.rules import Channel
from tests.api.conftest import Api, Member, person, secret_of
from tests.factories import KelurahanFactory, PartnerFactory, SiteFactory, UserFactory
from tests.support import assert_same_queries
from tests.vaccination.factories import SYSTEM, product, recipient, slot, store
from tests.vaccination.factories import lot as made_lot
from tests.vaccination.factories import session as made_session

KEY = "8e03978e-40d5-43dd-bc93-6894a57f9324"
V = "/vaccination"


def lot(doses: int = 0, **given: Any) -> VaccineLot:
    """A lot that is still good today."""
    return made_lot(doses, expires=localdate() + timedelta(days=100), **given)


def session(days: int = 1, **given: Any) -> Session:
    """A session of a coming day."""
    given.setdefault("with_lot", lot())
    return made_session(day=localdate() + timedelta(days=days), **given)


def hands(member: Member, of: Session) -> Api:
    """Somebody of the facility."""
    return member("partner_member", partner=of.facility)


def resident() -> tuple[Api, User]:
    """Somebody with an account whose person may be vaccinated."""
    user = UserFactory(person=person(email="warga@contoh.example", name="Warga Contoh"))
    made = recipient()
    type(made).objects.filter(pk=made.pk).delete()
    made.person, made.pk = user.person, user.person_id
    made.save(force_insert=True)
    return Api(secret_of(user)), user


def resident_of_nobody() -> Api:
    """Somebody with an account and no record."""
    return Api(secret_of(UserFactory(person=person(email="lain@contoh.example", name="Warga Lain"))))


def windows(of: Api, pk: int) -> int:
    return int(of.get(f"{V}/sessions/{pk}").json()["windows"][0]["id"])


def test_open_sessions_are_listed_with_places_and_doses_left(visitor: Api) -> None:
    of, other = session(doses=7), session(2, of="moderna", with_lot=lot(of="moderna"))
    planned = session(open_=False)
    listed = visitor.get(f"{V}/sessions").json()["items"]
    assert [(each["id"], each["places_left"], each["doses_left"]) for each in listed] == [
        (of.pk, 20, 7),
        (other.pk, 20, 20),
    ]
    assert [each["id"] for each in visitor.get(f"{V}/sessions?product=moderna").json()["items"]] == [other.pk]
    code = of.site.place.code
    assert [each["id"] for each in visitor.get(f"{V}/sessions?within={code}").json()["items"]] == [of.pk]
    page = visitor.get(f"{V}/sessions?limit=1").json()
    assert [each["id"] for each in visitor.get(page["next"]).json()["items"]] == [other.pk]
    assert visitor.get(f"{V}/sessions/{planned.pk}").json()["code"] == "not-there"
    assert visitor.get(f"{V}/sessions/mine").json()["code"] == "not-signed-in"


def test_session_list_asks_the_same_number_of_queries_for_any_number_of_rows(visitor: Api) -> None:
    assert_same_queries(1, ask=lambda: visitor.get(f"{V}/sessions"), add_row=session)


def test_session_is_planned_opened_changed_and_called_off(member: Member, visitor: Api) -> None:
    product()
    site = SiteFactory(kind=SiteKind.VACCINATION)
    owner, clinic = PartnerFactory(kind=PartnerKind.GOVERNMENT), PartnerFactory(kind=PartnerKind.CLINIC)
    caller = member("partner_admin", partner=clinic)
    begin = (localtime() + timedelta(days=1)).replace(hour=8, minute=0, second=0, microsecond=0)
    sent = {
        "site": site.pk,
        "kind": "fixed",
        "product": "coronavac",
        "date": begin.date().isoformat(),
        "parts": {"facility": clinic.pk, "vaccinator": clinic.pk, "stock_owner": owner.pk},
        "windows": [
            {
                "starts_at": begin.isoformat(),
                "ends_at": (begin + timedelta(hours=2)).isoformat(),
                "quotas": {"booking": 10},
            }
        ],
        "vaccinators": 1,
    }
    assert visitor.post(f"{V}/sessions", sent).json()["code"] == "not-signed-in"
    assert caller.post(f"{V}/sessions", sent, key=None).json()["code"] == "idempotency-key-missing"
    for _time in range(2):
        made = caller.post(f"{V}/sessions", sent, key=KEY)
        assert (made.status_code, made.json()["state"]) == (201, "planned")
    assert Session.objects.count() == 1
    pk, window = made.json()["id"], made.json()["windows"][0]["id"]
    assert made["Location"] == f"/api/v1/vaccination/sessions/{pk}"
    seen = caller.get(f"{V}/sessions/{pk}")
    assert caller.post(f"{V}/sessions/{pk}/open", If_Match=seen["ETag"]).json()["state"] == "open"
    change = {"window": window, "channel": "booking", "people": 4}
    stale = caller.post(f"{V}/sessions/{pk}/quotas", change, If_Match=seen["ETag"])
    assert (stale.status_code, stale.json()["code"]) == (412, "changed-since")
    changed = caller.post(f"{V}/sessions/{pk}/quotas", change).json()
    assert changed["windows"][0]["quotas"] == [{"channel": "booking", "people": 4, "promised": 0}]
    many = caller.post(f"{V}/sessions/{pk}/quotas", {**change, "people": 1_000}).json()
    assert (many["code"], many["faults"]) == ("session-refused", ["too-many"])
    text = caller.post(f"{V}/sessions/{pk}/quotas", {**change, "people": "4"})
    assert (text.status_code, text.json()["code"]) == (422, "invalid")
    stranger = member("partner_admin")
    more = {"vaccinators": 2, "minutes_per_dose": 6}
    assert stranger.post(f"{V}/sessions/{pk}/change", more).json()["code"] == "not-permitted"
    few = caller.post(f"{V}/sessions/{pk}/change", {"vaccinators": 1, "minutes_per_dose": 120}).json()
    assert (few["code"], few["faults"]) == ("session-refused", ["too-many"])
    assert caller.post(f"{V}/sessions/{pk}/change", more).status_code == 200
    assert Session.objects.values_list("vaccinators", "minutes_per_dose").get() == (2, 6)
    assert stranger.post(f"{V}/sessions/{pk}/cancel").json()["code"] == "not-permitted"
    assert caller.post(f"{V}/sessions/{pk}/cancel").json()["state"] == "cancelled"


def test_resident_books_moves_and_cancels(visitor: Api) -> None:
    of, later = session(doses=1), session(2)
    caller, _user = resident()
    window = windows(visitor, of.pk)
    assert visitor.post(f"{V}/me/bookings", {"window": window}).json()["code"] == "not-signed-in"
    for _time in range(2):
        made = caller.post(f"{V}/me/bookings", {"window": window}, key=KEY)
        assert (made.status_code, made.json()["state"], made.json()["dose"]) == (201, "confirmed", 1)
    link = made.json()["link"]
    assert Booking.objects.count() == 1
    assert caller.get(f"{V}/me").json()["record"]["booking"]["id"] == made.json()["id"]
    assert (
        caller.post(f"{V}/me/bookings", {"window": windows(visitor, later.pk)}).json()["code"]
        == "already-booked"
    )
    moved = visitor.post(f"{V}/bookings/{link}/move", {"window": windows(visitor, later.pk)})
    assert moved.json()["session"] == later.pk
    assert visitor.get(f"{V}/bookings/{link}").json()["session"] == later.pk
    assert visitor.post(f"{V}/bookings/{link}/cancel").json()["end_reason"] == "cancelled"
    assert visitor.post(f"{V}/bookings/{link}/cancel").status_code == 409
    assert visitor.get(f"{V}/bookings/{uuid4()}").json()["code"] == "booking-unknown"
    assert set(Balance.objects.values_list("committed", flat=True)) == {0}


def test_visitor_asks_and_learns_nothing_about_a_number(visitor: Api) -> None:
    of = session()
    applicant = {
        "name": "Warga Contoh",
        "passport": "CONTOH0001",
        "birth_date": "1990-05-17",
        "email": "warga@contoh.example",
    }
    sent = {"window": windows(visitor, of.pk), "applicant": applicant}
    asked = visitor.post(f"{V}/requests", sent)
    other = visitor.post(f"{V}/requests", {**sent, "applicant": {**applicant, "name": "Orang Lain"}})
    assert (asked.status_code, asked.json()) == (other.status_code, other.json()) == (202, {"done": True})
    assert list(Booking.objects.values_list("state", flat=True)) == ["held"]
    assert Message.objects.filter(template="vaccination_confirm").count() == 1
    enrol = {key: value for key, value in applicant.items() if key != "email"}
    assert visitor.post(f"{V}/recipients", enrol).json()["code"] == "not-signed-in"


def test_waiting_list_is_joined_once_and_left() -> None:
    caller, _user = resident()
    place = KelurahanFactory()
    PlaceCode.objects.get_or_create(place=place, scheme="kemendagri", defaults={"code": place.code})
    wish = {"place": {"scheme": "kemendagri", "code": place.code}}
    joined = caller.post(f"{V}/me/waiting", wish)
    assert (joined.status_code, joined.json()["position"]) == (201, 1)
    assert caller.post(f"{V}/me/waiting", wish).json()["code"] == "already-waiting"
    assert caller.get(f"{V}/me").json()["record"]["waiting"]["state"] == "waiting"
    assert caller.post(f"{V}/me/waiting/leave").json() == {"done": True}
    assert caller.post(f"{V}/me/waiting/leave").json()["code"] == "not-there"


def test_day_of_a_session_from_check_in_to_closing(member: Member) -> None:
    held = lot()
    of = session(0, doses=3, with_lot=held, quotas={Channel.WALK_IN: 10})
    caller, who = hands(member, of), recipient()
    base = f"{V}/sessions/{of.pk}"
    assert caller.post(f"{base}/check-ins", {}).json()["code"] == "who-came"
    came = caller.post(f"{base}/check-ins", {"recipient": str(who.pk)})
    assert (came.status_code, came.json()["number"]) == (201, 1)
    assert member("partner_member").get(f"{base}/queue").json()["code"] == "not-permitted"
    seen = caller.post(f"{base}/identities").json()["items"]
    assert [(each["recipient"], each["name"]) for each in seen] == [(str(who.pk), "Warga Contoh")]
    assert caller.post(f"{base}/call").json()["items"][0]["number"] == 1
    early = caller.post(f"{base}/queue/1/dose", {"lot": held.pk, "entry": "a1"})
    assert early.json()["code"] == "not-screened"
    answers = {each["code"]: False for each in caller.get(f"{V}/screening").json()["items"]}
    assert set(answers) == {question.code for question in questions()}
    half = caller.post(f"{base}/queue/1/screening", {"answers": {"fever": False}})
    assert half.json()["code"] == "answers-missing"
    assert caller.post(f"{base}/queue/1/screening", {"answers": answers}).json()["state"] == "screened"
    vial = caller.post(f"{base}/vials", {"lot": held.pk})
    assert vial.json()["code"] == "lot-refused"
    for _time in range(2):
        given = caller.post(f"{base}/queue/1/dose", {"lot": held.pk, "entry": "a1"})
        assert given.status_code == 201
    assert Dose.objects.count() == 1
    dose = given.json()["dose"]["id"]
    assert caller.post(f"{base}/doses/{dose}/go-home").json()["code"] == "observation-running"
    event = {"kind": "anaphylaxis", "onset_at": utc_now().isoformat(), "serious": False}
    reported = caller.post(f"{base}/doses/{dose}/adverse-events", event).json()
    assert (reported["serious"], reported["state"]) == (True, "reported")
    address = f"{V}/adverse-events/{reported['id']}"
    assert caller.post(f"{address}/close", {"outcome": "unknown"}).json()["code"] == "no-outcome"
    assert caller.post(f"{address}/close", {"outcome": "recovered"}).json()["state"] == "closed"
    assert len(caller.get(f"{V}/adverse-events").json()["items"]) == 1
    assert caller.post(f"{base}/close").json()["code"] == "still-booked"
    rest = {"location": of.location_id, "doses": 2, "reason": "open-vial"}
    assert caller.post(f"{V}/lots/{held.pk}/waste", rest).status_code == 200
    assert caller.post(f"{base}/close").json()["state"] == "closed"


def test_home_visit_has_the_address_of_who_is_booked(member: Member) -> None:
    who = recipient(address="Jalan Contoh 1", phone="081200000000")
    for of in (home := session(1), session(2)):
        Session.objects.filter(pk=of.pk).update(kind="home" if of is home else "fixed")
        booked = services.book(recipient=who, slot=slot(of), by=SYSTEM, now=utc_now())
        address = f"{V}/sessions/{of.pk}/identities"
        (seen,) = hands(member, of).post(address).json()["items"]
        assert seen["address"] == ("Jalan Contoh 1" if of is home else "")
        services.cancel_booking(booking=booked.booking, by=SYSTEM, now=utc_now())
    assert hands(member, of).post(address).json()["items"] == []


def test_lists_on_paper_and_of_an_rw_are_kept_line_by_line(member: Member) -> None:
    held, home = lot(), KelurahanFactory()
    of = session(1, doses=5, with_lot=held, quotas={Channel.COLLECTIVE: 5}, residents_of=home)
    caller = hands(member, of)
    people = [
        {"name": "Warga Contoh A", "passport": "CONTOH0001", "birth_date": "1990-05-17"},
        {"name": "Warga Contoh B", "passport": "CONTOH0001", "birth_date": "1991-05-17"},
    ]
    listed = caller.post(f"{V}/sessions/{of.pk}/list", {"people": people}).json()
    assert (listed["loaded"], listed["fine"], [each["line"] for each in listed["problems"]]) == (
        False,
        1,
        [2],
    )
    assert Booking.objects.count() == 0
    sent = {"people": people, "load_rest": True}
    assert caller.post(f"{V}/sessions/{of.pk}/list", sent).json()["loaded"] is True
    assert Booking.objects.count() == 1
    booked = caller.get(f"{V}/sessions/{of.pk}/bookings").json()["items"]
    assert [each["channel"] for each in booked] == ["collective"]
    today = session(0, doses=1, with_lot=held)
    paper = {"doses": [{"recipient": str(recipient().pk), "lot": held.pk, "given_at": utc_now().isoformat()}]}
    address = f"{V}/sessions/{today.pk}/paper"
    assert len(hands(member, today).post(address, paper).json()["items"]) == 1
    assert caller.post(address, paper).json()["code"] == "not-permitted"


def test_doses_move_from_the_supplier_to_a_session_and_a_recall_finds_them(member: Member) -> None:
    product()
    place = store()
    owner = place.site.partner  # type: ignore[union-attr]
    keeper, city = member("partner_admin", partner=owner), member("coordinator")
    new = {
        "product": "coronavac",
        "code": "cth101",
        "expires_date": (localdate() + timedelta(days=90)).isoformat(),
        "doses_per_vial": 10,
        "owner": owner.pk,
    }
    made = keeper.post(f"{V}/lots", new).json()
    assert (made["code"], made["state"]) == ("CTH101", "released")
    address = f"{V}/lots/{made['id']}"
    sent = {"location": place.pk, "doses": 100}
    for _time in range(2):
        received = keeper.post(f"{address}/receive", sent, key=KEY).json()["items"]
        assert [each["on_hand"] for each in received] == [100]
    of = session(1, doses=0)
    shipment = keeper.post(
        f"{address}/send",
        {**sent, "doses": 30, "target": of.location_id, "arrives_date": of.date.isoformat()},
    )
    assert shipment.status_code == 201
    too_many = keeper.post(f"{address}/move", {**sent, "doses": 71, "target": of.location_id}).json()
    assert too_many["code"] == "not-enough-on-hand"
    arrived = hands(member, of).post(f"{V}/shipments/{shipment.json()['id']}/receive", {"doses": 29})
    assert (arrived.json()["received"], arrived.json()["closed_at"] is not None) == (29, True)
    count = {"location": place.pk, "counted": 68}
    assert keeper.post(f"{address}/count", count).json()["code"] == "count-refused"
    assert keeper.post(f"{address}/count", {**count, "explanation": "unknown"}).status_code == 200
    reading = {"location": place.pk, "tenths_celsius": 120}
    assert keeper.post(f"{address}/readings", reading).status_code == 200
    (apart,) = keeper.get(f"{V}/quarantines").json()["items"]
    assert keeper.post(f"{V}/quarantines/{apart['id']}/decide", {"fit": True}).json()["fit"] is True
    assert keeper.post(f"{address}/recall", {"reason": "quality"}).json()["code"] == "not-permitted"
    assert city.post(f"{address}/recall", {"reason": "quality"}).json()["recall_reason"] == "quality"
    assert city.get(f"{address}/doses").json() == {"items": []}
    assert {each["on_hand"] for each in city.get(f"{address}/places").json()["items"]} == {68, 29}
    assert city.post(f"{address}/other-lots").json() == {"moved": 0, "left": 0}
    assert member("partner_member").get(f"{address}/doses").json()["code"] == "not-permitted"


def test_plan_is_proposed_and_decided_line_by_line(member: Member) -> None:
    city, place = member("coordinator"), store()
    lot(50, at=place)
    of = session(1, doses=0)
    for _who in range(3):
        services.join_waiting_list(recipient=recipient(), place=of.site.place, by=SYSTEM, now=utc_now())
    ask = {"store": place.pk, "starts_date": localdate().isoformat(), "days": 3}
    assert member("partner_admin").post(f"{V}/supply-plans", ask).json()["code"] == "not-permitted"
    plan = city.post(f"{V}/supply-plans", ask).json()
    (line,) = city.get(f"{V}/supply-plans/{plan['id']}/lines").json()["items"]
    assert (line["doses"], line["reasons"]["booked"]) == (3, 3)
    address = f"{V}/supply-plans/{plan['id']}/lines/{line['id']}"
    assert city.post(f"{address}/approve").json()["state"] == "approved"
    assert city.post(f"{address}/reject").status_code == 409
    assert Balance.objects.get(location=of.location).arriving == 3


def test_record_is_read_completed_corrected_and_certified(member: Member, visitor: Api) -> None:
    product()
    caller, user = resident()
    city = member("coordinator")
    pk = str(user.person_id)
    assert caller.get(f"{V}/recipients/{pk}").json()["doses"] == []
    assert city.get(f"{V}/recipients/{pk}").json()["doses"] == []
    assert caller.post(f"{V}/me/certificate").json()["code"] == "nothing-to-certify"
    elsewhere = {"product": "coronavac", "number": 1, "given_at": "2021-06-01T02:00:00Z", "lot": "X1"}
    dose = city.post(f"{V}/recipients/{pk}/doses", elsewhere).json()
    again = city.post(f"{V}/recipients/{pk}/doses", elsewhere).json()
    assert again["code"] == "dose-already-given"
    shown = caller.post(f"{V}/me/certificate").json()
    assert visitor.post(f"{V}/verify", {"card": shown["qr"]}).json()["holds"] is True
    assert visitor.post(f"{V}/verify", {"card": "shc:/1"}).json()["fault"]
    owner, right = PartnerFactory(kind=PartnerKind.GOVERNMENT), recipient()
    ask = {"kind": "misattributed-dose", "owner": owner.pk, "dose": dose["id"]}
    clinic = PartnerFactory(kind=PartnerKind.CLINIC)
    stranger = member("partner_admin", partner=clinic).post(f"{V}/corrections", {**ask, "owner": clinic.pk})
    assert (stranger.status_code, stranger.json()["code"]) == (422, "not-their-record")
    assert visitor.post(f"{V}/corrections", ask).json()["code"] == "not-signed-in"
    found = city.post(f"{V}/corrections", ask).json()
    address = f"{V}/corrections/{found['id']}"
    assert city.post(f"{address}/resolve", {}).json()["code"] == "correction-incomplete"
    done = city.post(f"{address}/resolve", {"right_recipient": str(right.pk)}).json()
    assert (done["state"], done["right_recipient"]) == ("resolved", str(right.pk))
    assert visitor.post(f"{V}/verify", {"card": shown["qr"]}).json()["revoked"] is True
    assert city.get(f"{V}/recipients/{right.pk}").json()["doses"][0]["number"] == 1
    card = Certificate.objects.get()
    revoke = {"reason": "fraud"}
    assert caller.post(f"{V}/certificates/{card.rid}/revoke", revoke).json()["code"] == "not-permitted"


def test_record_is_read_by_those_who_have_to_do_with_the_person_and_each_look_is_on_record(
    member: Member, visitor: Api
) -> None:
    of, (caller, user) = session(), resident()
    who = Recipient.objects.get(pk=user.person_id)
    here, stranger = hands(member, of), hands(member, session())
    owner = PartnerFactory(kind=PartnerKind.GOVERNMENT)
    desk, address = member("partner_member", partner=owner), f"{V}/recipients/{who.pk}"
    looks = AuditEntry.objects.filter(verb="vaccination.see_record")
    assert visitor.get(address).json()["code"] == "not-signed-in"
    for nobody_yet in (here, stranger, desk, member("verifier"), resident_of_nobody()):
        assert nobody_yet.get(address).json()["code"] == "not-permitted"
    assert not looks.exists()
    booking = services.book(recipient=who, slot=slot(of), by=SYSTEM, now=utc_now()).booking
    assert here.get(address).json()["booking"]["id"] == booking.pk
    (look,) = looks
    assert (look.subject_id, look.detail) == (
        str(who.pk),
        {"fields": ["booking", "doses", "next", "waiting"]},
    )
    assert stranger.get(address).json()["code"] == "not-permitted"
    services.cancel_booking(booking=booking, by=SYSTEM, now=utc_now())
    assert here.get(address).json()["code"] == "not-permitted"
    services.open_correction(
        kind="wrong-identity", owner=owner, recipient=who, reference="B/1", by=SYSTEM, now=utc_now()
    )
    assert desk.get(address).status_code == 200
    assert (caller.get(address).status_code, member("coordinator").get(address).status_code) == (200, 200)
    assert looks.all().count() == 4


def test_enrolling_or_changing_somebody_shows_nothing_of_their_record(member: Member) -> None:
    of, known = session(), recipient(name="Warga Lama", passport="CONTOH0002", birth_date=date(1990, 5, 17))
    here = hands(member, of)
    sent = {"name": "Warga Lama", "passport": "CONTOH0002", "birth_date": "1990-05-17"}
    assert here.post(f"{V}/recipients", sent).json() == {"id": str(known.pk)}
    change = {"group": "elderly"}
    assert here.post(f"{V}/recipients/{known.pk}", change).json()["code"] == "not-permitted"
    known.refresh_from_db()
    assert known.group != "elderly"
    services.book(recipient=known, slot=slot(of), by=SYSTEM, now=utc_now())
    assert here.post(f"{V}/recipients/{known.pk}", change).json() == {"id": str(known.pk)}
    known.refresh_from_db()
    assert known.group == "elderly"


def test_numbers_are_read_and_small_counts_of_people_are_not_published(member: Member, visitor: Api) -> None:
    of, home = session(), KelurahanFactory()
    who = recipient(residence=home)
    verifier = member("verifier")
    elsewhere = {"product": "coronavac", "number": 1, "given_at": "2021-06-01T02:00:00Z", "lot": "X1"}
    assert verifier.post(f"{V}/recipients/{who.pk}/doses", elsewhere).status_code == 201
    public = {each["code"]: each["first"] for each in visitor.get(f"{V}/coverage").json()["items"]}
    whole = {each["code"]: each["first"] for each in verifier.get(f"{V}/coverage").json()["items"]}
    assert (public[home.code], whole[home.code]) == (None, 1)
    numbers = verifier.get(f"{V}/indicators").json()
    assert (numbers["bookings"]["not_served"], numbers["overdue"], numbers["dropout"]) == (0, 1, 1.0)
    assert visitor.get(f"{V}/indicators").json()["code"] == "not-signed-in"
    eligible = verifier.get(f"{V}/eligible?product=coronavac").json()["items"]
    assert eligible == [{"recipient": str(who.pk), "dose": 2, "overdue": True}]
    assert visitor.get(f"{V}/eligible").json()["code"] == "not-signed-in"
    assert slot(of).session_id == of.pk
