"""Pages for everybody: the list and map of needs, one need, coverage, photos."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from kolaborasi.aid import services
from kolaborasi.aid.models import Cause, Delivery
from kolaborasi.aid.states import NeedState
from kolaborasi.common.actors import Actor
from kolaborasi.common.clock import utc_now
from kolaborasi.people.services import Identity
from tests.aid.pages import helper, member, photo, promised, rw_place, signed_in, text_of
from tests.factories import (
    ItemFactory,
    KelurahanFactory,
    NeedFactory,
    NeedLineFactory,
    PartnerFactory,
    SiteFactory,
    staff,
)
from tests.support import assert_same_queries

pytestmark = pytest.mark.django_db


def places_in(response: Any) -> list[str]:
    return [need.place.name for need in response.context["list"].page]


def test_list_shows_open_needs_only(client: Client) -> None:
    open_line = NeedLineFactory()
    for state in (NeedState.SUBMITTED, NeedState.REJECTED, NeedState.WITHDRAWN):
        NeedLineFactory(need__state=state, need__state_reason="other")
    assert places_in(client.get("/aid/")) == [open_line.need.place.name]


def test_list_begins_with_the_least_covered(client: Client) -> None:
    half, none, most = (
        NeedLineFactory(reported=100, committed=committed, need__place__name=f"Kelurahan {name}")
        for name, committed in (("Setengah", 50), ("Kosong", 0), ("Hampir", 90))
    )
    names = [line.need.place.name for line in (none, half, most)]
    assert places_in(client.get("/aid/")) == names


def test_list_is_filtered_by_item_without_changing_its_sums(client: Client) -> None:
    meals = ItemFactory(code="makanan-siap-saji", name_id="Makanan siap saji")
    line = NeedLineFactory(reported=50)
    NeedLineFactory(need=line.need, item=meals, reported=30)
    NeedLineFactory()
    found = client.get("/aid/", {"item": meals.code}).context["list"].page
    assert [(need.pk, need.needed) for need in found] == [(line.need_id, 80)]


def test_list_is_filtered_by_cause_area_and_what_is_left(client: Client) -> None:
    NeedLineFactory(need__cause=Cause.DISASTER, committed=50, reported=50)
    wanted = NeedLineFactory(need__cause=Cause.DISASTER)
    NeedLineFactory(need__cause=Cause.INCOME)
    address = {"cause": "disaster", "open": "on", "kecamatan": "31.71.01", "city": "31.71"}
    assert places_in(client.get("/aid/", address)) == [wanted.need.place.name]
    assert places_in(client.get("/aid/", {"area": wanted.need.place.code})) == [wanted.need.place.name]


def test_list_is_searched_by_place_and_institution(client: Client) -> None:
    NeedLineFactory(need__place__name="Cikini")
    site = SiteFactory(name="Panti Melati")
    NeedLineFactory(need__place=site.place, need__institution=site)
    assert len(client.get("/aid/", {"q": "cikini"}).context["list"].page) == 1
    assert len(client.get("/aid/", {"q": "melati"}).context["list"].page) == 1
    empty = client.get("/aid/", {"q": "tidak ada"})
    assert "Tidak ada yang cocok" in text_of(empty)


def test_list_sorts_by_distance_from_a_position(client: Client) -> None:
    far = NeedLineFactory(need__place__latitude=-6.30, need__place__longitude=106.82)
    near = NeedLineFactory(need__place__latitude=-6.20, need__place__longitude=106.82)
    response = client.get("/aid/", {"near": "-6.201,106.82"})
    assert places_in(response) == [near.need.place.name, far.need.place.name]
    assert round(response.context["list"].page[0].km, 2) == 0.11


def test_list_sorts_by_distance_from_a_chosen_place(client: Client) -> None:
    far = NeedLineFactory(need__place__latitude=-6.30)
    near = NeedLineFactory(need__place__latitude=-6.20)
    response = client.get("/aid/", {"from": near.need.place.code})
    assert places_in(response) == [near.need.place.name, far.need.place.name]


def test_filters_beyond_the_first_two_are_folded_until_one_is_used(client: Client) -> None:
    folded = client.get("/aid/").context["list"]
    assert [bound.name for bound in folded.first_fields] == ["q", "item"]
    assert [bound.name for bound in folded.more_fields] == ["cause", "city", "kecamatan", "from", "open"]
    assert (
        folded.more_fields_used,
        client.get("/aid/", {"open": "on"}).context["list"].more_fields_used,
    ) == (
        False,
        True,
    )


@pytest.mark.parametrize("position", ["here", "-6.2", "106.8,-6.2,1", "-6.2,106.8; DROP"])
def test_list_names_a_position_it_cannot_use(client: Client, position: str) -> None:
    NeedLineFactory()
    response = client.get("/aid/", {"near": position})
    assert response.status_code == 200
    assert response.context["list"].bad_parameters == ["Dari posisi saya"]


def test_list_is_exported_with_three_numbers(client: Client) -> None:
    line = NeedLineFactory(reported=50, committed=20, delivered=5)
    response: Any = client.get("/aid/", {"format": "csv"}, headers={"accept-language": "en"})
    rows = list(csv.DictReader(io.StringIO(b"".join(response.streaming_content).decode("utf-8-sig"))))
    assert [(row["Needed"], row["Promised"], row["Delivered"]) for row in rows] == [("50", "20", "5")]
    assert rows[0]["Area code (Kemendagri)"] == line.need.place.code
    assert rows[0]["Items"] == "sembako 50/20/5"


def test_list_asks_the_same_number_of_queries_for_any_number_of_rows(client: Client) -> None:
    assert_same_queries(7, ask=lambda: client.get("/aid/"), add_row=NeedLineFactory)


def test_points_are_one_for_each_kelurahan_in_one_query(
    client: Client, django_assert_num_queries: Any
) -> None:
    rw = rw_place()
    NeedLineFactory(need__place=rw, reported=30)
    NeedLineFactory(need__place=rw.parent, reported=20, committed=5)
    alone = NeedLineFactory()
    with django_assert_num_queries(1):
        points = json.loads(client.get("/aid/points.json").content)
    by_title = {point["title"]: point for point in points}
    assert set(by_title) == {rw.parent.name, alone.need.place.name}  # type: ignore[union-attr]
    both = by_title[rw.parent.name]  # type: ignore[union-attr]
    assert both["text"] == "2 kebutuhan, masih kurang 45 paket"
    assert both["href"] == f"/aid/?area={rw.parent.code}"  # type: ignore[union-attr]
    assert by_title[alone.need.place.name]["href"] == f"/aid/needs/{alone.need_id}/"


def test_points_follow_the_filters_of_the_list(client: Client) -> None:
    NeedLineFactory(need__cause=Cause.DISASTER)
    NeedLineFactory(need__cause=Cause.INCOME)
    assert len(json.loads(client.get("/aid/points.json", {"cause": "disaster"}).content)) == 1


def test_outlines_are_cached_geojson(client: Client) -> None:
    response = client.get("/aid/outlines/kecamatan.json")
    assert len(json.loads(response.content)["features"]) == 44
    assert response["Cache-Control"] == "max-age=86400, public"
    assert client.get("/aid/outlines/rw.json").status_code == 404


def test_need_shows_three_numbers_and_an_estimate(client: Client) -> None:
    line = NeedLineFactory(reported=50, committed=20, delivered=5, need__estimated=True)
    page = text_of(client.get(f"/aid/needs/{line.need_id}/"))
    assert "diperkirakan dari data resmi" in page
    assert f"/aid/needs/{line.need_id}/pledges?line={line.pk}" in page


@pytest.mark.parametrize("state", [NeedState.SUBMITTED, NeedState.REJECTED])
def test_need_before_its_check_is_hidden_from_others(client: Client, state: NeedState) -> None:
    need = NeedFactory(state=state, verified_at=None, state_reason="other")
    assert client.get(f"/aid/needs/{need.pk}/").status_code == 404
    head = member("rw_head", place=need.place)
    assert signed_in(head).get(f"/aid/needs/{need.pk}/").status_code == 200


def test_need_that_is_over_says_so_and_offers_no_pledge(client: Client) -> None:
    line = NeedLineFactory(need__state=NeedState.WITHDRAWN, need__state_reason="no-longer-needed")
    page = text_of(client.get(f"/aid/needs/{line.need_id}/"))
    assert "Kebutuhan ini sudah selesai" in page
    assert "pledges?line" not in page
    # The reason is for the people of the place.
    assert "Tidak diperlukan lagi" not in page


def test_need_names_partners_and_only_individuals_who_wish_it(client: Client) -> None:
    line = NeedLineFactory()
    giver = PartnerFactory(name="Komunitas Berbagi")
    by = staff("partner_member", partner_id=giver.pk)
    day, now = utc_now().date(), utc_now()
    services.pledge(
        need_line=line,
        donor=services.pledges.Donor(partner=giver),
        quantity=7,
        deliver_date=day,
        by=by,
        now=now,
    )
    promised(line, 3, identity=Identity(name="Warga Rahasia", email="rahasia@contoh.example"))
    known = helper()
    services.pledge(
        need_line=line,
        donor=services.pledges.Donor(person=known.person, named=True),
        quantity=2,
        deliver_date=day,
        by=Actor.user(known.pk),
        now=now,
    )
    page = text_of(client.get(f"/aid/needs/{line.need_id}/"))
    assert "Komunitas Berbagi" in page
    assert "7 dijanjikan" in page
    assert "Warga Contoh" in page
    assert "1 warga yang tidak disebut namanya" in page
    assert "Warga Rahasia" not in page
    assert "rahasia@contoh.example" not in page


def test_need_asks_the_same_number_of_queries_for_any_number_of_pledges(client: Client) -> None:
    line = NeedLineFactory(reported=500)
    address = f"/aid/needs/{line.need_id}/"
    assert_same_queries(6, ask=lambda: client.get(address), add_row=lambda: promised(line))


def test_coverage_sums_kelurahan_with_their_rw(client: Client) -> None:
    rw = rw_place()
    NeedLineFactory(need__place=rw, reported=30, committed=10, delivered=2)
    NeedLineFactory(need__place=rw.parent, reported=20)
    response = client.get("/aid/coverage/")
    rows = [(row.code, row.needs, row.coverage) for row in response.context["list"].page]
    assert [(code, needs) for code, needs, _coverage in rows] == [(rw.parent.code, 2)]  # type: ignore[union-attr]
    coverage = rows[0][2]
    assert (coverage.needed, coverage.committed, coverage.delivered) == (50, 10, 2)
    assert response.context["total"] == coverage
    assert "coverage-points" in text_of(response)


def test_coverage_is_of_one_item_when_asked(client: Client) -> None:
    line = NeedLineFactory(reported=50)
    meals = ItemFactory(code="makanan-siap-saji", name_id="Makanan siap saji")
    NeedLineFactory(need=line.need, item=meals, reported=30)
    response: Any = client.get("/aid/coverage/", {"item": meals.code, "format": "csv"})
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    assert [row.split(",")[3] for row in text.splitlines()[1:]] == ["30"]


def test_coverage_asks_the_same_number_of_queries_for_any_number_of_rows(client: Client) -> None:
    assert_same_queries(3, ask=lambda: client.get("/aid/coverage/"), add_row=NeedLineFactory)


@pytest.fixture
def reported(tmp_path: Any, settings: Any) -> tuple[Delivery, str]:
    settings.MEDIA_ROOT = tmp_path
    pledge, token = promised(NeedLineFactory())
    from kolaborasi.aid.photos import read_photo

    picture = photo()
    made = services.report_delivery(
        pledge=pledge,
        quantity=10,
        photo=read_photo(picture.file, size=picture.size or 0),  # type: ignore[arg-type]
        by=Actor.visitor(),
        now=utc_now(),
    )
    return made, token


def test_photo_is_for_the_two_sides_until_it_is_acknowledged(reported: tuple[Delivery, str]) -> None:
    delivery, token = reported
    address = f"/aid/photos/{delivery.pk}/"
    assert Client().get(address).status_code == 404
    assert Client().get(f"/aid/p/{token}/photos/{delivery.pk}/").status_code == 200
    head = member("rw_head", place=delivery.pledge.need_line.need.place)
    response = signed_in(head).get(address)
    assert (response.status_code, response["Cache-Control"]) == (200, "private, no-store")
    assert response["Content-Type"] == "image/jpeg"


def test_photo_is_public_once_acknowledged(reported: tuple[Delivery, str]) -> None:
    delivery, _token = reported
    need = delivery.pledge.need_line.need
    services.acknowledge(
        pledge=delivery.pledge, received=10, by=staff("rw_head", need.place.code), now=utc_now()
    )
    response = Client().get(f"/aid/photos/{delivery.pk}/")
    assert response.status_code == 200
    assert "public" in response["Cache-Control"]
    assert f"/aid/photos/{delivery.pk}/" in text_of(Client().get(f"/aid/needs/{need.pk}/"))


def test_photo_of_a_disputed_delivery_is_shown_to_nobody(reported: tuple[Delivery, str]) -> None:
    delivery, token = reported
    place = delivery.pledge.need_line.need.place
    services.dispute(pledge=delivery.pledge, by=staff("rw_head", place.code), now=utc_now())
    assert Client().get(f"/aid/p/{token}/photos/{delivery.pk}/").status_code == 404
    assert signed_in(member("rw_head", place=place)).get(f"/aid/photos/{delivery.pk}/").status_code == 404


def test_photo_of_another_pledge_is_not_opened_by_a_link(reported: tuple[Delivery, str]) -> None:
    delivery, _token = reported
    _other, foreign = promised(NeedLineFactory(need__place=KelurahanFactory()))
    assert Client().get(f"/aid/p/{foreign}/photos/{delivery.pk}/").status_code == 404


def test_photo_whose_file_is_gone_is_not_found(reported: tuple[Delivery, str]) -> None:
    delivery, token = reported
    Path(delivery.photo.path).unlink()
    assert Client().get(f"/aid/p/{token}/photos/{delivery.pk}/").status_code == 404
