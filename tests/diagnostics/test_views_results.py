"""Links of messages: a result opens with the birth date and few tries; a close contact takes the offered test."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from django.test import Client
from reportlab.pdfgen.canvas import Canvas

from kolaborasi.common.clock import utc_now
from kolaborasi.diagnostics import queries, services
from kolaborasi.diagnostics.models import CaseNotice, CloseContact, Order, Result, ResultLink
from kolaborasi.diagnostics.services import Entry
from kolaborasi.messages.models import Message
from kolaborasi.people.services import Identity
from tests.diagnostics.factories import SYSTEM, Bench, bench, coordinator
from tests.diagnostics.test_views_resident import slots
from tests.factories import KelurahanFactory
from tests.hospitals.pages import fill, text_of

pytestmark = pytest.mark.django_db


def told(outcome: str = "positive", **changes: Any) -> tuple[Bench, str]:
    """A lab and the address of the link to the result of its one specimen."""
    place, now = bench(1), utc_now()
    entry = Entry(1, place.specimens[0].label.barcode, outcome, now, **changes)
    services.enter_results(lab=place.lab, entries=[entry], source="hand", by=place.technician, now=now)
    services.validate_results(
        results=list(queries.results_to_validate(place.lab)), by=place.validator, now=now
    )
    services.tell_results(by=SYSTEM, now=now)
    return place, str(Message.objects.filter(template="diagnostics_result").latest("pk").context["link"])


def opened(address: str) -> Client:
    client = Client()
    assert client.post(address, {"birth_date": "1990-07-01"})["Location"] == address
    return client


def test_result_is_shown_only_after_the_birth_date() -> None:
    place, address = told(cts={"N1": 21.5, "N2": None})
    closed = text_of(Client().get(address))
    assert "tanggal lahir" in closed
    assert "Positif" not in closed
    page = text_of(opened(address).get(address))
    assert "Positif" in page
    assert "Warga Contoh" in page
    assert place.lab.site.name in page
    assert "21,5" in page
    assert "hubungi 119" in page
    # Another browser with the same link starts at the question again.
    assert "Positif" not in text_of(Client().get(address))


def test_wrong_dates_are_counted_although_refused_and_five_end_the_link() -> None:
    _place, address = told()
    client = Client()
    for left in (4, 3, 2, 1, 0):
        response = client.post(address, {"birth_date": "1991-01-01"})
        assert response.status_code == 422
        assert f"Sisa percobaan: {left}" in text_of(response)
    assert ResultLink.objects.get().wrong_tries == 5
    response = client.post(address, {"birth_date": "1990-07-01"})
    assert response.status_code == 404
    assert ResultLink.objects.get().opened_at is None


def test_date_that_is_none_costs_no_try() -> None:
    _place, address = told()
    for typed in ("", "kemarin", "2090-01-01"):
        assert Client().post(address, {"birth_date": typed}).status_code == 422
    assert ResultLink.objects.get().wrong_tries == 0


def test_unknown_link_leads_nowhere() -> None:
    told()
    assert Client().get("/diagnostics/result/x/").status_code == 404
    assert Client().post("/diagnostics/result/x/", {"birth_date": "1990-07-01"}).status_code == 404


def test_page_closes_after_a_quarter_of_an_hour(monkeypatch: pytest.MonkeyPatch) -> None:
    _place, address = told()
    client = opened(address)
    session = client.session
    (key,) = [name for name, _value in session.items() if name.startswith("diagnostics-result-")]
    session[key] = (utc_now() - timedelta(minutes=15)).timestamp()
    session.save()
    assert "Positif" not in text_of(client.get(address))
    assert client.get(f"{address}result.pdf")["Location"] == address


def test_pdf_carries_the_document_and_opens_only_after_the_birth_date() -> None:
    _place, address = told("negative")
    assert Client().get(f"{address}result.pdf")["Location"] == address
    response = opened(address).get(f"{address}result.pdf")
    assert response["Content-Type"] == "application/pdf"
    assert response.content.startswith(b"%PDF-")
    blank = BytesIO()
    Canvas(blank).save()
    assert len(response.content) > 5 * len(blank.getvalue())
    assert "no-store" in response["Cache-Control"]


def test_code_on_the_page_is_checked_by_the_check_page() -> None:
    _place, address = told()
    link = opened(address).get(address).context["verify_link"]
    assert "/verify#" in link
    checked = text_of(Client().post("/verify", {"code": link}))
    assert "Asli dan berlaku" in checked
    assert "positif" in checked


def test_corrected_result_is_not_shown_until_the_new_one_counts() -> None:
    place, address = told()
    client = opened(address)
    services.correct_result(
        result=Result.objects.get(), outcome="negative", reason="typing", by=place.technician, now=utc_now()
    )
    assert client.get(address).status_code == 404
    services.validate_results(
        results=list(queries.results_to_validate(place.lab)), by=place.validator, now=utc_now()
    )
    page = text_of(client.get(address))
    assert "Negatif" in page
    assert "menggantikan hasil sebelumnya" in page


def contact() -> str:
    """The address sent to a close contact."""
    told()
    by = coordinator()
    services.list_contact(
        notice=CaseNotice.objects.get(),
        identity=Identity(name="Kontak Contoh", phone="081200000009"),
        channel="sms",
        by=by,
        now=utc_now(),
    )
    services.tell_contacts(notice=CaseNotice.objects.get(), by=by, now=utc_now())
    return str(Message.objects.get(template="diagnostics_contact").context["link"])


def test_contact_books_the_offered_test_and_never_learns_of_whom() -> None:
    address, slot = contact(), slots()[0]
    page = text_of(Client().get(address))
    assert slot.site.name in page
    assert "Warga Contoh" not in page
    form = fill(slot=slot.pk, birth_date="1985-03-02", sex="male", residence="")
    response = Client().post(address, form)
    order = CloseContact.objects.get().order
    assert order is not None
    assert (order.reason, order.priority, order.site_id) == ("contact", "high", slot.site_id)
    assert response["Location"] == f"/diagnostics/booking/{queries.ticket_of(order.pk)}/"
    slot.refresh_from_db()
    assert slot.committed == 1
    # The link leads to the booking from now on.
    assert Client().get(address)["Location"] == response["Location"]


def test_contact_chooses_among_sites_near_home() -> None:
    address = contact()
    far, near = slots()[0], slots()[0]
    page = Client().get(f"{address}?from={near.site.place.code}")
    assert [slot for slot, _label in page.context["slots"]] == [near, far]


def test_contact_without_free_slots_is_told_where_to_go() -> None:
    address = contact()
    assert "puskesmas terdekat" in text_of(Client().get(address))
    response = Client().post(address, fill(birth_date="1985-03-02", sex="male", residence=""))
    assert response.status_code == 422
    assert Order.objects.count() == 1


def test_contact_gets_the_form_again_when_the_place_is_gone() -> None:
    address, slot = contact(), slots(places=1)[0]
    other = slots()[0]
    home = KelurahanFactory()
    services.book_own_test(
        asking=services.Asking(
            birth_date=queries.order(Order.objects.get().pk).birth_date,  # type: ignore[union-attr]
            sex="male",
            reason="travel",
            residence=home,
            channel="email",
            identity=Identity(name="Orang Lain", email="lain@contoh.example"),
        ),
        slot=slot,
        by=SYSTEM,
        now=utc_now(),
    )
    response = Client().post(
        address, fill(slot=slot.pk, birth_date="1985-03-02", sex="male", residence=home.code)
    )
    assert response.status_code == 422
    assert other.site.name in text_of(response)
    assert CloseContact.objects.get().order is None


def test_unknown_contact_link_leads_nowhere() -> None:
    assert Client().get("/diagnostics/contact/x/").status_code == 404
