"""An actor and a critic: two small networks of tanh layers whose weights stand in one vector.

One vector makes an optimizer a few lines, and NumPy can act with a view of it while TensorFlow
trains: asking NumPy for the actions of a few environments is tens of times quicker than asking a
compiled function.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from typing import Any

import gymnasium
import numpy as np

__all__ = ["ActorCritic", "Agent"]

Layers = list[tuple[Any, Any]]
"""Weights (in, out) and biases (out,) of each layer."""


@dataclass(frozen=True)
class ActorCritic:
    """What networks there are, without their weights.

    Attributes:
        observations: numbers in an observation.
        actions: how many actions there are to choose from, or numbers in a continuous action.
        continuous: whether the policy is Gaussian. Its mean is what the actor returns, and its
            standard deviation is the same for all observations: one trained logarithm per number
            of the action.
        hidden: units of the layers between, in the actor and in the critic.
    """

    observations: int
    actions: int
    continuous: bool = False
    hidden: tuple[int, ...] = (64, 64)

    @classmethod
    def of(
        cls, environments: gymnasium.vector.VectorEnv[Any, Any, Any], **shape: Any
    ) -> ActorCritic:
        """Fit the networks to environments.

        Raises:
            TypeError: if actions are neither one discrete choice nor a box of numbers, or
                observations are no vectors.
        """
        observation, action = (
            environments.single_observation_space,
            environments.single_action_space,
        )
        if observation.shape is None or len(observation.shape) != 1:
            raise TypeError(f"an actor-critic needs vectors as observations, not {observation}")
        if isinstance(action, gymnasium.spaces.Discrete):
            return cls(observation.shape[0], int(action.n), continuous=False, **shape)
        if isinstance(action, gymnasium.spaces.Box) and len(action.shape) == 1:
            return cls(observation.shape[0], action.shape[0], continuous=True, **shape)
        raise TypeError(f"an actor-critic has no policy for {action}")

    def sizes(self, outputs: int) -> Iterator[tuple[int, int]]:
        """Inputs and outputs of each layer."""
        return pairwise((self.observations, *self.hidden, outputs))

    def initial(self, generator: np.random.Generator, log_std: float = 0.0) -> np.ndarray:
        """Fresh weights, (n,) float32: orthogonal, small in the actor's last layer.

        A small last layer lets the first policy be nearly the same everywhere.
        """
        parts: list[np.ndarray] = []
        for outputs, last in ((self.actions, 0.01), (1, 1.0)):
            sizes = list(self.sizes(outputs))
            gains = [np.sqrt(2.0)] * (len(sizes) - 1) + [last]
            for (a, b), gain in zip(sizes, gains, strict=True):
                q, r = np.linalg.qr(generator.normal(size=(max(a, b), min(a, b))))
                q = q * np.sign(np.diag(r))
                parts += [gain * (q if a >= b else q.T).ravel(), np.zeros(b)]
        if self.continuous:
            parts.append(np.full(self.actions, log_std))
        return np.concatenate(parts).astype(np.float32)

    def split(self, weights: Any) -> tuple[Layers, Layers, Any]:
        """The actor's layers, the critic's, and the logarithms of standard deviations.

        Args:
            weights: (n,) of NumPy or TensorFlow; what is returned are views or slices.
        """
        begin, networks = 0, []
        for outputs in (self.actions, 1):
            layers: Layers = []
            for a, b in self.sizes(outputs):
                kernel = weights[begin : begin + a * b]
                reshape = getattr(kernel, "reshape", None)
                kernel = reshape(a, b) if reshape else _tensorflow().reshape(kernel, (a, b))
                layers.append((kernel, weights[begin + a * b : begin + a * b + b]))
                begin += a * b + b
            networks.append(layers)
        return networks[0], networks[1], weights[begin:]


@dataclass(frozen=True)
class Agent:
    """An actor-critic with its weights, acting in NumPy.

    Attributes:
        networks: what the weights are of.
        weights: (n,) float32.
        mean: (observations,) subtracted from an observation before it enters a network.
        scale: (observations,) by which it is divided then.
    """

    networks: ActorCritic
    weights: np.ndarray
    mean: np.ndarray = field(default_factory=lambda: np.zeros(1, np.float32))
    scale: np.ndarray = field(default_factory=lambda: np.ones(1, np.float32))

    @cached_property
    def _layers(self) -> tuple[Layers, Layers, Any]:
        return self.networks.split(self.weights)

    @property
    def actor(self) -> Layers:
        """Weights and biases of the actor's layers; tanh stands between them."""
        return self._layers[0]

    @property
    def critic(self) -> Layers:
        """Weights and biases of the critic's layers."""
        return self._layers[1]

    @property
    def std(self) -> np.ndarray:
        """(actions,) standard deviations of a Gaussian policy; empty for a discrete one."""
        return np.asarray(np.exp(self._layers[2]))

    def normalized(self, observations: np.ndarray) -> np.ndarray:
        """Observations (..., d) as the networks see them, float32, at most 10 in size."""
        scaled = (observations - self.mean) / self.scale
        return np.asarray(np.clip(scaled, -10.0, 10.0), np.float32)

    def outputs(self, observations: np.ndarray) -> np.ndarray:
        """Of the actor for observations (..., d): logits or means, (..., actions)."""
        return _forward(self.actor, self.normalized(observations))

    def values(self, observations: np.ndarray) -> np.ndarray:
        """Of the critic for observations (..., d): (...)."""
        return np.asarray(_forward(self.critic, self.normalized(observations))[..., 0])

    def act(self, observations: np.ndarray) -> np.ndarray:
        """The most probable actions: (n,) whole numbers, or (n, actions)."""
        outputs = self.outputs(np.asarray(observations))
        return outputs if self.networks.continuous else np.argmax(outputs, axis=-1)

    def sample(self, observations: np.ndarray, generator: np.random.Generator) -> np.ndarray:
        """Actions drawn from the policy, shaped as those of `act`."""
        outputs = self.outputs(np.asarray(observations))
        if self.networks.continuous:
            noise = generator.standard_normal(outputs.shape, np.float32)
            return np.asarray(outputs + self.std * noise)
        # The largest logit plus Gumbel noise is a draw from the softmax.
        return np.asarray((outputs + generator.gumbel(size=outputs.shape)).argmax(axis=-1))

    def log_probabilities(self, observations: np.ndarray, actions: np.ndarray) -> np.ndarray:
        """Of actions (..., actions) or (...), given observations (..., d): (...)."""
        outputs = self.outputs(observations)
        if self.networks.continuous:
            standard = (actions - outputs) / self.std
            densities = -0.5 * standard**2 - np.log(self.std) - 0.5 * np.log(2 * np.pi)
            return np.asarray(densities.sum(axis=-1), np.float32)
        shifted = outputs - outputs.max(axis=-1, keepdims=True)
        logarithms = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
        chosen = np.take_along_axis(logarithms, actions[..., None].astype(int), axis=-1)
        return np.asarray(chosen[..., 0], np.float32)


def _forward(layers: Layers, x: np.ndarray) -> np.ndarray:
    for kernel, bias in layers[:-1]:
        x = np.tanh(x @ kernel + bias)
    kernel, bias = layers[-1]
    return np.asarray(x @ kernel + bias)


def _tensorflow() -> Any:
    import tensorflow

    return tensorflow
