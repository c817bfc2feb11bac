"""Cart-poles in one array: they move as gymnasium's do, and start anew in the step of an end."""

from __future__ import annotations

import gymnasium
import numpy as np
from numpy.testing import assert_allclose

from dlcourse.agents.cart_poles import CartPoles, returns_on_cart_poles


def balance(observations: np.ndarray) -> np.ndarray:
    """Push to where the pole falls."""
    return np.where(observations[:, 2] + observations[:, 3] > 0, 1, 0)


def test_one_of_them_moves_as_the_single_environment_until_it_ends() -> None:
    many, one = CartPoles(3), gymnasium.make("CartPole-v1").unwrapped
    many.reset(seed=0)
    one.reset()
    one.state = many.state[:, 1].copy()  # type: ignore[attr-defined]
    over = False
    while not over:
        found, rewards, terminated, _, info = many.step(np.array([0, 1, 0]))
        expected, reward, over, _, _ = one.step(1)
        last = info["final_obs"] if over else found
        assert_allclose(last[1], expected, atol=1e-6)
        assert (rewards[1], terminated[1]) == (reward, over)


def test_the_observation_after_an_end_is_the_next_episodes_first() -> None:
    many = CartPoles(2)
    many.reset(seed=0)
    ended = np.zeros(2, bool)
    while not ended.any():
        found, _, terminated, truncated, info = many.step(np.array([1, 1]))
        ended = terminated | truncated
    assert (np.abs(found[ended]) <= 0.05).all()
    assert (np.abs(info["final_obs"][ended, 2]) > 0.2).all()
    assert_allclose(info["final_obs"][~ended], found[~ended])
    assert (many.steps[ended] == 0).all()
    _, rewards, *_ = many.step(np.array([1, 1]))
    assert (rewards == 1).all()


def test_an_episode_is_cut_at_the_limit() -> None:
    many = CartPoles(2, max_episode_steps=5)
    many.reset(seed=0)
    for _ in range(5):
        *_, terminated, truncated, info = many.step(np.array([0, 1]))
    assert truncated.all()
    assert not terminated.any()
    assert info["_final_obs"].all()


def test_returns_are_those_of_first_episodes() -> None:
    returns = returns_on_cart_poles(balance, count=20, seed=3)
    lengths = []
    many = CartPoles(20)
    observations, _ = many.reset(seed=3)
    for t in range(1, 501):
        observations, _, terminated, truncated, _ = many.step(balance(observations))
        lengths += [(i, t) for i in np.flatnonzero(terminated | truncated).tolist()]
    first = dict(reversed(lengths))
    assert returns.tolist() == [first[i] for i in range(20)]
