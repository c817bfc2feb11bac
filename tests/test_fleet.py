"""The simulated fleet: what can be worked out by hand comes out, and nothing is lost."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.fleet import Fleet, saturating_nodes, simulate

EVEN = Fleet(submissions=12, nodes=2, slots=3)


def test_alike_submissions_come_in_rounds() -> None:
    assert simulate(EVEN, [5.0]).last == 10.0
    assert simulate(replace(EVEN, submissions=13), [5.0]).last == 15.0


def test_a_node_grades_once_it_has_started() -> None:
    assert simulate(replace(EVEN, start=7.0), [5.0]).last == 17.0


def test_a_slow_driver_decides_the_time() -> None:
    found = simulate(replace(EVEN, driver=4.0), [1.0])
    assert found.last == 1.0 + 12 * 4.0
    assert found.driver_busy == pytest.approx(48 / 49)


def test_beyond_saturation_more_nodes_gain_nothing() -> None:
    fleet = Fleet(submissions=2000, nodes=10, slots=2, driver=0.1)
    limit = math.ceil(saturating_nodes(fleet, [4.0]))
    assert limit == 20
    at, beyond = (simulate(replace(fleet, nodes=n), [4.0]).last for n in (limit, 4 * limit))
    assert beyond > 0.95 * at
    assert simulate(replace(fleet, nodes=limit // 2), [4.0]).last > 1.9 * beyond


def test_without_failures_every_place_is_busy_but_at_the_end() -> None:
    assert simulate(EVEN, [5.0]).busy == pytest.approx(1)


@settings(max_examples=20, deadline=None)
@given(
    nodes=st.integers(1, 5),
    slots=st.integers(1, 3),
    failures=st.floats(20, 200),
    seed=st.integers(0, 1000),
)
def test_whatever_fails_every_submission_is_graded_once(
    nodes: int, slots: int, failures: float, seed: int
) -> None:
    fleet = Fleet(
        submissions=40, nodes=nodes, slots=slots, spread=0.3, failures=failures, repair=10
    )
    found = simulate(fleet, [1.0, 2.0, 8.0], seed)
    assert found.last >= simulate(replace(fleet, failures=math.inf), [1.0, 2.0, 8.0], seed).last / 2
    assert 0 < found.busy <= 1
    assert found.waits[0] <= found.waits[1] <= found.waits[2] <= found.last


def test_failures_cost_time_and_are_counted() -> None:
    calm = Fleet(submissions=500, nodes=4, slots=2)
    rough = replace(calm, failures=60.0, repair=30.0)
    found = simulate(rough, [2.0])
    assert found.repeated > 0
    assert found.last > simulate(calm, [2.0]).last


def test_with_slow_nodes_places_are_idle_at_the_end() -> None:
    calm = Fleet(submissions=400, nodes=20, slots=2)
    assert simulate(calm, [10.0]).busy == pytest.approx(1)
    assert all(simulate(replace(calm, spread=0.5), [10.0], seed).busy < 0.99 for seed in range(5))


def test_the_same_seed_gives_the_same_class() -> None:
    fleet = Fleet(submissions=100, nodes=3, slots=2, spread=0.2, failures=50.0)
    assert simulate(fleet, [1.0, 9.0], 3) == simulate(fleet, [1.0, 9.0], 3)
