"""Testing for everybody: where and when, booking with and without an account, changing, cancelling, own results."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import translation

from kolaborasi.common.clock import utc_now
from kolaborasi.diagnostics import queries, services, words
from kolaborasi.diagnostics.models import Booking, Order, ResultLink, Slot
from kolaborasi.messages.models import Message
from kolaborasi.partners.models import Site
from kolaborasi.partners.states import PartnerState
from kolaborasi.people.models import Person
from tests.diagnostics.factories import SYSTEM, bench, collection_site
from tests.factories import KelurahanFactory, UserFactory, person
from tests.hospitals.pages import fill, signed_in, text_of
from tests.support import assert_same_queries

pytestmark = pytest.mark.django_db


def slots(site: Site | None = None, places: int = 2, number: int = 1) -> list[Slot]:
    """Slots of a quarter of an hour from tomorrow on."""
    now = utc_now()
    starts = now.replace(minute=0, second=0, microsecond=0) + timedelta(days=1)
    return services.open_slots(
        site=site or collection_site(),
        starts_at=starts,
        ends_at=starts + timedelta(minutes=15 * number),
        minutes=15,
        places=places,
        by=SYSTEM,
        now=now,
    )


def asked(**changes: Any) -> dict[str, Any]:
    """A visitor's form."""
    values = {
        "reason": "suspect",
        "name": "Warga Contoh",
        "birth_date": "1990-07-01",
        "sex": "female",
        "residence": "",
        "channel": "whatsapp",
        "contact": "081200000001",
    }
    return fill(**{**values, **changes})


def booked(slot: Slot, **changes: Any) -> str:
    """The address of a visitor's booking."""
    response = Client().post(f"/diagnostics/slots/{slot.pk}/book/", asked(**changes))
    assert response.status_code == 302, text_of(response)
    return str(response["Location"])


def shown(response: Any) -> list[int]:
    return [row.pk for row in response.context["list"].page]


def test_sites_are_listed_with_their_free_places_the_most_first() -> None:
    few, many, none = slots(places=1)[0], slots(places=9)[0], collection_site()
    response = Client().get("/diagnostics/")
    assert shown(response) == [many.site_id, few.site_id, none.pk]
    page = text_of(response)
    assert "9 tempat tersedia" in page
    assert "Tidak ada tempat dalam tujuh hari ke depan" in page
    assert shown(Client().get("/diagnostics/?free=on")) == [many.site_id, few.site_id]


def test_site_of_a_frozen_partner_is_not_listed() -> None:
    frozen, open_ = slots()[0], slots()[0]
    frozen.site.partner.state = PartnerState.PAUSED
    frozen.site.partner.save()
    assert shown(Client().get("/diagnostics/")) == [open_.site_id]
    assert Client().get(f"/diagnostics/at/{frozen.site_id}/").status_code == 404


def test_nearest_site_comes_first_from_a_kelurahan_and_from_a_position() -> None:
    far, near = slots(places=9)[0].site, slots(places=1)[0].site
    code = near.place.code
    response = Client().get(f"/diagnostics/?from={code}")
    assert shown(response) == [near.pk, far.pk]
    assert response.context["list"].page[0].km == pytest.approx(0, abs=0.001)
    position = f"{far.place.latitude:.3f},{far.place.longitude:.3f}"
    assert shown(Client().get("/diagnostics/", {"near": position})) == [far.pk, near.pk]


def test_list_costs_the_same_queries_for_one_row_and_three() -> None:
    assert_same_queries(4, ask=lambda: Client().get("/diagnostics/"), add_row=slots)


def test_own_list_costs_the_same_queries_for_one_row_and_three() -> None:
    user = UserFactory(person=person(email="warga@contoh.example"))
    client = signed_in(user)

    def add() -> None:
        slot = slots()[0]
        form = fill(reason="travel", birth_date="1990-07-01", sex="female", residence="")
        address = client.post(f"/diagnostics/slots/{slot.pk}/book/", form)["Location"]
        client.post(f"{address}cancel/", fill())

    add()
    client.get("/diagnostics/tests/")
    assert_same_queries(8, ask=lambda: client.get("/diagnostics/tests/"), add_row=add)


