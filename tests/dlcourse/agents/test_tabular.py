"""Many runs side by side take the steps of the model, and a greedy path says whether it ends."""

from __future__ import annotations

import numpy as np
import pytest

from dlcourse.agents.gridworlds import DOWN, LEFT, RIGHT, UP, cliff_world, grid_world
from dlcourse.agents.tabular import Worlds, choose, greedy_path, random_walks


def test_each_copy_takes_its_own_action() -> None:
    worlds = Worlds(cliff_world(), 3, np.random.default_rng(0))
    rewards, reached, ended, over = worlds.step(np.array([UP, LEFT, RIGHT]))
    assert rewards.tolist() == [-1, -1, -100]
    assert reached.tolist() == [24, 36, 36]
    assert not ended.any()
    assert not over.any()


def test_an_episode_that_ends_is_followed_by_another() -> None:
    worlds = Worlds(grid_world(["SG"]), 2, np.random.default_rng(0))
    rewards, reached, ended, over = worlds.step(np.array([RIGHT, LEFT]))
    assert (rewards.tolist(), reached.tolist()) == ([1, 0], [1, 0])
    assert (ended.tolist(), over.tolist()) == ([True, False], [True, False])
    assert worlds.states.tolist() == [0, 0]
    assert worlds.episodes.tolist() == [1, 0]
    worlds.step(np.array([LEFT, RIGHT]))
    assert worlds.returns == [[1.0], [1.0]]


def test_an_episode_that_is_cut_has_not_ended() -> None:
    worlds = Worlds(cliff_world(), 1, np.random.default_rng(0), limit=2)
    assert not worlds.step(np.array([UP]))[3][0]
    _, reached, ended, over = worlds.step(np.array([UP]))
    assert (reached[0], ended[0], over[0]) == (12, False, True)
    assert worlds.states[0] == 36
    assert worlds.returns == [[-2.0]]
    assert not worlds.step(np.array([UP]))[3][0], "the age begins anew"


def test_moves_are_drawn_with_the_models_probabilities() -> None:
    world = grid_world(["...", ".S.", "..."], slip=0.4)
    worlds = Worlds(world, 20_000, np.random.default_rng(0))
    _, reached, *_ = worlds.step(np.full(20_000, UP))
    shares = np.bincount(reached, minlength=9) / 20_000
    np.testing.assert_allclose(shares[[1, 3, 5]], [0.6, 0.2, 0.2], atol=0.015)
    assert shares[[1, 3, 5]].sum() == 1


def test_the_reward_is_that_of_the_step_and_not_its_expectation() -> None:
    worlds = Worlds(grid_world(["S.", "G."], slip=0.5), 1000, np.random.default_rng(0))
    rewards, reached, *_ = worlds.step(np.full(1000, DOWN))
    assert set(rewards.tolist()) == {0.0, 1.0}
    assert ((reached == 2) == (rewards == 1)).all()


def test_a_greedy_path_ends_at_the_goal() -> None:
    q = np.zeros((3, 4))
    q[:, RIGHT] = 1
    assert greedy_path(grid_world(["S.G"]), q) == ([0, 1, 2], True)


def test_a_greedy_path_that_goes_round_says_so() -> None:
    q = np.zeros((3, 4))
    q[0, RIGHT] = q[1, LEFT] = 1
    assert greedy_path(grid_world(["S.G"]), q) == ([0, 1, 0], False)


def test_a_greedy_path_needs_certain_moves() -> None:
    with pytest.raises(ValueError, match="one outcome"):
        greedy_path(grid_world(["S.G"], slip=0.1), np.zeros((3, 4)))


def test_a_random_walk_moves_by_one_and_stops_at_the_first_end() -> None:
    for walk in random_walks(200, 2, np.random.default_rng(0), end=5):
        assert walk[0] == 2
        assert walk[-1] in (0, 5)
        assert ((walk[:-1] > 0) & (walk[:-1] < 5)).all()
        assert (np.abs(np.diff(walk)) == 1).all()


def test_a_random_walk_ends_on_the_right_as_often_as_it_should() -> None:
    walks = random_walks(4000, 15, np.random.default_rng(0))
    assert abs(np.mean([walk[-1] == 20 for walk in walks]) - 0.75) < 0.03
    assert abs(np.mean([len(walk) - 1 for walk in walks]) - 15 * 5) < 6


def test_actions_are_drawn_with_their_probabilities() -> None:
    given = np.tile([[0.0, 0.3, 0.0, 0.7], [1.0, 0.0, 0.0, 0.0]], (5000, 1))
    actions = choose(given, np.random.default_rng(0)).reshape(5000, 2)
    assert (actions[:, 1] == 0).all()
    shares = np.bincount(actions[:, 0], minlength=4) / 5000
    np.testing.assert_allclose(shares, [0, 0.3, 0, 0.7], atol=0.02)
    assert shares[[0, 2]].tolist() == [0, 0]
