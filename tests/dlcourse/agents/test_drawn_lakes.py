"""Lakes that are drawn: what their walkers tell, and what a policy is worth on them."""

from __future__ import annotations

import numpy as np
import pytest

from dlcourse.agents.drawn_lakes import HORIZON, SIDE, DrawnLakes, draw_lake
from dlcourse.agents.gridworlds import optimal_values

ACTIONS = 4
UNIFORM = 1 / ACTIONS


def lakes(seed: int = 0, count: int = 3) -> DrawnLakes:
    return DrawnLakes(np.random.default_rng(seed), lakes=count, walkers=8)


def solved(drawn: DrawnLakes, gamma: float) -> np.ndarray:
    """The best policy for a discount, (states,)."""
    policy = np.zeros(drawn.states, int)
    for numbers, world in zip(drawn._numbers, drawn._worlds, strict=True):
        policy[numbers] = optimal_values(world, gamma)[1].argmax(axis=1)
    return policy


def test_a_lakes_goal_can_be_reached_from_its_start() -> None:
    rng = np.random.default_rng(1)
    for _ in range(20):
        drawn = draw_lake(rng)
        assert optimal_values(drawn, 0.99)[0][0] > 0
        assert drawn.terminal[-1]


def test_walkers_tell_where_their_next_step_begins() -> None:
    drawn = lakes()
    told = drawn.walk(np.full((drawn.states, ACTIONS), UNIFORM), 300)
    walkers = 3 * 8
    np.testing.assert_array_equal(told.next_states[:-walkers], told.states[walkers:])
    starts = set(told.states[:walkers].tolist())
    assert len(starts) == 3
    assert set(told.next_states[told.terminated].tolist()) <= starts


def test_walkers_go_on_where_they_were() -> None:
    drawn = lakes()
    uniform = np.full((drawn.states, ACTIONS), UNIFORM)
    before, after = drawn.walk(uniform, 4), drawn.walk(uniform, 4)
    np.testing.assert_array_equal(before.next_states[-24:], after.states[:24])


def test_nothing_but_the_goal_has_a_reward_and_it_ends_the_episode() -> None:
    drawn = lakes(2, count=6)
    told = drawn.walk(np.full((drawn.states, ACTIONS), UNIFORM), 2_000)
    assert set(told.rewards.tolist()) == {0.0, 1.0}
    assert told.terminated[told.rewards > 0].all()
    assert 0 < (told.rewards > 0).sum() < told.terminated.sum()


def test_actions_are_drawn_with_the_probabilities_given() -> None:
    drawn = lakes()
    chances = np.tile([0.5, 0.3, 0.2, 0.0], (drawn.states, 1))
    told = drawn.walk(chances, 1_000)
    shares = np.bincount(told.actions, minlength=ACTIONS) / len(told.actions)
    np.testing.assert_allclose(shares, chances[0], atol=0.02)


def test_the_numbers_of_states_are_shuffled() -> None:
    starts = [
        lake.walk(np.full((lake.states, ACTIONS), UNIFORM), 1).states[0]
        for lake in map(lakes, range(6))
    ]
    assert len(set(starts)) > 1


def test_success_is_the_share_of_episodes_that_reach_the_goal() -> None:
    drawn = lakes(4, count=1)  # a lake that is hard: neither of the two chances is near 1
    policy = solved(drawn, 0.9)
    told = drawn.walk(np.eye(ACTIONS)[policy], 4_000)
    reached = told.rewards.sum() / told.terminated.sum()
    best = np.zeros(SIDE * SIDE)
    best[-1] = 1.0
    for _ in range(HORIZON):
        best = (drawn._worlds[0].P @ best).max(axis=1)
    assert best[0] < 0.9
    assert drawn.success(policy)[0] == pytest.approx(reached / best[0], abs=0.03)


def test_no_policy_is_better_than_the_best() -> None:
    drawn = lakes(4)
    found = drawn.success(solved(drawn, 0.999))
    assert (found > 0.7).all()
    assert (found <= 1 + 1e-12).all()
    assert (drawn.success(np.zeros(drawn.states, int)) < 0.5).all()
