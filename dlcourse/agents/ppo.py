"""Proximal policy optimization and advantage actor-critic in vectorized environments.

Schulman et al. (2017), https://arxiv.org/abs/1707.06347; A2C is the same with one epoch, one
minibatch and no clip (Mnih et al. 2016, https://arxiv.org/abs/1602.01783). Actions come from NumPy,
and all gradient steps of an update are one call of a compiled function: on small networks most of
the time would else go into calls.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, NamedTuple

import gymnasium
import numpy as np
from gymnasium.vector import AutoresetMode, VectorEnv

from dlcourse.agents.actor_critic import ActorCritic, Agent

__all__ = ["Coefficients", "Run", "Settings", "clipped_loss", "gae", "make_environments", "train"]

NEVER = 1e9
"""A limit that nothing reaches."""


@dataclass(frozen=True)
class Settings:
    """How to train. What stands here learns CartPole in 50,000 steps.

    Attributes:
        steps: actions taken in all environments together.
        rollout: steps of each environment between two updates.
        epochs: passes over a rollout in an update.
        batch: steps in a minibatch; all of a rollout at most.
        gamma: discount.
        lam: GAE's lambda.
        learning_rate: of Adam, at the start.
        decay: whether learning rate and clip fall linearly to 0.
        clip: largest change of the ratio that is rewarded; None for no limit.
        value_clip: largest change of a value that is rewarded, in units of returns; None for none.
        value_weight: of the critic's squared error (with a factor of one half) in the loss.
        entropy: weight of the entropy, which is rewarded.
        normalize_advantages: to mean 0 and standard deviation 1 in each minibatch.
        normalize_observations: by their running mean and standard deviation.
        max_gradient_norm: longer gradients are shortened.
        max_kl: an update ends when a minibatch's approximate KL divergence exceeds it; None for
            no limit.
        reward_scale: rewards are multiplied by it before anything else; curves show the original.
        initial_log_std: of a Gaussian policy.
        hidden: units of the actor's and the critic's layers.
    """

    steps: int = 50_000
    rollout: int = 32
    epochs: int = 20
    batch: int = 256
    gamma: float = 0.98
    lam: float = 0.8
    learning_rate: float = 1e-3
    decay: bool = True
    clip: float | None = 0.2
    value_clip: float | None = None
    value_weight: float = 0.5
    entropy: float = 0.0
    normalize_advantages: bool = True
    normalize_observations: bool = False
    max_gradient_norm: float = 0.5
    max_kl: float | None = None
    reward_scale: float = 1.0
    initial_log_std: float = 0.0
    hidden: tuple[int, ...] = (64, 64)

    def but(self, **changes: Any) -> Settings:
        """The same settings with some changed."""
        return replace(self, **changes)


class Coefficients(NamedTuple):
    """What a loss may use besides the minibatch: numbers, or scalars of TensorFlow."""

    clip: Any
    value_clip: Any
    value_weight: Any
    entropy: Any


Loss = Callable[..., Any]
"""Like `clipped_loss`."""

Advantages = Callable[..., np.ndarray]
"""Like `gae`."""


@dataclass(frozen=True)
class Run:
    """What a training gave.

    Attributes:
        agent: after the last update.
        curves: one number for each update, (updates,) each. "steps" taken so far; "return", the
            mean over the episodes that ended in the rollout (NaN where none did); after the
            update, on its rollout, "kl" (approximate divergence from the policy that acted),
            "clip_fraction" and "entropy"; "explained_variance" of the critic before the update;
            "gradient_steps" and "learning_rate" of the update.
    """

    agent: Agent
    curves: dict[str, np.ndarray]


def make_environments(name: str, count: int = 8, **settings: Any) -> VectorEnv[Any, Any, Any]:
    """Environments of gymnasium side by side, each reset in the step in which its episode ends.

    Args:
        name: such as "CartPole-v1".
        count: how many.
        **settings: of each environment.
    """
    environments: VectorEnv[Any, Any, Any] = gymnasium.make_vec(
        name,
        num_envs=count,
        vectorization_mode="sync",
        vector_kwargs={"autoreset_mode": AutoresetMode.SAME_STEP},
        **settings,
    )
    return environments


def gae(
    rewards: np.ndarray,
    values: np.ndarray,
    next_values: np.ndarray,
    terminated: np.ndarray,
    ended: np.ndarray,
    gamma: float,
    lam: float,
) -> np.ndarray:
    """Generalized advantage estimates (Schulman et al. 2016), shape (T, N).

    Args:
        rewards: (T, N).
        values: (T, N) of the observations acted on.
        next_values: (T, N) of the observations that followed, which are an episode's last ones
            where it ended, and not the first ones of the next.
        terminated: (T, N) whether nothing can follow; no value is added there.
        ended: (T, N) whether the episode was over, terminated or cut.
        gamma: discount.
        lam: weight of longer returns, from 0 to 1.
    """
    deltas = np.asarray(rewards + gamma * np.where(terminated, 0.0, next_values) - values)
    advantages = np.zeros_like(deltas)
    following = np.zeros_like(deltas[0])
    for t in reversed(range(len(deltas))):
        following = deltas[t] + gamma * lam * np.where(ended[t], 0.0, following)
        advantages[t] = following
    return advantages


def clipped_loss(
    log_p: Any,
    old_log_p: Any,
    advantages: Any,
    values: Any,
    old_values: Any,
    targets: Any,
    entropies: Any,
    c: Coefficients,
) -> Any:
    """PPO's loss of a minibatch of n steps, a scalar of TensorFlow. All arrays have shape (n,).

    Args:
        log_p: logarithms of the probabilities (or densities) of the actions taken, now.
        old_log_p: the same when they were taken.
        advantages: estimates, normalized or not.
        values: of the critic now.
        old_values: of the critic when the actions were taken.
        targets: what the values should be.
        entropies: of the policy at each observation.
        c: clip, clip of values, weight of values, weight of entropy.
    """
    import tensorflow as tf

    ratio = tf.exp(log_p - old_log_p)
    bounded = tf.clip_by_value(ratio, 1.0 - c.clip, 1.0 + c.clip)
    surrogate = tf.minimum(ratio * advantages, bounded * advantages)
    near = old_values + tf.clip_by_value(values - old_values, -c.value_clip, c.value_clip)
    errors = tf.maximum((values - targets) ** 2, (near - targets) ** 2)
    return (
        -tf.reduce_mean(surrogate)
        + c.value_weight * 0.5 * tf.reduce_mean(errors)
        - c.entropy * tf.reduce_mean(entropies)
    )


def train(
    environments: VectorEnv[Any, Any, Any],
    settings: Settings | None = None,
    *,
    seed: int,
    loss: Loss = clipped_loss,
    advantages: Advantages = gae,
    after_update: Callable[[Agent, int], None] | None = None,
) -> Run:
    """Train an agent from scratch. A second training with the same loss needs no compilation.

    Args:
        environments: with discrete actions, or with a box of them: then the policy is Gaussian,
            and what it draws is moved to the box's bounds where it lies outside. They must reset
            in the step in which an episode ends, and hand its last observation over in
            ``info["final_obs"]``, as `make_environments` and gymnasium's ``SAME_STEP`` do.
        settings: how.
        seed: of weights, actions, minibatches and environments.
        loss: called like `clipped_loss`, in a compiled function: only with TensorFlow.
        advantages: called like `gae`.
        after_update: called with the agent and the steps taken so far.

    Raises:
        ValueError: if the environments reset in another step.
    """
    settings = settings or Settings()
    mode = environments.metadata.get("autoreset_mode")
    if mode != AutoresetMode.SAME_STEP:
        raise ValueError(
            f"the environments' autoreset_mode is {mode}; make them with "
            "vector_kwargs={'autoreset_mode': gymnasium.vector.AutoresetMode.SAME_STEP}"
        )
    generator = np.random.default_rng(seed)
    networks = ActorCritic.of(environments, hidden=settings.hidden)
    weights = networks.initial(generator, settings.initial_log_std)
    optimizer = _Adam(weights, np.zeros_like(weights), np.zeros_like(weights), np.float32(0.0))
    collector = _Collector(environments, settings, generator, seed)
    update = _compiled_update(networks, loss)
    size = settings.rollout * environments.num_envs
    count = settings.steps // size
    curves: dict[str, list[float]] = {}
    agent = collector.agent(networks, optimizer.weights)
    for number in range(count):
        remaining = 1.0 - number / count if settings.decay else 1.0
        rollout, finished = collector.collect(agent)
        estimates = advantages(
            rollout.rewards, rollout.values, rollout.next_values, rollout.terminated,
            rollout.ended, settings.gamma, settings.lam,
        )  # fmt: skip
        targets = estimates + rollout.values
        order = _minibatches(generator, size, settings)
        optimizer, monitors = _apply(
            update, optimizer, agent, rollout, estimates, targets, order, settings, remaining
        )
        explained = 1.0 - np.var(targets - rollout.values) / max(np.var(targets), 1e-12)
        taken = (number + 1) * size
        for key, value in {
            "steps": taken,
            "return": np.mean(finished) if finished else np.nan,
            **monitors,
            "explained_variance": explained,
            "learning_rate": remaining * settings.learning_rate,
        }.items():
            curves.setdefault(key, []).append(float(value))
        agent = collector.agent(networks, optimizer.weights)
        if after_update is not None:
            after_update(agent, taken)
    return Run(agent, {key: np.array(values) for key, values in curves.items()})


class _Adam(NamedTuple):
    """Weights with Adam's state."""

    weights: Any
    first: Any
    second: Any
    step: Any


