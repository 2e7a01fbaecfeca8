"""The receiving side on pages: codes, receipts, disputes, contacts, and its own needs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from kolaborasi.aid import services
from kolaborasi.aid.models import Delivery, Need, NeedLine, Pledge
from kolaborasi.aid.photos import Photo
from kolaborasi.aid.rules import MOST_WRONG_CODES
from kolaborasi.aid.states import DeliveryState, NeedState
from kolaborasi.aid.templatetags.aid import receipt_link
from kolaborasi.aid.views.access import receipt_ticket
from kolaborasi.audit.models import AuditEntry
from kolaborasi.common.actors import Actor
from kolaborasi.common.clock import utc_now
from kolaborasi.places.models import Figure, Place
from tests.aid.pages import fill, helper, member, promised, rw_place, signed_in, soon, text_of
from tests.factories import (
    TODAY,
    ItemFactory,
    KelurahanFactory,
    NeedLineFactory,
    PartnerFactory,
    SiteFactory,
)
from tests.support import assert_same_queries

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def media(tmp_path: Path, settings: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


def head_of(line: NeedLine) -> Client:
    """The head of the place of a line, signed in."""
    return signed_in(member("rw_head", place=line.need.place))


def told(pledge: Pledge, quantity: int = 10) -> Delivery:
    """What the helper reported with a photo."""
    picture = Photo(b"jpeg", "jpg")
    return services.report_delivery(
        pledge=pledge, quantity=quantity, photo=picture, by=Actor.visitor(), now=utc_now()
    )


def link_in_qr(client: Client, pledge: Pledge) -> str:
    """What the QR code on the page of the receiving side opens, without the host."""
    request = client.get(f"/aid/receive/{pledge.pk}/").wsgi_request
    link = receipt_link({"request": request}, pledge)
    return link.partition("testserver")[2]


def numbers(line: NeedLine) -> tuple[int, int, int]:
    line.refresh_from_db()
    return line.reported, line.committed, line.delivered


def test_head_sees_what_is_coming_to_the_own_place_with_its_code() -> None:
    line, elsewhere = NeedLineFactory(), NeedLineFactory()
    pledge, _token = promised(line)
    foreign, _other = promised(elsewhere)
    response = head_of(line).get("/aid/mine/")
    page = text_of(response)
    assert [each.pk for each in response.context["list"].page] == [pledge.pk]
    assert [need.pk for need in response.context["needs"]] == [line.need_id]
    assert pledge.receipt_code in page
    assert foreign.receipt_code not in page


def test_member_sees_what_is_coming_to_the_institution() -> None:
    site = SiteFactory()
    line = NeedLineFactory(need__place=site.place, need__institution=site)
    beside = NeedLineFactory(need__place=site.place)
    pledge, _token = promised(line)
    promised(beside)
    client = signed_in(member("partner_member", partner=site.partner))
    assert [each.pk for each in client.get("/aid/mine/").context["list"].page] == [pledge.pk]


def test_my_places_are_for_those_who_have_some() -> None:
    assert Client().get("/aid/mine/").status_code == 302
    assert signed_in(helper()).get("/aid/mine/").status_code == 403
    assert signed_in(helper()).get("/aid/mine/needs/").status_code == 403


def test_my_places_ask_the_same_number_of_queries_for_any_number_of_rows() -> None:
    line = NeedLineFactory(reported=500)
    client = head_of(line)
    assert_same_queries(9, ask=lambda: client.get("/aid/mine/"), add_row=lambda: promised(line, 1))


def test_own_needs_ask_the_same_number_of_queries_for_any_number_of_rows() -> None:
    place = KelurahanFactory()
    client = signed_in(member("rw_head", place=place))
    assert_same_queries(
        6, ask=lambda: client.get("/aid/mine/needs/"), add_row=lambda: NeedLineFactory(need__place=place)
    )


def test_head_acknowledges_what_was_reported() -> None:
    line = NeedLineFactory(reported=50)
    pledge, _token = promised(line)
    told(pledge)
    client, address = head_of(line), f"/aid/receive/{pledge.pk}/"
    assert client.get(address).context["form"]["received"].value() == 10
    form = fill(received=8)
    for _press in range(2):
        assert client.post(address, form)["Location"] == address
    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.received, delivery.acknowledged_by) == (
        DeliveryState.ACKNOWLEDGED,
        8,
        "recipient",
    )
    # The rest is given back.
    assert numbers(line) == (50, 8, 8)


def test_head_acknowledges_a_part_and_the_rest_still_comes() -> None:
    line = NeedLineFactory(reported=50)
    pledge, _token = promised(line)
    head_of(line).post(f"/aid/receive/{pledge.pk}/", fill(received=4, more="on"))
    assert numbers(line) == (50, 10, 4)


@pytest.mark.parametrize("received", [11, 0, -1, "semua", ""])
def test_receipt_of_an_impossible_number_changes_nothing(received: Any) -> None:
    line = NeedLineFactory(reported=50)
    pledge, _token = promised(line)
    response = head_of(line).post(f"/aid/receive/{pledge.pk}/", fill(received=received))
    assert response.status_code == 422
    assert list(response.context["form"].errors) == ["received"]
    assert (numbers(line), Delivery.objects.count()) == ((50, 10, 0), 0)


def test_head_disputes_after_being_asked() -> None:
    line = NeedLineFactory(reported=50)
    pledge, _token = promised(line)
    told(pledge)
    client, address = head_of(line), f"/aid/receive/{pledge.pk}/dispute/"
    assert "Tidak ada yang tiba?" in text_of(client.get(address))
    assert client.post(address, fill()).status_code == 302
    assert Delivery.objects.get().state == DeliveryState.DISPUTED
    assert numbers(line) == (50, 10, 0)


def test_head_of_another_place_changes_nothing() -> None:
    line = NeedLineFactory(reported=50)
    pledge, _token = promised(line)
    told(pledge)
    foreign = signed_in(member("rw_head", place=KelurahanFactory()))
    form = fill(received=10, quantity=10, code="AAAAAA")
    assert foreign.post(f"/aid/receive/{pledge.pk}/", form).status_code == 403
    assert foreign.post(f"/aid/receive/{pledge.pk}/dispute/", fill()).status_code == 403
    assert foreign.post(f"/aid/receive/{pledge.pk}/contact/").status_code == 403
    line_address = f"/aid/needs/{line.need_id}/lines/{line.pk}/"
    assert foreign.post(line_address, fill(quantity=1)).status_code == 403
    assert foreign.post(f"/aid/needs/{line.need_id}/withdraw/", fill(reason="other")).status_code == 403
    assert Delivery.objects.get().state == DeliveryState.REPORTED
    assert numbers(line) == (50, 10, 0)
    assert Need.objects.get(pk=line.need_id).state == NeedState.OPEN


def test_helper_scans_the_code_and_it_counts_at_once() -> None:
    line = NeedLineFactory(reported=50)
    pledge, _token = promised(line)
    client, link = Client(), link_in_qr(head_of(line), pledge)
    address = link.partition("?")[0]
    response = client.get(link)
    assert response.context["form"]["code"].value() == pledge.receipt_code
    assert response.context["form"]["quantity"].value() == 10
    response = client.post(address, fill(code=pledge.receipt_code, quantity=10))
    assert response["Location"] == f"{address}done/"
    assert Delivery.objects.get().acknowledged_by == "code"
    assert numbers(line) == (50, 10, 10)
    assert client.get(f"{address}done/").status_code == 200


def test_wrong_code_by_a_visitor_is_counted() -> None:
    line = NeedLineFactory(reported=50)
    pledge, _token = promised(line)
    address = f"/aid/r/{receipt_ticket(pledge)}/"
    response = Client().post(address, fill(code="AAAAAA", quantity=10))
    assert response.status_code == 422
    pledge.refresh_from_db()
    assert (pledge.wrong_codes, numbers(line)) == (1, (50, 10, 0))


def test_stranger_cannot_try_codes_by_the_number_of_a_promise() -> None:
    line = NeedLineFactory(reported=50)
    pledge, token = promised(line)
    address = f"/aid/receive/{pledge.pk}/"
    for client, status in ((Client(), 302), (signed_in(helper()), 403)):
        for _try in range(MOST_WRONG_CODES):
            assert client.post(address, fill(code="AAAAAA", quantity=10)).status_code == status
        assert client.get(address).status_code == status
    assert Client().get(address)["Location"] == f"/accounts/login/?next={address}"
    pledge.refresh_from_db()
    assert pledge.wrong_codes == 0
    # The code still counts for the one who promised.
    Client().post(f"/aid/p/{token}/deliver/", fill(code=pledge.receipt_code, quantity=10))
    assert numbers(line) == (50, 10, 10)


def test_one_s_own_promise_leads_from_the_receipt_to_the_report() -> None:
    line, user = NeedLineFactory(reported=50), helper()
    client = signed_in(user)
    client.post(f"/aid/needs/{line.need_id}/pledges", fill(line=line.pk, quantity=4, deliver_date=soon()))
    pledge = Pledge.objects.get()
    response = client.get(f"/aid/receive/{pledge.pk}/")
    assert response["Location"] == f"/aid/my-pledges/{pledge.pk}/deliver/"


@pytest.mark.parametrize("change", ["last", "number", "code", "empty"])
def test_address_of_another_qr_code_opens_nothing(change: str) -> None:
    pledge, _token = promised(NeedLineFactory())
    other, _other = promised(NeedLineFactory())
    ticket = receipt_ticket(pledge)
    changed = {
        "last": ticket[:-1] + ("A" if ticket[-1] != "A" else "B"),
        "number": f"{other.pk}.{ticket.partition('.')[2]}",
        "code": receipt_ticket(Pledge(pk=pledge.pk, receipt_code="AAAAAA")),
        "empty": str(pledge.pk),
    }[change]
    for address in (f"/aid/r/{changed}/", f"/aid/r/{changed}/done/"):
        assert Client().get(address).status_code == 404
        assert Client().post(f"/aid/r/{changed}/", fill(code="AAAAAA", quantity=10)).status_code == 404
    pledge.refresh_from_db()
    assert pledge.wrong_codes == 0


def test_receiving_side_that_scans_its_own_code_says_what_arrived() -> None:
    line = NeedLineFactory()
    pledge, _token = promised(line)
    client = head_of(line)
    assert client.get(link_in_qr(client, pledge))["Location"] == f"/aid/receive/{pledge.pk}/"


def test_thanks_are_said_only_for_what_has_arrived() -> None:
    line = NeedLineFactory(reported=50)
    pledge, _token = promised(line)
    address = f"/aid/r/{receipt_ticket(pledge)}/"
    assert Client().get(f"{address}done/")["Location"] == address
    told(pledge)
    assert Client().get(f"{address}done/")["Location"] == address
    Client().post(address, fill(code=pledge.receipt_code, quantity=10))
    assert "Sudah tiba dan terhitung diserahkan" in text_of(Client().get(f"{address}done/"))
    assert Client().get(f"/aid/receive/{pledge.pk}/done/").status_code == 404


def test_code_that_no_longer_counts_is_told_to_both_sides() -> None:
    line = NeedLineFactory(reported=50)
    pledge, token = promised(line)
    client, address = head_of(line), f"/aid/r/{receipt_ticket(pledge)}/"
    Pledge.objects.filter(pk=pledge.pk).update(wrong_codes=MOST_WRONG_CODES)
    sentence = "Kode tidak berlaku lagi"
    for page in (address, f"/aid/p/{token}/deliver/"):
        assert sentence in text_of(Client().get(page))
    for page in ("/aid/mine/", f"/aid/receive/{pledge.pk}/"):
        shown = text_of(client.get(page))
        assert sentence in shown
        assert pledge.receipt_code not in shown
    response = Client().post(address, fill(code=pledge.receipt_code, quantity=10))
    assert response.status_code == 422
    assert "Ini bukan kode" not in text_of(response)
    assert numbers(line) == (50, 10, 0)
    # The receiving side still can.
    client.post(f"/aid/receive/{pledge.pk}/", fill(received=10))
    assert numbers(line) == (50, 10, 10)


def test_receiving_side_makes_a_new_code_after_being_asked() -> None:
    line = NeedLineFactory(reported=50)
    pledge, token = promised(line)
    Pledge.objects.filter(pk=pledge.pk).update(wrong_codes=MOST_WRONG_CODES)
    client, address, old = head_of(line), f"/aid/receive/{pledge.pk}/renew-code/", receipt_ticket(pledge)
    assert address in text_of(client.get("/aid/mine/"))
    for other, status in ((Client(), 302), (signed_in(helper()), 403)):
        assert other.post(address, fill()).status_code == status
    assert client.get(address).status_code == 200
    pledge.refresh_from_db()
    assert pledge.wrong_codes == MOST_WRONG_CODES
    assert client.post(address, fill())["Location"] == f"/aid/receive/{pledge.pk}/"
    renewed = Pledge.objects.get(pk=pledge.pk)
    assert renewed.wrong_codes == 0
    assert renewed.receipt_code != pledge.receipt_code
    # The old print opens nothing any more.
    assert Client().get(f"/aid/r/{old}/").status_code == 404
    Client().post(f"/aid/p/{token}/deliver/", fill(quantity=10, code=renewed.receipt_code))
    assert numbers(line) == (50, 10, 10)


def test_code_is_never_shown_to_the_helper() -> None:
    line = NeedLineFactory()
    pledge, token = promised(line)
    for address in (f"/aid/p/{token}/", f"/aid/r/{receipt_ticket(pledge)}/", f"/aid/needs/{line.need_id}/"):
        assert pledge.receipt_code not in text_of(Client().get(address))


def test_contact_is_shown_to_the_receiving_side_and_the_look_is_recorded() -> None:
    line = NeedLineFactory()
    pledge, _token = promised(line)
    client = head_of(line)
    assert "penolong@contoh.example" not in text_of(client.get(f"/aid/receive/{pledge.pk}/"))
    assert client.get(f"/aid/receive/{pledge.pk}/contact/").status_code == 405
    response = client.post(f"/aid/receive/{pledge.pk}/contact/")
    assert "penolong@contoh.example" in text_of(response)
    assert "no-store" in response["Cache-Control"]
    looked = AuditEntry.objects.get(verb="people.look")
    assert looked.detail == {"fields": ["email", "name", "phone"], "reason": "delivery"}


@pytest.mark.parametrize("by", ["visitor", "helper"])
def test_contact_is_shown_to_nobody_else(by: str) -> None:
    pledge, _token = promised(NeedLineFactory())
    client = Client() if by == "visitor" else signed_in(helper())
    response = client.post(f"/aid/receive/{pledge.pk}/contact/")
    assert response.status_code == (302 if by == "visitor" else 403)
    assert "penolong@contoh.example" not in text_of(response)
    assert not AuditEntry.objects.filter(verb="people.look").exists()


def need_form(place: Place, **values: Any) -> dict[str, Any]:
    """The registration form as an RW head fills it in."""
    item = ItemFactory()
    known = {
        "where": f"place:{place.pk}",
        "cause": "income",
        "households": 20,
        "people": 75,
        f"item_{item.pk}": 20,
        "needed_by_date": soon(),
    }
    return fill(**{**known, **values})


def test_head_registers_several_items_at_once() -> None:
    place, meals = rw_place(), ItemFactory(code="makanan-siap-saji", name_id="Makanan siap saji")
    user = member("rw_head", place=place)
    client = signed_in(user)
    form = need_form(place, **{f"item_{meals.pk}": 75})
    first, second = client.post("/aid/needs/new/", form), client.post("/aid/needs/new/", form)
    need = Need.objects.get()
    assert first["Location"] == second["Location"] == f"/aid/needs/{need.pk}/"
    assert (need.place, need.state, need.contact) == (place, NeedState.SUBMITTED, user.person)
    lines = sorted(need.lines.values_list("item__code", "reported"))
    assert lines == [("makanan-siap-saji", 75), ("sembako", 20)]
    assert "Kelurahan memeriksa kebutuhan ini dahulu" in text_of(client.get(first["Location"]))


def test_member_registers_for_the_institution() -> None:
    site = SiteFactory()
    client = signed_in(member("partner_admin", partner=site.partner))
    # partner_admin needs a second factor outside the demonstration
    assert client.get("/aid/needs/new/").status_code == 302
    client = signed_in(member("partner_member", partner=site.partner))
    form = need_form(site.place, where=f"site:{site.pk}", households=0)
    assert client.post("/aid/needs/new/", form).status_code == 302
    need = Need.objects.get()
    assert (need.institution, need.place) == (site, site.place)


def test_verifier_registers_for_an_rw_by_its_number(settings: Any) -> None:
    settings.DEMO = True
    kelurahan = KelurahanFactory()
    client = signed_in(member("verifier", place=kelurahan))
    assert client.post("/aid/needs/new/", need_form(kelurahan, rw=7)).status_code == 302
    assert Need.objects.get().place.code == f"{kelurahan.code}/007"


def test_visitor_is_told_who_registers() -> None:
    assert "ketua RW" in text_of(Client().get("/aid/needs/new/"))
    assert Client().post("/aid/needs/new/", need_form(KelurahanFactory())).status_code == 403
    assert Need.objects.count() == 0


def test_head_cannot_register_for_another_place() -> None:
    client = signed_in(member("rw_head", place=rw_place()))
    response = client.post("/aid/needs/new/", need_form(rw_place()))
    assert response.status_code == 422
    assert Need.objects.count() == 0


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"people": 10}, "people"),
        ({"people": 0}, "people"),
        ({"people": 5_000}, "people"),
        ({"households": -1}, "households"),
        ({"needed_by_date": "2020-01-01"}, "needed_by_date"),
        ({"needed_by_date": ""}, "needed_by_date"),
        ({"cause": "malas"}, "cause"),
        ({"item": ""}, "__all__"),
        ({"item": -4}, "item"),
        ({"item": 201}, "item"),
        ({"needed_by_date": "2999-01-01"}, "needed_by_date"),
        ({"households": 0}, "households"),
    ],
)
def test_wrong_need_is_named_and_the_rest_is_kept(wrong: dict[str, Any], field: str) -> None:
    place, item = rw_place(), ItemFactory()
    Figure.objects.create(
        place=place.parent, series="population.total", date=TODAY, value=4_000, source="test"
    )
    own = f"item_{item.pk}"
    sent = {own if key == "item" else key: value for key, value in wrong.items()}
    client = signed_in(member("rw_head", place=place))
    response = client.post("/aid/needs/new/", need_form(place, **sent))
    assert response.status_code == 422
    form = response.context["form"]
    assert list(form.errors) == [own if field == "item" else field]
    assert form["where"].value() == f"place:{place.pk}"
    assert (Need.objects.count(), NeedLine.objects.count()) == (0, 0)


def test_same_item_is_not_registered_twice_and_the_other_need_is_linked() -> None:
    place = rw_place()
    client = signed_in(member("rw_head", place=place))
    client.post("/aid/needs/new/", need_form(place))
    response = client.post("/aid/needs/new/", need_form(place))
    assert response.status_code == 422
    assert f"/aid/needs/{Need.objects.get().pk}/" in text_of(response)


def test_head_changes_how_much_is_needed() -> None:
    line = NeedLineFactory(reported=50, committed=30)
    response = head_of(line).post(f"/aid/needs/{line.need_id}/lines/{line.pk}/", fill(quantity=20))
    assert response["Location"] == f"/aid/needs/{line.need_id}/"
    assert (numbers(line), line.limit, line.shortfall) == ((20, 30, 0), 30, 10)


def test_line_of_another_need_is_not_changed() -> None:
    line, foreign = NeedLineFactory(), NeedLineFactory()
    response = head_of(line).post(f"/aid/needs/{line.need_id}/lines/{foreign.pk}/", fill(quantity=1))
    assert response.status_code == 404
    assert numbers(foreign) == (50, 0, 0)


def test_head_withdraws_with_a_reason_after_being_asked() -> None:
    line = NeedLineFactory()
    client, address = head_of(line), f"/aid/needs/{line.need_id}/withdraw/"
    assert "Tarik kebutuhan ini?" in text_of(client.get(address))
    assert client.post(address, fill()).status_code == 422
    assert client.post(address, fill(reason="helped-otherwise")).status_code == 302
    need = Need.objects.get(pk=line.need_id)
    assert (need.state, need.state_reason) == (NeedState.WITHDRAWN, "helped-otherwise")
    assert "Bantuan datang dari pihak lain" in text_of(client.get(f"/aid/needs/{need.pk}/"))


def test_partner_without_institutions_registers_nothing() -> None:
    client = signed_in(member("partner_member", partner=PartnerFactory()))
    assert "ketua RW" in text_of(client.get("/aid/needs/new/"))


def test_more_of_several_items_than_anybody_can_use_is_told_above_the_form() -> None:
    place, meals = rw_place(), ItemFactory(code="makanan-siap-saji", name_id="Makanan siap saji")
    client = signed_in(member("rw_head", place=place))
    response = client.post("/aid/needs/new/", need_form(place, **{f"item_{meals.pk}": 99_999}))
    assert response.status_code == 422
    assert list(response.context["form"].errors) == ["__all__"]
    assert Need.objects.count() == 0


def test_change_to_more_than_anybody_can_use_is_refused_at_the_quantity() -> None:
    line = NeedLineFactory(reported=50)
    address = f"/aid/needs/{line.need_id}/lines/{line.pk}/"
    response = head_of(line).post(address, fill(quantity=101))
    assert response.status_code == 422
    assert list(response.context["form"].errors) == ["quantity"]
    assert numbers(line) == (50, 0, 0)
