"""The corridor with two cells that look the same: values, visits and episodes agree."""

from __future__ import annotations

import numpy as np
import pytest

from dlcourse.agents import corridor


def policy(right: float) -> np.ndarray:
    """Inwards at the ends; right with a probability in the corridor."""
    seen = np.array([[0, 1], [1 - right, right], [1, 0]])
    return np.asarray(seen[corridor.SEEN], np.float64)


@pytest.mark.parametrize("p", [0.0, 0.5, 1.0])
def test_values_are_those_of_the_closed_form(p: float) -> None:
    gamma = corridor.GAMMA
    expected = -(1 + (1 - p) * gamma) / (1 - (1 - p) * gamma**2)
    found = corridor.values(policy(p))
    np.testing.assert_allclose(found[:3], [-1 + gamma * expected, expected, 0])


def test_cells_that_look_the_same_need_opposite_actions() -> None:
    assert corridor.SEEN[1] == corridor.SEEN[3]
    assert corridor.P[1, 1, 2] == corridor.P[3, 0, 2] == 1


def test_what_is_earned_at_the_visits_is_the_value_of_the_start() -> None:
    pi = policy(0.3)
    earned = corridor.visits(pi) @ (pi * corridor.R).sum(axis=1)
    assert np.isclose(earned, corridor.START @ corridor.values(pi))


def test_episodes_earn_on_average_what_the_values_say() -> None:
    pi = policy(0.6)
    drawn = corridor.episodes(pi, 4000, np.random.default_rng(0))
    returns = drawn.to_go[0]
    error = returns.std() / len(returns) ** 0.5
    assert abs(returns.mean() - corridor.START @ corridor.values(pi)) < 4 * error


def test_nothing_is_earned_in_the_exit() -> None:
    drawn = corridor.episodes(policy(0.6), 100, np.random.default_rng(0))
    assert (drawn.to_go[~drawn.walking] == 0).all()
    assert (drawn.cells[~drawn.walking] == 2).all()
