"""Questions about places: by code, below, near, by name; figures and buckets."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest

from kolaborasi.common.actors import Actor
from kolaborasi.places import facts
from kolaborasi.places.errors import UnknownArea, WrongScheme
from kolaborasi.places.models import Place
from kolaborasi.places.queries import (
    bucket_figures,
    children,
    figure_dates,
    figures,
    place_by_code,
    place_by_unmarked_code,
    places_named,
    places_near,
    places_of_kind,
)
from kolaborasi.places.rules import Kind, Scheme, distance_km
from kolaborasi.places.services import ensure_rws

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("jakarta")]
MONAS = (-6.1754, 106.8272)
JUNE = date(2021, 6, 30)


@pytest.mark.parametrize(
    ("scheme", "code", "name"),
    [
        (Scheme.KEMENDAGRI, "31.71", "Kota Administrasi Jakarta Pusat"),
        (Scheme.KEMENDAGRI, "3171", "Kota Administrasi Jakarta Pusat"),
        (Scheme.BPS, "3171", "Kota Administrasi Jakarta Selatan"),
        ("bps", "3173080003", "Gambir"),
        ("kemendagri", "3171011001", "Gambir"),
    ],
)
def test_place_by_code_of_a_scheme(scheme: str, code: str, name: str) -> None:
    assert place_by_code(scheme, code).name == name


def test_place_by_code_unknown_says_scheme_and_code() -> None:
    with pytest.raises(UnknownArea, match="No area has the bps code 3299"):
        place_by_code("bps", "3299")
    with pytest.raises(UnknownArea, match="No area has the bps code 317101"):
        place_by_code("bps", "317101")


def test_place_by_unmarked_code_refuses_what_two_schemes_name() -> None:
    with pytest.raises(WrongScheme) as refused:
        place_by_unmarked_code("3171")
    assert str(refused.value) == (
        "3171 is Kota Administrasi Jakarta Selatan in BPS and Kota Administrasi Jakarta Pusat in Kemendagri. Say which."
    )


def test_place_by_unmarked_code_takes_what_only_one_scheme_can_mean(loader: Actor, now: datetime) -> None:
    ensure_rws(numbers={"31.71.01.1001": [12]}, by=loader, now=now)
    assert place_by_unmarked_code("31.71").name == "Kota Administrasi Jakarta Pusat"
    assert place_by_unmarked_code("3101").name == "Kabupaten Administrasi Kepulauan Seribu"
    assert place_by_unmarked_code("3173080").name == "Gambir"
    assert place_by_unmarked_code("31.71.01.1001/012").name == "RW 012"
    with pytest.raises(UnknownArea):
        place_by_unmarked_code("9999999999")


def test_children_are_directly_below() -> None:
    city = Place.objects.get(code="31.71")
    assert [place.code for place in children(city)] == [f"31.71.0{n}" for n in range(1, 9)]


def test_places_of_kind_below_an_area_at_any_depth(loader: Actor, now: datetime) -> None:
    assert places_of_kind(Kind.KELURAHAN).count() == 267
    assert places_of_kind(Kind.KELURAHAN, below="31.71").count() == 44
    assert places_of_kind(Kind.KELURAHAN, below="31.01").count() == 6
    ensure_rws(numbers={"31.71.01.1001": [1, 2]}, by=loader, now=now)
    assert places_of_kind(Kind.RW, below="31.71.01.1001").count() == 2


def test_places_near_are_ordered_by_great_circle_distance() -> None:
    found = list(places_near(*MONAS, Kind.KELURAHAN, limit=267))
    expected = sorted(
        (distance_km(MONAS, (place.latitude, place.longitude)), place.code)
        for place in facts.jakarta_places()
        if place.kind == "kelurahan"
    )
    assert [place.code for place in found] == [code for _km, code in expected]
    assert [place.distance_km for place in found] == pytest.approx([km for km, _code in expected], abs=1e-6)
    assert found[0].name == "Gambir"


def test_places_near_leaves_out_places_without_a_point_and_other_kinds() -> None:
    Place.objects.filter(code="31.71.01").update(latitude=None, longitude=None)
    found = list(places_near(*MONAS, Kind.KECAMATAN, limit=100))
    assert len(found) == 43
    assert {place.kind for place in found} == {Kind.KECAMATAN}


@pytest.mark.parametrize(
    ("text", "kind", "names"),
    [
        ("palmerah", Kind.KECAMATAN, ["Pal Merah"]),
        ("setia budi", Kind.KECAMATAN, ["Setiabudi"]),
        ("KEP. SERIBU", Kind.CITY, ["Kabupaten Administrasi Kepulauan Seribu"]),
        ("cideng", None, ["Cideng"]),
        ("", None, []),
        ("%", None, []),
        ("tidak ada", None, []),
    ],
)
def test_places_named_any_way(text: str, kind: Kind | None, names: list[str]) -> None:
    assert [place.name for place in places_named(text, kind=kind)] == names


def test_places_named_put_those_that_begin_with_it_first() -> None:
    found = [place.name for place in places_named("jati", kind=Kind.KELURAHAN)]
    begins = [name.upper().startswith("JATI") for name in found]
    assert begins == sorted(begins, reverse=True)
    assert begins[0]
    assert not begins[-1]


def test_figures_of_kelurahan_and_buckets_make_the_total() -> None:
    kelurahan = figures("covid.selfisolation", JUNE)
    total = figures("covid.selfisolation", JUNE, Kind.PROVINCE).get()
    buckets = {figure.bucket: figure.value for figure in bucket_figures("covid.selfisolation", JUNE)}
    assert len(kelurahan) == 267
    assert buckets == {"LUAR DKI JAKARTA": 3523, "PROSES UPDATE DATA": 381}
    assert sum(figure.value for figure in kelurahan) == 43_925
    assert total.value == 43_925 + 3523 + 381 == 47_829


def test_figures_of_population_by_date_and_source() -> None:
    assert sum(figure.value for figure in figures("population.total", date(2024, 12, 31))) == 11_038_216
    assert sum(figure.value for figure in figures("population.total", date(2019, 6, 30))) == 11_011_862
    assert figures("population.total", date(2019, 6, 30), source="nobody").count() == 0
    assert figure_dates("population.total") == [date(2024, 12, 31), date(2019, 6, 30)]


def test_figures_with_their_places_are_one_query(django_assert_num_queries: Callable[[int], Any]) -> None:
    with django_assert_num_queries(1):
        assert len([figure.place.name for figure in figures("covid.selfisolation", JUNE)]) == 267


def test_places_named_with_their_parents_are_one_query(
    django_assert_num_queries: Callable[[int], Any],
) -> None:
    with django_assert_num_queries(1):
        assert (
            len([place.parent.name for place in places_named("kebon", kind=Kind.KELURAHAN) if place.parent])
            > 3
        )
