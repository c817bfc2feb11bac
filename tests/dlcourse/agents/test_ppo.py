"""PPO in vectorized environments: its parts equal what they claim to be, and it learns."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import gymnasium
import numpy as np
import pytest
import tensorflow as tf
from gymnasium.vector import AutoresetMode, VectorEnv
from numpy.testing import assert_allclose
from scipy import stats

from dlcourse.agents.actor_critic import ActorCritic, Agent
from dlcourse.agents.ppo import (
    Coefficients,
    Settings,
    clipped_loss,
    gae,
    make_environments,
    train,
)

SHORT = Settings(steps=1024, rollout=32, epochs=4, batch=64)


@pytest.fixture(scope="module")
def cart() -> Iterator[VectorEnv[Any, Any, Any]]:
    environments = make_environments("CartPole-v1")
    yield environments
    environments.close()


class Point(gymnasium.vector.VectorEnv[Any, Any, Any]):
    """A point on a line is moved by the action, and is rewarded for being at zero.

    Every episode is cut after 10 steps. The step counter is kept, so that tests can see it.
    """

    metadata = {"autoreset_mode": AutoresetMode.SAME_STEP}  # noqa: RUF012

    def __init__(self, unit: float = 1.0) -> None:
        self.num_envs, self.unit = 8, unit
        self.single_observation_space = gymnasium.spaces.Box(-np.inf, np.inf, (1,))
        self.single_action_space = gymnasium.spaces.Box(-1.0, 1.0, (1,))
        self.sent: list[np.ndarray] = []

    def reset(self, *, seed: Any = None, options: Any = None) -> tuple[np.ndarray, dict[str, Any]]:
        self.generator = np.random.default_rng(seed)
        self.t, self.x = 0, self.generator.uniform(-1, 1, (self.num_envs, 1))
        return self.unit * self.x, {}

    def step(self, actions: np.ndarray) -> Any:
        self.sent.append(actions)
        self.x = self.x + 0.5 * actions
        self.t += 1
        rewards, cut = -np.abs(self.x[:, 0]), np.full(self.num_envs, self.t == 10)
        info = {"final_obs": self.unit * self.x.copy()}
        if self.t == 10:
            self.last = info["final_obs"]
            self.t, self.x = 0, self.generator.uniform(-1, 1, (self.num_envs, 1))
        return self.unit * self.x, rewards, np.zeros(self.num_envs, bool), cut, info


def test_advantages_of_lambda_one_are_discounted_returns_less_values() -> None:
    rng = np.random.default_rng(0)
    rewards, values = rng.normal(size=(5, 1)), rng.normal(size=(5, 1))
    following = np.concatenate([values[1:], [[0.7]]])
    never = np.zeros((5, 1), bool)
    found = gae(rewards, values, following, never, never, 0.9, 1.0)
    discounts = 0.9 ** np.arange(6)
    returns = [discounts[: 6 - t] @ np.append(rewards[t:, 0], 0.7) for t in range(5)]
    assert_allclose(found[:, 0], returns - values[:, 0])


def test_advantages_do_not_cross_the_end_of_an_episode() -> None:
    rng = np.random.default_rng(0)
    rewards, values, following = rng.normal(size=(3, 6, 2))
    ended = np.zeros((6, 2), bool)
    ended[2] = True
    whole = gae(rewards, values, following, ended, ended, 0.9, 0.8)
    first = gae(rewards[:3], values[:3], following[:3], ended[:3], ended[:3], 0.9, 0.8)
    assert_allclose(whole[:3], first)


def test_a_value_follows_a_cut_and_none_follows_a_termination() -> None:
    one, yes, no = np.ones((1, 1)), np.ones((1, 1), bool), np.zeros((1, 1), bool)
    assert_allclose(gae(one, 0 * one, 5 * one, no, yes, 0.9, 0.8), 1 + 0.9 * 5)
    assert_allclose(gae(one, 0 * one, 5 * one, yes, yes, 0.9, 0.8), 1)


def test_what_followed_the_last_step_is_the_episodes_own_last_observation() -> None:
    environments, seen = Point(), []

    def kept(
        rewards: Any, values: Any, following: Any, terminated: Any, ended: Any, *_: Any
    ) -> Any:
        seen.append((values, following, ended, environments.last))
        return np.zeros_like(values)

    train(environments, Settings(steps=96, rollout=12, epochs=1), seed=3, advantages=kept)
    values, following, ended, last = seen[0]
    assert ended[9].all()
    assert ended.sum() == 8
    assert_allclose(following[:9], values[1:10], atol=1e-6)
    networks = ActorCritic.of(environments)
    acted = Agent(networks, networks.initial(np.random.default_rng(3)))
    assert_allclose(following[9], acted.values(last), atol=1e-6)
    assert np.abs(following[9] - values[10]).max() > 1e-3


def loss_of(log_p: float, advantage: float, clip: float) -> tuple[float, float]:
    """Of one step whose old log-probability is 0, with its derivative."""
    zero = tf.zeros(1)
    c = Coefficients(clip, 1e9, 0.5, 0.0)
    x = tf.constant([log_p])
    with tf.GradientTape() as tape:
        tape.watch(x)
        loss = clipped_loss(x, zero, zero + advantage, zero, zero, zero, zero, c)
    return float(loss), float(tape.gradient(loss, x)[0])


@pytest.mark.parametrize(
    ("ratio", "advantage", "moves"),
    [(1.3, 1.0, False), (0.7, 1.0, True), (1.3, -1.0, True), (0.7, -1.0, False)],
)
def test_the_clip_stops_only_what_went_far_in_the_right_direction(
    ratio: float, advantage: float, moves: bool
) -> None:
    _, slope = loss_of(float(np.log(ratio)), advantage, 0.2)
    assert slope == pytest.approx(-advantage * ratio if moves else 0.0)


def test_without_a_limit_the_loss_is_that_of_the_ratio() -> None:
    assert loss_of(1.0, 2.0, 1e9)[0] == pytest.approx(-2 * np.e)


def test_a_clipped_value_has_the_larger_of_two_errors() -> None:
    zero, one = tf.zeros(1), tf.ones(1)
    c = Coefficients(0.2, 0.5, 1.0, 0.0)
    found = clipped_loss(zero, zero, zero, 3 * one, one, 3 * one, zero, c)
    assert float(found) == pytest.approx(0.5 * (1.5 - 3) ** 2)


def test_networks_take_their_shapes_from_the_environments(cart: VectorEnv[Any, Any, Any]) -> None:
    assert ActorCritic.of(cart) == ActorCritic(4, 2, continuous=False)
    assert ActorCritic.of(Point()) == ActorCritic(1, 1, continuous=True)


def test_log_probabilities_are_those_of_the_distributions() -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(7, 3)).astype("f4")
    networks = ActorCritic(3, 2, continuous=True)
    agent = Agent(networks, networks.initial(rng, log_std=-0.3))
    actions = agent.sample(x, rng)
    normal = stats.norm(agent.outputs(x), np.exp(-0.3))
    assert_allclose(agent.log_probabilities(x, actions), normal.logpdf(actions).sum(1), atol=1e-5)
    networks = ActorCritic(3, 4)
    agent = Agent(networks, networks.initial(rng))
    every = [agent.log_probabilities(x, np.full(7, action)) for action in range(4)]
    assert_allclose(np.exp(every).sum(axis=0), 1, atol=1e-6)


def test_samples_are_as_frequent_as_the_policy_says() -> None:
    networks = ActorCritic(3, 4)
    rng = np.random.default_rng(0)
    agent = Agent(networks, networks.initial(rng) * 3)
    x = np.tile(rng.normal(size=3).astype("f4"), (20_000, 1))
    p = np.exp([float(agent.log_probabilities(x[:1], np.array([a]))[0]) for a in range(4)])
    counts = np.bincount(agent.sample(x, rng), minlength=4)
    assert stats.chisquare(counts, 20_000 * (p / p.sum())).pvalue > 1e-4
    assert (agent.act(x) == p.argmax()).all()


def test_the_same_seed_gives_the_same_weights(cart: VectorEnv[Any, Any, Any]) -> None:
    a, b, other = (train(cart, SHORT, seed=seed).agent.weights for seed in (1, 1, 2))
    assert_allclose(a, b)
    assert np.abs(a - other).max() > 1e-3


def test_one_epoch_over_the_whole_rollout_starts_at_ratio_one(
    cart: VectorEnv[Any, Any, Any],
) -> None:
    """So the clip cannot matter, which is A2C."""
    a2c = SHORT.but(epochs=1, batch=256)
    with_clip, without = (train(cart, a2c.but(clip=clip), seed=0) for clip in (0.2, None))
    assert_allclose(with_clip.agent.weights, without.agent.weights)


def test_an_update_ends_when_the_policy_has_moved_too_far(cart: VectorEnv[Any, Any, Any]) -> None:
    free, held = (train(cart, SHORT.but(max_kl=limit), seed=0).curves for limit in (None, 1e-4))
    assert (free["gradient_steps"] == 16).all()
    assert (held["gradient_steps"] < 16).all()
    assert held["kl"].mean() < free["kl"].mean()


@pytest.mark.parametrize(
    "change",
    [{"clip": 0.01}, {"value_clip": 0.01}, {"entropy": 0.1}, {"normalize_advantages": False},
     {"lam": 0.0}, {"decay": False}, {"normalize_observations": True}, {"reward_scale": 0.1}],
)  # fmt: skip
def test_every_switch_changes_the_training(
    cart: VectorEnv[Any, Any, Any], change: dict[str, Any]
) -> None:
    usual, changed = (train(cart, s, seed=0) for s in (SHORT, SHORT.but(**change)))
    assert np.abs(usual.agent.weights - changed.agent.weights).max() > 1e-5


def test_a_loss_of_ones_own_is_what_is_minimized(cart: VectorEnv[Any, Any, Any]) -> None:
    def only_entropy(*arguments: Any) -> Any:
        return tf.reduce_mean(arguments[-2])

    found = train(cart, SHORT.but(steps=4096, epochs=10), seed=0, loss=only_entropy)
    assert found.curves["entropy"][-1] < 0.1


def test_it_learns_cartpole(cart: VectorEnv[Any, Any, Any]) -> None:
    returns = train(cart, SHORT.but(steps=15_360), seed=0).curves["return"]
    assert np.nanmean(returns[-20:]) > 3 * np.nanmean(returns[:5])


def test_it_learns_with_a_gaussian_policy_and_sends_actions_within_bounds() -> None:
    environments = Point()
    settings = Settings(steps=20_000, rollout=40, epochs=10, batch=64, gamma=0.9, lam=0.9)
    found = train(environments, settings, seed=0)
    assert np.abs(environments.sent).max() <= 1.0
    assert np.abs(found.agent.act(np.array([[0.3]])) + 0.6) < 0.15
    assert np.nanmean(found.curves["return"][-5:]) > np.nanmean(found.curves["return"][:5]) + 3


def test_normalized_observations_do_not_depend_on_units() -> None:
    settings = Settings(
        steps=5_120, rollout=40, epochs=10, batch=64, gamma=0.9, normalize_observations=True
    )
    a, b = (train(Point(unit), settings, seed=0) for unit in (1.0, 100.0))
    assert_allclose(b.agent.scale, 100 * a.agent.scale, rtol=0.5)
    assert np.abs(a.agent.act(np.array([[0.3]])) - b.agent.act(np.array([[30.0]]))) < 0.2


def test_agents_are_handed_over_after_each_update(cart: VectorEnv[Any, Any, Any]) -> None:
    seen: list[tuple[Agent, int]] = []
    run = train(cart, SHORT, seed=0, after_update=lambda agent, steps: seen.append((agent, steps)))
    assert [steps for _, steps in seen] == [256, 512, 768, 1024]
    assert_allclose(seen[-1][0].weights, run.agent.weights)
    assert list(run.curves["steps"]) == [256, 512, 768, 1024]


def test_environments_that_reset_a_step_later_are_refused() -> None:
    late = gymnasium.make_vec("CartPole-v1", num_envs=2, vectorization_mode="sync")
    with pytest.raises(ValueError, match="SAME_STEP"):
        train(late, SHORT, seed=0)


def test_spaces_without_a_policy_are_named() -> None:
    grid = make_environments("FrozenLake-v1", 2)
    with pytest.raises(TypeError, match="vectors as observations"):
        ActorCritic.of(grid)
