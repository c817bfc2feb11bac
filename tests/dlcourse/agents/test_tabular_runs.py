"""Many trainings of agents with tables, and the exact returns of their policies."""

from __future__ import annotations

import numpy as np
import pytest

from dlcourse.agents.gridworlds import cliff_world, grid_world, optimal_values
from dlcourse.agents.tabular import Worlds
from dlcourse.agents.tabular_runs import exact_returns, learn, reference_returns

LAKE = grid_world(("SFFF", "FHFH", "FFFH", "HFFG"), slip=2 / 3)


def best_policy() -> np.ndarray:
    return np.asarray(optimal_values(LAKE, 0.99)[1].argmax(axis=1))


def test_an_exact_return_is_the_mean_of_episodes_played_in_the_world() -> None:
    policy = best_policy()
    worlds = Worlds(LAKE, 500, np.random.default_rng(0), limit=100)
    for _ in range(600):
        worlds.step(policy[worlds.states])
    played = np.concatenate([returns[:5] for returns in worlds.returns])
    error = played.std() / np.sqrt(len(played))
    assert exact_returns(LAKE, policy, 100) == pytest.approx(played.mean(), abs=4 * error)


def test_exact_returns_take_policies_in_any_arrangement() -> None:
    policies = np.stack([best_policy(), np.zeros(16, int)])[None].repeat(3, axis=0)
    found = exact_returns(LAKE, policies)
    assert found.shape == (3, 2)
    assert found[0].tolist() == [exact_returns(LAKE, p) for p in policies[0]]


def test_random_actions_earn_less_than_any_learned_policy_and_the_best_earn_more() -> None:
    random, best = reference_returns(LAKE)
    assert random < exact_returns(LAKE, best_policy()) <= best
    assert reference_returns(cliff_world())[1] == -13


def test_agents_find_the_cliffs_two_paths() -> None:
    """Q-learning the shortest one along the edge, expected SARSA one that stays away from it."""
    runs = learn(cliff_world(), [0.4] * 8, [False] * 4 + [True] * 4, steps=12_000)
    last = exact_returns(cliff_world(), runs.policies[:, -1])
    assert last[:4].tolist() == [-13] * 4
    assert (last[4:] < -13).all()
    online = np.array([np.mean(returns[-50:]) for returns in runs.returns])
    assert online[4:].mean() > online[:4].mean()


def test_snapshots_stand_at_equal_distances_and_a_seed_repeats_a_training() -> None:
    one, again = (learn(LAKE, [0.2, 0.2], [0, 1], steps=300, snapshots=4) for _ in range(2))
    assert one.policies.shape == (2, 4, 16)
    np.testing.assert_array_equal(one.policies, again.policies)
    longer = learn(LAKE, [0.2, 0.2], [0, 1], steps=300, snapshots=2)
    np.testing.assert_array_equal(one.policies[:, 1::2], longer.policies)