class _Rollout(NamedTuple):
    """Steps of N environments: (T, N) each, or (T, N, ...)."""

    observations: np.ndarray
    actions: np.ndarray
    rewards: np.ndarray
    terminated: np.ndarray
    ended: np.ndarray
    values: np.ndarray
    next_values: np.ndarray


class _Collector:
    """Environments, and what must be kept of them between two rollouts."""

    def __init__(
        self,
        environments: VectorEnv[Any, Any, Any],
        settings: Settings,
        generator: np.random.Generator,
        seed: int,
    ) -> None:
        self.environments = environments
        self.settings = settings
        self.generator = generator
        self.observations = np.asarray(environments.reset(seed=seed)[0], np.float32)
        self.returns = np.zeros(environments.num_envs)
        width = self.observations.shape[1]
        self.count, self.mean, self.variance = 1e-4, np.zeros(width), np.ones(width)

    def agent(self, networks: ActorCritic, weights: Any) -> Agent:
        """An agent that normalizes observations by what has been seen so far."""
        scale = np.sqrt(self.variance + 1e-8)
        return Agent(networks, np.asarray(weights), self.mean.astype("f4"), scale.astype("f4"))

    def collect(self, agent: Agent) -> tuple[_Rollout, list[float]]:
        """One rollout, and the returns of the episodes that ended in it."""
        steps: list[tuple[np.ndarray, ...]] = []
        finished: list[float] = []
        space = self.environments.single_action_space
        for _ in range(self.settings.rollout):
            actions = agent.sample(self.observations, self.generator)
            sent = actions
            if isinstance(space, gymnasium.spaces.Box):
                sent = np.clip(actions, space.low, space.high)
            found, rewards, terminated, truncated, info = self.environments.step(sent)
            found, ended = np.asarray(found, np.float32), terminated | truncated
            last = found.copy()
            for i in np.flatnonzero(ended):
                last[i] = info["final_obs"][i]
            self.returns += rewards
            finished += self.returns[ended].tolist()
            self.returns[ended] = 0.0
            steps.append((self.observations, actions, rewards, terminated, ended, last))
            self.observations = found
        observations, drawn, gained, terminal, over, following = map(
            np.stack, zip(*steps, strict=True)
        )
        rollout = _Rollout(
            observations, drawn, (self.settings.reward_scale * gained).astype(np.float32),
            terminal, over, agent.values(observations), agent.values(following),
        )  # fmt: skip
        if self.settings.normalize_observations:
            self._learn_scale(observations.reshape(-1, observations.shape[-1]))
        return rollout, finished

    def _learn_scale(self, seen: np.ndarray) -> None:
        """Merge mean and variance of new observations (n, d) with those of all before."""
        total = self.count + len(seen)
        difference = seen.mean(axis=0) - self.mean
        self.variance = (
            self.count * self.variance
            + len(seen) * seen.var(axis=0)
            + difference**2 * self.count * len(seen) / total
        ) / total
        self.mean = self.mean + difference * len(seen) / total
        self.count = total