def test_list_is_a_file_and_a_map_too() -> None:
    slot = slots(places=3)[0]
    text = b"".join(Client().get("/diagnostics/?format=csv").streaming_content).decode("utf-8-sig")
    (row,) = list(csv.DictReader(io.StringIO(text)))
    assert row["Nama"] == slot.site.name
    assert row["Tempat terbanyak"] == "3"
    (point,) = Client().get("/diagnostics/points.json").json()
    assert point["href"] == f"/diagnostics/at/{slot.site_id}/"
    assert point["text"] == "3 tempat tersedia"


def test_visitor_books_in_one_form_and_is_sent_the_link() -> None:
    slot = slots()[0]
    address = booked(slot)
    order = Order.objects.get()
    assert (order.reason, order.priority, order.channel) == ("suspect", "high", "whatsapp")
    assert (order.birth_date, order.site_id) == (date(1990, 7, 1), slot.site_id)
    booking = Booking.objects.get()
    assert (booking.slot_id, booking.state, booking.quantity) == (slot.pk, "confirmed", 1)
    message = Message.objects.get(template="diagnostics_booked")
    assert message.context == {"link": address}
    page = text_of(Client().get(address))
    assert slot.site.name in page
    assert "Warga Contoh" not in page


def test_same_form_sent_twice_books_once() -> None:
    slot, form, client = slots()[0], asked(), Client()
    addresses = {client.post(f"/diagnostics/slots/{slot.pk}/book/", form)["Location"] for _press in range(2)}
    assert len(addresses) == 1
    assert Booking.objects.count() == 1


def test_one_contact_holds_no_more_places_than_a_family_needs_and_nobody_learns_who_waits() -> None:
    slot = slots(places=20)[0]
    # The same person again is not refused: that would tell a stranger who was tested.
    addresses = {booked(slot) for _each in range(2)}
    assert len(addresses) == 2
    for year in range(1991, 1994):
        booked(slot, birth_date=f"{year}-01-01")
    response = Client().post(f"/diagnostics/slots/{slot.pk}/book/", asked(birth_date="1999-01-01"))
    assert response.status_code == 422
    assert "5 tes dipesan dengan nomor" in text_of(response)
    # Cancelling does not make room for more messages to the same number on the same day.
    Client().post(f"{addresses.pop()}cancel/", fill())
    response = Client().post(f"/diagnostics/slots/{slot.pk}/book/", asked(birth_date="1999-01-01"))
    assert response.status_code == 422
    assert Order.objects.count() == 5
    assert Person.objects.count() == 5
    assert Message.objects.filter(template="diagnostics_booked").count() == 5


def test_full_slot_refuses_keeps_what_was_typed_and_shows_what_is_left() -> None:
    full, free = slots(places=1, number=2)
    booked(full)
    response = Client().post(
        f"/diagnostics/slots/{full.pk}/book/", asked(contact="081200000002", name="Orang Lain")
    )
    assert response.status_code == 422
    page = text_of(response)
    assert "Orang Lain" in page
    assert f"/diagnostics/slots/{free.pk}/book/" in page
    assert Order.objects.count() == 1


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("contact", "satu@contoh.example"),
        ("contact", "abc"),
        ("birth_date", "2090-01-01"),
        ("birth_date", "31.02.1990"),
        ("name", ""),
        ("reason", "discharge"),
    ],
)
def test_bad_value_is_named_at_its_field_and_nothing_is_written(field: str, value: str) -> None:
    slot = slots()[0]
    response = Client().post(f"/diagnostics/slots/{slot.pk}/book/", asked(**{field: value}))
    assert response.status_code == 422
    assert response.context["form"].errors
    assert (Order.objects.count(), Person.objects.count(), Booking.objects.count()) == (0, 0, 0)


