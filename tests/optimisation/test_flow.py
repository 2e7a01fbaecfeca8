"""Minimum-cost flow against known optima and a second engine."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kolaborasi.optimisation.dimacs import read_min_cost_flow
from kolaborasi.optimisation.errors import (
    BadFile,
    Infeasible,
    NegativeValue,
    ShapeMismatch,
    TooLarge,
    Unbounded,
)
from kolaborasi.optimisation.flow import (
    UNLIMITED,
    Flow,
    Network,
    exact_sum,
    residual_violations,
    solve,
    solve_by_cost_scaling,
)

NETGEN = {"08": 142274536, "10": 369269289, "13": 1184953451, "14": 1772056888}


@pytest.mark.parametrize(("name", "optimum"), NETGEN.items())
def test_netgen_has_its_published_optimum(shared_data, name, optimum):
    net = read_min_cost_flow(shared_data / "optimisation" / "netgen" / f"netgen_8_{name}.min")

    flow = solve(net)

    assert flow.cost == optimum
    assert solve_by_cost_scaling(net).cost == optimum
    assert _faults(net, flow) == []
    assert len(residual_violations(net, flow)) == 0


def _faults(net, flow):
    balance = np.zeros(len(net.supplies), int)
    np.add.at(balance, net.starts, flow.amounts)
    np.subtract.at(balance, net.ends, flow.amounts)
    return [*np.flatnonzero(balance != net.supplies), *np.flatnonzero(flow.amounts < 0)]


@st.composite
def networks(draw, lowest=-20):
    nodes = draw(st.integers(2, 7))
    node, small = st.integers(0, nodes - 1), st.integers(0, 12)
    arcs = draw(st.lists(st.tuples(node, node, small, st.integers(lowest, 20)), min_size=1, max_size=20))
    supplies = draw(st.lists(st.integers(-6, 6), min_size=nodes, max_size=nodes))
    supplies[-1] -= sum(supplies)
    # Dear arcs round the ring make most networks feasible without deciding their optimum.
    arcs += [(v, (v + 1) % nodes, draw(st.sampled_from([0, 100])), 500) for v in range(nodes)]
    return Network(*np.array(arcs, dtype=np.int64).T, np.array(supplies))


@settings(max_examples=300, deadline=None)
@given(networks(), st.data())
def test_solve_equals_second_engine_whatever_it_is_told(net, data):
    potentials = np.array(data.draw(st.lists(st.integers(-99, 99), min_size=7, max_size=7)))
    try:
        best = solve_by_cost_scaling(net)
    except Infeasible:
        with pytest.raises(Infeasible):
            solve(net)
        return

    known, settled = potentials[: len(net.supplies)], data.draw(st.integers(0, 300))
    for flow in (solve(net), solve(net, known), solve(net, known, settled)):
        assert flow.cost == best.cost
        assert _faults(net, flow) == []
        assert len(residual_violations(net, flow)) == 0


def test_arc_wrongly_thought_settled_is_still_used():
    net = Network(*np.array([[0, 1, 5, 1], [0, 2, 5, 1], [2, 1, 5, 1]]).T, np.array([5, -5, 0]))
    misleading = np.array([99, 0, 50])

    flow = solve(net, misleading, settled=60)

    assert flow.amounts.tolist() == [5, 0, 0]


def test_residual_violations_find_a_flow_that_is_not_optimal():
    net = Network(*np.array([[0, 1, 5, 9], [0, 1, 5, 1]]).T, np.array([5, -5]))

    dear = Flow(np.array([5, 0]), np.array([0, 1]), 45)

    assert residual_violations(net, dear).tolist() == [0]
    assert solve(net).amounts.tolist() == [0, 5]


def _one_arc(capacity=5, cost=1, supplies=(5, -5), end=1):
    return Network(np.array([0]), np.array([end]), np.array([capacity]), np.array([cost]), np.array(supplies))


@pytest.mark.parametrize(
    ("net", "error"),
    [
        (_one_arc(capacity=4), Infeasible),
        (_one_arc(supplies=(5, -4)), Infeasible),
        (_one_arc(capacity=-1), NegativeValue),
        (_one_arc(cost=2**59), TooLarge),
        (_one_arc(supplies=(2**61, -(2**61))), TooLarge),
        (_one_arc(cost=-1, capacity=UNLIMITED), Unbounded),
        (_one_arc(end=2), ShapeMismatch),
        (
            Network(np.array([0]), np.array([1, 1]), np.array([1]), np.array([1]), np.array([0, 0])),
            ShapeMismatch,
        ),
    ],
)
@pytest.mark.parametrize("engine", [solve, solve_by_cost_scaling])
def test_bad_network_is_named(net, error, engine):
    with pytest.raises(error):
        engine(net)


def test_exact_sum_of_huge_numbers_does_not_overflow():
    assert exact_sum(np.array([2**40, 3]), np.array([2**40, 1])) == 2**80 + 3


GOOD = "c a comment\np min 2 1\nn 1 4\nn 2 -4\na 1 2 0 9 3\n"


def test_dimacs_is_read(tmp_path):
    (tmp_path / "good.min").write_text(GOOD)

    assert solve(read_min_cost_flow(tmp_path / "good.min")).cost == 12


@pytest.mark.parametrize(
    ("text", "place"),
    [
        (GOOD.replace("a 1 2 0 9 3", "a 1 2 0 nine 3"), "line 5"),
        (GOOD.replace("a 1 2 0 9 3", "a 1 2 1 9 3"), "lower bound"),
        (GOOD.replace("a 1 2 0 9 3", "a 1 2"), "line 5"),
        (GOOD.replace("a 1 2", "a 1 3"), "node outside"),
        (GOOD.replace("p min", "p max"), "line 2"),
        (GOOD.replace("n 1 4", "x 1 4"), "line 3"),
        (GOOD.replace("p min 2 1", "p min 2 7"), "7 arcs"),
        ("c nothing\n", "no problem line"),
    ],
)
def test_bad_dimacs_names_the_place(tmp_path, text, place):
    (tmp_path / "bad.min").write_text(text)

    with pytest.raises(BadFile, match=place):
        read_min_cost_flow(tmp_path / "bad.min")
