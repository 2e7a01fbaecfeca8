"""The facts tables: counts, sums, points and outlines, and that the command makes the same ones."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from pathlib import Path

import pytest
import shapely
from shapely.geometry import shape

from kolaborasi.places import facts
from kolaborasi.places.build import FACTS_FOLDER, build_facts


def test_jakarta_has_one_province_6_cities_44_kecamatan_267_kelurahan() -> None:
    kinds = Counter(place.kind for place in facts.jakarta_places())
    assert kinds == {"province": 1, "city": 6, "kecamatan": 44, "kelurahan": 267}


def test_jakarta_codes_are_unique_in_both_schemes() -> None:
    places = facts.jakarta_places()
    assert len({place.code for place in places}) == 318
    assert len({place.bps_code for place in places}) == 318


def test_bps_code_of_kelurahan_lies_in_the_bps_code_of_its_kecamatan() -> None:
    bps = {place.code: place.bps_code for place in facts.jakarta_places()}
    wrong = [c for c in bps if len(c) == 13 and not bps[c].startswith(bps[c[:8]])]
    assert wrong == []
    assert bps["31.71.01.1001"] == "3173080003"


def test_population_sums_are_the_published_ones() -> None:
    kelurahan = [place for place in facts.jakarta_places() if place.kind == "kelurahan"]
    assert sum(place.population_2024 or 0 for place in kelurahan) == 11_038_216
    assert sum(place.population_2019 or 0 for place in kelurahan) == 11_011_862
    assert sum(place.households_2019 or 0 for place in kelurahan) == 3_543_305


def test_covid_counts_and_buckets_sum_to_the_published_total() -> None:
    for series, total in {
        "covid.confirmed.cumulative": 543_468,
        "covid.hospitalised": 22_210,
        "covid.recovered": 464_943,
        "covid.died": 8_486,
        "covid.selfisolation": 47_829,
    }.items():
        counts = [count for count in facts.covid_counts() if count.series == series]
        parts = [count for count in counts if count.code != "31"]
        assert len(parts) == 267 + 2
        assert sum(count.value for count in parts) == total
        assert [count.value for count in counts if count.code == "31"] == [total]
    buckets = {count.bucket for count in facts.covid_counts() if count.bucket}
    assert buckets == {"LUAR DKI JAKARTA", "PROSES UPDATE DATA"}


def test_daily_new_cases_cover_the_wave_and_sum_to_the_published_cumulative() -> None:
    cases = facts.daily_new_cases()
    assert len(cases) == 153
    assert max(cases.values()) == 14_622
    # Cumulative cases were 409,503 at the end of 1 May, of which 926 were new, and 857,728 on 30 September.
    assert sum(cases.values()) == 857_728 - (409_503 - 926)


@pytest.mark.parametrize(("kind", "number"), [("city", 6), ("kecamatan", 44), ("kelurahan", 267)])
def test_outlines_are_a_valid_coverage(kind: str, number: int) -> None:
    features = json.loads(facts.outlines(kind))["features"]
    shapes = [shape(feature["geometry"]) for feature in features]
    names = {place.code: place.name for place in facts.jakarta_places()}
    assert len(features) == number
    assert all(names[f["properties"]["code"]] == f["properties"]["name"] for f in features)
    assert all(one.is_valid for one in shapes)
    assert shapely.coverage_is_valid(shapes)


def test_outlines_are_small() -> None:
    sizes = [path.stat().st_size for path in FACTS_FOLDER.glob("jakarta_outlines_*.geojson.gz")]
    assert len(sizes) == 3
    assert sum(sizes) <= 150_000


def test_point_of_each_kelurahan_is_on_its_ground() -> None:
    outlines = {
        f["properties"]["code"]: shape(f["geometry"])
        for f in json.loads(facts.outlines("kelurahan"))["features"]
    }
    outside = [
        place.name
        for place in facts.jakarta_places()
        if place.kind == "kelurahan"
        and not outlines[place.code].covers(shapely.Point(place.longitude, place.latitude))
    ]
    assert outside == []


def test_build_makes_the_tables_that_are_kept(shared_data: Path, tmp_path: Path) -> None:
    written = build_facts(shared_data, tmp_path)
    assert len(written) == 7
    for path in written:
        assert _content(path) == _content(FACTS_FOLDER / path.name), path.name


def test_build_refuses_an_absent_source(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        build_facts(tmp_path, tmp_path)
    assert list(tmp_path.iterdir()) == []


def _content(path: Path) -> bytes:
    # Compressed bytes may differ between builds of zlib; what is inside may not.
    return gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
