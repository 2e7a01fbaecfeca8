"""One's card and booking: seen by its owner alone, changed, certified, printed, put right."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils.timezone import localdate

from kolaborasi.common.actors import Actor
from kolaborasi.common.clock import utc_now
from kolaborasi.messages.models import Message
from kolaborasi.partners.models import PartnerKind
from kolaborasi.vaccination import queries, services
from kolaborasi.vaccination.certificates import smart_health_card as shc
from kolaborasi.vaccination.certificates import who_ddcc
from kolaborasi.vaccination.certificates.paper import Paper, code, layout
from kolaborasi.vaccination.models import Booking, Certificate, Correction, Dose, SlotQuota
from kolaborasi.vaccination.queries.residents import current_certificate, upcoming
from kolaborasi.vaccination.rules import Channel
from tests.factories import PartnerFactory
from tests.vaccination.factories import SYSTEM, product, recipient
from tests.vaccination.resident_pages import (
    BORN,
    NIK,
    account,
    card,
    coming,
    dosed,
    enrolled,
    fill,
    soon,
    window,
)

pytestmark = pytest.mark.django_db
VISITOR = Actor.visitor()


def booked(**settings: Any) -> tuple[Booking, str]:
    """A booking and the address of its page."""
    made = services.book(recipient=enrolled(), slot=window(coming(**settings)), by=VISITOR, now=utc_now())
    return made.booking, f"/vaccination/b/{made.token}/"


def committed() -> int:
    return sum(SlotQuota.objects.values_list("committed", flat=True))


def test_booking_page_shows_no_identity_and_its_code_opens_it(client: Client) -> None:
    _booking, address = booked()
    response = client.get(address)
    page = response.content.decode()
    assert "Budi" not in page
    assert NIK not in page
    assert BORN.isoformat() not in page
    assert response.context["link"].endswith(address)
    assert "no-store" in response["Cache-Control"]


def test_code_on_the_card_leads_to_the_same_booking(client: Client) -> None:
    booking, _address = booked()
    _user, browser = account(booking.recipient)
    link = browser.get("/vaccination/my/booking/").context["link"]
    token = re.search(r"/vaccination/b/([A-Za-z0-9_-]{8,64})/$", link)
    assert token is not None
    assert queries.booking_by_link(token[1]) == booking
    assert client.get(f"/vaccination/b/{token[1]}/").context["booking"] == booking


@pytest.mark.parametrize("token", ["nothing", "A" * 22, "B" * 56])
def test_unknown_link_is_not_found_and_says_what_to_do(client: Client, token: str) -> None:
    response = client.get(f"/vaccination/b/{token}/")
    assert response.status_code == 404
    assert "Salin" in response.content.decode()


def test_booking_is_cancelled_after_a_question(client: Client) -> None:
    booking, address = booked()
    assert client.get(f"{address}cancel/").status_code == 200
    assert committed() == 1
    client.post(f"{address}cancel/", fill())
    booking.refresh_from_db()
    assert (booking.state, booking.end_reason, committed()) == ("released", "cancelled", 0)
    assert client.post(f"{address}cancel/", fill()).status_code == 422


def test_booking_moves_to_another_session_and_its_person_is_told(client: Client) -> None:
    booking, address = booked()
    other = coming(quotas={Channel.BOOKING: 1}, windows=2)
    assert f"{address}move/{other.pk}/" in client.get(f"{address}move/").content.decode()
    target = list(other.slots.all())[1]
    response = client.post(f"{address}move/{other.pk}/", fill(slot=target.pk))
    assert (response.status_code, response["Location"]) == (302, address)
    booking.refresh_from_db()
    assert (booking.session_id, booking.quota.slot_id, committed()) == (other.pk, target.pk, 1)
    assert Message.objects.latest("pk").template == "vaccination_moved"


def test_booking_stays_when_the_new_time_is_taken_meanwhile(client: Client) -> None:
    booking, address = booked()
    other = coming(quotas={Channel.BOOKING: 1})
    target = window(other)
    services.book(recipient=recipient(), slot=target, by=SYSTEM, now=utc_now())
    assert client.get(f"{address}move/{other.pk}/").context["free"] == []
    assert client.post(f"{address}move/{other.pk}/", fill(slot=target.pk)).status_code == 422
    booking.refresh_from_db()
    assert booking.session_id != other.pk
    assert booking.state == "confirmed"


def test_offer_is_accepted_by_its_link_and_too_late_is_told(client: Client) -> None:
    of = coming()
    who = enrolled()
    services.join_waiting_list(recipient=who, place=of.site.place, by=VISITOR, now=utc_now())
    services.offer_freed_slots(by=SYSTEM, now=utc_now())
    link = str(Message.objects.latest("pk").context["link"])
    assert "Terima waktu ini" in client.get(link).content.decode()
    Booking.objects.update(held_until=utc_now() - timedelta(seconds=1))
    late = client.post(f"{link}confirm/", fill())
    assert late.status_code == 422
    assert Booking.objects.get().state == "held"
    Booking.objects.update(held_until=utc_now() + timedelta(hours=1))
    assert client.post(f"{link}confirm/", fill()).status_code == 302
    assert Booking.objects.get().state == "confirmed"


def test_calendar_entry_names_nobody(client: Client) -> None:
    booking, address = booked()
    text = client.get(f"{address}calendar.ics").content.decode()
    begin = window(booking.session).starts_at.strftime("%Y%m%dT%H%M%SZ")
    assert f"DTSTART:{begin}\r\n" in text
    assert "Budi" not in text


def test_card_link_is_sent_from_a_booking_and_never_shown(client: Client) -> None:
    _booking, address = booked()
    assert "/vaccination/m/" not in client.get(address).content.decode()
    client.post(f"{address}send-card/", fill())
    link = str(Message.objects.latest("pk").context["link"])
    assert link.startswith("/vaccination/m/")
    assert client.get(link).status_code == 200


def test_card_shows_doses_and_when_the_next_is_due() -> None:
    who = enrolled()
    dosed(who, days_ago=10)
    _user, browser = account(who)
    response = browser.get("/vaccination/my/")
    found = response.context["next"]
    given = localdate() - timedelta(days=10)
    assert (found.number, found.due, found.earliest_date) == (2, False, given + timedelta(days=28))
    assert "LOT1" in response.content.decode()


def test_next_dose_is_due_overdue_and_over() -> None:
    who = enrolled()
    dosed(who, days_ago=60)
    second = upcoming(who, localdate())
    assert second is not None
    assert (second.number, second.due, second.overdue) == (2, True, True)
    dosed(who, 2, days_ago=30)
    third = upcoming(who, localdate())
    assert third is not None
    assert (third.number, third.due) == (3, False)
    assert len(third.products) == 3
    dosed(who, 3, days_ago=1)
    assert upcoming(who, localdate()) is None


def test_card_costs_the_same_with_one_dose_and_with_two(django_assert_num_queries: Any) -> None:
    who = enrolled()
    dosed(who, days_ago=400)
    address, client = card(who), Client()
    with django_assert_num_queries(10):
        client.get(address)
    dosed(who, 2, days_ago=300)
    with django_assert_num_queries(10):
        client.get(address)


def test_card_of_somebody_else_is_not_seen(client: Client) -> None:
    who = enrolled()
    dosed(who)
    other = enrolled(nik="3171014107900002", name="Siti Contoh", email="siti@contoh.example")
    _user, browser = account(other)
    assert "LOT1" not in browser.get("/vaccination/my/").content.decode()
    assert client.get("/vaccination/my/").status_code == 302
    address = card(who)
    over = client.get(f"{address[:-6]}AAAA/")
    assert (over.status_code, "/vaccination/card-link/" in over.content.decode()) == (404, True)
    assert client.get("/vaccination/my/certificate.pdf").status_code == 404


def test_certificate_is_made_once_and_verified(client: Client) -> None:
    who = enrolled()
    dosed(who)
    address = card(who)
    before = client.get(f"{address}certificate/")
    assert Certificate.objects.count() == 0
    assert before.context["issued"] is None
    assert client.post(f"{address}certificate/", fill()).status_code == 302
    shown = client.get(f"{address}certificate/")
    client.get(f"{address}certificate/")
    assert Certificate.objects.count() == 1
    assert "qr-code" in shown.content.decode()
    issued = shown.context["issued"]
    assert queries.verified_card(issued.numeric, now=utc_now()).holds
    page = client.post("/verify", {"code": issued.numeric}).content.decode()
    assert "Budi Contoh" in page


def test_certificate_with_a_newer_dose_is_made_anew(client: Client) -> None:
    who = enrolled()
    dosed(who)
    address = card(who)
    client.post(f"{address}certificate/", fill())
    first = current_certificate(who)
    dosed(who, 2, days_ago=20)
    assert current_certificate(who) is None
    assert client.get(f"{address}certificate.pdf").status_code == 404
    client.post(f"{address}certificate/", fill())
    newer = current_certificate(who)
    assert newer is not None
    assert first is not None
    assert (newer.doses, newer.pk != first.pk) == (2, True)
    first.refresh_from_db()
    assert first.revoke_reason == "replaced"


def test_without_a_dose_there_is_no_certificate_but_a_way_to_correct(client: Client) -> None:
    address = card(enrolled())
    assert f"{address}correct/" in client.get(f"{address}certificate/").content.decode()
    assert client.post(f"{address}certificate/", fill()).status_code == 422
    assert Certificate.objects.count() == 0


def test_certificate_comes_as_pdf_svg_wallet_file_and_who_data(client: Client) -> None:
    who = enrolled()
    dosed(who)
    address = card(who)
    client.post(f"{address}certificate/", fill())
    pdf = client.get(f"{address}certificate.pdf")
    assert (pdf["Content-Type"], pdf.content[:5], pdf.content.rstrip()[-5:]) == (
        "application/pdf",
        b"%PDF-",
        b"%%EOF",
    )
    svg = client.get(f"{address}certificate.svg").content.decode()
    assert "Budi Contoh" in svg
    assert "style=" not in svg
    wallet = client.get(f"{address}certificate.smart-health-card")
    assert wallet["Content-Type"] == "application/smart-health-card"
    assert queries.verified_card(wallet.content.decode(), now=utc_now()).holds
    ddcc = json.loads(client.get(f"{address}certificate.json").content)
    assert who_ddcc.faults(ddcc) == []


def test_long_name_stays_beside_the_code() -> None:
    name = "Muhammad " * 8
    page = Paper(("Sertifikat",), (("Nama", name.strip()),), (("Dosis 1",),), (), "shc:/" + "12" * 300)
    lines = [each.text for each in layout(page) if each.bold and "Muhammad" in each.text]
    assert " ".join(lines) == name.strip()
    assert max(len(line) for line in lines) <= 38


def test_code_of_a_card_is_one_byte_segment_and_digits() -> None:
    token = "eyJ" + "A" * 700
    drawn = code(shc.numeric(token))
    # 5 bytes, then 1,406 digits at 10 bits for 3: version 21 at level L holds 1,859 digits, version 18 too few bytes.
    bits = 4 + 16 + 5 * 8 + 4 + 14 + (2 * len(token) * 10 + 2) // 3
    assert bits <= 8 * 929
    assert (drawn.error, int(drawn.version) <= 22) == ("L", True)


def test_missing_dose_gets_an_owner_a_deadline_and_what_the_paper_says(client: Client) -> None:
    of = coming()
    address = card(enrolled())
    form = {
        "kind": "missing-dose",
        "dose": "",
        "given_date": localdate().isoformat(),
        "product": "coronavac",
        "site": of.site_id,
        "lot_code": "ABC123",
    }
    response = client.post(f"{address}correct/", fill(**form))
    assert response.status_code == 302
    found = Correction.objects.get()
    assert (found.owner_id, found.due_date) == (of.facility_id, localdate() + timedelta(days=5))
    assert (found.said_lot, found.said_site_id, found.said_product) == ("ABC123", of.site_id, product())
    page = client.get(address).content.decode()
    assert of.facility.name in page
    assert "ABC123" in page


def test_dose_of_somebody_else_and_wrong_data_go_to_who_decides(client: Client) -> None:
    office = PartnerFactory(kind=PartnerKind.GOVERNMENT)
    who = enrolled()
    dosed(who)
    address = card(who)
    blank = {"given_date": "", "product": "", "site": "", "lot_code": ""}
    dose = Dose.objects.get()
    client.post(f"{address}correct/", fill(kind="misattributed-dose", dose=dose.pk, **blank))
    wrong = {"kind": "wrong-identity", "fields_wrong": ["nik", "name"], "dose": ""}
    client.post(f"{address}correct/", fill(**wrong, **blank))
    first, second = Correction.objects.order_by("pk")
    assert (first.dose, first.owner, first.due_date) == (dose, office, localdate() + timedelta(days=3))
    assert (second.said_fields, second.due_date) == ("nik,name", localdate() + timedelta(days=7))


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"kind": "missing-dose"}, "given_date"),
        ({"kind": "missing-dose", "given_date": (soon()).isoformat()}, "given_date"),
        ({"kind": "misattributed-dose"}, "dose"),
        ({"kind": "wrong-identity"}, "fields_wrong"),
        ({"kind": "misattributed-dose", "dose": "999"}, "dose"),
    ],
)
def test_correction_that_lacks_what_it_needs_is_shown_at_its_field(
    client: Client, change: dict[str, str], field: str
) -> None:
    address = card(enrolled())
    blank = {"dose": "", "given_date": "", "product": "", "site": "", "lot_code": ""}
    response = client.post(f"{address}correct/", fill(**{**blank, **change}))
    assert response.status_code == 422
    assert field in response.context["form"].errors
    assert Correction.objects.count() == 0
