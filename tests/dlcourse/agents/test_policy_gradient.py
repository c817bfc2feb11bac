"""REINFORCE on CartPole: padded batches, rewards-to-go, and a loss that the caller writes."""

from __future__ import annotations

from typing import Any

import gymnasium
import numpy as np
import pytest

from dlcourse.agents.policy_gradient import (
    Batch,
    minus_linear_value,
    play_batch,
    reinforce,
    rewards_to_go,
)


def carts(count: int) -> gymnasium.vector.VectorEnv[Any, Any, Any]:
    return gymnasium.make_vec(
        "CartPole-v1", num_envs=count, vectorization_mode="vector_entry_point"
    )


def uniform(observations: np.ndarray) -> np.ndarray:
    return np.zeros((len(observations), 2), np.float32)


def test_a_reward_to_go_is_the_discounted_sum_of_what_follows() -> None:
    found = rewards_to_go([[1, 0], [2, 0], [4, 8]], gamma=0.5)
    np.testing.assert_allclose(found, [[1 + 1 + 1, 2], [2 + 2, 4], [4, 8]])


def test_an_episode_of_a_batch_ends_where_it_ends_alone() -> None:
    batch = play_batch(carts(6), uniform, np.random.default_rng(3))
    seed = int(np.random.default_rng(3).integers(2**31))
    env = gymnasium.make("CartPole-v1")
    # The vectorized environment draws all beginnings from one generator; begin where it did.
    for episode in range(6):
        env.reset(seed=seed)
        env.unwrapped.state = batch.observations[0, episode].astype(float)  # type: ignore[attr-defined]
        length = int(batch.playing[:, episode].sum())
        ends = [bool(env.step(int(a))[2]) for a in batch.actions[:length, episode]]
        assert ends == [False] * (length - 1) + [True]


def test_nothing_is_earned_after_an_end() -> None:
    batch = play_batch(carts(6), uniform, np.random.default_rng(0))
    assert (batch.rewards[~batch.playing] == 0).all()
    np.testing.assert_array_equal(batch.returns, batch.playing.sum(axis=0))
    assert batch.playing[-1].any()


def test_an_episode_is_cut_after_the_steps() -> None:
    batch = play_batch(carts(2), uniform, np.random.default_rng(0), steps=4)
    assert batch.actions.shape == (4, 2)


def test_actions_follow_the_softmax_of_the_logits() -> None:
    def leaning(observations: np.ndarray) -> np.ndarray:
        return np.log(np.array([[0.2, 0.8]], np.float32)).repeat(len(observations), axis=0)

    batch = play_batch(carts(400), leaning, np.random.default_rng(0))
    assert abs(batch.actions[batch.playing].mean() - 0.8) < 0.03


def plain(log_probs: Any, weights: Any) -> Any:
    from keras import ops

    return -ops.mean(log_probs * weights)


def centred(to_go: np.ndarray, batch: Batch) -> np.ndarray:
    return np.asarray(to_go - to_go[batch.playing].mean())


def test_the_policy_improves_and_the_same_seed_gives_the_same_training() -> None:
    first, again = (reinforce(plain, centred, seed=0, steps=8000) for _ in range(2))
    np.testing.assert_array_equal(first.returns, again.returns)
    assert first.returns[-5:].mean() > 2 * first.returns[0]
    assert first.at([first.steps[3]]) == first.returns[3]


def test_ascent_on_the_loss_unlearns() -> None:
    got_worse = reinforce(lambda p, w: -plain(p, w), centred, seed=0, steps=8000)
    assert got_worse.returns[-5:].mean() < 15


def test_weights_of_another_shape_are_refused() -> None:
    with pytest.raises(ValueError, match="one weight for each"):
        reinforce(plain, lambda to_go, _: to_go.mean(axis=1), seed=0, steps=10)


def test_a_linear_value_is_fitted_to_the_batch_before_and_lowers_the_variance_of_weights() -> None:
    rng, weigh, left = np.random.default_rng(0), minus_linear_value(), []
    for _ in range(2):
        batch = play_batch(carts(30), uniform, rng)
        to_go = rewards_to_go(batch.rewards, 0.99)
        weights = weigh(to_go, batch)
        assert (weights[~batch.playing] == 0).all()
        left.append(weights[batch.playing].var() / to_go[batch.playing].var())
    assert left[0] == 1  # nothing was known before the first batch
    assert left[1] < 0.8