def _minibatches(generator: np.random.Generator, size: int, settings: Settings) -> np.ndarray:
    """Which steps each minibatch has: (epochs * minibatches, batch)."""
    batch = min(settings.batch, size)
    used = size // batch * batch
    shuffled = [generator.permutation(size)[:used] for _ in range(settings.epochs)]
    return np.concatenate(shuffled).reshape(-1, batch).astype(np.int32)


def _apply(
    update: Any,
    optimizer: _Adam,
    agent: Agent,
    rollout: _Rollout,
    estimates: np.ndarray,
    targets: np.ndarray,
    order: np.ndarray,
    settings: Settings,
    remaining: float,
) -> tuple[_Adam, dict[str, float]]:
    """Change the weights with one rollout."""
    old_log_p = agent.log_probabilities(rollout.observations, rollout.actions)
    rows = [
        np.reshape(part, (-1, *part.shape[2:])).astype(kind)
        for part, kind in (
            (agent.normalized(rollout.observations), np.float32),
            (rollout.actions, np.float32 if agent.networks.continuous else np.int32),
            (old_log_p, np.float32),
            (estimates, np.float32),
            (rollout.values, np.float32),
            (targets, np.float32),
        )
    ]
    clip = NEVER if settings.clip is None else remaining * settings.clip
    numbers = {
        "clip": clip,
        "value_clip": NEVER if settings.value_clip is None else settings.value_clip,
        "value_weight": settings.value_weight,
        "entropy": settings.entropy,
        "learning_rate": remaining * settings.learning_rate,
        "normalize": float(settings.normalize_advantages),
        "max_norm": settings.max_gradient_norm,
        "max_kl": NEVER if settings.max_kl is None else settings.max_kl,
    }
    scalars = {key: np.float32(value) for key, value in numbers.items()}
    changed, monitors = update(tuple(optimizer), rows, order, scalars)
    return (
        _Adam(*(part.numpy() for part in changed)),
        {key: float(value) for key, value in monitors.items()},
    )


