"""Residents find a session, book in three steps, wait, and nobody learns whose number is known."""

from __future__ import annotations

import json
import re
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils.timezone import localdate

from kolaborasi.common.clock import utc_now
from kolaborasi.messages.models import Message
from kolaborasi.people.models import Person
from kolaborasi.people.queries import address_of
from kolaborasi.vaccination import services
from kolaborasi.vaccination.models import Booking, Recipient, Session, SlotQuota, WaitingWish
from kolaborasi.vaccination.rules import Channel
from tests.factories import KelurahanFactory, MembershipFactory, SiteFactory, UserFactory, person, staff
from tests.support import assert_same_queries
from tests.vaccination.factories import SYSTEM, product, recipient
from tests.vaccination.resident_pages import (
    BORN,
    CONTACT,
    NIK,
    account,
    applicant,
    card,
    coming,
    dosed,
    enrolled,
    fill,
    last_link,
    soon,
    window,
)

pytestmark = pytest.mark.django_db


def who_address(of: Any) -> str:
    return f"/vaccination/book/{of.pk}/{window(of).pk}/"


def shown(response: Any) -> str:
    """A page without the token that is another one each time."""
    return re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", response.content.decode())


def committed() -> int:
    return sum(SlotQuota.objects.values_list("committed", flat=True))


def test_list_costs_the_same_for_one_session_and_for_three(client: Client) -> None:
    product()
    assert_same_queries(4, ask=lambda: client.get("/vaccination/"), add_row=coming)


def test_list_shows_places_by_channel_and_never_more_than_doses(client: Client) -> None:
    coming(quotas={Channel.BOOKING: 20, Channel.WALK_IN: 5, Channel.RETURNING: 4}, doses=7)
    (row,) = client.get("/vaccination/").context["list"].page
    assert row.places == {Channel.BOOKING: 7, Channel.WALK_IN: 5, Channel.RETURNING: 7}


def test_list_is_filtered_by_day_vaccine_and_way_and_measured_from_a_kelurahan(client: Client) -> None:
    near, far = (SiteFactory(place=KelurahanFactory(), name=name) for name in ("Balai Barat", "Gelanggang"))
    first = coming(site=far, quotas={Channel.BOOKING: 3})
    second = coming(site=near, of="astrazeneca", quotas={Channel.WALK_IN: 3})

    def found(**query: Any) -> list[int]:
        return [row.pk for row in client.get("/vaccination/", query).context["list"].page]

    assert found() == [second.pk, first.pk]
    assert found(product="astrazeneca") == [second.pk]
    assert found(way="booking") == [first.pk]
    assert found(way="walk-in") == [second.pk]
    assert found(day=soon().isoformat()) != []
    assert found(day=(soon() + timedelta(days=1)).isoformat()) == []
    assert found(**{"from": near.place.code}) == [second.pk, first.pk]
    assert found(q="gelang") == [first.pk]
    rows = client.get("/vaccination/", {"from": near.place.code}).context["list"].page
    assert rows[0].km == pytest.approx(0, abs=0.01)


def test_map_points_and_file_have_the_same_sessions(client: Client) -> None:
    of = coming(quotas={Channel.BOOKING: 3})
    points = json.loads(client.get("/vaccination/points.json").content)
    assert [(point["title"], point["kind"]) for point in points] == [(of.site.name, "good")]
    lines = b"".join(client.get("/vaccination/?format=csv").streaming_content).decode().splitlines()
    assert of.site.name in lines[1]
    assert "," + "3" in lines[1]


def test_closed_and_past_sessions_are_not_listed(client: Client) -> None:
    services.cancel_session(session=coming(), by=staff("coordinator"), now=utc_now())
    response = client.get("/vaccination/")
    assert list(response.context["list"].page) == []
    assert "daftar tunggu" in response.content.decode()


def test_visitor_books_in_three_steps(client: Client) -> None:
    of = coming()
    times = client.get(f"/vaccination/book/{of.pk}/")
    assert who_address(of) in times.content.decode()
    response = client.post(who_address(of), applicant())
    assert (response.status_code, response["Location"]) == (302, "/vaccination/asked/")
    assert (Booking.objects.get().state, committed()) == ("held", 1)
    link = last_link()
    assert "Konfirmasi" in client.get(link).content.decode()
    confirmed = client.post(f"{link}confirm/", fill())
    assert (confirmed.status_code, confirmed["Location"]) == (302, link)
    assert Booking.objects.get().state == "confirmed"
    page = client.get(link).content.decode()
    assert "qr-code" in page
    assert NIK not in page


