"""CartPole on a short rail: one cart of gymnasium's, and many that are computed at once."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from dlcourse.agents.short_rail import HALF_RAIL, LIMIT, ShortRail, ShortRails, short_rails


def follow_the_pole(observations: np.ndarray) -> np.ndarray:
    """A linear policy that balances the pole and returns to the middle."""
    return (observations @ [0.3, 0.5, 3.0, 1.0] > 0).astype(int)


def test_a_cart_side_by_side_moves_as_one_alone() -> None:
    many = ShortRails(3, seed=4)
    one: Any = ShortRail()
    one.reset(seed=0)
    for step in range(6):
        actions = np.array([step % 2, 1, 0])
        one.state = many.observations[1].astype(float)
        expected, reward, over, _, _ = one.step(1)
        steps = many.step(actions)
        np.testing.assert_allclose(steps.next_observations[1], expected, rtol=1e-5, atol=1e-6)
        assert steps.rewards[1] == reward
        assert steps.terminated[1] == over


def test_an_episode_ends_where_the_rail_does() -> None:
    carts = ShortRails(1, seed=0)
    seen = [carts.observations[0]]
    while not (steps := carts.step([1])).terminated[0]:
        seen.append(steps.next_observations[0])
    assert all(abs(observation[0]) <= HALF_RAIL for observation in seen)
    assert len(seen) < 20


def test_whoever_is_through_begins_anew_at_once_and_the_step_tells_where_it_led() -> None:
    carts = ShortRails(2, seed=1)
    while not (steps := carts.step([0, 0])).terminated.any():
        pass
    through = steps.terminated
    assert (abs(carts.observations[through]) <= 0.05).all()
    assert (abs(steps.next_observations[through]) > 0.05).any()
    np.testing.assert_array_equal(carts.observations[~through], steps.next_observations[~through])


def test_an_episode_is_cut_after_the_limit_and_not_ended() -> None:
    carts = ShortRails(4, seed=2)
    for _ in range(LIMIT - 1):
        steps = carts.step(follow_the_pole(carts.observations))
        assert not (steps.terminated | steps.truncated).any()
    steps = carts.step(follow_the_pole(carts.observations))
    assert steps.truncated.all()
    assert not steps.terminated.any()
    assert not carts.step(follow_the_pole(carts.observations)).truncated.any()


def test_the_same_seed_gives_the_same_starts() -> None:
    np.testing.assert_array_equal(
        ShortRails(5, seed=8).observations, ShortRails(5, seed=8).observations
    )


def test_an_action_that_does_not_exist_is_named() -> None:
    with pytest.raises(ValueError, match="2 carts need as many actions, 0 or 1"):
        ShortRails(2, seed=0).step([0, 2])


def test_environments_are_each_their_own() -> None:
    first, second = short_rails(2)
    start, _ = first.reset(seed=3)
    second.reset(seed=4)
    np.testing.assert_array_equal(first.reset(seed=3)[0], start)
