"""Models of small grids: equal to gymnasium's, and solved."""

from __future__ import annotations

import gymnasium
import numpy as np
import pytest

from dlcourse.agents.gridworlds import (
    RIGHT,
    UP,
    Tile,
    cliff_world,
    experience,
    grid_world,
    model_of,
    optimal_values,
)

LAKE = ("SFFF", "FHFH", "FFFH", "HFFG")


@pytest.mark.parametrize(("slippery", "slip"), [(True, 2 / 3), (False, 0.0)])
def test_a_lake_is_gymnasiums(slippery: bool, slip: float) -> None:
    theirs = model_of(gymnasium.make("FrozenLake-v1", is_slippery=slippery))
    ours = grid_world(LAKE, slip=slip)
    for name in ("P", "R", "terminal", "start"):
        np.testing.assert_allclose(getattr(ours, name), getattr(theirs, name), err_msg=name)


def test_the_cliff_is_gymnasiums_where_an_agent_can_be() -> None:
    theirs = model_of(gymnasium.make("CliffWalking-v1"))
    ours = cliff_world()
    their_action = [3, 2, 1, 0]  # they go up, right, down, left; ours left, down, right, up
    where = np.array([letter in "S.G" for row in ours.rows for letter in row])
    np.testing.assert_allclose(ours.P[where], theirs.P[where][:, their_action])
    np.testing.assert_allclose(ours.R[where], theirs.R[where][:, their_action])
    np.testing.assert_array_equal(ours.terminal, theirs.terminal)


def test_probabilities_sum_to_one_and_terminal_states_give_nothing() -> None:
    world = grid_world(["S#G", "..H"], slip=0.3, step_reward=-1.0)
    np.testing.assert_allclose(world.P.sum(axis=2), 1.0)
    assert (world.R[world.terminal] == 0).all()
    assert (world.P[world.terminal][:, :, ~world.terminal] == 0).all()


def test_a_wall_and_the_edge_leave_one_where_one_is() -> None:
    world = grid_world(["S#G"])
    assert world.P[0, RIGHT, 0] == world.P[0, UP, 0] == 1.0


def test_rewards_of_steps_average_to_those_of_actions() -> None:
    world = grid_world(["S.G", "H.."], slip=0.5, step_reward=-0.1, tiles={"H": Tile(-1, ends=True)})
    np.testing.assert_allclose((world.P * world.rewards).sum(axis=2), world.R)


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        (["S.", "G"], "one length"),
        (["S?G"], "has .'.'."),
        (["..G"], "this one has 0"),
        ([], "one length"),
    ],
)
def test_a_map_that_is_none_is_refused(rows: list[str], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        grid_world(rows)


def test_an_environment_without_a_model_is_refused() -> None:
    with pytest.raises(ValueError, match="no `P`"):
        model_of(gymnasium.make("CartPole-v1"))


def test_values_in_a_corridor_are_powers_of_gamma() -> None:
    values, Q = optimal_values(grid_world(["S..G"]), 0.5)
    np.testing.assert_allclose(values, [0.25, 0.5, 1.0, 0.0])
    assert (Q[:3].argmax(axis=1) == RIGHT).all()


def test_values_are_as_near_as_was_asked_for() -> None:
    values, _ = optimal_values(grid_world(["S."], step_reward=-1.0), 0.95, error=0.01)
    np.testing.assert_allclose(values, -20.0, atol=0.01)


def test_the_best_policys_values_are_the_best_values() -> None:
    lake = grid_world(LAKE, slip=2 / 3)
    values, Q = optimal_values(lake, 0.99)
    best = np.arange(16), Q.argmax(axis=1)
    solved = np.linalg.solve(np.eye(16) - 0.99 * lake.P[best], lake.R[best])
    np.testing.assert_allclose(solved, values, atol=1e-9)
    np.testing.assert_allclose(Q.max(axis=1), values, atol=1e-9)


def test_without_an_end_and_without_a_discount_there_is_no_value() -> None:
    with pytest.raises(RuntimeError, match="way to the end"):
        optimal_values(grid_world(["S.."], step_reward=-1.0), 1.0, sweeps=50)


def test_experience_has_the_models_frequencies_and_time_limit() -> None:
    lake = grid_world(LAKE, slip=2 / 3)
    taken = experience(
        lake, np.full(16, RIGHT), steps=20_000, time_limit=7, rng=np.random.default_rng(0)
    )
    first = taken.states == 0
    counts = np.bincount(taken.next_states[first], minlength=16) / first.sum()
    np.testing.assert_allclose(counts, lake.P[0, RIGHT], atol=0.02)
    assert not (taken.terminated & taken.truncated).any()
    assert (lake.terminal[taken.next_states] == taken.terminated).all()
    assert not lake.terminal[taken.states].any()
    one = experience(lake, np.full(16, UP), steps=70, time_limit=7, rng=np.random.default_rng(0),
                     walkers=1)  # fmt: skip
    over = np.flatnonzero(one.terminated | one.truncated)
    assert (np.diff(over, prepend=-1) <= 7).all()
    assert (
        one.states[1:] == np.where(one.terminated | one.truncated, 0, one.next_states)[:-1]
    ).all()
