"""The travel-time function on known distances, and its sea crossings, tables and matrix files."""

from __future__ import annotations

import numpy as np
import pytest

from kolaborasi.optimisation import Demand, MatrixCosts, PlanarCosts, Problem, Supply, check, solve
from kolaborasi.optimisation.errors import BadFile, BadOption, NotANumber, ShapeMismatch
from kolaborasi.optimisation.travel import (
    EARTH_KM,
    JAKARTA,
    TravelCosts,
    great_circle_km,
    points,
    read_matrix,
    travel_minutes,
)

MONAS, BOGOR = (-6.1754, 106.8272), (-6.5950, 106.7970)
PRAMUKA, TIDUNG = (-5.7450, 106.6140), (-5.7980, 106.5080)


def _haversine(a, b):
    (lat1, lon1), (lat2, lon2) = np.radians(a), np.radians(b)
    h = np.sin((lat2 - lat1) / 2) ** 2 + np.cos(lat1) * np.cos(lat2) * np.sin((lon2 - lon1) / 2) ** 2
    return 2 * EARTH_KM * np.arcsin(np.sqrt(h))


def test_great_circle_of_one_degree_and_half_a_globe():
    found = great_circle_km(points([(0, 0)]), points([(0, 0), (0, 1), (0, 180), (90, 0)]))

    degree = EARTH_KM * np.pi / 180
    assert found[0] == pytest.approx([0, degree, 180 * degree, 90 * degree], rel=1e-12)


@pytest.mark.parametrize("scale", [1e-5, 1e-3, 1, 3, 30])
def test_great_circle_equals_haversine_near_and_far(scale):
    rng = np.random.default_rng(1)
    ends = rng.normal(0, scale, (20, 2)) + MONAS
    ends[:, 0] = ends[:, 0].clip(-89, 89)

    found = great_circle_km(points([MONAS]), points(ends))[0]

    assert found == pytest.approx([_haversine(MONAS, end) for end in ends], rel=1e-6)


def test_minutes_on_land_are_distance_times_detour_over_speed():
    found = travel_minutes(points([MONAS]), points([BOGOR]), vehicle="car", hour=10)

    assert found[0, 0] == pytest.approx(_haversine(MONAS, BOGOR) * 1.4 / 26.5 * 60)


def test_minutes_depend_on_hour_and_vehicle():
    def minutes(vehicle, hour):
        return travel_minutes(points([MONAS]), points([BOGOR]), vehicle=vehicle, hour=hour)[0, 0]

    assert minutes("car", 7) > minutes("car", 10) > minutes("car", 23)
    assert minutes("motorcycle", 7) < minutes("car", 7) < minutes("truck", 7) < minutes("foot", 7)


def test_island_is_reached_by_road_wait_and_boat():
    found = travel_minutes(points([MONAS]), points([PRAMUKA], shore=[1]), vehicle="car", hour=10)[0, 0]

    ways = [
        _haversine(MONAS, harbour) * 1.4 / 26.5 * 60 + 30 + _haversine(harbour, PRAMUKA) * 1.1 / 30 * 60
        for harbour in JAKARTA.harbours
    ]
    assert found == pytest.approx(min(ways), rel=1e-9)


def test_islands_among_themselves_are_a_boat_apart():
    pair = points([PRAMUKA, TIDUNG], shore=[1, 2])

    found = travel_minutes(pair, pair, vehicle="car", hour=10)

    assert found[0, 1] == pytest.approx(30 + _haversine(PRAMUKA, TIDUNG) * 1.1 / 30 * 60, rel=1e-9)
    assert found[0, 0] == 0


def test_minutes_are_symmetric_over_land_and_sea():
    mixed = points([MONAS, BOGOR, PRAMUKA, TIDUNG], shore=[0, 0, 1, 2])

    found = travel_minutes(mixed, mixed, vehicle="truck", hour=17)

    assert found == pytest.approx(found.T)


def test_table_names_sources_and_assumptions():
    assert all(len(speeds) == 24 and min(speeds) > 0 for speeds in JAKARTA.speed_kmh.values())
    assert JAKARTA.sources
    assert JAKARTA.assumptions


@pytest.mark.parametrize(("vehicle", "hour"), [("rocket", 9), ("car", 24), ("car", -1)])
def test_unknown_vehicle_or_hour_is_refused(vehicle, hour):
    with pytest.raises(BadOption):
        travel_minutes(points([MONAS]), points([BOGOR]), vehicle=vehicle, hour=hour)
    with pytest.raises(BadOption):
        TravelCosts(points([MONAS]), points([BOGOR]), vehicle=vehicle, hour=hour)


@pytest.mark.parametrize("place", [(106.8, -6.1), (np.nan, 106.8), (-6.1, 190.0)])
def test_swapped_or_missing_degrees_are_refused(place):
    with pytest.raises(NotANumber, match="latitude"):
        points([MONAS, place])


def test_points_of_another_shape_are_refused():
    with pytest.raises(ShapeMismatch):
        points([1.0, 2.0])
    with pytest.raises(ShapeMismatch):
        points([MONAS], shore=[0, 1])


def test_travel_costs_are_seconds_whatever_the_block():
    here, there = points([MONAS, PRAMUKA], shore=[0, 1]), points([BOGOR, MONAS, TIDUNG], shore=[0, 0, 2])
    costs = TravelCosts(here, there, vehicle="car", hour=10)

    whole = costs.block(np.arange(2), np.arange(3))

    minutes = travel_minutes(here, there, vehicle="car", hour=10)
    assert (whole == np.rint(minutes * 60)).all()
    assert costs.block(np.array([1]), np.array([2])) == whole[1, 2]


def test_plan_by_travel_time_passes_the_check():
    costs = TravelCosts(points([MONAS, BOGOR]), points([BOGOR, MONAS]), vehicle="car", hour=10)
    problem = Problem(Supply([0, 0], [3, 3]), Demand([0, 0], [3, 3]), costs)

    plan = solve(problem)

    assert plan.certificate.cost == 0
    assert check(problem, plan) == ()


def test_matrix_file_replaces_the_estimate(tmp_path):
    (tmp_path / "minutes.csv").write_text("1,2.5\n,inf\n")
    np.save(tmp_path / "minutes.npy", np.array([[1, 2.5], [np.inf, np.inf]]))

    text, binary = read_matrix(tmp_path / "minutes.csv"), read_matrix(tmp_path / "minutes.npy")

    assert text.tolist() == binary.tolist() == [[60, 150], [2**30, 2**30]]
    problem = Problem(Supply([0, 0], [1, 1]), Demand([0, 0], [1, 1]), MatrixCosts(text))
    assert solve(problem).certificate.served == 1


@pytest.mark.parametrize("text", ["1,2\n3\n", "1,-2\n", "1,many\n", "1,nan\n"])
def test_bad_matrix_file_is_named(tmp_path, text):
    (tmp_path / "minutes.csv").write_text(text)

    with pytest.raises(BadFile, match=r"minutes\.csv"):
        read_matrix(tmp_path / "minutes.csv")


def test_planar_costs_by_hand_and_blockwise():
    costs = PlanarCosts([[0, 0], [3, 4]], [[0, 0], [6, 8]], 1000)

    assert costs.block(np.arange(2), np.arange(2)).tolist() == [[0, 10000], [5000, 5000]]
    assert costs.block(np.array([1]), np.array([0])).tolist() == [[5000]]
