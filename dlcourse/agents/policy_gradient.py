"""REINFORCE on CartPole: batches of episodes played together, and a loss that the caller writes.

What a chapter teaches is handed in: the loss, and what weighs the logarithm of a probability. Here
are the environments, the network and the loop.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import gymnasium
import numpy as np
import numpy.typing as npt

__all__ = [
    "Batch", "Training", "minus_linear_value", "play_batch", "reinforce", "rewards_to_go",
]  # fmt: skip

Floats = npt.NDArray[np.float64]
Loss = Callable[[Any, Any], Any]
"""From log-probabilities (m,) and weights (m,), both tensors, to a scalar tensor to minimise."""


@dataclass(frozen=True)
class Batch:
    """n episodes that began together, padded to the T steps of the longest."""

    observations: npt.NDArray[np.float32]
    """(T, n, d), before each step."""
    actions: npt.NDArray[np.int64]
    """(T, n)."""
    rewards: Floats
    """(T, n); 0 after an episode's end."""
    playing: npt.NDArray[np.bool_]
    """(T, n): whether the step belongs to the episode."""

    @property
    def returns(self) -> Floats:
        """(n,) sums of rewards."""
        return np.asarray(self.rewards.sum(axis=0))


@dataclass(frozen=True)
class Training:
    """What one training of REINFORCE went through, one number for each update."""

    steps: npt.NDArray[np.int64]
    """Steps taken in the environments so far, that of this batch included."""
    returns: Floats
    """Mean return of the batch's episodes, undiscounted."""
    losses: Floats
    """Value of the loss that was minimised."""

    def at(self, places: Sequence[float] | Floats) -> Floats:
        """Mean returns at given numbers of steps, between two updates by linear interpolation."""
        return np.interp(places, self.steps, self.returns)


Weigh = Callable[[Floats, Batch], Floats]
"""From rewards-to-go (T, n) and the batch to what weighs each step's log-probability, (T, n)."""


def rewards_to_go(rewards: npt.ArrayLike, gamma: float) -> Floats:
    """Discounted sums of the rewards from each step on. rewards: (T, ...); of the same shape."""
    sums = np.array(rewards, np.float64)
    for t in range(len(sums) - 2, -1, -1):
        sums[t] += gamma * sums[t + 1]
    return sums


def minus_linear_value() -> Weigh:
    """Weights that are rewards-to-go minus a value, linear in features of time and observation.

    The value is fitted by least squares to the batch before, so that it knows nothing of the noise
    in the returns from which it is subtracted. Its features are those of Duan and others,
    "Benchmarking deep reinforcement learning for continuous control" (ICML 2016).
    """
    coefficients: Floats = np.zeros(12)

    def weigh(to_go: Floats, batch: Batch) -> Floats:
        nonlocal coefficients
        features, played = _features(batch), to_go[batch.playing]
        weights = np.zeros_like(to_go)
        weights[batch.playing] = played - features @ coefficients
        coefficients = np.asarray(np.linalg.lstsq(features, played)[0], np.float64)
        return weights

    return weigh


def _features(batch: Batch) -> Floats:
    """(m, 12) for the m steps that were played: powers of time, observations, their squares."""
    observations = batch.observations[batch.playing].astype(np.float64)
    time = np.nonzero(batch.playing)[0][:, None] / 100
    powers = [time**power for power in range(4)]
    return np.hstack([*powers, observations, observations**2])


def play_batch(
    environments: gymnasium.vector.VectorEnv[Any, Any, Any],
    logits: Callable[[npt.NDArray[np.float32]], npt.NDArray[np.float32]],
    rng: np.random.Generator,
    steps: int = 500,
) -> Batch:
    """Play one episode in each of n environments, with actions drawn from a softmax policy.

    Args:
        environments: n of one kind, with discrete actions.
        logits: from observations (n, d) to logits (n, k).
        rng: draws the actions and the seed of the episodes' beginnings.
        steps: after which an episode is cut.
    """
    observation, _ = environments.reset(seed=int(rng.integers(2**31)))
    playing, taken = np.ones(environments.num_envs, bool), []
    for _ in range(steps):
        scores = logits(observation)
        # The largest of logit + Gumbel noise is a draw from the softmax.
        actions = (scores + rng.gumbel(size=scores.shape)).argmax(axis=1)
        following, rewards, over, cut, _ = environments.step(actions)
        taken.append((observation, actions, rewards * playing, playing))
        observation, playing = following, playing & ~(over | cut)
        if not playing.any():
            break
    return Batch(*(np.stack(column) for column in zip(*taken, strict=True)))


