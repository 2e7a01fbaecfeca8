"""The supply plan is as good as a second solver's, and what it sends is possible."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ortools.graph.python.min_cost_flow import SimpleMinCostFlow

from kolaborasi.vaccination.plan import (
    LotSupply,
    SiteDemand,
    SupplyResult,
    arcs,
    plan_supply,
    segments,
)

START = date(2021, 7, 12)
SCALE = 1000
BOTH = frozenset({"2-8", "-25-15"})


def lot(number: int, doses: int, expires: int, product: str = "a", storage: str = "2-8") -> LotSupply:
    return LotSupply(number, product, doses, START + timedelta(days=expires), storage)


def site(
    number: int,
    *,
    throughput: tuple[int, ...] = (100, 100),
    due: int = 0,
    booked: int = 0,
    residents: int = 0,
    **more: object,
) -> SiteDemand:
    values = {"product": "a", "storages": BOTH, **more}
    return SiteDemand(number, throughput=throughput, due=due, booked=booked, residents=residents, **values)  # type: ignore[arg-type]


def second_opinion(lots: list[LotSupply], sites: list[SiteDemand]) -> float:
    """The same problem as a minimum-cost flow by OR-tools: lot → site and day → segment → sink."""
    solver, sink = SimpleMinCostFlow(), 0
    nodes: dict[object, int] = {}

    def node(key: object) -> int:
        return nodes.setdefault(key, len(nodes) + 1)

    source = node("source")
    for number, each in enumerate(lots):
        solver.add_arc_with_capacity_and_unit_cost(source, node(("lot", number)), each.doses, 0)
    for way in arcs(lots, sites, START):
        solver.add_arc_with_capacity_and_unit_cost(
            node(("lot", way.lot)), node(("in", way.site, way.day)), 10**6, round(way.cost * SCALE)
        )
    for index, each in enumerate(sites):
        for day, people in enumerate(each.throughput):
            solver.add_arc_with_capacity_and_unit_cost(
                node(("in", index, day)), node(("out", index, day)), people, 0
            )
    for number, wish in enumerate(segments(sites)):
        for day in range(len(sites[wish.site].throughput)):
            solver.add_arc_with_capacity_and_unit_cost(
                node(("out", wish.site, day)), node(("wish", number)), 10**6, -round(wish.worth * SCALE)
            )
        solver.add_arc_with_capacity_and_unit_cost(node(("wish", number)), sink, wish.people, 0)
    total = sum(each.doses for each in lots)
    solver.add_arc_with_capacity_and_unit_cost(source, sink, total, 0)
    solver.set_node_supply(source, total)
    solver.set_node_supply(sink, -total)
    assert solver.solve() == solver.OPTIMAL
    return -solver.optimal_cost() / SCALE


def assert_possible(result: SupplyResult, lots: list[LotSupply], sites: list[SiteDemand]) -> None:
    by_lot, by_day = defaultdict(int), defaultdict(int)
    known, places = {each.lot: each for each in lots}, {each.site: each for each in sites}
    for move in result.moves:
        assert move.day < known[move.lot].expires_date
        assert known[move.lot].product == places[move.site].product
        assert known[move.lot].storage in places[move.site].storages
        assert sum(move.serves.values()) == move.doses > 0
        by_lot[move.lot] += move.doses
        by_day[move.site, (move.day - START).days] += move.doses
    assert all(doses <= known[number].doses for number, doses in by_lot.items())
    assert all(doses <= places[number].throughput[day] for (number, day), doses in by_day.items())


LOTS = st.lists(
    st.builds(
        LotSupply,
        lot=st.integers(1, 10**6),
        product=st.sampled_from(["a", "b"]),
        doses=st.integers(0, 60),
        expires_date=st.integers(0, 12).map(lambda days: START + timedelta(days=days)),
        storage=st.sampled_from(["2-8", "-25-15"]),
    ),
    max_size=4,
    unique_by=lambda each: each.lot,
)
SITES = st.lists(
    st.builds(
        SiteDemand,
        site=st.integers(1, 10**6),
        product=st.sampled_from(["a", "b"]),
        throughput=st.tuples(st.integers(0, 30), st.integers(0, 30), st.integers(0, 30)),
        due=st.integers(0, 30),
        booked=st.integers(0, 30),
        residents=st.integers(0, 60),
        storages=st.sampled_from([frozenset({"2-8"}), BOTH]),
        on_hand=st.integers(0, 20),
        km=st.sampled_from([0.0, 5.0, 20.0]),
    ),
    max_size=4,
    unique_by=lambda each: each.site,
)


@settings(max_examples=60, deadline=None)
@given(lots=LOTS, sites=SITES)
def test_plan_equals_a_second_solver(lots: list[LotSupply], sites: list[SiteDemand]) -> None:
    result = plan_supply(lots, sites, start=START)
    assert_possible(result, lots, sites)
    assert result.worth == pytest.approx(second_opinion(lots, sites), abs=1e-3)


def test_due_second_doses_come_first_then_bookings_then_residents() -> None:
    result = plan_supply([lot(1, 25, 90)], [site(1, due=10, booked=10, residents=10)], start=START)
    assert result.served == {"due": 10, "booked": 10, "resident": 5}
    assert result.unserved == {"due": 0, "booked": 0, "resident": 5}


def test_lot_that_expires_first_is_sent_first_and_its_expiry_avoided() -> None:
    lots = [lot(1, 50, 200), lot(2, 50, 2), lot(3, 40, 1)]
    result = plan_supply(lots, [site(1, residents=70, throughput=(30, 40))], start=START)
    sent = defaultdict(int)
    for move in result.moves:
        sent[move.lot] += move.doses
    assert sent == {3: 30, 2: 40}
    assert (result.expiring_avoided, result.expiring_left) == (70, 20)


def test_two_unvaccinated_areas_share_what_there_is() -> None:
    result = plan_supply(
        [lot(1, 40, 90)], [site(1, residents=100), site(2, residents=100, km=30)], start=START
    )
    sent = defaultdict(int)
    for move in result.moves:
        sent[move.site] += move.doses
    assert sent == {1: 20, 2: 20}


def test_frozen_lot_goes_only_where_it_can_be_kept() -> None:
    warm = site(1, residents=50, storages=frozenset({"2-8"}))
    cold = site(2, residents=5)
    result = plan_supply([lot(1, 40, 90, storage="-25-15")], [warm, cold], start=START)
    assert [(move.site, move.doses) for move in result.moves] == [(2, 5)]


def test_nothing_to_send_and_nobody_to_serve_is_an_empty_plan() -> None:
    assert plan_supply([], [site(1, residents=5)], start=START).moves == []
    assert plan_supply([lot(1, 5, 9)], [], start=START).moves == []
    assert plan_supply([lot(1, 5, 9)], [site(1, residents=5, on_hand=5)], start=START).moves == []
