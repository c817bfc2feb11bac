"""Carts that carry a pole to a target, with CartPole's physics."""

from __future__ import annotations

import gymnasium
import numpy as np
import pytest
from gymnasium.vector import AutoresetMode

from dlcourse.agents.carts import EPISODE, FARTHEST, CartPhysics, TargetCart, TargetCarts
from dlcourse.agents.episodes import play


def test_with_the_standard_physics_a_cart_moves_as_in_cartpole() -> None:
    theirs, ours = gymnasium.make("CartPole-v1").unwrapped, TargetCarts(1, CartPhysics())
    theirs.reset(seed=0)
    ours.reset(seed=0)
    ours.states[0] = theirs.state = np.array([0.3, -0.2, 0.02, 0.1])  # type: ignore[attr-defined]
    for action in np.random.default_rng(2).integers(2, size=200):
        wanted, _, over, *_ = theirs.step(action)
        found, _, ended, _, info = ours.step(np.array([action]))
        seen = info["final_obs"][0] if ended[0] else found[0]
        np.testing.assert_allclose(seen[:4], wanted, rtol=1e-4, atol=1e-5)
        assert ended[0] == over
        if over:
            return
    raise AssertionError("random actions let the pole stand for 200 steps")


def test_a_step_is_rewarded_for_its_distance_from_the_target() -> None:
    carts = TargetCarts(2)
    carts.reset(seed=0)
    carts.states[:] = 0.0
    carts.targets[:] = [0.0, 1.0]
    found, rewards, *_ = carts.step(np.array([1, 0]))
    np.testing.assert_allclose(rewards, [1.0, 0.6], atol=1e-6)
    np.testing.assert_array_equal(found[:, 4], [0.0, 1.0])


@pytest.mark.parametrize(
    "state", [[2.5, 0, 0, 0], [-2.5, 0, 0, 0], [0, 0, 0.25, 0], [0, 0, -0.25, 0]]
)
def test_an_episode_ends_beyond_the_limits_and_another_begins(state: list[float]) -> None:
    carts = TargetCarts(2)
    assert carts.metadata["autoreset_mode"] == AutoresetMode.SAME_STEP
    carts.reset(seed=1)
    carts.states[0] = state
    found, _, over, cut, info = carts.step(np.array([0, 0]))
    assert over.tolist() == [True, False]
    assert not cut.any()
    np.testing.assert_allclose(info["final_obs"][0][[0, 2]], [state[0], state[2]], atol=0.02)
    assert abs(found[0, 0]) <= FARTHEST
    assert np.abs(found[0, 1:4]).max() <= 0.05


def test_an_episode_is_cut_after_its_steps() -> None:
    cart, lengths = TargetCart(CartPhysics(force=0.0)), []
    cart.reset(seed=0)
    cart._one.states[:] = 0.0
    for step in range(EPISODE):
        *_, over, cut, _ = cart.step(0)
        if over or cut:
            lengths.append(step + 1)
    assert lengths == [EPISODE]
    assert cut


def test_starts_and_targets_lie_where_they_may() -> None:
    carts = TargetCarts(2_000)
    found, _ = carts.reset(seed=5)
    for column in (0, 4):
        assert -FARTHEST <= found[:, column].min() < -1.4
        assert 1.4 < found[:, column].max() <= FARTHEST
    assert np.abs(found[:, 1:4]).max() <= 0.05


def test_the_same_seed_gives_the_same_episode() -> None:
    episodes = play(
        lambda x: (x[:, 2] + x[:, 3] > 0).astype(int),
        [TargetCart() for _ in range(3)],
        seeds=[7, 7, 8],
        steps=EPISODE,
    )
    assert episodes.returns[0] == episodes.returns[1] != episodes.returns[2]
    assert not episodes.lost
