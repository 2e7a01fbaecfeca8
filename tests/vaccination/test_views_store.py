"""A store's pages: doses in and out, temperatures, counts, losses, recalls."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils.timezone import localdate

from kolaborasi.common.clock import utc_now
from kolaborasi.partners.models import SiteKind
from kolaborasi.stock.models import Balance, Location, Shipment
from kolaborasi.stock.services import site_location
from kolaborasi.vaccination import services
from kolaborasi.vaccination.models import (
    Booking,
    Quarantine,
    RecallReason,
    StockCount,
    StorageReading,
    VaccineLot,
    Wastage,
)
from tests.factories import PartnerFactory, SiteFactory
from tests.support import assert_same_queries
from tests.vaccination.factories import government, product, recipient
from tests.vaccination.staff_pages import (
    SYSTEM,
    coordinator,
    fill,
    fit,
    hand,
    keeper,
    lot_now,
    member,
    session_now,
    signed_in,
    text_of,
    warehouse,
)
from tests.vaccination.test_views_site import address, booked, dose_form

pytestmark = pytest.mark.django_db


def stocked(doses: int = 100, **given: Any) -> tuple[Location, Balance]:
    """A warehouse whose owner also owns the lot in it."""
    owner = government()
    place = warehouse(owner)
    made = lot_now(doses, at=place, owner=owner, **given)
    return place, Balance.objects.get(location=place, lot=made.pk)


def page(balance: Balance, name: str = "") -> str:
    return f"/vaccination/stock/{balance.pk}/{name}"


def client_of(place: Location) -> Any:
    assert place.site is not None
    return keeper(place.site)


def test_stock_shows_what_expires_first_and_only_the_own_places() -> None:
    place, late = stocked(days=90)
    early = lot_now(5, at=place, owner=late.lot.vaccine.owner, days=9)
    stocked()
    rows = list(client_of(place).get("/vaccination/stock/").context["list"].page)
    assert [(row.lot_id, row.fitness) for row in rows] == [(early.pk, "fit"), (late.lot_id, "fit")]


def test_stock_costs_the_same_for_one_and_for_three() -> None:
    owner = government()
    place = warehouse(owner)
    client = client_of(place)
    assert_same_queries(
        8,
        ask=lambda: client.get("/vaccination/stock/"),
        add_row=lambda: lot_now(5, at=place, owner=owner),
    )


def test_doses_of_others_are_closed() -> None:
    _place, balance = stocked()
    stranger = signed_in(member("partner_member", partner=PartnerFactory()))
    assert stranger.get(page(balance)).status_code == 403
    assert stranger.post(page(balance, "waste/"), fill(doses=5, reason="broken")).status_code == 403
    balance.refresh_from_db()
    assert balance.on_hand == 100


def receipt(place: Location, owner: Any, **change: Any) -> dict[str, Any]:
    return fill(
        **{
            "product": product().pk,
            "code": "abc123",
            "expires_date": (localdate() + timedelta(days=60)).isoformat(),
            "doses_per_vial": 10,
            "owner": owner.pk,
            "location": place.pk,
            "doses": 500,
            **change,
        }
    )


def test_lot_is_registered_and_received_in_one_form_and_once() -> None:
    owner = government()
    place = warehouse(owner)
    client, form = client_of(place), receipt(place, owner)
    for _press in range(2):
        assert client.post("/vaccination/stock/receive/", form)["Location"] == "/vaccination/stock/"
    balance = Balance.objects.get()
    assert (balance.lot.code, balance.on_hand) == ("ABC123", 500)


def test_expired_lot_is_refused_and_nothing_is_registered() -> None:
    owner = government()
    place = warehouse(owner)
    form = receipt(place, owner, expires_date=localdate().isoformat())
    answer = client_of(place).post("/vaccination/stock/receive/", form)
    assert answer.status_code == 422
    assert "abc123" in text_of(answer)
    assert (VaccineLot.objects.count(), Balance.objects.count()) == (0, 0)


def test_sent_doses_arrive_as_counted_and_the_rest_is_lost_with_a_reason() -> None:
    place, balance = stocked()
    to = session_now(doses=0)
    client = client_of(place)
    client.post(
        page(balance, "send/"), fill(target=to.location_id, doses=40, arrives_date=localdate().isoformat())
    )
    shipment = Shipment.objects.get()
    receiver = hand(to)
    assert receiver.get("/vaccination/stock/shipments/").context["list"].page.paginator.count == 1
    receiver.post(f"/vaccination/stock/shipments/{shipment.pk}/", fill(doses=38, close="yes"))
    assert (to.location.balance_set.get().on_hand, Wastage.objects.get().reason) == (38, "lost")


def test_more_than_is_there_is_refused() -> None:
    place, balance = stocked(doses=10)
    to = session_now(doses=0)
    answer = client_of(place).post(page(balance, "move/"), fill(target=to.location_id, doses=11))
    assert answer.status_code == 422
    balance.refresh_from_db()
    assert balance.on_hand == 10


def test_doses_go_to_the_session_and_back() -> None:
    place, balance = stocked(doses=50)
    to = session_now(doses=0)
    client_of(place).post(page(balance, "move/"), fill(target=to.location_id, doses=20))
    there = to.location.balance_set.get()
    hand(to).post(page(there, "return/"), fill(target=place.pk, doses=15))
    balance.refresh_from_db()
    there.refresh_from_db()
    assert (balance.on_hand, there.on_hand) == (45, 5)


def test_wrong_temperature_sets_the_lot_apart_until_its_owner_decides() -> None:
    owner = government()
    made = lot_now(owner=owner)
    of = session_now(with_lot=made, doses=10)
    balance = of.location.balance_set.get()
    hand(of).post(page(balance, "temperature/"), fill(celsius="12,5", vvm_stage=""))
    reading, apart = StorageReading.objects.get(), Quarantine.objects.get()
    assert (reading.tenths_celsius, reading.excursion, apart.reason) == (125, True, "excursion")
    fit(of, recipient())
    refused = hand(of).post(address(of, "queue/1/"), dose_form(of))
    assert refused.status_code == 422
    decide = f"/vaccination/stock/quarantine/{apart.pk}/"
    assert hand(of).get(decide).status_code == 404
    decider = signed_in(member("partner_member", partner=owner))
    decider.post(decide, fill(fit="no"))
    balance.refresh_from_db()
    assert (balance.on_hand, Wastage.objects.get().reason) == (0, "cold-chain")


@pytest.mark.parametrize(("typed", "tenths"), [("4,5", 45), ("-20", -200), ("\u22125.26", -53)])
def test_temperature_is_read_as_people_type_it(typed: str, tenths: int) -> None:
    place, balance = stocked()
    client_of(place).post(page(balance, "temperature/"), fill(celsius=typed, vvm_stage="1"))
    assert StorageReading.objects.get().tenths_celsius == tenths


def test_impossible_temperature_is_refused() -> None:
    place, balance = stocked()
    client = client_of(place)
    for typed in ("warm", "400", "NaN"):
        assert client.post(page(balance, "temperature/"), fill(celsius=typed)).status_code == 422
    assert StorageReading.objects.count() == 0


def test_count_hides_the_books_and_wants_an_explanation_of_a_difference() -> None:
    place, balance = stocked(doses=137)
    client = client_of(place)
    assert "137" not in text_of(client.get(page(balance, "count/")))
    assert client.post(page(balance, "count/"), fill(counted=130)).status_code == 422
    client.post(page(balance, "count/"), fill(counted=130, explanation="unrecorded-loss"))
    kept = StockCount.objects.get()
    assert (kept.expected, kept.counted, kept.explanation) == (137, 130, "unrecorded-loss")


def test_expired_doses_are_written_off_by_a_coordinator_after_a_question() -> None:
    place, balance = stocked(doses=30)
    balance.lot.expires_date = localdate()
    balance.lot.save(update_fields=["expires_date"])
    assert client_of(place).post("/vaccination/stock/write-off/", fill()).status_code == 403
    client = coordinator()
    assert client.get("/vaccination/stock/write-off/").status_code == 200
    client.post("/vaccination/stock/write-off/", fill())
    balance.refresh_from_db()
    assert (balance.on_hand, Wastage.objects.get().reason) == (0, "expired")


def test_recall_shows_every_dose_and_gives_the_booked_another_lot() -> None:
    bad, good = lot_now(code="BAD", days=20), lot_now(code="GOOD")
    of = session_now(with_lot=bad)
    services.receive_doses(lot=good, location=of.location, doses=5, by=SYSTEM, now=utc_now())
    booking, _token = booked(of)
    visit = fit(of, recipient())
    client = hand(of)
    bad_there = of.location.balance_set.get(lot=bad.pk)
    client.post(address(of, f"queue/{visit.number}/"), fill(lot=bad_there.pk, route="IM-LA"))
    city = coordinator()
    assert city.get(f"/vaccination/lots/{bad.pk}/recall/").status_code == 200
    city.post(f"/vaccination/lots/{bad.pk}/recall/", fill(reason=RecallReason.QUALITY.value))
    shown = city.get(f"/vaccination/lots/{bad.pk}/")
    assert [row.recipient_id for row in shown.context["list"].page] == [visit.recipient_id]
    assert shown.context["waiting"] == 1
    city.post(f"/vaccination/lots/{bad.pk}/rebook/", fill())
    assert Booking.objects.get(pk=booking.pk).balance.lot_id == good.pk


def test_recall_is_not_for_stores() -> None:
    place, balance = stocked()
    client = client_of(place)
    assert client.get(f"/vaccination/lots/{balance.lot_id}/").status_code == 200
    assert (
        client.post(f"/vaccination/lots/{balance.lot_id}/recall/", fill(reason="quality")).status_code == 403
    )
    assert VaccineLot.objects.get(pk=balance.lot_id).state == "released"


def test_lots_and_shipments_cost_the_same_for_one_and_for_three() -> None:
    place, balance = stocked(doses=1000)
    client, to = client_of(place), session_now(doses=0)

    def more() -> None:
        lot_now()
        services.send_doses(
            lot=balance.lot.vaccine,
            source=place,
            target=to.location,
            doses=5,
            arrives_date=localdate(),
            by=SYSTEM,
            now=utc_now(),
        )

    assert_same_queries(6, ask=lambda: client.get("/vaccination/lots/"), add_row=more)
    assert_same_queries(5, ask=lambda: client.get("/vaccination/stock/shipments/"), add_row=more)


def test_kinds_of_places_that_keep_stock_can_get_doses() -> None:
    place, balance = stocked()
    site = SiteFactory(kind=SiteKind.PUSKESMAS)
    there = site_location(site)
    other = session_now(doses=0, of="astrazeneca")
    form = client_of(place).get(page(balance, "send/")).context["form"]
    offered = {each.pk for each in form.fields["target"].queryset}
    assert there.pk in offered
    assert other.location_id not in offered