def test_account_books_without_name_and_sees_its_tests() -> None:
    slot = slots()[0]
    user = UserFactory(person=person(email="warga@contoh.example"))
    client = signed_in(user)
    form = fill(reason="travel", birth_date="1990-07-01", sex="female", residence="")
    address = client.post(f"/diagnostics/slots/{slot.pk}/book/", form)["Location"]
    assert Order.objects.get().person == user.person
    assert slot.site.name in text_of(client.get("/diagnostics/tests/"))
    assert "Tes saya" in text_of(client.get(address))
    # The next time, the form knows birth date and sex.
    assert client.get(f"/diagnostics/slots/{slot.pk}/book/").context["form"]["sex"].value() == "female"
    assert Client().get("/diagnostics/tests/").status_code == 302


def test_booking_is_moved_to_another_site_and_the_place_given_back() -> None:
    first, second = slots()[0], slots()[0]
    address = booked(first)
    page = Client().get(f"{address}change/?site={second.site_id}")
    assert second.site.name in text_of(page)
    response = Client().post(f"{address}change/?site={second.site_id}", fill(slot=second.pk))
    assert response["Location"] == address
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.committed, second.committed) == (0, 1)
    assert Order.objects.get().site_id == second.site_id


def test_cancelling_is_asked_first_and_gives_the_place_back() -> None:
    slot = slots()[0]
    address = booked(slot)
    assert "Batalkan tes ini?" in text_of(Client().get(f"{address}cancel/"))
    assert Order.objects.get().state == "requested"
    Client().post(f"{address}cancel/", fill())
    slot.refresh_from_db()
    assert (Order.objects.get().state, slot.committed) == ("cancelled", 0)
    assert "Tes ini dibatalkan" in text_of(Client().get(address))


@pytest.mark.parametrize("ticket", ["1-x", "x", "999999999999999999999-abc", "1"])
def test_guessed_link_leads_nowhere(ticket: str) -> None:
    booked(slots()[0])
    for page in ("", "change/", "cancel/"):
        assert Client().get(f"/diagnostics/booking/{ticket}/{page}").status_code == 404
    assert Client().post(f"/diagnostics/booking/{ticket}/cancel/", fill()).status_code == 404
    assert Order.objects.get().state == "requested"


def test_own_result_is_sent_again_to_its_account_only() -> None:
    place = bench(1)
    order = place.specimens[0].order
    entry = services.Entry(1, place.specimens[0].label.barcode, "negative", utc_now())
    services.enter_results(lab=place.lab, entries=[entry], source="hand", by=place.technician, now=utc_now())
    services.validate_results(
        results=list(queries.results_to_validate(place.lab)), by=place.validator, now=utc_now()
    )
    services.tell_results(by=SYSTEM, now=utc_now())
    address = f"/diagnostics/booking/{queries.ticket_of(order.pk)}/"
    assert "Hasil Anda sudah dikirim" in text_of(Client().get(address))
    stranger = signed_in(UserFactory(person=person(email="lain@contoh.example")))
    assert stranger.post(f"{address}again/", fill()).status_code == 403
    assert ResultLink.objects.count() == 1
    own = signed_in(UserFactory(person=order.person))
    assert own.post(f"{address}again/", fill())["Location"] == address
    assert ResultLink.objects.count() == 2


def test_visitor_from_a_kelurahan_is_looked_after_there() -> None:
    home = KelurahanFactory()
    booked(slots()[0], residence=home.code)
    assert Order.objects.get().residence == home


def test_hours_are_written_as_the_language_writes_them() -> None:
    begins = datetime(2021, 7, 12, 1, 15, tzinfo=UTC)
    with translation.override("id"):
        assert words.slot_words(begins, begins + timedelta(minutes=20)) == "Senin, 12 Juli 2021 08.15–08.35"
    with translation.override("en"):
        assert words.slot_words(begins, begins + timedelta(minutes=20)) == "Monday, 12 July 2021 08:15–08:35"