def test_answer_is_the_same_word_for_word_whoever_is_known(client: Client) -> None:
    enrolled()
    of, other = coming(), coming()
    mine = applicant()
    answers = []
    for form in (
        mine,
        applicant(name="Siti Contoh"),
        applicant(nik="3171014107900002", email="baru@contoh.example"),
    ):
        response = client.post(who_address(of), form, follow=True)
        answers.append((response.redirect_chain, shown(response)))
        of = other
    assert answers[0] == answers[1] == answers[2]
    assert Person.objects.count() == 2


def test_known_person_gets_the_link_at_the_contact_on_record(client: Client) -> None:
    enrolled()
    client.post(who_address(coming()), applicant(email="orang.lain@contoh.example"))
    assert address_of(Message.objects.get().recipient, "email") == CONTACT


@pytest.mark.parametrize(
    ("change", "field", "words"),
    [
        ({"nik": "123"}, "nik", "16"),
        ({"nik": ""}, "nik", "pendamping"),
        ({"birth_date": "1991-07-01"}, "nik", "7 sampai 12"),
        ({"email": ""}, "phone", ""),
        ({"email": "bukan"}, "email", ""),
        ({"birth_date": ""}, "birth_date", ""),
        ({"residence": ""}, "residence", ""),
    ],
)
def test_bad_input_is_shown_at_its_field_and_nothing_is_kept(
    client: Client, change: dict[str, str], field: str, words: str
) -> None:
    response = client.post(who_address(coming()), applicant(**change))
    assert response.status_code == 422
    errors = response.context["form"].errors
    assert field in errors
    assert words in str(errors[field])
    assert response.context["form"]["name"].value() == "Budi Contoh"
    assert (Person.objects.count(), committed(), Message.objects.count()) == (0, 0, 0)


def test_too_young_is_refused_in_words_with_a_way_out(client: Client) -> None:
    of = coming(of="astrazeneca")
    response = client.post(who_address(of), applicant(nik="", passport="C1234567", birth_date="2015-07-01"))
    assert response.status_code == 422
    assert "Terlalu muda" in response.content.decode()
    assert Person.objects.count() == 0


def at_home(of: Session) -> Session:
    Session.objects.filter(pk=of.pk).update(kind="home")
    return of


def door(of: Session, who: Recipient) -> str:
    """Where those who visit are sent."""
    seen = services.see_recipients(
        session=Session.objects.get(pk=of.pk), recipients=[who], by=staff("coordinator"), now=utc_now()
    )
    return seen[who.pk].get("address", "")


def test_home_visit_asks_for_the_address_and_keeps_it_encrypted(client: Client) -> None:
    of, elsewhere = at_home(coming()), coming()
    assert 'name="address"' in client.get(who_address(of)).content.decode()
    assert 'name="address"' not in client.get(who_address(elsewhere)).content.decode()
    assert client.post(who_address(of), applicant()).status_code == 422
    assert (Booking.objects.count(), Person.objects.count()) == (0, 0)
    client.post(who_address(of), applicant(address="Jalan Contoh 7"))
    who = Booking.objects.get().recipient
    assert door(of, who) == "Jalan Contoh 7"
    assert b"Jalan" not in bytes(Person.objects.get(pk=who.pk).address)
    client.post(who_address(of), applicant(address="Jalan Palsu 1"))
    assert door(of, who) == "Jalan Contoh 7"


def test_card_gives_the_address_of_a_home_visit_once(client: Client) -> None:
    who = enrolled()
    of, (_user, browser) = at_home(coming()), account(who)
    assert browser.post(who_address(of), fill(address="")).status_code == 422
    assert not Booking.objects.exists()
    assert browser.post(who_address(of), fill(address="Jalan Contoh 8")).status_code == 302
    assert door(of, who) == "Jalan Contoh 8"
    services.cancel_booking(booking=Booking.objects.get(), by=SYSTEM, now=utc_now())
    assert "Jalan Contoh 8" not in browser.get(who_address(of)).content.decode()
    assert browser.post(who_address(of), fill(address="")).status_code == 302
    assert door(of, who) == "Jalan Contoh 8"


def test_full_slot_leads_to_the_waiting_list(client: Client) -> None:
    of = coming(quotas={Channel.BOOKING: 1})
    services.book(recipient=recipient(), slot=window(of), by=SYSTEM, now=utc_now())
    response = client.post(who_address(of), applicant())
    assert response.status_code == 422
    assert f"/vaccination/waiting/?area={of.site.place.code}" in response.content.decode()
    assert committed() == 1


def test_account_with_a_card_books_at_once(client: Client) -> None:
    _user, browser = account(enrolled())
    of = coming()
    response = browser.post(who_address(of), fill())
    assert (response.status_code, response["Location"]) == (302, "/vaccination/my/booking/")
    assert Booking.objects.get().state == "confirmed"
    assert browser.get(response["Location"]).status_code == 200