def reinforce(
    loss: Loss,
    weigh: Weigh,
    *,
    seed: int,
    steps: int = 100_000,
    gamma: float = 0.99,
    learning_rate: float = 0.01,
    episodes: int = 10,
    units: int = 32,
) -> Training:
    """Train a softmax policy with one hidden tanh layer on CartPole-v1 by REINFORCE and Adam.

    Args:
        loss: what is minimised.
        weigh: which weights the loss gets for the batch's steps.
        seed: of the network, the episodes and the actions.
        steps: in the environments after which no update begins.
        gamma: discount of the rewards-to-go.
        learning_rate: of Adam.
        episodes: for one update.
        units: of the hidden layer.

    Raises:
        ValueError: when `weigh` does not return one weight for each step.
    """
    environments = gymnasium.make_vec(
        "CartPole-v1", num_envs=episodes, vectorization_mode="vector_entry_point"
    )
    rng = np.random.default_rng(seed)
    model = _network(seed, units)
    update = _compiled(model, loss, learning_rate)
    record: list[tuple[int, float, float]] = []
    played = 0
    while played < steps:
        batch = play_batch(environments, _in_numpy(model), rng)
        weights = np.asarray(weigh(rewards_to_go(batch.rewards, gamma), batch))
        if weights.shape != batch.playing.shape:
            raise ValueError(
                f"weigh returned shape {weights.shape}, but the batch has {batch.playing.shape} "
                "steps and episodes. Return one weight for each."
            )
        on = batch.playing
        value = update(batch.observations[on], batch.actions[on], weights[on].astype(np.float32))
        played += int(on.sum())
        record.append((played, float(batch.returns.mean()), float(value)))
    environments.close()
    return Training(*(np.array(column) for column in zip(*record, strict=True)))


def _network(seed: int, units: int) -> Any:
    """One hidden layer; the last one begins small, so that the first policy is nearly uniform."""
    import keras
    from keras import initializers, layers

    return keras.Sequential(
        [
            keras.Input((4,)),
            layers.Dense(units, "tanh", kernel_initializer=initializers.GlorotUniform(seed=seed)),
            layers.Dense(2, kernel_initializer=initializers.RandomNormal(stddev=0.01, seed=seed)),
        ]
    )


def _in_numpy(model: Any) -> Callable[[npt.NDArray[np.float32]], npt.NDArray[np.float32]]:
    """The network as it is now. NumPy is far quicker than Keras for ten rows at a time."""
    W, b, U, c = model.get_weights()
    return lambda observations: np.asarray(np.tanh(observations @ W + b) @ U + c)


def _compiled(model: Any, loss: Loss, learning_rate: float) -> Callable[..., Any]:
    """A function of observations, actions and weights that takes one step of Adam."""
    import keras
    import tensorflow as tf

    optimizer = keras.optimizers.Adam(learning_rate)
    optimizer.build(model.trainable_variables)
    signature = [
        tf.TensorSpec([None, 4], tf.float32),
        tf.TensorSpec([None], tf.int64),
        tf.TensorSpec([None], tf.float32),
    ]

    def update(observations: Any, actions: Any, weights: Any) -> Any:
        with tf.GradientTape() as tape:
            logits = model(observations)
            log_probs = -tf.nn.sparse_softmax_cross_entropy_with_logits(actions, logits)
            value = loss(log_probs, weights)
        gradients = tape.gradient(value, model.trainable_variables)
        optimizer.apply(gradients, model.trainable_variables)
        return value

    compiled: Callable[..., Any] = tf.function(update, input_signature=signature, autograph=False)
    return compiled
