"""Areas and figures over the API, on real Jakarta."""

from __future__ import annotations

from datetime import date

import pytest
from django.utils.timezone import now as present

from kolaborasi.common.actors import Actor
from kolaborasi.places.models import Figure, Place
from kolaborasi.places.services import load_jakarta
from tests.api.conftest import Api
from tests.factories import KelurahanFactory
from tests.support import assert_same_queries


@pytest.fixture
def jakarta() -> None:
    """The areas and figures that come with the platform."""
    load_jakarta(by=Actor.system("test"), now=present())


@pytest.mark.usefixtures("jakarta")
def test_same_digits_are_other_cities_in_other_schemes(visitor: Api) -> None:
    assert visitor.get("/places/kemendagri/3171").json()["code"] == "31.71"
    bps = visitor.get("/places/bps/3171").json()
    assert (bps["code"], bps["codes"]) == ("31.74", {"bps": "3171", "kemendagri": "31.74"})
    assert (bps["parent"]["code"], bps["parent"]["kind"]) == ("31", "province")


@pytest.mark.usefixtures("jakarta")
def test_code_without_its_scheme_is_refused_with_both_meanings(visitor: Api) -> None:
    response = visitor.get("/places?code=3171")
    assert (response.status_code, response.json()["code"]) == (422, "wrong-area-code-scheme")
    assert "Jakarta Selatan in BPS" in response.json()["detail"]
    assert "Jakarta Pusat in Kemendagri" in response.json()["detail"]
    assert visitor.get("/places?code=31.71.03.1001").status_code == 422
    (place,) = visitor.get("/places?scheme=bps&code=3171").json()["items"]
    assert place["code"] == "31.74"


@pytest.mark.usefixtures("jakarta")
def test_code_of_no_area_or_scheme_is_refused(visitor: Api) -> None:
    assert visitor.get("/places/kemendagri/9999").json()["code"] == "unknown-area"
    assert visitor.get("/places/kemendagri/abc").status_code == 404
    assert visitor.get("/places/pos/12110").status_code == 422


@pytest.mark.usefixtures("jakarta")
def test_list_of_areas_by_cursor_is_whole(visitor: Api) -> None:
    codes: list[str] = []
    address: str | None = "/api/v1/places?kind=kelurahan&limit=100"
    while address:
        body = visitor.get(address).json()
        codes += [place["code"] for place in body["items"]]
        address = body["next"]
    assert len(codes) == 267
    assert codes == sorted(codes)
    within = visitor.get("/places?kind=kecamatan&within=3171&scheme=kemendagri").json()["items"]
    assert len(within) == 8
    (named,) = visitor.get("/places?name=kebon kosong").json()["items"]
    assert named["code"] == "31.71.03.1002"


def test_list_of_areas_asks_the_database_as_often_for_three_as_for_one(visitor: Api) -> None:
    assert_same_queries(2, ask=lambda: visitor.get("/places"), add_row=KelurahanFactory)


def test_rw_has_its_own_scheme_in_the_address(visitor: Api) -> None:
    kelurahan = KelurahanFactory()
    code = f"{kelurahan.code}/004"
    place = Place.objects.create(kind="rw", code=code, name="RW 004", search_name="RW004", parent=kelurahan)
    place.codes.create(scheme="rw", code=code)
    shown = visitor.get(f"/places/rw/{code}").json()
    assert (shown["code"], shown["scheme"], shown["parent"]["code"]) == (code, "rw", kelurahan.code)


@pytest.mark.usefixtures("jakarta")
def test_figures_of_a_series_at_a_date(visitor: Api) -> None:
    series, when = (
        "population.total",
        visitor.get("/figures/dates?series=population.total").json()["dates"][0],
    )
    body = visitor.get(f"/figures?series={series}&date={when}&limit=1").json()
    (figure,) = body["items"]
    stored = Figure.objects.get(series=series, date=when, place__code=figure["place"]["code"])
    assert (figure["value"], figure["bucket"], figure["source"]) == (stored.value, "", stored.source)
    assert body["next"]
    assert visitor.get(f"/figures?series={series}&date=yesterday").status_code == 422
    assert visitor.get(f"/figures?series={series}&date=1999-01-01").json() == {"items": [], "next": None}


def test_figures_of_no_area_are_kept_apart(visitor: Api) -> None:
    Figure.objects.create(
        bucket="LUAR DKI JAKARTA",
        series="covid.confirmed.total",
        date=date(2021, 6, 30),
        value=7,
        source="test",
    )
    (figure,) = visitor.get("/figures/buckets?series=covid.confirmed.total&date=2021-06-30").json()
    assert (figure["place"], figure["bucket"], figure["value"]) == (None, "LUAR DKI JAKARTA", 7)