def test_account_too_early_is_told_from_when_and_that_it_may_be_corrected(client: Client) -> None:
    who = enrolled()
    dosed(who, days_ago=3)
    _user, browser = account(who)
    response = browser.post(who_address(coming()), fill())
    page = response.content.decode()
    day = localdate() - timedelta(days=3) + timedelta(days=28)
    assert response.status_code == 422
    assert f"day={day.isoformat()}" in page
    assert "/vaccination/my/correct/" in page
    assert committed() == 0


def test_account_with_another_vaccine_before_is_led_to_the_fitting_one() -> None:
    who = enrolled()
    dosed(who, of="astrazeneca", days_ago=100)
    _user, browser = account(who)
    page = browser.post(who_address(coming()), fill()).content.decode()
    assert "product=astrazeneca" in page
    assert committed() == 0


def test_account_booked_already_is_led_to_its_booking() -> None:
    who = enrolled()
    _user, browser = account(who)
    first = coming()
    browser.post(who_address(first), fill())
    response = browser.post(who_address(coming()), fill())
    assert response.status_code == 422
    assert "/vaccination/my/booking/" in response.content.decode()
    assert Booking.objects.count() == 1


def test_account_without_a_card_gives_its_number_to_its_own_person() -> None:
    own = person(name="", email="akun@contoh.example")
    user = UserFactory(person=own, email="akun@contoh.example")
    browser = Client()
    browser.force_login(user)
    response = browser.post(who_address(coming()), applicant(email=""))
    assert response.status_code == 302
    assert Recipient.objects.get().pk == own.pk


def test_case_worker_books_somebody_without_papers_on_their_word() -> None:
    user = UserFactory(person=person())
    membership = MembershipFactory(user=user, role="partner_member")
    browser = Client()
    browser.force_login(user)
    form = applicant(nik="", email="", vouched_by=membership.partner_id)
    response = browser.post(who_address(coming()), form)
    assert response.status_code == 302
    booking = Booking.objects.get()
    assert booking.recipient.vouched_by == membership.partner
    assert "qr-code" in browser.get(response["Location"]).content.decode()


def test_visitor_cannot_vouch(client: Client) -> None:
    form = applicant(nik="", vouched_by="1")
    assert client.post(who_address(coming()), form).status_code == 422
    assert Person.objects.count() == 0


def test_card_opened_by_its_link_books_at_once_and_can_be_put_away(client: Client) -> None:
    who = enrolled()
    address = card(who)
    assert client.get(f"{address}book/")["Location"] == "/vaccination/"
    response = client.post(who_address(coming()), fill())
    assert response["Location"] == f"{address}booking/"
    assert Booking.objects.get().recipient == who
    client.post("/vaccination/forget/")
    assert client.get(who_address(coming())).context["holder"] is None


def test_visitor_joins_the_waiting_list_and_is_sent_the_link_to_leave_it(client: Client) -> None:
    place = KelurahanFactory()
    response = client.post("/vaccination/waiting/", applicant(area=place.code, product=""))
    assert response["Location"] == "/vaccination/asked/?for=waiting"
    wish = WaitingWish.objects.get()
    link = last_link()
    assert place.name in client.get(link).content.decode()
    client.post(f"{link}leave/", fill())
    wish.refresh_from_db()
    assert wish.state == "left"


def test_account_joins_once_and_is_told_when_it_asks_again() -> None:
    _user, browser = account(enrolled())
    form = {"area": KelurahanFactory().code, "product": ""}
    assert browser.post("/vaccination/waiting/", fill(**form))["Location"] == "/vaccination/my/"
    assert browser.post("/vaccination/waiting/", fill(**form)).status_code == 422
    assert WaitingWish.objects.count() == 1


def test_link_to_a_card_is_sent_to_its_owner_alone_and_the_page_says_the_same(client: Client) -> None:
    enrolled()
    papers = {"passport": "", "birth_date": BORN.isoformat()}
    right = client.post("/vaccination/card-link/", fill(nik=NIK, **papers), follow=True)
    wrong = client.post("/vaccination/card-link/", fill(nik="3171014107900002", **papers), follow=True)
    assert shown(right) == shown(wrong)
    assert [message.template for message in Message.objects.all()] == ["vaccination_card"]
    assert client.get(last_link()).status_code == 200


def test_forms_of_visitors_are_braked(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kolaborasi.common.pages.brake.RATE", "2/h")
    address = "/vaccination/card-link/"
    form = {"nik": NIK, "passport": "", "birth_date": date(1990, 7, 1).isoformat()}
    codes = [client.post(address, fill(**form)).status_code for _turn in range(3)]
    assert codes == [302, 302, 429]


def test_unknown_session_and_time_are_not_found(client: Client) -> None:
    of = coming()
    assert client.get("/vaccination/book/999999/").status_code == 404
    assert client.get(f"/vaccination/book/{of.pk}/999999/").status_code == 404
