"""A session's day on its pages: who comes, who is called, who gets a dose, who is watched, and how it ends."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils.timezone import localtime

from kolaborasi.audit.models import AuditEntry
from kolaborasi.common.clock import utc_now
from kolaborasi.messages.models import Message
from kolaborasi.partners.models import PartnerKind
from kolaborasi.vaccination import services
from kolaborasi.vaccination.models import AdverseEvent, Booking, Dose, Recipient, Session, Slot, Vial, Visit
from tests.factories import PartnerFactory
from tests.support import assert_same_queries
from tests.vaccination.factories import hands, recipient
from tests.vaccination.staff_pages import (
    SYSTEM,
    came,
    coordinator,
    fill,
    fit,
    hand,
    lot_now,
    member,
    session_now,
    signed_in,
    text_of,
)

pytestmark = pytest.mark.django_db
NIK = "3171014107900001"


def slot(of: Session) -> Slot:
    found = of.slots.select_related("session__site__place").first()
    assert found is not None
    return found


def address(of: Session, page: str = "") -> str:
    return f"/vaccination/sessions/{of.pk}/{page}"


def booked(of: Session, who: Recipient | None = None) -> tuple[Booking, str]:
    made = services.book(recipient=who or recipient(), slot=slot(of), by=SYSTEM, now=utc_now())
    return made.booking, made.token


def dose_form(of: Session, **more: Any) -> dict[str, Any]:
    balance = of.location.balance_set.get()
    return fill(lot=balance.pk, vial="", route="IM-LA", **more)


def test_sessions_are_those_of_the_own_partners() -> None:
    mine, _other = session_now(), session_now()
    page = hand(mine).get("/vaccination/sessions/")
    assert [row.pk for row in page.context["list"].page] == [mine.pk]


def test_list_of_sessions_costs_the_same_for_one_and_for_three() -> None:
    facility = PartnerFactory(kind=PartnerKind.HOSPITAL)
    client = signed_in(member("partner_member", partner=facility))
    assert_same_queries(
        7,
        ask=lambda: client.get("/vaccination/sessions/"),
        add_row=lambda: booked(session_now(doses=5, facility=facility)),
    )


def test_desk_is_closed_to_people_of_other_partners_and_to_visitors() -> None:
    of = session_now()
    stranger = signed_in(member("partner_member", partner=PartnerFactory()))
    assert stranger.get(address(of)).status_code == 403
    assert Client().get(address(of)).status_code == 302
    assert stranger.post(address(of, "call/"), fill()).status_code == 403
    assert coordinator().get(address(of)).status_code == 200


def test_booking_code_gives_a_number_once() -> None:
    of = session_now()
    booking, token = booked(of)
    form = fill(code=f"https://contoh.example/vaccination/b/{token}/")
    client = hand(of)
    for _press in range(2):
        assert client.post(address(of, "check-in/"), form)["Location"] == f"{address(of)}?arrived=1"
    assert Visit.objects.get().booking == booking
    again = client.post(address(of, "check-in/"), fill(code=token))
    assert again.status_code == 422
    assert "nomor 1" in text_of(again)
    assert Visit.objects.count() == 1


def test_typed_nik_finds_the_booking_and_a_wrong_one_shows_the_way_out() -> None:
    of = session_now()
    booking, _token = booked(of, recipient(nik=NIK))
    client = hand(of)
    client.post(address(of, "check-in/"), fill(code="3171 0141 0790 0001"))
    assert Visit.objects.get().booking == booking
    wrong = client.post(address(of, "check-in/"), fill(code="3171014107900099"))
    assert wrong.status_code == 422
    assert "/walk-in/" in text_of(wrong)
    assert "3171014107900099" in text_of(wrong)


def test_booking_of_another_session_is_refused() -> None:
    of, other = session_now(), session_now()
    _booking, token = booked(other)
    assert hand(of).post(address(of, "check-in/"), fill(code=token)).status_code == 422
    assert Visit.objects.count() == 0


def walk_in(**change: Any) -> dict[str, Any]:
    return fill(**{"name": "Warga Contoh", "nik": NIK, "birth_date": "1990-07-01", "residence": "", **change})


def test_somebody_without_a_booking_is_enrolled_and_waits() -> None:
    of = session_now()
    assert hand(of).post(address(of, "walk-in/"), walk_in())["Location"] == f"{address(of)}?arrived=1"
    visit = Visit.objects.get()
    assert (visit.lane, visit.recipient.identified_by) == ("walk-in", "nik")


def test_number_with_another_birth_date_in_it_needs_the_card_in_hand() -> None:
    of = session_now()
    client = hand(of)
    refused = client.post(address(of, "walk-in/"), walk_in(birth_date="1991-01-02"))
    assert refused.status_code == 422
    assert Recipient.objects.count() == 0
    client.post(address(of, "walk-in/"), walk_in(birth_date="1991-01-02", card_seen="on"))
    assert Recipient.objects.get().birth_date.isoformat() == "1991-01-02"


def test_person_without_papers_is_vouched_for_by_the_own_organisation() -> None:
    of = session_now()
    hand(of).post(address(of, "walk-in/"), walk_in(nik="", vouched="on"))
    assert Recipient.objects.get().vouched_by == of.facility


def test_next_one_is_called_to_a_page_with_their_name_and_the_look_is_on_record() -> None:
    of = session_now()
    came(of, recipient(name="Warga Contoh Tiga"))
    client = hand(of)
    called = client.post(address(of, "call/"), fill())
    assert called["Location"] == address(of, "queue/1/")
    page = client.get(called["Location"])
    assert "Warga Contoh Tiga" in text_of(page)
    assert AuditEntry.objects.filter(verb="people.look").count() >= 1
    empty = client.post(address(of, "call/"), fill())
    assert empty["Location"] == f"{address(of)}?nobody=1"


def test_desk_shows_no_names() -> None:
    of = session_now()
    came(of, recipient(name="Warga Contoh Tiga"))
    assert "Warga Contoh Tiga" not in text_of(hand(of).get(address(of)))


def test_questions_without_an_answer_are_refused_and_kept() -> None:
    of = session_now()
    came(of, recipient())
    page = hand(of).post(address(of, "queue/1/"), fill(q_fever="no"))
    assert page.status_code == 422
    assert page.context["form"]["q_fever"].value() == "no"
    assert Visit.objects.get().state == "waiting"


def test_tick_answers_no_to_the_rest_and_a_yes_defers() -> None:
    of = session_now()
    came(of, recipient())
    client = hand(of)
    client.post(address(of, "queue/1/"), fill(q_fever="yes", all_no="on"))
    visit = Visit.objects.get()
    assert (visit.state, visit.screening.outcome, visit.screening.answers["contact"]) == (
        "left",
        "defer",
        False,
    )
    assert "Tidak hari ini" in text_of(client.get(address(of, "queue/1/")))


def test_dose_is_one_press_with_everything_chosen() -> None:
    early, late = lot_now(days=20), lot_now(days=90)
    of = session_now(with_lot=late)
    services.receive_doses(lot=early, location=of.location, doses=5, by=SYSTEM, now=utc_now())
    fit(of, recipient())
    client = hand(of)
    form = client.get(address(of, "queue/1/")).context["form"]
    chosen = {
        name: form[name].value() or "" for name in ("idempotency_key", "lot", "vial", "route", "given_at")
    }
    assert client.post(address(of, "queue/1/"), chosen)["Location"] == f"{address(of)}?given=1"
    dose = Dose.objects.get()
    assert (dose.lot, dose.route, dose.session) == (early, "IM-LA", of)


def test_home_visit_shows_the_door_and_another_session_does_not() -> None:
    of, who = session_now(), recipient(address="Jalan Contoh 1", phone="081200000000")
    fit(of, who)
    client = hand(of)
    assert "Jalan Contoh 1" not in text_of(client.get(address(of, "queue/1/")))
    Session.objects.filter(pk=of.pk).update(kind="home")
    page = text_of(client.get(address(of, "queue/1/")))
    assert "Jalan Contoh 1" in page
    assert "+6281200000000" in page


def test_dose_sent_twice_is_given_once() -> None:
    of = session_now()
    fit(of, recipient())
    client, form = hand(of), dose_form(of)
    for _press in range(2):
        assert client.post(address(of, "queue/1/"), form).status_code == 302
    assert Dose.objects.count() == 1
    assert of.location.balance_set.get().on_hand == 19


def test_arm_used_last_and_open_vial_are_chosen_for_the_next_one() -> None:
    of = session_now()
    fit(of, recipient())
    client = hand(of)
    client.post(address(of, "queue/1/"), dose_form(of) | {"route": "IM-RA"})
    client.post(address(of, "vials/new/"), fill(lot=of.location.balance_set.get().pk))
    fit(of, recipient())
    form = client.get(address(of, "queue/2/")).context["form"]
    assert (form["route"].value(), form["vial"].value()) == ("IM-RA", Vial.objects.get().pk)


def test_screening_and_dose_in_one_entry_with_the_time_of_the_device() -> None:
    of = session_now()
    came(of, recipient())
    client, given = hand(of), (utc_now() - timedelta(minutes=30)).replace(microsecond=0)
    form = dose_form(of, number=1, all_no="on", given_at=given.isoformat())
    for _send in range(2):
        assert client.post(address(of, "enter/"), form)["Location"] == f"{address(of, 'entry/')}?given=1"
    assert Dose.objects.get().given_at == given


def test_entry_for_an_unknown_number_is_refused_with_its_field() -> None:
    of = session_now()
    page = hand(of).post(address(of, "enter/"), dose_form(of, number=9, all_no="on"))
    assert page.status_code == 422
    assert page.context["form"].errors["number"]
    assert Dose.objects.count() == 0


def test_entry_page_names_nobody() -> None:
    of = session_now()
    came(of, recipient(name="Warga Contoh Tiga"))
    assert "Warga Contoh Tiga" not in text_of(hand(of).get(address(of, "entry/")))


def test_worker_is_served_beside_the_sessions_as_a_script() -> None:
    answer = Client().get("/vaccination/sessions/worker.js")
    assert answer["Content-Type"] == "text/javascript"
    assert "/entry/" in text_of(answer)


def test_observation_ends_only_after_its_time() -> None:
    of = session_now()
    fit(of, recipient())
    client = hand(of)
    client.post(address(of, "queue/1/"), dose_form(of))
    dose = Dose.objects.get()
    early = client.post(address(of, f"doses/{dose.pk}/observed/"), fill())
    assert early.status_code == 422
    Dose.objects.update(
        observe_until=utc_now() - timedelta(seconds=1), given_at=utc_now() - timedelta(hours=1)
    )
    assert client.post(address(of, f"doses/{dose.pk}/observed/"), fill()).status_code == 302
    dose.refresh_from_db()
    assert dose.observed_at is not None


def test_serious_reaction_alerts_coordinators_and_is_followed_to_its_end() -> None:
    of = session_now()
    member("coordinator")
    fit(of, recipient())
    client = hand(of)
    client.post(address(of, "queue/1/"), dose_form(of))
    dose = Dose.objects.get()
    Dose.objects.update(given_at=utc_now() - timedelta(minutes=20))
    here = localtime(utc_now())
    report = fill(
        kind="anaphylaxis",
        onset_date=here.date().isoformat(),
        onset_time=here.strftime("%H:%M"),
        outcome="recovering",
    )
    answer = client.post(address(of, f"doses/{dose.pk}/reaction/"), report)
    event = AdverseEvent.objects.get()
    assert (answer["Location"], event.serious) == (f"/vaccination/events/{event.pk}/", True)
    assert Message.objects.filter(template="vaccination_serious_event").count() == 1
    open_ = client.post(answer["Location"], fill(outcome="unknown", close="on"))
    assert open_.status_code == 422
    client.post(answer["Location"], fill(outcome="recovered", close="on"))
    event.refresh_from_db()
    assert (event.state, event.outcome) == ("closed", "recovered")


def test_events_of_other_sessions_are_not_shown() -> None:
    of, other = session_now(), session_now()
    fit(of, recipient())
    hand(of).post(address(of, "queue/1/"), dose_form(of))
    event = services.report_adverse_event(
        dose=Dose.objects.select_related("session__site__place").get(),
        kind="fever",  # type: ignore[arg-type]
        onset_at=utc_now(),
        serious=False,
        by=hands(of),
        now=utc_now(),
    )
    assert hand(other).get(f"/vaccination/events/{event.pk}/").status_code == 404
    assert hand(of).get(f"/vaccination/events/{event.pk}/").status_code == 200


def test_opened_vial_shows_its_clock_and_its_rest_is_written_off() -> None:
    of = session_now()
    client = hand(of)
    client.post(address(of, "vials/new/"), fill(lot=of.location.balance_set.get().pk))
    vial = Vial.objects.get()
    Vial.objects.update(opened_at=utc_now() - timedelta(hours=7), discard_at=utc_now() - timedelta(minutes=1))
    assert "terlalu lama" in text_of(client.get(address(of)))
    client.post(address(of, f"vials/{vial.pk}/discard/"), fill())
    assert of.location.balance_set.get().on_hand == 10


def test_session_closes_only_when_everything_is_accounted_for() -> None:
    of = session_now(doses=1)
    client = hand(of)
    refused = client.post(address(of, "close/"), fill())
    assert refused.status_code == 422
    assert "1 dosis" in text_of(refused)
    fit(of, recipient())
    client.post(address(of, "queue/1/"), dose_form(of))
    assert client.post(address(of, "close/"), fill()).status_code == 302
    of.refresh_from_db()
    assert of.state == "closed"


def test_calling_off_asks_first_and_ends_the_bookings() -> None:
    of = session_now()
    booking, _token = booked(of)
    client = hand(of)
    assert client.get(address(of, "cancel/")).status_code == 200
    booking.refresh_from_db()
    assert booking.state == "confirmed"
    client.post(address(of, "cancel/"), fill())
    booking.refresh_from_db()
    assert (booking.state, booking.end_reason) == ("released", "session")


def test_unknown_act_is_not_found() -> None:
    of = session_now()
    assert hand(of).get(address(of, "explode/")).status_code == 404


def test_lists_of_bookings_and_arrivals_cost_the_same_for_one_and_for_three() -> None:
    of = session_now()
    client = hand(of)

    def more() -> None:
        made, _token = booked(of)
        services.check_in(session=of, booking=made, by=hands(of), now=utc_now())

    for page in ("bookings/", "came/"):
        assert_same_queries(6, ask=lambda page=page: client.get(address(of, page)), add_row=more)


def test_desk_costs_the_same_for_one_and_for_three() -> None:
    of = session_now()
    client = hand(of)

    def more() -> None:
        booked(of)
        came(of, recipient())
        fit(of, recipient())
        number = Visit.objects.count()
        client.post(address(of, f"queue/{number}/"), dose_form(of))
        client.post(address(of, "vials/new/"), fill(lot=of.location.balance_set.get().pk))

    assert_same_queries(13, ask=lambda: client.get(address(of)), add_row=more)


def test_file_of_bookings_names_nobody() -> None:
    of = session_now()
    who = recipient(name="Warga Contoh Tiga")
    booked(of, who)
    answer = hand(of).get(address(of, "bookings/"), {"format": "csv"})
    text = b"".join(answer.streaming_content).decode()  # type: ignore[attr-defined]
    assert "Warga" not in text
    assert str(who.pk)[:8].upper() not in text