@lru_cache(maxsize=8)
def _compiled_update(networks: ActorCritic, loss: Loss) -> Any:
    """A function that takes all gradient steps of an update."""
    import tensorflow as tf

    def policy(weights: Any, observations: Any, actions: Any) -> tuple[Any, Any, Any]:
        actor, critic, log_std = networks.split(weights)
        outputs, values = _forward(tf, actor, observations), _forward(tf, critic, observations)
        if networks.continuous:
            standard = (actions - outputs) * tf.exp(-log_std)
            constant = np.float32(np.log(2 * np.pi))
            log_p = -0.5 * tf.reduce_sum(standard**2 + 2.0 * log_std + constant, axis=-1)
            entropies = tf.zeros_like(log_p) + tf.reduce_sum(log_std + 0.5 * (constant + 1.0))
        else:
            logarithms = tf.nn.log_softmax(outputs)
            log_p = tf.gather(logarithms, actions, batch_dims=1)
            entropies = -tf.reduce_sum(tf.exp(logarithms) * logarithms, axis=-1)
        return log_p, values[:, 0], entropies

    def divergence(log_p: Any, old_log_p: Any) -> Any:
        """Never negative, and without bias as far as actions are the old policy's."""
        return tf.reduce_mean(tf.exp(log_p - old_log_p) - 1.0 - (log_p - old_log_p))

    def gradient(weights: Any, rows: list[Any], s: dict[str, Any]) -> tuple[Any, Any]:
        observations, actions, old_log_p, advantages, old_values, targets = rows
        mean, deviation = tf.reduce_mean(advantages), tf.math.reduce_std(advantages)
        standard = (advantages - mean) / (deviation + 1e-8)
        advantages = tf.where(s["normalize"] > 0.0, standard, advantages)
        c = Coefficients(s["clip"], s["value_clip"], s["value_weight"], s["entropy"])
        with tf.GradientTape() as tape:
            tape.watch(weights)
            log_p, values, entropies = policy(weights, observations, actions)
            lost = loss(log_p, old_log_p, advantages, values, old_values, targets, entropies, c)
        slope = tape.gradient(lost, weights)
        norm = tf.norm(slope)
        return slope * tf.minimum(1.0, s["max_norm"] / (norm + 1e-6)), divergence(log_p, old_log_p)

    @tf.function(jit_compile=True, autograph=False)  # type: ignore[untyped-decorator]
    def update(optimizer: Any, rows: list[Any], order: Any, s: dict[str, Any]) -> tuple[Any, Any]:
        def step(i: Any, state: Any, _: Any) -> tuple[Any, Any, Any]:
            weights, first, second, count = state
            batch = [tf.gather(part, order[i]) for part in rows]
            slope, kl = gradient(weights, batch, s)
            going = kl <= s["max_kl"]
            count = count + 1.0
            first_now = 0.9 * first + 0.1 * slope
            second_now = 0.999 * second + 0.001 * slope**2
            change = first_now / (1.0 - 0.9**count)
            change /= tf.sqrt(second_now / (1.0 - 0.999**count)) + 1e-5
            moved = (weights - s["learning_rate"] * change, first_now, second_now, count)
            kept = tuple(tf.where(going, a, b) for a, b in zip(moved, state, strict=True))
            return i + tf.cast(going, tf.int32), kept, going

        taken, optimizer, _ = tf.while_loop(
            lambda i, state, going: going & (i < order.shape[0]),
            step,
            (tf.constant(0), optimizer, tf.constant(True)),
        )
        observations, actions, old_log_p, *_ = rows
        log_p, _, entropies = policy(optimizer[0], observations, actions)
        outside = tf.abs(tf.exp(log_p - old_log_p) - 1.0) > s["clip"]
        return optimizer, {
            "kl": divergence(log_p, old_log_p),
            "clip_fraction": tf.reduce_mean(tf.cast(outside, tf.float32)),
            "entropy": tf.reduce_mean(entropies),
            "gradient_steps": taken,
        }

    return update


def _forward(tf: Any, layers: Any, x: Any) -> Any:
    for kernel, bias in layers[:-1]:
        x = tf.tanh(x @ kernel + bias)
    kernel, bias = layers[-1]
    return x @ kernel + bias
